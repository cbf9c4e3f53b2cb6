"""PodDisruptionBudgets: how many pods may be disturbed. Go's ``pkg/controller/disruption``."""

from __future__ import annotations

from collections.abc import Iterable

from pilothouse.objects.progressing import share_of
from pilothouse.sandbox.lifecycle.workloads import is_active, is_ready, selector_of
from pilothouse.sandbox.lifecycle.world import Key, Object, World, with_condition

KIND = "poddisruptionbudgets.policy"


class Budgets:
    """Counts pods for budgets."""

    def __init__(self, world: World) -> None:
        self._world = world

    def related(self, kind: str, change: str, value: Object, previous: Object | None) -> Iterable[Key]:
        """Tell the budgets that a pod counts for."""
        del change, previous
        if kind == "pods":
            namespace = value["metadata"].get("namespace", "")
            labels = value["metadata"].get("labels") or {}
            for budget in self._world.objects.list(KIND, namespace):
                if selector_of(budget).matches(labels):
                    yield KIND, namespace, budget["metadata"]["name"]

    def reconcile(self, budget: Object) -> float | None:
        """Count."""
        spec, selector = budget["spec"], selector_of(budget)
        pods = [
            pod
            for pod in self._world.objects.list("pods", budget["metadata"]["namespace"])
            if is_active(pod) and selector.matches(pod["metadata"].get("labels") or {})
        ]
        expected, healthy = len(pods), sum(map(is_ready, pods))
        if "maxUnavailable" in spec:
            wanted = max(expected - share_of(spec["maxUnavailable"], expected, up=True), 0)
        else:
            wanted = share_of(spec.get("minAvailable", 1), expected, up=True)
        allowed = max(healthy - wanted, 0) if expected else 0
        before = budget.get("status") or {}
        state, reason = ("True", "SufficientPods") if allowed else ("False", "InsufficientPods")
        generation = budget["metadata"].get("generation", 1)
        conditions = with_condition(
            before.get("conditions") or [], "DisruptionAllowed", state, self._world.stamp(), reason=reason
        )
        conditions[-1].update(message="", observedGeneration=generation)
        status: Object = {
            "conditions": conditions,
            "currentHealthy": healthy,
            "desiredHealthy": wanted,
            "disruptionsAllowed": allowed,
            "expectedPods": expected,
            "observedGeneration": generation,
        }
        self._world.set_status(KIND, budget, status)
        return None
