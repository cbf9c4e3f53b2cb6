"""What a write may touch: the server's own metadata, the status, the generation (``registry/rest`` strategies)."""

from __future__ import annotations

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox import statuses
from pilothouse.sandbox.metadata import counts_generations
from pilothouse.sandbox.resources import Resource
from pilothouse.sandbox.statuses import Cause

_KEPT = (
    "namespace",
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "generation",
    "selfLink",
)
# Kinds that must be replaced with a resource version (AllowUnconditionalUpdate is false).
_CONDITIONAL = {"customresourcedefinitions", "leases", "apiservices"}
# Kinds with a status whose creation keeps what the client says of it.
_STATUS_KEPT = {"nodes", "persistentvolumes", "events"}


def has_status(resource: Resource) -> bool:
    """Tell whether a kind's status is written apart from the rest."""
    if resource.custom is not None:
        return resource.custom.status
    return resource.subresource("status") is not None


def prepare_create(resource: Resource, value: YamlValue) -> None:
    """Take away what a client may not set when it creates."""
    value["apiVersion"] = resource.api_version
    value["kind"] = resource.kind
    if has_status(resource) and resource.plural not in _STATUS_KEPT:
        value.pop("status", None)
    if counts_generations(resource):
        value["metadata"]["generation"] = 1
    else:
        value["metadata"].pop("generation", None)


def check_identity(resource: Resource, old: YamlValue, value: YamlValue) -> None:
    """Refuse a write that was made for another object or revision."""
    metadata, before = value.setdefault("metadata", {}), old["metadata"]
    wanted = metadata.get("resourceVersion") or ""
    if metadata.get("uid") and metadata["uid"] != before["uid"]:
        why = f"Precondition failed: UID in precondition: {metadata['uid']}, UID in object meta: {before['uid']}"
        raise statuses.conflict(resource, before["name"], why)
    if wanted and wanted != before["resourceVersion"]:
        raise statuses.conflict(resource, before["name"])
    if not wanted and (resource.custom is not None or resource.plural in _CONDITIONAL):
        cause = statuses.invalid_value("metadata.resourceVersion", 0, "must be specified for an update")
        raise statuses.invalid(resource, before["name"], [cause])


def prepare_update(resource: Resource, old: YamlValue, value: YamlValue, subresource: str) -> None:
    """Put back what this kind of write may not change."""
    value["apiVersion"] = resource.api_version
    value["kind"] = resource.kind
    metadata, before = value["metadata"], old["metadata"]
    _keep_only(metadata, before, _KEPT)
    metadata["resourceVersion"] = before["resourceVersion"]
    if before.get("managedFields") and "managedFields" not in metadata:
        metadata["managedFields"] = before["managedFields"]
    if subresource in ("status", "approval"):
        _keep_all_but_status(resource, old, value)
    elif has_status(resource):
        _keep_only(value, old, ("status",))


def _keep_only(value: YamlValue, old: YamlValue, names: tuple[str, ...]) -> None:
    """Make ``value`` have these fields as ``old`` has them, or not at all."""
    for name in names:
        if name in old:
            value[name] = old[name]
        else:
            value.pop(name, None)


def _keep_all_but_status(resource: Resource, old: YamlValue, value: YamlValue) -> None:
    names = {*old, *value} - {"status", "metadata", "apiVersion", "kind"}
    _keep_only(value, old, tuple(names))
    metadata, before = value["metadata"], old["metadata"]
    if resource.custom is not None:
        managed = metadata.get("managedFields")
        value["metadata"] = {**before, "managedFields": managed} if managed else dict(before)
        return
    _keep_only(metadata, before, ("finalizers", "ownerReferences"))


def count_generation(resource: Resource, old: YamlValue, value: YamlValue) -> None:
    """Raise ``metadata.generation`` when what is wanted changed."""
    if not counts_generations(resource):
        return
    separate = has_status(resource)
    ignored = {"metadata", "apiVersion", "kind", *(("status",) if separate else ())}
    before = {name: item for name, item in old.items() if name not in ignored}
    after = {name: item for name, item in value.items() if name not in ignored}
    if before != after:
        value["metadata"]["generation"] = old["metadata"].get("generation", 0) + 1


def same(old: YamlValue, value: YamlValue) -> bool:
    """Tell whether a write would change nothing but the times in managed fields."""
    if old == value:
        return True
    if {name: item for name, item in old.items() if name != "metadata"} != {
        name: item for name, item in value.items() if name != "metadata"
    }:
        return False
    return _timeless(old["metadata"]) == _timeless(value["metadata"])


def _timeless(metadata: dict[str, YamlValue]) -> dict[str, YamlValue]:
    made = dict(metadata)
    made["managedFields"] = [
        {name: item for name, item in entry.items() if name != "time"} for entry in metadata.get("managedFields") or []
    ]
    return made


def metadata_change_causes(before: dict[str, YamlValue], after: dict[str, YamlValue]) -> list[Cause]:
    """Return the faults of a change of metadata (``validation.ValidateObjectMetaAccessorUpdate``)."""
    causes: list[Cause] = []
    if "deletionTimestamp" in before:
        added = [each for each in after.get("finalizers") or [] if each not in (before.get("finalizers") or [])]
        if added:
            listed = ", ".join(f'"{each}"' for each in added)
            rule = "no new finalizers can be added if the object is being deleted, found new finalizers"
            detail = f"{rule} []string{{{listed}}}"
            causes.append(statuses.forbidden_field("metadata.finalizers", detail))
    if after.get("name") != before.get("name"):
        causes.append(statuses.invalid_value("metadata.name", after.get("name"), "field is immutable"))
    return causes
