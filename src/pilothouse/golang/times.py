"""Moments in time as Go's ``time.Time``, with the methods that templates can call."""

from __future__ import annotations

from pilothouse.golang.durations import SECOND, Duration, saturated
from pilothouse.golang.functions import Function, FunctionError
from pilothouse.golang.kinds import Int64, Sized, Uint64
from pilothouse.golang.timelayout import DAYS, MONTHS, Moment, format_moment, padded
from pilothouse.golang.timeparsing import Fields, parse_fields
from pilothouse.golang.zones import NIL_POINTER, UTC, NilLocation, Zone, local_zone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

_DAY = 86_400
RFC3339_NANO = "2006-01-02T15:04:05.999999999Z07:00"
_ZERO_SECONDS = -62_135_596_800
_FULL = "2006-01-02 15:04:05.999999999 -0700 MST"


class Month(Sized):
    """Go's ``time.Month``."""

    __slots__ = ()
    go_type = "time.Month"
    go_kind = "int"

    def __str__(self) -> str:
        return MONTHS[int(self) - 1] if 1 <= int(self) <= 12 else f"%!Month({int(self)})"

    go_methods = {"String": Function(lambda month: str(month))}  # noqa: PLW0108 - str itself would take two arguments


class Weekday(Sized):
    """Go's ``time.Weekday``."""

    __slots__ = ()
    go_type = "time.Weekday"
    go_kind = "int"

    def __str__(self) -> str:
        return DAYS[int(self)] if 0 <= int(self) <= 6 else f"%!Weekday({int(self)})"

    go_methods = {"String": Function(lambda day: str(day))}  # noqa: PLW0108 - str itself would take two arguments


