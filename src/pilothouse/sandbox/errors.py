"""What goes wrong in the sandbox.

::

    PilothouseError
    ├── Conflict
    │   ├── KeyExists         the store has an object under a new object's key
    │   └── RevisionConflict  an object is not at the revision expected
    ├── NotFound
    │   └── KeyMissing        the store has no object under a key
    ├── Invalid
    │   └── Compacted         a revision is too old to read from
    ├── Unreachable
    │   └── SandboxFailed     the sandbox cannot be started or reached
    └── StatusError           an answer of the API that is no success: a Kubernetes Status
"""

from __future__ import annotations

from pilothouse.errors import Conflict, Invalid, NotFound, PilothouseError, Unreachable
from pilothouse.golang.kinds import YamlValue


class KeyExists(Conflict):
    """The store has an object under a new object's key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"key {key} exists")
        self.key = key


class KeyMissing(NotFound):
    """The store has no object under a key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"key {key} does not exist")
        self.key = key


class RevisionConflict(Conflict):
    """An object is not at the revision expected."""

    def __init__(self, key: str, expected: int, actual: int) -> None:
        super().__init__(f"key {key} is at revision {actual}, not {expected}")
        self.key = key
        self.expected = expected
        self.actual = actual


class Compacted(Invalid):
    """A revision is too old to read from."""

    def __init__(self, revision: int, oldest: int) -> None:
        super().__init__(f"too old resource version: {revision} ({oldest})")
        self.revision = revision
        self.oldest = oldest


class SandboxFailed(Unreachable):
    """The sandbox cannot be started or reached."""

    reference = "sandbox-failed"


class StatusError(PilothouseError):
    """An answer of the API that is no success.

    Attributes:
        code: The HTTP status.
        reason: Kubernetes' word for it, such as ``NotFound``; may be empty.
        details: ``status.details``: group, kind, name, causes.
    """

    reference = "api-status"

    def __init__(self, code: int, reason: str, message: str, details: dict[str, YamlValue] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.details = details or {}
        self.metadata: dict[str, YamlValue] = {}

    def status(self) -> dict[str, YamlValue]:
        """Return the Status object that a client gets (``apimachinery metav1.Status``)."""
        made: dict[str, YamlValue] = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": self.metadata,
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            made["reason"] = self.reason
        if self.details:
            made["details"] = self.details
        made["code"] = self.code
        return made
