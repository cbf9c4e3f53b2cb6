"""How far an object is, and how that is read off its fields."""

from __future__ import annotations

import math

from pilothouse.golang.kinds import YamlValue
from pilothouse.records import Record

CURRENT = "Current"
IN_PROGRESS = "InProgress"
FAILED = "Failed"
TERMINATING = "Terminating"
NOT_FOUND = "NotFound"
UNKNOWN = "Unknown"


class Readiness(Record):
    """How far an object is.

    Attributes:
        status: ``Current``, ``InProgress``, ``Failed``, ``Terminating``, ``NotFound`` or ``Unknown``.
        message: Why, in kstatus' words.
    """

    status: str
    message: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether nothing is left to wait for."""
        return self.status == CURRENT


def current(message: str) -> Readiness:
    """Return that nothing is left to wait for."""
    return Readiness(status=CURRENT, message=message)


def waiting(message: str) -> Readiness:
    """Return that something is not there yet."""
    return Readiness(status=IN_PROGRESS, message=message)


def failed(message: str) -> Readiness:
    """Return that it will not come."""
    return Readiness(status=FAILED, message=message)


def at(target: YamlValue, *path: str, default: YamlValue = None) -> YamlValue:
    """Return the value of a field, or ``default``."""
    for step in path:
        target = target.get(step) if isinstance(target, dict) else None
    return default if target is None else target


def number(target: YamlValue, *path: str, default: int = 0) -> int:
    """Return a number of a field, or ``default``."""
    found = at(target, *path)
    return int(found) if isinstance(found, (int, float)) and not isinstance(found, bool) else default


def conditions(target: YamlValue) -> list[YamlValue]:
    """Return the conditions of a status."""
    found = at(target, "status", "conditions", default=[])
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def holds(target: YamlValue, kind: str, state: str = "True") -> bool:
    """Say whether a condition is in a state."""
    return any(each.get("type") == kind and each.get("status") == state for each in conditions(target))


def share_of(value: YamlValue, total: int, *, up: bool) -> int:
    """Return a number, or a percentage of ``total``. Go's ``intstr.GetScaledValueFromIntOrPercent``."""
    if not isinstance(value, str):
        return int(value or 0)
    percent = value.removesuffix("%")
    if percent == value or not percent.isdecimal():
        return 0
    part = int(percent) * total / 100
    return math.ceil(part) if up else math.floor(part)


def seconds(text: str) -> float:
    """Return a stored time in seconds since 1970."""
    import calendar
    import time

    try:
        return float(calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")))
    except ValueError:
        return 0.0
