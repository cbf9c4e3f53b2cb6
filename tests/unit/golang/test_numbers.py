"""Go's strconv numbers."""

from __future__ import annotations

import pytest

from pilothouse.golang.numbers import (
    NumberRangeError,
    NumberSyntaxError,
    format_float,
    parse_float,
    parse_int64,
    parse_uint64,
)


@pytest.mark.parametrize(
    ("value", "verb", "precision", "expected"),
    [
        (0.0, "g", -1, "0"),
        (-0.0, "g", -1, "-0"),
        (1e20, "g", -1, "1e+20"),
        (123456.7, "g", -1, "123456.7"),
        (1e6, "f", -1, "1000000"),
        (0.1, "e", -1, "1e-01"),
        (1.0, "x", -1, "0x1p+00"),
        (1.5, "b", -1, "6755399441055744p-52"),
        (100.0, "g", 3, "100"),
        (float("inf"), "g", -1, "+Inf"),
    ],
)
def test_floats_print_as_go_prints_them(value: float, verb: str, precision: int, expected: str) -> None:
    """Shortest digits, Go's threshold for exponents, and at least two exponent digits."""
    assert format_float(value, verb, precision) == expected


def test_integers_have_go_literal_syntax() -> None:
    """Prefixes, old octal and underscores are read; anything else is refused."""
    assert [parse_int64(text) for text in ("0x1F", "0b11", "0o17", "017", "1_000", "-5")] == [31, 3, 15, 15, 1000, -5]
    for text in ("", "08", "1__0", "_1", "1.0", "0x"):
        with pytest.raises(NumberSyntaxError):
            parse_int64(text)
    with pytest.raises(NumberRangeError):
        parse_int64("9223372036854775808")
    assert parse_uint64("18446744073709551615") == 2**64 - 1


def test_floats_have_go_literal_syntax() -> None:
    """Hexadecimal floats need an exponent; overflow is an error of its own."""
    assert parse_float("0x1p4") == 16.0
    assert parse_float("1_0.5") == 10.5
    assert parse_float("-.5e1") == -5.0
    for text in ("0x10", "1e", ".", "1_", "abc"):
        with pytest.raises(NumberSyntaxError):
            parse_float(text)
    with pytest.raises(NumberRangeError):
        parse_float("1e400")
