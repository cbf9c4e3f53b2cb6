"""Running a command line inside the process, for tests and for programs that embed it."""

from __future__ import annotations

from io import BytesIO

from pilothouse.commandline.terminal import Streams, TextOutput
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Outcome(Record):
    """What a run printed and how it ended."""

    exit_code: int
    stdout: str
    stderr: str


def run_in_process(
    program: Callable[[Sequence[str], Streams], int], words: Sequence[str], *, standard_input: bytes = b""
) -> Outcome:
    """Call ``program`` with ``words`` and captured streams."""
    out, err = BytesIO(), BytesIO()
    code = program(words, Streams(TextOutput(out), TextOutput(err), BytesIO(standard_input)))
    return Outcome(
        exit_code=code,
        stdout=out.getvalue().decode("utf-8", "surrogateescape"),
        stderr=err.getvalue().decode("utf-8", "surrogateescape"),
    )
