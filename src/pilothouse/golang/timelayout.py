"""Layouts of dates and times as Go writes them: ``2006-01-02 15:04:05`` (package time, format.go)."""

from __future__ import annotations

from functools import lru_cache

from pilothouse.golang.functions import FunctionError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_SHORT_MONTHS = tuple(name[:3] for name in MONTHS)
_SHORT_DAYS = tuple(name[:3] for name in DAYS)

# What an element may begin with → the elements, the longer before the shorter.
_ELEMENTS = {
    "J": ("January", "Jan"),
    "M": ("Monday", "Mon", "MST"),
    "0": ("01", "02", "03", "04", "05", "06", "002"),
    "1": ("15", "1"),
    "2": ("2006", "2"),
    "_": ("_2006", "_2", "__2"),
    "3": ("3",),
    "4": ("4",),
    "5": ("5",),
    "P": ("PM",),
    "p": ("pm",),
    "-": ("-070000", "-07:00:00", "-0700", "-07:00", "-07"),
    "Z": ("Z070000", "Z07:00:00", "Z0700", "Z07:00", "Z07"),
}
_ZONE_FORMS = frozenset(_ELEMENTS["-"] + _ELEMENTS["Z"])


class Chunk:
    """A piece of a layout: literal text and the element after it, of which the last piece has none."""

    __slots__ = ("digits", "element", "prefix", "separator", "text")

    def __init__(self, prefix: str, element: str, text: str, *, digits: int = 0, separator: str = "") -> None:
        self.prefix = prefix
        self.element = element
        self.text = text
        self.digits = digits
        self.separator = separator


@lru_cache(maxsize=256)
def chunks(layout: str) -> tuple[Chunk, ...]:
    """Cut a layout into its elements and what is between them (nextStdChunk)."""
    found: list[Chunk] = []
    start = position = 0
    while position < len(layout):
        chunk = _chunk_at(layout, start, position)
        if chunk is None:
            position += 1
            continue
        found.append(chunk)
        start = position = start + len(chunk.prefix) + len(chunk.text)
    found.append(Chunk(layout[start:], "", ""))
    return tuple(found)


def _chunk_at(layout: str, start: int, position: int) -> Chunk | None:
    char = layout[position]
    if char in ".,":
        return _fraction_at(layout, start, position)
    for element in _ELEMENTS.get(char, ()):
        if not layout.startswith(element, position):
            continue
        after = layout[position + len(element) : position + len(element) + 1]
        if element in ("Jan", "Mon") and "a" <= after <= "z":
            continue
        if element == "_2006":
            return Chunk(layout[start : position + 1], "2006", "2006")
        return Chunk(layout[start:position], element, element)
    return None


def _fraction_at(layout: str, start: int, position: int) -> Chunk | None:
    """Return a fraction of seconds, such as ``.000`` or ``,999``; no other digit may follow it."""
    digit = layout[position + 1 : position + 2]
    if digit not in ("0", "9"):
        return None
    end = position + 1
    while layout[end : end + 1] == digit:
        end += 1
    if "0" <= layout[end : end + 1] <= "9":
        return None
    count = end - position - 1
    return Chunk(
        layout[start:position], "." + digit, layout[position:end], digits=count, separator=layout[position]
    )


class Moment:
    """The parts of a time that a layout prints."""

    __slots__ = ("day", "hour", "minute", "month", "nanosecond", "offset", "second", "weekday", "year", "yearday", "zone")

    year: int
    month: int
    day: int
    yearday: int
    weekday: int
    hour: int
    minute: int
    second: int
    nanosecond: int
    zone: str
    offset: int


def format_moment(moment: Moment, layout: str) -> str:
    """Return a time in the form of a layout (Time.Format)."""
    out: list[str] = []
    for chunk in chunks(layout):
        out.append(chunk.prefix)
        element = chunk.element
        if not element:
            continue
        write = _WRITERS.get(element)
        if write is not None:
            out.append(write(moment))
        elif element in _ZONE_FORMS:
            out.append(_offset_text(moment.offset, element))
        else:
            out.append(_fraction_text(moment.nanosecond, chunk))
    return "".join(out)


def padded(number: int, width: int) -> str:
    """Return a number with leading zeros; the sign does not count."""
    return f"-{-number:0{width}d}" if number < 0 else f"{number:0{width}d}"


def _hour12(moment: Moment) -> int:
    return moment.hour % 12 or 12


