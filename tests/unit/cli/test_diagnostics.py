"""What goes to standard error."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from pilothouse.cli.diagnostics import InvalidColour, UnknownDriver, report_failure
from pilothouse.cli.session import Session
from pilothouse.cli.settings import Settings
from pilothouse.commandline.terminal import Streams, TextOutput
from pilothouse.environment import Environment
from pilothouse.errors import Invalid, NotFound, Unreachable

COLOUR = 'invalid color mode \\"x\\": must be one of: never, auto, always'


def reported(error: BaseException, *, debug: bool = False, compatibility: str = "") -> tuple[int, str]:
    """Return the exit code and the text for ``error``."""
    err = BytesIO()
    environment = Environment(variables={"HELM_COMPAT": compatibility})
    session = Session(environment, Streams(TextOutput(BytesIO()), TextOutput(err)))
    session.settings = Settings(debug=debug)
    return report_failure(session, error), err.getvalue().decode()


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        (NotFound("release: not found"), (1, "Error: release: not found\n")),
        (Invalid("a", hints=("try b", "or c")), (1, "Error: a\nhint: try b\nhint: or c\n")),
        (
            Unreachable("cluster unreachable: nobody"),
            (1, "Error: cluster unreachable: nobody\nhint: to try it on the embedded cluster, add --sandbox\n"),
        ),
        (
            ExceptionGroup("many", [Invalid("a"), Invalid("b")]),
            (1, "Error: a\nb\n"),
        ),
        (FileNotFoundError(2, "No such file or directory", "x"), (1, "Error: open x: no such file or directory\n")),
        (RecursionError(), (1, "Error: the input is nested too deeply\n")),
        (
            InvalidColour("x"),
            (1, f'level=WARN msg="command failed" error="{COLOUR}"\n'),
        ),
        (UnknownDriver("zz"), (1, 'level=INFO msg="unknown driver \\"zz\\""\n')),
        (KeyboardInterrupt(), (130, "")),
        (BrokenPipeError(), (141, "")),
        (
            KeyError("k"),
            (2, "Error: internal error: KeyError: 'k'\nhint: this is a fault of Pilothouse; --debug shows where\n"),
        ),
    ],
)  # fmt: skip
def test_an_error_becomes_text_hints_and_an_exit_code(error: BaseException, answer: tuple[int, str]) -> None:
    """Nothing but the text for people is printed, and hints come last."""
    assert reported(error) == answer


def test_a_path_with_a_null_byte_is_no_fault_of_ours() -> None:
    """Python does not even ask the system."""
    with pytest.raises(ValueError, match="null") as caught:
        Path("\0").read_bytes()
    assert reported(caught.value) == (1, "Error: invalid argument: a path with a null byte\n")


def test_debug_tells_more() -> None:
    """Causes are named, and a fault of our own shows where it happened."""
    outer = Invalid("outer")
    outer.__cause__ = ValueError("inner")
    assert reported(outer, debug=True) == (1, "Error: outer\ncaused by ValueError: inner\n")
    assert "Traceback" not in reported(KeyError("k"))[1]
    assert "KeyError: 'k'" in reported(KeyError("k"), debug=True)[1]
