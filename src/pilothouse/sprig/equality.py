"""Equality of Go values as ``reflect.DeepEqual`` has it: types must agree, and all contents."""

from __future__ import annotations

from pilothouse.golang.kinds import type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import GoValue

_PLAIN = frozenset((str, int, bool, float, bytes, complex, type(None)))


def deep_equal(left: GoValue, right: GoValue) -> bool:
    """Return whether two values have the same type and content."""
    if type(left) in _PLAIN or type(right) in _PLAIN:
        return type(left) is type(right) and left == right
    if type_name(left) != type_name(right):
        return False
    if isinstance(left, list):
        return _same_nil(left, right) and len(left) == len(right) and all(map(deep_equal, left, right))
    if isinstance(left, dict):
        return _same_nil(left, right) and len(left) == len(right) and _same_items(left, right)
    fields = getattr(type(left), "go_fields", None)
    if fields:
        return all(deep_equal(getattr(left, name), getattr(right, name)) for name in fields.values())
    compare = getattr(left, "deep_equals", None)
    return bool(compare(right) if compare else left == right)


def _same_items(left: dict[str, GoValue], right: dict[str, GoValue]) -> bool:
    return all(key in right and deep_equal(item, right[key]) for key, item in left.items())


def _same_nil(left: GoValue, right: GoValue) -> bool:
    return getattr(left, "go_nil", False) == getattr(right, "go_nil", False)
