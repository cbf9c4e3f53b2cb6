"""Time as a parameter: what the rest of Pilothouse asks instead of the system."""

from __future__ import annotations

import time


class Clock:
    """The system's clock; subclasses stand in for it in tests and reproducible renders."""

    def now(self) -> float:
        """Return the time in seconds since 1970-01-01 UTC."""
        return self.now_ns() / 1e9

    def now_ns(self) -> int:
        """Return the time in nanoseconds since 1970-01-01 UTC."""
        return time.time_ns()

    def monotonic(self) -> float:
        """Return seconds that never go backwards, for measuring how long something takes."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait for ``seconds``."""
        time.sleep(seconds)  # noqa: TID251 - this is the one home of waiting


class FixedClock(Clock):
    """A clock that stands still but for what is slept.

    Args:
        seconds: The time shown, in seconds since 1970-01-01 UTC.
    """

    def __init__(self, seconds: float) -> None:
        self._now_ns = int(seconds * 1e9)

    def now_ns(self) -> int:
        """Return the time set, moved on by what was slept."""
        return self._now_ns

    def monotonic(self) -> float:
        """Return the same time as a float."""
        return self._now_ns / 1e9

    def sleep(self, seconds: float) -> None:
        """Move the clock on without waiting."""
        self._now_ns += int(seconds * 1e9)
