"""Map functions. A nil map arrives as None."""

from __future__ import annotations

from pilothouse.golang.functions import FunctionError
from pilothouse.golang.kinds import StringList, element_type, type_name
from pilothouse.sprig.flow import empty
from pilothouse.sprig.text import text_of
from pilothouse.sprig.types import NilMap, PlainMap, update_twin

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import GoValue

    GoMap = dict[str, GoValue]


def make_dict(*pairs: GoValue) -> GoMap:
    """Return a map of keys and values; keys become texts, a last key alone gets an empty text."""
    made: GoMap = {}
    end = len(pairs)
    for index in range(0, end, 2):
        key = pairs[index]
        made[key if type(key) is str else text_of(key)] = pairs[index + 1] if index + 1 < end else ""
    return made


def get(mapping: GoMap | None, key: str) -> GoValue:
    """Return the key's value, or an empty text."""
    return mapping.get(key, "") if mapping else ""


def set_key(mapping: GoMap | None, key: str, value: GoValue) -> GoMap:
    """Set the key in the map itself and return it."""
    if mapping is None:
        raise FunctionError("assignment to entry in nil map")
    mapping[key] = value
    return mapping if type(mapping) is dict else _changed(mapping)


def unset(mapping: GoMap | None, key: str) -> GoMap:
    """Remove the key from the map itself and return it."""
    if mapping is None:
        return NilMap()
    mapping.pop(key, None)
    return mapping if type(mapping) is dict else _changed(mapping)


def _changed(mapping: GoMap) -> GoMap:
    """Return a map of a named type after a change: plain, as the parameter's type has it."""
    update_twin(mapping)
    plain: GoMap = PlainMap.of(mapping)
    return plain


def has_key(mapping: GoMap | None, key: str) -> bool:
    """Return whether the map has the key."""
    return mapping is not None and key in mapping


def pluck(key: str, *mappings: GoMap | None) -> list[GoValue]:
    """Return the key's values from the maps that have it."""
    return [mapping[key] for mapping in mappings if mapping and key in mapping]


def keys(*mappings: GoMap | None) -> StringList:
    """Return the keys of all maps, each map's in order."""
    return StringList([key for mapping in mappings if mapping for key in sorted(mapping)])


def values(mapping: GoMap | None) -> list[GoValue]:
    """Return the map's values in the order of their keys."""
    return [mapping[key] for key in sorted(mapping)] if mapping else []


def pick(mapping: GoMap | None, *wanted: str) -> GoMap:
    """Return a new map with only the keys wanted."""
    return {key: mapping[key] for key in wanted if key in mapping} if mapping else {}


def omit(mapping: GoMap | None, *omitted: str) -> GoMap:
    """Return a new map without the keys named."""
    return {key: value for key, value in mapping.items() if key not in omitted} if mapping else {}


def merge(target: GoMap | None, *sources: GoMap | None) -> GoMap:
    """Fill the target's missing and empty values from the sources, and return it (mergo.Merge)."""
    return _merge_all(target, sources, overwrite=False)


def merge_overwrite(target: GoMap | None, *sources: GoMap | None) -> GoMap:
    """Put the sources' values over the target's, and return it (mergo.MergeWithOverwrite)."""
    return _merge_all(target, sources, overwrite=True)


def _merge_all(target: GoMap | None, sources: tuple[GoMap | None, ...], *, overwrite: bool) -> GoMap:
    for source in sources:
        if source is not None:
            target = {} if target is None or isinstance(target, NilMap) else target
            _merge(target, source, overwrite=overwrite)
    return NilMap() if target is None else PlainMap.of(target)


def _merge(target: GoMap, source: GoMap, *, overwrite: bool) -> None:  # noqa: C901 - mergo's cases, one by one
    """Merge one map into another as mergo's deepMerge does with maps behind interfaces."""
    typed = element_type(target)
    for key in source if target is not source else list(source):
        value = source[key]
        if value is None:
            if overwrite:
                target[key] = None
            continue
        own = target.get(key)
        if isinstance(value, dict) and isinstance(own, dict):
            _merge(own, value, overwrite=overwrite)
            if own:
                continue
        elif isinstance(value, dict) and getattr(own, "go_kind", "") == "struct":
            raise FunctionError("reflect: call of reflect.Value.Field on map Value")
        elif isinstance(value, list | bytes):
            if overwrite:
                target[key] = value
                continue
            if own is not None and not empty(own):
                continue
        if overwrite or empty(own):
            _check_assignable(typed, source)
            target[key] = value
    if type(target) is not dict:
        update_twin(target)


def _check_assignable(typed: str, source: GoMap) -> None:
    """Refuse to put values of any type into a map with typed values, as reflection does with a panic."""
    found = element_type(source)
    if typed not in ("interface {}", found):
        raise FunctionError(f"reflect.Value.SetMapIndex: value of type {found} is not assignable to type {typed}")


def dig(*arguments: GoValue) -> GoValue:
    """Follow keys through nested maps: ``dig KEY... DEFAULT MAP``."""
    if len(arguments) < 3:
        raise FunctionError("dig needs at least three arguments")
    *path, fallback, found = arguments
    _expect_map(found)
    for key in path:
        if type(key) is not str:
            raise _conversion(key, "string")
    for index, key in enumerate(path):
        if index:
            _expect_map(found)
        if key not in found:
            return fallback
        found = found[key]
    return found


def _expect_map(value: GoValue) -> None:
    if type(value) is not dict and type(value) not in (NilMap, PlainMap):
        raise _conversion(value, "map[string]interface {}")


def _conversion(value: GoValue, wanted: str) -> FunctionError:
    found = "nil" if value is None else type_name(value)
    return FunctionError(f"interface conversion: interface {{}} is {found}, not {wanted}")
