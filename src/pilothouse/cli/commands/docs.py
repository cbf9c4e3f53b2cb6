"""``helm docs``, which is hidden."""

from __future__ import annotations

from pilothouse.cli.later import not_yet
from pilothouse.cli.offers import no_more
from pilothouse.commandline.command import Command, no_arguments
from pilothouse.commandline.options import BOOL, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session

_LONG = """
Writes the help of every command into files, as Markdown or as pages for man.
"""


def declare(session: Session) -> Command:
    """Return the command."""
    return Command(
        "docs",
        long=_LONG,
        options=[
            Option("dir", "directory to which documentation is written", default="./"),
            Option("type", "the type of documentation to generate (markdown, man, bash)", default="markdown"),
            Option("generate-headers", "generate standard headers for markdown files", BOOL),
        ],
        validate=no_arguments,
        complete=no_more,
        run=session.runs(not_yet),
    )
