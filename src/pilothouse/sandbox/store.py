"""The sandbox's memory: every object at every revision, as a log in one SQLite file.

A key is ``group/plural/namespace/name``; empty segments stay, so that keys of one kind share a prefix. Each write takes
the next revision, ``metadata.resourceVersion``, and is in the file before it is acknowledged. What is current and the
recent part of the log are also held in memory, so that reading costs no query.

The store may be used from several threads. Objects handed out by :attr:`Entry.object` are shared: copy before changing
(:meth:`Entry.copy`).
"""

from __future__ import annotations

import bisect
import queue
import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

import orjson

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox.errors import Compacted, KeyExists, KeyMissing, RevisionConflict

ADDED = "ADDED"
MODIFIED = "MODIFIED"
DELETED = "DELETED"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS log (
    revision INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class Entry:
    """One object as it was stored at one revision."""

    __slots__ = ("_object", "key", "revision", "value")

    def __init__(self, key: str, revision: int, value: bytes, parsed: YamlValue = None) -> None:
        self.key = key
        self.revision = revision
        self.value = value
        self._object = parsed

    @property
    def object(self) -> YamlValue:
        """The object, shared: not to be changed."""
        if self._object is None:
            self._object = orjson.loads(self.value)
        return self._object

    def copy(self) -> YamlValue:
        """Return the object as a fresh copy."""
        return orjson.loads(self.value)


class Change(NamedTuple):
    """One row of the log: what a write did.

    Attributes:
        type: ``ADDED``, ``MODIFIED`` or ``DELETED``.
        entry: The object after the write; of a deletion, as it was last, with the deletion's revision.
        previous: The object before the write, if there was one.
    """

    type: str
    entry: Entry
    previous: Entry | None


Entries: TypeAlias = list[Entry]
Changes: TypeAlias = list[Change]


class Watch:
    """A reader of changes for a thread: iterate it, or take single ones with :meth:`get`; close it in the end."""

    def __init__(self, store: Store, prefix: str, revision: int | None) -> None:
        self._queue: queue.SimpleQueue[Change | None] = queue.SimpleQueue()
        self._cancel = store.subscribe(prefix, revision, self._queue.put)
        self._closed = False

    def get(self, timeout: float | None = None) -> Change | None:
        """Return the next change, or None when ``timeout`` seconds passed or the watch was closed."""
        try:
            return self._queue.get(timeout=timeout)
        except queue.Empty:
            return None

    def __iter__(self) -> Iterator[Change]:
        while not self._closed:
            change = self._queue.get()
            if change is None:
                return
            yield change

    def close(self) -> None:
        """End the watch; a reader that waits is released."""
        self._closed = True
        self._cancel()
        self._queue.put(None)


class Store:
    """Objects under keys, with a revision for every write.

    Args:
        path: The SQLite file, or ``:memory:``.
        history: How many past revisions are kept for watches and consistent paging.
    """

    def __init__(self, path: str, *, history: int = 10_000) -> None:
        self.lock = threading.RLock()
        self._history = history
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=WAL")
        # A killed process loses nothing in WAL mode; only a crash of the whole machine could undo the last writes.
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.executescript(_SCHEMA)
        self._current: dict[str, Entry] = {}
        self._keys: list[str] = []
        self._changes: deque[Change] = deque()
        self._subscribers: dict[int, tuple[str, Callable[[Change], None]]] = {}
        self._serial = 0
        self.revision = 0
        self.compacted = 0
        self._load()

    def _load(self) -> None:
        facts = dict(self._database.execute("SELECT name, value FROM facts"))
        self.compacted = facts.get("compacted", 0)
        self.revision = max(facts.get("revision", 0), self.compacted)
        for revision, kind, key, value in self._database.execute("SELECT * FROM log ORDER BY revision"):
            entry = Entry(key, revision, value)
            change = Change(kind, entry, self._current.get(key))
            if revision > self.compacted:
                self._changes.append(change)
            if kind == DELETED:
                self._current.pop(key, None)
            else:
                self._current[key] = entry
            self.revision = max(self.revision, revision)
        self._keys = sorted(self._current)

    def close(self) -> None:
        """Close the file; watches end."""
        with self.lock:
            self._subscribers.clear()
            self._database.close()

    # reading

    def get(self, key: str) -> Entry | None:
        """Return what is stored under ``key``, or None."""
        return self._current.get(key)

    def list(self, prefix: str, *, revision: int | None = None) -> Entries:
        """Return the entries under ``prefix`` in order of their keys, now or as they were at ``revision``.

        Raises:
            Compacted: ``revision`` is older than what is kept.
        """
        with self.lock:
            if revision is not None and revision < self.revision:
                return self._list_past(prefix, revision)
            low = bisect.bisect_left(self._keys, prefix)
            high = bisect.bisect_left(self._keys, prefix + "\U0010ffff", low) if prefix else len(self._keys)
            current = self._current
            return [current[key] for key in self._keys[low:high]]

    def _list_past(self, prefix: str, revision: int) -> Entries:
        if revision < self.compacted:
            raise Compacted(revision, self.compacted)
        state = {entry.key: entry for entry in self.list(prefix)}
        for change in reversed(self._changes):
            if change.entry.revision <= revision:
                break
            if not change.entry.key.startswith(prefix):
                continue
            if change.previous is None:
                state.pop(change.entry.key, None)
            else:
                state[change.entry.key] = change.previous
        return [state[key] for key in sorted(state)]

    def count(self, prefix: str) -> int:
        """Return how many entries are under ``prefix``."""
        with self.lock:
            low = bisect.bisect_left(self._keys, prefix)
            return bisect.bisect_left(self._keys, prefix + "\U0010ffff", low) - low

    # writing

    def create(self, key: str, value: YamlValue) -> Entry:
        """Store a new object; its ``metadata.resourceVersion`` is set.

        Raises:
            KeyExists: There is an object under ``key``.
        """
        with self.lock:
            if key in self._current:
                raise KeyExists(key)
            entry = self._append(ADDED, key, value)
            bisect.insort(self._keys, key)
            self._current[key] = entry
            self._publish(Change(ADDED, entry, None))
            return entry

    def update(self, key: str, value: YamlValue, *, expected: int | None = None) -> Entry:
        """Replace an object.

        Args:
            key: Where it is.
            value: The new object; its ``metadata.resourceVersion`` is set.
            expected: The revision that must be current.

        Raises:
            KeyMissing: There is no object under ``key``.
            RevisionConflict: It is at another revision than ``expected``.
        """
        with self.lock:
            previous = self._at(key, expected)
            entry = self._append(MODIFIED, key, value)
            self._current[key] = entry
            self._publish(Change(MODIFIED, entry, previous))
            return entry

    def delete(self, key: str, *, expected: int | None = None) -> Entry:
        """Remove an object and return it as it was last, with the deletion's revision.

        Raises:
            KeyMissing: There is no object under ``key``.
            RevisionConflict: It is at another revision than ``expected``.
        """
        with self.lock:
            previous = self._at(key, expected)
            entry = self._append(DELETED, key, previous.copy())
            del self._current[key]
            del self._keys[bisect.bisect_left(self._keys, key)]
            self._publish(Change(DELETED, entry, previous))
            return entry

    def _at(self, key: str, expected: int | None) -> Entry:
        entry = self._current.get(key)
        if entry is None:
            raise KeyMissing(key)
        if expected is not None and expected != entry.revision:
            raise RevisionConflict(key, expected, entry.revision)
        return entry

    def _append(self, kind: str, key: str, value: YamlValue) -> Entry:
        revision = self.revision + 1
        value["metadata"]["resourceVersion"] = str(revision)
        encoded = orjson.dumps(value)
        self._database.execute("INSERT INTO log VALUES (?, ?, ?, ?)", (revision, kind, key, encoded))
        self.revision = revision
        return Entry(key, revision, encoded)

    def _publish(self, change: Change) -> None:
        self._changes.append(change)
        if len(self._changes) > 2 * self._history:
            self.compact(self.revision - self._history)
        key = change.entry.key
        for prefix, callback in list(self._subscribers.values()):
            if key.startswith(prefix):
                callback(change)

    # watching

    def subscribe(self, prefix: str, revision: int | None, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Call ``callback`` for every change under ``prefix`` after ``revision`` (None: from now), in order.

        It is called at once for the past changes, later by the thread that writes, with the store's lock held: it must
        be quick and must not raise.

        Returns:
            A function that ends it.

        Raises:
            Compacted: ``revision`` is older than what is kept.
        """
        with self.lock:
            if revision is not None:
                if revision < self.compacted:
                    raise Compacted(revision, self.compacted)
                for change in self.changes_after(revision):
                    if change.entry.key.startswith(prefix):
                        callback(change)
            self._serial += 1
            serial = self._serial
            self._subscribers[serial] = (prefix, callback)

        def cancel() -> None:
            with self.lock:
                self._subscribers.pop(serial, None)

        return cancel

    def changes_after(self, revision: int) -> Changes:
        """Return the changes later than ``revision``, oldest first."""
        late: Changes = []
        for change in reversed(self._changes):
            if change.entry.revision <= revision:
                break
            late.append(change)
        late.reverse()
        return late

    def watch(self, prefix: str, revision: int | None = None) -> Watch:
        """Return a reader, for a thread, of the changes under ``prefix`` after ``revision`` (None: from now).

        Raises:
            Compacted: ``revision`` is older than what is kept.
        """
        return Watch(self, prefix, revision)

    def compact(self, revision: int) -> None:
        """Forget what was current before ``revision``: watches and lists can no longer start there."""
        with self.lock:
            obsolete: list[tuple[int]] = []
            while self._changes and self._changes[0].entry.revision <= revision:
                change = self._changes.popleft()
                if change.previous is not None:
                    obsolete.append((change.previous.revision,))
                if change.type == DELETED:
                    obsolete.append((change.entry.revision,))
            self.compacted = max(self.compacted, revision)
            self._database.execute("BEGIN")
            self._database.executemany("DELETE FROM log WHERE revision = ?", obsolete)
            facts = [("compacted", self.compacted), ("revision", self.revision)]
            self._database.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?)", facts)
            self._database.execute("COMMIT")