_WRITERS: dict[str, Callable[[Moment], str]] = {
    "2006": lambda moment: padded(moment.year, 4),
    "06": lambda moment: padded(abs(moment.year) % 100, 2),
    "January": lambda moment: MONTHS[moment.month - 1],
    "Jan": lambda moment: _SHORT_MONTHS[moment.month - 1],
    "01": lambda moment: padded(moment.month, 2),
    "1": lambda moment: str(moment.month),
    "Monday": lambda moment: DAYS[moment.weekday],
    "Mon": lambda moment: _SHORT_DAYS[moment.weekday],
    "02": lambda moment: padded(moment.day, 2),
    "_2": lambda moment: str(moment.day).rjust(2),
    "2": lambda moment: str(moment.day),
    "002": lambda moment: padded(moment.yearday, 3),
    "__2": lambda moment: str(moment.yearday).rjust(3),
    "15": lambda moment: padded(moment.hour, 2),
    "3": lambda moment: str(_hour12(moment)),
    "03": lambda moment: padded(_hour12(moment), 2),
    "4": lambda moment: str(moment.minute),
    "04": lambda moment: padded(moment.minute, 2),
    "5": lambda moment: str(moment.second),
    "05": lambda moment: padded(moment.second, 2),
    "PM": lambda moment: "PM" if moment.hour >= 12 else "AM",
    "pm": lambda moment: "pm" if moment.hour >= 12 else "am",
    "MST": lambda moment: moment.zone or _offset_text(moment.offset, "-0700"),
}


def _offset_text(offset: int, element: str) -> str:
    if offset == 0 and element[0] == "Z":
        return "Z"
    minutes = abs(offset) // 60
    sign = "-" if offset <= -60 else "+"
    colon = ":" if ":" in element else ""
    text = sign + padded(minutes // 60, 2)
    digits = len(element.replace(":", "")) - 1
    if digits > 2:
        text += colon + padded(minutes % 60, 2)
    if digits > 4:
        # The seconds of an offset between -1 and 0 minutes keep Go's odd sign.
        seconds = offset if sign == "+" else -offset
        text += colon + padded(seconds % 60 if seconds >= 0 else -(-seconds % 60), 2)
    return text


def _fraction_text(nanosecond: int, chunk: Chunk) -> str:
    digits = f"{nanosecond:09d}"[: chunk.digits].ljust(min(chunk.digits, 9), "0")
    if chunk.element == ".9":
        digits = digits.rstrip("0")
        return chunk.separator + digits if digits else ""
    return chunk.separator + digits


class Fields:
    """What a text says about a time: parts of the date and, in this order of weight, its zone.

    ``utc`` for an explicit UTC, ``offset`` for seconds east of it, ``zone`` for an abbreviation.
    """

    __slots__ = (
        "afternoon",
        "day",
        "forenoon",
        "fault",
        "hour",
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

    def __init__(self) -> None:
        self.year = self.hour = self.minute = self.second = self.nanosecond = 0
        self.month = self.day = self.yearday = -1
        self.afternoon = self.forenoon = self.utc = False
        self.offset: int | None = None
        self.zone = ""
        self.fault = ""


class _BadValue(Exception):
    """The text does not fit the element."""


def parse_fields(layout: str, text: str) -> Fields:
    """Read a time in the form of a layout; the text must fit to its end (time.Parse).

    Raises:
        FunctionError: With the text of Go's ``time.ParseError``.
    """
    value = text.encode("utf-8", "surrogateescape").decode("latin-1")
    whole, fields = value, Fields()
    cut = chunks(layout)
    for index, chunk in enumerate(cut):
        value, fits = _skip(value, chunk.prefix.encode("utf-8", "surrogateescape").decode("latin-1"))
        if not fits:
            raise _misfit(layout, whole, chunk.prefix, value)
        if not chunk.element:
            if value:
                raise _problem(whole, f"extra text: {_quote_bytes(value)}")
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


def quote(text: str) -> str:
    """Quote as package time does: bytes beyond ASCII and control characters in hexadecimal."""
    return _quote_bytes(text.encode("utf-8", "surrogateescape").decode("latin-1"))


def _quote_bytes(text: str) -> str:
    out = ['"']
    for char in text:
        if char in '"\\':
            out.append("\\" + char)
        elif " " <= char < "\x80":
            out.append(char)
        else:
            out.append(f"\\x{ord(char):02x}")
    return "".join([*out, '"'])


def _misfit(layout: str, whole: str, element: str, value: str) -> FunctionError:
    wanted = f"cannot parse {_quote_bytes(value)} as {quote(element)}"
    return FunctionError(f"parsing time {_quote_bytes(whole)} as {quote(layout)}: {wanted}")


def _problem(whole: str, message: str) -> FunctionError:
    return FunctionError(f"parsing time {_quote_bytes(whole)}: {message}")


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
    index, rest = _look_up(MONTHS if chunk.element == "January" else _SHORT_MONTHS, value)
    fields.month = index + 1
    return rest


def _read_month(fields: Fields, value: str, chunk: Chunk, _following: Chunk) -> str:
    fields.month, rest = _number(value, fixed=chunk.element == "01")
    if not 1 <= fields.month <= 12:
        fields.fault = "month"
    return rest


def _read_weekday(_fields: Fields, value: str, chunk: Chunk, _following: Chunk) -> str:
    return _look_up(DAYS if chunk.element == "Monday" else _SHORT_DAYS, value)[1]


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
        if number > most:
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
    count = 0
    while count < 6 and count < len(value) and "A" <= value[count] <= "Z":
        count += 1
    if count == 5 and value[4] == "T":
        return 5
    if count == 4 and (value[3] == "T" or value[:4] == "WITA"):
        return 4
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
    **dict.fromkeys(_ZONE_FORMS, _read_offset),
}
