"""Commands whose grammar is known but whose work is not part of this version."""

from __future__ import annotations

from pilothouse.errors import Unsupported

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation


def not_yet(_session: Session, invocation: Invocation) -> None:
    """Refuse to run, naming the command.

    Raises:
        Unsupported: Always.
    """
    raise Unsupported(
        f"'{invocation.command.path}' is not part of this version of Pilothouse",
        hints=("docs/compatibility.md lists what is missing",),
    )
