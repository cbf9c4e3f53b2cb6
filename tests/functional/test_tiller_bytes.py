"""What a real client of Helm 2.17 sent, byte for byte, to our Tiller: connections that were recorded whole."""

from __future__ import annotations

import contextlib
import importlib
import json
import socket
import urllib.parse
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("grpc")

from pilothouse.assembly import Assembly
from pilothouse.environment import Environment
from pilothouse.hapi.messages import SERVICE, calls_of
from pilothouse.kube.resources import NAMESPACES
from pilothouse.progress import SILENT
from pilothouse.tiller.gate import Gate
from pilothouse.tiller.metrics import Metrics
from pilothouse.tiller.server import TillerServer

_replay = importlib.import_module("functional.tiller_replay")
#: The calls of each command that was recorded, one a connection.
CALLS = {
    "version": ["GetVersion"],
    "status": ["GetReleaseStatus"],
    "list": ["ListReleases"],
    "install": ["InstallRelease", "GetReleaseStatus"],
    "get": ["GetReleaseContent"],
    "delete": ["UninstallRelease"],
}
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS, PING = 0, 1, 4, 6
ACKNOWLEDGED = END_STREAM = 1


class Frame:
    """One frame of HTTP/2."""

    def __init__(self, head: bytes, payload: bytes) -> None:
        self.kind, self.flags, self.stream = head[3], head[4], int.from_bytes(head[5:9], "big")
        self.payload = payload
        self.raw = head + payload


def frames(data: bytes) -> Iterator[Frame]:
    """Yield the frames of one direction of a connection."""
    data = data.removeprefix(PREFACE)
    while data:
        length = int.from_bytes(data[:3], "big")
        yield Frame(data[:9], data[9 : 9 + length])
        data = data[9 + length :]


def recorded(folder: Path) -> Iterator[tuple[str, bytes, bytes]]:
    """Yield each connection: its call, what the client sent, and what Tiller sent."""
    for line in (folder / "tcp.jsonl").read_text().splitlines():
        one = json.loads(line)
        for number, call in enumerate(CALLS[one["cmd"][1]], start=1):
            sides = {
                side: b"".join(
                    bytes.fromhex(part["hex"])
                    for part in one["bytes"]
                    if (part["connection"], part["from"]) == (number, side)
                )
                for side in ("client", "tiller")
            }
            yield call, sides["client"], sides["tiller"]


def answer_to(port: int, sent: bytes) -> list[Frame]:
    """Send what a client sent, and return the frames of the answer up to its end."""
    received: list[Frame] = []
    with socket.create_connection(("127.0.0.1", port), timeout=180) as connection, connection.makefile("rb") as reader:
        connection.sendall(PREFACE)
        for frame in frames(sent):
            # Other pings came, and settings are acknowledged when they have come.
            if (frame.kind, frame.flags) not in ((PING, ACKNOWLEDGED), (SETTINGS, ACKNOWLEDGED)):
                connection.sendall(frame.raw)
        while not received or (received[-1].kind, received[-1].flags & END_STREAM) != (HEADERS, END_STREAM):
            head = reader.read(9)
            assert len(head) == 9, "the connection was closed"
            received.append(Frame(head, reader.read(int.from_bytes(head[:3], "big"))))
            if (received[-1].kind, received[-1].flags) == (SETTINGS, 0):
                connection.sendall(b"\0\0\0\4\1\0\0\0\0")
    return received


def messages(call: str, received: list[Frame]) -> list[Any]:
    """Return the messages of an answer."""
    data = b"".join(frame.payload for frame in received if frame.kind == DATA)
    found = []
    while data:
        assert data[0] == 0, "messages are not compressed"
        length = int.from_bytes(data[1:5], "big")
        found.append(calls_of(SERVICE)[call].response.FromString(data[5 : 5 + length]))
        data = data[5 + length :]
    return found


@pytest.fixture
def port(sandbox_kubeconfig: Path, tmp_path: Path) -> Iterator[int]:
    """The port of a Tiller without releases, on the embedded cluster."""
    assembly = Assembly(Environment(variables={"HOME": str(tmp_path), "KUBECONFIG": str(sandbox_kubeconfig)}))
    namespace = f"bytes-{uuid.uuid4().hex[:8]}"
    with assembly.client() as client:
        client.create(NAMESPACES, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        context = assembly.tiller(driver="configmap", namespace=namespace)
        server = TillerServer(Gate(context), version="v2.17.0", metrics=Metrics(0.0), reporter=SILENT)
        listening = server.listen("127.0.0.1:0")
        server.start()
        try:
            yield listening
        finally:
            server.stop(1)
            with contextlib.suppress(Exception):
                client.delete(client.mapping("v1", "ConfigMap"), "default", "raw-cm")


def test_bytes_of_a_real_client_are_answered(shared: Path, port: int) -> None:
    """Every connection gets the messages that real Tiller sent, and a call that fails gets its text."""
    compared = 0
    for call, sent, theirs in recorded(shared / "reference/helm2/golden/session-tcp"):
        received = answer_to(port, sent)
        ours, wanted = messages(call, received), messages(call, list(frames(theirs)))
        assert [_replay.masked(one) for one in ours] == [_replay.masked(one) for one in wanted], call
        if call == "GetReleaseStatus" and not wanted:
            text = urllib.parse.unquote_to_bytes(received[-1].payload)
            assert b'getting deployed release "nothing": release: "nothing" not found' in text
        compared += 1
    assert compared == 8
