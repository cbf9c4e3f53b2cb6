"""A proxy before an API server that answers wrongly, late or not at all, as a seeded dice says."""

from __future__ import annotations

import http.client
import json
import random
import select
import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

#: What may happen to a request, and how often beside the others.
FAULTS = {
    "429": 3,
    "429 without a time": 1,
    "500": 3,
    "500 after it was done": 3,
    "503": 1,
    "dropped": 3,
    "dropped after it was done": 4,
    "dropped in the answer": 2,
    "slow": 2,
    "409": 3,
    "410": 3,
}
#: What may happen to a watch with each of its events.
WATCH_FAULTS = {"watch expired": 3, "watch dropped": 3, "watch ended": 2, "watch stalled": 1}
_STATUS = {409: "Conflict", 410: "Expired", 429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable"}
_EXPIRED = (
    b'{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","status":"Failure","code":410,"reason":"Expired",'
    b'"message":"too old resource version: injected"}}\n'
)


class _Server(ThreadingHTTPServer):
    """Answers each connection in a thread; clients that go away are no news."""

    daemon_threads = True

    def handle_error(self, _request: Any, _client_address: Any) -> None:
        """Say nothing."""


class FaultProxy:
    """Forwards plain HTTP on loopback to an API server, with faults.

    Attributes:
        chance: How likely a fault is, for each request.
        dice: Decides.
        faults: How many of each kind there were.
        requests: How many requests there were.
        watches: How many of them were watches.
        watcher: Called with method and path of each request and ``before`` or ``after`` it is done; where it says so,
            the proxy hangs up.
    """

    def __init__(self, kubeconfig: Path) -> None:
        settings = yaml.safe_load(kubeconfig.read_text())
        cluster, user = settings["clusters"][0]["cluster"], settings["users"][0]["user"]
        self._upstream = urlsplit(cluster["server"])
        self.login = {"Authorization": f"Bearer {user['token']}"}
        self._local = threading.local()
        self.chance = 0.0
        self.dice = random.Random(0)
        self.faults: Counter[str] = Counter()
        self.requests = self.watches = 0
        self.watcher: Callable[[str, str, str], bool] = lambda _method, _path, _moment: False
        self._lock = threading.Lock()
        self._opened: list[http.client.HTTPConnection] = []
        proxy = self

        class Handler(_Handler):
            owner = proxy

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def kubeconfig(self) -> str:
        """Return the text of a kubeconfig that leads through the proxy."""
        return json.dumps(
            {
                "apiVersion": "v1",
                "kind": "Config",
                "current-context": "x",
                "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
                "clusters": [{"name": "x", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}],
                "users": [{"name": "x", "user": {}}],
            }
        )

    def close(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        for connection in self._opened:
            connection.close()

    def fault(self, method: str, path: str) -> str:
        """Return what happens to a request, nothing when it goes well."""
        with self._lock:
            self.requests += 1
            self.watches += "watch=" in path
            if self.dice.random() >= self.chance:
                return ""
            kind = self.dice.choices(list(FAULTS), list(FAULTS.values()))[0]
            writes = method in ("PUT", "PATCH", "POST", "DELETE")
            if (kind == "409" and not writes) or (kind == "410" and "continue=" not in path and "watch=" not in path):
                return ""
            self.faults[kind] += 1
            return kind

    def watch_fault(self) -> str:
        """Return what happens to a watch with its next event, nothing when it goes well."""
        with self._lock:
            if self.dice.random() >= 3 * self.chance:
                return ""
            kind = self.dice.choices(list(WATCH_FAULTS), list(WATCH_FAULTS.values()))[0]
            self.faults[kind] += 1
            return kind

    def watch(self, path: str, headers: dict[str, str], client: socket.socket) -> http.client.HTTPResponse:
        """Begin a watch on a connection of its own, which ends with the client's, and return its answer."""
        connection = self._connect()
        connection.request("GET", path, None, headers)
        upstream = connection.sock
        threading.Thread(target=_end_with, args=(client, upstream), daemon=True).start()
        return connection.getresponse()

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes | None) -> tuple[int, Any, bytes]:
        """Send a request to the server and return status, headers and body of its answer."""
        for attempt in (1, 2):
            connection = getattr(self._local, "connection", None)
            if connection is None:
                connection = self._connect()
            self._local.connection = None
            try:
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, http.client.HTTPException):
                if attempt == 2:
                    raise
                continue
            self._local.connection = connection
            return answer.status, answer.getheaders(), content
        raise AssertionError("unreachable")

    def _connect(self) -> http.client.HTTPConnection:
        assert self._upstream.hostname
        context = ssl._create_unverified_context()
        made = http.client.HTTPSConnection(self._upstream.hostname, self._upstream.port, context=context, timeout=180)
        self._opened.append(made)
        return made


def _end_with(client: socket.socket, upstream: socket.socket) -> None:
    """End a connection to the server when that of the client has ended."""
    with suppress(OSError, ValueError):  # it was closed on this side
        select.select([client], [], [])
    with suppress(OSError):
        socket.socket.shutdown(upstream, socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    #: Answers leave in one piece: head and body in two wait 40 ms for each other (Nagle's algorithm).
    wbufsize = -1
    owner: FaultProxy

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""

    def handle_one(self) -> None:
        """Answer a request, or do to it what the dice says."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)) or None
        owner = self.owner
        if owner.watcher(self.command, self.path, "before"):
            self._hang_up()
            return
        fault = owner.fault(self.command, self.path)
        if fault == "slow":
            time.sleep(0.05)
        if fault == "dropped":
            self._hang_up()
            return
        if fault[:3].isdigit() and not fault.endswith("done"):
            self._refuse(int(fault[:3]), retry="without" not in fault)
            return
        headers = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}
        headers.update(owner.login)
        if "watch=" in self.path:
            self._stream(owner.watch(self.path, headers, self.connection))
            return
        status, answer_headers, content = owner.forward(self.command, self.path, headers, body)
        if owner.watcher(self.command, self.path, "after") or fault == "dropped after it was done":
            self._hang_up()
        elif fault == "500 after it was done":
            self._refuse(500)
        else:
            self._answer(status, answer_headers, content, broken=fault == "dropped in the answer")

    def _stream(self, answer: http.client.HTTPResponse) -> None:
        """Pass a watch on while it arrives, or do to it what the dice says."""
        if answer.status != 200:
            self._answer(answer.status, answer.getheaders(), answer.read(), broken=False)
            return
        self.send_response(200)
        self.send_header("Content-Type", answer.headers["Content-Type"])
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.flush()
        stalled = False
        while line := answer.readline():
            fault = self.owner.watch_fault()
            stalled = stalled or fault == "watch stalled"
            if fault == "watch dropped":
                self._write_chunk(line[: len(line) // 2])
                self._hang_up()
                return
            if fault == "watch expired":
                line = _EXPIRED
            if fault == "watch ended":
                break
            if not stalled:
                self._write_chunk(line)
        self._write_chunk(b"")
        self._hang_up()

    def _write_chunk(self, content: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(content), content))
        self.wfile.flush()

    def _answer(self, status: int, headers: Any, content: bytes, *, broken: bool) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in ("transfer-encoding", "content-length", "connection", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if broken else content)
        if broken:
            self._hang_up()

    def _refuse(self, code: int, *, retry: bool = True) -> None:
        status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": _STATUS[code]}
        content = json.dumps({**status, "message": f"injected {code}"}).encode()
        self.send_response(code)
        if code == 429 and retry:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _hang_up(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_one  # noqa: N815 - names that http.server looks for
