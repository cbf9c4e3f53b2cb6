"""Outgoing HTTP to repositories, registries and URLs: redirects that leak no credentials, size limits, clear errors."""

from __future__ import annotations

from threading import Lock

from pilothouse.clock import Clock
from pilothouse.records import Record, field
from pilothouse.transport import failures
from pilothouse.transport.auth import same_site
from pilothouse.transport.errors import ConnectionDropped, RequestFailed, StatusUnexpected, TooLarge, UrlInvalid
from pilothouse.transport.proxies import login_headers, proxy_for
from pilothouse.transport.tls import TlsFiles

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any, Protocol
else:
    Protocol = object

#: The longest answer that is read into memory: as long as the largest chart archive that Helm takes.
SIZE_LIMIT = 100 << 20
_REDIRECTS = 10
_TOO_SLOW = "context deadline exceeded (Client.Timeout or context cancellation while reading body)"
_ATTEMPTS = 3
_PAUSE = 0.2
_CONNECTIONS = 16
_CHUNK = 1 << 16


class HttpRequest(Record):
    """One request.

    Attributes:
        url: Absolute URL.
        method: HTTP method.
        headers: Header values by name.
        body: Content.
        timeout: Seconds without an answer before it counts as failed, 0 and less for no limit.
        follow: Whether redirects are followed.
    """

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    timeout: float = 120.0
    follow: bool = True


class HttpResponse:
    """One answer; its body is read once.

    Attributes:
        status: HTTP status.
        reason: Its text.
        headers: Headers, names in lower case.
        url: Where the answer came from after redirects.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        headers: Mapping[str, str],
        url: str,
        body: Iterable[bytes],
        close: Callable[[], object] = lambda: None,
    ) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        self.url = url
        self._body = body
        self._close = close

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it arrives."""
        try:
            yield from self._body
        finally:
            self.close()

    def close(self) -> None:
        """Give the connection up, or back when the body was read to its end."""
        self._close()

    def read(self, limit: int = SIZE_LIMIT) -> bytes:
        """Return the whole body.

        Raises:
            TooLarge: It is longer than ``limit`` bytes.
        """
        parts: list[bytes] = []
        size = 0
        for piece in self._body:
            size += len(piece)
            self.check_size(size, limit)
            parts.append(piece)
        self.close()
        return b"".join(parts)

    def check_size(self, size: int, limit: int) -> None:
        """Give up when more was read than is allowed.

        Raises:
            TooLarge: It is so.
        """
        if size > limit:
            self.close()
            raise TooLarge(f"the answer of {self.url} is longer than {limit} bytes")


class Transport(Protocol):
    """Sends requests; tests stand in for it."""

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request and return the answer, whatever its status.

        Raises:
            RequestFailed: There was no answer.
        """


class HttpClient:
    """The transport over ``urllib3``.

    Args:
        variables: The environment, for proxies.
        tls: Certificates and keys.
    """

    def __init__(self, variables: Mapping[str, str], tls: TlsFiles | None = None) -> None:
        self._variables = variables
        self._tls = tls or TlsFiles()
        self._context: ssl.SSLContext | None = None
        self._pools: dict[str, Any] = {}
        self._lock = Lock()

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request, follow redirects as Go's client does, and return the answer."""
        url, method, headers, body = request.url, request.method, dict(request.headers), request.body
        deadline = Clock().monotonic() + request.timeout if request.timeout > 0 else 0.0
        for _ in range(_REDIRECTS + 1):
            response = self._answered(url, method, headers, body, request.timeout, deadline)
            target = response.headers.get("location", "")
            if not (request.follow and target and response.status in (301, 302, 303, 307, 308)):
                return response
            response.close()
            following = _joined(url, target)
            if not same_site(url, following):  # Go sends credentials on to the same host and its subdomains alone
                headers = {name: value for name, value in headers.items() if name.lower() not in _PRIVATE}
            if response.status in (301, 302, 303) and method not in ("GET", "HEAD"):
                method, body = "GET", None
            url = following
        raise RequestFailed(f'{_verb(request.method)} "{url}": stopped after {_REDIRECTS} redirects')

    def close(self) -> None:
        """Close the idle connections."""
        for pool in self._pools.values():
            pool.clear()

    def _answered(
        self, url: str, method: str, headers: Mapping[str, str], body: bytes | None, timeout: float, deadline: float
    ) -> HttpResponse:
        """Send a request, and again when the connection is dropped before an answer and nothing can have changed."""
        attempts = _ATTEMPTS if method in ("GET", "HEAD") else 1
        for attempt in range(1, attempts + 1):
            try:
                return self._once(url, method, headers, body, timeout, deadline)
            except ConnectionDropped:
                if attempt == attempts:
                    raise
                Clock().sleep(_PAUSE * attempt)
        raise AssertionError

    def _once(
        self, url: str, method: str, headers: Mapping[str, str], body: bytes | None, timeout: float, deadline: float
    ) -> HttpResponse:
        import urllib3

        scheme, host, port = _parts(url)
        seconds = timeout if timeout > 0 else None
        try:
            answer = self._pool(scheme, host, port).request(
                method,
                url,
                headers=dict(headers),
                body=body,
                redirect=False,
                retries=False,
                preload_content=False,
                decode_content=False,
                timeout=urllib3.Timeout(connect=min(30.0, seconds or 30.0), read=seconds),
            )
        except urllib3.exceptions.HTTPError as error:
            text = _text(error, host, port)
            kind = ConnectionDropped if text == "EOF" else RequestFailed
            raise kind(f'{_verb(method)} "{url}": {text}') from error
        found = {name.lower(): value for name, value in answer.headers.items()}
        body_pieces = _body(answer, deadline)
        return HttpResponse(answer.status, answer.reason or "", found, url, body_pieces, lambda: _finish(answer))

    def _pool(self, scheme: str, host: str, port: int) -> Any:
        """Return the connections through the proxy that is meant for the host, or direct ones."""
        import urllib3

        proxy = proxy_for(scheme, host, str(port), self._variables)
        with self._lock:
            pool = self._pools.get(proxy)
            if pool is None:
                if self._context is None:
                    self._context = self._tls.context()
                if not self._tls.verify:  # the user has said so; nobody needs to hear of it again
                    urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
                options: dict[str, Any] = {"ssl_context": self._context, "maxsize": _CONNECTIONS}
                if proxy.startswith("socks5"):
                    pool = _socks_pool(proxy, options)
                elif proxy:
                    pool = urllib3.ProxyManager(
                        proxy, proxy_headers=login_headers(proxy), proxy_ssl_context=self._context, **options
                    )
                else:
                    pool = urllib3.PoolManager(**options)
                self._pools[proxy] = pool
        return pool


