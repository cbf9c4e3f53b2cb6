"""Time as a parameter: what the rest of Pilothouse asks instead of the system."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object


class Signal(Protocol):
    """What another thread gives; a ``threading.Event`` is one."""

    def is_set(self) -> bool:
        """Return whether it was given."""

    def wait(self, timeout: float) -> bool:
        """Wait until it is given, but not longer than ``timeout``, and return whether it was."""


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

    def wait(self, signal: Signal, seconds: float) -> None:
        """Wait for ``seconds``, or until another thread gives a signal."""
        signal.wait(seconds)


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

    def wait(self, signal: Signal, seconds: float) -> None:
        """Move the clock on unless the signal was given."""
        if not signal.is_set():
            self.sleep(seconds)
