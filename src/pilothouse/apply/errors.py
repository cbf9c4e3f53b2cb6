"""What can go wrong while a plan is carried out."""

from __future__ import annotations

from pilothouse.errors import Conflict, Invalid, PilothouseError, TimedOut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.apply.outcome import Outcome


def joined_errors(messages: Sequence[str], *, compatibility: int) -> str:
    """Return the text of errors of several creations: a line each, or Helm 3's list (``multierror.ListFormatFunc``)."""
    if compatibility != 3:
        return "\n".join(messages)
    count = f"{len(messages)} error{'' if len(messages) == 1 else 's'}"
    points = "\n\t".join(f"* {message}" for message in messages)
    return f"{count} occurred:\n\t{points}\n\n"


class BadManifest(Invalid):
    """Rendered text cannot be made into objects of this cluster."""

    reference = "bad-manifest"


class ApplyFailed(PilothouseError):
    """The server did not accept an object."""

    reference = "apply-failed"


class ApplyConflict(Conflict):
    """Another manager owns fields that the chart sets."""

    reference = "apply-conflict"


class NotReady(TimedOut):
    """Objects were not ready, or not gone, in time.

    Attributes:
        objects: Kind and name of each.
    """

    reference = "not-ready"

    def __init__(self, message: str, *, hints: tuple[str, ...] = (), objects: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message, hints=hints)
        self.objects = objects


class HookFailed(PilothouseError):
    """A hook did not succeed.

    Attributes:
        objects: Kind and name of the object that failed.
    """

    reference = "hook-failed"

    def __init__(self, message: str, *, hints: tuple[str, ...] = (), objects: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message, hints=hints)
        self.objects = objects


class PlanStopped(PilothouseError):
    """A stage of a plan failed; what was done until then is in ``outcome``.

    Attributes:
        stage: Id of the stage.
        cause: The error without the stage's prefix.
        outcome: What was done.
    """

    reference = "plan-stopped"

    def __init__(self, message: str, *, stage: str, cause: PilothouseError, outcome: Outcome) -> None:
        super().__init__(message, hints=cause.hints)
        self.stage = stage
        self.cause = cause
        self.outcome = outcome
