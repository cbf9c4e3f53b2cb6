"""Times as indexes and locks hold them: RFC 3339 with up to nine digits after the second."""

from __future__ import annotations

import re
import time

# Nearly all times; what it does not fit, such as the last days of a month, is read by Go's rules in full.
_FORM = re.compile(
    r"(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)"
    r"(?:[.,](\d+))?(Z|[-+](?:[01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
ZERO = "0001-01-01T00:00:00Z"


def local_time(nanoseconds: int) -> str:
    """Return a time in the local zone (``time.Now`` as JSON)."""
    seconds, rest = divmod(nanoseconds, 1_000_000_000)
    moment = time.localtime(seconds)
    offset = moment.tm_gmtoff
    zone = "Z"
    if offset:
        minutes = abs(offset) // 60
        zone = f"{'-' if offset < 0 else '+'}{minutes // 60:02d}:{minutes % 60:02d}"
    fraction = f".{rest:09d}".rstrip("0").rstrip(".") if rest else ""
    return time.strftime("%Y-%m-%dT%H:%M:%S", moment) + fraction + zone


def normal_time(text: str) -> str:
    """Return a time as Go writes it again after reading it.

    Raises:
        TimeParseError: It is none.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        from pilothouse.golang.times import RFC3339_NANO, Time

        return Time.parse("2006-01-02T15:04:05Z07:00", text).format(RFC3339_NANO)
    fraction = (found[2] or "")[:9].rstrip("0")
    zone = "Z" if found[3][1:] == "00:00" else found[3]
    return f"{found[1]}.{fraction}{zone}" if fraction else found[1] + zone
