"""How template functions compare values: ``eq`` and ``lt`` with Go's rules for kinds."""

from __future__ import annotations

from pilothouse.golang.functions import FunctionError
from pilothouse.golang.kinds import FLOAT_KINDS, SIGNED_KINDS, UNSIGNED_KINDS, GoValue, kind_name, type_name

_BASIC = {
    "bool": "bool",
    "string": "string",
    "complex64": "complex",
    "complex128": "complex",
    **dict.fromkeys(SIGNED_KINDS, "int"),
    **dict.fromkeys(UNSIGNED_KINDS, "uint"),
    **dict.fromkeys(FLOAT_KINDS, "float"),
}
_BAD_TYPE = "invalid type for comparison"
_INCOMPARABLE = frozenset({"map", "slice", "func"})
_NILABLE = frozenset({"map", "slice", "func", "invalid"})


def basic_kind(value: GoValue) -> str:
    """``text/template``'s ``basicKind``: the sort of a scalar, or the empty string."""
    return _BASIC.get(kind_name(value), "")


def equal(left: GoValue, *others: GoValue, go: str = "1.27") -> bool:
    """``eq``: whether ``left`` equals any of ``others``."""
    if not others:
        raise FunctionError("missing argument for comparison")
    kind = basic_kind(left)
    return any(_equals(left, kind, right, go) for right in others)


def _equals(left: GoValue, kind: str, right: GoValue, go: str) -> bool:
    right_kind = basic_kind(right)
    if kind != right_kind:
        if {kind, right_kind} == {"int", "uint"}:
            return bool(left == right)
        if left is not None and right is not None:
            raise FunctionError(_incompatible(left, right, go))
        return False
    if kind:
        return bool(left == right)
    return _same_value(left, right)


def _same_value(left: GoValue, right: GoValue) -> bool:
    """Values of no basic kind: nil, or of one kind whose types are comparable (``canCompare`` and what follows it)."""
    if left is not None and right is not None and kind_name(left) != kind_name(right):
        from pilothouse.golang.printf import sprintf

        text = "non-comparable types %s: %v, %s: %v"
        raise FunctionError(sprintf(text, left, type_name(left), type_name(right), right))
    if _is_nil(left) or _is_nil(right):
        return _is_nil(left) == _is_nil(right)
    if kind_name(right) in _INCOMPARABLE or not getattr(type(right), "go_comparable", True):
        from pilothouse.golang.printf import sprintf

        raise FunctionError(sprintf("non-comparable type %s: %v", right, type_name(right)))
    return left is right or (type_name(left) == type_name(right) and bool(left == right))


def _is_nil(value: GoValue) -> bool:
    return kind_name(value) in _NILABLE and (value is None or getattr(type(value), "go_nil", False))


def _incompatible(left: GoValue, right: GoValue, go: str) -> str:
    if go == "1.22":
        return "incompatible types for comparison"
    return f"incompatible types for comparison: {type_name(left)} and {type_name(right)}"


def less(left: GoValue, right: GoValue, *, go: str = "1.27") -> bool:
    """``lt``: whether ``left`` is less than ``right``."""
    kind, right_kind = basic_kind(left), basic_kind(right)
    if not kind or not right_kind:
        raise FunctionError(_BAD_TYPE)
    if kind != right_kind:
        if {kind, right_kind} == {"int", "uint"}:
            return bool(left < right)
        raise FunctionError(_incompatible(left, right, go))
    if kind in ("bool", "complex"):
        raise FunctionError(_BAD_TYPE)
    if kind == "string":
        return bool(left < right) if left.isascii() and right.isascii() else _bytes(left) < _bytes(right)
    return bool(left < right)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
