"""The name and the chart of a command line."""

from __future__ import annotations

from io import BytesIO

import pytest

from pilothouse.cli.chart_argument import name_and_chart
from pilothouse.cli.session import Session
from pilothouse.clock import FixedClock
from pilothouse.commandline.command import Command, Invocation
from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.terminal import Streams, TextOutput
from pilothouse.environment import Environment


def name_of(*arguments: str, default_name: str = "", **values: object) -> tuple[str, str]:
    """Return name and reference that arguments and flags make."""
    streams = Streams(TextOutput(BytesIO()), TextOutput(BytesIO()))
    session = Session(Environment(), streams)
    session.clock = FixedClock(1700000000)
    named = {name.replace("_", "-"): value for name, value in values.items()}
    invocation = Invocation(Command("install"), list(arguments), named, set(named), streams)
    return name_and_chart(session, invocation, default_name=default_name)


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("./alpine", "alpine-1700000000"),
        ("alpine-0.1.0.tgz", "alpine-0-1700000000"),
        ("repo/alpine/", "alpine-1700000000"),
        (".", "chart-1700000000"),
    ],
)
def test_a_name_is_made_of_the_chart_and_the_time(reference: str, name: str) -> None:
    """--generate-name cuts the chart's base name at its first dot."""
    assert name_of(reference, generate_name=True) == (name, reference)


def test_a_template_names_the_release() -> None:
    """--name-template may use sprig."""
    assert name_of("x", name_template='{{ "FOO" | lower }}-bar') == ("foo-bar", "x")
    assert name_of("x", default_name="release-name") == ("release-name", "x")
    assert name_of("a", "b") == ("a", "b")


@pytest.mark.parametrize(
    ("arguments", "values", "message"),
    [
        (["x"], {}, "must either provide a name or specify --generate-name"),
        (["a", "b"], {"generate_name": True}, "cannot set --generate-name and also specify a name"),
        (["a", "b"], {"name_template": "x"}, "cannot set --name-template and also specify a name"),
        (["a", "b", "c", "d"], {}, "expected at most two arguments, unexpected arguments: c, d"),
    ],
)
def test_two_names_or_none_are_refused(arguments: list[str], values: dict[str, object], message: str) -> None:
    """The words are Helm's."""
    with pytest.raises(UsageError) as caught:
        name_of(*arguments, **values)  # type: ignore[arg-type]
    assert caught.value.message == message
