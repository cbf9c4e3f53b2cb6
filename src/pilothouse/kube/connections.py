"""Connections to one API server: opened, kept alive, shared between threads; failures in the words of Go's net/http."""

from __future__ import annotations

import io
import select
import socket

from pilothouse.kube import http1
from pilothouse.kube.errors import ConnectionFailed, CredentialsFailed
from pilothouse.records import Record
from pilothouse.transport import failures
from pilothouse.transport.proxies import login_headers, proxy_for
from pilothouse.transport.tunnels import HTTPS, SOCKS, Proxy, dial_socks, within

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from pilothouse.kube.http1 import Headers
    from pilothouse.kube.requests import Request

CONNECT_TIMEOUT = 30.0
_IDLE_LIMIT = 32
_LAST_PORT = 65535
_SCHEMES = ("http", "https")


class Server(Record):
    """Where an API server is.

    Attributes:
        scheme: ``http`` or ``https``.
        host: Name or address, without brackets.
        port: TCP port.
        prefix: Path before every request's own, without a slash at its end.
        written: Host and port as they were given, where more colons are in them than those of a port.
    """

    scheme: str
    host: str
    port: int
    prefix: str = ""
    written: str = ""

    @property
    def authority(self) -> str:
        """``host:port`` as in URLs; the port is left out where it is the scheme's own."""
        if self.written:
            return self.written
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The server's URL with its prefix."""
        return f"{self.scheme}://{self.authority}{self.prefix}"


class _Connection:
    """An open connection and its reader."""

    __slots__ = ("reader", "reused", "sock")

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.reader = sock.makefile("rb")
        self.reused = False

    def is_alive(self) -> bool:
        """Return whether an idle connection can carry a request: nothing to read means the server keeps it."""
        try:
            poll = select.poll()
            poll.register(self.sock, select.POLLIN)
            return not poll.poll(0)
        except (OSError, ValueError):
            return False

    def close(self) -> None:
        for part in (self.reader, self.sock):
            try:  # noqa: SIM105 - contextlib costs start-up
                part.close()
            except OSError:
                pass


class Stream:
    """An answer that is read while it arrives; closing it from another thread ends the reading."""

    def __init__(self, answer: http1.Answer, connection: _Connection) -> None:
        self.status = answer.status
        self.headers = answer.headers
        self._answer = answer
        self._connection = connection
        self._closed = False

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it arrives; it ends quietly when the stream is closed or the server breaks off."""
        try:
            yield from self._answer.pieces()
        except (http1.BrokenAnswer, OSError, ValueError):
            return
        finally:
            self.close()

    def lines(self) -> Iterator[bytes]:
        """Yield the lines of the body without their ends; a last line without an end is left out."""
        rest = b""
        for piece in self.pieces():
            *lines, rest = (rest + piece).split(b"\n")
            yield from lines

    def limit(self, seconds: float | None) -> None:
        """End the reading when nothing arrives for ``seconds``."""
        try:
            self._connection.sock.settimeout(seconds)
        except OSError:
            self.close()  # as another thread may have done: the reading has ended

    def close(self) -> None:
        """End the reading, from any thread."""
        if not self._closed:
            self._closed = True
            try:
                # past the TLS layer, which another thread may be reading through
                sock = self._connection.sock
                socket.socket.shutdown(getattr(sock, "socket", sock), socket.SHUT_RDWR)
            except OSError:
                pass
            self._connection.close()


class Upgraded(Record):
    """What a server said to a request for another protocol.

    Attributes:
        status: HTTP status; 101 when the server agreed.
        headers: Headers, names in lower case.
        body: Content of a refusal.
        sock: The connection, which speaks the other protocol from now on; closed after a refusal.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    sock: socket.socket


