"""``helm uninstall``, a habit of later Helms: ``delete`` that keeps no history unless it is asked to."""

from __future__ import annotations

import math

from pilothouse.cli.helm2.delete import delete_all
from pilothouse.cli.helm2.offers import releases
from pilothouse.cli.helm2.options import text_option, timeout_option, tls_options
from pilothouse.commandline.command import Command
from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.options import BOOL, DURATION, INT, Custom, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Deletes a release and its history, as later Helms do: the objects of its last
revision are removed from the cluster, and its name is free again.

With '--keep-history' its records stay, as with 'helm delete', so that it can be
rolled back.
"""


def _seconds(text: str, current: Any) -> int:
    """Return seconds that are given as Helm 2 does, as a number, or as later Helms do, as a duration."""
    digits = text.removeprefix("-").isdecimal()
    return int(INT.read(text, current)) if digits else math.ceil(DURATION.read(text, current))


_SECONDS = Custom("int", _seconds, shown="300")


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "uninstall [flags] RELEASE_NAME [...]",
        long=_LONG,
        options=[
            Option("dry-run", "Simulate a delete", BOOL),
            Option("keep-history", "Remove the release's objects and keep its records", BOOL),
            Option("no-hooks", "Prevent hooks from running during deletion", BOOL),
            Option("purge", "Keep no history, as is usual here", BOOL),
            Option("ignore-not-found", "Count a release that is not there as deleted", BOOL),
            Option("cascade", "How dependents of the objects go; Tiller knows only background", default="background"),
            Option("timeout", timeout_option().usage, _SECONDS, default=300),
            text_option("description", "Specify a description for the release"),
            *tls_options(session),
        ],
        exclusive=(("keep-history", "purge"),),
        complete=releases(session, many=True),
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Delete the releases and say so, one after the other."""
    cascade = invocation.text("cascade")
    if cascade != "background":
        raise UsageError(
            f"--cascade {cascade} is not possible: Tiller lets dependents of the objects go in the background",
            hints=("helm convert moves releases out of Tiller; helm uninstall then takes --cascade",),
        )
    purge, missing_ok = not invocation.flag("keep-history"), invocation.flag("ignore-not-found")
    delete_all(session, invocation, purge=purge, missing_ok=missing_ok)
