"""Arithmetic and conversion, with the rules of github.com/spf13/cast and github.com/shopspring/decimal."""

from __future__ import annotations

from pilothouse.golang.functions import FunctionError
from pilothouse.golang.kinds import Int64, Sized
from pilothouse.golang.numbers import INT64_MAX, INT64_MIN, parse_float, parse_int64, truncated, wrapped
from pilothouse.sprig.text import printed
from pilothouse.sprig.types import IntList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.golang.decimals import Decimal
    from pilothouse.golang.kinds import GoValue

_MOST_NUMBERS = 50_000_000  # that a chart may ask for; Go has no limit but memory
_NAMED_NUMBERS = frozenset(("time.Month", "time.Weekday"))


def to_int(value: GoValue) -> int:
    """Convert to ``int`` (cast.ToInt); what is no number becomes 0."""
    kind = type(value)
    if kind is int:
        return value  # type: ignore[no-any-return]
    if kind is float:
        return truncated(value)
    if kind is str:
        return _parse_int(value)
    if kind is bool:
        return 1 if value else 0
    return wrapped(int(value)) if _is_sized(value) else 0


def _is_sized(value: GoValue) -> bool:
    """Return whether the value is of a type of integers that cast knows."""
    kind = type(value)
    return isinstance(value, Sized) and (kind.go_type == kind.go_kind or kind.go_type in _NAMED_NUMBERS)


def to_int64(value: GoValue) -> Int64:
    """Convert to ``int64`` (cast.ToInt64)."""
    return Int64(to_int(value))


def _parse_int(text: str) -> int:
    """Read an integer literal of Go, of which ``.0`` at the end is dropped; anything else is 0."""
    if text.isdecimal() and text.isascii() and text[0] != "0":
        number = int(text) if len(text) < 20 else INT64_MAX + 1
        return number if number <= INT64_MAX else 0
    if text.endswith("0") and "." in text:
        head, _, zeros = text.rpartition(".")
        if not zeros.strip("0"):
            text = head
    try:
        return parse_int64(text)
    except ValueError:
        return 0


def to_float64(value: GoValue) -> float:
    """Convert to ``float64`` (cast.ToFloat64)."""
    kind = type(value)
    if kind is float:
        return value  # type: ignore[no-any-return]
    if kind is int:
        return float(value)
    if kind is str:
        return _parse_float(value)
    if kind is bool:
        return 1.0 if value else 0.0
    return float(int(value)) if _is_sized(value) else 0.0


def _parse_float(text: str) -> float:
    try:
        return parse_float(text)
    except ValueError:
        return 0.0


def atoi(text: str) -> int:
    """Read a decimal integer; anything else is 0, what does not fit the nearest that does."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not (digits.isascii() and digits.isdecimal()):
        return 0
    number = int(digits) if len(digits) < 40 else INT64_MAX + 1
    return max(-number, INT64_MIN) if text[0] == "-" else min(number, INT64_MAX)


def to_decimal(value: GoValue) -> Int64:
    """Read the value's text as an octal number."""
    text = value if type(value) is str else printed(value)
    digits = text[1:] if text[:1] in ("+", "-") else text
    if not digits or len(digits) > 40 or digits.strip("01234567"):
        return Int64(0)
    number = int(text, 8)
    return Int64(number if INT64_MIN <= number <= INT64_MAX else 0)


def until_step(start: int, stop: int, step: int) -> IntList:
    """Return the numbers from ``start`` to before ``stop``; none if the step leads away."""
    if (stop < start) != (step < 0) or not step:
        return IntList()
    numbers = range(start, stop, step)
    if abs(stop - start) > _MOST_NUMBERS * abs(step):
        raise FunctionError("runtime error: out of memory")
    return IntList(numbers)


def until(count: int) -> IntList:
    """Return the numbers from 0 to before ``count``."""
    return until_step(0, count, -1 if count < 0 else 1)


def seq(*numbers: int) -> str:
    """Return numbers as a text, as the shell's ``seq`` does."""
    if len(numbers) == 1:
        start, step, end = 1, 0, numbers[0]
    elif len(numbers) == 2:
        start, step, end = numbers[0], 0, numbers[1]
    elif len(numbers) == 3:
        start, step, end = numbers
        if end < start and step > 0:
            return ""
    else:
        return ""
    increment = -1 if end < start else 1
    if len(numbers) < 3:
        step = increment
    return " ".join(map(str, until_step(start, end + increment, step)))


def add(*values: GoValue) -> Int64:
    """Add integers."""
    return Int64(wrapped(sum(map(to_int, values))))


def add1(value: GoValue) -> Int64:
    """Add one."""
    return Int64(wrapped(to_int(value) + 1))


def sub(left: GoValue, right: GoValue) -> Int64:
    """Subtract integers."""
    return Int64(wrapped(to_int(left) - to_int(right)))


def mul(first: GoValue, *values: GoValue) -> Int64:
    """Multiply integers."""
    product = to_int(first)
    for value in values:
        product = wrapped(product * to_int(value))
    return Int64(product)


