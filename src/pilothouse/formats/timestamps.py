"""Plain scalars that are dates, times or base 60 numbers in YAML 1.1: go-yaml quotes strings that look like them."""

from __future__ import annotations

import re

_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?").fullmatch
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:[Tt]([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?(?:Z|[-+]([0-9]{2}):([0-9]{2}))"
    r"| +([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,][0-9]+)?)?",
).fullmatch
_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_timestamp(text: str) -> bool:
    """Tell whether go-yaml sees a date or time in a plain scalar (``parseTimestamp``)."""
    found = _TIMESTAMP(text)
    if found is None:
        return False
    year, month, day = (int(part) for part in found.group(1, 2, 3))
    if not 1 <= month <= 12:
        return False
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= day <= _MONTH_DAYS[month - 1] + leap:
        return False
    hour, minute, second = (int(found[here] or found[there] or 0) for here, there in ((4, 9), (5, 10), (6, 11)))
    return hour < 24 and minute < 60 and second < 60 and int(found[7] or 0) <= 24 and int(found[8] or 0) <= 60


def is_sexagesimal(text: str) -> bool:
    """Tell whether a text looks like a base 60 number (``isBase60Float``)."""
    return ":" in text and _SEXAGESIMAL(text) is not None
