"""Ports of pods: what the kubelet does with a forwarded connection (``kubelet/pkg/cri/streaming/portforward``)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine

from pilothouse.sandbox.podrunner import PodRunner
from pilothouse.sandbox.requests import Dial, Upgrade
from pilothouse.transport.spdy import Farewell, Opened, Received, Reset, Spdy

_PIECE = 1 << 16
_MOST_WAITING = 4 << 20
_STREAM_PARTS = ("error", "data")


def dialer(runner: PodRunner, uid: str) -> Dial:
    """Return what connects to a pod's ports."""

    async def dial(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        address = runner.address(uid, port)
        if address is None:
            raise ConnectionRefusedError(f"dial tcp4 127.0.0.1:{port}: connect: connection refused")
        return await asyncio.open_connection(*address)

    return dial


class Channel:
    """The way back to the client.

    Args:
        send: Sends bytes.
        pause: Stops reading from the client while True is given, until False is.
        close: Ends the connection.
    """

    def __init__(self, send: Callable[[bytes], None], pause: Callable[[bool], None], close: Callable[[], None]) -> None:
        self.send = send
        self.close = close
        self._pause = pause
        self._writable = asyncio.Event()
        self._writable.set()
        self._waiting = 0
        self._paused = False
        self._tasks: set[asyncio.Task[None]] = set()

    def may_write(self, *, allowed: bool) -> None:
        """Take note of whether the client takes more at the moment."""
        if allowed:
            self._writable.set()
        else:
            self._writable.clear()

    async def until_writable(self) -> None:
        """Wait until the client takes more."""
        await self._writable.wait()

    def count(self, amount: int) -> None:
        """Take note of bytes that wait for the pod (or, below zero, no longer do); too many stop the client."""
        self._waiting += amount
        full = self._waiting > _MOST_WAITING
        if full != self._paused:
            self._paused = full
            self._pause(full)

    def spawn(self, work: Coroutine[None, None, None]) -> None:
        """Do something beside the rest."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def end(self) -> None:
        """Give up all that is being done."""
        for task in list(self._tasks):
            task.cancel()


class Forwarded:
    """One connection to a port of a pod.

    Args:
        channel: The way back to the client.
        send: Sends data to the client; with ``last``, nothing follows.
        fail: Tells the client why it does not work.
    """

    def __init__(self, channel: Channel, send: Callable[..., None], fail: Callable[[str], None]) -> None:
        self._channel = channel
        self._send = send
        self._fail = fail
        self._incoming: asyncio.Queue[bytes | None] = asyncio.Queue()

    def receive(self, data: bytes) -> None:
        """Take data for the pod."""
        if data:
            self._channel.count(len(data))
            self._incoming.put_nowait(data)

    def finish(self) -> None:
        """Take note that the client sends no more."""
        self._incoming.put_nowait(None)

    async def run(self, target: Upgrade, port: int) -> None:
        """Connect to the pod and carry bytes both ways."""
        try:
            reader, writer = await target.dial(port)
        except OSError as error:
            why = f"failed to connect to localhost:{port} inside the pod: {error}"
            self._fail(f"error forwarding port {port} to pod {target.pod}, uid {target.uid}: {why}")
            return
        inward = asyncio.ensure_future(self._inward(writer))
        try:
            while piece := await reader.read(_PIECE):
                self._send(piece)
                await self._channel.until_writable()
            self._send(b"", last=True)
            await inward
        except OSError:
            self._send(b"", last=True)
        finally:
            inward.cancel()
            writer.close()

    async def _inward(self, writer: asyncio.StreamWriter) -> None:
        try:
            while (data := await self._incoming.get()) is not None:
                writer.write(data)
                await writer.drain()
                self._channel.count(-len(data))
            if writer.can_write_eof():
                writer.write_eof()
        except OSError:
            return


class SpdyForwarding:
    """Forwards what comes through streams of SPDY: one for data and one for errors for each connection."""

    def __init__(self, target: Upgrade, channel: Channel) -> None:
        self._target = target
        self._channel = channel
        self._spdy = Spdy(client=False)
        self._halves: dict[str, dict[str, Opened]] = {}
        self._lines: dict[int, Forwarded] = {}

    def receive(self, data: bytes) -> None:
        """Take in what the client sends.

        Raises:
            SpdyFault: It is no SPDY.
        """
        events, reply = self._spdy.receive(data)
        if reply:
            self._channel.send(reply)
        for event in events:
            if isinstance(event, Opened):
                self._open(event)
            elif isinstance(event, Received):
                self._carry(event)
            elif isinstance(event, Reset):
                line = self._lines.pop(event.stream, None)
                if line is not None:
                    line.finish()
            elif isinstance(event, Farewell):
                self._channel.close()

    def _open(self, event: Opened) -> None:
        kind, port = event.headers.get("streamtype", ""), event.headers.get("port", "")
        if kind not in _STREAM_PARTS or not port.isdigit() or not 0 < int(port) < 65536:
            self._channel.send(self._spdy.reset(event.stream))
            return
        self._channel.send(self._spdy.accept(event.stream))
        # Old clients name no request: their stream of data follows that of errors.
        name = event.headers.get("requestid") or f"stream {event.stream - 2 * _STREAM_PARTS.index(kind)}"
        halves = self._halves.setdefault(name, {})
        halves[kind] = event
        if len(halves) == len(_STREAM_PARTS):
            del self._halves[name]
            self._begin(halves["data"].stream, halves["error"].stream, int(port))

    def _begin(self, data: int, error: int, port: int) -> None:
        def send(piece: bytes, *, last: bool = False) -> None:
            self._channel.send(self._spdy.data(data, piece, last=last))

        def fail(text: str) -> None:
            self._channel.send(self._spdy.data(error, text.encode(), last=True))
            send(b"", last=True)

        async def run() -> None:
            await line.run(self._target, port)
            self._lines.pop(data, None)
            self._channel.send(self._spdy.data(error, b"", last=True))

        line = self._lines[data] = Forwarded(self._channel, send, fail)
        self._channel.spawn(run())

    def _carry(self, event: Received) -> None:
        line = self._lines.get(event.stream)
        if line is not None:
            line.receive(event.data)
            if event.finished:
                line.finish()


class ChannelForwarding:
    """Forwards what comes in messages of a websocket whose first byte tells the channel (``v4.channel.k8s.io``)."""

    def __init__(self, target: Upgrade, channel: Channel) -> None:
        self._lines: list[Forwarded] = []
        for number, port in enumerate(target.ports):
            self._begin(target, channel, number, port)

    def _begin(self, target: Upgrade, channel: Channel, number: int, port: int) -> None:
        data, error = bytes((2 * number,)), bytes((2 * number + 1,))

        def send(piece: bytes, *, last: bool = False) -> None:
            if piece:
                channel.send(data + piece)
            elif last and len(target.ports) == 1:
                channel.close()

        def fail(text: str) -> None:
            channel.send(error + text.encode())
            send(b"", last=True)

        for each in (data, error):
            channel.send(each + port.to_bytes(2, "little"))
        line = Forwarded(channel, send, fail)
        self._lines.append(line)
        channel.spawn(line.run(target, port))

    def receive(self, message: bytes) -> None:
        """Take in one message."""
        if len(message) > 1 and message[0] % 2 == 0 and message[0] // 2 < len(self._lines):
            self._lines[message[0] // 2].receive(message[1:])
