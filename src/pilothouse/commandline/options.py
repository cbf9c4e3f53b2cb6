"""Flags and the kinds of values they take, as spf13/pflag defines them.

A kind reads the text of a flag, knows the word that help shows for it and how a default is printed. Kinds hold no
state: the value of a flag that may be repeated is handed back to :meth:`Kind.read` at each occurrence.
"""

from __future__ import annotations

from pilothouse.commandline.errors import ValueRefused

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    #: Offers words: ``(invocation so far, what was typed of the word) → (words, directive)``.
    Completer = Callable[[Any, str], tuple[list[str], int]]

_TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False"))


class Kind:
    """What a flag takes: the type word of help and the reading of one occurrence.

    Args:
        word: Type word shown in help, empty for switches.
        zero: Value of a flag that has no default and is not given.
    """

    __slots__ = ("word", "zero")
    #: Whether completion goes on offering a flag of this kind once it was given.
    repeatable = False
    #: Whether help quotes a default.
    quoted = False

    def __init__(self, word: str, zero: Any = "") -> None:
        self.word = word
        self.zero = zero

    def read(self, text: str, _current: Any) -> Any:
        """Return the value after ``text`` was given.

        Args:
            text: What was typed.
            _current: Value of the earlier occurrences, ``None`` at the first one.

        Raises:
            ValueRefused: The text is no value of this kind; the message is what follows ``flag: ``.
        """
        return text

    def show(self, value: Any) -> str:
        """Return a default as help prints it, empty for one that is not printed."""
        return str(value)


class _Text(Kind):
    __slots__ = ()
    quoted = True


class _Bool(Kind):
    __slots__ = ()

    def read(self, text: str, _current: Any) -> bool:
        if text in _TRUE:
            return True
        if text in _FALSE:
            return False
        raise ValueRefused(f"strconv.ParseBool: parsing {_quote(text)}: invalid syntax")

    def show(self, value: bool) -> str:  # noqa: FBT001 - the value of a flag
        return "true" if value else ""


class _Integer(Kind):
    __slots__ = ("limit", "signed")

    def __init__(self, word: str, *, signed: bool, bits: int = 64) -> None:
        super().__init__(word, 0)
        self.signed = signed
        self.limit = 1 << (bits - signed)

    def read(self, text: str, _current: Any) -> int:
        from pilothouse.golang.numbers import NumberRangeError, NumberSyntaxError, parse_int64, parse_uint64

        parse, name = (parse_int64, "ParseInt") if self.signed else (parse_uint64, "ParseUint")
        try:
            number = parse(text)
        except NumberSyntaxError:
            raise ValueRefused(f"strconv.{name}: parsing {_quote(text)}: invalid syntax") from None
        except NumberRangeError:
            number = self.limit
        if not -self.limit <= number < self.limit:
            raise ValueRefused(f"strconv.{name}: parsing {_quote(text)}: value out of range")
        return number

    def show(self, value: int) -> str:
        return str(value) if value else ""


class _Float32(Kind):
    __slots__ = ()
    _LARGEST = 3.4028235677973366e38

    def read(self, text: str, _current: Any) -> float:
        from pilothouse.golang.numbers import NumberRangeError, NumberSyntaxError, parse_float

        try:
            number = parse_float(text)
        except NumberSyntaxError:
            raise ValueRefused(f"strconv.ParseFloat: parsing {_quote(text)}: invalid syntax") from None
        except NumberRangeError:
            number = 2 * self._LARGEST
        if self._LARGEST < abs(number) < float("inf"):
            raise ValueRefused(f"strconv.ParseFloat: parsing {_quote(text)}: value out of range")
        return number

    def show(self, value: float) -> str:
        return f"{value:g}" if value else ""


class _Duration(Kind):
    """A Go duration; the value is seconds."""

    __slots__ = ()

    def read(self, text: str, _current: Any) -> float:
        from pilothouse.golang.durations import parse_duration
        from pilothouse.golang.functions import FunctionError

        try:
            return parse_duration(text) / 1e9
        except FunctionError as error:
            raise ValueRefused(str(error)) from None

    def show(self, value: float) -> str:
        from pilothouse.golang.durations import format_duration

        return format_duration(round(value * 1e9)) if value else ""


class _TextArray(Kind):
    __slots__ = ()
    repeatable = True

    def read(self, text: str, current: Any) -> tuple[str, ...]:
        return (*(current or ()), text)

    def show(self, value: tuple[str, ...]) -> str:
        return f"[{','.join(value)}]" if value else ""


class _TextSlice(_TextArray):
    __slots__ = ()

    def read(self, text: str, current: Any) -> tuple[str, ...]:
        return (*(current or ()), *_csv_record(text))


