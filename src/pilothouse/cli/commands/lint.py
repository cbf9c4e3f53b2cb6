"""``helm lint``."""

from __future__ import annotations

from pilothouse.cli.offers import files
from pilothouse.cli.options import value_options
from pilothouse.commandline.command import Command, at_least
from pilothouse.commandline.options import BOOL, Option
from pilothouse.errors import Invalid

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
        "lint PATH",
        long=_LONG,
        options=[
            Option("strict", "fail on lint warnings", BOOL),
            Option("with-subcharts", "lint dependent charts", BOOL),
            Option("quiet", "print only warnings and errors", BOOL),
            Option("skip-schema-validation", "if set, disables JSON schema validation", BOOL),
            Option("kube-version", "Kubernetes version used for capabilities and deprecation checks"),
            *value_options(session.generation),
        ],
        validate=None if session.generation == 3 else at_least(1),
        complete=files,
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Examine the charts and tell what is wrong with them."""
    from pilothouse.actions.lint import LintOptions, lint
    from pilothouse.actions.template import kube_version_of
    from pilothouse.cli.chart_argument import user_values

    wanted = invocation.text("kube-version")
    version = kube_version_of(wanted, session.generation) if wanted else None
    result = lint(
        LintOptions(
            paths=tuple(invocation.arguments) or (".",),
            values=user_values(session, invocation),
            namespace=session.namespace(),
            strict=invocation.flag("strict"),
            with_subcharts=invocation.flag("with-subcharts"),
            quiet=invocation.flag("quiet"),
            skip_schema_validation=invocation.flag("skip-schema-validation"),
            kube_version=version,
            local_zone=session.environment.get("TZ"),
        ),
        helm=session.generation,
        reporter=session.reporter,
    )
    session.streams.out.write(result.text)
    if result.failed:
        raise Invalid(result.summary)
    if result.show_summary:
        session.streams.out.line(result.summary)
