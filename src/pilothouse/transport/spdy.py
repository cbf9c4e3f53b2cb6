"""SPDY/3.1 without a socket: bytes in, events out; what ``kubectl port-forward`` and the kubelet speak.

Only what ``moby/spdystream`` uses: streams with headers and data, resets, pings and the farewell. Flow control is
absent there, so window updates and settings are passed over.
"""

from __future__ import annotations

import zlib

from pilothouse.errors import Unreachable
from pilothouse.records import Record

_WORDS = (
    "options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow "
    "authorization cache-control connection content-base content-encoding content-language content-length "
    "content-location content-md5 content-range content-type date etag expect expires from host if-match "
    "if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma "
    "proxy-authenticate proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade "
    "user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 url public set-cookie "
    "keep-alive origin"
)
_REST = (
    "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
    "203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden"
    "404 Not Found500 Internal Server Error501 Not Implemented503 Service Unavailable"
    "Jan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMT"
    "chunked,text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,"
    "publicprivatemax-age=gzip,deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0."
)
#: What header blocks are compressed with from the first byte on (SPDY/3, section 2.6.10.1).
DICTIONARY = (
    b"".join(len(word).to_bytes(4, "big") + word.replace("_", " ").encode() for word in _WORDS.split()) + _REST.encode()
)

_SYN_STREAM, _SYN_REPLY, _RST_STREAM, _PING, _GOAWAY, _HEADERS = 1, 2, 3, 6, 7, 8
_FIN = 1
_CANCEL = 5
_HEAD = 8
_LONGEST_HEADERS = 1 << 16
_LARGEST_DATA = 1 << 20


class SpdyFault(Unreachable):
    """The other side does not keep to the protocol."""


class Opened(Record):
    """The other side opened a stream.

    Attributes:
        stream: Its number.
        headers: Its headers, names in lower case.
        finished: Nothing more comes on it.
    """

    stream: int
    headers: dict[str, str]
    finished: bool


class Received(Record):
    """Data arrived on a stream.

    Attributes:
        stream: Its number.
        data: What arrived, maybe nothing.
        finished: Nothing more comes on it.
    """

    stream: int
    data: bytes
    finished: bool


class Reset(Record):
    """A stream was broken off.

    Attributes:
        stream: Its number.
    """

    stream: int


class Farewell(Record):
    """The other side opens and takes no more streams."""


Event = Opened | Received | Reset | Farewell


