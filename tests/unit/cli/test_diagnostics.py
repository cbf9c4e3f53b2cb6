"""What goes to standard error."""

from __future__ import annotations

from io import BytesIO

import pytest

from pilothouse.cli.diagnostics import InvalidColour, UnknownDriver, log_line, report_failure, slog_value
from pilothouse.cli.session import Session
from pilothouse.cli.settings import Settings
from pilothouse.commandline.terminal import Streams, TextOutput
from pilothouse.environment import Environment
from pilothouse.errors import Invalid, NotFound, Unreachable
from pilothouse.progress import Event


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
            Unreachable("kubernetes cluster unreachable: nobody"),
            (1, "Error: kubernetes cluster unreachable: nobody\nhint: to try it on the embedded cluster, add --sandbox\n"),
        ),
        (
            ExceptionGroup("many", [Invalid("a"), Invalid("b")]),
            (1, "Error: a\nb\n"),
        ),
        (FileNotFoundError(2, "No such file or directory", "x"), (1, "Error: open x: no such file or directory\n")),
        (RecursionError(), (1, "Error: the input is nested too deeply\n")),
        (
            InvalidColour("x"),
            (
                1,
                'level=WARN msg="command failed" '
                'error="invalid color mode \\"x\\": must be one of: never, auto, always"\n',
            ),
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


def test_debug_tells_more() -> None:
    """Causes are named, and a fault of our own shows where it happened."""
    try:
        raise Invalid("outer") from ValueError("inner")
    except Invalid as error:
        assert reported(error, debug=True) == (1, "Error: outer\ncaused by ValueError: inner\n")
    assert "Traceback" not in reported(KeyError("k"))[1]
    assert "KeyError: 'k'" in reported(KeyError("k"), debug=True)[1]


def test_log_lines_are_those_of_the_generation() -> None:
    """Helm 4 writes key and value, Helm 3 words; details only with --debug."""
    warning = Event(kind="warning", message="this is old", fields=(("name", "x y"), ("path", "/a")))
    assert log_line(warning, generation=4, debug=False) == 'level=WARN msg="this is old" name="x y" path=/a'
    assert log_line(warning, generation=3, debug=False) == "WARNING: This is old: x y, /a"
    detail = Event(kind="debug", message="detail")
    assert log_line(detail, generation=4, debug=False) == ""
    assert log_line(detail, generation=4, debug=True) == "level=DEBUG msg=detail"
    assert log_line(detail, generation=3, debug=True) == "[debug] detail"
    assert log_line(Event(kind="progress", message="step"), generation=4, debug=True) == ""


@pytest.mark.parametrize(
    ("text", "shown"), [("plain", "plain"), ("", '""'), ("a b", '"a b"'), ('"', '"\\""'), ("a=b", '"a=b"')]
)
def test_values_of_log_lines_are_quoted_when_they_need_it(text: str, shown: str) -> None:
    """The rules are those of Go's slog."""
    assert slog_value(text) == shown
