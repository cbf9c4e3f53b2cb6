"""Watches go on through broken connections and expired versions, and report only what changed."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from pilothouse.clock import FixedClock
from pilothouse.errors import Unreachable
from pilothouse.golang.kinds import YamlValue
from pilothouse.kube.config import ClusterConfig
from pilothouse.kube.connections import Server, Stream
from pilothouse.kube.errors import ConnectionFailed, Forbidden, Gone, error_for
from pilothouse.kube.http1 import Answer
from pilothouse.kube.requests import ListOptions, Request
from pilothouse.kube.resources import CONFIG_MAPS, KubeObject
from pilothouse.kube.transfer import Transfer
from pilothouse.kube.watch import Watch


def item(name: str, version: int) -> KubeObject:
    """Return an object."""
    return {"metadata": {"name": name, "namespace": "ns", "resourceVersion": str(version)}}


class Lines(Stream):
    """A stream of prepared lines."""

    def __init__(self, lines: list[YamlValue]) -> None:
        self._lines = lines

    def lines(self) -> Iterator[bytes]:
        """Yield them."""
        yield from (json.dumps(line).encode() for line in self._lines)

    def limit(self, seconds: float | None) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class Script(Transfer):
    """Lists and streams in the order they are asked for."""

    def __init__(self, lists: list[YamlValue], streams: list[YamlValue]) -> None:
        self.lists = lists
        self.streams = streams
        self.versions: list[str] = []

    @property
    def config(self) -> ClusterConfig:
        """Some configuration."""
        return ClusterConfig(server=Server(scheme="http", host="h", port=80))

    def call(self, request: Request, timeout: float | None = None) -> KubeObject:
        """Return the next list."""
        del request, timeout
        version, items = self.lists.pop(0)
        return {"metadata": {"resourceVersion": version}, "items": items}

    def stream(self, request: Request, timeout: float | None = None) -> Stream:
        """Return the next stream, or raise it."""
        del timeout
        self.versions.append(request.target.partition("resourceVersion=")[2].partition("&")[0])
        found = self.streams.pop(0)
        if isinstance(found, Exception):
            raise found
        return Lines(found)


def seen(script: Script, count: int) -> list[tuple[str, str]]:
    """Return the first events."""
    watch = Watch(script, FixedClock(0), CONFIG_MAPS, "ns", ListOptions(), 0)
    found: list[tuple[str, str]] = []
    for event in watch:
        found.append((event.type, event.object["metadata"]["name"]))
        if len(found) == count:
            watch.close()
    return found


def test_expired_version() -> None:
    """After 410 Gone the collection is listed again, and only differences are told."""
    gone = {"type": "ERROR", "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old"}}
    script = Script(
        [("5", [item("a", 1), item("b", 2), item("c", 3)]), ("9", [item("a", 1), item("b", 8), item("d", 9)])],
        [[gone], [{"type": "MODIFIED", "object": item("d", 10)}]],
    )
    assert seen(script, 7) == [
        ("ADDED", "a"),
        ("ADDED", "b"),
        ("ADDED", "c"),
        ("DELETED", "c"),
        ("MODIFIED", "b"),
        ("ADDED", "d"),
        ("MODIFIED", "d"),
    ]
    assert script.versions == ["5", "9"]


def test_broken_connection() -> None:
    """A connection that ends or fails is opened anew after the last version seen, bookmarks included."""
    bookmark = {"type": "BOOKMARK", "object": item("", 7)}
    script = Script(
        [("5", [])],
        [
            [{"type": "ADDED", "object": item("a", 6)}, bookmark],
            ConnectionFailed("EOF"),
            [{"type": "DELETED", "object": item("a", 8)}],
        ],
    )
    assert seen(script, 2) == [("ADDED", "a"), ("DELETED", "a")]
    assert script.versions == ["5", "7", "7"]


def test_refusal() -> None:
    """A watch that is forbidden, or a server that stays away, is an error."""
    forbidden = error_for({"code": 403, "reason": "Forbidden", "message": "no"})
    with pytest.raises(Forbidden):
        seen(Script([("5", [])], [forbidden]), 1)
    with pytest.raises(ConnectionFailed):
        seen(Script([("5", [])], [ConnectionFailed("EOF")] * 9), 1)


def test_a_server_that_ends_every_watch_is_not_asked_without_pause() -> None:
    """Watches that end at once, or whose versions have always expired, are tried six times and ever more rarely."""
    gone: YamlValue = {
        "type": "ERROR",
        "object": {"kind": "Status", "code": 410, "reason": "Expired", "message": "old"},
    }
    for stream, error in (([], Unreachable), ([gone], Gone)):
        clock = FixedClock(0)
        script = Script([("5", [])] * 9, [stream] * 9)
        with pytest.raises(error):
            list(Watch(script, clock, CONFIG_MAPS, "ns", ListOptions(), 0))
        assert len(script.versions) == 6
        assert clock.monotonic() == pytest.approx(0.2 + 0.4 + 0.8 + 1.6 + 3.2)


def test_a_stream_that_was_closed_is_at_its_end() -> None:
    """A stream that another thread closed can be told to wait no longer than so long: its reading ends quietly."""
    ours, theirs = socket.socketpair()
    connection: Any = SimpleNamespace(sock=ours, close=ours.close)
    stream = Stream(Answer(200, {}, iter(()), reusable=False), connection)
    stream.close()
    stream.limit(1.0)
    theirs.close()
