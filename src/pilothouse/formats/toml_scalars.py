"""Strings, numbers, booleans and dates of TOML."""

from __future__ import annotations

import re

from pilothouse.golang.kinds import Int64

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from pilothouse.formats.errors import TomlError
    from pilothouse.golang.kinds import GoValue

    class Source(Protocol):
        """The reader that a scalar is read from."""

        text: str
        position: int

        def peek(self) -> str:
            """Return the next character."""

        def fail(self, message: str, position: int | None = None) -> TomlError:
            """Return an error at a position."""


_ESCAPES = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}
_WIDTHS = {"x": 2, "u": 4, "U": 8}
_RUN = re.compile(r'[^"\\\x00-\x08\n\x0b\x0c\x0e-\x1f\x7f]*+').match
_RAW_RUN = re.compile(r"[^'\x00-\x08\n\x0b\x0c\x0e-\x1f\x7f]*+").match
_LETTERS = re.compile(r"[^\W\d_]*+").match
_DATE_TEXT = re.compile(r"[0-9]+[-:][0-9:TtZz .+-]*+").match
_BASED = re.compile(r"0(?:x[0-9a-fA-F_]+|o[0-7_]+|b[01_]+)").match
_DECIMAL = re.compile(r"[-+]?[0-9][0-9_]*+(?:[.eE][-+0-9_.eE]*+)?").match
_DATE = re.compile(
    r"(?:([0-9]{4})-([0-9]{2})-([0-9]{2}))?(?:(?:^|[Tt ])([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]+))?)?)?"
    r"(Z|z|([-+])([0-9]{2}):([0-9]{2}))?"
).fullmatch
_FLOAT = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?").fullmatch
_BASES = {"x": (16, "hexadecimal", "0123456789abcdefABCDEF"), "o": (8, "octal", "01234567"), "b": (2, "binary", "01")}


def read_string(source: Source) -> str:
    """Read a string of any of the four kinds."""
    mark = source.peek()
    if source.text.startswith(mark * 3, source.position):
        return _read_lines(source, mark)
    source.position += 1
    out: list[str] = []
    while True:
        found = (_RUN if mark == '"' else _RAW_RUN)(source.text, source.position)
        if found:
            out.append(found[0])
            source.position = found.end()
        character = source.peek()
        if character == mark:
            source.position += 1
            return "".join(out)
        if character == "\\":
            out.append(_read_escape(source))
        elif character == "\n":
            raise source.fail("strings cannot contain newlines")
        else:
            raise _bad_character(source, mark)


def _bad_character(source: Source, mark: str) -> TomlError:
    character = source.peek()
    if not character:
        shown = "'\"'" if mark[0] == '"' and len(mark) == 1 else f'"{mark}"' if mark[0] == "'" else f"'{mark}'"
        return source.fail(f"unexpected EOF; expected {shown}")
    return source.fail(f"TOML files cannot contain control characters: '0x{ord(character):02x}'")


def _read_lines(source: Source, mark: str) -> str:
    """Read a string in triple quotes."""
    source.position += 3
    for newline in ("\n", "\r\n"):
        if source.text.startswith(newline, source.position):
            source.position += len(newline)
            break
    out: list[str] = []
    while True:
        found = (_RUN if mark == '"' else _RAW_RUN)(source.text, source.position)
        if found:
            out.append(found[0])
            source.position = found.end()
        if source.text.startswith(mark * 3, source.position):
            extra = 0
            while extra < 2 and source.text.startswith(mark, source.position + 3 + extra):
                extra += 1
            source.position += 3 + extra
            return "".join(out).replace("\r\n", "\n") + mark * extra
        character = source.peek()
        if character == "\\" and mark == '"':
            out.append(_read_line_end(source) or _read_escape(source))
        elif character in ("\n", mark):
            out.append(character)
            source.position += 1
        else:
            raise _bad_character(source, mark * 3)
        if out[-1] == "\0\0":
            out.pop()


def _read_line_end(source: Source) -> str:
    """Skip a backslash at the end of a line and the white space that follows; a marker tells that there was one."""
    rest = source.text[source.position + 1 :]
    trimmed = rest.lstrip(" \t\r")
    if not trimmed.startswith("\n"):
        return ""
    source.position = len(source.text) - len(rest.lstrip(" \t\r\n"))
    return "\0\0"


def _read_escape(source: Source) -> str:
    kind = source.text[source.position + 1 : source.position + 2]
    if kind in _ESCAPES and kind:
        source.position += 2
        return _ESCAPES[kind]
    width = _WIDTHS.get(kind)
    if width is None:
        raise source.fail(f"invalid escape in string '\\{kind}'", source.position + 1 + len(kind))
    digits = source.text[source.position + 2 : source.position + 2 + width]
    for digit in digits.ljust(width, "\0"):
        if digit not in "0123456789abcdefABCDEF":
            from pilothouse.golang.quoting import quote

            raise source.fail(f"expected {width} hexadecimal digits after '\\{kind}', but got {quote(digits)} instead")
    code = int(digits, 16)
    if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
        raise source.fail(f"Escaped character '\\{kind}{digits}' is not valid UTF-8.")
    source.position += 2 + width
    return chr(code)


