"""What Helm 2 says of missing arguments."""

from __future__ import annotations

from pilothouse.commandline.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.commandline.command import Invocation


def release_name(invocation: Invocation) -> str:
    """Return the first argument.

    Raises:
        UsageError: There is none.
    """
    if not invocation.arguments:
        raise UsageError("release name is required")
    return invocation.arguments[0]


def exact_arguments(invocation: Invocation, *names: str) -> list[str]:
    """Return the arguments, one for each name (``checkArgsLength``).

    Raises:
        UsageError: There are more or fewer.
    """
    if len(invocation.arguments) != len(names):
        word = "argument" if len(names) == 1 else "arguments"
        raise UsageError(f"This command needs {len(names)} {word}: {', '.join(names)}")
    return invocation.arguments
