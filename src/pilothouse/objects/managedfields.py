"""Server-side apply: who owns which field, and what that means for a write. Go's ``util/managedfields``.

::

    merged = apply(live, applied, manager="helm", force=False, schema=schema, now="2024-05-01T10:00:00Z")
    stored = update(live, new, manager="kubectl-edit", schema=schema, now="2024-05-01T10:00:00Z")

Both take and return whole objects as dictionaries and keep ``metadata.managedFields``; neither changes its arguments.
"""

from __future__ import annotations

import contextlib

from pilothouse.objects import fieldpaths
from pilothouse.objects.copying import deep_copy
from pilothouse.objects.errors import ApplyConflict, PatchError
from pilothouse.objects.fieldpaths import path_text
from pilothouse.objects.patches.json_patch import same
from pilothouse.objects.schemas import UNTYPED
from pilothouse.objects.typed import compare, merge, remove
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.objects.fieldpaths import FieldSet
    from pilothouse.objects.schemas import Schema
    from pilothouse.objects.typed import Comparison

APPLY = "Apply"
UPDATE = "Update"
BEFORE_FIRST_APPLY = "before-first-apply"
_ANCIENT = "ancient-changes"
_MOST_UPDATERS = 10

# What nobody owns: the server's own fields, and what names the object. Go's stripMetaManager.
_NOBODYS: frozenset[tuple[str, ...]] = frozenset(
    (
        ("f:apiVersion",),
        ("f:kind",),
        ("f:metadata",),
        *(
            ("f:metadata", "f:" + name)
            for name in (
                *("name", "namespace", "creationTimestamp", "selfLink", "uid", "clusterName", "generation"),
                *("managedFields", "resourceVersion"),
            )
        ),
    )
)
# Fields that hold structs in Go, so that they exist, if empty, in every object of the built-in kinds.
_ALWAYS_THERE = frozenset(
    ("metadata", "spec", "status", "template", "strategy", "updateStrategy", "jobTemplate", "loadBalancer")
)


class Manager(Record):
    """Who wrote, and how: what tells one entry of ``managedFields`` from another.

    Attributes:
        name: The field manager.
        operation: ``Apply`` or ``Update``.
        api_version: In which version it was written; empty for ``Apply``, where it does not count.
        subresource: Through which subresource, if any.
    """

    name: str
    operation: str
    api_version: str = ""
    subresource: str = ""

    def describe(self) -> str:
        """Return how a conflict names the manager. Go's ``printManager``."""
        text = f'"{self.name}"'
        if self.subresource:
            text += f' with subresource "{self.subresource}"'
        return f"{text} using {self.api_version}" if self.operation == UPDATE else text


class _Entry:
    """What one manager owns."""

    __slots__ = ("api_version", "fields", "time")

    def __init__(self, fields: FieldSet, api_version: str, time: str) -> None:
        self.fields = fields
        self.api_version = api_version
        self.time = time


def _decode(target: Mapping[str, YamlValue]) -> dict[Manager, _Entry]:
    found: dict[Manager, _Entry] = {}
    for each in (target.get("metadata") or {}).get("managedFields") or []:
        operation, version = each.get("operation", UPDATE), each.get("apiVersion", "")
        manager = Manager(
            name=each.get("manager", ""),
            operation=operation,
            api_version=version if operation == UPDATE else "",
            subresource=each.get("subresource", ""),
        )
        found[manager] = _Entry(fieldpaths.decode(each.get("fieldsV1")), version, each.get("time", ""))
    return found


def _encode(entries: Mapping[Manager, _Entry]) -> list[YamlValue]:
    """Return the entries in the server's order. Go's ``sortEncodedManagedFields``."""
    encoded = []
    order = sorted(
        entries.items(), key=lambda pair: (pair[0].operation, pair[1].time, pair[0].name, pair[1].api_version)
    )
    for manager, entry in order:
        written: dict[str, YamlValue] = {
            "manager": manager.name,
            "operation": manager.operation,
            "apiVersion": entry.api_version,
        }
        if entry.time:
            written["time"] = entry.time
        written["fieldsType"] = "FieldsV1"
        written["fieldsV1"] = fieldpaths.encode(entry.fields)
        if manager.subresource:
            written["subresource"] = manager.subresource
        encoded.append(written)
    return encoded


def _with_entries(target: YamlValue, entries: Mapping[Manager, _Entry]) -> dict[str, YamlValue]:
    """Return ``target`` with these managed fields, none of them nobody's."""
    kept = {}
    for manager, entry in entries.items():
        fields = entry.fields - _NOBODYS
        if fields:
            kept[manager] = _Entry(fields, entry.api_version, entry.time)
    bare = _without_managed_fields(target)
    if kept:
        bare["metadata"]["managedFields"] = _encode(_capped(kept))
    return bare


