"""Times of release records as Helm prints them; each keeps the zone that it was stored with."""

from __future__ import annotations

import time

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def ansic(stored: str) -> str:
    """Return a stored time in Go's ``time.ANSIC``, the zero time for an empty text."""
    stored = stored or "0001-01-01T00:00:00Z"
    year, month, day = int(stored[:4]), int(stored[5:7]), int(stored[8:10])
    return f"{_DAYS[_weekday(year, month, day)]} {_MONTHS[month - 1]} {day:2d} {stored[11:19]} {year:04d}"


def _weekday(year: int, month: int, day: int) -> int:
    """Return the day of the week, 0 for Monday (Zeller)."""
    if month < 3:
        month += 12
        year -= 1
    return (day + 13 * (month + 1) // 5 + year + year // 4 - year // 100 + year // 400 + 5) % 7


def go_string(stored: str) -> str:
    """Return a stored time as Go's ``time.Time.String`` prints it."""
    from pilothouse.releases.times import parse_time

    rest = stored[19:]
    fraction = ""
    if rest.startswith("."):
        digits = len(rest) - len(rest[1:].lstrip("0123456789"))
        fraction, rest = rest[:digits].rstrip("0").rstrip("."), rest[digits:]
    if rest in ("Z", "z", ""):
        offset, zone = "+0000", "UTC"
    else:
        offset = rest.replace(":", "")
        local = time.localtime(parse_time(stored) // 1_000_000_000)
        sign = -1 if offset[0] == "-" else 1
        seconds = sign * (int(offset[1:3]) * 3600 + int(offset[3:5]) * 60)
        zone = local.tm_zone if local.tm_gmtoff == seconds else offset
    return f"{stored[:10]} {stored[11:19]}{fraction} {offset} {zone}"


def whole_seconds(stored: str) -> str:
    """Return a stored time in ``time.RFC3339``, without fractions of a second."""
    if not stored:
        return "0001-01-01T00:00:00Z"
    return stored[:19] + stored[19:].lstrip(".0123456789")


def in_layout(stored: str, layout: str) -> str:
    """Return a stored time in a Go layout."""
    from pilothouse.golang.times import Time

    return Time.parse("2006-01-02T15:04:05.999999999Z07:00", stored).format(layout)
