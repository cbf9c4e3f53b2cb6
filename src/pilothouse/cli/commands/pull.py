"""``helm pull``."""

from __future__ import annotations

from pilothouse.cli.offers import charts, nothing
from pilothouse.cli.options import DEVEL, chart_path_options
from pilothouse.cli.places import places
from pilothouse.cli.progress_line import ProgressLine
from pilothouse.cli.registry_access import check_certificates
from pilothouse.commandline.command import Command, at_least
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Fetches charts from a repository or a registry and keeps the archives, or with
--untar what is in them.

With --verify a chart must have a provenance file that fits it; a chart that
does not pass is not kept.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "pull [chart URL | repo/chartname] [...]",
        long=_LONG,
        options=[
            Option("devel", f"{DEVEL}.", BOOL),
            Option("untar", "if set to true, will untar the chart after downloading it", BOOL),
            Option("prov", "fetch the provenance file, but don't perform verification", BOOL),
            Option(
                "untardir",
                "if untar is specified, this flag specifies the name of the directory into which the chart is expanded",
                default=".",
            ),
            Option(
                "destination",
                "location to write the chart. If this and untardir are specified, untardir is appended to this",
                default=".",
                shorthand="d",
            ),
            *chart_path_options(session),
        ],
        validate=at_least(1),
        complete=lambda invocation, typed: _complete(session, invocation, typed),
        run=session.runs(run),
    )


def _complete(session: Session, invocation: Invocation, typed: str) -> tuple[list[str], int]:
    return nothing(invocation, typed) if invocation.arguments else charts(session, invocation, typed, local=False)


def run(session: Session, invocation: Invocation) -> None:
    """Fetch the charts."""
    from pilothouse.actions.pull import PullOptions, pull
    from pilothouse.cli.chart_argument import chart_path_options as chosen

    check_certificates(session, invocation)
    if invocation.flag("devel") and not invocation.text("version"):
        session.reporter.debug("setting version to >0.0.0-0")
    for reference in invocation.arguments:
        options = PullOptions(
            reference=reference,
            chart=chosen(invocation),
            destination=invocation.text("destination"),
            untar=invocation.flag("untar"),
            untar_folder=invocation.text("untardir"),
            provenance=invocation.flag("prov"),
        )
        with ProgressLine(session) as reporter:
            found = pull(session.environment, places(session), options, reporter=reporter)
        if found.warning:
            session.streams.out.line(found.warning)
        if found.verified is not None:
            for identity in found.verified.identities:
                session.streams.out.line(f"Signed by: {identity}")
            session.streams.out.line(f"Using Key With Fingerprint: {found.verified.fingerprint.upper()}")
            session.streams.out.line(f"Chart Hash Verified: {found.verified.digest}")
