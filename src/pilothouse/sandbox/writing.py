"""How an object is written."""

from __future__ import annotations

from pilothouse.records import Record


class Write(Record):
    """Who writes an object, and how.

    Attributes:
        manager: Who writes, for managed fields.
        operation: ``Update`` or ``Apply``, for managed fields.
        subresource: ``status``, ``scale`` … when only that is written.
        dry_run: Everything but the storing.
        creator: The user on whose behalf it is.
    """

    manager: str = ""
    operation: str = "Update"
    subresource: str = ""
    dry_run: bool = False
    creator: str = "system:controller"


CONTROLLER = Write(manager="kube-controller-manager")
