"""A port of a pod on this machine, as ``kubectl port-forward`` does it (``client-go/tools/portforward``).

Every local connection becomes two streams of one SPDY/3.1 connection to the API server: one for the data, one on which
the kubelet tells what went wrong.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading

from pilothouse.clock import Clock
from pilothouse.errors import PilothouseError
from pilothouse.kube.requests import Request
from pilothouse.kube.resources import PODS, path_of
from pilothouse.kube.transfer import Transfer
from pilothouse.transport.spdy import Farewell, Opened, Received, Reset, Spdy, SpdyFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from pilothouse.kube.config import ClusterConfig

PROTOCOL = "portforward.k8s.io"
_ANSWER_SECONDS = 30.0
_PIECE = 1 << 16
_MOST_WAITING = 1 << 20
_WANTS = (BlockingIOError, InterruptedError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class _Line:
    """A local connection and its two streams."""

    def __init__(self, sock: socket.socket, data: int, error: int) -> None:
        self.sock = sock
        self.data = data
        self.error = error
        self.waiting = bytearray()
        self.heard_all = False
        self.told_all = False

    @property
    def is_over(self) -> bool:
        return self.heard_all and self.told_all and not self.waiting


class PortForward:
    """Listens on a free port of loopback and carries connections to a port of a pod.

    Use it with ``with``; :attr:`address` is where to connect.

    Args:
        source: The cluster's configuration, or what loads it.
        namespace: The pod's namespace.
        pod: The pod.
        port: Its port.
        clock: Handed to the connection.
    """

    def __init__(
        self,
        source: ClusterConfig | Callable[[], ClusterConfig],
        namespace: str,
        pod: str,
        port: int,
        clock: Clock | None = None,
    ) -> None:
        self._transfer = Transfer(source, clock or Clock())
        self._request = Request(
            method="POST",
            target=path_of(PODS, namespace, pod, "portforward"),
            accept="*/*",
            body=b"",
            resource="pods",
            name=pod,
        )
        self._port = port
        self._spdy = Spdy(client=True)
        self._lines: dict[int, _Line] = {}  # by the stream of data
        self._errors: dict[int, _Line] = {}  # by the stream of errors
        self._requests = 0
        self._outgoing = bytearray()
        self._upstream: socket.socket | None = None
        self._listener: socket.socket | None = None
        self._thread: threading.Thread | None = None
        self._ending = False
        self.failure = ""

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @property
    def address(self) -> str:
        """``127.0.0.1`` and the local port."""
        assert self._listener is not None
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    def open(self) -> None:
        """Connect to the API server and begin to listen.

        Raises:
            ApiError: The server refused.
            ConnectionFailed: There was no answer.
        """
        extra = {"X-Stream-Protocol-Version": PROTOCOL}
        try:
            self._upstream = self._transfer.upgrade(self._request, "SPDY/3.1", extra, _ANSWER_SECONDS)
        except PilothouseError as error:
            raise error.prefixed("error upgrading connection: ") from error
        self._upstream.setblocking(False)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.setblocking(False)
        self._bell, self._ear = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="port-forward", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End all connections."""
        if self._thread is None or self._ending:
            return
        self._ending = True
        self._bell.send(b"!")
        self._thread.join(timeout=5)
        self._bell.close()
        self._ear.close()

    def _run(self) -> None:
        assert self._upstream is not None
        assert self._listener is not None
        try:
            while not self._ending and self._turn(self._upstream, self._listener):
                pass
        except (OSError, SpdyFault) as error:
            self.failure = self.failure or str(error)
        finally:
            for line in list(self._lines.values()):
                line.sock.close()
            self._upstream.close()
            self._listener.close()
            self._transfer.close()

    def _turn(self, upstream: socket.socket, listener: socket.socket) -> bool:
        """Wait until something can be done and do it; return whether the connection goes on."""
        ready = self._wait(upstream, listener)
        if upstream.fileno() in ready and not self._hear(upstream):
            return False
        if listener.fileno() in ready:
            self._accept(listener)
        for line in list(self._lines.values()):
            events = ready.get(line.sock.fileno(), 0)
            if events & (select.POLLIN | select.POLLHUP | select.POLLERR) and not line.told_all:
                self._read_local(line)
            if line.waiting:
                self._write_local(line)
            if line.is_over:
                self._drop(line)
        self._flush(upstream)
        return True

    def _wait(self, upstream: socket.socket, listener: socket.socket) -> dict[int, int]:
        poll = select.poll()
        poll.register(self._ear, select.POLLIN)
        full = len(self._outgoing) > _MOST_WAITING
        slow = any(len(line.waiting) > _MOST_WAITING for line in self._lines.values())
        poll.register(upstream, (0 if slow else select.POLLIN) | (select.POLLOUT if self._outgoing else 0))
        if not full:
            poll.register(listener, select.POLLIN)
        for line in self._lines.values():
            wanted = (0 if full or line.told_all else select.POLLIN) | (select.POLLOUT if line.waiting else 0)
            if wanted:
                poll.register(line.sock, wanted)
        return dict(poll.poll())

    def _hear(self, upstream: socket.socket) -> bool:
        """Take in what the API server sends; return whether it will send more."""
        while True:
            try:
                data = upstream.recv(_PIECE)
            except _WANTS:
                return True
            if not data:
                self.failure = self.failure or "lost connection to pod"
                return False
            events, reply = self._spdy.receive(data)
            self._outgoing += reply
            for event in events:
                if isinstance(event, Farewell):
                    return False
                self._follow(event)

    def _follow(self, event: Opened | Received | Reset) -> None:
        line = self._lines.get(event.stream) or self._errors.get(event.stream)
        if line is None or isinstance(event, Opened):
            return
        if isinstance(event, Reset):
            self._drop(line)
        elif event.stream == line.error:
            if event.data:
                self.failure = event.data.decode("utf-8", "replace")
                self._drop(line)
        else:
            line.waiting += event.data
            line.heard_all = line.heard_all or event.finished
            self._write_local(line)

    def _accept(self, listener: socket.socket) -> None:
        try:
            sock, _ = listener.accept()
        except OSError:
            return
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        headers = {"port": str(self._port), "requestid": str(self._requests)}
        self._requests += 1
        error, opening = self._spdy.open({"streamtype": "error", **headers}, last=True)
        data, more = self._spdy.open({"streamtype": "data", **headers})
        self._outgoing += opening + more
        self._lines[data] = self._errors[error] = _Line(sock, data, error)

    def _read_local(self, line: _Line) -> None:
        try:
            data = line.sock.recv(_PIECE)
        except _WANTS:
            return
        except OSError:
            self._outgoing += self._spdy.reset(line.data)
            self._drop(line)
            return
        line.told_all = not data
        self._outgoing += self._spdy.data(line.data, data, last=not data)

    def _write_local(self, line: _Line) -> None:
        try:
            sent = line.sock.send(line.waiting) if line.waiting else 0
            del line.waiting[:sent]
            if line.heard_all and not line.waiting:
                line.sock.shutdown(socket.SHUT_WR)
        except _WANTS:
            return
        except OSError:
            line.waiting.clear()
            line.heard_all = True

    def _drop(self, line: _Line) -> None:
        line.sock.close()
        self._lines.pop(line.data, None)
        self._errors.pop(line.error, None)

    def _flush(self, upstream: socket.socket) -> None:
        while self._outgoing:
            try:
                sent = upstream.send(self._outgoing[:_PIECE])
            except _WANTS:
                return
            del self._outgoing[:sent]
