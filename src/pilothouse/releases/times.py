"""Times in release records: RFC 3339 with nanoseconds in the client's local zone, as Go's ``time.Time`` is written."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.clock import Clock


def timestamp(clock: Clock) -> str:
    """Return the time of ``clock`` as a record's text."""
    return format_time(clock.now_ns())


def format_time(nanoseconds: int, *, utc: bool = False) -> str:
    """Return a time in nanoseconds since 1970 as ``time.Time.MarshalJSON`` writes it.

    Args:
        nanoseconds: The time.
        utc: Whether it is written in UTC, not in the local zone.
    """
    seconds, fraction = divmod(nanoseconds, 1_000_000_000)
    parts = time.gmtime(seconds) if utc else time.localtime(seconds)
    text = time.strftime("%Y-%m-%dT%H:%M:%S", parts)
    if fraction:
        text += f".{fraction:09d}".rstrip("0")
    minutes = 0 if utc else parts.tm_gmtoff // 60
    if not minutes:
        return text + "Z"
    sign = "-" if minutes < 0 else "+"
    return f"{text}{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def parse_time(text: str) -> int:
    """Return the nanoseconds since 1970 of a record's time, 0 for the empty text and for what is no time."""
    import calendar

    if len(text) < 20:
        return 0
    try:
        whole = calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S"))
        rest = text[19:]
        fraction = 0
        if rest.startswith("."):
            digits = rest[1:].rstrip("Zz").partition("+")[0].partition("-")[0]
            fraction = int(digits[:9].ljust(9, "0"))
            rest = rest[1 + len(digits) :]
        offset = 0
        if rest[:1] in ("+", "-"):
            hours, _, minutes = rest[1:].partition(":")
            offset = (int(hours) * 60 + int(minutes)) * (-60 if rest[0] == "-" else 60)
    except (ValueError, OverflowError):
        return 0
    return (whole - offset) * 1_000_000_000 + fraction
