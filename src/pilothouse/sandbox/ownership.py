"""Which manager owns which fields of an object: ``metadata.managedFields``."""

from __future__ import annotations

import orjson

from pilothouse.clock import Clock
from pilothouse.golang.kinds import YamlValue
from pilothouse.objects import fieldpaths, managedfields
from pilothouse.objects.errors import ApplyConflict, PatchError
from pilothouse.objects.schemas import UNTYPED, Schema, custom_schema, schema_of
from pilothouse.objects.typed import compare
from pilothouse.sandbox.errors import StatusError
from pilothouse.sandbox.metadata import timestamp
from pilothouse.sandbox.resources import Resource
from pilothouse.sandbox.strategy import has_status
from pilothouse.sandbox.writing import Write

Object = dict[str, YamlValue]
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def schema_for(resource: Resource) -> Schema:
    """Return how objects of a kind merge."""
    if resource.custom is not None:
        return custom_schema(resource.custom.schema)
    return schema_of(resource.api_version, resource.kind) or UNTYPED


def _reset(resource: Resource, subresource: str) -> tuple[str, ...]:
    if subresource == "status":
        return ("spec", "metadata")
    return ("status",) if has_status(resource) and not subresource else ()


def record(clock: Clock, resource: Resource, old: Object | None, value: Object, write: Write) -> Object:
    """Return ``value`` with what its writer changed in its managed fields; an apply has recorded it already."""
    if write.operation == managedfields.APPLY or not write.manager:
        return value
    try:
        return managedfields.update(
            old,
            value,
            manager=write.manager,
            schema=schema_for(resource),
            now=timestamp(clock),
            subresource=write.subresource,
            reset=_reset(resource, write.subresource),
        )
    except PatchError:
        # An object whose fields cannot be told apart keeps the owners it had (``UpdateNoErrors``).
        return value


def apply(
    clock: Clock, resource: Resource, live: Object | None, wanted: Object, write: Write, *, force: bool
) -> Object:
    """Return what applying ``wanted`` makes of ``live``.

    Raises:
        StatusError: 409: other managers own fields that it would change.
    """
    schema = schema_for(resource)

    def attempt(*, force: bool) -> Object:
        return managedfields.apply(
            live,
            wanted,
            manager=write.manager,
            force=force,
            schema=schema,
            now=timestamp(clock),
            subresource=write.subresource,
            reset=_reset(resource, write.subresource),
        )

    try:
        try:
            return attempt(force=force)
        except ApplyConflict as error:
            if write.manager != "kubectl" or not _applied_before(error, live, schema):
                raise
            return attempt(force=True)
    except ApplyConflict as error:
        causes = [
            {"reason": "FieldManagerConflict", "message": message, "field": path} for message, path in error.conflicts
        ]
        raise StatusError(409, "Conflict", error.message, {"causes": causes}) from error
    except PatchError as error:
        raise StatusError(500, "", f"{where(resource, wanted)}: {error.message}") from error


def where(resource: Resource, wanted: Object) -> str:
    """Return how refusals of an applied configuration begin."""
    metadata = wanted["metadata"]
    place = f"{metadata.get('namespace', '')}/{metadata['name']}"
    return f"failed to create typed patch object ({place}; {resource.api_version}, Kind={resource.kind})"


def _applied_before(error: ApplyConflict, live: Object | None, schema: Schema) -> bool:
    """Tell whether all conflicts are with what kubectl itself applied in its old way (Go's ``lastAppliedManager``)."""
    annotations = ((live or {}).get("metadata") or {}).get("annotations") or {}
    text = annotations.get(_LAST_APPLIED)
    if not text or live is None:
        return False
    try:
        last = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    if not isinstance(last, dict):
        return False
    same = fieldpaths.fields_of(last, schema) - compare(live, last, schema).modified
    known = {fieldpaths.path_text(path) for path in same}
    return all(path in known for _, path in error.conflicts)
