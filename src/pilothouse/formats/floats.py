"""How Go writes floating point numbers: ``strconv.FormatFloat`` and ``encoding/json``."""

from __future__ import annotations

from pilothouse.golang.numbers import format_float, shortest_digits


def format_shortest(number: float) -> str:
    """Write ``number`` as ``strconv.FormatFloat(x, 'g', -1, 64)`` does."""
    return format_float(number)


def format_plain(number: float) -> str:
    """Write ``number`` as ``strconv.FormatFloat(x, 'f', -1, 64)`` does: never with an exponent."""
    return format_float(number, "f")


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
    size = abs(number)
    if size >= 1e-6 and size < 1e21:
        return format_float(number, "f")
    if number == 0:
        return "-0" if str(number)[0] == "-" else "0"
    sign, digits, point = shortest_digits(number)
    fraction = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{'-' if point < 1 else '+'}{abs(point - 1)}"
