"""Commands whose grammar is known but whose work is not part of this version."""

from __future__ import annotations

from pilothouse.errors import Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Command, Invocation

NOTE = "This command is not part of this version of Pilothouse."


def is_later(command: Command) -> bool:
    """Return whether the work of a command is not part of this version."""
    return getattr(command.run, "__wrapped__", None) is not_yet


def tell_later(command: Command) -> None:
    """Say so in the help of a command and of those below it."""
    if is_later(command):
        command.long = f"{command.long or command.short}\n{'' if command.long else chr(10)}{NOTE}\n"
    for child in command.children:
        tell_later(child)


def not_yet(_session: Session, invocation: Invocation) -> None:
    """Refuse to run, naming the command.

    Raises:
        Unsupported: Always.
    """
    raise Unsupported(
        f"'{invocation.command.path}' is not part of this version of Pilothouse",
        hints=("docs/compatibility.md lists what is missing",),
    )
