"""``helm delete``."""

from __future__ import annotations

from pilothouse.cli.helm2.connection import tiller
from pilothouse.cli.helm2.offers import releases
from pilothouse.cli.helm2.options import text_option, timeout_option, tls_options
from pilothouse.commandline.command import Command
from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.options import BOOL, Option
from pilothouse.errors import PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.tiller_connection import TillerClient
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Deletes a release: removes the objects of its last revision from the cluster.

Its history is kept, so that it can be rolled back and its name is not free,
unless '--purge' is given. With '--dry-run' nothing is deleted.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "delete [flags] RELEASE_NAME [...]",
        long=_LONG,
        options=[
            Option("dry-run", "Simulate a delete", BOOL),
            Option("no-hooks", "Prevent hooks from running during deletion", BOOL),
            Option("purge", "Remove the release from the store and make its name free for later use", BOOL),
            timeout_option(),
            text_option("description", "Specify a description for the release"),
            *tls_options(session),
        ],
        complete=releases(session, many=True),
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Delete the releases and say so, one after the other."""
    delete_all(session, invocation, purge=invocation.flag("purge"))


def delete_all(session: Session, invocation: Invocation, *, purge: bool, missing_ok: bool = False) -> None:
    """Delete the releases that the arguments name; where ``missing_ok``, those that are not there count as deleted."""
    with tiller(session, invocation) as client:
        if not invocation.arguments:
            raise UsageError(f"command '{invocation.command.name}' requires a release name")
        for name in invocation.arguments:
            try:
                delete(session, invocation, client, name, purge=purge)
            except PilothouseError as error:
                if not missing_ok or f'release: "{name}" not found' not in error.message:
                    raise
            session.streams.out.line(f'release "{name}" deleted')
            session.streams.out.flush()


def delete(
    session: Session,
    invocation: Invocation,
    client: TillerClient,
    name: str,
    *,
    purge: bool,
    description: str | None = None,
) -> None:
    """Delete a release as the flags say, and print what Tiller has to say."""
    if invocation.flag("dry-run"):
        client.call("GetReleaseContent", name=name)
        return
    answer = client.call(
        "UninstallRelease",
        name=name,
        disable_hooks=invocation.flag("no-hooks"),
        purge=purge,
        timeout=invocation.integer("timeout"),
        description=invocation.text("description") if description is None else description,
    )
    if answer.info:
        session.streams.out.line(answer.info)
