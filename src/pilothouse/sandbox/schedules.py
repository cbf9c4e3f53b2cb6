"""Cron schedules: when one is due next. The grammar of Go's ``robfig/cron``."""

from __future__ import annotations

import calendar
import datetime as dt
import zoneinfo

from pilothouse.errors import Invalid
from pilothouse.golang.durations import SECOND, parse_duration
from pilothouse.golang.functions import FunctionError

_MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 6))
_YEARS_AHEAD = 5


class ScheduleError(Invalid):
    """A schedule cannot be read."""

    reference = "invalid-schedule"


class Schedule:
    """When something recurs.

    Args:
        text: Five fields, or a macro such as ``@hourly``, after ``TZ=zone`` if need be.
        zone: The time zone; UTC without one.

    Raises:
        ScheduleError: It cannot be read.
    """

    def __init__(self, text: str, zone: str = "") -> None:
        words = text.split()
        if words and words[0].startswith(("TZ=", "CRON_TZ=")):
            zone = words.pop(0).partition("=")[2]
        try:
            self._zone: dt.tzinfo = zoneinfo.ZoneInfo(zone) if zone else dt.UTC
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ScheduleError(f"provided bad location {zone}: unknown time zone {zone}") from error
        self.every = 0.0
        if len(words) == 2 and words[0] == "@every":
            self.every = _duration(words[1])
            return
        if words and words[0].startswith("@"):
            descriptor = " ".join(words)
            if descriptor not in _MACROS:
                raise ScheduleError(f"unrecognized descriptor: {descriptor}")
            words = _MACROS[descriptor].split()
        if len(words) != len(_LIMITS):
            raise ScheduleError(f"expected exactly 5 fields, found {len(words)}: [{' '.join(words)}]")
        self._minutes, self._hours, self._days, self._months, self._weekdays = (
            _field(word, *limits, names=_MONTHS if place == 3 else _DAYS if place == 4 else ())
            for place, (word, limits) in enumerate(zip(words, _LIMITS, strict=True))
        )
        self._any_day = words[2][0] in "*?"
        self._any_weekday = words[4][0] in "*?"

    def _fits_day(self, day: dt.datetime) -> bool:
        in_month = day.day in self._days
        in_week = day.isoweekday() % 7 in self._weekdays
        return (in_month and in_week) if self._any_day or self._any_weekday else (in_month or in_week)

    def next(self, after: float) -> float | None:
        """Return when it is due for the first time after ``after`` (seconds since 1970), or None: never."""
        if self.every:
            return after + self.every
        start = dt.datetime.fromtimestamp(after, self._zone).replace(second=0, microsecond=0)
        moment = start + dt.timedelta(minutes=1)
        last_year = moment.year + _YEARS_AHEAD
        while moment.year <= last_year:
            if moment.month not in self._months or not self._fits_day(moment):
                moment = moment.replace(hour=0, minute=0) + dt.timedelta(days=1)
            elif moment.hour not in self._hours:
                moment = moment.replace(minute=0) + dt.timedelta(hours=1)
            elif moment.minute not in self._minutes:
                moment += dt.timedelta(minutes=1)
            else:
                return float(calendar.timegm(moment.utctimetuple()))
        return None


def _duration(text: str) -> float:
    try:
        span = parse_duration(text)
    except FunctionError as error:
        raise ScheduleError(f"failed to parse duration @every {text}: {error}") from error
    return float(max(span // SECOND, 1))


def _number(text: str, names: tuple[str, ...]) -> int:
    if text.lower() in names:
        return names.index(text.lower()) + (1 if names is _MONTHS else 0)
    if not (text.isascii() and text.isdigit()):
        raise ScheduleError(f'failed to parse int from {text}: strconv.Atoi: parsing "{text}": invalid syntax')
    return int(text)


def _field(text: str, low: int, high: int, *, names: tuple[str, ...]) -> frozenset[int]:
    """Return the numbers that a field means: ``*``, ``1-5``, ``*/15``, ``1,2`` and names."""
    found: set[int] = set()
    for part in text.split(","):
        span, slash, step_text = part.partition("/")
        step = _number(step_text, ()) if slash else 1
        if step == 0:
            raise ScheduleError(f"step of range should be a positive number: {part}")
        if span in ("*", "?"):
            first, last = low, high
        else:
            left, dash, right = span.partition("-")
            first = _number(left, names)
            last = _number(right, names) if dash else (high if slash else first)
        if names is _DAYS and (first, last) == (7, 7):
            first = last = 0
        if first < low:
            raise ScheduleError(f"beginning of range ({first}) below minimum ({low}): {part}")
        if last > (7 if names is _DAYS else high):
            raise ScheduleError(f"end of range ({last}) above maximum ({high}): {part}")
        if first > last:
            raise ScheduleError(f"beginning of range ({first}) beyond end of range ({last}): {part}")
        found.update(number % 7 if names is _DAYS else number for number in range(first, last + 1, step))
    return frozenset(found)
