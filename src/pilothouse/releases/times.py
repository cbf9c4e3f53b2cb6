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
    if len(text) < 20 or text[4] != "-" or text[10] not in "Tt":
        return 0
    try:
        days = _days(int(text[:4]), int(text[5:7]), int(text[8:10]))
        seconds = int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])
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
    except ValueError:
        return 0
    return (days * 86400 + seconds - offset) * 1_000_000_000 + fraction


def _days(year: int, month: int, day: int) -> int:
    """Return the days from 1970-01-01 to a day of the Gregorian calendar; ``calendar`` costs 2 ms to import."""
    year -= month <= 2
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719468
