"""Watches over HTTP: what is there, what changes, and bookmarks, as JSON lines."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable

import orjson

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox import statuses
from pilothouse.sandbox.errors import Compacted
from pilothouse.sandbox.requests import Request
from pilothouse.sandbox.resources import Resource
from pilothouse.sandbox.selection import matcher
from pilothouse.sandbox.store import ADDED, DELETED, MODIFIED, Change, Entry, Store
from pilothouse.sandbox.views import View

_BOOKMARK_SECONDS = 30.0
_SHORTEST = 1800


class Watchers:
    """The watches that are open; they end when the server does."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._queues: set[asyncio.Queue[Change | None]] = set()

    def open(self, request: Request, resource: Resource, view: View) -> AsyncIterator[bytes]:
        """Return the events of a watch.

        Raises:
            StatusError: A selector or revision is wrong, or the revision is too old.
        """
        namespace = request.namespace
        fields = request.text("fieldSelector")
        if request.name:
            fields = f"metadata.name={request.name}" + (f",{fields}" if fields else "")
        chosen = matcher(resource, request.text("labelSelector"), fields)
        asked = request.text("resourceVersion")
        revision = request.number("resourceVersion") if asked else 0
        if revision is None:
            raise statuses.bad_request(f"invalid resource version: {asked}")
        if revision > self._store.revision:
            raise statuses.too_large_revision(asked, self._store.revision)
        initial = request.text("sendInitialEvents") == "true" or (
            revision == 0 and not request.text("sendInitialEvents")
        )
        prefix = resource.prefix_in(namespace)
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Change | None] = asyncio.Queue()

        def deliver(change: Change) -> None:
            loop.call_soon_threadsafe(queue.put_nowait, change)

        with self._store.lock:
            entries = self._store.list(prefix) if initial else []
            start = self._store.revision if initial or revision == 0 else revision
            try:
                cancel = self._store.subscribe(prefix, start, deliver)
            except Compacted as error:
                raise statuses.gone(error.message) from error
        self._queues.add(queue)
        return self._events(
            request, view, chosen, [entry for entry in entries if chosen(entry.object)], queue, cancel, start
        )

    async def _events(
        self,
        request: Request,
        view: View,
        chosen: Callable[[YamlValue], bool],
        entries: list[Entry],
        queue: asyncio.Queue[Change | None],
        cancel: Callable[[], None],
        start: int,
    ) -> AsyncIterator[bytes]:
        bookmarks = request.flag("allowWatchBookmarks")
        loop = asyncio.get_running_loop()
        seconds = request.number("timeoutSeconds") or _SHORTEST + secrets.randbelow(_SHORTEST)
        deadline = loop.time() + seconds
        try:
            first = True
            yield b""
            if entries:
                yield b"".join(view.event(ADDED, entry, first=not index) for index, entry in enumerate(entries))
                first = False
            if bookmarks and request.text("sendInitialEvents") == "true":
                yield view.bookmark(start, initial_end=True)
            while (left := deadline - loop.time()) > 0:
                try:
                    change = await asyncio.wait_for(queue.get(), min(left, _BOOKMARK_SECONDS))
                except TimeoutError:
                    if bookmarks and left > _BOOKMARK_SECONDS:
                        yield view.bookmark(self._store.revision if queue.empty() else start, initial_end=False)
                    continue
                if change is None:
                    return
                kind = event_type(change, chosen)
                if kind:
                    yield view.event(kind, _shown(change, kind), first=first)
                    first = False
        finally:
            cancel()
            self._queues.discard(queue)

    def close(self) -> None:
        """End all watches."""
        for queue in list(self._queues):
            queue.put_nowait(None)


def event_type(change: Change, chosen: Callable[[YamlValue], bool]) -> str:
    """Return what a change is to those who watch only the chosen objects; empty when it is nothing to them."""
    before = change.previous is not None and chosen(change.previous.object)
    if change.type == DELETED:
        return DELETED if before else ""
    after = chosen(change.entry.object)
    if after:
        return MODIFIED if before else ADDED
    return DELETED if before else ""


def _shown(change: Change, kind: str) -> Entry:
    """Return the object of an event: one that left the selection is shown as it was, at the new revision."""
    if kind != DELETED or change.type == DELETED or change.previous is None:
        return change.entry
    value = change.previous.copy()
    value["metadata"]["resourceVersion"] = str(change.entry.revision)
    return Entry(change.entry.key, change.entry.revision, orjson.dumps(value), value)