def days_before(year: int, month: int, day: int) -> int:
    """Return the days from 1970-01-01 to a date; months and days may run over."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    shifted = year - (month < 3)
    era, year_of_era = divmod(shifted, 400)
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719_468


def date_of(days: int) -> tuple[int, int, int]:
    """Return year, month and day of a day counted from 1970-01-01."""
    era, day_of_era = divmod(days + 719_468, 146_097)
    year_of_era = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    shifted = (5 * day_of_year + 2) // 153
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year_of_era + era * 400 + (month < 3), month, day_of_year - (153 * shifted + 2) // 5 + 1


_FIRST_SECOND = -9_223_372_028_715_321_600


class Time:
    """A moment with the zone it is shown in.

    Args:
        seconds: Seconds since 1970-01-01 UTC.
        nanosecond: Nanoseconds beyond them.
        zone: Where it is shown.
        monotonic: Reading of the monotonic clock in nanoseconds, which only ``now`` has.
    """

    __slots__ = ("_moment", "monotonic", "nanosecond", "seconds", "zone")

    go_type = "time.Time"
    go_kind = "struct"
    go_fields: dict[str, str] = {}
    go_printed = {"wall": "wall", "ext": "ext", "loc": "loc"}
    go_hidden = frozenset({"wall", "ext", "loc"})
    go_methods: dict[str, Function] = {}

    def __init__(self, seconds: int, nanosecond: int = 0, zone: Zone = UTC, *, monotonic: int | None = None) -> None:
        self.seconds = seconds
        self.nanosecond = nanosecond
        self.zone = zone
        self.monotonic = monotonic
        self._moment: Moment | None = None

    @classmethod
    def of_date(cls, date: tuple[int, int, int], clock: tuple[int, int, int, int], zone: Zone) -> Time:
        """Return the moment when calendar and clock of a zone show this; both may run over (time.Date)."""
        hour, minute, second, nanosecond = clock
        carried, nanosecond = divmod(nanosecond, SECOND)
        seconds = days_before(*date) * _DAY + hour * 3_600 + minute * 60 + second + carried
        offset = zone.lookup(seconds)[1]
        if offset:
            offset = zone.lookup(seconds - offset)[1]
        return cls(seconds - offset, nanosecond, zone)

    @classmethod
    def parse(cls, layout: str, text: str, zone: Zone = UTC, *, go: str = "1.27") -> Time:
        """Read a time in the form of a layout; without a zone of its own it is in ``zone`` (time.ParseInLocation)."""
        return _from_fields(parse_fields(layout, text, go=go), zone)

    @property
    def nanoseconds(self) -> int:
        """Nanoseconds since 1970-01-01 UTC."""
        return self.seconds * SECOND + self.nanosecond

    @property
    def wall(self) -> Uint64:
        """What Go keeps in the field of that name for a time that is not now's: the nanoseconds."""
        return Uint64(self.nanosecond)

    @property
    def ext(self) -> Int64:
        """What Go keeps in the field of that name: the seconds since the year 1."""
        return Int64(self.seconds - _ZERO_SECONDS)

    @property
    def loc(self) -> Zone | NilLocation:
        """What Go keeps in the field of that name."""
        return NIL_POINTER if self.zone is UTC else self.zone

    @property
    def moment(self) -> Moment:
        """What calendar and clock show in the zone."""
        if self._moment is None:
            self._moment = self._read_clock()
        return self._moment

    def _read_clock(self) -> Moment:
        shown = Moment()
        shown.zone, shown.offset = self.zone.lookup(self.seconds)
        seconds = self.seconds + shown.offset
        # Go counts from the year -292277022399 in unsigned 64 bits.
        days, rest = divmod(seconds + (1 << 64) if seconds < _FIRST_SECOND else seconds, _DAY)
        shown.year, shown.month, shown.day = date_of(days)
        shown.weekday = (days + 4) % 7
        shown.yearday = days - days_before(shown.year, 1, 1) + 1
        shown.hour, rest = divmod(rest, 3_600)
        shown.minute, shown.second = divmod(rest, 60)
        shown.nanosecond = self.nanosecond
        return shown

    def format(self, layout: str) -> str:
        """Return the time in the form of a layout."""
        return format_moment(self.moment, layout)

    def in_zone(self, zone: Zone) -> Time:
        """Return the same moment shown in another zone."""
        return Time(self.seconds, self.nanosecond, zone, monotonic=self.monotonic)

    def plus(self, span: int) -> Time:
        """Return the moment so many nanoseconds later."""
        seconds, nanosecond = divmod(self.nanoseconds + span, SECOND)
        monotonic = None if self.monotonic is None else self.monotonic + span
        return Time(seconds, nanosecond, self.zone, monotonic=monotonic)

    def minus(self, other: Time) -> Duration:
        """Return the span since another moment, as far as a duration reaches."""
        return Duration(saturated(self.nanoseconds - other.nanoseconds))

    def plus_date(self, years: int, months: int, days: int) -> Time:
        """Return the moment so many years, months and days later on the calendar."""
        shown = self.moment
        date = (shown.year + years, shown.month + months, shown.day + days)
        return Time.of_date(date, (shown.hour, shown.minute, shown.second, self.nanosecond), self.zone)

    def cut(self, unit: int, *, up: bool) -> Time:
        """Return the last multiple of ``unit`` since the year 1, or the nearest (Truncate, Round)."""
        if unit <= 0:
            return Time(self.seconds, self.nanosecond, self.zone)
        rest = (self.nanoseconds - _ZERO_SECONDS * SECOND) % unit
        span = unit - rest if up and 2 * rest >= unit else -rest
        return Time(self.seconds, self.nanosecond, self.zone).plus(span)

    def is_zero(self) -> bool:
        """Return whether this is the first moment of the year 1."""
        return self.seconds == _ZERO_SECONDS and self.nanosecond == 0

    def go_json(self) -> str:
        """Return how JSON shows the time; years that RFC 3339 cannot show are refused."""
        if not 0 <= self.moment.year <= 9_999:
            method = "json: error calling MarshalJSON for type *time.Time"
            raise TypeError(f"{method}: year outside of range [0,9999]")
        return self.format(RFC3339_NANO)

    def go_string(self) -> str:
        """Return the time as Go source (GoString)."""
        shown = self.moment
        zone = "time.Local" if self.zone.is_local else "time.UTC"
        if not self.zone.is_local and self.zone is not UTC:
            zone = f'time.Location("{self.zone.name}")'
        parts = (shown.day, shown.hour, shown.minute, shown.second, self.nanosecond)
        return f"time.Date({shown.year}, time.{MONTHS[shown.month - 1]}, {', '.join(map(str, parts))}, {zone})"

    def __str__(self) -> str:
        text = self.format(_FULL)
        if self.monotonic is None:
            return text
        sign = "-" if self.monotonic < 0 else "+"
        seconds, rest = divmod(abs(self.monotonic), SECOND)
        return f"{text} m={sign}{seconds}.{padded(rest, 9)}"

    def __repr__(self) -> str:
        return f"Time({self})"

    def __eq__(self, other: object) -> bool:
        """Return whether moment and zone are the same, as ``==`` has it; the method ``Equal`` compares moments."""
        if not isinstance(other, Time):
            return NotImplemented
        return self.nanoseconds == other.nanoseconds and self.zone is other.zone

    def __hash__(self) -> int:
        return hash(self.nanoseconds)


ZERO = Time(_ZERO_SECONDS)


def _from_fields(fields: Fields, zone: Zone) -> Time:
    date = (fields.year, fields.month, fields.day)
    clock = (fields.hour, fields.minute, fields.second, fields.nanosecond)
    if fields.utc:
        return Time.of_date(date, clock, UTC)
    if fields.offset is not None and fields.offset != -1:
        time = Time.of_date(date, clock, UTC)
        seconds = time.seconds - fields.offset
        name, offset = zone.lookup(seconds)
        if offset != fields.offset or fields.zone not in ("", name):
            zone = Zone(fields.zone, fields.zone, fields.offset)
        return Time(seconds, time.nanosecond, zone)
    if fields.zone:
        time = Time.of_date(date, clock, UTC)
        known = zone.offset_of(fields.zone, time.seconds)
        if known is not None:
            return Time(time.seconds - known, time.nanosecond, zone)
        made = int(fields.zone[3:]) * 3_600 if fields.zone[:3] == "GMT" and len(fields.zone) > 3 else 0
        return Time(time.seconds, time.nanosecond, Zone(fields.zone, fields.zone, made))
    return Time.of_date(date, clock, zone)