def _capped(entries: dict[Manager, _Entry]) -> dict[Manager, _Entry]:
    """Merge the oldest updaters when there are too many. Go's ``capManagersManager``."""
    updaters = [manager for manager in entries if manager.operation == UPDATE]
    surplus = len(updaters) - _MOST_UPDATERS
    if surplus <= 0:
        return entries
    for manager in sorted(updaters, key=lambda manager: (entries[manager].time, manager.name))[: surplus + 1]:
        entry = entries.pop(manager)
        ancient = Manager(name=_ANCIENT, operation=UPDATE, api_version=entry.api_version)
        present = entries.setdefault(ancient, _Entry(set(), entry.api_version, entry.time))
        present.fields |= entry.fields
        present.time = max(present.time, entry.time)
    return entries


def _without_managed_fields(target: Mapping[str, YamlValue]) -> dict[str, YamlValue]:
    metadata = {key: value for key, value in (target.get("metadata") or {}).items() if key != "managedFields"}
    return {**target, "metadata": metadata}


def _empty(new: Mapping[str, YamlValue], schema: Schema) -> dict[str, YamlValue]:
    """Return what an object that does not exist yet is compared as: the empty struct of its kind."""
    if schema.type_name == "custom" or schema is UNTYPED:
        return {key: new[key] for key in ("apiVersion", "kind") if key in new}

    def zero(value: YamlValue) -> YamlValue:
        structs = {key: zero(item) for key, item in value.items() if key in _ALWAYS_THERE and isinstance(item, dict)}
        nothing = {key: None for key, item in value.items() if item is None or key == "containers"}
        return {**structs, **nothing}

    result: dict[str, YamlValue] = zero(new)
    return result


def _ignored(fields: FieldSet, reset: Sequence[str]) -> FieldSet:
    return {path for path in fields if path[0][2:] not in reset} if reset else fields


def _written(changes: Comparison) -> FieldSet:
    """Return the fields that a write set, none of them nobody's."""
    return (changes.modified | changes.added) - _NOBODYS


def _take_from_others(entries: dict[Manager, _Entry], changes: Comparison, *, by: Manager, force: bool) -> None:
    """Take what changes away from other managers. Go's ``Updater.update``.

    Raises:
        ApplyConflict: They own some of it, and it is not forced.
    """
    written = _written(changes)
    others = {manager: entry for manager, entry in entries.items() if manager != by}
    conflicts = {manager: entry.fields & written for manager, entry in others.items() if entry.fields & written}
    if conflicts and not force:
        raise _conflict_error(conflicts)
    for manager, entry in others.items():
        left = entry.fields - conflicts.get(manager, set()) - changes.removed
        if left:
            entries[manager] = _Entry(left, entry.api_version, entry.time)
        else:
            del entries[manager]


def _conflict_error(conflicts: Mapping[Manager, FieldSet]) -> ApplyConflict:
    """Return the error that names every conflict. Go's ``NewConflictError``."""
    order = sorted(conflicts, key=lambda manager: (manager.name, manager.operation, manager.api_version))
    listed = [(manager.describe(), path_text(path)) for manager in order for path in sorted(conflicts[manager])]
    causes = tuple((f"conflict with {manager}", path) for manager, path in listed)
    if len(listed) == 1:
        manager, path = listed[0]
        return ApplyConflict(f"Apply failed with 1 conflict: conflict with {manager}: {path}", causes)
    lines: list[str] = []
    for name in dict.fromkeys(manager for manager, _ in listed):
        lines.append(f"conflicts with {name}:")
        lines += [f"- {path}" for manager, path in listed if manager == name]
    return ApplyConflict(f"Apply failed with {len(listed)} conflicts: " + "\n".join(lines), causes)


def apply(
    live: Mapping[str, YamlValue] | None,
    applied: Mapping[str, YamlValue],
    *,
    manager: str,
    force: bool,
    schema: Schema,
    now: str,
    subresource: str = "",
    reset: Sequence[str] = (),
) -> dict[str, YamlValue]:
    """Return the object that applying a configuration makes. Go's ``FieldManager.Apply``.

    Args:
        live: The object as it is, or None when it does not exist.
        applied: The configuration.
        manager: The field manager.
        force: Take fields over from others.
        schema: How the kind merges.
        now: The time, as ``managedFields`` writes it.
        subresource: The subresource that is applied to, if any.
        reset: Top-level fields that this request cannot set, such as ``status``.

    Raises:
        ApplyConflict: Other managers own fields with another value.
        PatchError: An item of a list lacks its key.
    """
    version = applied.get("apiVersion", "")
    config = _without_managed_fields({key: value for key, value in applied.items() if key not in reset})
    entries = {} if live is None else _decode(live)
    base = _empty(config, schema) if live is None else _without_managed_fields(live)
    if live is not None and not entries:
        before = Manager(name=BEFORE_FIRST_APPLY, operation=UPDATE, api_version=version)
        owned = _written(compare(_empty(base, schema), base, schema))
        entries[before] = _Entry(_ignored(owned, reset), version, now)
    by = Manager(name=manager, operation=APPLY, subresource=subresource)
    last = entries.get(by)
    fields = fieldpaths.fields_of(config, schema) - _NOBODYS
    entries[by] = _Entry(fields, version, last.time if last else "")
    merged = merge(base, config, schema)
    if last is not None:
        merged = _prune(merged, last.fields, entries, schema)
    merged = _without_nulls(merged)
    _take_from_others(entries, compare(base, merged, schema), by=by, force=force)
    if last is None or last.fields != fields or not same(base, merged):
        entries[by].time = now
    return _with_entries(merged, entries)


