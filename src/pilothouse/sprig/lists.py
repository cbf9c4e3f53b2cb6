"""List functions; plain and ``must`` variants fail with the same text, so one function serves both."""

from __future__ import annotations

from pilothouse.golang.functions import NIL_POINTER, FunctionError
from pilothouse.golang.kinds import Uint8, kind_name
from pilothouse.sprig.equality import deep_equal
from pilothouse.sprig.types import ListList, NilList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.golang.kinds import GoValue


def elements_or_none(value: GoValue) -> Sequence[GoValue] | None:
    """Return the elements of a Go slice, or None if the value is none."""
    if isinstance(value, list):
        return value
    if type(value) is bytes:
        return [Uint8(byte) for byte in value]
    return None


def _elements(value: GoValue, complaint: str) -> Sequence[GoValue]:
    if type(value) is list:
        return value
    found = elements_or_none(value)
    if found is None:
        raise FunctionError(NIL_POINTER if value is None else complaint % kind_name(value))
    return found


def make_list(*values: GoValue) -> list[GoValue]:
    """Return a list of the arguments."""
    return list(values)


def push(items: GoValue, value: GoValue) -> list[GoValue]:
    """Return a new list with the value at its end."""
    return [*_elements(items, "Cannot push on type %s"), value]


def prepend(items: GoValue, value: GoValue) -> list[GoValue]:
    """Return a new list with the value at its beginning."""
    return [value, *_elements(items, "Cannot prepend on type %s")]


def first(items: GoValue) -> GoValue:
    """Return the first element, nil of an empty list."""
    found = _elements(items, "Cannot find first on type %s")
    return found[0] if found else None


def last(items: GoValue) -> GoValue:
    """Return the last element, nil of an empty list."""
    found = _elements(items, "Cannot find last on type %s")
    return found[-1] if found else None


def rest(items: GoValue) -> list[GoValue]:
    """Return all but the first element."""
    found = _elements(items, "Cannot find rest on type %s")
    return list(found[1:]) if found else NilList()


def initial(items: GoValue) -> list[GoValue]:
    """Return all but the last element."""
    found = _elements(items, "Cannot find initial on type %s")
    return list(found[:-1]) if found else NilList()


def reverse(items: GoValue) -> list[GoValue]:
    """Return the elements from last to first."""
    return list(_elements(items, "Cannot find reverse on type %s")[::-1])


def compact(items: GoValue) -> list[GoValue]:
    """Return the elements that are not empty."""
    from pilothouse.sprig.flow import empty

    return [item for item in _elements(items, "Cannot compact on type %s") if not empty(item)]


def uniq(items: GoValue) -> list[GoValue]:
    """Return the elements without repetitions; values of different types differ."""
    found = _elements(items, "Cannot find uniq on type %s")
    seen: set[str] = set()
    kept: list[GoValue] = []
    for item in found:
        if type(item) is str:
            if item in seen:
                continue
            seen.add(item)
            kept.append(item)
        elif not _among(item, kept):
            kept.append(item)
    return kept


def _among(value: GoValue, items: Sequence[GoValue]) -> bool:
    if type(value) is str:
        return any(type(item) is str and item == value for item in items)
    return any(deep_equal(value, item) for item in items)


def without(items: GoValue, *omitted: GoValue) -> list[GoValue]:
    """Return the elements that are none of ``omitted``."""
    return [item for item in _elements(items, "Cannot find without on type %s") if not _among(item, omitted)]


def has(value: GoValue, items: GoValue) -> bool:
    """Return whether the list has an element of the same type and value."""
    if items is None:
        return False
    return _among(value, _elements(items, "Cannot find has on type %s"))


def slice_list(items: GoValue, *bounds: GoValue) -> GoValue:
    """Return the part of a list from the first bound up to the second."""
    from pilothouse.sprig.numbers import to_int

    found = _elements(items, "list should be type of slice or array but %s")
    if not found:
        return None
    start = to_int(bounds[0]) if bounds else 0
    end = to_int(bounds[1]) if len(bounds) > 1 else len(found)
    if start < 0 or end < start or end > len(found):
        raise FunctionError("reflect.Value.Slice: slice index out of bounds")
    if type(items) is bytes:
        return items[start:end]
    kind = type(items)
    part = found[start:end]
    return part if kind is list else kind(part)


def concat(*lists: GoValue) -> list[GoValue]:
    """Return the elements of all lists in one."""
    joined: list[GoValue] = []
    for items in lists:
        joined.extend(_elements(items, "Cannot concat type %s as list"))
    return joined or NilList()


def chunk(size: int, items: GoValue) -> ListList:
    """Return the list in pieces of ``size`` elements."""
    found = _elements(items, "Cannot chunk type %s")
    if size > 0:
        return ListList([list(found[start : start + size]) for start in range(0, len(found), size)])
    if size == 0 or (len(found) - 1) // size != -1:
        raise FunctionError("runtime error: makeslice: len out of range")
    return ListList()
