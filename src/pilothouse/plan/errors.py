"""What can be wrong with a plan before anything is touched."""

from __future__ import annotations

from pilothouse.errors import Conflict, Invalid


class NotOwned(Conflict):
    """An object exists and belongs to another release or to nobody."""

    reference = "object-not-owned"


class InvalidPlan(Invalid):
    """Options exclude each other."""

    reference = "invalid-plan"