def _prune(merged: YamlValue, last: FieldSet, entries: Mapping[Manager, _Entry], schema: Schema) -> YamlValue:
    """Remove what was applied last time, is not now, and nobody else owns. Go's ``Updater.prune``."""
    owned: FieldSet = set().union(*(entry.fields for entry in entries.values()))
    gone = fieldpaths.with_named_parents(last, schema) - fieldpaths.with_named_parents(owned, schema) - _NOBODYS
    return remove(merged, gone, schema) if gone else merged


def _without_nulls(value: YamlValue) -> YamlValue:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    return value


def _kept_entries(live: Mapping[str, YamlValue] | None, new: Mapping[str, YamlValue]) -> dict[Manager, _Entry]:
    """Return the entries that a write starts from: those it gives, or those there were when it gives none to read."""
    if (new.get("metadata") or {}).get("managedFields") is not None:
        with contextlib.suppress(PatchError):
            return _decode(new)
    return {} if live is None else _decode(live)


def update(
    live: Mapping[str, YamlValue] | None,
    new: Mapping[str, YamlValue],
    *,
    manager: str,
    schema: Schema,
    now: str,
    operation: str = UPDATE,
    subresource: str = "",
    reset: Sequence[str] = (),
) -> dict[str, YamlValue]:
    """Return ``new`` with its managed fields after a create, update or patch. Go's ``FieldManager.Update``.

    Args:
        live: The object as it was, or None when it is created.
        new: The object as it will be stored; empty ``managedFields`` in it forget all owners.
        manager: The field manager; without one nobody comes to own what changes.
        schema: How the kind merges.
        now: The time, as ``managedFields`` writes it.
        operation: ``Update`` always, but for what a migration writes.
        subresource: The subresource that is written, if any.
        reset: Top-level fields that this request cannot set, such as ``status``.
    """
    version = new.get("apiVersion", "")
    changed = _without_managed_fields(new)
    given = (new.get("metadata") or {}).get("managedFields")
    entries = _kept_entries(live, new)
    if live is not None and given in ([], [{}]):
        return changed
    by = Manager(name=manager, operation=operation, api_version=version, subresource=subresource)
    changes = compare(_empty(changed, schema) if live is None else _without_managed_fields(live), changed, schema)
    _take_from_others(entries, changes, by=by, force=True)
    own = entries.get(by)
    taken = _ignored(_written(changes), reset) if manager else set()
    if own is not None and live is not None:
        own.fields -= changes.removed
    if taken:
        entries[by] = _Entry(taken | (own.fields if own else set()), version, now)
    return _with_entries(changed, entries)


def migrate_client_side(
    managed_fields: Sequence[Mapping[str, YamlValue]], *, client_side: str, server_side: str
) -> list[YamlValue]:
    """Return managed fields with a client-side manager's updates turned into one apply entry.

    Go's ``csaupgrade.UpgradeManagedFields``.
    """
    entries = [deep_copy(each) for each in managed_fields]

    def is_client_side(entry: Mapping[str, YamlValue]) -> bool:
        named = entry.get("manager") == client_side and not entry.get("subresource")
        return named and entry.get("operation") == UPDATE

    target = next(
        (
            each
            for each in entries
            if each.get("manager") == server_side and each.get("operation") == APPLY and not each.get("subresource")
        ),
        None,
    )
    if target is None:
        target = next(filter(is_client_side, entries), None)
        if target is None:
            return entries
        target["operation"] = APPLY
        target["manager"] = server_side
    for entry in entries:
        if is_client_side(entry) and entry.get("apiVersion") == target.get("apiVersion"):
            union = fieldpaths.decode(target.get("fieldsV1")) | fieldpaths.decode(entry.get("fieldsV1"))
            target["fieldsV1"] = fieldpaths.encode(union)
            break
    return [entry for entry in entries if entry is target or not is_client_side(entry)]


def migration_patch(
    target: Mapping[str, YamlValue], *, client_side: str, server_side: str
) -> list[dict[str, YamlValue]] | None:
    """Return the JSON patch that migrates an object's managed fields, or None when there is nothing to do.

    Go's ``csaupgrade.UpgradeManagedFieldsPatch``.
    """
    metadata = target.get("metadata") or {}
    before = metadata.get("managedFields") or []
    after = migrate_client_side(before, client_side=client_side, server_side=server_side)
    if same(before, after):
        return None
    return [
        {"op": "replace", "path": "/metadata/managedFields", "value": after},
        {"op": "replace", "path": "/metadata/resourceVersion", "value": metadata.get("resourceVersion", "")},
    ]
