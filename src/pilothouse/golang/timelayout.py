"""Layouts of dates and times as Go writes them: ``2006-01-02 15:04:05`` (package time, format.go)."""

from __future__ import annotations

from functools import lru_cache

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
SHORT_MONTHS = tuple(name[:3] for name in MONTHS)
SHORT_DAYS = tuple(name[:3] for name in DAYS)

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
ZONE_FORMS = frozenset(_ELEMENTS["-"] + _ELEMENTS["Z"])


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
    return Chunk(layout[start:position], "." + digit, layout[position:end], digits=count, separator=layout[position])


class Moment:
    """The parts of a time that a layout prints."""

    __slots__ = (
        "day",
        "hour",
        "minute",
        "month",
        "nanosecond",
        "offset",
        "second",
        "weekday",
        "year",
        "yearday",
        "zone",
    )

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
        elif element in ZONE_FORMS:
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
    "Jan": lambda moment: SHORT_MONTHS[moment.month - 1],
    "01": lambda moment: padded(moment.month, 2),
    "1": lambda moment: str(moment.month),
    "Monday": lambda moment: DAYS[moment.weekday],
    "Mon": lambda moment: SHORT_DAYS[moment.weekday],
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


def bytewise(text: str) -> str:
    """Return a text of which each character stands for a byte of the given one."""
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def quote(text: str) -> str:
    """Quote as package time does: bytes beyond ASCII and control characters in hexadecimal."""
    return quote_bytes(bytewise(text))


def quote_bytes(text: str) -> str:
    """Quote a text of which each character stands for a byte."""
    out = ['"']
    for char in text:
        if char in '"\\':
            out.append("\\" + char)
        elif " " <= char < "\x80":
            out.append(char)
        else:
            out.append(f"\\x{ord(char):02x}")
    return "".join([*out, '"'])
