"""``helm uninstall``, a habit of later Helms: ``delete`` that keeps no history unless it is asked to."""

from __future__ import annotations

from pilothouse.cli.helm2.delete import delete_all
from pilothouse.cli.helm2.offers import releases
from pilothouse.cli.helm2.options import text_option, timeout_option, tls_options
from pilothouse.commandline.command import Command
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Deletes a release and its history, as later Helms do: the objects of its last
revision are removed from the cluster, and its name is free again.

With '--keep-history' its records stay, as with 'helm delete', so that it can be
rolled back.
"""


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
            timeout_option(),
            text_option("description", "Specify a description for the release"),
            *tls_options(session),
        ],
        exclusive=(("keep-history", "purge"),),
        complete=releases(session, many=True),
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Delete the releases and say so, one after the other."""
    delete_all(session, invocation, purge=not invocation.flag("keep-history"))
