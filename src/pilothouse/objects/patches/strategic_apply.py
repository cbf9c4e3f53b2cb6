"""Strategic merge patches: applying them. Go's ``k8s.io/apimachinery/pkg/util/strategicpatch``.

A patch has the shape of the object. Lists that a schema says merge do so by a merge key, guided by directives:
``$patch: delete|replace`` in a map or list item, ``$retainKeys`` for what stays of a map, ``$setElementOrder/<list>``
for the order of a list and ``$deleteFromPrimitiveList/<list>`` for scalars to drop.
"""

from __future__ import annotations

from pilothouse.objects.copying import deep_copy
from pilothouse.objects.errors import PatchError
from pilothouse.objects.patches.json_patch import same
from pilothouse.objects.patches.ordering import merge_in_order, sort_like
from pilothouse.objects.patches.wording import go_text, go_type

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.objects.schemas import Schema

DIRECTIVE = "$patch"
RETAIN_KEYS = "$retainKeys"
SET_ORDER = "$setElementOrder"
DELETE_FROM_LIST = "$deleteFromPrimitiveList"

_BAD_ORDER = "invalid patch format of setElementOrder list"
_BAD_PRIMITIVES = "invalid patch format of primitive list"
_BAD_RETAIN_KEYS = "invalid patch format of retainKeys"


def apply(original: Mapping[str, YamlValue], patch: Mapping[str, YamlValue], schema: Schema) -> dict[str, YamlValue]:
    """Return ``original`` changed by ``patch``. Go's ``StrategicMergeMapPatch``.

    Raises:
        PatchError: The patch is malformed.
    """
    return merge_maps(deep_copy(original), deep_copy(patch), schema, final=True)


def merge_maps(  # noqa: C901 - one case a line
    original: dict[str, YamlValue], patch: dict[str, YamlValue], schema: Schema, *, final: bool
) -> dict[str, YamlValue]:
    """Merge ``patch`` into ``original``, both of which are used up.

    Args:
        original: An object, or a patch that another one is merged into.
        patch: The patch.
        schema: How the fields merge.
        final: Whether ``original`` is an object, so that directives are carried out, not kept.
    """
    if DIRECTIVE in patch:
        directive = patch.pop(DIRECTIVE)
        if directive == "replace":
            return patch
        if directive == "delete":
            return {}
        raise PatchError(f"unknown patch type: {go_text(directive)} in map: {go_text(patch)}")
    _retain_keys(original, patch, final=final)
    _merge_ordered_lists(original, patch, schema, final=final)
    for written, value in patch.items():
        key, deletes = written, written.startswith(DELETE_FROM_LIST)
        if deletes:
            if not final:
                original[written] = value
                continue
            key = _list_name(written, DELETE_FROM_LIST, _BAD_PRIMITIVES)
        if value is None:
            original.pop(key, None)
            if not final:
                original[key] = None
        elif type(original.get(key)) is not type(value):
            if not deletes:
                original[key] = _new_value(value) if final else value
        else:
            original[key] = _merge_values(original[key], value, schema.field(key), final=final, deletes=deletes)
    return original


def _merge_values(old: YamlValue, new: YamlValue, schema: Schema, *, final: bool, deletes: bool) -> YamlValue:
    """Return what two values of one type merge to."""
    if isinstance(new, dict):
        return new if "replace" in schema.patch_strategies else merge_maps(old, new, schema, final=final)
    if isinstance(new, list) and "merge" in schema.patch_strategies:
        return merge_lists(old, new, schema, final=final, deletes=deletes)
    return new


def _new_value(value: YamlValue) -> YamlValue:
    """Return the value of a field that was not there: without nulls and without directives."""
    if isinstance(value, dict):
        return {
            key: _new_value(item)
            for key, item in value.items()
            if item is not None
            and not key.startswith((SET_ORDER, DELETE_FROM_LIST))
            and key not in {DIRECTIVE, RETAIN_KEYS}
        }
    if isinstance(value, list):
        return [_new_value(item) for item in value if not (isinstance(item, dict) and item.get(DIRECTIVE) == "delete")]
    return value


def _list_name(key: str, prefix: str, problem: str) -> str:
    head, slash, name = key.partition("/")
    if not slash or head != prefix:
        raise PatchError(problem)
    return name


def _retain_keys(original: dict[str, YamlValue], patch: dict[str, YamlValue], *, final: bool) -> None:
    """Carry out ``$retainKeys``. Go's ``applyRetainKeysDirective``."""
    if RETAIN_KEYS not in patch:
        return
    retained = patch.pop(RETAIN_KEYS)
    if not final:
        present = original.setdefault(RETAIN_KEYS, retained)
        if not same(present, retained):
            text = f"{go_text(present)} and {go_text(retained)} are not deep equal"
            raise PatchError(f"{text}: this may happen when calculating the 3-way diff patch")
        return
    if not isinstance(retained, list):
        raise PatchError(_BAD_RETAIN_KEYS)
    for key, value in patch.items():
        if value is not None and not key.startswith((DELETE_FROM_LIST, SET_ORDER)) and key not in retained:
            raise PatchError(_BAD_RETAIN_KEYS)
    for key in [key for key in original if key not in retained]:
        del original[key]


