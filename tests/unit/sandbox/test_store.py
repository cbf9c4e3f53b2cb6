"""The revision log."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox.errors import Compacted, KeyExists, KeyMissing, RevisionConflict
from pilothouse.sandbox.store import ADDED, DELETED, MODIFIED, Store


def thing(name: str, **more: YamlValue) -> YamlValue:
    """Return an object."""
    return {"metadata": {"name": name}, **more}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(str(tmp_path / "state.db"))


def test_every_write_takes_the_next_revision(store: Store) -> None:
    """The revision is the resource version, and no write shares one."""
    first = store.create("/a//x", thing("x"))
    second = store.update("/a//x", thing("x", n=1))
    third = store.delete("/a//x")
    assert [first.revision, second.revision, third.revision] == [1, 2, 3]
    assert second.object["metadata"]["resourceVersion"] == "2"


def test_writes_at_another_revision_are_refused(store: Store) -> None:
    """Optimistic concurrency: who expects an old revision changes nothing."""
    entry = store.create("/a//x", thing("x"))
    store.update("/a//x", thing("x", n=1), expected=entry.revision)
    with pytest.raises(RevisionConflict):
        store.update("/a//x", thing("x", n=2), expected=entry.revision)
    with pytest.raises(RevisionConflict):
        store.delete("/a//x", expected=entry.revision)
    with pytest.raises(KeyExists):
        store.create("/a//x", thing("x"))
    with pytest.raises(KeyMissing):
        store.update("/a//y", thing("y"))
    current = store.get("/a//x")
    assert current is not None
    assert current.object["n"] == 1


def test_lists_are_sorted_and_hold_one_kind(store: Store) -> None:
    """A prefix chooses one kind, or one namespace of it, in order of the keys."""
    for key in ("/pods/b/z", "/pods/a/y", "/pods/a/x", "/podsets/a/x"):
        store.create(key, thing(key))
    assert [entry.key for entry in store.list("/pods/")] == ["/pods/a/x", "/pods/a/y", "/pods/b/z"]
    assert [entry.key for entry in store.list("/pods/a/")] == ["/pods/a/x", "/pods/a/y"]
    assert store.count("/pods/") == 3


def test_a_list_can_be_had_as_it_was(store: Store) -> None:
    """A list at a past revision shows what was there then."""
    store.create("/a//x", thing("x"))
    store.create("/a//y", thing("y"))
    then = store.revision
    store.delete("/a//x")
    store.update("/a//y", thing("y", n=1))
    store.create("/a//z", thing("z"))
    assert [(entry.key, entry.object.get("n")) for entry in store.list("/a/", revision=then)] == [
        ("/a//x", None),
        ("/a//y", None),
    ]


def test_a_watch_tells_past_and_coming_changes_in_order(store: Store) -> None:
    """A watch from a revision misses nothing and repeats nothing."""
    store.create("/a//x", thing("x"))
    watch = store.watch("/a/", 1)
    store.update("/a//x", thing("x", n=1))
    store.create("/b//other", thing("other"))
    store.delete("/a//x")
    changes = [watch.get(1), watch.get(1)]
    assert [(change.type, change.entry.revision) for change in changes if change] == [(MODIFIED, 2), (DELETED, 4)]
    late = store.watch("/a/", 0)
    assert [change.type for change in (late.get(1), late.get(1), late.get(1)) if change] == [ADDED, MODIFIED, DELETED]
    assert watch.get(0.01) is None
    watch.close()
    assert list(watch) == []


def test_a_closed_watch_releases_its_reader(store: Store) -> None:
    """Closing ends a reader that waits in another thread."""
    watch = store.watch("/a/")
    reader = threading.Thread(target=lambda: list(watch))
    reader.start()
    watch.close()
    reader.join(timeout=5)
    assert not reader.is_alive()


def test_compaction_forgets_history_and_nothing_else(tmp_path: Path) -> None:
    """After compaction old revisions are refused; what is current survives it and a restart."""
    path = str(tmp_path / "state.db")
    store = Store(path)
    store.create("/a//x", thing("x"))
    store.create("/a//gone", thing("gone"))
    store.update("/a//x", thing("x", n=1))
    store.delete("/a//gone")
    store.create("/a//y", thing("y"))
    store.compact(4)
    store.close()
    again = Store(path)
    assert again.revision == 5
    assert [(entry.key, entry.revision) for entry in again.list("/a/")] == [("/a//x", 3), ("/a//y", 5)]
    with pytest.raises(Compacted, match="too old resource version"):
        again.watch("/a/", 3)
    with pytest.raises(Compacted):
        again.list("/a/", revision=3)
    watch = again.watch("/a/", 4)
    change = watch.get(1)
    assert change is not None
    assert change.entry.key == "/a//y"


def test_history_is_bounded(tmp_path: Path) -> None:
    """A store that is written to for ever compacts itself."""
    store = Store(str(tmp_path / "state.db"), history=10)
    store.create("/a//x", thing("x"))
    for number in range(100):
        store.update("/a//x", thing("x", n=number))
    assert store.compacted > 70
    assert len(store.changes_after(0)) <= 20


def test_a_restart_shows_the_same(tmp_path: Path) -> None:
    """State, revisions and history are the same after a restart without a clean end."""
    path = str(tmp_path / "state.db")
    store = Store(path)
    for name in ("x", "y", "z"):
        store.create(f"/a//{name}", thing(name))
    store.update("/a//y", thing("y", n=1))
    store.delete("/a//x")
    again = Store(path)
    assert again.revision == store.revision
    assert [entry.value for entry in again.list("")] == [entry.value for entry in store.list("")]
    assert [(c.type, c.entry.value) for c in again.changes_after(0)] == [
        (c.type, c.entry.value) for c in store.changes_after(0)
    ]
