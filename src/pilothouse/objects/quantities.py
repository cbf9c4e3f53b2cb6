"""Amounts of CPU, memory and the like: ``500m``, ``1Gi``, ``2e3``. Go's ``resource.Quantity``."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import total_ordering

from pilothouse.objects.errors import QuantityError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import YamlValue

DECIMAL_SI = "DecimalSI"
BINARY_SI = "BinarySI"
DECIMAL_EXPONENT = "DecimalExponent"

_SHAPE = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(.*)", re.DOTALL)
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
_DECIMAL_SUFFIX = {exponent: suffix for suffix, exponent in _DECIMAL.items()}
_BINARY_SUFFIX = {exponent: suffix for suffix, exponent in _BINARY.items()}
_EXPONENT = re.compile(r"[eE]([+-]?\d+)")
_NANO = 10**9
_MOST_DIGITS = 1000  # far more than any amount has, far fewer than would take long
_WRONG_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_WRONG_SUFFIX = "unable to parse quantity's suffix"


@total_ordering
class Quantity:
    """An exact amount with the notation it was written in.

    Attributes:
        value: The amount.
        notation: ``DecimalSI``, ``BinarySI`` or ``DecimalExponent``.
    """

    __slots__ = ("notation", "value")

    def __init__(self, value: Fraction | int, notation: str = DECIMAL_SI) -> None:
        self.value = Fraction(value)
        self.notation = notation

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quantity) and self.value == other.value

    def __lt__(self, other: Quantity) -> bool:
        return self.value < other.value

    def __hash__(self) -> int:
        return hash(self.value)

    def __repr__(self) -> str:
        return f"Quantity({str(self)!r})"

    def __add__(self, other: Quantity) -> Quantity:
        return Quantity(self.value + other.value, self.notation if self.value else other.notation)

    def __str__(self) -> str:
        """Return the canonical form. Go's ``Quantity.CanonicalizeBytes``."""
        value = self.value
        if not value:
            return "0"
        if self.notation == BINARY_SI and abs(value) >= 1024 and value.denominator == 1:
            number, exponent = value.numerator, 0
            while number % 1024 == 0 and exponent < 6:
                number, exponent = number // 1024, exponent + 1
            return f"{number}{_BINARY_SUFFIX.get(exponent, '')}"
        number, exponent = int(value * _NANO), -9
        while number % 1000 == 0 and exponent < 18:
            number, exponent = number // 1000, exponent + 3
        if self.notation == DECIMAL_EXPONENT:
            return f"{number}e{exponent}" if exponent else str(number)
        return f"{number}{_DECIMAL_SUFFIX[exponent]}"


def _scale(suffix: str) -> tuple[Fraction, str]:
    if suffix in _DECIMAL:
        return Fraction(10) ** _DECIMAL[suffix], DECIMAL_SI
    if suffix in _BINARY:
        return Fraction(1024 ** _BINARY[suffix]), BINARY_SI
    exponent = _EXPONENT.fullmatch(suffix)
    if exponent is None or len(exponent[1]) > 9:
        raise QuantityError(_WRONG_SUFFIX)
    power = max(-99, min(99, int(exponent[1])))
    return Fraction(10) ** power, DECIMAL_EXPONENT


def parse(text: YamlValue) -> Quantity:
    """Return the quantity that ``text`` writes. Go's ``resource.ParseQuantity``.

    Raises:
        QuantityError: With Go's text.
    """
    written = str(text) if not isinstance(text, float) or text != int(text) else str(int(text))
    match = _SHAPE.fullmatch(written)
    if match is None or not (match[2] or match[3]):
        raise QuantityError(_WRONG_FORMAT)
    sign, whole, decimals, suffix = match[1], match[2], match[3] or "", match[4]
    if not re.fullmatch(r"[eEinumkKMGTP]*[-+]?[0-9]*", suffix):
        raise QuantityError(_WRONG_FORMAT)
    scale, notation = _scale(suffix)
    if len(whole) + len(decimals) > _MOST_DIGITS:
        raise QuantityError(_WRONG_FORMAT)
    number = Fraction(int(whole + decimals or "0"), 10 ** len(decimals)) * scale
    nanos = -((-number * _NANO) // 1)
    return Quantity(Fraction(-nanos if sign == "-" else nanos, _NANO), notation)


def canonical(text: YamlValue) -> str:
    """Return the canonical form of what ``text`` writes, as the server stores it."""
    return str(parse(text))
