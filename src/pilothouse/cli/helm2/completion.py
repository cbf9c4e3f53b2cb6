"""``helm completion``."""

from __future__ import annotations

from pilothouse.commandline.command import Command
from pilothouse.commandline.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session
    from pilothouse.commandline.command import Invocation

_LONG = """
Prints a script for a shell, bash or zsh; once the shell has read it, the tab
key completes Helm's commands and flags:

	$ source <(helm completion bash)
"""
_SHELLS = ("bash", "zsh")


def declare(session: Session) -> Command:
    """Return the command."""
    return Command("completion SHELL", long=_LONG, run=session.runs(run))


def run(session: Session, invocation: Invocation) -> None:
    """Print the script."""
    if not invocation.arguments:
        raise UsageError("shell not specified")
    if len(invocation.arguments) > 1:
        raise UsageError("too many arguments, expected only the shell type")
    shell = invocation.arguments[0]
    if shell not in _SHELLS:
        from pilothouse.golang.quoting import quote

        raise UsageError(f"unsupported shell type {quote(shell)}")
    from pilothouse.commandline.completion_scripts import completion_script

    session.streams.out.write(completion_script(shell, "helm", described=True))
