"""How objects are deleted: at once, after a grace period, or when their finalizers are gone."""

from __future__ import annotations

from pilothouse.clock import Clock
from pilothouse.golang.kinds import YamlValue
from pilothouse.records import Record
from pilothouse.sandbox import statuses
from pilothouse.sandbox.metadata import counts_generations, timestamp_after
from pilothouse.sandbox.resources import Resource

FINALIZER_OF = {"Orphan": "orphan", "Foreground": "foregroundDeletion"}
_FINISHED = {"Succeeded", "Failed"}
_LONGEST_GRACE = 30


class Deletion(Record):
    """What a client asks of a deletion (``metav1.DeleteOptions``).

    Attributes:
        grace: Seconds that a pod gets, or None for its own.
        propagation: ``Background``, ``Foreground``, ``Orphan``, or empty for the kind's default.
        uid: The unique id that the object must have.
        resource_version: The revision that it must be at.
    """

    grace: int | None = None
    propagation: str = ""
    uid: str = ""
    resource_version: str = ""


def check_preconditions(resource: Resource, value: YamlValue, options: Deletion) -> None:
    """Refuse the deletion of another object than meant (``storage.Preconditions.Check``)."""
    metadata = value["metadata"]
    for word, wanted, actual in (
        ("UID", options.uid, metadata["uid"]),
        ("ResourceVersion", options.resource_version, metadata["resourceVersion"]),
    ):
        if wanted and wanted != actual:
            why = f"Precondition failed: {word} in precondition: {wanted}, {word} in object meta: {actual}"
            raise statuses.conflict(resource, metadata["name"], why)


def mark(clock: Clock, resource: Resource, value: YamlValue, options: Deletion) -> bool:
    """Mark ``value`` as being deleted; return whether it has to wait (``registry.Store.Delete``)."""
    metadata = value["metadata"]
    _set_propagation(metadata, options.propagation)
    grace = _grace(resource, value, options.grace)
    if resource.plural == "namespaces" and not resource.group:
        return _mark_namespace(clock, value)
    if not grace and not metadata.get("finalizers"):
        return False
    deadline = timestamp_after(clock, grace)
    if "deletionTimestamp" in metadata:
        if grace < (metadata.get("deletionGracePeriodSeconds") or 0):
            metadata["deletionTimestamp"] = deadline
            metadata["deletionGracePeriodSeconds"] = grace
        return True
    metadata["deletionTimestamp"] = deadline
    metadata["deletionGracePeriodSeconds"] = grace
    if counts_generations(resource):
        metadata["generation"] = metadata.get("generation", 0) + 1
    return True


def _set_propagation(metadata: dict[str, YamlValue], propagation: str) -> None:
    if not propagation:
        return
    finalizers = [each for each in metadata.get("finalizers") or [] if each not in FINALIZER_OF.values()]
    wanted = FINALIZER_OF.get(propagation)
    if wanted:
        finalizers.append(wanted)
    if finalizers:
        metadata["finalizers"] = finalizers
    else:
        metadata.pop("finalizers", None)


def _grace(resource: Resource, value: YamlValue, asked: int | None) -> int:
    """Return how long a pod may go on: not at all when it runs nowhere or has ended (``CheckGracefulDelete``)."""
    if resource.plural != "pods" or resource.group:
        return 0
    spec = value.get("spec") or {}
    if not spec.get("nodeName") or (value.get("status") or {}).get("phase") in _FINISHED:
        return 0
    own = spec.get("terminationGracePeriodSeconds", _LONGEST_GRACE)
    return max(0, own if asked is None else asked)


def _mark_namespace(clock: Clock, value: YamlValue) -> bool:
    metadata = value["metadata"]
    if "deletionTimestamp" not in metadata:
        metadata["deletionTimestamp"] = timestamp_after(clock, 0)
        value.setdefault("status", {})["phase"] = "Terminating"
    return bool(metadata.get("finalizers") or (value.get("spec") or {}).get("finalizers"))


def is_finished(resource: Resource, value: YamlValue) -> bool:
    """Tell whether nothing keeps an object that is being deleted any longer."""
    metadata = value["metadata"]
    if "deletionTimestamp" not in metadata or metadata.get("finalizers"):
        return False
    if resource.plural == "namespaces" and not resource.group:
        return not (value.get("spec") or {}).get("finalizers")
    return not metadata.get("deletionGracePeriodSeconds")
