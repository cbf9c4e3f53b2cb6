"""Reading dates and times in the form of a layout (package time, format.go)."""

from __future__ import annotations

from pilothouse.golang.functions import FunctionError
from pilothouse.golang.timelayout import (
    DAYS,
    MONTHS,
    SHORT_DAYS,
    SHORT_MONTHS,
    ZONE_FORMS,
    Chunk,
    bytewise,
    chunks,
    quote,
    quote_bytes,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Fields:
    """What a text says about a time: parts of the date and, in this order of weight, its zone.

    ``utc`` for an explicit UTC, ``offset`` for seconds east of it, ``zone`` for an abbreviation.
    """

    __slots__ = (
        "afternoon",
        "day",
        "fault",
        "forenoon",
        "hour",
        "lenient_offsets",
        "minute",
        "month",
        "nanosecond",
        "offset",
        "second",
        "utc",
        "year",
        "yearday",
        "zone",
    )

    def __init__(self, *, lenient_offsets: bool = False) -> None:
        self.lenient_offsets = lenient_offsets
        self.year = self.hour = self.minute = self.second = self.nanosecond = 0
        self.month = self.day = self.yearday = -1
        self.afternoon = self.forenoon = self.utc = False
        self.offset: int | None = None
        self.zone = ""
        self.fault = ""


class _BadValue(Exception):
    """The text does not fit the element."""


def parse_fields(layout: str, text: str, *, go: str = "1.27") -> Fields:
    """Read a time in the form of a layout; the text must fit to its end (time.Parse).

    Args:
        layout: The form of the text.
        text: The time.
        go: Version of Go whose rules hold; 1.22 takes any number as an offset of a zone.

    Raises:
        FunctionError: With the text of Go's ``time.ParseError``.
    """
    value = bytewise(text)
    whole, fields = value, Fields(lenient_offsets=go == "1.22")
    cut = chunks(layout)
    for index, chunk in enumerate(cut):
        value, fits = _skip(value, bytewise(chunk.prefix))
        if not fits:
            raise _misfit(layout, whole, chunk.prefix, value)
        if not chunk.element:
            if value:
                raise _problem(whole, f"extra text: {quote_bytes(value)}")
            break
        held = value
        following = cut[index + 1]
        try:
            value = _READERS[chunk.element](fields, value, chunk, following)
        except _BadValue:
            if not fields.fault:
                raise _misfit(layout, whole, chunk.text, held) from None
        if fields.fault:
            raise _problem(whole, f"{fields.fault} out of range")
    if fields.afternoon and fields.hour < 12:
        fields.hour += 12
    elif fields.forenoon and fields.hour == 12:
        fields.hour = 0
    _settle_day(fields, whole)
    return fields


def _settle_day(fields: Fields, whole: str) -> None:
    """Find month and day from the day of the year, or their defaults, and check them."""
    if fields.yearday >= 0:
        month, day = _month_and_day(fields.year, fields.yearday)
        if not month:
            raise _problem(whole, "day-of-year out of range")
        if fields.month >= 0 and fields.month != month:
            raise _problem(whole, "day-of-year does not match month")
        if fields.day >= 0 and fields.day != day:
            raise _problem(whole, "day-of-year does not match day")
        fields.month, fields.day = month, day
    if fields.month < 0:
        fields.month = 1
    if fields.day < 0:
        fields.day = 1
    if not 1 <= fields.day <= days_in(fields.month, fields.year):
        raise _problem(whole, "day out of range")


def is_leap(year: int) -> bool:
    """Return whether a year of the Gregorian calendar has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_in(month: int, year: int) -> int:
    """Return the number of days of a month."""
    if month == 2:
        return 29 if is_leap(year) else 28
    return 30 + (month + (month >> 3) & 1)


def _month_and_day(year: int, yearday: int) -> tuple[int, int]:
    for month in range(1, 13):
        size = days_in(month, year)
        if 1 <= yearday <= size:
            return month, yearday
        yearday -= size
    return 0, 0


def _skip(value: str, prefix: str) -> tuple[str, bool]:
    """Remove a literal; runs of blanks count as one."""
    if value.startswith(prefix) and " " not in prefix:
        return value[len(prefix) :], True
    while prefix:
        if prefix[0] == " ":
            if value and value[0] != " ":
                return value, False
            prefix, value = prefix.lstrip(" "), value.lstrip(" ")
            continue
        if not value or value[0] != prefix[0]:
            return value, False
        prefix, value = prefix[1:], value[1:]
    return value, True


def _misfit(layout: str, whole: str, element: str, value: str) -> FunctionError:
    wanted = f"cannot parse {quote_bytes(value)} as {quote(element)}"
    return FunctionError(f"parsing time {quote_bytes(whole)} as {quote(layout)}: {wanted}")


def _problem(whole: str, message: str) -> FunctionError:
    return FunctionError(f"parsing time {quote_bytes(whole)}: {message}")


def _is_digit(value: str, index: int) -> bool:
    return len(value) > index and "0" <= value[index] <= "9"


def _number(value: str, *, fixed: bool, most: int = 2) -> tuple[int, str]:
    """Read up to ``most`` digits, or exactly as many (getnum)."""
    end = 0
    while end < most and _is_digit(value, end):
        end += 1
    if end == 0 or (fixed and end != most):
        raise _BadValue
    return int(value[:end]), value[end:]


def _signed(text: str) -> int:
    digits = text[1:] if text[:1] in ("-", "+") else text
    if digits.strip("0123456789"):
        raise _BadValue
    number = int(digits or "0")
    return -number if text[:1] == "-" else number


def _read_short_year(fields: Fields, value: str, _chunk: Chunk, _following: Chunk) -> str:
    if len(value) < 2:
        raise _BadValue
    year = _signed(value[:2])
    fields.year = year + (1900 if year >= 69 else 2000)
    return value[2:]


def _read_year(fields: Fields, value: str, _chunk: Chunk, _following: Chunk) -> str:
    if len(value) < 4 or not _is_digit(value, 0):
        raise _BadValue
    fields.year = _signed(value[:4])
    return value[4:]


def _look_up(names: tuple[str, ...], value: str) -> tuple[int, str]:
    for index, name in enumerate(names):
        if value[: len(name)].lower() == name.lower():
            return index, value[len(name) :]
    raise _BadValue


def _read_month_name(fields: Fields, value: str, chunk: Chunk, _following: Chunk) -> str:
    index, rest = _look_up(MONTHS if chunk.element == "January" else SHORT_MONTHS, value)
    fields.month = index + 1
    return rest


def _read_month(fields: Fields, value: str, chunk: Chunk, _following: Chunk) -> str:
    fields.month, rest = _number(value, fixed=chunk.element == "01")
    if not 1 <= fields.month <= 12:
        fields.fault = "month"
    return rest


def _read_weekday(_fields: Fields, value: str, chunk: Chunk, _following: Chunk) -> str:
    return _look_up(DAYS if chunk.element == "Monday" else SHORT_DAYS, value)[1]


def _read_day(fields: Fields, value: str, chunk: Chunk, _following: Chunk) -> str:
    if chunk.element == "_2" and value[:1] == " ":
        value = value[1:]
    fields.day, rest = _number(value, fixed=chunk.element == "02")
    return rest


def _read_yearday(fields: Fields, value: str, chunk: Chunk, _following: Chunk) -> str:
    if chunk.element == "__2":
        for _ in range(2):
            value = value.removeprefix(" ")
    fields.yearday, rest = _number(value, fixed=chunk.element == "002", most=3)
    return rest


def _read_hour(fields: Fields, value: str, _chunk: Chunk, _following: Chunk) -> str:
    fields.hour, rest = _number(value, fixed=False)
    if fields.hour >= 24:
        fields.fault = "hour"
    return rest


def _read_hour12(fields: Fields, value: str, chunk: Chunk, _following: Chunk) -> str:
    fields.hour, rest = _number(value, fixed=chunk.element == "03")
    if fields.hour > 12:
        fields.fault = "hour"
    return rest


def _read_minute(fields: Fields, value: str, chunk: Chunk, _following: Chunk) -> str:
    fields.minute, rest = _number(value, fixed=chunk.element == "04")
    if fields.minute >= 60:
        fields.fault = "minute"
    return rest


def _read_second(fields: Fields, value: str, chunk: Chunk, following: Chunk) -> str:
    fields.second, rest = _number(value, fixed=chunk.element == "05")
    if fields.second >= 60:
        fields.fault = "second"
        return rest
    # A fraction may follow the seconds even if the layout has none.
    if rest[:1] in (".", ",") and _is_digit(rest, 1) and following.element not in (".0", ".9"):
        end = 2
        while _is_digit(rest, end):
            end += 1
        _take_nanoseconds(fields, rest, end)
        return rest[end:]
    return rest


def _take_nanoseconds(fields: Fields, value: str, size: int) -> None:
    if value[0] not in ".,":
        raise _BadValue
    digits = value[1 : min(size, 10)]
    number = _signed(digits)
    if number < 0:
        fields.fault = "fractional second"
        return
    fields.nanosecond = number * 10 ** (9 - len(digits))


def _read_half(fields: Fields, value: str, chunk: Chunk, _following: Chunk) -> str:
    noon, morning = ("PM", "AM") if chunk.element == "PM" else ("pm", "am")
    if value[:2] == noon:
        fields.afternoon = True
    elif value[:2] == morning:
        fields.forenoon = True
    else:
        raise _BadValue
    return value[2:]


def _read_offset(fields: Fields, value: str, chunk: Chunk, _following: Chunk) -> str:
    element = chunk.element
    if element[0] == "Z" and value[:1] == "Z":
        fields.utc = True
        return value[1:]
    size = len(element)
    if len(value) < size:
        raise _BadValue
    taken, rest = value[:size], value[size:]
    if ":" in element:
        if taken[3] != ":" or (size == 9 and taken[6] != ":"):
            raise _BadValue
        taken = taken.replace(":", "")
    parts = [taken[1:3], taken[3:5] or "00", taken[5:7] or "00"]
    numbers = [0, 0, 0]
    bad = False
    for index, part in enumerate(parts):
        try:
            numbers[index] = _number(part, fixed=True)[0]
        except _BadValue:
            bad = True
            break
    for number, most, name in zip(numbers, (24, 60, 60), ("hour", "minute", "second"), strict=True):
        if number > most and not fields.lenient_offsets:
            fields.fault = f"time zone offset {name}"
    offset = (numbers[0] * 60 + numbers[1]) * 60 + numbers[2]
    if bad or taken[0] not in "+-":
        raise _BadValue
    fields.offset = -offset if taken[0] == "-" else offset
    return rest


def _read_zone(fields: Fields, value: str, _chunk: Chunk, _following: Chunk) -> str:
    if value[:3] == "UTC":
        fields.utc = True
        return value[3:]
    size = _zone_length(value)
    if not size:
        raise _BadValue
    fields.zone = value[:size]
    return value[size:]


def _zone_length(value: str) -> int:
    """Return how much of the text looks like the abbreviation of a zone (parseTimeZone)."""
    if len(value) < 3:
        return 0
    if value[:4] in ("ChST", "MeST"):
        return 4
    if value[:3] == "GMT":
        return 3 + _signed_offset_length(value[3:])
    if value[0] in "+-":
        return _signed_offset_length(value)
    return _letters_length(value)


def _letters_length(value: str) -> int:
    """Return how many capitals a zone has: three, or four or five of which the last is a T."""
    count = 0
    while count < 6 and count < len(value) and "A" <= value[count] <= "Z":
        count += 1
    if count in (4, 5) and (value[count - 1] == "T" or value[:count] == "WITA"):
        return count
    return 3 if count == 3 else 0


def _signed_offset_length(value: str) -> int:
    if value[:1] not in ("+", "-"):
        return 0
    end = 1
    while _is_digit(value, end):
        end += 1
    return end if end > 1 and int(value[1:end]) <= 23 else 0


def _read_fixed_fraction(fields: Fields, value: str, chunk: Chunk, _following: Chunk) -> str:
    size = 1 + chunk.digits
    if len(value) < size:
        raise _BadValue
    _take_nanoseconds(fields, value, size)
    return value[size:]


def _read_free_fraction(fields: Fields, value: str, _chunk: Chunk, _following: Chunk) -> str:
    if value[:1] not in (".", ",") or not _is_digit(value, 1):
        return value
    end = 1
    while _is_digit(value, end):
        end += 1
    _take_nanoseconds(fields, value, end)
    return value[end:]


_READERS: dict[str, Callable[[Fields, str, Chunk, Chunk], str]] = {
    "06": _read_short_year,
    "2006": _read_year,
    "January": _read_month_name,
    "Jan": _read_month_name,
    "01": _read_month,
    "1": _read_month,
    "Monday": _read_weekday,
    "Mon": _read_weekday,
    "02": _read_day,
    "_2": _read_day,
    "2": _read_day,
    "002": _read_yearday,
    "__2": _read_yearday,
    "15": _read_hour,
    "3": _read_hour12,
    "03": _read_hour12,
    "4": _read_minute,
    "04": _read_minute,
    "5": _read_second,
    "05": _read_second,
    "PM": _read_half,
    "pm": _read_half,
    "MST": _read_zone,
    ".0": _read_fixed_fraction,
    ".9": _read_free_fraction,
    **dict.fromkeys(ZONE_FORMS, _read_offset),
}
