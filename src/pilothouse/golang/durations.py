"""Spans of time as Go's ``time.Duration`` has them: whole nanoseconds in 64 bits, read and printed as ``1h30m0s``."""

from __future__ import annotations

import math

from pilothouse.golang.functions import Function, FunctionError
from pilothouse.golang.kinds import Int64, Sized
from pilothouse.golang.timelayout import quote

NANOSECOND = 1
MICROSECOND = 1_000
MILLISECOND = 1_000_000
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
LONGEST = (1 << 63) - 1
SHORTEST = -(1 << 63)

_UNITS = {
    "ns": NANOSECOND,
    "us": MICROSECOND,
    "\u00b5s": MICROSECOND,
    "\u03bcs": MICROSECOND,
    "ms": MILLISECOND,
    "s": SECOND,
    "m": MINUTE,
    "h": HOUR,
}
_LIMIT = 1 << 63


class Duration(Sized):
    """Go's ``time.Duration``, in nanoseconds."""

    __slots__ = ()
    go_type = "time.Duration"
    go_kind = "int64"

    def __str__(self) -> str:
        return format_duration(int(self))

    def seconds(self) -> float:
        """Return the span in seconds."""
        return _in_units(int(self), SECOND)

    def minutes(self) -> float:
        """Return the span in minutes."""
        return _in_units(int(self), MINUTE)

    def hours(self) -> float:
        """Return the span in hours."""
        return _in_units(int(self), HOUR)

    def whole(self, unit: int) -> int:
        """Return how many whole units the span has, towards zero."""
        return quotient(int(self), unit)

    def rounded(self, unit: int) -> Duration:
        """Return the nearest multiple of ``unit``, halves away from zero (Duration.Round)."""
        span = int(self)
        if unit <= 0:
            return self
        count, rest = divmod(abs(span), unit)
        size = (count + (2 * rest >= unit)) * unit
        return Duration(saturated(size if span >= 0 else -size))

    def truncated(self, unit: int) -> Duration:
        """Return the multiple of ``unit`` that is next towards zero (Duration.Truncate)."""
        return self if unit <= 0 else Duration(quotient(int(self), unit) * unit)


def _in_units(span: int, unit: int) -> float:
    """Return whole units plus the rest as a fraction, as Duration.Seconds and its kin add them."""
    whole = quotient(span, unit)
    return float(whole) + float(span - whole * unit) / float(unit)


def quotient(dividend: int, divisor: int) -> int:
    """Divide towards zero."""
    whole = abs(dividend) // divisor
    return whole if dividend >= 0 else -whole


def saturated(span: int) -> int:
    """Return the span, or the longest or shortest there is."""
    return max(SHORTEST, min(LONGEST, span))


def format_duration(span: int) -> str:
    """Return ``72h3m0.5s``, with smaller units below a second (Duration.String)."""
    if span == 0:
        return "0s"
    sign = "-" if span < 0 else ""
    size = abs(span)
    if size < SECOND:
        for unit, name in ((MILLISECOND, "ms"), (MICROSECOND, "\u00b5s")):
            if size >= unit:
                return f"{sign}{_with_fraction(size, unit)}{name}"
        return f"{sign}{size}ns"
    minutes, rest = divmod(size, MINUTE)
    text = _with_fraction(rest, SECOND) + "s"
    if not minutes:
        return sign + text
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours}h{minutes}m{text}" if hours else f"{sign}{minutes}m{text}"


def _with_fraction(size: int, unit: int) -> str:
    whole, rest = divmod(size, unit)
    if not rest:
        return str(whole)
    return f"{whole}.{str(rest).zfill(len(str(unit)) - 1)}".rstrip("0")


def parse_duration(text: str) -> int:
    """Read a duration such as ``-1.5h`` or ``2h45m`` (time.ParseDuration)."""
    rest = text
    negative = rest[:1] == "-"
    if rest[:1] in ("-", "+"):
        rest = rest[1:]
    if rest == "0":
        return 0
    if not rest:
        raise _invalid(text)
    total = 0
    while rest:
        span, rest = _one_part(rest, text)
        total += span
        if total > _LIMIT:
            raise _invalid(text)
    if negative:
        return -total
    if total >= _LIMIT:
        raise _invalid(text)
    return total


def _one_part(rest: str, text: str) -> tuple[int, str]:
    """Read one number with its unit; return it and what follows."""
    whole, rest = _digits(rest)
    fraction = ""
    if rest[:1] == ".":
        fraction, rest = _digits(rest[1:])
    if not whole and not fraction:
        raise _invalid(text)
    count = int(whole or "0") if len(whole) < 40 else _LIMIT + 1
    if count > _LIMIT:
        raise _invalid(text)
    end = 0
    while end < len(rest) and rest[end] != "." and not "0" <= rest[end] <= "9":
        end += 1
    if end == 0:
        raise FunctionError(f"time: missing unit in duration {quote(text)}")
    name, rest = rest[:end], rest[end:]
    unit = _UNITS.get(name)
    if unit is None:
        raise FunctionError(f"time: unknown unit {quote(name)} in duration {quote(text)}")
    if count > _LIMIT // unit:
        raise _invalid(text)
    span = count * unit + _fraction_of(fraction, unit)
    if span > _LIMIT:
        raise _invalid(text)
    return span, rest


def _digits(text: str) -> tuple[str, str]:
    end = 0
    while end < len(text) and "0" <= text[end] <= "9":
        end += 1
    return text[:end], text[end:]


def _fraction_of(digits: str, unit: int) -> int:
    """Return the part of a unit after the point, with the float arithmetic of leadingFraction."""
    number, scale = 0, 1.0
    for digit in digits:
        if number > LONGEST // 10:
            break
        following = number * 10 + int(digit)
        if following > _LIMIT:
            break
        number, scale = following, scale * 10
    return math.trunc(float(number) * (float(unit) / scale)) if number else 0


def _invalid(text: str) -> FunctionError:
    return FunctionError(f"time: invalid duration {quote(text)}")


Duration.go_methods = {  # type: ignore[attr-defined]
    "Abs": Function(lambda span: Duration(saturated(abs(int(span))))),
    "Hours": Function(Duration.hours),
    "Microseconds": Function(lambda span: Int64(span.whole(MICROSECOND))),
    "Milliseconds": Function(lambda span: Int64(span.whole(MILLISECOND))),
    "Minutes": Function(Duration.minutes),
    "Nanoseconds": Function(lambda span: Int64(int(span))),
    "Round": Function(lambda span, unit: span.rounded(int(unit)), "time.Duration"),
    "Seconds": Function(Duration.seconds),
    "String": Function(str),
    "Truncate": Function(lambda span, unit: span.truncated(int(unit)), "time.Duration"),
}