class Spdy:
    """One side of a connection. Methods that send return the bytes to send.

    Args:
        client: Whether this side began the connection; its streams have odd numbers.
    """

    def __init__(self, *, client: bool) -> None:
        self._next = 1 if client else 2
        self._pings = 1 if client else 0
        self._compressor = zlib.compressobj(9, zlib.DEFLATED, 15, 8, zlib.Z_DEFAULT_STRATEGY, DICTIONARY)
        self._decompressor = zlib.decompressobj(15, DICTIONARY)
        self._buffer = bytearray()

    def open(self, headers: dict[str, str], *, last: bool = False) -> tuple[int, bytes]:
        """Open a stream and return its number; with ``last`` nothing will be sent on it."""
        stream = self._next
        self._next += 2
        head = stream.to_bytes(4, "big") + b"\0\0\0\0\0\0"
        return stream, _control(_SYN_STREAM, _FIN if last else 0, head + self._compress(headers))

    def accept(self, stream: int) -> bytes:
        """Accept a stream that the other side opened."""
        return _control(_SYN_REPLY, 0, stream.to_bytes(4, "big") + self._compress({}))

    def data(self, stream: int, data: bytes, *, last: bool = False) -> bytes:
        """Send data on a stream; ``last`` ends it in this direction."""
        pieces = [data[start : start + _LARGEST_DATA] for start in range(0, len(data), _LARGEST_DATA)] or [b""]
        made = bytearray()
        for number, piece in enumerate(pieces, 1):
            flags = _FIN if last and number == len(pieces) else 0
            made += stream.to_bytes(4, "big") + bytes((flags,)) + len(piece).to_bytes(3, "big") + piece
        return bytes(made)

    def reset(self, stream: int) -> bytes:
        """Break a stream off."""
        return _control(_RST_STREAM, 0, stream.to_bytes(4, "big") + _CANCEL.to_bytes(4, "big"))

    def farewell(self) -> bytes:
        """Tell that this side is done."""
        return _control(_GOAWAY, 0, bytes(8))

    def receive(self, data: bytes) -> tuple[list[Event], bytes]:
        """Take bytes in; return what they mean and what to send back at once.

        Raises:
            SpdyFault: They are no SPDY/3.1.
        """
        self._buffer += data
        events: list[Event] = []
        replies = bytearray()
        while len(self._buffer) >= _HEAD:
            length = int.from_bytes(self._buffer[5:8], "big")
            if len(self._buffer) < _HEAD + length:
                break
            head, body = bytes(self._buffer[:_HEAD]), bytes(self._buffer[_HEAD : _HEAD + length])
            del self._buffer[: _HEAD + length]
            event, reply = self._frame(head, body)
            replies += reply
            if event is not None:
                events.append(event)
        return events, bytes(replies)

    def _frame(self, head: bytes, body: bytes) -> tuple[Event | None, bytes]:
        word, flags = int.from_bytes(head[:4], "big"), head[4]
        finished = bool(flags & _FIN)
        if not word >> 31:
            return Received(stream=word, data=body, finished=finished), b""
        version, kind = word >> 16 & 0x7FFF, word & 0xFFFF
        if version != 3:
            raise SpdyFault(f"SPDY: unsupported version {version}")
        if kind in (_SYN_STREAM, _SYN_REPLY, _RST_STREAM, _HEADERS, _PING) and len(body) < 4:
            raise SpdyFault("SPDY: truncated frame")
        number = int.from_bytes(body[:4], "big") & 0x7FFFFFFF
        if kind == _PING:
            # One of the other side's is sent back; an answer to one of ours would have our parity, and we send none.
            return None, _control(_PING, 0, body[:4]) if number % 2 != self._pings else b""
        return self._event(kind, number, body, finished=finished), b""

    def _event(self, kind: int, number: int, body: bytes, *, finished: bool) -> Event | None:
        if kind == _SYN_STREAM:
            return Opened(stream=number, headers=self._headers(body[10:]), finished=finished)
        if kind in (_SYN_REPLY, _HEADERS):
            self._headers(body[4:])
            return Received(stream=number, data=b"", finished=True) if finished else None
        if kind == _RST_STREAM:
            return Reset(stream=number)
        return Farewell() if kind == _GOAWAY else None

    def _compress(self, headers: dict[str, str]) -> bytes:
        block = bytearray(len(headers).to_bytes(4, "big"))
        for name, value in headers.items():
            for text in (name.lower().encode(), value.encode()):
                block += len(text).to_bytes(4, "big") + text
        return self._compressor.compress(bytes(block)) + self._compressor.flush(zlib.Z_SYNC_FLUSH)

    def _headers(self, compressed: bytes) -> dict[str, str]:
        try:
            block = self._decompressor.decompress(compressed, _LONGEST_HEADERS)
        except zlib.error as error:
            raise SpdyFault(f"SPDY: corrupt header block: {error}") from error
        if self._decompressor.unconsumed_tail:
            raise SpdyFault("SPDY: header block too long")
        texts, at = [], 4
        for _ in range(2 * int.from_bytes(block[:4], "big")):
            end = at + 4 + int.from_bytes(block[at : at + 4], "big")
            if at + 4 > len(block) or end > len(block):
                raise SpdyFault("SPDY: corrupt header block")
            texts.append(block[at + 4 : end].decode("utf-8", "replace"))
            at = end
        return {name.lower(): value for name, value in zip(texts[::2], texts[1::2], strict=True)}


def _control(kind: int, flags: int, body: bytes) -> bytes:
    return (0x80030000 | kind).to_bytes(4, "big") + bytes((flags,)) + len(body).to_bytes(3, "big") + body
