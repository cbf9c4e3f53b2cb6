"""Decimal arithmetic is exact, and division rounds at sixteen places."""

from __future__ import annotations

import math

import pytest

from pilothouse.golang.decimals import Decimal
from pilothouse.golang.functions import FunctionError


def test_sums_are_exact() -> None:
    """Tenths add up to what people expect."""
    assert float(Decimal.from_float(0.1) + Decimal.from_float(0.2)) == 0.3
    assert float(Decimal.from_float(1e20) - Decimal.from_float(1)) == 1e20
    assert float(Decimal.from_float(-1.5e-7) * Decimal.from_float(2)) == -3e-7


def test_division_rounds_half_away_from_zero() -> None:
    """A quotient has sixteen decimal places."""
    assert float(Decimal(-2) / Decimal(3)) == -0.6666666666666667
    assert float(Decimal.from_float(5e-324) / Decimal(2)) == 0
    with pytest.raises(FunctionError, match=r"^decimal division by 0$"):
        Decimal(1) / Decimal(0)


def test_what_no_float_holds_is_infinite() -> None:
    """Results beyond the range of floats are infinite."""
    assert float(Decimal.from_float(1e308) * Decimal.from_float(-1e308)) == -math.inf
    assert float(Decimal.from_float(1e300) / Decimal.from_float(1e-300)) == math.inf
