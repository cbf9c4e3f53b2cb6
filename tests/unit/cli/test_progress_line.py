"""Downloads that last show how far they are, to people alone."""

from __future__ import annotations

from io import BytesIO

import pytest

from pilothouse.cli.progress_line import ProgressLine
from pilothouse.cli.session import Session
from pilothouse.clock import FixedClock
from pilothouse.commandline.terminal import Streams, TextOutput
from pilothouse.environment import Environment


@pytest.mark.parametrize(("terminal", "seconds", "shown"), [(True, 2, True), (True, 0.5, False), (False, 2, False)])
def test_the_line_is_for_terminals_and_for_long_downloads(
    terminal: bool,  # noqa: FBT001
    seconds: float,
    shown: bool,  # noqa: FBT001
) -> None:
    """Nothing is printed within the first second or into files, and the line is gone in the end."""
    err = BytesIO()
    session = Session(Environment(), Streams(TextOutput(BytesIO()), TextOutput(err, terminal=terminal)))
    session.clock = FixedClock(0)
    with ProgressLine(session) as reporter:
        session.clock.sleep(seconds)
        reporter.report("progress", "http://h/index.yaml\x1b[2J", done="1500000", total="3000000")
        text = err.getvalue().decode()
        assert ("1.5 of 3.0 MB  http://h/index.yaml?[2J" in text) is shown
        reporter.warning("careful")
    assert err.getvalue().decode().endswith("level=WARN msg=careful\n")
