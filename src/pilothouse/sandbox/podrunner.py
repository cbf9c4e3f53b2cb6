"""What the API needs to know of pods that are real processes."""

from __future__ import annotations

from typing import Protocol


class PodRunner(Protocol):
    """Knows the pods that are real processes."""

    def address(self, uid: str, port: int) -> tuple[str, int] | None:
        """Return where a port of a pod is reached, or None when nothing listens there."""

    def log(self, uid: str, *, previous: bool) -> str | None:
        """Return the path of what a pod's process prints, or of what the one before it printed; None without one."""


class Simulated:
    """No pod is a real process."""

    def address(self, uid: str, port: int) -> tuple[str, int] | None:
        """Return None: nothing listens."""
        del uid, port
        return None

    def log(self, uid: str, *, previous: bool) -> str | None:
        """Return None: nothing is printed."""
        del uid, previous
        return None
