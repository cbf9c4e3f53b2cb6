"""DaemonSets: one pod on the one node. Go's ``pkg/controller/daemon``."""

from __future__ import annotations

from pilothouse.sandbox.lifecycle.events import Recorder
from pilothouse.sandbox.lifecycle.pods import NODE
from pilothouse.sandbox.lifecycle.revisions import HASH, revision_for, trim
from pilothouse.sandbox.lifecycle.workloads import (
    adopt,
    available_in,
    is_active,
    is_ready,
    pod_from,
    random_suffix,
    selector_of,
    soonest,
)
from pilothouse.sandbox.lifecycle.world import Object, World, is_leaving, key_of

KIND = "daemonsets.apps"
_COMPONENT = "daemonset-controller"
_MANAGER = "kube-controller-manager"


class DaemonSets:
    """Keeps a pod on every node."""

    def __init__(self, world: World, events: Recorder) -> None:
        self._world = world
        self._events = events

    def _nodes(self, owner: Object) -> list[Object]:
        selector = (owner["spec"].get("template") or {}).get("spec", {}).get("nodeSelector") or {}
        nodes = self._world.objects.list("nodes")
        return [node for node in nodes if selector.items() <= (node["metadata"].get("labels") or {}).items()]

    def reconcile(self, owner: Object) -> float | None:
        """Make, replace or remove pods."""
        world = self._world
        pods = adopt(world, owner, "pods", selector_of(owner))
        revision = revision_for(world, owner)
        mark = revision.rpartition("-")[2]
        wanted = [node["metadata"]["name"] for node in self._nodes(owner)]
        if not is_leaving(owner):
            self._converge(owner, pods, wanted, mark)
            trim(world, owner, {revision})
        return self._count(owner, wanted, mark)

    def _converge(self, owner: Object, pods: list[Object], wanted: list[str], mark: str) -> None:
        for pod in pods:
            if not is_active(pod) and not is_leaving(pod):
                self._remove(owner, pod)
        active = [pod for pod in pods if is_active(pod)]
        leaving = [pod for pod in pods if is_leaving(pod)]
        if len(active) > len(wanted):
            for pod in active[len(wanted) :]:
                self._remove(owner, pod)
        elif len(active) < len(wanted) and not leaving:
            self._make(owner, mark)
        elif (owner["spec"].get("updateStrategy") or {}).get("type", "RollingUpdate") == "RollingUpdate":
            old = [pod for pod in active if (pod["metadata"].get("labels") or {}).get(HASH) != mark]
            for pod in old[:1]:
                self._remove(owner, pod)

    def _make(self, owner: Object, mark: str) -> None:
        pod = pod_from(owner, owner["spec"].get("template") or {})
        base = owner["metadata"]["name"][:57] + "-"
        pod["metadata"].update(generateName=base, name=base + random_suffix(self._world))
        pod["metadata"].setdefault("labels", {})[HASH] = mark
        generation = (owner["metadata"].get("annotations") or {}).get("deprecated.daemonset.template.generation")
        if generation:
            pod["metadata"]["labels"]["pod-template-generation"] = generation
        term = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": [NODE]}]}
        affinity = pod["spec"].setdefault("affinity", {})
        affinity["nodeAffinity"] = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [term]}}
        made = self._world.objects.create("pods", pod, manager=_MANAGER)
        if made is not None:
            self._events.normal(owner, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}", _COMPONENT)

    def _remove(self, owner: Object, pod: Object) -> None:
        self._world.objects.delete("pods", key_of(pod), uid=pod["metadata"]["uid"])
        self._events.normal(owner, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}", _COMPONENT)

    def _count(self, owner: Object, wanted: list[str], mark: str) -> float | None:
        world = self._world
        active = [pod for pod in world.owned(owner["metadata"]["uid"], "pods") if is_active(pod)]
        updated = [pod for pod in active if (pod["metadata"].get("labels") or {}).get(HASH) == mark]
        waits = [available_in(world, pod, owner["spec"].get("minReadySeconds", 0)) for pod in active]
        available = waits.count(0.0)
        optional = {
            "updatedNumberScheduled": len(updated),
            "numberAvailable": available,
            "numberUnavailable": len(wanted) - available,
        }
        status: Object = {
            "currentNumberScheduled": min(len(active), len(wanted)),
            "numberMisscheduled": 0,
            "desiredNumberScheduled": len(wanted),
            "numberReady": sum(map(is_ready, active)),
            "observedGeneration": owner["metadata"].get("generation", 1),
            **{key: value for key, value in optional.items() if value},
        }
        world.set_status(KIND, owner, status)
        return soonest(waits)
