"""How an object is written."""

from __future__ import annotations

from collections.abc import Callable

from pilothouse.golang.kinds import YamlValue
from pilothouse.records import Record
from pilothouse.sandbox.resources import Resource


class Write(Record):
    """Who writes an object, and how.

    Attributes:
        manager: Who writes, for managed fields.
        operation: ``Update`` or ``Apply``, for managed fields.
        subresource: ``status``, ``scale`` … when only that is written.
        dry_run: Everything but the storing.
        check: Refuses, with an error, what that user may not store; it is given kind, object and the one before.
    """

    manager: str = ""
    operation: str = "Update"
    subresource: str = ""
    dry_run: bool = False
    check: Callable[[Resource, YamlValue, YamlValue | None], None] | None = None


CONTROLLER = Write(manager="kube-controller-manager")
