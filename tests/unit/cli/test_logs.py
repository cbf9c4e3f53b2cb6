"""Log lines."""

from __future__ import annotations

import pytest

from pilothouse.cli.logs import log_line, slog_value
from pilothouse.progress import Event


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