def _socks_pool(proxy: str, options: dict[str, Any]) -> Any:
    """Return the connections through a SOCKS5 proxy, which looks names up itself, as Go has it."""
    from pilothouse.errors import Unsupported

    try:
        import socks  # type: ignore[import-untyped] # noqa: F401 - urllib3 warns on standard error where it is missing
        from urllib3.contrib.socks import SOCKSProxyManager
    except ImportError as error:
        raise Unsupported(
            "SOCKS proxies need the package PySocks", hints=("pip install 'pilothouse[socks]' adds it",)
        ) from error
    return SOCKSProxyManager(f"socks5h://{proxy.partition('://')[2]}", **options)


_PRIVATE = frozenset(("authorization", "cookie", "www-authenticate"))


def fetch(transport: Transport, request: HttpRequest, *, limit: int = SIZE_LIMIT) -> bytes:
    """Return what is at a URL.

    Raises:
        RequestFailed: There was no answer.
        StatusUnexpected: The answer is not 200, with the words of Helm's getter.
        TooLarge: It is longer than ``limit`` bytes.
    """
    response = transport.send(request)
    if response.status != 200:
        response.close()
        raise StatusUnexpected(
            f"failed to fetch {request.url} : {response.status} {response.reason}".rstrip(), response.status
        )
    return response.read(limit)


def _verb(method: str) -> str:
    return method.capitalize()


def _parts(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port of a URL."""
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UrlInvalid(f'parse "{url}": {error}') from error
    if parts.scheme not in ("http", "https"):
        raise UrlInvalid(f'Get "{url}": unsupported protocol scheme "{parts.scheme}"')
    if not parts.hostname:
        raise UrlInvalid(f'Get "{url}": http: no Host in request URL')
    return parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80)


def _joined(base: str, target: str) -> str:
    from urllib.parse import urljoin

    return urljoin(base, target)


def _body(answer: Any, deadline: float) -> Iterator[bytes]:
    import urllib3

    try:
        for piece in answer.stream(_CHUNK, decode_content=False):
            if deadline and Clock().monotonic() > deadline:
                raise RequestFailed(_TOO_SLOW)
            yield piece
    except urllib3.exceptions.HTTPError as error:
        raise RequestFailed("unexpected EOF") from error


def _finish(answer: Any) -> None:
    """Keep the connection when nothing is left on it; else close it, so that no other request reads the rest."""
    if answer.length_remaining == 0:
        answer.drain_conn()  # http.client takes the next request only once an answer was read, even an empty one
        answer.release_conn()
    else:
        answer.close()


def _text(error: BaseException, host: str, port: int) -> str:
    """Return what Go says about the cause of a failure."""
    import socket

    cause: BaseException | None = error
    seen: list[BaseException] = []
    while cause is not None and cause not in seen:
        seen.append(cause)
        if failures.is_tls(cause):
            from pilothouse.transport.tls import failure_text

            return failure_text(cause, host, port, host)
        if isinstance(cause, socket.gaierror):
            return f"dial tcp: {failures.lookup_text(host, cause)}"
        if isinstance(cause, ConnectionResetError | BrokenPipeError):
            return "EOF"
        if isinstance(cause, OSError) and cause.errno:
            return f"dial tcp {failures.resolved(host, port)}: {failures.dial_reason(cause)}"
        cause = cause.__cause__ or cause.__context__ or _inner(cause)
    name = type(error).__name__
    if "Timeout" in name:
        return "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    return "EOF" if name == "ProtocolError" else str(error)


def _inner(error: BaseException) -> BaseException | None:
    """Return the exception that urllib3 put into another one's fields."""
    for candidate in (getattr(error, "reason", None), getattr(error, "original_error", None), *error.args):
        if isinstance(candidate, BaseException) and candidate is not error:
            return candidate
    return None
