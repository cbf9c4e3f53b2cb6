"""Connections that turn from HTTP to another protocol: SPDY/3.1, alone or inside a websocket, and channels.

``kubectl`` since 1.31 asks for a websocket that carries SPDY (``SPDY/3.1+portforward.k8s.io``), earlier ones and Helm 2
for SPDY itself, most other clients for a websocket with channels (``v4.channel.k8s.io``).
"""

from __future__ import annotations

import asyncio
import http
from collections.abc import Callable
from typing import Protocol, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from websockets.exceptions import InvalidHandshake, NegotiationError
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

from pilothouse.sandbox.portforward import Channel, ChannelForwarding, SpdyForwarding
from pilothouse.sandbox.requests import Answer, Request, Stream, Upgrade
from pilothouse.sandbox.server import Server
from pilothouse.transport.spdy import SpdyFault

_PORT_FORWARD = "portforward.k8s.io"
_TUNNEL = Subprotocol(f"SPDY/3.1+{_PORT_FORWARD}")
_CHANNELS = Subprotocol("v4.channel.k8s.io")
_LARGEST_MESSAGE = 4 << 20


class _Forwarding(Protocol):
    def receive(self, data: bytes, /) -> None: ...


def protocol_for(server: Server) -> type[HttpToolsProtocol]:
    """Return the web server's protocol that lets ``server`` answer requests for other protocols."""

    class StreamingProtocol(HttpToolsProtocol):
        def _should_upgrade(self) -> bool:
            return (self._get_upgrade() or b"").lower() in (b"websocket", b"spdy/3.1")

        def handle_websocket_upgrade(self) -> None:
            self.connections.discard(self)
            path, _, query = self.url.partition(b"?")
            headers: dict[str, str] = {}
            for raw, value in self.headers:
                name, text = raw.decode("latin-1"), value.decode("latin-1")
                headers[name] = f"{headers[name]}, {text}" if name in headers else text
            request = Request(
                self.scope["method"],
                path.decode("latin-1"),
                query.decode("latin-1"),
                headers,
                upgrade=headers["upgrade"].lower(),
            )
            line = Line(server, request, self.url.decode("latin-1"))
            self.connections.add(cast("HttpToolsProtocol", line))
            line.forget = lambda: self.connections.discard(cast("HttpToolsProtocol", line))
            line.connection_made(self.transport)
            self.transport.set_protocol(line)

    return StreamingProtocol


class Line(asyncio.Protocol):
    """A connection that has left HTTP behind.

    Args:
        server: Answers whether it may.
        request: What was asked.
        target: The path with its query, as it came.
    """

    def __init__(self, server: Server, request: Request, target: str) -> None:
        self._server = server
        self._request = request
        self._target = target
        self._forwarding: _Forwarding | None = None
        self._socket: ServerProtocol | None = None
        self._message = bytearray()
        self.forget: Callable[[], None] = lambda: None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer the request."""
        self._transport = cast("asyncio.Transport", transport)
        self._channel = Channel(self._send, self._pause, self._close)
        answer = self._server.answer(self._request)
        if isinstance(answer, Stream):
            self._refuse(Answer(b"the sandbox streams this over plain HTTP alone", 400, "text/plain"))
        elif not isinstance(answer, Upgrade):
            self._refuse(answer)
        elif self._request.upgrade == "websocket":
            self._open_socket(answer)
        else:
            self._open_spdy(answer)

    def connection_lost(self, exc: Exception | None) -> None:
        """Give everything up."""
        del exc
        self._channel.end()
        self.forget()

    def shutdown(self) -> None:
        """End, since the server ends."""
        self._transport.close()

    def pause_writing(self) -> None:
        """Hold what comes from the pod back."""
        self._channel.may_write(allowed=False)

    def resume_writing(self) -> None:
        """Let it go on."""
        self._channel.may_write(allowed=True)

    def data_received(self, data: bytes) -> None:
        """Take in what the client sends."""
        try:
            if self._socket is None:
                if self._forwarding is not None:
                    self._forwarding.receive(data)
                return
            self._socket.receive_data(data)
            for event in self._socket.events_received():
                if isinstance(event, Frame):
                    self._take(event)
            self._flush(self._socket)
        except SpdyFault:
            self._transport.close()

    def _take(self, frame: Frame) -> None:
        """Take in a part of a message."""
        if frame.opcode not in (Opcode.BINARY, Opcode.TEXT, Opcode.CONT):
            return
        self._message += frame.data
        if len(self._message) > _LARGEST_MESSAGE:
            raise SpdyFault("message too large")
        if frame.fin and self._forwarding is not None:
            message = bytes(self._message)
            self._message.clear()
            self._forwarding.receive(message)

    # answering

    def _refuse(self, answer: Answer) -> None:
        reason = http.HTTPStatus(answer.status).phrase
        lines = [f"HTTP/1.1 {answer.status} {reason}", f"Content-Type: {answer.content_type}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in answer.headers]
        head = "\r\n".join([*lines, f"Content-Length: {len(answer.body)}", "", ""])
        self._transport.write(head.encode("latin-1", "replace") + answer.body)
        self._transport.close()

    def _open_spdy(self, target: Upgrade) -> None:
        offered = [each.strip() for each in self._request.headers.get("x-stream-protocol-version", "").split(",")]
        if _PORT_FORWARD not in offered:
            text = f"unable to upgrade: unable to negotiate protocol: client supports [{' '.join(offered)}]"
            self._refuse(Answer(f"{text}, server accepts [{_PORT_FORWARD}]".encode(), 403, "text/plain"))
            return
        head = ["HTTP/1.1 101 Switching Protocols", "Connection: Upgrade", "Upgrade: SPDY/3.1"]
        self._transport.write("\r\n".join([*head, f"X-Stream-Protocol-Version: {_PORT_FORWARD}", "", ""]).encode())
        self._forwarding = SpdyForwarding(target, self._channel)

    def _open_socket(self, target: Upgrade) -> None:
        head = [f"GET {self._target} HTTP/1.1", *(f"{name}: {text}" for name, text in self._request.headers.items())]
        self._socket = socket = ServerProtocol(subprotocols=[_TUNNEL, _CHANNELS], max_size=_LARGEST_MESSAGE)
        socket.receive_data("\r\n".join([*head, "", ""]).encode("latin-1"))
        handshake = next((each for each in socket.events_received() if isinstance(each, Handshake)), None)
        if handshake is None:
            self._refuse(Answer(b"bad handshake", 400, "text/plain"))
            return
        try:
            answer = socket.accept(handshake)
        except (InvalidHandshake, NegotiationError) as error:
            self._refuse(Answer(str(error).encode(), 400, "text/plain"))
            return
        socket.send_response(answer)
        self._flush(socket)
        if answer.status_code == 101:
            tunnelled = socket.subprotocol == _TUNNEL
            self._forwarding = (SpdyForwarding if tunnelled else ChannelForwarding)(target, self._channel)

    # sending

    def _send(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        if self._socket is None:
            self._transport.write(data)
        else:
            self._socket.send_binary(data)
            self._flush(self._socket)

    def _flush(self, socket: ServerProtocol) -> None:
        for piece in socket.data_to_send():
            if piece:
                self._transport.write(piece)
            else:
                self._transport.close()

    def _pause(self, full: bool) -> None:  # noqa: FBT001 - as the channel calls it
        if full:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def _close(self) -> None:
        if self._socket is None:
            self._transport.close()
        else:
            self._socket.send_close(1000)
            self._flush(self._socket)
