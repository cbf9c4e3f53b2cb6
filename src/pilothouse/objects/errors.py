"""Errors of object semantics.

::

    Invalid
    ├── SelectorError      a label or field selector cannot be parsed
    ├── QuantityError      a resource quantity cannot be parsed
    └── PatchError         a patch cannot be parsed, made or applied
        └── PatchTestError a ``test`` of a JSON patch does not hold
    Conflict
    ├── PreconditionFailed a merge patch would change what must not change
    └── ApplyConflict      another manager owns a field that is applied
"""

from __future__ import annotations

from pilothouse.errors import Conflict, Invalid


class SelectorError(Invalid):
    """A label or field selector cannot be parsed."""

    reference = "invalid-selector"


class QuantityError(Invalid):
    """A resource quantity cannot be parsed."""

    reference = "invalid-quantity"


class PatchError(Invalid):
    """A patch cannot be parsed, made or applied."""

    reference = "invalid-patch"


class PreconditionFailed(Conflict):
    """A merge patch would change what must not change."""

    reference = "patch-precondition-failed"


class PatchTestError(PatchError):
    """A ``test`` of a JSON patch does not hold."""

    reference = "patch-test-failed"


class ApplyConflict(Conflict):
    """Another manager owns a field that is applied.

    Attributes:
        conflicts: Manager as the server words it, and path of the field, for each conflict.
    """

    reference = "apply-conflict"

    def __init__(self, message: str, conflicts: tuple[tuple[str, str], ...]) -> None:
        super().__init__(message)
        self.conflicts = conflicts
