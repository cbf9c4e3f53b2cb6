"""Keeping the journal of a plan: whose operation it is and how far it has come, stored beside the record it makes."""

from __future__ import annotations

from pilothouse.apply.owner import HEARTBEAT
from pilothouse.clock import Clock
from pilothouse.errors import PilothouseError
from pilothouse.plan.journalling import shortened
from pilothouse.plan.operations import AwaitGone, AwaitReady, RecordRelease, RunHooks
from pilothouse.releases.errors import RecordTaken
from pilothouse.releases.journal import Journal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.clock import Signal
    from pilothouse.plan.operations import Operation, Plan
    from pilothouse.progress import Reporter
    from pilothouse.releases.journal import Owner
    from pilothouse.releases.release import Release

#: Seconds between two writes that only tell of progress.
PROGRESS = 1.0


class JournalKeeper:
    """Keeps the journal of one plan.

    Every write of the record carries the journal as it is then, so that most of it costs no request of its own.

    Args:
        plan: What is carried out.
        owner: Who does it.
        clock: When the owner was last heard of.
        reporter: Hears what could not be stored.
        write: Stores the revision as it stands, the journal with it.
    """

    def __init__(self, plan: Plan, owner: Owner, clock: Clock, reporter: Reporter, write: Callable[[], None]) -> None:
        self._plan = plan
        self._clock = clock
        self._reporter = reporter
        self._write = write
        self._stored_at = clock.monotonic()
        self._journal = Journal(owner=owner, verb=plan.verb, plan=shortened(plan).encode(), claimed=False)
        self._is_stored = False

    def stamped(self, release: Release) -> Release:
        """Return a revision with the journal as it is now."""
        return release.replace(journal=self._journal.replace(renewed=self._clock.now()))

    def was_stored(self) -> None:
        """Take note that the record was written."""
        self._journal = self._journal.replace(claimed=True)
        self._is_stored = True
        self._stored_at = self._clock.monotonic()

    def close(self) -> None:
        """Let the next write take the journal away."""
        self._journal = self._journal.close()

    def begin(self, index: int) -> None:
        """Take note that a stage begins: those before it are done.

        Raises:
            RecordTaken: Another operation took the release over.
        """
        self._journal = self._journal.replace(stage=index, done=0)
        stages = self._plan.stages
        before = stages[index - 1].operations if index else ()
        written_anyway = isinstance(stages[index].operations[0], RecordRelease) if stages[index].operations else False
        if not written_anyway and any(map(self._is_weighty, before)):
            self._store()

    def _is_weighty(self, operation: Operation) -> bool:
        """Whether an operation takes so long, or must so little be done twice, that its end is stored at once."""
        if isinstance(operation, RunHooks):
            return any(operation.event in hook.events for hook in self._plan.release.hooks)
        return isinstance(operation, (AwaitReady, AwaitGone)) and self._plan.settings.wait != "hookOnly"

    def advance(self, done: int) -> None:
        """Take note that so many more operations of the stage are done.

        Raises:
            RecordTaken: Another operation took the release over.
        """
        self._journal = self._journal.replace(done=self._journal.done + done)
        self.beat(PROGRESS)

    def beat(self, pause: float = HEARTBEAT) -> None:
        """Give a sign of life when the last one is ``pause`` seconds old.

        Raises:
            RecordTaken: Another operation took the release over.
        """
        if self._clock.monotonic() - self._stored_at >= pause:
            self._store()

    def _store(self) -> None:
        if not self._is_stored or self._journal.closed:
            return
        self._stored_at = self._clock.monotonic()
        try:
            self._write()
        except RecordTaken:
            raise
        except PilothouseError as error:
            self._reporter.debug("the journal cannot be stored", error=error.message)


class BeatingClock(Clock):
    """A clock whose waiting gives signs of life.

    Args:
        clock: The clock.
        beat: Called after each wait.
    """

    def __init__(self, clock: Clock, beat: Callable[[], None]) -> None:
        self._clock = clock
        self._beat = beat

    def now_ns(self) -> int:
        """Return the clock's time."""
        return self._clock.now_ns()

    def monotonic(self) -> float:
        """Return the clock's measure."""
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait, and give a sign of life."""
        self._clock.sleep(seconds)
        self._beat()

    def wait(self, signal: Signal, seconds: float) -> None:
        """Wait for a signal, and give a sign of life."""
        self._clock.wait(signal, seconds)
        self._beat()
