"""``helm fetch``, which later Helms call ``pull``."""

from __future__ import annotations

from pilothouse.cli.helm2.options import chart_path_options, text_option
from pilothouse.cli.places import places
from pilothouse.commandline.command import Command
from pilothouse.commandline.errors import UsageError
from pilothouse.commandline.options import BOOL, Option
from pilothouse.errors import PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Fetches charts from a repository and keeps the archives, or with '--untar' what
is in them.

With '--verify' a chart must have a provenance file that fits it; a chart that
does not pass is not kept.
"""
_DESTINATION = "Location to write the chart. If this and tardir are specified, tardir is appended to this"
_UNTAR_FOLDER = "If untar is specified, this flag specifies the name of the directory into which the chart is expanded"


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "fetch [flags] [chart URL | repo/chartname] [...]",
        long=_LONG,
        options=[
            Option("untar", "If set to true, will untar the chart after downloading it", BOOL),
            text_option("untardir", _UNTAR_FOLDER, default="."),
            Option("prov", "Fetch the provenance file, but don't perform verification", BOOL),
            text_option("destination", _DESTINATION, shorthand="d", default="."),
            *chart_path_options(
                session,
                verify="Verify the package against its signature",
                keyring="Keyring containing public keys",
                version="Specific version of a chart. Without this, the latest version is fetched",
            ),
        ],
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Fetch the charts."""
    if not invocation.arguments:
        raise UsageError("need at least one argument, url or repo/name of the chart")
    from pilothouse.actions.helm2_words import as_helm2
    from pilothouse.actions.pull import PullOptions, pull
    from pilothouse.cli.chart_argument import chart_path_options as chosen

    for reference in invocation.arguments:
        options = PullOptions(
            reference=reference,
            chart=chosen(invocation),
            destination=invocation.text("destination"),
            untar=invocation.flag("untar"),
            untar_folder=invocation.text("untardir"),
            provenance=invocation.flag("prov"),
        )
        try:
            found = pull(session.environment, places(session), options, reporter=session.reporter)
        except PilothouseError as error:
            error.message = as_helm2(error.message)
            raise
        if found.verified is not None:
            session.streams.out.line(f"Verification: {found.verified.digest} {found.path.rpartition('/')[2]}")