def read_bare_value(source: Source) -> GoValue:
    """Read a number, boolean or date."""
    from pilothouse.golang.quoting import quote, quote_rune

    character = source.peek()
    if not character:
        raise source.fail("unexpected EOF; expected value")
    if "0" <= character <= "9":
        return _read_number_or_date(source)
    if character == ".":
        raise source.fail("floats must start with a digit, not '.'")
    if character in "+-":
        return _read_signed(source)
    found = _LETTERS(source.text, source.position)
    word = found[0] if found else ""
    if word:
        if word.startswith(("inf", "nan")):
            source.position += 3
            return float(word[:3])
        if word not in ("true", "false"):
            word = word[1:] if word[:2] in ("in", "na") else word
            raise source.fail(f"expected value but found {quote(word)} instead")
        source.position += len(word)
        return word == "true"
    raise source.fail(f"expected value but found {quote_rune(ord(character))} instead")


def _read_signed(source: Source) -> GoValue:
    from pilothouse.golang.quoting import quote_rune

    sign, start = source.peek(), source.position
    after = source.text[start + 1 : start + 4]
    if after in ("inf", "nan"):
        source.position += 4
        return float(sign + after)
    if after[:1] == ".":
        raise source.fail("floats must start with a digit, not '.'")
    if not "0" <= after[:1] <= "9":
        got = quote_rune(ord(after[0]) if after else 0)
        raise source.fail(f"expected a digit but got {got}", start + 1 + len(after[:1]))
    if after[0] == "0" and after[1:2] in ("x", "o", "b"):
        raise source.fail(f"cannot use sign with non-decimal numbers: '{sign}{after[:2]}'")
    return _read_decimal(source)


def _read_number_or_date(source: Source) -> GoValue:
    text, start = source.text, source.position
    date = _DATE_TEXT(text, start)
    if date:
        shown = date[0].rstrip(" ")
        source.position = start + len(shown)
        return _date(source, shown)
    kind = text[start + 1 : start + 2]
    if text[start] == "0" and kind in _BASES and kind:
        base, name, digits = _BASES[kind]
        follower = text[start + 2 : start + 3]
        if not follower or follower not in digits:
            raise source.fail(f"not a {name} number: '0{kind}{follower or chr(0)}'")
        found = _BASED(text, start)
        shown = found[0] if found else ""
        source.position = start + len(shown)
        return _integer(source, shown, base)
    return _read_decimal(source)


def _read_decimal(source: Source) -> GoValue:
    found = _DECIMAL(source.text, source.position)
    shown = found[0] if found else ""
    source.position += len(shown)
    if any(mark in shown for mark in ".eE"):
        return _float(source, shown)
    return _integer(source, shown, 10)


def _underscores_fit(text: str) -> bool:
    return not re.search(r"(?:^|[^0-9a-fA-F])_|_(?:[^0-9a-fA-F]|$)", text)


def _integer(source: Source, text: str, base: int) -> Int64:
    from pilothouse.golang.quoting import quote

    if not _underscores_fit(text):
        raise source.fail(f"Invalid integer {quote(text)}: underscores must be surrounded by digits")
    if base == 10 and len(text.lstrip("+-")) > 1 and text.lstrip("+-")[0] == "0":
        raise source.fail(f"Invalid integer {quote(text)}: cannot have leading zeroes")
    digits = text.replace("_", "")
    number = int(digits, 0 if base != 10 else 10) if len(digits) < 100 else 1 << 64
    if not -(1 << 63) <= number < 1 << 63:
        raise source.fail(f"{text} is out of range for int64")
    return Int64(number)


def _float(source: Source, text: str) -> float:
    from pilothouse.golang.quoting import quote

    if not _underscores_fit(text):
        raise source.fail(f"Invalid float {quote(text)}: underscores must be surrounded by digits")
    whole = re.split(r"[.eE]", text.lstrip("+-"))[0]
    if len(whole) > 1 and whole[0] == "0":
        raise source.fail(f"Invalid float {quote(text)}: cannot have leading zeroes")
    if re.search(r"\.(?:[^0-9]|$)", text):
        raise source.fail(f"Invalid float {quote(text)}: '.' must be followed by one or more digits")
    plain = text.replace("_", "")
    if not _FLOAT(plain):
        raise source.fail(f"Invalid float value: {quote(text)}")
    number = float(plain)
    if number - number != 0:
        raise source.fail(f"{text} is out of range for float64")
    return number


def _date(source: Source, text: str) -> GoValue:
    """Return the moment of a date, a time or both; without an offset it is local."""
    from pilothouse.golang.quoting import quote
    from pilothouse.golang.times import Time
    from pilothouse.golang.zones import UTC, Zone

    found = _DATE(text)
    problem = source.fail(f"invalid datetime: {quote(text)}")
    if found is None or (found[1] is None and found[4] is None) or (found[8] and (not found[1] or not found[4])):
        raise problem
    year, month, day = (int(part) for part in found.group(1, 2, 3)) if found[1] else (0, 1, 1)
    hour, minute, second = (int(part or 0) for part in found.group(4, 5, 6))
    nanosecond = int((found[7] or "0")[:9].ljust(9, "0"))
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    longest = (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    if not 1 <= month <= 12 or not 1 <= day <= longest[month - 1] or hour > 23 or minute > 59 or second > 59:
        raise problem
    zone = UTC
    if found[9]:
        offset = (int(found[10]) * 60 + int(found[11])) * (-60 if found[9] == "-" else 60)
        zone = Zone("", "", offset)
    elif not found[8]:
        local = "datetime-local" if found[4] and found[1] else "date-local" if found[1] else "time-local"
        zone = Zone(local, local, 0)
    return Time.of_date((year, month, day), (hour, minute, second, nanosecond), zone)
