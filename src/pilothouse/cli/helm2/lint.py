"""``helm lint``."""

from __future__ import annotations

from pilothouse.cli.helm2.options import text_option, value_options
from pilothouse.commandline.command import Command
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Examines charts and says what is wrong with them.

What would make an installation fail is an [ERROR]; what breaks a convention or
a recommendation is a [WARNING].
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "lint [flags] PATH",
        long=_LONG,
        options=[
            *value_options(urls=False),
            text_option("namespace", "Namespace to put the release into", default="default"),
            Option("strict", "Fail on lint warnings", BOOL),
        ],
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Examine the charts and tell what is wrong with them."""
    from pilothouse.actions.tiller_lint import LintOptions, lint
    from pilothouse.cli.chart_argument import user_values

    options = LintOptions(
        paths=tuple(invocation.arguments) or (".",),
        values=user_values(session, invocation),
        namespace=invocation.text("namespace"),
        strict=invocation.flag("strict"),
    )
    out = session.streams.out
    out.line(lint(session.environment, options, tell=out.write, clock=session.clock, reporter=session.reporter))
