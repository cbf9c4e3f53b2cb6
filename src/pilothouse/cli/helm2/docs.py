"""``helm docs``, which is hidden: the help of every command as files."""

from __future__ import annotations

from pilothouse.cli.commands.docs import declare as declare_docs
from pilothouse.cli.helm2.options import text_option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Command


def declare(session: Session) -> Command:
    """Return the command."""
    command = declare_docs(session)
    command.options = [
        text_option("dir", "Directory to which documentation is written", default="./"),
        text_option("type", "The type of documentation to generate (markdown, man, bash)", default="markdown"),
    ]
    return command
