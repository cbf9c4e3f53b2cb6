"""Errors on standard error, with hints, and the exit code that each means."""

from __future__ import annotations

from pilothouse.cli.logs import slog_value
from pilothouse.errors import Exists, Invalid, PilothouseError, Unreachable, Unsupported, read_fault, reason_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.cli.session import Session

INTERRUPTED = 130
BROKEN_PIPE = 141
INTERNAL = 2


class InvalidColour(Invalid):
    """``--color`` is none of the modes; Helm logs it and prints no ``Error:`` line."""

    reference = "invalid-colour"

    def __init__(self, colour: str) -> None:
        from pilothouse.golang.quoting import quote

        super().__init__(f"invalid color mode {quote(colour)}: must be one of: never, auto, always")


class UnknownDriver(Invalid):
    """``HELM_DRIVER`` names no driver; Helm logs it before the command runs and prints no ``Error:`` line."""

    reference = "unknown-driver"

    def __init__(self, driver: str) -> None:
        from pilothouse.golang.quoting import quote

        super().__init__(f"unknown driver {quote(driver)}")


class AlreadyTold(PilothouseError):
    """A program of Pilothouse that ran as a process of its own failed, and printed why.

    Attributes:
        exit_code: Its exit code.
    """

    reference = "already-told"

    def __init__(self, program: str, exit_code: int) -> None:
        super().__init__(f"{program} failed with exit code {exit_code}")
        self.exit_code = exit_code


def report_failure(session: Session, error: BaseException) -> int:
    """Print ``error`` to standard error and return the exit code."""
    if isinstance(error, BrokenPipeError):
        return BROKEN_PIPE
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(error, AlreadyTold):
        return error.exit_code
    lines = _explained(error, session)
    if not lines:
        return _internal(session, error)
    if session.settings.debug and session.generation != 2:
        lines += _causes(error)
    session.streams.warn("\n".join(lines))
    code: int = getattr(error, "exit_code", 1)
    return code


def _explained(error: BaseException, session: Session) -> list[str]:  # noqa: PLR0911 - a table of kinds
    """Return the lines for an error that has a cause outside of Pilothouse, none for a fault of its own."""
    if isinstance(error, InvalidColour):
        return [f'level=WARN msg="command failed" error={slog_value(error.message)}']
    if isinstance(error, UnknownDriver):
        log = f"level=INFO msg={slog_value(error.message)}"
        return [log if session.generation != 3 else f"helm.go:78: {error.message}"]
    if isinstance(error, PilothouseError):
        return [f"{getattr(error, 'prefix', 'Error: ')}{error.message}", *_hints(error, session)]
    if isinstance(error, BaseExceptionGroup):
        members = [member for member in error.exceptions if isinstance(member, PilothouseError)]
        if len(members) == len(error.exceptions):
            messages = "\n".join(member.message for member in members)
            return [f"Error: {messages}", *(hint for member in members for hint in _hints(member, session))]
    if isinstance(error, OSError) and error.strerror:
        return [f"Error: {operating_system_text(error)}"]
    if isinstance(error, ValueError) and str(error) == "embedded null byte":
        return ["Error: invalid argument: a path with a null byte"]  # what Go gets from the system, Python says itself
    if isinstance(error, RecursionError):
        return ["Error: the input is nested too deeply"]
    return ["Error: not enough memory"] if isinstance(error, MemoryError) else []


def _hints(error: PilothouseError, session: Session) -> list[str]:
    if session.generation == 2 and not isinstance(error, (Unsupported, Exists)):
        return []  # Helm 2 prints nothing beside the error, and scripts look at it
    hints = list(error.hints)
    unreachable = isinstance(error, Unreachable) and "cluster unreachable" in error.message
    if unreachable and not hints and not session.settings.sandbox:
        hints.append("to try it on the embedded cluster, add --sandbox")
    return [f"hint: {hint}" for hint in hints]


def operating_system_text(error: OSError) -> str:
    """Return an error of the operating system as Go prints it."""
    if error.filename:
        return read_fault(error, error.filename)
    # Only the search for the working directory fails for want of a file without a name.
    return f"getwd: {reason_of(error)}" if isinstance(error, FileNotFoundError) else reason_of(error)


def _causes(error: BaseException) -> list[str]:
    """Return what lies behind an error, for ``--debug``."""
    lines: list[str] = []
    told, cause = str(error), error.__cause__
    while cause is not None and len(lines) < 10:
        if not told.endswith(str(cause)):
            lines.append(f"caused by {type(cause).__name__}: {cause}")
        told, cause = str(cause), cause.__cause__
    return lines


def _internal(session: Session, error: BaseException) -> int:
    """Report a fault of Pilothouse itself."""
    lines = [f"Error: internal error: {type(error).__name__}: {error}"]
    if session.settings.debug:
        import traceback

        lines.append("".join(traceback.format_exception(error)).rstrip())
    else:
        lines.append("hint: this is a fault of Pilothouse; --debug shows where")
    session.streams.warn("\n".join(lines))
    return INTERNAL