def _compare(left: Time, right: Time) -> int:
    return (left.nanoseconds > right.nanoseconds) - (left.nanoseconds < right.nanoseconds)


def _in(time: Time, zone: Zone | None) -> Time:
    if zone is None:
        raise FunctionError("time: missing Location in call to Time.In")
    return time.in_zone(zone)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _binary(time: Time) -> bytes:
    """Return the time as ``MarshalBinary`` packs it: version, seconds since year 1, nanoseconds, minutes of offset."""
    minutes, seconds = (-1, 0) if time.zone is UTC else divmod(time.moment.offset, 60)
    packed = (time.seconds - _ZERO_SECONDS).to_bytes(8, "big", signed=True) + time.nanosecond.to_bytes(4, "big")
    packed += minutes.to_bytes(2, "big", signed=True)
    return b"\x02" + packed + bytes((seconds,)) if seconds else b"\x01" + packed


def _wrapped(number: int) -> Int64:
    """Return a number as 64 bits hold it."""
    return Int64((number + (1 << 63)) % (1 << 64) - (1 << 63))


def _unreachable(time: Time) -> NoReturn:
    """Stand for a method with several results, which templates cannot call."""
    raise NotImplementedError(str(time))


Time.go_methods = {
    "Add": Function(lambda time, span: time.plus(int(span)), "time.Duration"),
    "AddDate": Function(Time.plus_date, "int, int, int"),
    "After": Function(lambda time, other: _compare(time, other) > 0, "time.Time"),
    "Before": Function(lambda time, other: _compare(time, other) < 0, "time.Time"),
    "AppendBinary": Function(lambda time, start: (start or b"") + _binary(time), "[]uint8"),
    "AppendFormat": Function(
        lambda time, start, layout: (start or b"") + _bytes(time.format(layout)), "[]uint8, string"
    ),
    "AppendText": Function(lambda time, start: (start or b"") + _bytes(time.go_json()), "[]uint8"),
    "Clock": Function(_unreachable, result="int, int, int"),
    "Compare": Function(_compare, "time.Time"),
    "Date": Function(_unreachable, result="int, time.Month, int"),
    "Day": Function(lambda time: time.moment.day),
    "Equal": Function(lambda time, other: _compare(time, other) == 0, "time.Time"),
    "Format": Function(Time.format, "string"),
    "GoString": Function(Time.go_string),
    "GobEncode": Function(lambda time: _binary(time)),  # noqa: PLW0108 - as all of them
    "Hour": Function(lambda time: time.moment.hour),
    "ISOWeek": Function(_unreachable, result="int, int"),
    "In": Function(_in, "*time.Location"),
    "IsDST": Function(lambda time: time.zone.is_daylight_saving(time.seconds)),
    "IsZero": Function(Time.is_zero),
    "Local": Function(lambda time: time.in_zone(time.zone if time.zone.is_local else local_zone(""))),
    "Location": Function(lambda time: time.zone),
    "MarshalBinary": Function(lambda time: _binary(time)),  # noqa: PLW0108 - as all of them
    "MarshalJSON": Function(lambda time: f'"{time.go_json()}"'.encode()),
    "MarshalText": Function(lambda time: time.go_json().encode()),
    "Minute": Function(lambda time: time.moment.minute),
    "Month": Function(lambda time: Month(time.moment.month)),
    "Nanosecond": Function(lambda time: time.nanosecond),
    "Round": Function(lambda time, unit: time.cut(int(unit), up=True), "time.Duration"),
    "Second": Function(lambda time: time.moment.second),
    "String": Function(str),
    "Sub": Function(Time.minus, "time.Time"),
    "Truncate": Function(lambda time, unit: time.cut(int(unit), up=False), "time.Duration"),
    "UTC": Function(lambda time: time.in_zone(UTC)),
    "Unix": Function(lambda time: Int64(time.seconds)),
    "UnixMicro": Function(lambda time: _wrapped(time.nanoseconds // 1_000)),
    "UnixMilli": Function(lambda time: _wrapped(time.nanoseconds // 1_000_000)),
    "UnixNano": Function(lambda time: _wrapped(time.nanoseconds)),
    "Weekday": Function(lambda time: Weekday(time.moment.weekday)),
    "Year": Function(lambda time: time.moment.year),
    "YearDay": Function(lambda time: time.moment.yearday),
    "Zone": Function(_unreachable, result="string, int"),
    "ZoneBounds": Function(_unreachable, result="time.Time, time.Time"),
}
Zone.go_methods = {"String": Function(str)}  # type: ignore[attr-defined]
Zone.go_fields = {}  # type: ignore[attr-defined]
Zone.go_hidden = frozenset(  # type: ignore[attr-defined]
    {"name", "zone", "tx", "extend", "cacheStart", "cacheEnd", "cacheZone"}
)
