"""Requests sent to one cluster with credentials, impersonation and retries; what client and discovery share."""

from __future__ import annotations

import _thread

from pilothouse.clock import Clock
from pilothouse.kube import requests
from pilothouse.kube.config import ClusterConfig
from pilothouse.kube.connections import Connections, Stream
from pilothouse.kube.errors import ConnectionFailed, CredentialsFailed, Unauthorized
from pilothouse.kube.resources import escape
from pilothouse.kube.throttle import Throttle
from pilothouse.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable

    from pilothouse.kube.http1 import Answer, Headers
    from pilothouse.kube.requests import Request
    from pilothouse.kube.resources import KubeObject


#: Seconds before each further try of a request whose connection broke.
_DROPPED_PAUSES = (0.1, 0.5, 1.0)


class Transfer:
    """Sends requests to one cluster; any number of threads may use it.

    Args:
        source: The cluster's configuration, or what loads it when the first request is made.
        clock: Waits between tries.
        user_agent: How the client calls itself.
        on_warning: Hears what the server warns of, once a request.
    """

    def __init__(
        self,
        source: ClusterConfig | Callable[[], ClusterConfig],
        clock: Clock,
        user_agent: str = "",
        on_warning: Callable[[str], None] | None = None,
    ) -> None:
        self._source = source
        self._clock = clock
        self._on_warning = on_warning
        self._config: ClusterConfig | None = None
        self._lock = _thread.allocate_lock()  # importing threading would cost start-up
        self._connections: Connections | None = None
        self._throttle: Throttle | None = None
        self._fixed: dict[str, str | tuple[str, ...]] = {}
        self._certificate: tuple[bytes, bytes] | None = None
        self._user_agent = user_agent or f"Pilothouse/{__version__}"

    @property
    def config(self) -> ClusterConfig:
        """The cluster's configuration.

        Raises:
            ConfigInvalid: It cannot be loaded.
        """
        if self._config is None:
            source = self._source
            self._config = source if isinstance(source, ClusterConfig) else source()
        return self._config

    def call(self, request: Request, timeout: float | None = None) -> KubeObject:
        """Send a request and return the object in the answer.

        Raises:
            ApiError: The server refused.
            ConnectionFailed: There was no answer.
        """
        status, headers, body = self.exchange(request, timeout)
        return requests.handle_response(request, status, headers, body)

    def exchange(self, request: Request, timeout: float | None = None) -> tuple[int, dict[str, str], bytes]:
        """Send a request, again where server and client-go's rules ask for it, and return status, headers and body.

        Where the connection breaks after the request was sent, nobody knows what became of it; it is sent again when
        that does no harm (client-go does so for ``GET``).
        """
        attempt = dropped = 0
        renewed = False
        while True:
            attempt += 1
            try:
                answer, body = self._once(request, timeout)
            except ConnectionFailed as error:
                if not (error.sent and request.repeatable) or dropped == len(_DROPPED_PAUSES):
                    raise
                self._clock.sleep(_DROPPED_PAUSES[dropped])
                dropped += 1
                continue
            if answer.status == 401 and not renewed and self.config.credentials.rejected():
                renewed = True
                continue
            again = requests.retry_after(answer.status, answer.headers, body, attempt)
            if not again.again:
                self._tell_warnings(answer)
                return answer.status, dict(answer.headers), body
            if again.seconds:
                self._clock.sleep(again.seconds)

    def stream(self, request: Request, timeout: float | None = None) -> Stream:
        """Send a request and return its answer to be read while it arrives.

        Raises:
            ApiError: The server refused.
        """
        for attempt in (1, 2):
            pool, headers = self._prepare(request, compressed=False)
            stream = pool.stream(request, headers, timeout)
            if 200 <= stream.status < 300:
                return stream
            body = b"".join(stream.pieces())
            error = requests.failure(request, stream.status, stream.headers, body)
            if not (isinstance(error, Unauthorized) and attempt == 1 and self.config.credentials.rejected()):
                raise error
        raise AssertionError("unreachable")

    def upgrade(self, request: Request, protocol: str, extra: Headers, timeout: float | None = None) -> socket.socket:
        """Ask the server to speak ``protocol`` and return the socket that does.

        Raises:
            ApiError: The server refused.
            ConnectionFailed: There was no answer.
        """
        for attempt in (1, 2):
            pool, headers = self._prepare(request, compressed=False)
            wanted = {**headers, "Connection": "Upgrade", "Upgrade": protocol, **extra}
            answer = pool.upgrade(request, wanted, timeout)
            if answer.status == 101:
                return answer.sock
            error = requests.failure(request, answer.status, answer.headers, answer.body)
            if not (isinstance(error, Unauthorized) and attempt == 1 and self.config.credentials.rejected()):
                raise error
        raise AssertionError("unreachable")

    def close(self) -> None:
        """Close the idle connections."""
        if self._connections is not None:
            self._connections.close()

    def _once(self, request: Request, timeout: float | None) -> tuple[Answer, bytes]:
        pool, headers = self._prepare(request, compressed=self.config.compression)
        return pool.exchange(request, headers, timeout)

    def _tell_warnings(self, answer: Answer) -> None:
        header = answer.headers.get("warning", "")
        if header and self._on_warning is not None:
            from pilothouse.kube.warnings import warning_texts

            for text in warning_texts(header):
                self._on_warning(text)

    def _prepare(self, request: Request, *, compressed: bool) -> tuple[Connections, Headers]:
        with self._lock:
            if self._throttle is None:
                self._throttle = Throttle(self.config.qps, self.config.burst, self._clock)
        self._throttle.wait(request)
        try:
            return self._pool(), self._headers(request, compressed=compressed)
        except CredentialsFailed as error:
            url = f"{self.config.server.url}{request.target}"
            text = f'{request.method.capitalize()} "{url}": {error.beginning}{error.message}'
            raise CredentialsFailed(text, hints=error.hints) from error

    def _pool(self) -> Connections:
        certificate = self.config.credentials.certificate()
        if self._connections is None or certificate != self._certificate:
            config = self.config
            self._certificate = certificate
            self._connections = Connections(
                config.server,
                tls_context=self._tls_context,
                tls_name=config.tls_server_name,
                proxy=config.proxy,
                variables=config.variables,
            )
        return self._connections

    def _tls_context(self) -> ssl.SSLContext:
        from pilothouse.transport import tls
        from pilothouse.transport.errors import TlsInvalid

        if self.config.authorities and not self.config.verify:
            raise TlsInvalid("specifying a root certificates file with the insecure flag is not allowed")
        certificate, key = self._certificate or (b"", b"")
        settings = tls.TlsSettings(
            authorities=self.config.authorities,
            verify=self.config.verify,
            certificate=certificate,
            key=key,
        )
        return tls.make_context(settings)

    def _headers(self, request: Request, *, compressed: bool) -> dict[str, str | tuple[str, ...]]:
        if not self._fixed:
            self._fixed = self._fixed_headers()
        headers = dict(self._fixed)
        headers["Accept"] = request.accept
        if compressed:
            headers["Accept-Encoding"] = "gzip"
        if request.content_type:
            headers["Content-Type"] = request.content_type
        headers.update(self.config.credentials.headers())
        return headers

    def _fixed_headers(self) -> dict[str, str | tuple[str, ...]]:
        """Return the headers that are the same for every request (``transport.ImpersonatingRoundTripper``)."""
        config = self.config
        headers: dict[str, str | tuple[str, ...]] = {"Host": config.server.authority, "User-Agent": self._user_agent}
        headers.update(self._pool().proxy_headers())
        who = config.impersonation
        if who.user:
            headers["Impersonate-User"] = who.user
            if who.uid:
                headers["Impersonate-Uid"] = who.uid
            if who.groups:
                headers["Impersonate-Group"] = who.groups
            for key, values in who.extra.items():
                headers[f"Impersonate-Extra-{escape(key)}"] = values
        return headers