class _TextMap(Kind):
    __slots__ = ()
    repeatable = True

    def read(self, text: str, current: Any) -> dict[str, str]:
        pairs = [text.strip('"')] if text.count("=") == 1 else _csv_record(text)
        if not text.count("="):
            raise ValueRefused(f"{text} must be formatted as key=value")
        read = dict(current or {})
        for pair in pairs:
            key, equals, value = pair.partition("=")
            if not equals:
                raise ValueRefused(f"{pair} must be formatted as key=value")
            read[key] = value
        return read

    def show(self, value: dict[str, str]) -> str:
        return "[" + ",".join(f"{key}={value[key]}" for key in value) + "]"


class Choice(Kind):
    """A text that must be one of a few.

    Args:
        word: Type word shown in help.
        choices: The texts allowed.
        message: What is wrong with any other text; ``%s`` becomes the text in Go's quotes.
    """

    __slots__ = ("choices", "message")

    def __init__(self, word: str, choices: tuple[str, ...], message: str) -> None:
        super().__init__(word)
        self.choices = choices
        self.message = message

    def read(self, text: str, _current: Any) -> str:
        """Return ``text`` when it is one of the choices."""
        if text not in self.choices:
            raise ValueRefused(self.message.replace("%s", _quote(text)))
        return text


class Custom(Kind):
    """A kind whose reading is a plain function of the text and the value so far.

    Args:
        word: Type word shown in help.
        reader: Returns the value or raises :class:`ValueRefused`.
        zero: Value when the flag is not given.
        shown: The default as help prints it.
    """

    __slots__ = ("reader", "shown")

    def __init__(self, word: str, reader: Callable[[str, Any], Any], *, zero: Any = "", shown: str = "") -> None:
        super().__init__(word, zero)
        self.reader = reader
        self.shown = shown

    def read(self, text: str, current: Any) -> Any:
        """Return what the reader makes of ``text``."""
        return self.reader(text, current)

    def show(self, _value: Any) -> str:
        """Return the fixed text of the default."""
        return self.shown


BOOL = _Bool("", zero=False)
TEXT = _Text("string")
INT = _Integer("int", signed=True)
INT32 = _Integer("int32", signed=True, bits=32)
UINT = _Integer("uint", signed=False)
UINT32 = _Integer("uint32", signed=False, bits=32)
FLOAT32 = _Float32("float32", 0.0)
DURATION = _Duration("duration", 0.0)
TEXT_ARRAY = _TextArray("stringArray", ())
TEXT_SLICE = _TextSlice("strings", ())
TEXT_MAP = _TextMap("stringToString", {})


class Option:
    """One flag of a command.

    Args:
        name: Long name without dashes.
        usage: What help says; the first words in backquotes replace the type word.
        kind: What it takes.
        default: Value when it is not given.
        shorthand: One letter, empty for none.
        bare: Text that the flag stands for when nothing follows it after ``=``; without it a value is needed.
        hidden: Kept out of help and completion.
        deprecated: What to use instead; the flag still works, is hidden and warns.
        complete: Offers values on the command line.
        dialects: Which dialects of a program know it, none for all; see :meth:`Command.speak`.
    """

    __slots__ = (
        "bare",
        "complete",
        "default",
        "deprecated",
        "dialects",
        "hidden",
        "kind",
        "name",
        "shorthand",
        "usage",
    )

    def __init__(  # noqa: PLR0913 - these are the properties of pflag.Flag
        self,
        name: str,
        usage: str,
        kind: Kind = TEXT,
        default: Any = None,
        *,
        shorthand: str = "",
        bare: str = "",
        hidden: bool = False,
        deprecated: str = "",
        complete: Completer | None = None,
        dialects: tuple[int, ...] = (),
    ) -> None:
        self.name = name
        self.usage = usage
        self.kind = kind
        self.default = kind.zero if default is None else default
        self.shorthand = shorthand
        self.bare = bare or ("true" if kind is BOOL else "")
        self.hidden = hidden or bool(deprecated)
        self.deprecated = deprecated
        self.complete = complete
        self.dialects = dialects

    def __repr__(self) -> str:
        return f"Option({self.name!r})"

    def spoken_in(self, dialect: int) -> bool:
        """Return whether a dialect knows the flag."""
        return not self.dialects or dialect in self.dialects


def _quote(text: str) -> str:
    from pilothouse.golang.quoting import quote

    return quote(text)


def _csv_record(text: str) -> list[str]:
    """Return the fields of one CSV record as Go's ``encoding/csv`` reads it."""
    if not text:
        return []
    if '"' not in text and "\n" not in text and "\r" not in text:
        return text.split(",")
    from pilothouse.commandline.csv_record import read_record

    return read_record(text)
