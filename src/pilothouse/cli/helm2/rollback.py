"""``helm rollback``."""

from __future__ import annotations

from pilothouse.cli.helm2.arguments import exact_arguments
from pilothouse.cli.helm2.connection import tiller
from pilothouse.cli.helm2.offers import releases
from pilothouse.cli.helm2.options import text_option, timeout_option, tls_options, wait_option
from pilothouse.commandline.command import Command
from pilothouse.commandline.errors import UsageError, ValueRefused
from pilothouse.commandline.options import BOOL, INT32, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.tiller_connection import TillerClient
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Brings a release back to an earlier revision; 0 means the one before the last.

'helm history RELEASE' shows the revisions.
"""
FORCE = "Force resource update through delete/recreate if needed"
RECREATE = "Performs pods restart for the resource if applicable"


def declare(session: Session) -> Command:
    """Return the command."""
    cleanup = "Allow deletion of new resources created in this rollback when rollback failed"
    return Command(
        "rollback [flags] [RELEASE] [REVISION]",
        long=_LONG,
        options=[
            Option("dry-run", "Simulate a rollback", BOOL),
            Option("recreate-pods", RECREATE, BOOL),
            Option("force", FORCE, BOOL),
            Option("no-hooks", "Prevent hooks from running during rollback", BOOL),
            timeout_option(),
            wait_option(),
            text_option("description", "Specify a description for the release"),
            Option("cleanup-on-fail", cleanup, BOOL),
            *tls_options(session),
        ],
        complete=releases(session),
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Roll back and say so."""
    with tiller(session, invocation) as client:
        name, given = exact_arguments(invocation, "release name", "revision number")
        try:
            revision = int(INT32.read(given, None))
        except ValueRefused as error:
            from pilothouse.golang.quoting import quote

            raise UsageError(f"invalid revision number '{quote(given)}': {error.message}") from error
        roll_back(session, invocation, client, name, revision, wait=invocation.flag("wait"))


def roll_back(
    session: Session,
    invocation: Invocation,
    client: TillerClient,
    name: str,
    revision: int,
    *,
    wait: bool,
    description: str | None = None,
) -> None:
    """Roll back a release as the flags say, and say so."""
    client.call(
        "RollbackRelease",
        name=name,
        version=revision,
        dry_run=invocation.flag("dry-run"),
        recreate=invocation.flag("recreate-pods"),
        force=invocation.flag("force"),
        disable_hooks=invocation.flag("no-hooks"),
        timeout=invocation.integer("timeout"),
        wait=wait,
        description=invocation.text("description") if description is None else description,
        cleanup_on_fail=invocation.flag("cleanup-on-fail"),
    )
    session.streams.out.line("Rollback was a success.")
