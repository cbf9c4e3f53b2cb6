"""ReplicaSets and ReplicationControllers: as many pods of a template as wanted."""

from __future__ import annotations

from pilothouse.sandbox.lifecycle.events import Recorder
from pilothouse.sandbox.lifecycle.workloads import (
    adopt,
    available_in,
    is_active,
    is_ready,
    pod_from,
    random_suffix,
    removal_rank,
    selector_of,
    soonest,
)
from pilothouse.sandbox.lifecycle.world import Object, World, is_leaving, key_of

_COMPONENTS = {"ReplicaSet": "replicaset-controller", "ReplicationController": "replication-controller"}
_LONGEST_BASE = 58


class Replicas:
    """Keeps the number of pods. Go's ``pkg/controller/replicaset``."""

    def __init__(self, world: World, events: Recorder, kind: str) -> None:
        self._world = world
        self._events = events
        self._kind = kind

    def reconcile(self, owner: Object) -> float | None:
        """Make or remove pods, and count them."""
        pods = adopt(self._world, owner, "pods", selector_of(owner))
        active = [pod for pod in pods if is_active(pod)]
        if not is_leaving(owner):
            active = self._scale(owner, active)
        return self._count(owner, active)

    def _scale(self, owner: Object, active: list[Object]) -> list[Object]:
        world = self._world
        component = _COMPONENTS[owner["kind"]]
        wanted = owner["spec"].get("replicas", 1)
        for _ in range(wanted - len(active)):
            pod = pod_from(owner, owner["spec"].get("template") or {})
            base = owner["metadata"]["name"][: _LONGEST_BASE - 1] + "-"
            pod["metadata"].update(generateName=base, name=base + random_suffix(world))
            made = world.objects.create("pods", pod, manager="kube-controller-manager")
            if made is not None:
                active.append(made)
                self._events.normal(owner, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}", component)
        surplus = len(active) - wanted
        for pod in sorted(active, key=removal_rank)[: max(surplus, 0)]:
            world.objects.delete("pods", key_of(pod), uid=pod["metadata"]["uid"])
            self._events.normal(owner, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}", component)
            active.remove(pod)
        return active

    def _count(self, owner: Object, active: list[Object]) -> float | None:
        minimum = owner["spec"].get("minReadySeconds", 0)
        waits = [available_in(self._world, pod, minimum) for pod in active]
        labels = (owner["spec"].get("template") or {}).get("metadata", {}).get("labels") or {}
        numbers = {
            "fullyLabeledReplicas": sum(
                labels.items() <= (pod["metadata"].get("labels") or {}).items() for pod in active
            ),
            "readyReplicas": sum(map(is_ready, active)),
            "availableReplicas": waits.count(0.0),
        }
        before = owner.get("status") or {}
        status: Object = {
            "replicas": len(active),
            **{key: value for key, value in numbers.items() if value},
            "observedGeneration": owner["metadata"].get("generation", 1),
            **({"conditions": before["conditions"]} if before.get("conditions") else {}),
        }
        self._world.set_status(self._kind, owner, status)
        return soonest(waits)