def _merge_ordered_lists(
    original: dict[str, YamlValue], patch: dict[str, YamlValue], schema: Schema, *, final: bool
) -> None:
    """Merge the lists whose order the patch sets. Go's ``mergePatchIntoOriginal``."""
    for written in [key for key in patch if key.startswith(SET_ORDER)]:
        order = patch.pop(written)
        if not final and not same(original.setdefault(written, order), order):
            raise PatchError(_BAD_ORDER)
        if not isinstance(order, list):
            raise PatchError(f"expected a []interface {{}}, but received a {go_type(order)}")
        name = _list_name(written, SET_ORDER, _BAD_ORDER)
        old, new = original.get(name), patch.pop(name, None)
        field = schema.field(name)
        _check_order(new or [], order, field.merge_key)
        if old is None and new is None:
            continue
        if old is None:
            merged = _new_value(new) if final else new
        elif new is None:
            merged = old
        else:
            merged = _merge_values(deep_copy(old), new, field, final=final, deletes=False)
        in_order, rest = partition(merged, order, field.merge_key)
        original[name] = merge_in_order(in_order, rest, order, old or [], field.merge_key)


def _check_order(items: list[YamlValue], order: list[YamlValue], merge_key: str) -> None:
    """Check that ``items`` stand in ``order``. Go's ``validatePatchWithSetOrderList``."""
    if not items or not order:
        return
    kept = [item for item in items if not (isinstance(item, dict) and DIRECTIVE in item)]
    place = 0
    for wanted in order:
        if place < len(kept) and same(key_of(kept[place], merge_key), key_of(wanted, merge_key)):
            place += 1
    if place < len(kept):
        raise PatchError(
            f"The order in patch list:\n{go_text(items)}\n doesn't match {SET_ORDER} list:\n{go_text(order)}\n"
        )


def key_of(item: YamlValue, merge_key: str) -> YamlValue:
    """Return what tells an item of a merging list apart: its merge key, or a scalar itself."""
    if not merge_key:
        return item
    if not isinstance(item, dict):
        raise PatchError(f"expected a map[string]interface {{}}, but received a {go_type(item)}")
    if merge_key not in item:
        raise PatchError(f"map: {go_text(item)} does not contain declared merge key: {merge_key}")
    return item[merge_key]


def partition(
    items: Iterable[YamlValue], wanted: Iterable[YamlValue], merge_key: str
) -> tuple[list[YamlValue], list[YamlValue]]:
    """Return the items that ``wanted`` names, and the rest."""
    keys = [key_of(each, merge_key) for each in wanted]
    named: list[YamlValue] = []
    rest: list[YamlValue] = []
    for item in items:
        key = key_of(item, merge_key)
        (named if any(same(key, each) for each in keys) else rest).append(item)
    return named, rest


def element_shape(*lists: list[YamlValue]) -> type:
    """Return the type of all items of some lists. Go's ``sliceElementType``."""
    shapes = {dict if isinstance(item, dict) else type(item) for items in lists for item in items}
    if list in shapes:
        raise PatchError("lists of lists are not supported")
    if dict in shapes and len(shapes) > 1:
        raise PatchError(f"list element types are not identical: {' '.join(go_text(items) for items in lists)}")
    return dict if dict in shapes else str


def merge_lists(
    original: list[YamlValue], patch: list[YamlValue], schema: Schema, *, final: bool, deletes: bool
) -> list[YamlValue]:
    """Merge two lists whose items merge. Go's ``mergeSlice``."""
    if not original and not patch:
        return original
    merge_key = schema.merge_key
    if element_shape(original, patch) is not dict:
        if final and deletes:
            return [item for item in original if not any(same(item, each) for each in patch)]
        merged = deduplicate([*original, *patch])
    else:
        if not merge_key:
            raise PatchError("cannot merge lists without merge key for type struct")
        original, patch = _carry_out_directives(original, patch, merge_key)
        merged = _merge_items(original, patch, schema, final=final)
    in_order, rest = partition(merged, patch, merge_key)
    return merge_in_order(in_order, rest, patch, original, merge_key)


def _carry_out_directives(
    original: list[YamlValue], patch: list[YamlValue], merge_key: str
) -> tuple[list[YamlValue], list[YamlValue]]:
    """Delete and replace items. Go's ``mergeSliceWithSpecialElements``."""
    plain = [item for item in patch if DIRECTIVE not in item]
    replaces = False
    for item in patch:
        directive = item.get(DIRECTIVE)
        if directive == "delete":
            key = key_of(item, merge_key)
            original = [each for each in original if not same(each.get(merge_key), key)]
        elif directive == "replace":
            replaces = True
        elif directive == "merge":
            raise PatchError("merging lists cannot yet be specified in the patch")
        elif DIRECTIVE in item:
            raise PatchError(f"unknown patch type: {go_text(directive)} in map: {go_text(item)}")
    return (plain, []) if replaces else (original, plain)


def _merge_items(original: list[YamlValue], patch: list[YamlValue], schema: Schema, *, final: bool) -> list[YamlValue]:
    """Merge items with the same key, append others. Go's ``mergeSliceWithoutSpecialElements``."""
    merged = list(original)
    for item in patch:
        key = key_of(item, schema.merge_key)
        place = next((at for at, each in enumerate(merged) if same(each.get(schema.merge_key), key)), -1)
        if place >= 0:
            merged[place] = merge_maps(merged[place], dict(item), schema.element(), final=final)
        else:
            merged.append(_new_value(item) if final else item)
    return merged


def deduplicate(items: list[YamlValue]) -> list[YamlValue]:
    """Return the items without repetitions."""
    found: list[YamlValue] = []
    for item in items:
        if not any(same(item, each) for each in found):
            found.append(item)
    return found


def sort_patch_items(items: list[YamlValue], order: list[YamlValue], merge_key: str) -> list[YamlValue]:
    """Return items in the order of ``order``, deletions last. Go's ``normalizeSliceOrder``."""
    kept = [item for item in items if not (isinstance(item, dict) and item.get(DIRECTIVE) == "delete")]
    deleted = [item for item in items if isinstance(item, dict) and item.get(DIRECTIVE) == "delete"]
    return [*sort_like(kept, order, merge_key), *deleted]
