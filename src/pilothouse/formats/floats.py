"""How Go writes floating point numbers: ``strconv.FormatFloat`` and ``encoding/json``."""

from __future__ import annotations


_PRECISION = 6
"""The precision ``FormatFloat`` compares the exponent with when it looks for the shortest text."""


def _digits(number: float) -> tuple[str, str, int]:
    """Return sign, shortest digits without trailing zeros, and the position of the decimal point in them."""
    text = repr(number)
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


def _exponential(sign: str, digits: str, point: int, least: int) -> str:
    """Write digits with an exponent of at least ``least`` digits (``%e``)."""
    exponent = point - 1
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{'-' if exponent < 0 else '+'}{abs(exponent):0{least}d}"


def _positional(sign: str, digits: str, point: int) -> str:
    """Write digits without exponent (``%f``)."""
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return f"{sign}{digits}{'0' * (point - len(digits))}"
    return f"{sign}{digits[:point]}.{digits[point:]}"


def format_shortest(number: float) -> str:
    """Write ``number`` as ``strconv.FormatFloat(x, 'g', -1, 64)`` does."""
    if number != number:  # noqa: PLR0124 - the quick test for NaN
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "+Inf" if number > 0 else "-Inf"
    sign, digits, point = _digits(number)
    if point - 1 < -4 or point - 1 >= _PRECISION:
        return _exponential(sign, digits, point, 2)
    return _positional(sign, digits, point)


def format_shortest_32(number: float) -> str:
    """Write ``number`` as ``strconv.FormatFloat(x, 'g', -1, 32)`` does: the shortest text of a 32-bit float."""
    import struct

    try:
        single: float = struct.unpack("<f", struct.pack("<f", number))[0]
    except OverflowError:
        return "+Inf" if number > 0 else "-Inf"
    for precision in range(9):
        near = float(f"{single:.{precision}e}")
        try:
            if struct.unpack("<f", struct.pack("<f", near))[0] == single:
                return format_shortest(near)
        except OverflowError:
            continue
    return format_shortest(single)


def format_json(number: float) -> str:
    """Write a finite ``number`` as ``encoding/json`` does."""
    if number == 0:
        return "-0" if str(number)[0] == "-" else "0"
    sign, digits, point = _digits(number)
    size = abs(number)
    if size < 1e-6 or size >= 1e21:
        return _exponential(sign, digits, point, 1)
    return _positional(sign, digits, point)


def format_plain(number: float) -> str:
    """Write ``number`` as ``strconv.FormatFloat(x, 'f', -1, 64)`` does: never with an exponent."""
    if number - number != 0:
        return format_shortest(number)
    return _positional(*_digits(number))
