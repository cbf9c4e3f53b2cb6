"""StatefulSets: pods with lasting names and claims, one after another. Go's ``pkg/controller/statefulset``."""

from __future__ import annotations

from pilothouse.objects.copying import deep_copy
from pilothouse.sandbox.lifecycle.events import Recorder
from pilothouse.sandbox.lifecycle.revisions import HASH, revision_for, template_of, trim
from pilothouse.sandbox.lifecycle.workloads import (
    adopt,
    available_in,
    has_ended,
    is_ready,
    pod_from,
    selector_of,
    soonest,
)
from pilothouse.sandbox.lifecycle.world import Object, World, is_leaving, key_of, owner_reference

KIND = "statefulsets.apps"
_POD_NAME = "statefulset.kubernetes.io/pod-name"
_POD_INDEX = "apps.kubernetes.io/pod-index"
_COMPONENT = "statefulset-controller"
_MANAGER = "kube-controller-manager"


def _ordinal(pod: Object) -> int:
    text = str(pod["metadata"]["name"]).rpartition("-")[2]
    return int(text) if text.isdecimal() else -1


class StatefulSets:
    """Keeps pods by number."""

    def __init__(self, world: World, events: Recorder) -> None:
        self._world = world
        self._events = events

    def reconcile(self, owner: Object) -> float | None:
        """Make, replace or remove the next pod, or all at once when that is allowed."""
        world = self._world
        pods = {_ordinal(pod): pod for pod in adopt(world, owner, "pods", selector_of(owner))}
        update = revision_for(world, owner)
        before = owner.get("status") or {}
        current = before.get("currentRevision") or update
        if not is_leaving(owner):
            self._converge(owner, pods, current, update)
            trim(world, owner, {current, update} | {self._revision(pod) for pod in pods.values()})
        return self._count(owner, current, update)

    def _revision(self, pod: Object) -> str:
        return str((pod["metadata"].get("labels") or {}).get(HASH, ""))

    def _numbers(self, owner: Object) -> range:
        start = (owner["spec"].get("ordinals") or {}).get("start", 0)
        return range(start, start + owner["spec"].get("replicas", 1))

    def _partition(self, owner: Object) -> int:
        strategy = owner["spec"].get("updateStrategy") or {}
        if strategy.get("type") == "OnDelete":
            return self._numbers(owner).stop
        return int((strategy.get("rollingUpdate") or {}).get("partition") or 0)

    def _converge(self, owner: Object, pods: dict[int, Object], current: str, update: str) -> None:
        numbers, ordered = self._numbers(owner), owner["spec"].get("podManagementPolicy") != "Parallel"
        for number in numbers:
            pod = pods.get(number)
            if pod is not None and has_ended(pod) and not is_leaving(pod):
                self._remove(owner, pod)
            elif pod is None:
                old = current != update and number < self._partition(owner)
                self._make(owner, number, current if old else update)
            if ordered and (pod is None or is_leaving(pod) or not is_ready(pod)):
                self._replace_broken(owner, pod, update)
                return
        surplus = sorted((number for number in pods if number not in numbers), reverse=True)
        for number in surplus:
            if not is_leaving(pods[number]):
                self._remove(owner, pods[number])
            if ordered:
                return
        self._update(owner, pods, update)

    def _update(self, owner: Object, pods: dict[int, Object], update: str) -> None:
        """Replace the highest pod that has another template, once those above it are ready."""
        for number in sorted(self._numbers(owner), reverse=True):
            pod = pods.get(number)
            if number < self._partition(owner) or pod is None:
                return
            if self._revision(pod) != update and not is_leaving(pod):
                self._remove(owner, pod)
                return
            if is_leaving(pod) or not is_ready(pod):
                return

    def _replace_broken(self, owner: Object, pod: Object | None, update: str) -> None:
        """Let a newer template reach a pod that never became ready."""
        stuck = pod is not None and not is_leaving(pod) and self._revision(pod) != update
        if pod is not None and stuck and _ordinal(pod) >= self._partition(owner):
            self._remove(owner, pod)

    def _make(self, owner: Object, number: int, revision: str) -> None:
        world, metadata = self._world, owner["metadata"]
        name = f"{metadata['name']}-{number}"
        pod = pod_from(owner, template_of(world, owner, revision))
        pod["metadata"].update(name=name, generateName=f"{metadata['name']}-")
        labels = pod["metadata"].setdefault("labels", {})
        labels.update({HASH: revision, _POD_NAME: name, _POD_INDEX: str(number)})
        pod["spec"].update(hostname=name)
        if owner["spec"].get("serviceName"):
            pod["spec"]["subdomain"] = owner["spec"]["serviceName"]
        for template in owner["spec"].get("volumeClaimTemplates") or ():
            self._claim(owner, pod, template, name)
        if world.objects.create("pods", pod, manager=_MANAGER) is not None:
            message = f"create Pod {name} in StatefulSet {metadata['name']} successful"
            self._events.normal(owner, "SuccessfulCreate", message, _COMPONENT)

    def _claim(self, owner: Object, pod: Object, template: Object, pod_name: str) -> None:
        """Make sure that a pod's claim exists, and mount it."""
        volume, namespace = template["metadata"]["name"], owner["metadata"]["namespace"]
        name = f"{volume}-{pod_name}"
        volumes = [each for each in pod["spec"].get("volumes") or () if each.get("name") != volume]
        pod["spec"]["volumes"] = [*volumes, {"name": volume, "persistentVolumeClaim": {"claimName": name}}]
        if self._world.objects.get("persistentvolumeclaims", namespace, name) is not None:
            return
        claim: Object = deep_copy(template)
        claim.update(apiVersion="v1", kind="PersistentVolumeClaim")
        claim.pop("status", None)
        labels = {**(claim["metadata"].get("labels") or {}), **(owner["spec"]["selector"].get("matchLabels") or {})}
        claim["metadata"].update(name=name, namespace=namespace, labels=labels)
        claim["metadata"].pop("creationTimestamp", None)
        policy = owner["spec"].get("persistentVolumeClaimRetentionPolicy") or {}
        if policy.get("whenDeleted") == "Delete":
            claim["metadata"]["ownerReferences"] = [owner_reference(owner)]
        self._world.objects.create("persistentvolumeclaims", claim, manager=_MANAGER)
        message = f"create Claim {name} Pod {pod_name} in StatefulSet {owner['metadata']['name']} success"
        self._events.normal(owner, "SuccessfulCreate", message, _COMPONENT)

    def _remove(self, owner: Object, pod: Object) -> None:
        self._world.objects.delete("pods", key_of(pod), uid=pod["metadata"]["uid"])
        message = f"delete Pod {pod['metadata']['name']} in StatefulSet {owner['metadata']['name']} successful"
        self._events.normal(owner, "SuccessfulDelete", message, _COMPONENT)

    def _count(self, owner: Object, current: str, update: str) -> float | None:
        world = self._world
        pods = [pod for pod in world.owned(owner["metadata"]["uid"], "pods") if not has_ended(pod)]
        waits = [available_in(world, pod, owner["spec"].get("minReadySeconds", 0)) for pod in pods]
        at_update = [pod for pod in pods if self._revision(pod) == update and not is_leaving(pod)]
        wanted = owner["spec"].get("replicas", 1)
        ready = sum(map(is_ready, pods))
        if len(at_update) == wanted and ready == wanted and self._partition(owner) == 0:
            current = update
        numbers = {
            "currentReplicas": sum(self._revision(pod) == current and not is_leaving(pod) for pod in pods),
            "updatedReplicas": len(at_update),
            "readyReplicas": ready,
        }
        status: Object = {
            "observedGeneration": owner["metadata"].get("generation", 1),
            "replicas": len(pods),
            **{key: value for key, value in numbers.items() if value},
            "availableReplicas": waits.count(0.0),
            "currentRevision": current,
            "updateRevision": update,
            "collisionCount": 0,
        }
        world.set_status(KIND, owner, status)
        return soonest(waits)
