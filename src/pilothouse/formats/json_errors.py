"""What ``encoding/json`` says about a text that is no JSON: a walk through its scanner's states.

Only texts that the standard library's decoder has refused come here.
"""

from __future__ import annotations

import re

from pilothouse.formats.errors import JsonError

_SPACE = re.compile(r"[ \t\r\n]*").match
_NUMBER_REST = re.compile(r"[0-9]*").match
_LITERALS = {"t": "true", "f": "false", "n": "null"}
_DEEPEST = 10_000


class _Stop(Exception):
    """The scan ended at ``position`` with ``problem`` in a ``context``; a wrong escape begins at ``escape``."""

    def __init__(self, position: int, problem: str, context: str = "", *, escape: int = -1) -> None:
        super().__init__(problem)
        self.position = position
        self.problem = problem
        self.context = context
        self.escape = escape


def _quote_character(character: str) -> str:
    """Write a character as the scanner's ``quoteChar`` does: the first byte of it as a Go rune literal."""
    if character == "'":
        return "'\\''"
    if character == '"':
        return "'\"'"
    byte = character.encode("utf-8", "surrogateescape")[0]
    text = chr(byte)
    named = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\"}
    if text in named:
        return f"'{named[text]}'"
    if byte < 0x20 or byte == 0x7F:
        return f"'\\x{byte:02x}'"
    return f"'{text}'" if byte < 0x7F or 0xA0 < byte != 0xAD else f"'\\u{byte:04x}'"


def _quote_rune(character: str) -> str:
    """Write a character as Go 1.25 and later do: ``jsonwire.QuoteRune``."""
    from pilothouse.golang.quoting import quote_rune

    code = ord(character)
    return f"'\\x{code - 0xDC00:x}'" if 0xDC80 <= code <= 0xDCFF else quote_rune(code)


def _newer(stop: _Stop, text: str) -> str:
    """Return what Go 1.25 and later say (``encoding/json/internal/jsonwire``): whole characters, whole escapes."""
    if stop.position >= len(text) or not stop.context:
        return stop.problem
    if stop.escape >= 0:
        return _wrong_escape(text[stop.escape : stop.escape + 6], stop.context)
    context = _NEWER.get(stop.context, stop.context)
    return f"invalid character {_quote_rune(text[stop.position])} {context}"


_NEWER = {
    "in string literal": "in string",
    "after decimal point in numeric literal": "in numeric literal",
    "in exponent of numeric literal": "in numeric literal",
}


def _wrong_escape(text: str, context: str) -> str:
    """Return the error for an escape that is none (``jsonwire.NewInvalidEscapeSequenceError``)."""
    from pilothouse.golang.quoting import is_printable, quote

    wanted = 2 if context == "in string escape code" else 6
    shown = text.encode("utf-8", "surrogateescape")[:wanted].decode("utf-8", "surrogateescape")
    odd = any(letter in "`\ufffd \xa0\u3000" or "\udc80" <= letter <= "\udcff" for letter in shown)
    odd = odd or not all(is_printable(letter) for letter in shown)
    return f"invalid escape sequence {quote(shown) if odd else f'`{shown}`'} in string"


_UNFINISHED = ("in literal", "in numeric", "after decimal", "in exponent", "in string escape", "in \\u")
"""Where a blank is wrong too: older Go tries one at the end of the text and complains of it."""


def explain(text: str, *, helm: int = 4) -> JsonError:
    """Return the error of ``encoding/json`` for ``text``; one without a line if the scanner accepts it."""
    try:
        end = _scan(text)
        after = _SPACE(text, end)
        position = after.end() if after else end
        if position < len(text):
            _invalid(text, position, "after top-level value")
    except _Stop as stop:
        if helm < 4 and stop.position >= len(text) and stop.context.startswith(_UNFINISHED):
            stop.problem = f"invalid character ' ' {stop.context}"
        if helm >= 4:
            stop.problem = _newer(stop, text)
        before = text[: stop.position]
        line = before.count("\n") + 1
        return JsonError(stop.problem, line, stop.position - (before.rfind("\n") + 1) + 1)
    return JsonError("invalid JSON")


def _invalid(text: str, position: int, context: str, *, escape: int = -1) -> None:
    """Stop at an unexpected character or at the end of the text."""
    if position >= len(text):
        raise _Stop(len(text), "unexpected end of JSON input", context)
    raise _Stop(position, f"invalid character {_quote_character(text[position])} {context}", context, escape=escape)


def _skip(text: str, position: int) -> int:
    found = _SPACE(text, position)
    return found.end() if found else position


