"""Defaults, conditions and failure."""

from __future__ import annotations

from pilothouse.golang.functions import FunctionError
from pilothouse.golang.kinds import kind_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import GoValue

_PLAIN = frozenset((str, int, bool, float, list, dict, type(None), bytes, complex))


def empty(value: GoValue) -> bool:
    """Return whether the value is nil, zero, false or has no elements; structs never are."""
    if type(value) in _PLAIN:
        return not value
    return not value and kind_name(value) != "struct"


def default(fallback: GoValue, *given: GoValue) -> GoValue:
    """Return the value given, or the fallback if it is empty or missing."""
    if not given:
        return fallback
    value = given[0]
    if type(value) in _PLAIN:
        return value or fallback
    return fallback if empty(value) else value


def coalesce(*values: GoValue) -> GoValue:
    """Return the first value that is not empty."""
    for value in values:
        if not empty(value):
            return value
    return None


def all_set(*values: GoValue) -> bool:
    """Return whether no value is empty."""
    return not any(map(empty, values))


def any_set(*values: GoValue) -> bool:
    """Return whether some value is not empty."""
    return not all(map(empty, values))


def ternary(if_true: GoValue, if_false: GoValue, condition: bool) -> GoValue:  # noqa: FBT001 - the template's order
    """Return the first value if the condition holds, else the second."""
    return if_true if condition else if_false


def fail(message: str) -> str:
    """Fail with the message."""
    raise FunctionError(message)
