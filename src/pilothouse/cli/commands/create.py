"""``helm create``."""

from __future__ import annotations

from pilothouse.cli.offers import first_file
from pilothouse.commandline.command import Command, exactly
from pilothouse.commandline.options import Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Makes a new chart: a directory with the files that most charts have.

'helm create foo' makes this tree:

    foo/
    ├── .helmignore   # files that are not packaged
    ├── Chart.yaml    # what the chart is
    ├── values.yaml   # default values of the templates
    ├── charts/       # charts that this one needs
    └── templates/    # templates
        └── tests/    # tests of the release

The argument may be a path; the directories on the way must be there. In a
chart's directory that exists, files of the same names are overwritten and all
others are left alone.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "create NAME",
        long=_LONG,
        options=[
            Option("starter", "the name or absolute path to Helm starter scaffold", shorthand="p"),
            Option("chart-api-version", "chart API version to use (v2 or v3)", default="v2", hidden=True),
        ],
        validate=exactly(1),
        complete=first_file,
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Make the chart."""
    from pilothouse.actions.create import CreateOptions, create

    name = invocation.arguments[0]
    session.streams.out.line(f"Creating {name}")
    create(
        session.environment,
        CreateOptions(
            name=name, starter=invocation.text("starter"), chart_api_version=invocation.text("chart-api-version")
        ),
        report=session.streams.out.line,
    )
