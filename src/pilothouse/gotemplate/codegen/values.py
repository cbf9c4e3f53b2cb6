"""Python expressions with what is known about their values when a template is compiled."""

from __future__ import annotations

from pilothouse.golang.kinds import GoValue
from pilothouse.gotemplate.scope import DUG

_NO_CONSTANT = object()


class Value:
    """A Python expression and what is known about its value.

    Attributes:
        python: The expression.
        type: Go type if it is certain (``"string"``), else empty.
        known: How Go holds it (:mod:`pilothouse.gotemplate.scope`).
        simple: Whether it is a name or a constant: evaluating it costs nothing, changes nothing and cannot fail.
        constant: Its value where it is a constant.
    """

    __slots__ = ("constant", "known", "python", "simple", "type")

    def __init__(
        self, python: str, *, kind: str = "", known: str = DUG, simple: bool = False, constant: GoValue = _NO_CONSTANT
    ) -> None:
        self.python = python
        self.type = kind
        self.known = known
        self.simple = simple
        self.constant = constant

    @property
    def is_constant(self) -> bool:
        """Whether the value is known when the template is compiled."""
        return self.constant is not _NO_CONSTANT


def constant(value: GoValue) -> Value:
    """A Go constant as a value."""
    kind = {str: "string", bool: "bool", int: "int", float: "float64", complex: "complex128"}.get(type(value), "")
    text = repr(value)
    if text in ("inf", "-inf"):
        text = f"float({text!r})"
    return Value(text, kind=kind, simple=True, constant=value)


def simple_format(template: str, count: int) -> list[str] | None:
    """Texts and verbs in turn, if the format has only ``%s``, ``%d`` and ``%v`` and one for each operand."""
    parts: list[str] = [""]
    pieces = template.split("%")
    parts[0] = pieces[0]
    index = 1
    while index < len(pieces):
        piece = pieces[index]
        if piece[:1] in ("s", "d", "v"):
            parts += [piece[0], piece[1:]]
        elif not piece and index + 1 < len(pieces):
            index += 1
            parts[-1] += "%" + pieces[index]
        else:
            return None
        index += 1
    return parts if len(parts) == 2 * count + 1 else None
