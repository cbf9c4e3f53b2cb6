"""``helm inspect``, which later Helms call ``show``."""

from __future__ import annotations

from pilothouse.cli.helm2.arguments import exact_arguments
from pilothouse.cli.helm2.options import LOCATE, chart_path_options
from pilothouse.commandline.command import Command
from pilothouse.commandline.options import Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Shows what a chart, which may be a directory, an archive or a URL, says of
itself: Chart.yaml, values.yaml and the README.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "inspect [CHART]",
        long=_LONG,
        options=_options(session),
        children=[_part(session, name, what) for name, what in _PARTS],
        run=session.runs(_runner("")),
    )


_PARTS = (("values", "values.yaml"), ("chart", "Chart.yaml"), ("readme", "the README"))


def _options(session: Session, *, login: bool = True) -> list[Option]:
    found = chart_path_options(
        session,
        verify="Verify the provenance data for this chart",
        keyring="Path to the keyring containing public verification keys",
        version="Version of the chart. By default, the newest chart is shown",
        logins=LOCATE,
    )
    # the texts of these two are Helm 2's, which mixed them up
    texts = {
        "ca-file": "Chart repository url where to locate the requested chart",
        "cert-file": "Verify certificates of HTTPS-enabled servers using this CA bundle",
    }
    for option in found:
        option.usage = texts.get(option.name, option.usage)
    return [option for option in found if login or option.name not in ("username", "password")]


def _part(session: Session, name: str, what: str) -> Command:
    return Command(
        f"{name} [CHART]",
        f"shows inspect {name}",
        long=f"\nPrints {what} of a chart.\n",
        options=_options(session, login=name != "readme"),
        run=session.runs(_runner(name)),
    )


def _runner(part: str) -> Callable[[Session, Invocation], None]:
    def run(session: Session, invocation: Invocation) -> None:
        (reference,) = exact_arguments(invocation, "chart name")
        from pilothouse.actions.tiller_chart import inspect
        from pilothouse.charts import helm2
        from pilothouse.cli.helm2.chart_argument import located

        path = located(session, invocation, reference)
        chart = helm2.load(path, reporter=session.reporter)
        session.streams.out.write(inspect(chart, part))

    return run
