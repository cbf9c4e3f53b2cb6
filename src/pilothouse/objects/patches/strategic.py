"""Strategic merge patches: making them from two or three states, and applying them. Go's ``strategicpatch``."""

from __future__ import annotations

from pilothouse.objects.copying import deep_copy
from pilothouse.objects.errors import PatchError
from pilothouse.objects.patches.json_patch import same
from pilothouse.objects.patches.merge import check_preconditions
from pilothouse.objects.patches.strategic_apply import (
    DELETE_FROM_LIST,
    DIRECTIVE,
    RETAIN_KEYS,
    SET_ORDER,
    apply,
    deduplicate,
    element_shape,
    key_of,
    merge_maps,
    sort_patch_items,
)
from pilothouse.objects.patches.wording import go_text
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.objects.patches.merge import Precondition
    from pilothouse.objects.schemas import Schema


__all__ = ["apply", "create_three_way", "create_two_way"]


class _Wanted(Record):
    """Which differences a patch shall hold. Go's ``DiffOptions``."""

    changes: bool = True
    deletions: bool = True
    retain_keys: bool = False


def create_two_way(
    original: Mapping[str, YamlValue],
    modified: Mapping[str, YamlValue],
    schema: Schema,
    preconditions: Sequence[Precondition] = (),
) -> dict[str, YamlValue]:
    """Return the patch that turns ``original`` into ``modified``. Go's ``CreateTwoWayMergeMapPatch``.

    Raises:
        PatchError: An item of a merging list lacks the merge key.
        PreconditionFailed: The patch changes what a precondition protects.
    """
    patch = _diff_maps(original, modified, schema, _Wanted())
    check_preconditions(patch, preconditions)
    return patch


def create_three_way(
    original: Mapping[str, YamlValue],
    modified: Mapping[str, YamlValue],
    current: Mapping[str, YamlValue],
    schema: Schema,
    preconditions: Sequence[Precondition] = (),
) -> dict[str, YamlValue]:
    """Return the patch for ``current``: what ``modified`` has, without what it no longer has since ``original``.

    Go's ``CreateThreeWayMergePatch`` with overwrite: others' changes to the same fields lose.

    Raises:
        PatchError: An item of a merging list lacks the merge key.
        PreconditionFailed: The patch changes what a precondition protects.
    """
    changes = _diff_maps(current, modified, schema, _Wanted(deletions=False))
    deletions = _diff_maps(original, modified, schema, _Wanted(changes=False))
    patch = merge_maps(deletions, changes, schema, final=False)
    check_preconditions(patch, preconditions)
    return patch


def _shape(value: YamlValue) -> type:
    if isinstance(value, (dict, list, bool)) or value is None:
        return dict if isinstance(value, dict) else type(value)
    return str if isinstance(value, str) else float


def _diff_maps(  # noqa: C901 - one case a line
    original: Mapping[str, YamlValue], modified: Mapping[str, YamlValue], schema: Schema, wanted: _Wanted
) -> dict[str, YamlValue]:
    """Return the patch between two maps. Go's ``diffMaps``."""
    patch: dict[str, YamlValue] = {}
    for key, value in modified.items():
        if key not in original or _shape(original[key]) is not _shape(value):
            if wanted.changes:
                patch[key] = deep_copy(value)
        elif key == DIRECTIVE:
            if original[key] != value:
                patch[key] = value
        elif isinstance(value, dict):
            _diff_field(key, original[key], value, patch, schema, wanted)
        elif isinstance(value, list) and "merge" in schema.field(key).patch_strategies:
            _diff_list(key, original[key], value, patch, schema, wanted)
        elif wanted.changes and not same(original[key], value):
            patch[key] = deep_copy(value)
    if wanted.deletions:
        patch.update((key, None) for key in original if key not in modified)
    retained = [key for key in modified if modified[key] is not None] if wanted.retain_keys else []
    if retained and (patch or any(original[key] is not None and key not in modified for key in original)):
        patch[RETAIN_KEYS] = sorted(retained)
    return patch


