"""HTTP/1.1 over a connected socket, for one server that is kept alive.

The standard library's ``http.client`` costs 14 ms of start-up (it parses headers with ``email``), a third of the
time of ``helm list``; the API server's answers need far less.
"""

from __future__ import annotations

import zlib

TYPE_CHECKING = False
if TYPE_CHECKING:
    import io
    import socket
    from collections.abc import Iterator, Mapping

    Headers = Mapping[str, str | tuple[str, ...]]

_LINE_LIMIT = 65536
_HEADER_LIMIT = 256
_CHUNK = 65536


class BrokenAnswer(Exception):
    """The server's answer stopped early or is no HTTP; the text is Go's."""


class NoAnswer(BrokenAnswer):
    """The server closed the connection before it sent a byte."""


class Answer:
    """One HTTP answer; its body is read once, whole or piece by piece.

    Attributes:
        status: HTTP status.
        headers: Headers, names in lower case; repeated ones joined by a comma.
        reusable: Whether the connection can carry another request once the body is read.
    """

    __slots__ = ("_body", "_decompressor", "headers", "reusable", "status")

    def __init__(self, status: int, headers: Mapping[str, str], body: Iterator[bytes], *, reusable: bool) -> None:
        self.status = status
        self.headers = headers
        self.reusable = reusable
        self._body = body
        compressed = headers.get("content-encoding", "").lower() == "gzip"
        self._decompressor = zlib.decompressobj(31) if compressed else None

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it arrives."""
        unpack = self._decompressor
        try:
            for piece in self._body:
                yield unpack.decompress(piece) if unpack else piece
            if unpack:
                yield unpack.flush()
        except zlib.error as error:
            raise BrokenAnswer("gzip: invalid header") from error

    def read(self) -> bytes:
        """Return the whole body."""
        return b"".join(self.pieces())


def send(
    sock: socket.socket,
    reader: io.BufferedReader,
    method: str,
    target: str,
    headers: Headers,
    body: bytes | None,
) -> Answer:
    """Send a request and return the answer, its body unread.

    Args:
        sock: Connected socket.
        reader: Its reader.
        method: HTTP method.
        target: Path with query, or a whole URL for a proxy.
        headers: Header values by name; several values make several lines.
        body: Content, none when there is none.

    Raises:
        NoAnswer: The connection was closed before an answer.
        BrokenAnswer: The answer is no HTTP.
        OSError: The connection failed.
    """
    lines = [f"{method} {target} HTTP/1.1"]
    for name, given in headers.items():
        for value in (given,) if isinstance(given, str) else given:
            if "\n" in value or "\r" in value or "\0" in value:
                raise BrokenAnswer(f'net/http: invalid header field value for "{name}"')
            lines.append(f"{name}: {value}")
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    head = "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n"
    if body is not None and len(body) < _CHUNK:
        sock.sendall(head + body)
    else:
        sock.sendall(head)
        if body is not None:
            sock.sendall(body)
    return _read_answer(reader, method)


def _read_answer(reader: io.BufferedReader, method: str) -> Answer:
    while True:
        version, status = _read_status(reader)
        headers = _read_headers(reader)
        if status >= 200 or status == 101:
            break
    closing = "close" in headers.get("connection", "").lower() or version == b"HTTP/1.0"
    if method == "HEAD" or status in (204, 304):
        return Answer(status, headers, iter(()), reusable=not closing)
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return Answer(status, headers, _chunks(reader), reusable=not closing)
    length = headers.get("content-length", "")
    if length:
        if not (length.isascii() and length.isdigit()):
            raise BrokenAnswer(f'bad Content-Length "{length}"')
        return Answer(status, headers, _counted(reader, int(length)), reusable=not closing)
    return Answer(status, headers, _until_close(reader), reusable=False)


def _read_line(reader: io.BufferedReader) -> bytes:
    line = reader.readline(_LINE_LIMIT + 1)
    if len(line) > _LINE_LIMIT:
        raise BrokenAnswer("net/http: server response headers exceeded 65536 bytes; aborted")
    if not line.endswith(b"\n"):
        raise BrokenAnswer("unexpected EOF")
    return line.rstrip(b"\r\n")


def _read_status(reader: io.BufferedReader) -> tuple[bytes, int]:
    if not reader.peek(1):
        raise NoAnswer("EOF")
    line = _read_line(reader)
    version, _, rest = line.partition(b" ")
    code = rest[:3]
    if not version.startswith(b"HTTP/1."):
        shown = line.decode("utf-8", "replace")
        raise BrokenAnswer(f'net/http: HTTP/1.x transport connection broken: malformed HTTP response "{shown}"')
    if not (len(code) == 3 and code.isdigit()):
        raise BrokenAnswer(f'malformed HTTP status code "{code.decode("utf-8", "replace")}"')
    return version, int(code)


def _read_headers(reader: io.BufferedReader) -> dict[str, str]:
    headers: dict[str, str] = {}
    for _ in range(_HEADER_LIMIT):
        line = _read_line(reader)
        if not line:
            return headers
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise BrokenAnswer(f"malformed MIME header line: {line.decode('utf-8', 'replace')}")
        name = name.lower()
        value = value.strip()
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    raise BrokenAnswer("net/http: server sent too many headers")


def _counted(reader: io.BufferedReader, length: int) -> Iterator[bytes]:
    while length:
        piece = reader.read(min(length, 1 << 20))
        if not piece:
            raise BrokenAnswer("unexpected EOF")
        length -= len(piece)
        yield piece


def _chunks(reader: io.BufferedReader) -> Iterator[bytes]:
    while True:
        size_text = _read_line(reader).partition(b";")[0].strip()
        try:
            size = int(size_text, 16)
        except ValueError:
            raise BrokenAnswer("invalid byte in chunk length") from None
        if size < 0:
            raise BrokenAnswer("invalid byte in chunk length")
        if size == 0:
            _read_headers(reader)
            return
        yield from _counted(reader, size)
        if _read_line(reader):
            raise BrokenAnswer("malformed chunked encoding")


def _until_close(reader: io.BufferedReader) -> Iterator[bytes]:
    while piece := reader.read1(_CHUNK):
        yield piece
