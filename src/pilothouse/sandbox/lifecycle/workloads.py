"""What all workload controllers share: making pods from templates, counting them, telling templates apart."""

from __future__ import annotations

import math
from collections.abc import Iterable

import orjson

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.copying import deep_copy
from pilothouse.objects.errors import SelectorError
from pilothouse.objects.selectors import NOTHING, Selector, from_labels, from_object
from pilothouse.sandbox.lifecycle.world import (
    Object,
    World,
    condition,
    is_leaving,
    is_true,
    key_of,
    owner_reference,
    seconds_since,
)

HASH_LABEL = "pod-template-hash"
_SAFE = "bcdfghjklmnpqrstvwxz2456789"
_FNV_OFFSET, _FNV_PRIME = 2166136261, 16777619


def selector_of(value: Object) -> Selector:
    """Return the selector of a workload, as nothing when it is missing or wrong."""
    selector = value["spec"].get("selector")
    if value["kind"] == "ReplicationController":
        return from_labels(selector) if selector else NOTHING
    try:
        return from_object(selector)
    except SelectorError:
        return NOTHING


def safe_text(text: str) -> str:
    """Return a text of letters that form no words. Go's ``rand.SafeEncodeString``."""
    return "".join(_SAFE[byte % len(_SAFE)] for byte in text.encode())


def template_hash(template: YamlValue, collisions: int = 0) -> str:
    """Return a short stable name for a pod template, in the look of Go's ``controller.ComputeHash``."""
    number = _FNV_OFFSET
    for byte in orjson.dumps(template, option=orjson.OPT_SORT_KEYS) + (str(collisions).encode() if collisions else b""):
        number = ((number ^ byte) * _FNV_PRIME) & 0xFFFFFFFF
    return safe_text(str(number))


def random_suffix(world: World, size: int = 5) -> str:
    """Return letters that make a generated name unique."""
    return "".join(_SAFE[byte % len(_SAFE)] for byte in world.entropy(size))


def is_active(pod: Object) -> bool:
    """Tell whether a pod counts as running or to be run."""
    return not is_leaving(pod) and not has_ended(pod)


def is_ready(pod: Object) -> bool:
    """Tell whether a pod can serve."""
    return is_true(pod, "Ready")


def has_ended(pod: Object) -> bool:
    """Tell whether a pod's containers ran to their end."""
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def available_in(world: World, pod: Object, minimum: int) -> float:
    """Return the seconds until a pod counts as available: 0 when it does, infinite while it is not ready."""
    if not is_ready(pod):
        return math.inf
    since = (condition(pod, "Ready") or {}).get("lastTransitionTime", "")
    return max(0.0, minimum - seconds_since(since, world.clock.now())) if minimum else 0.0


def soonest(waits: Iterable[float]) -> float | None:
    """Return when the next of some pods becomes available, or None when none does by waiting alone."""
    return min((wait for wait in waits if 0 < wait < math.inf), default=None)


def pod_from(owner: Object, template: Object) -> Object:
    """Return a pod that ``owner`` makes from ``template``."""
    metadata = template.get("metadata") or {}
    made: Object = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "namespace": owner["metadata"]["namespace"],
            "ownerReferences": [owner_reference(owner)],
        },
        "spec": deep_copy(template.get("spec") or {}),
    }
    for name in ("labels", "annotations"):
        if metadata.get(name):
            made["metadata"][name] = dict(metadata[name])
    if metadata.get("finalizers"):
        made["metadata"]["finalizers"] = list(metadata["finalizers"])
    return made


def adopt(world: World, owner: Object, kind: str, selector: Selector) -> list[Object]:
    """Return the objects of a kind that ``owner`` controls, having taken those that match and that nobody controls."""
    uid, namespace = owner["metadata"]["uid"], owner["metadata"]["namespace"]
    if is_leaving(owner) or selector.nothing or not selector.requirements:
        return world.owned(uid, kind)

    def take(value: Object) -> None:
        value["metadata"]["ownerReferences"] = [
            *(value["metadata"].get("ownerReferences") or ()),
            owner_reference(owner),
        ]

    for value in list(world.objects.list(kind, namespace)):
        owners = value["metadata"].get("ownerReferences")
        free = not (owners and any(each.get("controller") for each in owners)) and not is_leaving(value)
        if free and selector.matches(value["metadata"].get("labels") or {}):
            world.objects.change(kind, key_of(value), take, manager="kube-controller-manager")
    return world.owned(uid, kind)


def removal_rank(pod: Object) -> tuple[bool, int, bool, float]:
    """Return a sort key: pods that are removed first come first. Go's ``controller.ActivePods``."""
    phases = {"Pending": 0, "Unknown": 1, "Running": 2}
    phase = (pod.get("status") or {}).get("phase", "Pending")
    created = pod["metadata"].get("creationTimestamp", "")
    return bool(pod["spec"].get("nodeName")), phases.get(phase, 0), is_ready(pod), seconds_since(created, 0.0)
