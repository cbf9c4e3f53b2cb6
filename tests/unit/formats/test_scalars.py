"""What plain scalars mean."""

from __future__ import annotations

import pytest

from pilothouse.formats import floats, scalars
from pilothouse.formats.timestamps import is_timestamp


@pytest.mark.parametrize("text", ["2001-01-01", "2001-1-1T0:0:0Z", "2000-02-29", "2001-12-14 21:59:43.10"])
def test_timestamps(text: str) -> None:
    """Dates and times that Go can parse are seen."""
    assert is_timestamp(text)


@pytest.mark.parametrize("text", ["2001-13-01", "2001-02-29", "2001-01-01T00:00:00", "2001-01-01 24:00:00", "01-01-01"])
def test_no_timestamps(text: str) -> None:
    """Impossible dates, and times without a zone, are strings like any other."""
    assert not is_timestamp(text)


def test_integers_beyond_64_bits_are_floats() -> None:
    """A decimal integer that no 64 bits can hold is a float, a hexadecimal one a string."""
    assert scalars.resolve("18446744073709551615") == (1 << 64) - 1
    assert scalars.resolve("18446744073709551616") == 18446744073709551616.0
    assert scalars.resolve("0x10000000000000000") == "0x10000000000000000"
    assert scalars.resolve("9" * 5000) == "9" * 5000


def test_float_keys_are_32_bit() -> None:
    """Keys that are floats lose precision as in sigs.k8s.io/yaml."""
    assert scalars.float_key(123456789.123) == "1.2345679e+08"
    assert scalars.float_key(1.1) == "1.1"
    assert scalars.float_key(float("inf")) == ".inf"
    assert floats.format_shortest(123456.7) == "123456.7"
