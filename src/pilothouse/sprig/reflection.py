"""Functions on the Go types of values."""

from __future__ import annotations

from pilothouse.golang.functions import FunctionError
from pilothouse.golang.kinds import kind_name as kind_of
from pilothouse.golang.kinds import type_name as type_of
from pilothouse.sprig.equality import deep_equal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import GoValue

__all__ = ["deep_copy", "deep_equal", "kind_is", "kind_of", "type_is", "type_is_like", "type_of"]


def type_is(name: str, value: GoValue) -> bool:
    """Return whether the value's Go type is called so."""
    return type_of(value) == name


def type_is_like(name: str, value: GoValue) -> bool:
    """Return whether the value's Go type, or what its pointer points to, is called so."""
    own = type_of(value)
    return own in (name, "*" + name)


def kind_is(name: str, value: GoValue) -> bool:
    """Return whether the value's Go kind is called so."""
    return kind_of(value) == name


def deep_copy(value: GoValue) -> GoValue:
    """Return a copy that shares no list or map with the value."""
    if value is None:
        raise FunctionError("reflect: call of reflect.Value.Type on zero Value")
    return _copied(value)


def _copied(value: GoValue) -> GoValue:
    kind = type(value)
    if kind is dict:
        return {key: _copied(item) for key, item in value.items()}
    if kind is list:
        return [_copied(item) for item in value]
    if isinstance(value, list):
        return kind([_copied(item) for item in value])
    if isinstance(value, dict):
        return kind({key: _copied(item) for key, item in value.items()})
    return value