def div(left: GoValue, right: GoValue) -> Int64:
    """Divide integers, towards zero."""
    dividend, divisor = to_int(left), to_int(right)
    if divisor == 0:
        raise FunctionError("runtime error: integer divide by zero")
    quotient = abs(dividend) // abs(divisor)
    return Int64(wrapped(quotient if (dividend < 0) == (divisor < 0) else -quotient))


def mod(left: GoValue, right: GoValue) -> Int64:
    """Return the rest of a division, with the sign of the dividend."""
    dividend, divisor = to_int(left), to_int(right)
    if divisor == 0:
        raise FunctionError("runtime error: integer divide by zero")
    remainder = abs(dividend) % abs(divisor)
    return Int64(-remainder if dividend < 0 else remainder)


def maximum(first: GoValue, *values: GoValue) -> Int64:
    """Return the greatest integer."""
    return Int64(max(map(to_int, (first, *values))))


def minimum(first: GoValue, *values: GoValue) -> Int64:
    """Return the least integer."""
    return Int64(min(map(to_int, (first, *values))))


def maximum_float(first: GoValue, *values: GoValue) -> float:
    """Return the greatest number."""
    return _extreme(max, 1.0, first, *values)


def minimum_float(first: GoValue, *values: GoValue) -> float:
    """Return the least number."""
    return _extreme(min, -1.0, first, *values)


def _extreme(choose: Callable[..., float], sign: float, *values: GoValue) -> float:
    """Follow math.Max and math.Min: infinity beats NaN, NaN beats the rest, and -0 is below 0."""
    import math

    numbers = [to_float64(value) for value in values]
    chosen = numbers[0]
    for number in numbers[1:]:
        if math.isnan(chosen) or math.isnan(number):
            best = sign * math.inf
            chosen = best if best in (chosen, number) else math.nan
        elif chosen == number == 0:
            chosen = choose(chosen, number, key=lambda zero: math.copysign(1, zero))
        else:
            chosen = choose(chosen, number)
    return chosen


def floor(value: GoValue) -> float:
    """Round down."""
    return _floor(to_float64(value))


def ceil(value: GoValue) -> float:
    """Round up."""
    return _ceil(to_float64(value))


def _floor(number: float) -> float:
    import math

    if number == 0 or not math.isfinite(number):
        return number
    return float(math.floor(number))


def _ceil(number: float) -> float:
    return -_floor(-number)


def round_half(value: GoValue, places: int, *thresholds: float) -> float:
    """Round to decimal places; a digit's rest at or above the threshold, 0.5 if none is given, goes up."""
    import math

    threshold = thresholds[0] if thresholds else 0.5
    power = _power_of_ten(places)
    digit = power * to_float64(value)
    fraction = math.nan if math.isinf(digit) else math.modf(digit)[0]
    whole = _ceil(digit) if fraction >= threshold else _floor(digit)
    return whole / power if power else math.nan if whole == 0 else math.copysign(math.inf, whole)


def _power_of_ten(exponent: int) -> float:
    """Return a power of ten with the rounding of Go's math.Pow."""
    import math

    if abs(exponent) > 400:
        return math.inf if exponent > 0 else 0.0
    mantissa, bits = 1.0, 0
    square, square_bits = 0.625, 4
    left = abs(exponent)
    while left:
        if left & 1:
            mantissa *= square
            bits += square_bits
        square *= square
        square_bits <<= 1
        if square < 0.5:
            square += square
            square_bits -= 1
        left >>= 1
    if exponent < 0:
        mantissa, bits = 1 / mantissa, -bits
    try:
        return math.ldexp(mantissa, bits)
    except OverflowError:
        return math.inf


def add1f(value: GoValue) -> float:
    """Add one, as decimal numbers."""
    return _decimal_fold("__add__", value, (1,))


def addf(*values: GoValue) -> float:
    """Add decimal numbers."""
    return _decimal_fold("__add__", 0.0, values)


def subf(first: GoValue, *values: GoValue) -> float:
    """Subtract decimal numbers."""
    return _decimal_fold("__sub__", first, values)


def mulf(first: GoValue, *values: GoValue) -> float:
    """Multiply decimal numbers."""
    return _decimal_fold("__mul__", first, values)


def divf(first: GoValue, *values: GoValue) -> float:
    """Divide decimal numbers, to sixteen decimal places each time."""
    return _decimal_fold("__truediv__", first, values)


def _decimal_fold(operation: str, first: GoValue, values: tuple[GoValue, ...]) -> float:
    result = _decimal(first)
    for value in values:
        result = getattr(result, operation)(_decimal(value))
    return float(result)


def _decimal(value: GoValue) -> Decimal:
    import math

    from pilothouse.golang.decimals import Decimal

    number = to_float64(value)
    if not math.isfinite(number):
        name = "NaN" if math.isnan(number) else "+Inf" if number > 0 else "-Inf"
        raise FunctionError(f"Cannot create a Decimal from {name}")
    return Decimal.from_float(number)
