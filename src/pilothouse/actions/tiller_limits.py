"""What a call may use: a time limit for all that it does to the cluster, and one change of a release at a time."""

from __future__ import annotations

import threading
from contextlib import contextmanager

from pilothouse.actions.errors import CallExpired, OperationPending
from pilothouse.clock import Clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from pilothouse.actions.tiller_context import TillerContext
    from pilothouse.apply.cluster import Cluster
    from pilothouse.clock import Signal


class Deadline:
    """When a call has to be over.

    Args:
        clock: The time.
        seconds: How long it may take from now on.
    """

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._end = clock.monotonic() + seconds

    def check(self) -> None:
        """Let the call go on.

        Raises:
            CallExpired: The time is over.
        """
        if self._clock.monotonic() > self._end:
            raise CallExpired(f"the call took longer than the {self._seconds:g} seconds that this server allows")


class LimitedClock(Clock):
    """A clock that nobody waits with beyond a deadline."""

    def __init__(self, clock: Clock, deadline: Deadline) -> None:
        self._clock = clock
        self._deadline = deadline

    def now_ns(self) -> int:
        """Return the time in nanoseconds since 1970-01-01 UTC."""
        return self._clock.now_ns()

    def monotonic(self) -> float:
        """Return seconds that never go backwards."""
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, if there is time left.

        Raises:
            CallExpired: There is none.
        """
        self._deadline.check()
        self._clock.sleep(seconds)

    def wait(self, signal: Signal, seconds: float) -> None:
        """Wait for a signal, if there is time left.

        Raises:
            CallExpired: There is none.
        """
        self._deadline.check()
        self._clock.wait(signal, seconds)


class LimitedCluster:
    """A cluster that is not asked beyond a deadline; it has the methods of the one behind it.

    Args:
        cluster: What is asked.
        deadline: Until when.
    """

    def __init__(self, cluster: Cluster, deadline: Deadline) -> None:
        self._cluster = cluster
        self._deadline = deadline

    def __getattr__(self, name: str) -> Any:
        self._deadline.check()
        return getattr(self._cluster, name)


def within(context: TillerContext, seconds: float) -> TillerContext:
    """Return ports that work for some seconds; records can be written after that, so that the end is recorded."""
    deadline = Deadline(context.clock, seconds)
    return context.replace(
        cluster=LimitedCluster(context.cluster, deadline), clock=LimitedClock(context.clock, deadline)
    )


#: What whoever comes second is told.
IN_PROGRESS = "another operation (install/upgrade/rollback) is in progress"


class ReleaseLocks:
    """Lets one change at a time happen to a release; any number of threads may ask."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: set[str] = set()

    @contextmanager
    def changing(self, name: str) -> Iterator[None]:
        """Hold a release while it is changed.

        Raises:
            OperationPending: Another call changes it.
        """
        with self._lock:
            if name in self._held:
                raise OperationPending(IN_PROGRESS)
            self._held.add(name)
        try:
            yield
        finally:
            with self._lock:
                self._held.discard(name)

    def is_held(self, name: str) -> bool:
        """Return whether a call of this process changes the release."""
        with self._lock:
            return name in self._held
