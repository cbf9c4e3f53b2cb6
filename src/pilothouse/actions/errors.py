"""What the release actions refuse, in Helm's words."""

from __future__ import annotations

from pilothouse.errors import Conflict, Denied, Exists, Invalid, NotFound, PilothouseError, TimedOut


class ReleaseNotFound(NotFound):
    """There is no such release."""

    reference = "release-not-found"


class NoDeployedRelease(NotFound):
    """The release exists, but no revision of it can be the base of an upgrade."""

    reference = "no-deployed-release"


class NameInUse(Exists):
    """The name belongs to another release."""

    reference = "release-name-in-use"


class OperationPending(Conflict):
    """Another operation on the release has not ended."""

    reference = "operation-pending"


class InvalidOptions(Invalid):
    """Options make no sense together."""

    reference = "invalid-options"


class OperationFailed(PilothouseError):
    """An operation on a release failed after it had begun.

    Attributes:
        release: The release as it is stored now.
    """

    reference = "operation-failed"

    def __init__(self, message: str, *, release: object = None, hints: tuple[str, ...] = ()) -> None:
        super().__init__(message, hints=hints)
        self.release = release


class CallerUnknown(Denied):
    """Nobody knows who is calling."""

    reference = "caller-unknown"


class AccessDenied(Denied):
    """The caller may not do this with releases of this namespace."""

    reference = "access-denied"


class CallExpired(TimedOut):
    """The call took longer than the server lets a call take."""

    reference = "call-expired"
