"""Every error that Pilothouse raises on purpose, by category.

::

    PilothouseError
    ├── NotFound      what was named does not exist
    ├── Exists        what should be new is there already
    ├── Conflict      two changes, managers or operations exclude each other
    ├── Invalid       the input is wrong: a chart, values, a flag, an answer
    ├── Denied        not allowed: credentials, permissions, policy
    ├── Unreachable   a server cannot be reached or does not answer sensibly
    ├── TimedOut      it took longer than allowed
    ├── Cancelled     the user stopped it
    └── Unsupported   Pilothouse does not do this yet, or cannot

Each package derives its own errors from one of these in its ``errors.py``. Faces map the category, never a package's
class, to an exit code, a gRPC status or an HTTP status.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Self


class PilothouseError(Exception):
    """An error that a user can act on.

    Attributes:
        reference: Stable kebab-case name of the kind of error.
        message: What went wrong, as printed after ``Error: ``.
        hints: What to do next, a sentence each, printed on their own lines.
    """

    reference: str = "error"

    def __init__(self, message: str, *, hints: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hints = hints

    def prefixed(self, text: str) -> Self:
        """Return the same error with ``text`` before its message; its category, facts and hints stay."""
        twin = type(self).__new__(type(self))
        twin.__dict__.update(self.__dict__)
        twin.message = text + self.message
        twin.args = (twin.message,)
        return twin

    def __str__(self) -> str:
        return self.message


class NotFound(PilothouseError):
    """What was named does not exist."""

    reference = "not-found"


class Exists(PilothouseError):
    """What should be new is there already."""

    reference = "exists"


class Conflict(PilothouseError):
    """Two changes, managers or operations exclude each other."""

    reference = "conflict"


class Invalid(PilothouseError):
    """The input is wrong."""

    reference = "invalid"


class Denied(PilothouseError):
    """Credentials, permissions or a policy do not allow it."""

    reference = "denied"


class Unreachable(PilothouseError):
    """A server cannot be reached or does not answer sensibly."""

    reference = "unreachable"


class TimedOut(PilothouseError):
    """It took longer than allowed."""

    reference = "timed-out"


class Cancelled(PilothouseError):
    """The user stopped it."""

    reference = "cancelled"


class Unsupported(PilothouseError):
    """Pilothouse does not do this yet, or cannot."""

    reference = "unsupported"


def reason_of(error: OSError) -> str:
    """Return why the operating system refused, as Go prints it: ``no such file or directory``."""
    return (error.strerror or str(error)).lower()


def read_fault(error: OSError, path: str) -> str:
    """Return why a file could not be read, as ``os.ReadFile`` tells it: a folder can be opened, but not read."""
    verb = "read" if isinstance(error, IsADirectoryError) else "open"
    return f"{verb} {path}: {reason_of(error)}"
