"""Dates and spans of time."""

from __future__ import annotations

from pilothouse.golang.durations import SECOND, format_duration, parse_duration
from pilothouse.golang.functions import FunctionError
from pilothouse.golang.kinds import Int64
from pilothouse.golang.numbers import wrapped
from pilothouse.golang.times import ZERO, Time
from pilothouse.golang.zones import UTC, Zone, load_zone, local_zone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import GoValue
    from pilothouse.sprig.settings import Settings

_UNIX_TYPES = frozenset(("int", "int64", "int32"))
_ROUND_UNITS = ((365 * 86_400, "y"), (30 * 86_400, "mo"), (86_400, "d"), (3_600, "h"), (60, "m"), (1, "s"))


def now(settings: Settings) -> Time:
    """Return the time it is."""
    seconds, nanosecond = divmod(settings.clock.now_ns(), SECOND)
    monotonic = int((settings.clock.monotonic() - settings.started) * SECOND)
    return Time(seconds, nanosecond, local_zone(settings.local_zone), monotonic=monotonic)


def _time_of(settings: Settings, value: GoValue) -> Time:
    """Return a time, the time so many seconds after 1970, or for anything else the present."""
    if isinstance(value, Time):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and getattr(value, "go_type", "int") in _UNIX_TYPES:
        return Time(int(value), 0, local_zone(settings.local_zone))
    return now(settings)


def _zone(settings: Settings, name: str) -> Zone:
    return local_zone(settings.local_zone) if name == "Local" else load_zone(name) or UTC


def date_in_zone(settings: Settings, layout: str, value: GoValue, zone: str) -> str:
    """Print a date in a zone; an unknown zone is UTC."""
    return _time_of(settings, value).in_zone(_zone(settings, zone)).format(layout)


def date(settings: Settings, layout: str, value: GoValue) -> str:
    """Print a date in the local zone."""
    return date_in_zone(settings, layout, value, "Local")


def html_date(settings: Settings, value: GoValue) -> str:
    """Print a date as HTML's date fields want it."""
    return date_in_zone(settings, "2006-01-02", value, "Local")


def html_date_in_zone(settings: Settings, value: GoValue, zone: str) -> str:
    """Print a date as HTML's date fields want it, in a zone."""
    return date_in_zone(settings, "2006-01-02", value, zone)


def date_modify(_settings: Settings, span: str, time: Time) -> Time:
    """Add a duration; a bad one changes nothing."""
    try:
        return time.plus(parse_duration(span))
    except FunctionError:
        return time


def must_date_modify(_settings: Settings, span: str, time: Time) -> Time:
    """Add a duration."""
    return time.plus(parse_duration(span))


def to_date(settings: Settings, layout: str, text: str) -> Time:
    """Read a date; a bad one is the first moment of the year 1."""
    try:
        return must_to_date(settings, layout, text)
    except FunctionError:
        return ZERO


def must_to_date(settings: Settings, layout: str, text: str) -> Time:
    """Read a date in the local zone."""
    return Time.parse(layout, text, local_zone(settings.local_zone), go=settings.go)


def unix_epoch(_settings: Settings, time: Time) -> str:
    """Return the seconds since 1970 as a text."""
    return str(time.seconds)


def ago(settings: Settings, value: GoValue) -> str:
    """Return how long ago a time was, in whole seconds."""
    if isinstance(value, int) and getattr(value, "go_type", "int") == "int32":
        return "0s"
    return str(now(settings).minus(_time_of(settings, value)).rounded(SECOND))


def duration(_settings: Settings, value: GoValue) -> str:
    """Print so many seconds, given as a text or an int64, as a duration; anything else is none."""
    seconds = 0
    if type(value) is str:
        from pilothouse.sprig.numbers import atoi

        seconds = atoi(value)
    elif type(value) is Int64:
        seconds = int(value)
    return format_duration(wrapped(seconds * SECOND))


def duration_round(settings: Settings, value: GoValue) -> str:
    """Return a span in its largest whole unit that it is longer than."""
    span = 0
    if type(value) is str:
        try:
            span = parse_duration(value)
        except FunctionError:
            span = 0
    elif type(value) is Int64:
        span = int(value)
    elif isinstance(value, Time):
        span = int(now(settings).minus(value))
    for seconds, name in _ROUND_UNITS:
        if abs(span) > seconds * SECOND:
            return f"{abs(span) // (seconds * SECOND)}{name}"
    return "0s"
