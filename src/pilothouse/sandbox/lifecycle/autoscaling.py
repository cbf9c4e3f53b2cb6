"""HorizontalPodAutoscalers: they keep replicas within their limits; load is not simulated."""

from __future__ import annotations

from pilothouse.objects.identity import split_api_version
from pilothouse.sandbox.lifecycle.world import Object, World, is_leaving, with_condition

KIND = "horizontalpodautoscalers.autoscaling"
_PERIOD = 15.0
_MANAGER = "kube-controller-manager"


class Autoscalers:
    """Watches the targets of autoscalers."""

    def __init__(self, world: World) -> None:
        self._world = world

    def reconcile(self, scaler: Object) -> float | None:
        """Bring the target within the limits and tell how it stands."""
        world, spec = self._world, scaler["spec"]
        if is_leaving(scaler):
            return None
        reference = spec.get("scaleTargetRef") or {}
        group = split_api_version(reference.get("apiVersion", ""))[0]
        plural = str(reference.get("kind", "")).lower() + "s"
        kind = f"{plural}.{group}" if group else plural
        namespace, name = scaler["metadata"]["namespace"], reference.get("name", "")
        target = world.objects.get(kind, namespace, name)
        now, status = world.stamp(), dict(scaler.get("status") or {})
        conditions = list(status.get("conditions") or [])
        if target is None:
            message = f'the HPA controller was unable to get the target\'s current scale: {kind} "{name}" not found'
            conditions = with_condition(
                conditions, "AbleToScale", "False", now, reason="FailedGetScale", message=message
            )
            status.update(conditions=conditions, currentReplicas=0, desiredReplicas=0)
            world.set_status(KIND, scaler, status)
            return _PERIOD
        present = target["spec"].get("replicas", 1)
        wanted = min(max(present, spec.get("minReplicas", 1)), spec.get("maxReplicas", present)) if present else 0
        if wanted != present:

            def scale(value: Object) -> None:
                value["spec"]["replicas"] = wanted

            world.objects.change(kind, (namespace, name), scale, manager=_MANAGER)
        message = "the HPA controller was able to get the target's current scale"
        conditions = with_condition(conditions, "AbleToScale", "True", now, reason="SucceededGetScale", message=message)
        message = "the HPA was unable to compute the replica count: the sandbox has no metrics"
        conditions = with_condition(
            conditions, "ScalingActive", "False", now, reason="FailedGetResourceMetric", message=message
        )
        count = (target.get("status") or {}).get("replicas", 0)
        status.update(conditions=conditions, currentReplicas=count, desiredReplicas=wanted)
        world.set_status(KIND, scaler, status)
        return _PERIOD
