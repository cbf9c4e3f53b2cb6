"""``helm create``."""

from __future__ import annotations

from pilothouse.cli.helm2.options import text_option
from pilothouse.commandline.command import Command
from pilothouse.commandline.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Makes a new chart: a directory with the files that most charts have.

'helm create foo' makes this tree:

    foo/
      |- .helmignore        # files that are not packaged
      |- Chart.yaml         # what the chart is
      |- values.yaml        # default values of the templates
      |- charts/            # charts that this one needs
      |- templates/         # templates
      |- templates/tests/   # tests of the release

The argument may be a path; the directory above it must exist. Files that exist
are left alone.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    starter = text_option("starter", "The name or absolute path to Helm starter scaffold", shorthand="p")
    return Command("create NAME", long=_LONG, options=[starter], run=session.runs(run))


def run(session: Session, invocation: Invocation) -> None:
    """Make the chart."""
    if not invocation.arguments:
        raise UsageError("the name of the new chart is required")
    if len(invocation.arguments) > 1:
        raise UsageError("command 'create' doesn't support multiple arguments")
    import os

    from pilothouse.actions.create import CreateOptions, create_helm2

    name, starter = invocation.arguments[0], invocation.text("starter")
    session.streams.out.line(f"Creating {name}")
    session.streams.out.flush()
    if starter:
        starter = os.path.join(session.settings.home, "starters", starter)
    create_helm2(session.environment, CreateOptions(name=name, starter=starter), clock=session.clock)