class Connections:
    """The pool of connections to one server; any number of threads may use it.

    Args:
        server: Where to connect.
        tls_context: Makes the TLS settings when the first connection is opened; not called for plain HTTP.
        tls_name: Name to ask for and to check in place of the host's.
        proxy: URL of a proxy from the kubeconfig; empty follows ``variables``.
        variables: The environment's proxy variables.
    """

    def __init__(
        self,
        server: Server,
        *,
        tls_context: Callable[[], ssl.SSLContext] | None = None,
        tls_name: str = "",
        proxy: str = "",
        variables: Mapping[str, str] | None = None,
    ) -> None:
        self.server = server
        self._make_context = tls_context
        self._made: ssl.SSLContext | None = None
        self._given_name = tls_name
        self._tls_name = tls_name or server.host
        if not proxy and server.scheme in _SCHEMES:
            proxy = proxy_for(server.scheme, server.host, str(server.port), variables or {})
        self._proxy_url = proxy
        self._proxy_found: Proxy | None = None
        self._idle: list[_Connection] = []  # append and pop are atomic

    def exchange(self, request: Request, headers: Headers, timeout: float | None = None) -> tuple[http1.Answer, bytes]:
        """Send a request and return the answer with its whole body.

        Raises:
            ConnectionFailed: There was no answer.
        """
        connection, answer = self._send(request, headers, timeout)
        try:
            body = answer.read()
        except (http1.BrokenAnswer, OSError) as error:
            text = _io_text(error, connection.sock)
            connection.close()
            raise ConnectionFailed(
                f"unexpected error when reading response body. Please retry. Original error: {text}", sent=True
            ) from error
        except BaseException:
            connection.close()
            raise
        if answer.reusable and len(self._idle) < _IDLE_LIMIT:
            connection.reused = True
            self._idle.append(connection)
        else:
            connection.close()
        return answer, body

    def stream(self, request: Request, headers: Headers, timeout: float | None = None) -> Stream:
        """Send a request and return the answer, to be read while it arrives."""
        connection, answer = self._send(request, headers, timeout)
        connection.sock.settimeout(None)
        return Stream(answer, connection)

    def upgrade(self, request: Request, headers: Headers, timeout: float | None = None) -> Upgraded:
        """Ask to speak another protocol on a connection of its own, and return the answer with its socket.

        Raises:
            ConnectionFailed: There was no answer.
        """
        connection = self._connected(request)
        connection.sock.settimeout(timeout)
        # One byte at a time: what follows the head belongs to the other protocol.
        reader: io.BufferedReader = io.BufferedReader(connection.sock.makefile("rb", 0), 1)
        try:
            answer = http1.send(connection.sock, reader, request.method, self._target(request), headers, request.body)
            body = b"" if answer.status == 101 else answer.read()
        except (http1.BrokenAnswer, OSError) as error:
            text = _io_text(error, connection.sock)
            connection.close()
            raise self._failed(request, text) from error
        if answer.status != 101:
            connection.close()
        return Upgraded(status=answer.status, headers=answer.headers, body=body, sock=connection.sock)

    def close(self) -> None:
        """Close every idle connection."""
        while self._idle:
            self._idle.pop().close()

    def _send(self, request: Request, headers: Headers, timeout: float | None) -> tuple[_Connection, http1.Answer]:
        target = self._target(request)
        while True:
            connection = self._take(request)
            connection.sock.settimeout(timeout)
            try:
                return connection, http1.send(
                    connection.sock,
                    connection.reader,
                    request.method,
                    target,
                    headers,
                    request.body,
                )
            except (http1.BrokenAnswer, OSError) as error:
                text = _io_text(error, connection.sock)
                connection.close()
                gone = isinstance(error, http1.NoAnswer | ConnectionResetError | BrokenPipeError)
                if gone and connection.reused and request.method == "GET":
                    continue  # the server closed an idle connection while the request was on its way
                raise self._failed(request, text, sent=True) from error
            except BaseException:
                connection.close()
                raise

    def _target(self, request: Request) -> str:
        path = self.server.prefix + request.target
        return f"http://{self.server.authority}{path}" if self._forwards() else path

    def _forwards(self) -> bool:
        """Return whether a proxy reads the requests and sends them on."""
        return bool(self._proxy_url) and self.server.scheme == "http" and self._proxy.scheme not in SOCKS

    @property
    def _proxy(self) -> Proxy:
        if self._proxy_found is None:
            self._proxy_found = Proxy.parse(self._proxy_url)
        return self._proxy_found

    def _failed(self, request: Request, text: str, *, sent: bool = False) -> ConnectionFailed:
        method = request.method.capitalize()
        return ConnectionFailed(f'{method} "{self.server.url}{request.target}": {text}', sent=sent)

    def _check_address(self, request: Request) -> None:
        if self.server.scheme not in _SCHEMES:
            raise self._failed(request, f'unsupported protocol scheme "{self.server.scheme}"')
        if not self.server.authority:
            raise self._failed(request, "http: no Host in request URL")
        if self.server.port > _LAST_PORT:  # the system would take the lower bits for another port
            raise self._failed(request, f"dial tcp: address {self.server.port}: invalid port")

    def _take(self, request: Request) -> _Connection:
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:
                break
            if connection.is_alive():
                return connection
            connection.close()
        return self._connected(request)

    def _connected(self, request: Request) -> _Connection:
        """Return a new connection."""
        self._check_address(request)
        try:
            return self._open()
        except (OSError, http1.BrokenAnswer) as error:
            raise self._failed(request, self._dial_text(error)) from error

    def _open(self) -> _Connection:
        if self.server.scheme == "https":
            self._context()  # what is wrong with certificates is told before anybody is called
        sock = self._dial()
        try:
            if self._proxy_url and self._proxy.scheme == HTTPS:
                sock = within(self._context(), sock, self._given_name or self._proxy.host)
            if self.server.scheme == "https":
                if self._proxy_url and self._proxy.scheme not in SOCKS:
                    self._tunnel(sock)
                sock = self._secured(sock)
        except BaseException:
            sock.close()
            raise
        return _Connection(sock)

    def _context(self) -> ssl.SSLContext:
        if self._made is None:
            assert self._make_context is not None
            self._made = self._make_context()
        return self._made

    def _secured(self, sock: socket.socket) -> socket.socket:
        if self._proxy_url and self._proxy.scheme == HTTPS:
            return within(self._context(), sock, self._tls_name)
        return self._context().wrap_socket(sock, server_hostname=_ascii(self._tls_name))

    def _dial(self) -> socket.socket:
        if self._proxy_url and self._proxy.scheme in SOCKS:
            sock = dial_socks(self._proxy, self.server.host, self.server.port, CONNECT_TIMEOUT)
        else:
            host, port = self._dialled()
            address: Any = (_ascii(host) or None, port)  # no host is this machine
            sock = socket.create_connection(address, CONNECT_TIMEOUT)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
            if hasattr(socket, option):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
        return sock

    def _dialled(self) -> tuple[str, int]:
        return (self._proxy.host, self._proxy.port) if self._proxy_url else (self.server.host, self.server.port)

    def proxy_headers(self) -> dict[str, str]:
        """Return the headers that every request through a plain HTTP proxy carries."""
        return login_headers(self._proxy_url) if self._forwards() else {}

    def _tunnel(self, sock: socket.socket) -> None:
        """Ask the proxy for a way through to the server."""
        target = f"{self._bracketed()}:{self.server.port}"
        reader = sock.makefile("rb", 0)  # raw: no byte of TLS may be taken
        head = [f"CONNECT {target} HTTP/1.1", f"Host: {target}", "User-Agent: Go-http-client/1.1"]
        head += [f"{name}: {value}" for name, value in login_headers(self._proxy_url).items()]
        sock.sendall("\r\n".join(head).encode() + b"\r\n\r\n")
        status = reader.readline(8192).decode("latin-1").strip()
        while reader.readline(8192).strip():
            pass
        code, _, reason = status.partition(" ")[2].partition(" ")
        if code != "200":
            raise http1.BrokenAnswer(reason or status or "EOF")

    def _bracketed(self) -> str:
        return f"[{self.server.host}]" if ":" in self.server.host else self.server.host

    def _dial_text(self, error: Exception) -> str:
        """Return what Go says about a connection that could not be opened."""
        verb = "proxyconnect tcp: dial" if self._proxy_url else "dial"
        host, port = self._dialled()
        if isinstance(error, socket.gaierror):
            return f"{verb} tcp: {failures.lookup_text(host, error)}"
        if failures.is_tls(error):
            from pilothouse.transport import tls

            return tls.failure_text(error, self.server.host, self.server.port, self._tls_name)
        if isinstance(error, CredentialsFailed | http1.BrokenAnswer):
            return str(error)
        if isinstance(error, ConnectionResetError | BrokenPipeError):
            return "EOF"
        if isinstance(error, OSError) and error.errno is None and str(error).startswith("socks "):
            return str(error)
        return f"{verb} tcp {failures.resolved(host, port)}: {failures.dial_reason(error)}"


def split_host(authority: str, default_port: int) -> tuple[str, int, bool]:
    """Return host, port and whether the port was written, from ``host``, ``host:port`` or ``[address]:port``."""
    if authority.startswith("["):
        host, _, rest = authority[1:].partition("]")
        port = rest.lstrip(":")
    else:
        host, _, port = authority.partition(":")
    return host, int(port) if port.isdigit() else default_port, bool(port)


def _io_text(error: Exception, sock: socket.socket) -> str:
    return str(error) if isinstance(error, http1.BrokenAnswer) else failures.io_text(error, sock)


def _ascii(host: str) -> str | bytes:
    """Return a host as bytes where that is all it needs: Python would import its IDNA codec for a string."""
    return host.encode("ascii") if host.isascii() else host
