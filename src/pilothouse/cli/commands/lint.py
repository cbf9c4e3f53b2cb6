"""``helm lint``."""

from __future__ import annotations

from pilothouse.cli.offers import files
from pilothouse.cli.options import value_options
from pilothouse.commandline.command import Command, at_least
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
        validate=at_least(1),
        complete=files,
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Examine the charts."""
    raise NotImplementedError
