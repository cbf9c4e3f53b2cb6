"""``helm status``."""

from __future__ import annotations

from pilothouse.cli.helm2.arguments import release_name
from pilothouse.cli.helm2.connection import tiller
from pilothouse.cli.helm2.offers import releases
from pilothouse.cli.helm2.options import output_option, tls_options
from pilothouse.commandline.command import Command
from pilothouse.commandline.options import INT32, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.tiller_connection import TillerClient
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Shows how a release is: when it was deployed last, its namespace and status,
its objects in the cluster, the last run of its tests, and the notes of its
chart.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "status [flags] RELEASE_NAME",
        long=_LONG,
        options=[
            output_option(),
            Option("revision", "If set, display the status of the named release with revision", INT32),
            *tls_options(session),
        ],
        complete=releases(session),
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Print the status."""
    with tiller(session, invocation) as client:
        name = release_name(invocation)
        show_status(session, invocation, client, name, revision=invocation.integer("revision"))


def show_status(
    session: Session, invocation: Invocation, client: TillerClient, name: str, *, revision: int = 0
) -> None:
    """Ask for the status of a release and print it in the format that ``--output`` names."""
    from pilothouse.cli.helm2.printing import document, write
    from pilothouse.cli.helm2.status_view import status_text

    answer = client.call("GetReleaseStatus", name=name, version=revision)
    write(session, invocation.text("output"), table=lambda: status_text(answer), data=lambda: document(answer))
