"""Times as Kubernetes writes them: RFC 3339 in UTC with whole seconds."""

from __future__ import annotations

import re

_FORM = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


def seconds_of(text: str) -> float | None:
    """Return the time in ``text`` in seconds since 1970, none when it is no RFC 3339 time."""
    import calendar

    match = _FORM.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    fraction, zone = match.group(7), match.group(8)
    offset = 0
    if zone not in "Zz":
        sign = -1 if zone[0] == "-" else 1
        offset = sign * (int(zone[1:3]) * 3600 + int(zone[4:6]) * 60)
    return calendar.timegm((year, month, day, hour, minute, second)) - offset + float(fraction or 0)