def _scan(text: str) -> int:
    """Walk over one value, without recursion, and return where it ends."""
    open_brackets: list[str] = []
    position = _value_start(text, _skip(text, 0), open_brackets)
    while open_brackets:
        position = _after_value(text, _skip(text, position), open_brackets)
    return position


def _value_start(text: str, position: int, open_brackets: list[str]) -> int:
    """Walk over a scalar, or into the first value of a collection."""
    while True:
        character = text[position : position + 1]
        if character == "{":
            _push(open_brackets, "}", position)
            position = _skip(text, position + 1)
            if text[position : position + 1] == "}":
                open_brackets.pop()
                return position + 1
            if text[position : position + 1] != '"':
                _invalid(text, position, "looking for beginning of object key string")
            position = _key(text, position)
            continue
        if character == "[":
            _push(open_brackets, "]", position)
            position = _skip(text, position + 1)
            if text[position : position + 1] == "]":
                open_brackets.pop()
                return position + 1
            continue
        return _scalar(text, position)


def _push(open_brackets: list[str], bracket: str, position: int) -> None:
    open_brackets.append(bracket)
    if len(open_brackets) > _DEEPEST:
        raise _Stop(position, "exceeded max depth")


def _key(text: str, position: int) -> int:
    """Walk over a key and its colon to the start of its value."""
    position = _skip(text, _string(text, position))
    if text[position : position + 1] != ":":
        _invalid(text, position, "after object key")
    return _skip(text, position + 1)


def _after_value(text: str, position: int, open_brackets: list[str]) -> int:
    """Walk over what may follow a value inside a collection, and over the next value."""
    character = text[position : position + 1]
    bracket = open_brackets[-1]
    if character == bracket:
        open_brackets.pop()
        return position + 1
    if character != ",":
        _invalid(text, position, "after object key:value pair" if bracket == "}" else "after array element")
    position = _skip(text, position + 1)
    if bracket == "}":
        if text[position : position + 1] != '"':
            _invalid(text, position, "looking for beginning of object key string")
        position = _key(text, position)
    return _value_start(text, position, open_brackets)


def _scalar(text: str, position: int) -> int:
    character = text[position : position + 1]
    if character == '"':
        return _string(text, position)
    if character in _LITERALS:
        return _literal(text, position, _LITERALS[character])
    if character == "-":
        position += 1
        if not "0" <= text[position : position + 1] <= "9":
            _invalid(text, position, "in numeric literal")
        return _number(text, position)
    if "0" <= character <= "9" and character:
        return _number(text, position)
    _invalid(text, position, "looking for beginning of value")
    return position


def _literal(text: str, position: int, word: str) -> int:
    for index in range(1, len(word)):
        if text[position + index : position + index + 1] != word[index]:
            _invalid(text, position + index, f"in literal {word} (expecting {_quote_character(word[index])})")
    return position + len(word)


def _digits(text: str, position: int) -> int:
    found = _NUMBER_REST(text, position)
    return found.end() if found else position


def _number(text: str, position: int) -> int:
    """Walk over a number whose first digit stands at ``position``."""
    position = position + 1 if text[position] == "0" else _digits(text, position)
    if text[position : position + 1] == ".":
        position += 1
        if not "0" <= text[position : position + 1] <= "9":
            _invalid(text, position, "after decimal point in numeric literal")
        position = _digits(text, position)
    if text[position : position + 1] in ("e", "E"):
        position += 1
        if text[position : position + 1] in ("+", "-"):
            position += 1
        if not "0" <= text[position : position + 1] <= "9":
            _invalid(text, position, "in exponent of numeric literal")
        position = _digits(text, position)
    return position


def _string(text: str, position: int) -> int:
    """Walk over a string whose quote stands at ``position``."""
    position += 1
    while True:
        character = text[position : position + 1]
        if character == '"':
            return position + 1
        if character == "\\":
            position = _escape(text, position + 1)
            continue
        if character < " ":
            _invalid(text, position, "in string literal")
        position += 1


def _escape(text: str, position: int) -> int:
    character = text[position : position + 1]
    if character and character in 'bfnrt\\/"':
        return position + 1
    if character != "u":
        _invalid(text, position, "in string escape code", escape=position - 1)
    for index in range(1, 5):
        digit = text[position + index : position + index + 1]
        if not digit or digit not in "0123456789abcdefABCDEF":
            _invalid(text, position + index, "in \\u hexadecimal character escape", escape=position - 1)
    return position + 5
