"""Changes of a collection as they happen, through dropped connections and expired resource versions."""

from __future__ import annotations

import json

from pilothouse.errors import Unreachable
from pilothouse.kube import requests
from pilothouse.kube.errors import Gone, error_for
from pilothouse.kube.listing import list_all
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pilothouse.clock import Clock
    from pilothouse.errors import PilothouseError
    from pilothouse.kube.connections import Stream
    from pilothouse.kube.requests import ListOptions
    from pilothouse.kube.resources import KubeObject
    from pilothouse.kube.transfer import Transfer
    from pilothouse.objects.mapping import Mapping

_SERVER_SECONDS = 300
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 10.0
_TRIES = 6
#: A connection that ends sooner was worth a failure, unless an event came (client-go's ``handleAnyWatch``).
_SHORT = 1.0
_FIRST_ANSWER = 60.0


class WatchEvent(Record):
    """One change.

    Attributes:
        type: ``ADDED``, ``MODIFIED`` or ``DELETED``.
        object: The object after it; before it, when it was deleted.
    """

    type: str
    object: KubeObject


class Watch:
    """An iterator over changes; :meth:`close` ends it from any thread.

    The objects seen are remembered, so that after an expired resource version only what truly changed is reported.
    """

    def __init__(
        self,
        transfer: Transfer,
        clock: Clock,
        mapping: Mapping,
        namespace: str,
        options: ListOptions,
        seconds: float,
    ) -> None:
        self._transfer = transfer
        self._clock = clock
        self._mapping = mapping
        self._namespace = namespace
        self._options = options
        self._deadline = clock.monotonic() + seconds if seconds else 0.0
        self._version = options.resource_version
        self._known: dict[tuple[str, str], KubeObject] = {}
        self._stream: Stream | None = None
        self._closed = False

    def __iter__(self) -> Iterator[WatchEvent]:
        """Yield the changes until the time is over or the watch is closed.

        Raises:
            ApiError: The server refuses to list or watch.
            ConnectionFailed: The server cannot be reached any more.
        """
        failures = 0
        while not self._over():
            begun = self._clock.monotonic()
            try:
                if not self._version:
                    yield from self._relist()
                for event in self._listen():
                    failures = 0
                    yield event
                if self._clock.monotonic() - begun >= _SHORT:
                    failures = 0
                    continue
                problem: PilothouseError = Unreachable("very short watch: the server ended it without an event")
            except Gone as error:
                self._version, problem = "", error
            except Unreachable as error:
                problem = error
            failures += 1
            if failures >= _TRIES and not self._over():
                raise problem
            self._pause(failures)

    def close(self) -> None:
        """End the iteration."""
        self._closed = True
        if self._stream is not None:
            self._stream.close()

    def _over(self) -> bool:
        return self._closed or bool(self._deadline and self._clock.monotonic() >= self._deadline)

    def _pause(self, failures: int) -> None:
        pause = min(_FIRST_PAUSE * 2 ** (failures - 1), _LONGEST_PAUSE)
        if self._deadline:
            pause = min(pause, max(0.0, self._deadline - self._clock.monotonic()))
        self._clock.sleep(pause)

    def _relist(self) -> Iterator[WatchEvent]:
        """List the collection and yield how it differs from what is known."""
        options = self._options.replace(resource_version="")
        items, self._version = list_all(self._transfer, self._mapping, self._namespace, options)
        found = {_key(item): item for item in items}
        for key in [key for key in self._known if key not in found]:
            yield WatchEvent(type="DELETED", object=self._known.pop(key))
        for key, item in found.items():
            known = self._known.get(key)
            self._known[key] = item
            if known is None:
                yield WatchEvent(type="ADDED", object=item)
            elif _version(known) != _version(item):
                yield WatchEvent(type="MODIFIED", object=item)

    def _listen(self) -> Iterator[WatchEvent]:
        """Yield the events of one connection."""
        seconds = _SERVER_SECONDS
        if self._deadline:
            seconds = min(seconds, int(self._deadline - self._clock.monotonic()) + 1)
        options = self._options.replace(resource_version=self._version)
        request = requests.watch_request(self._mapping, self._namespace, options, seconds)
        self._stream = stream = self._transfer.stream(request, _FIRST_ANSWER)
        try:
            if self._closed:  # while the server was asked
                return
            stream.limit(self._patience(seconds))
            for line in stream.lines():
                event = self._understand(line)
                if event is not None:
                    yield event
                if self._over():
                    return
                stream.limit(self._patience(seconds))
        finally:
            stream.close()

    def _patience(self, seconds: int) -> float:
        left = self._deadline - self._clock.monotonic() if self._deadline else float(seconds + 30)
        return max(0.01, left)

    def _understand(self, line: bytes) -> WatchEvent | None:
        """Return the event in a line of the stream, none for bookmarks."""
        try:
            event = json.loads(line)
            kind, item = event["type"], event["object"]
        except (ValueError, KeyError, TypeError) as error:
            raise Unreachable(f"unable to decode an event from the watch stream: {error}") from error
        if kind == "ERROR":
            raise error_for(item)
        self._version = _version(item) or self._version
        if kind == "BOOKMARK":
            return None
        if kind == "DELETED":
            self._known.pop(_key(item), None)
        else:
            self._known[_key(item)] = item
        return WatchEvent(type=kind, object=item)


def _key(item: KubeObject) -> tuple[str, str]:
    metadata = item.get("metadata") or {}
    return str(metadata.get("namespace") or ""), str(metadata.get("name") or "")


def _version(item: KubeObject) -> str:
    return str((item.get("metadata") or {}).get("resourceVersion") or "")
