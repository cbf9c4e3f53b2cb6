"""Numeric constants: which types a number's text fits, and what it is as an argument (Go's ``NumberNode``)."""

from __future__ import annotations

from pilothouse.golang.kinds import GoValue
from pilothouse.golang.numbers import NumberRangeError, NumberSyntaxError, parse_float, parse_int64, parse_uint64
from pilothouse.golang.quoting import QuotingError, quote, unquote_character
from pilothouse.gotemplate import lexer, nodes
from pilothouse.gotemplate.runtime import Literal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def read(kind: int, position: int, text: str) -> nodes.Number:
    """The node for the token of a number, a character or a complex pair (``newNumber``).

    Raises:
        ValueError: It is no number; the message is Go's.
    """
    number = nodes.Number(position, text)
    if kind == lexer.CHARACTER:
        _read_character(number, text)
    elif kind == lexer.COMPLEX:
        _read_complex(number, text)
    elif text.isdigit() and text.isascii() and len(text) < 19 and (text[0] != "0" or text == "0"):
        number.integer = number.unsigned = int(text)
        number.float = float(number.integer)
    else:
        _read_number(number, text)
    return number


def ideal(node: nodes.Number) -> GoValue:
    """The value of a number where no type is prescribed; None if it overflows (``idealConstant``)."""
    text = node.text
    if node.complex is not None:
        return node.complex
    hexadecimal = len(text) > 2 and text[0] == "0" and text[1] in "xX" and not any(mark in text for mark in "pP")
    if node.float is not None and not hexadecimal and text[0] != "'" and any(mark in text for mark in ".eEpP"):
        return node.float
    return node.integer


def literal(node: nodes.Node) -> Literal:
    """A constant, ready for the type of a parameter."""
    if type(node) is nodes.String:
        return Literal(node.quoted, node.text)
    if type(node) is nodes.Number:
        return Literal(node.text, ideal(node), (node.integer, node.unsigned, node.float, node.complex))
    return Literal(str(node), node.value if type(node) is nodes.Bool else None)


def _read_character(number: nodes.Number, text: str) -> None:
    if len(text) < 3:
        raise QuotingError("invalid syntax")
    value, _, rest = unquote_character(text[1:], "'")
    if rest != "'":
        raise QuotingError(f"malformed character constant: {text}")
    code = ord(value)
    number.integer = number.unsigned = code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code
    number.float = float(number.integer)


def _read_complex(number: nodes.Number, text: str) -> None:
    split = max(text.rfind("+", 1, -1), text.rfind("-", 1, -1))
    while split > 1 and text[split - 1] in "eEpP" and not text.lower().startswith(("0x", "+0x", "-0x")):
        split = max(text.rfind("+", 1, split), text.rfind("-", 1, split))
    real, imaginary = text[:split], text[split:-1]
    _set_complex(number, complex(parse_float(real), parse_float(imaginary)))


def _set_complex(number: nodes.Number, value: complex) -> None:
    number.complex = value
    if value.imag == 0:
        number.float = value.real
        if value.real.is_integer() and abs(value.real) < 1 << 63:
            number.integer = int(value.real)
        if value.real.is_integer() and 0 <= value.real < 1 << 64:
            number.unsigned = int(value.real)


def _attempt(read: Callable[[str], int], text: str) -> int | None:
    try:
        return read(text)
    except (NumberSyntaxError, NumberRangeError):
        return None


def _read_number(number: nodes.Number, text: str) -> None:
    """``parse.Tree.newNumber`` for everything but characters and pairs."""
    if text.endswith("i"):
        try:
            imaginary = parse_float(text[:-1])
        except (NumberSyntaxError, NumberRangeError):
            pass
        else:
            _set_complex(number, complex(0, imaginary))
            return
    number.unsigned = _attempt(parse_uint64, text)
    number.integer = _attempt(parse_int64, text)
    if number.integer == 0:
        number.unsigned = 0
    if number.integer is not None:
        number.float = float(number.integer)
    elif number.unsigned is not None:
        number.float = float(number.unsigned)
    else:
        _read_float(number, text)


def _read_float(number: nodes.Number, text: str) -> None:
    try:
        value = parse_float(text)
    except (NumberSyntaxError, NumberRangeError):
        raise NumberSyntaxError(f"illegal number syntax: {quote(text)}") from None
    if not any(mark in text for mark in ".eEpP"):
        raise NumberSyntaxError(f"integer overflow: {quote(text)}")
    number.float = value
    if value.is_integer():
        if abs(value) < 1 << 63:
            number.integer = int(value)
        if 0 <= value < 1 << 64:
            number.unsigned = int(value)
