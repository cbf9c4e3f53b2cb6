"""``helm test``."""

from __future__ import annotations

from pilothouse.cli.offers import releases
from pilothouse.cli.options import timeout_option
from pilothouse.cli.output.status import StatusView
from pilothouse.commandline.command import Command, exactly
from pilothouse.commandline.options import BOOL, TEXT_SLICE, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Runs the tests of a release, which its chart brought along, and tells how they
ended.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "test [RELEASE]",
        long=_LONG,
        options=[
            timeout_option(),
            Option(
                "logs",
                "dump the logs from test pods (this runs after all tests are complete, but before any cleanup)",
                BOOL,
            ),
            Option(
                "filter",
                "specify tests by attribute (currently \"name\") using attribute=value syntax or '!attribute=value' to "
                "exclude a test (can specify multiple or separate values with commas: name=test1,name=test2)",
                TEXT_SLICE,
            ),
            Option(
                "hide-notes",
                "if set, do not show notes in test output. Does not affect presence in chart metadata",
                BOOL,
                hidden=session.generation != 3,
            ),
        ],
        validate=exactly(1),
        complete=releases(session),
        run=session.runs(run),
    )


def run(session: Session, invocation: Invocation) -> None:
    """Run the tests and tell how they ended."""
    from pilothouse.actions.test import ReleaseTestOptions, test

    filters = invocation.texts("filter")
    result = test(
        session.context(),
        ReleaseTestOptions(
            name=invocation.arguments[0],
            timeout=invocation.number("timeout"),
            include=tuple(text[5:] for text in filters if text.startswith("name=")),
            exclude=tuple(text[6:] for text in filters if text.startswith("!name=")),
            logs=invocation.flag("logs"),
        ),
    )
    view = StatusView(
        release=result.release,
        description=session.generation != 3,
        debug=session.settings.debug,
        stored=True,
        hide_notes=session.generation != 3 or invocation.flag("hide-notes"),
        colour=session.colour,
    )
    out = session.streams.out
    out.write(view.text())
    if invocation.flag("logs"):
        out.line()
        for pod, container, text in result.logs:
            where = pod if session.generation == 3 else f"{pod} ({container})"
            out.write(f"POD LOGS: {where}\n{text}\n")
    if result.error is not None:
        raise result.error