def _diff_field(
    key: str, old: YamlValue, new: YamlValue, patch: dict[str, YamlValue], schema: Schema, wanted: _Wanted
) -> None:
    """Put the difference of two maps into ``patch``. Go's ``handleMapDiff``."""
    field = schema.field(key)
    if "replace" in field.patch_strategies:
        if wanted.changes:
            patch[key] = deep_copy(new)
        return
    inner = _diff_maps(old, new, field, wanted.replace(retain_keys="retainKeys" in field.patch_strategies))
    if inner:
        patch[key] = inner


def _diff_list(
    key: str, old: YamlValue, new: YamlValue, patch: dict[str, YamlValue], schema: Schema, wanted: _Wanted
) -> None:
    """Put the difference of two merging lists into ``patch``. Go's ``diffLists``."""
    field = schema.field(key)
    wanted = wanted.replace(retain_keys="retainKeys" in field.patch_strategies)
    if not old:
        if new and wanted.changes:
            patch[key] = deep_copy(new)
        return
    removed: list[YamlValue] = []
    if element_shape(old, new) is dict:
        items = _diff_items(old, new, field, wanted)
        merge_key = field.merge_key
        keys = [key_of(item, merge_key) for item in new]
        same_order = same([key_of(item, merge_key) for item in old], keys)
        ordered = bool(items) or (wanted.changes and not same_order)
        order: list[YamlValue] = [{merge_key: each} for each in keys] if ordered else []
    else:
        items, removed = _diff_scalars(old, new, wanted)
        items = sort_patch_items(items, new, "")
        order = list(new) if removed or (wanted.changes and not same(old, new)) else []
    if items:
        patch[key] = items
    if removed:
        patch[f"{DELETE_FROM_LIST}/{key}"] = removed
    if order:
        patch[f"{SET_ORDER}/{key}"] = order


def _diff_scalars(
    old: list[YamlValue], new: list[YamlValue], wanted: _Wanted
) -> tuple[list[YamlValue], list[YamlValue]]:
    """Return what was added and what was removed. Go's ``diffListsOfScalars``."""
    left, right = sorted(old, key=go_text), sorted(new, key=go_text)
    added: list[YamlValue] = []
    removed: list[YamlValue] = []
    while left or right:
        old_text, new_text = go_text(left[0]) if left else None, go_text(right[0]) if right else None
        if old_text == new_text:
            left.pop(0)
            right.pop(0)
        elif old_text is None or (new_text is not None and old_text > new_text):
            added.append(right.pop(0))
        else:
            removed.append(left.pop(0))
    return (added if wanted.changes else []), (deduplicate(removed) if wanted.deletions else [])


def _diff_items(old: list[YamlValue], new: list[YamlValue], schema: Schema, wanted: _Wanted) -> list[YamlValue]:
    """Return the patches of a list's items, deletions last. Go's ``diffListsOfMaps``."""
    merge_key = schema.merge_key

    def text(item: YamlValue) -> str:
        return go_text(key_of(item, merge_key))

    left, right = sorted(old, key=text), sorted(new, key=text)
    items: list[YamlValue] = []
    deleted: list[YamlValue] = []
    while left or right:
        old_text, new_text = text(left[0]) if left else None, text(right[0]) if right else None
        if old_text == new_text:
            item = right.pop(0)
            inner = _diff_maps(left.pop(0), item, schema.element(), wanted)
            if inner:
                items.append({**inner, merge_key: item[merge_key]})
        elif old_text is None or (new_text is not None and old_text > new_text):
            added = right.pop(0)
            if wanted.changes:
                items.append(deep_copy(added))
        else:
            gone = left.pop(0)
            if wanted.deletions:
                deleted.append({merge_key: gone[merge_key], DIRECTIVE: "delete"})
    if not merge_key:
        raise PatchError("cannot merge lists without merge key for type struct")
    return [*sort_patch_items(items, new, merge_key), *deleted]
