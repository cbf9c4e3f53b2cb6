"""What can be wrong with a release or its records.

::

    ReleaseNotFound (NotFound)          no such record, or none at all
    └── RecordsUnreadable               there are records, but none can be read
    ReleaseExists (Exists)              this revision is stored already
    RecordInvalid (Invalid)             what is stored cannot be understood
    NameInvalid, LabelsInvalid (Invalid)
    RecordTaken (Conflict)              another operation took the revision over
    PruneFailed                         old revisions could not be removed
"""

from __future__ import annotations

from pilothouse.errors import Conflict, Exists, Invalid, NotFound, PilothouseError


class ReleaseNotFound(NotFound):
    """There is no such record (``driver.ErrReleaseNotFound``)."""

    reference = "release-not-found"

    def __init__(self, message: str = "release: not found", *, hints: tuple[str, ...] = ()) -> None:
        super().__init__(message, hints=hints)


class RecordsUnreadable(ReleaseNotFound):
    """A release has records, but none of them can be read (``Storage.Last``)."""

    reference = "release-records-unreadable"

    def __init__(self, name: str, keys: tuple[str, ...] = ()) -> None:
        hints = (f"there are records that cannot be read: {', '.join(keys)}",) if keys else ()
        super().__init__(f'no revision for release "{name}"', hints=hints)


class ReleaseExists(Exists):
    """This revision is stored already (``driver.ErrReleaseExists``)."""

    reference = "release-exists"

    def __init__(self, message: str = "release: already exists", *, hints: tuple[str, ...] = ()) -> None:
        super().__init__(message, hints=hints)


class RecordInvalid(Invalid):
    """A stored record cannot be understood."""

    reference = "release-record-invalid"


class NameInvalid(Invalid):
    """A release cannot have this name."""

    reference = "release-name-invalid"


class LabelsInvalid(Invalid):
    """Labels that a record cannot have."""

    reference = "release-labels-invalid"


class RecordTaken(Conflict):
    """The record of the operation under way belongs to another operation by now."""

    reference = "release-record-taken"

    def __init__(self, name: str, revision: int) -> None:
        super().__init__(
            f'another operation took over revision {revision} of release "{name}"',
            hints=(f"helm status {name} shows what became of it",),
        )


class PruneFailed(PilothouseError):
    """Several old revisions could not be removed."""

    reference = "history-prune-failed"
