"""``helm history``."""

from __future__ import annotations

from pilothouse.cli.offers import releases
from pilothouse.cli.options import output_option
from pilothouse.commandline.command import Command, exactly
from pilothouse.commandline.options import BOOL, INT, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Lists the revisions of a release, the oldest first; no more than 256 of them
unless --max says otherwise:

    $ helm history angry-bird
    REVISION    UPDATED                     STATUS          CHART             APP VERSION     DESCRIPTION
    1           Mon Oct 3 10:15:13 2016     superseded      alpine-0.1.0      1.0             Initial install
    2           Mon Oct 3 10:15:13 2016     superseded      alpine-0.1.0      1.0             Upgraded successfully
    3           Mon Oct 3 10:15:13 2016     deployed        alpine-0.1.0      1.0             Rolled back to 1

'--show-rollback-revision' adds a column with the revision that was rolled back
to.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "history RELEASE_NAME",
        long=_LONG,
        options=[
            Option("max", "maximum number of revision to include in history", INT, default=256),
            Option(
                "show-rollback-revision",
                "show the rollback revision column in table output",
                BOOL,
                hidden=session.generation == 3,
            ),
            output_option(),
        ],
        validate=exactly(1),
        complete=releases(session),
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """List the revisions."""
    from pilothouse.actions.history import history
    from pilothouse.cli.output.history import HistoryView
    from pilothouse.cli.output.printing import show

    revisions = history(session.context(), invocation.arguments[0], maximum=invocation.integer("max"))
    view = HistoryView(
        releases=tuple(revisions),
        rollbacks=invocation.flag("show-rollback-revision"),
        generation=session.generation,
    )
    show(session, invocation, table=view.table, data=view.data)
