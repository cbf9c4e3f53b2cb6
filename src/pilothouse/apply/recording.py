"""Storing a revision for certain: again when the server did not answer, and once only when it did after all."""

from __future__ import annotations

from pilothouse.errors import Conflict, Exists, NotFound, PilothouseError, TimedOut, Unreachable
from pilothouse.releases.errors import RecordTaken
from pilothouse.releases.journal import is_owned_by

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.clock import Clock
    from pilothouse.progress import Reporter
    from pilothouse.releases.release import Release
    from pilothouse.releases.store import ReleaseStore

#: Seconds between attempts to store what became of a release.
RECORD_PAUSES = (0.5, 1.0, 2.0, 4.0)


class Recorder:
    """Writes records of a store, and does not give up at once.

    Args:
        store: Where releases are kept.
        clock: Waits between attempts.
        reporter: Hears what could not be done yet.
    """

    def __init__(self, store: ReleaseStore, clock: Clock, reporter: Reporter) -> None:
        self._store = store
        self._clock = clock
        self._reporter = reporter

    def create(self, release: Release) -> None:
        """Store a new revision.

        Raises:
            Exists: It is stored already, and not by this operation.
        """
        doubtful = False
        for pause in (*RECORD_PAUSES, None):
            try:
                self._store.create(release)
            except Exists:
                if doubtful and self._is_ours(release):
                    return
                raise
            except PilothouseError as error:
                if pause is None or not is_doubtful(error):
                    raise
                doubtful = True
                self._wait(pause, error)
            else:
                return

    def update(self, release: Release) -> None:
        """Store a revision anew.

        Raises:
            RecordTaken: Another operation took it over.
        """
        for pause in (*RECORD_PAUSES, None):
            try:
                self._store.update(release)
            except RecordTaken:
                raise
            except PilothouseError as error:  # in a storm of conflicts, one more says nothing about the record
                if pause is None or not (is_doubtful(error) or isinstance(error, Conflict)):
                    raise
                self._wait(pause, error)
            else:
                return

    def delete(self, release: Release) -> None:
        """Remove a revision; one that is gone after an attempt that was not answered was removed by it."""
        doubtful = False
        for pause in (*RECORD_PAUSES, None):
            try:
                self._store.delete(release.name, release.revision)
            except NotFound:
                if doubtful:
                    return
                raise
            except PilothouseError as error:
                if pause is None or not is_doubtful(error):
                    raise
                doubtful = True
                self._wait(pause, error)
            else:
                return

    def _is_ours(self, release: Release) -> bool:
        if release.journal is None:
            return False
        stored = self._store.get(release.name, release.revision)
        return is_owned_by(stored.journal, release.journal)

    def _wait(self, pause: float, error: PilothouseError) -> None:
        self._reporter.debug("the record cannot be stored yet", error=error.message)
        self._clock.sleep(pause)


def is_doubtful(error: PilothouseError) -> bool:
    """Return whether nobody knows if the server did what it was asked, or whether it will do it later."""
    return isinstance(error, (Unreachable, TimedOut))
