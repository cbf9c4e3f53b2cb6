"""Records are stored for certain, on a store made by hand that fails as it is told."""

from __future__ import annotations

import pytest

from pilothouse.apply.recording import Recorder
from pilothouse.clock import FixedClock
from pilothouse.errors import Conflict, Denied, Exists, NotFound, PilothouseError, TimedOut, Unreachable
from pilothouse.progress import SILENT
from pilothouse.releases.errors import RecordTaken
from pilothouse.releases.journal import Journal, Owner
from pilothouse.releases.release import Release
from pilothouse.storage.memory import MemoryStore


class Store(MemoryStore):
    """Does what it is asked, or not, and then fails with each of the given errors once."""

    def __init__(self, *errors: PilothouseError, done: bool) -> None:
        super().__init__("shop")
        self.errors = list(errors)
        self.done = done
        self.tries = 0

    def _fail(self) -> None:
        if self.errors:
            raise self.errors.pop(0)

    def create(self, release: Release) -> None:
        """Store a revision."""
        self.tries += 1
        if self.done or not self.errors:
            super().create(release)
        self._fail()

    def update(self, release: Release) -> None:
        """Replace a revision."""
        self.tries += 1
        if self.done or not self.errors:
            super().update(release)
        self._fail()

    def delete(self, name: str, revision: int) -> Release:
        """Remove a revision."""
        self.tries += 1
        found = self.get(name, revision)
        if self.done or not self.errors:
            super().delete(name, revision)
        self._fail()
        return found


def release(token: str = "a") -> Release:
    """Return a revision that an operation makes."""
    journal = Journal(owner=Owner(token=token), verb="install")
    return Release(name="web", namespace="shop", revision=1, journal=journal)


@pytest.mark.parametrize("error", [Unreachable("dropped"), TimedOut("504")])
@pytest.mark.parametrize("done", [False, True], ids=["lost", "answer lost"])
def test_a_creation_is_done_once(error: PilothouseError, *, done: bool) -> None:
    """Whether the write or its answer was lost, the record is there and nothing fails."""
    store = Store(error, done=done)
    Recorder(store, FixedClock(0), SILENT).create(release())
    assert store.tries == 2
    assert store.get("web", 1).journal is not None


def test_the_record_of_another_is_not_taken_for_ours() -> None:
    """A name that another operation took while nobody answered is taken."""
    store = Store(done=False)
    MemoryStore.create(store, release("b"))
    store.errors = [Unreachable("dropped")]
    with pytest.raises(Exists):
        Recorder(store, FixedClock(0), SILENT).create(release())


@pytest.mark.parametrize("done", [False, True], ids=["lost", "answer lost"])
def test_a_removal_is_done_once(*, done: bool) -> None:
    """A record that is gone after an attempt without answer was removed by it; otherwise it was not there."""
    store = Store(done=done)
    MemoryStore.create(store, release())
    store.errors = [Unreachable("dropped")]
    recorder = Recorder(store, FixedClock(0), SILENT)
    recorder.delete(release())
    assert store.history("web") == []
    with pytest.raises(NotFound):
        recorder.delete(release())


@pytest.mark.parametrize(
    ("error", "tries"),
    [
        (Unreachable("500"), 2),
        (TimedOut("504"), 2),
        (Conflict("409"), 2),
        (RecordTaken("web", 1), 1),
        (Denied("403"), 1),
    ],
    ids=["500", "504", "409", "taken", "403"],
)
def test_an_update_is_tried_again_where_that_may_help(error: PilothouseError, tries: int) -> None:
    """Conflicts and missing answers pass; a record that was taken over, or is forbidden, does not."""
    store = Store(done=False)
    MemoryStore.create(store, release())
    store.errors = [error]
    recorder = Recorder(store, FixedClock(0), SILENT)
    if tries == 1:
        with pytest.raises(type(error)):
            recorder.update(release())
    else:
        recorder.update(release())
    assert store.tries == tries


def test_a_server_that_stays_away_is_told() -> None:
    """After some seconds the error is raised."""
    store = Store(*[Unreachable("gone")] * 9, done=False)
    clock = FixedClock(0)
    with pytest.raises(Unreachable, match="gone"):
        Recorder(store, clock, SILENT).create(release())
    assert (store.tries, clock.monotonic()) == (5, 7.5)
