"""What carrying out a plan came to."""

from __future__ import annotations

from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.errors import PilothouseError
    from pilothouse.plan.resources import Resource
    from pilothouse.releases.release import Release


class Outcome(Record):
    """The end of a plan, or of as much of it as was done.

    Attributes:
        release: The release as it was last stored.
        created: Objects that were tried to be created.
        errors: Errors of tolerant stages.
    """

    release: Release
    created: tuple[Resource, ...] = ()
    errors: tuple[PilothouseError, ...] = ()
