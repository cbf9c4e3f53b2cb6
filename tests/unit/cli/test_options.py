"""Flags that several commands share."""

from __future__ import annotations

from io import BytesIO

import pytest

from pilothouse.cli.options import dry_run_strategy, wait_strategy
from pilothouse.cli.session import Session
from pilothouse.commandline.command import Command, Invocation
from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.terminal import Streams, TextOutput
from pilothouse.environment import Environment

BOOLEAN = "level=WARN msg=\"boolean '--dry-run={}' flag is deprecated and must be replaced with '--dry-run={}'\"\n"


def session(compatibility: str = "") -> tuple[Session, BytesIO]:
    """Return a session and its standard error."""
    err = BytesIO()
    streams = Streams(TextOutput(BytesIO()), TextOutput(err))
    return Session(Environment(variables={"HELM_COMPAT": compatibility}), streams), err


def invocation(chosen: Session, **values: object) -> Invocation:
    """Return an invocation with values of flags."""
    named = {name.replace("_", "-"): value for name, value in values.items()}
    return Invocation(Command("x"), [], named, set(named), chosen.streams)


@pytest.mark.parametrize(
    ("value", "strategy", "warning"),
    [
        ("none", "none", ""),
        ("client", "client", ""),
        ("server", "server", ""),
        (
            "unset",
            "client",
            "level=WARN msg=\"--dry-run is deprecated and should be replaced with '--dry-run=client'\"\n",
        ),
        (
            "TRUE",
            "client",
            BOOLEAN.format("TRUE", "client"),
        ),
        ("f", "none", BOOLEAN.format("f", "none")),
    ],
)
def test_dry_run_takes_words_and_warns_of_booleans(value: str, strategy: str, warning: str) -> None:
    """What Helm 4 deprecates still works."""
    chosen, err = session()
    assert dry_run_strategy(chosen, invocation(chosen, dry_run=value)) == strategy
    assert err.getvalue().decode() == warning


@pytest.mark.parametrize(
    ("value", "strategy"), [("", "none"), ("false", "none"), ("none", "none"), ("true", "client"), ("server", "server")]
)
def test_dry_run_of_helm_3_takes_booleans(value: str, strategy: str) -> None:
    """They are what Helm 3 documents."""
    chosen, err = session("3")
    assert dry_run_strategy(chosen, invocation(chosen, dry_run=value)) == strategy
    assert err.getvalue() == b""


def test_a_wrong_dry_run_is_refused() -> None:
    """The words depend on the generation, and template knows no 'none'."""
    chosen, _err = session()
    with pytest.raises(UsageError, match=r'invalid dry-run value \("x"\)\. Must be "none", "server", or "client"'):
        dry_run_strategy(chosen, invocation(chosen, dry_run="x"))
    with pytest.raises(UsageError, match=r'invalid dry-run value \("none"\)\. Must be "server" or "client"'):
        dry_run_strategy(chosen, invocation(chosen, dry_run="none"), template=True)
    old, _err = session("3")
    with pytest.raises(UsageError, match="Invalid dry-run flag"):
        dry_run_strategy(old, invocation(old, dry_run="x"))


def test_rolling_back_on_failure_waits() -> None:
    """By either name of the flag, and in either generation."""
    new, _err = session()
    assert wait_strategy(new, invocation(new, wait="hookOnly")) == "hookOnly"
    assert wait_strategy(new, invocation(new, wait="hookOnly", atomic=True)) == "watcher"
    assert wait_strategy(new, invocation(new, wait="legacy", rollback_on_failure=True)) == "legacy"
    old, _err = session("3")
    assert wait_strategy(old, invocation(old, wait=False)) == "hookOnly"
    assert wait_strategy(old, invocation(old, wait=True)) == "legacy"
    assert wait_strategy(old, invocation(old, wait=False, atomic=True)) == "legacy"
