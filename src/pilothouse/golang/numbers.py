"""Go's ``strconv`` numbers: reading integers and floats as Go writes them, and printing floats."""

from __future__ import annotations

INT64_MAX = (1 << 63) - 1
INT64_MIN = -(1 << 63)
UINT64_MAX = (1 << 64) - 1

_LONGEST_INT64 = 19
#: Python reads no more of them at once.
_MOST_DIGITS = 4300
_PREFIXES = {"x": 16, "o": 8, "b": 2}
_DIGITS = {2: "01", 8: "01234567", 10: "0123456789", 16: "0123456789abcdef"}


def wrapped(number: int) -> int:
    """What is left of a number in an ``int64``."""
    return ((number - INT64_MIN) & UINT64_MAX) + INT64_MIN


def truncated(number: float) -> int:
    """A float's integer part as the processor makes an ``int64`` of it: the lowest where it does not fit."""
    return int(number) if -9223372036854775808.0 <= number < 9223372036854775808.0 else INT64_MIN


class NumberSyntaxError(ValueError):
    """Text that is no number (``strconv.ErrSyntax``)."""


class NumberRangeError(ValueError):
    """A number that does not fit its type (``strconv.ErrRange``)."""


def parse_integer(text: str) -> int:
    """An integer of any size in Go's literal syntax (``ParseInt`` with base 0, before the check of its range)."""
    sign = 1
    body = text
    if body[:1] in ("+", "-"):
        sign = -1 if body[0] == "-" else 1
        body = body[1:]
    return sign * parse_unsigned(body)


def parse_unsigned(text: str) -> int:
    """An integer without sign in Go's literal syntax (``ParseUint`` with base 0, before the check of its range)."""
    base, digits = 10, text
    if len(text) > 1 and text[0] == "0":
        base = _PREFIXES.get(text[1].lower(), 0)
        digits = text[2:] if base else text[1:]
        base = base or 8
    bare = digits.replace("_", "")
    if not bare or bare.lower().strip(_DIGITS[base]) or ("_" in text and not underscores_allowed(text)):
        raise NumberSyntaxError(text)
    if len(bare) > _MOST_DIGITS:
        raise NumberRangeError(text)
    return int(bare, base)


def parse_int64(text: str) -> int:
    """``strconv.ParseInt(text, 0, 64)``."""
    value = parse_integer(text)
    if not INT64_MIN <= value <= INT64_MAX:
        raise NumberRangeError(text)
    return value


def parse_uint64(text: str) -> int:
    """``strconv.ParseUint(text, 0, 64)``."""
    value = parse_unsigned(text)
    if value > UINT64_MAX:
        raise NumberRangeError(text)
    return value


