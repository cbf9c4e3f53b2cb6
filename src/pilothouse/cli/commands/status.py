"""``helm status``."""

from __future__ import annotations

from pilothouse.cli.offers import releases, revision_flag
from pilothouse.cli.options import output_option
from pilothouse.commandline.command import Command, exactly
from pilothouse.commandline.options import BOOL, INT, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Shows what a release is and how it is:
- when it was deployed, and into which namespace
- its state (unknown, deployed, uninstalled, superseded, failed, uninstalling,
  pending-install, pending-upgrade or pending-rollback)
- its revision, and the message that its last change left
- its objects in the cluster
- how its tests ended, when they ran
- the notes of its chart
"""


def declare(session: Session) -> Command:
    """Return the command."""
    new = session.generation != 3
    return Command(
        "status RELEASE_NAME",
        long=_LONG,
        options=[
            Option(
                "revision",
                "if set, display the status of the named release with revision",
                INT,
                complete=revision_flag(session),
            ),
            Option("show-desc", "if set, display the description message of the named release", BOOL, hidden=new),
            Option("show-resources", "if set, display the resources of the named release", BOOL, hidden=new),
            output_option(),
        ],
        validate=exactly(1),
        complete=releases(session),
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Show the release."""
    from pilothouse.actions.status import status
    from pilothouse.cli.output.printing import show
    from pilothouse.cli.output.releases import record
    from pilothouse.cli.output.status import StatusView

    new = session.generation != 3
    tables = invocation.text("output") == "table"
    found = status(
        session.context(),
        invocation.arguments[0],
        revision=invocation.integer("revision"),
        resources=new or invocation.flag("show-resources"),
        tables=tables,
    )
    view = StatusView(
        release=found.release,
        resources=found.resources if tables else None,
        description=new or invocation.flag("show-desc"),
        stored=True,
        colour=session.colour,
    )
    show(
        session,
        invocation,
        table=view.text,
        data=lambda: record(found.release, session.generation, chart=False, resources=found.resources),
    )
    if found.interruption is not None:
        from pilothouse.cli.output.interruption import interruption_lines

        session.streams.warn("\n".join(interruption_lines(found.interruption, session.clock.now())))
