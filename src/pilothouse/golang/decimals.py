"""Decimal numbers of any size as github.com/shopspring/decimal has them: a coefficient and a power of ten."""

from __future__ import annotations

import math

from pilothouse.golang.functions import FunctionError
from pilothouse.golang.numbers import shortest_digits

_DIVISION_PRECISION = 16


class Decimal:
    """``coefficient`` times ten to the power of ``exponent``."""

    __slots__ = ("coefficient", "exponent")

    def __init__(self, coefficient: int, exponent: int = 0) -> None:
        self.coefficient = coefficient
        self.exponent = exponent

    @classmethod
    def from_float(cls, number: float) -> Decimal:
        """Return the shortest decimal that reads back as ``number`` (NewFromFloat)."""
        sign, digits, point = shortest_digits(number)
        return cls(int(sign + digits), point - len(digits))

    def _aligned(self, other: Decimal) -> tuple[int, int, int]:
        exponent = min(self.exponent, other.exponent)
        left: int = self.coefficient * 10 ** (self.exponent - exponent)
        right: int = other.coefficient * 10 ** (other.exponent - exponent)
        return left, right, exponent

    def __add__(self, other: Decimal) -> Decimal:
        left, right, exponent = self._aligned(other)
        return Decimal(left + right, exponent)

    def __sub__(self, other: Decimal) -> Decimal:
        left, right, exponent = self._aligned(other)
        return Decimal(left - right, exponent)

    def __mul__(self, other: Decimal) -> Decimal:
        return Decimal(self.coefficient * other.coefficient, self.exponent + other.exponent)

    def __truediv__(self, other: Decimal) -> Decimal:
        """Divide and round half away from zero (DivRound)."""
        if other.coefficient == 0:
            raise FunctionError("decimal division by 0")
        left, right, _ = self._aligned(other)
        quotient, rest = divmod(abs(left) * 10**_DIVISION_PRECISION, abs(right))
        if 2 * rest >= abs(right):
            quotient += 1
        return Decimal(quotient if (left < 0) == (right < 0) else -quotient, -_DIVISION_PRECISION)

    def __float__(self) -> float:
        """Return the nearest float, infinity where there is none."""
        try:
            if self.exponent >= 0:
                return float(self.coefficient * 10**self.exponent)
            quotient: float = self.coefficient / 10**-self.exponent
        except OverflowError:
            return math.inf if self.coefficient > 0 else -math.inf
        return quotient
