"""Standard streams as a program sees them: text in UTF-8, terminals, colour and width."""

from __future__ import annotations

import sys
from io import BytesIO

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO, Protocol, TextIO

    class Writer(Protocol):
        """A binary stream that can be written."""

        def write(self, data: bytes, /) -> object:
            """Write ``data``."""

        def flush(self) -> None:
            """Hand on what was written."""


class TextOutput:
    """A stream that takes text and writes UTF-8, whatever the locale says, as Go programs do.

    Args:
        stream: Where the bytes go.
        terminal: Whether a person reads them on a terminal.
    """

    __slots__ = ("_stream", "terminal")

    def __init__(self, stream: Writer, *, terminal: bool = False) -> None:
        self._stream = stream
        self.terminal = terminal

    def write(self, text: str) -> None:
        """Write ``text`` as it is."""
        self._stream.write(text.encode("utf-8", "surrogateescape"))

    def line(self, text: str = "") -> None:
        """Write ``text`` and a line feed."""
        self._stream.write(text.encode("utf-8", "surrogateescape") + b"\n")

    def flush(self) -> None:
        """Hand on what was written."""
        self._stream.flush()


class Streams:
    """Standard input, output and error of one run.

    Args:
        out: Standard output.
        err: Standard error.
        standard_input: Standard input, ``None`` when there is none.
    """

    __slots__ = ("err", "input", "out")

    def __init__(self, out: TextOutput, err: TextOutput, standard_input: BinaryIO | None = None) -> None:
        self.out = out
        self.err = err
        self.input = standard_input

    @classmethod
    def of_process(cls) -> Streams:
        """Return the streams of this process; what is written to one that was closed is lost."""
        return cls(_output(sys.stdout), _output(sys.stderr), sys.stdin.buffer if sys.stdin else None)

    def warn(self, text: str) -> None:
        """Write a line to standard error, after what was written to standard output so far."""
        try:  # noqa: SIM105 - contextlib costs start-up
            self.out.flush()
        except OSError:  # it is met again at the end, which is when it counts
            pass
        self.err.line(text)
        self.err.flush()


def _output(stream: TextIO | None) -> TextOutput:
    return TextOutput(stream.buffer, terminal=stream.isatty()) if stream else TextOutput(BytesIO())


BOLD = ("\x1b[1m", "\x1b[22m")
RED = ("\x1b[31m", "\x1b[0m")
GREEN = ("\x1b[32m", "\x1b[0m")
YELLOW = ("\x1b[33m", "\x1b[0m")
CYAN = ("\x1b[36m", "\x1b[0m")


def painted(text: str, colour: tuple[str, str] | None) -> str:
    """Return ``text`` between the escape sequences of ``colour``."""
    return f"{colour[0]}{text}{colour[1]}" if colour else text


def display_width(text: str) -> int:
    """Return how many cells ``text`` takes on a terminal; escape sequences of colours take none."""
    if "\x1b" in text:
        import re

        text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    if text.isascii() and text.isprintable():
        return len(text)
    from unicodedata import category, east_asian_width

    width = 0
    for letter in text:
        if category(letter) not in ("Mn", "Me", "Cf", "Cc"):
            width += 2 if east_asian_width(letter) in "WF" else 1
    return width
