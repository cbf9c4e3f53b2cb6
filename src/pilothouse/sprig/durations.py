"""The duration functions that Helm 4 adds (helm.sh/helm/v4/pkg/engine/funcs.go)."""

from __future__ import annotations

import math

from pilothouse.golang.durations import LONGEST, MICROSECOND, MILLISECOND, SECOND, Duration, parse_duration
from pilothouse.golang.functions import FunctionError
from pilothouse.golang.kinds import SIGNED_KINDS, UNSIGNED_KINDS, Int64, kind_name, type_name
from pilothouse.golang.numbers import format_float, parse_float, truncated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import GoValue

_LIMIT = float(1 << 63)
_MOST_SECONDS = LONGEST // SECOND


def must_to_duration(value: GoValue) -> Duration:
    """Return a duration, a text that is one or a number of seconds as a duration."""
    if isinstance(value, Duration):
        return value
    if isinstance(value, str):
        return _of_text(value)
    if value is None:
        raise FunctionError("invalid duration")
    kind = kind_name(value)
    if kind in SIGNED_KINDS or kind in UNSIGNED_KINDS:
        if abs(int(value)) > _MOST_SECONDS:
            raise FunctionError(f"duration seconds overflow: {int(value)}")
        return Duration(int(value) * SECOND)
    if isinstance(value, float):
        return _of_seconds(value)
    raise FunctionError(f"unsupported duration type {type_name(value)}")


def _of_text(value: str) -> Duration:
    from pilothouse.sprig.strings import SPACE

    text = value.strip(SPACE)
    if not text:
        raise FunctionError("empty duration")
    try:
        return Duration(parse_duration(text))
    except FunctionError:
        pass
    try:
        seconds = parse_float(text)
    except ValueError:
        from pilothouse.golang.quoting import quote

        raise FunctionError(f"could not parse duration {quote(value)}") from None
    return _of_seconds(seconds)


def _of_seconds(seconds: float) -> Duration:
    if not math.isfinite(seconds):
        raise FunctionError(f"invalid duration seconds: {format_float(seconds)}")
    if abs(seconds) > _LIMIT / SECOND:
        raise FunctionError(f"duration seconds overflow: {format_float(seconds)}")
    nanoseconds = seconds * SECOND
    if abs(nanoseconds) > _LIMIT:
        raise FunctionError(f"duration nanoseconds overflow: {format_float(nanoseconds)}")
    return Duration(truncated(nanoseconds))


def _or_zero(value: GoValue) -> Duration:
    try:
        return must_to_duration(value)
    except FunctionError:
        return Duration(0)


def seconds(value: GoValue) -> float:
    """Return a duration in seconds, 0 for what is none; so the others."""
    return _or_zero(value).seconds()


def milliseconds(value: GoValue) -> Int64:
    """Return a duration in whole milliseconds."""
    return Int64(_or_zero(value).whole(MILLISECOND))


def microseconds(value: GoValue) -> Int64:
    """Return a duration in whole microseconds."""
    return Int64(_or_zero(value).whole(MICROSECOND))


def nanoseconds(value: GoValue) -> Int64:
    """Return a duration in nanoseconds."""
    return Int64(_or_zero(value))


def minutes(value: GoValue) -> float:
    """Return a duration in minutes."""
    return _or_zero(value).minutes()


def hours(value: GoValue) -> float:
    """Return a duration in hours."""
    return _or_zero(value).hours()


def days(value: GoValue) -> float:
    """Return a duration in days."""
    return _or_zero(value).hours() / 24.0


def weeks(value: GoValue) -> float:
    """Return a duration in weeks."""
    return _or_zero(value).hours() / 24.0 / 7.0


def round_to(value: GoValue, unit: GoValue) -> Duration:
    """Return the nearest multiple of a unit; the duration itself if that is none."""
    span = _or_zero(value)
    try:
        return span.rounded(int(must_to_duration(unit)))
    except FunctionError:
        return span


def truncate_to(value: GoValue, unit: GoValue) -> Duration:
    """Return the multiple of a unit next towards zero; the duration itself if that is none."""
    span = _or_zero(value)
    try:
        return span.truncated(int(must_to_duration(unit)))
    except FunctionError:
        return span
