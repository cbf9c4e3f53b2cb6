"""``helm show``."""

from __future__ import annotations

from pilothouse.cli.offers import first_chart
from pilothouse.cli.options import DEVEL, chart_path_options
from pilothouse.cli.registry_access import check_certificates
from pilothouse.commandline.command import Command, exactly
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Shows what a chart holds; the commands below each show one part of it.
"""
_PARTS = (
    ("all", "show all information of the chart", "everything: Chart.yaml, values.yaml, README and CRDs"),
    ("chart", "show the chart's definition", "Chart.yaml"),
    ("crds", "show the chart's CRDs", "the custom resource definitions"),
    ("readme", "show the chart's README", "the README"),
    ("values", "show the chart's values", "values.yaml"),
)


def declare(session: Session) -> Command:
    """Return the command."""
    return Command("show", long=_LONG, children=[_part(session, *part) for part in _PARTS])


def _part(session: Session, name: str, short: str, what: str) -> Command:
    options = [*chart_path_options(session), Option("devel", DEVEL, BOOL)]
    if name == "values":
        options.append(Option("jsonpath", "supply a JSONPath expression to filter the output"))
    return Command(
        f"{name} [CHART]",
        short,
        long=f"\nPrints {what} of a chart, which may be a directory, an archive or a URL.\n",
        options=options,
        validate=exactly(1),
        complete=first_chart(session),
        run=session.runs(_runner(name)),
    )


def _runner(part: str) -> Callable[[Session, Invocation], None]:
    def run(session: Session, invocation: Invocation) -> None:
        from pilothouse.actions.show import show
        from pilothouse.cli.chart_argument import located, tell_version

        check_certificates(session, invocation)
        tell_version(session, invocation, "original chart version")
        path = located(session, invocation, invocation.arguments[0])
        text = show(
            path,
            part,
            jsonpath=invocation.text("jsonpath"),
            helm=session.generation,
            reporter=session.reporter,
        )
        session.streams.out.write(text)

    return run