def parse_decimal(text: str) -> int:
    """``strconv.ParseInt(text, 10, 64)``, which ``strconv.Atoi`` is as well."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not _all_digits(digits):
        raise NumberSyntaxError(text)
    value = int(text) if len(digits.lstrip("0")) <= _LONGEST_INT64 else INT64_MAX + 1
    if not INT64_MIN <= value <= INT64_MAX:
        raise NumberRangeError(text)
    return value


def underscores_allowed(text: str) -> bool:
    """Whether underscores stand only between digits or after a base prefix (``strconv.underscoreOK``)."""
    previous = "^"
    body = text[1:] if text[:1] in ("+", "-") else text
    hexadecimal = False
    if len(body) >= 2 and body[0] == "0" and body[1].lower() in "box":
        hexadecimal = body[1].lower() == "x"
        body = body[2:]
        previous = "0"
    for character in body:
        if "0" <= character <= "9" or (hexadecimal and "a" <= character.lower() <= "f"):
            previous = "0"
        elif character == "_":
            if previous != "0":
                return False
            previous = "_"
        else:
            if previous == "_":
                return False
            previous = "!"
    return previous != "_"


_SPECIAL = {"inf": "inf", "infinity": "inf", "nan": "nan"}


def parse_float(text: str) -> float:
    """``strconv.ParseFloat(text, 64)``."""
    sign, body = "", text
    if body[:1] in ("+", "-"):
        sign, body = body[0], body[1:]
    lower = body.lower()
    if lower in _SPECIAL:
        if lower == "nan" and sign:
            raise NumberSyntaxError(text)
        return float(sign + _SPECIAL[lower])
    if "_" in body:
        if not underscores_allowed(body):
            raise NumberSyntaxError(text)
        lower = lower.replace("_", "")
    value = _hexadecimal_float(lower) if lower[:2] == "0x" else _decimal_float(lower)
    if value in (float("inf"), float("-inf")):
        raise NumberRangeError(text)
    return -value if sign == "-" else value


def _decimal_float(text: str) -> float:
    mantissa, exponent_mark, exponent = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    bare = exponent[1:] if exponent[:1] in ("+", "-") else exponent
    if not digits or not _all_digits(digits) or (exponent_mark and not _all_digits(bare)):
        raise NumberSyntaxError(text)
    return float(text)


def _all_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _hexadecimal_float(text: str) -> float:
    mantissa, mark, exponent = text[2:].partition("p")
    bare = exponent[1:] if exponent[:1] in ("+", "-") else exponent
    digits = mantissa.replace(".", "", 1)
    if not mark or not digits or digits.strip("0123456789abcdef") or not _all_digits(bare):
        raise NumberSyntaxError(text)
    try:
        return float.fromhex(text)
    except OverflowError:
        return float("inf")


def format_float(value: float, verb: str = "g", precision: int = -1) -> str:
    """``strconv.FormatFloat(value, verb, precision, 64)``; precision -1 takes the shortest digits that read back."""
    if value != value:  # noqa: PLR0124 - only NaN differs from itself
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "+Inf" if value > 0 else "-Inf"
    if verb == "b":
        return _binary(value)
    if verb in "xX":
        text = _hexadecimal(value, precision)
        return text.upper() if verb == "X" else text
    if precision >= 0:
        if verb in "gG" and precision == 0:
            precision = 1
        return f"%.{precision}{verb}" % value
    text = _shortest(value, verb.lower())
    return text.upper() if verb in "EG" else text


#: Exponent from which the shortest ``%g`` is written with an exponent.
_FIXED_BELOW = 6


def _shortest(value: float, verb: str) -> str:
    sign, digits, point = shortest_digits(value)
    exponent = point - 1
    if verb == "e" or (verb == "g" and (exponent < -4 or exponent >= _FIXED_BELOW)):
        fraction = f".{digits[1:]}" if len(digits) > 1 else ""
        if digits == "0":
            exponent = 0
        return f"{sign}{digits[0]}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}" if digits != "0" else f"{sign}0"
    if len(digits) <= point:
        return sign + digits + "0" * (point - len(digits))
    return f"{sign}{digits[:point]}.{digits[point:]}"


def shortest_digits(value: float) -> tuple[str, str, int]:
    """Sign, significant digits and the place of the decimal point of the shortest decimal that reads back."""
    text = repr(value)
    sign = ""
    if text[0] == "-":
        sign, text = "-", text[1:]
    mantissa, _, exponent = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    point = len(whole) + (int(exponent) if exponent else 0)
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    stripped = stripped.rstrip("0")
    return (sign, stripped, point) if stripped else (sign, "0", 1)


def _parts(value: float) -> tuple[str, int, int]:
    """Sign, 53-bit mantissa and exponent: value = mantissa * 2**exponent."""
    import math

    sign = "-" if math.copysign(1, value) < 0 else ""
    if value == 0:
        return sign, 0, -1074
    fraction, exponent = math.frexp(abs(value))
    mantissa, exponent = int(fraction * (1 << 53)), exponent - 53
    if exponent < -1074:
        mantissa, exponent = mantissa >> (-1074 - exponent), -1074
    return sign, mantissa, exponent


def _binary(value: float) -> str:
    sign, mantissa, exponent = _parts(value)
    return f"{sign}{mantissa}p{'+' if exponent >= 0 else '-'}{abs(exponent)}"


def _hexadecimal(value: float, precision: int) -> str:
    sign, mantissa, exponent = _parts(value)
    if mantissa == 0:
        exponent = 0
    else:
        shift = 53 - mantissa.bit_length()
        mantissa <<= shift
        exponent += 52 - shift
    if 0 <= precision < 13:
        drop = 52 - 4 * precision
        half, rest = 1 << (drop - 1), mantissa & ((1 << drop) - 1)
        mantissa >>= drop
        if rest > half or (rest == half and mantissa & 1):
            mantissa += 1
        mantissa <<= drop
        if mantissa >> 53:
            mantissa, exponent = mantissa >> 1, exponent + 1
    fraction = f"{mantissa & ((1 << 52) - 1):013x}"
    fraction = fraction.rstrip("0") if precision < 0 else fraction[:precision].ljust(precision, "0")
    point = f".{fraction}" if fraction else ""
    return f"{sign}0x{mantissa >> 52}{point}p{'+' if exponent >= 0 else '-'}{abs(exponent):02d}"
