"""Go's ``strconv`` quoting: ``Quote``, ``QuoteToASCII``, ``QuoteRune``, ``Unquote``, ``UnquoteChar``."""

from __future__ import annotations

_ESCAPES = {
    "\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v", "\\": "\\\\",
}  # fmt: skip
_SIMPLE = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_MAX_RUNE = 0x10FFFF
_LONGEST_ESCAPE = len("\\U0010FFFF")


class QuotingError(ValueError):
    """Text that is no Go literal (``strconv.ErrSyntax``)."""


def quote(text: str, *, ascii_only: bool = False) -> str:
    """``text`` as an interpreted Go string literal (``strconv.Quote``, ``QuoteToASCII``)."""
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    if text.isprintable() and (not ascii_only or text.isascii()):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    else:
        escaped = "".join([_escape(character, '"', ascii_only=ascii_only) for character in text])
    return f'"{escaped}"'


def quote_rune(code: int, *, ascii_only: bool = False) -> str:
    """A rune as a Go character literal (``strconv.QuoteRune``)."""
    if code > _MAX_RUNE or code < 0 or 0xD800 <= code < 0xE000:
        code = 0xFFFD
    escaped = _escape(chr(code), "'", ascii_only=ascii_only)
    return f"'{escaped}'"


def _escape(character: str, delimiter: str, *, ascii_only: bool) -> str:  # noqa: PLR0911 - one case a line
    if character == delimiter:
        return "\\" + character
    if character in _ESCAPES:
        return _ESCAPES[character]
    if is_printable(character) and (not ascii_only or character < "\x80"):
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    if 0xD800 <= code < 0xE000:
        return "\\ufffd"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def is_printable(character: str) -> bool:
    """``unicode.IsPrint``: letters, marks, numbers, punctuation, symbols and the ASCII space."""
    return character.isprintable()


def can_backquote(text: str) -> bool:
    """Whether ``text`` can be a raw Go string literal (``strconv.CanBackquote``)."""
    return not any(
        character in "`\x7f\ufeff" or (character < " " and character != "\t") or "\ud800" <= character < "\ue000"
        for character in text
    )


def unquote(literal: str) -> str:
    """The value of a Go string literal, interpreted or raw (``strconv.Unquote``)."""
    if len(literal) < 2 or literal[0] != literal[-1] or literal[0] not in '"`':
        raise QuotingError("invalid syntax")
    body = literal[1:-1]
    if literal[0] == "`":
        if "`" in body:
            raise QuotingError("invalid syntax")
        return body.replace("\r", "")
    if "\n" in body:
        raise QuotingError("invalid syntax")
    if "\\" not in body:
        if '"' in body:
            raise QuotingError("invalid syntax")
        return body
    parts: list[str] = []
    raw = False
    position = 0
    while position < len(body):
        stop = body.find("\\", position)
        plain = body[position:stop] if stop >= 0 else body[position:]
        if '"' in plain:
            raise QuotingError("invalid syntax")
        parts.append(plain)
        if stop < 0:
            break
        escape = body[stop : stop + _LONGEST_ESCAPE]
        value, is_byte, rest = unquote_character(escape, '"')
        raw = raw or is_byte
        parts.append(value)
        position = stop + len(escape) - len(rest)
    text = "".join(parts)
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape") if raw else text


def unquote_character(text: str, delimiter: str) -> tuple[str, bool, str]:
    """The first character of an escaped text, whether it is a raw byte, and the rest (``strconv.UnquoteChar``)."""
    if not text or text[0] == delimiter:
        raise QuotingError("invalid syntax")
    if text[0] != "\\":
        return text[0], False, text[1:]
    if len(text) < 2:
        raise QuotingError("invalid syntax")
    letter, rest = text[1], text[2:]
    if letter in _SIMPLE:
        return _SIMPLE[letter], False, rest
    if letter in "xuU":
        return _hexadecimal(letter, rest)
    if letter in "01234567":
        return _octal(letter, rest)
    if letter in "'\"" and letter == delimiter:
        return letter, False, rest
    raise QuotingError("invalid syntax")


def _hexadecimal(letter: str, rest: str) -> tuple[str, bool, str]:
    width = {"x": 2, "u": 4, "U": 8}[letter]
    digits = rest[:width]
    if len(digits) < width or any(digit not in "0123456789abcdefABCDEF" for digit in digits):
        raise QuotingError("invalid syntax")
    code = int(digits, 16)
    if letter == "x":
        return _byte(code), code >= 0x80, rest[width:]
    if code > _MAX_RUNE or 0xD800 <= code < 0xE000:
        raise QuotingError("invalid syntax")
    return chr(code), False, rest[width:]


def _octal(letter: str, rest: str) -> tuple[str, bool, str]:
    digits = letter + rest[:2]
    if len(digits) < 3 or any(digit not in "01234567" for digit in digits):
        raise QuotingError("invalid syntax")
    code = int(digits, 8)
    if code > 0xFF:
        raise QuotingError("invalid syntax")
    return _byte(code), code >= 0x80, rest[2:]


def _byte(code: int) -> str:
    return chr(code) if code < 0x80 else chr(0xDC00 + code)
