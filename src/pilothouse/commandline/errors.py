"""Errors of the command line: a wrong flag, argument or command.

::

    Invalid
    └── UsageError          the command line cannot be understood
        ├── ValueRefused    a flag's value is wrong
        └── UnknownCommand  there is no such command
"""

from __future__ import annotations

from pilothouse.errors import Invalid


class UsageError(Invalid):
    """The command line cannot be understood."""

    reference = "usage"


class ValueRefused(UsageError):
    """A value is not what the flag takes; the parser adds which flag it was."""

    reference = "flag-value"


class UnknownCommand(UsageError):
    """There is no such command.

    Attributes:
        name: What was typed.
        suggestions: Commands that were perhaps meant.
    """

    reference = "unknown-command"

    def __init__(self, name: str, path: str, suggestions: tuple[str, ...]) -> None:
        text = f'unknown command "{name}" for "{path}"'
        if suggestions:
            text += "\n\nDid you mean this?\n" + "".join(f"\t{suggestion}\n" for suggestion in suggestions)
        super().__init__(f"{text}\nRun '{path} --help' for usage.")
        self.name = name
        self.suggestions = suggestions
