"""Tiller and messages that make no sense: each call ends with an answer that tells nothing of the server's insides."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest

pytest.importorskip("grpc")

import grpc  # type: ignore[import-untyped]  # grpcio ships no types
from google.protobuf.descriptor import FieldDescriptor  # type: ignore[import-untyped]  # protobuf ships no types
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilothouse.assembly import Assembly
from pilothouse.environment import Environment
from pilothouse.errors import NotFound
from pilothouse.hapi.messages import SERVICE, calls_of, message_class
from pilothouse.progress import Event, Reporter
from pilothouse.tiller.gate import Gate
from pilothouse.tiller.metrics import Metrics
from pilothouse.tiller.server import TillerServer

CALLS = calls_of(SERVICE)
CLIENT = (("x-helm-api-client", "v2.17.0"),)
#: What no answer may hold: pieces of tracebacks, of our paths, and the text for faults that are ours.
LEAKS = ("Traceback", "pilothouse", ".py", "object at 0x", "internal error")


FUZZ = settings(
    max_examples=int(os.environ.get("PILOTHOUSE_FUZZ_EXAMPLES", "100")),
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)


class EmptyCluster:
    """A cluster that knows no kinds."""

    def server_version(self) -> dict[str, str]:
        """Return a version."""
        return {"major": "1", "minor": "30", "gitVersion": "v1.30.0"}

    def api_versions(self) -> tuple[str, ...]:
        """Return no kinds."""
        return ("v1",)

    def mapping(self, api_version: str, kind: str) -> None:
        """Know none."""
        raise NotFound(f'no matches for kind "{kind}" in version "{api_version}"')


class Served:
    """A server whose faults are remembered."""

    def __init__(self) -> None:
        context = Assembly(Environment()).tiller(driver="memory", namespace="kube-system")
        cluster: Any = EmptyCluster()
        self.faults: list[str] = []
        self.server = TillerServer(
            Gate(context.replace(cluster=cluster), seconds=20),
            version="v2.17.0",
            metrics=Metrics(0.0),
            reporter=Reporter(self._hear),
        )
        self.channel = grpc.insecure_channel(f"127.0.0.1:{self.server.listen('127.0.0.1:0')}")
        self.server.start()

    def _hear(self, event: Event) -> None:
        if event.kind == "main":
            self.faults.append(event.message)

    def send(self, name: str, data: bytes) -> None:
        """Send bytes as the request of a call, and look at the answer."""
        self.faults.clear()
        code, details = self._refusal(name, data)
        assert not any(leak in details for leak in LEAKS), details
        assert code is not grpc.StatusCode.UNAVAILABLE
        assert self.faults == []

    def _refusal(self, name: str, data: bytes) -> tuple[Any, str]:
        path = f"/{SERVICE}/{name}"
        try:
            if CALLS[name].streams_responses:
                list(self.channel.unary_stream(path)(data, metadata=CLIENT, timeout=180))
            else:
                self.channel.unary_unary(path)(data, metadata=CLIENT, timeout=180)
        except grpc.RpcError as error:
            return error.code(), error.details() or ""
        return None, ""


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """A server."""
    running = Served()
    yield running
    running.channel.close()
    running.server.stop(0)


def texts() -> st.SearchStrategy[str]:
    """Return texts that templates, names and YAML stumble over."""
    parts = [
        "{{",
        "}}",
        ".Values",
        "include",
        "tpl",
        "range",
        "end",
        ":",
        "- ",
        "\n",
        "---",
        "a",
        "../",
        "\x00",
        "&a",
        "*a",
    ]
    return st.lists(st.sampled_from(parts), max_size=12).map("".join) | st.text(max_size=20)


@st.composite
def messages(draw: st.DrawFn, kind: Any, depth: int = 3) -> Any:
    """Return a message with some of its fields set to anything that the wire can carry."""
    made = kind()
    fields = list(kind.DESCRIPTOR.fields) if depth else []
    for field in draw(st.lists(st.sampled_from(fields), unique=True, max_size=4)) if fields else ():
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            continue
        value = _value(field, depth)
        if field.is_repeated:
            getattr(made, field.name).extend(draw(st.lists(value, max_size=2)))
        elif field.message_type is not None:
            getattr(made, field.name).CopyFrom(draw(value))
        else:
            setattr(made, field.name, draw(value))
    return made


def _value(field: Any, depth: int) -> st.SearchStrategy[Any]:
    if field.message_type is not None:
        return messages(message_class(field.message_type.full_name), depth - 1)
    if field.name == "timeout":
        return st.integers(0, 1)
    by_type = {
        FieldDescriptor.TYPE_STRING: texts(),
        FieldDescriptor.TYPE_BYTES: texts().map(str.encode) | st.binary(max_size=30),
        FieldDescriptor.TYPE_BOOL: st.booleans(),
        FieldDescriptor.TYPE_UINT32: st.integers(0, 3),
    }
    return by_type.get(field.type, st.integers(-(2**31), 2**31 - 1) | st.integers(0, 12))


@FUZZ
@given(st.sampled_from(sorted(CALLS)), st.binary(max_size=200))
def test_bytes_that_are_no_message(served: Served, name: str, data: bytes) -> None:
    """Whatever the bytes are, the call ends and the server goes on."""
    served.send(name, data)


@FUZZ
@given(st.data())
def test_messages_that_make_no_sense(served: Served, data: st.DataObject) -> None:
    """Charts without metadata, templates that are none, odd names, numbers out of range: refused in words."""
    name = data.draw(st.sampled_from(sorted(CALLS)))
    request = data.draw(messages(CALLS[name].request))
    served.send(name, request.SerializeToString())


def test_charts_within_charts(served: Served) -> None:
    """A chart that is nested deeper than messages may be is refused before it is read."""
    data = b""
    for _ in range(5000):
        data = b"\x1a" + _length(data) + data
    served.send("InstallRelease", b"\x0a" + _length(data) + data)


def _length(data: bytes) -> bytes:
    number, out = len(data), bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def test_many_at_once(served: Served) -> None:
    """Garbage from many sides at the same time takes the server from nobody."""
    threads = [
        threading.Thread(target=served.send, args=(name, json.dumps([number] * 50).encode()))
        for number in range(8)
        for name in CALLS
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    served.send("GetVersion", b"")
