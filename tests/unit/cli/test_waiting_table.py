"""The table of what is waited for."""

from __future__ import annotations

import io

import pytest

from pilothouse.cli import waiting_table
from pilothouse.cli.waiting_table import WaitingTable, plain_text
from pilothouse.clock import FixedClock
from pilothouse.commandline.terminal import TextOutput
from pilothouse.progress import Event, ObjectState

STATES = (
    ObjectState(kind="Service", namespace="a", name="web", status="Current"),
    ObjectState(
        kind="Deployment",
        namespace="a",
        name="web",
        status="InProgress",
        message="Available: 0/2",
        ready="0/2",
        event="no node\x1b[31m fits",
        log=("fatal: no database",),
    ),
)
EVENT = Event(kind="progress", message="waiting for objects to be ready", objects=STATES)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> tuple[WaitingTable, FixedClock, io.BytesIO]:
    """A table on a terminal of eighty columns."""
    monkeypatch.setenv("COLUMNS", "80")
    stream, clock = io.BytesIO(), FixedClock(0)
    return WaitingTable(TextOutput(stream, terminal=True), clock, colour=False), clock, stream


def test_short_waits_show_nothing(shown: tuple[WaitingTable, FixedClock, io.BytesIO]) -> None:
    """What lasts no second leaves the terminal alone."""
    table, clock, stream = shown
    table.show(EVENT)
    clock.sleep(0.5)
    table.show(EVENT)
    table.clear()
    assert stream.getvalue() == b""


def test_table(shown: tuple[WaitingTable, FixedClock, io.BytesIO]) -> None:
    """Objects, counts, states, news and logs are shown, and nothing in them can steer the terminal."""
    table, clock, stream = shown
    table.show(EVENT)
    clock.sleep(2)
    table.show(EVENT)
    text = stream.getvalue().decode()
    assert "waiting for objects to be ready: 1 of 2, 2 s" in text
    assert [line.split() for line in text.splitlines() if line.startswith("Deployment/web")] == [
        ["Deployment/web", "0/2", "waiting", "no", "node", "[31m", "fits"]
    ]
    assert "web | fatal: no database" in text
    table.clear()
    assert stream.getvalue().endswith(b"\x1b[2K") or b"\x1b[1A" in stream.getvalue()


def test_many_objects(shown: tuple[WaitingTable, FixedClock, io.BytesIO], monkeypatch: pytest.MonkeyPatch) -> None:
    """On a low terminal, what is not ready comes first and the rest is counted."""
    table, clock, stream = shown
    monkeypatch.setattr(waiting_table, "_height", lambda: 8)
    many = tuple(ObjectState(kind="Secret", namespace="a", name=f"s{n}", status="Current") for n in range(20))
    table.show(Event(kind="progress", message="waiting", objects=(*many, *STATES)))
    clock.sleep(2)
    table.show(Event(kind="progress", message="waiting", objects=(*many, *STATES)))
    text = stream.getvalue().decode()
    assert "Deployment/web" in text
    assert "and 19 more" in text


def test_plain_text() -> None:
    """Without a terminal, one line names what is not ready."""
    assert plain_text(EVENT) == "Deployment/web 0/2 Available: 0/2"
