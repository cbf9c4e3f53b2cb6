"""How URLs are fetched: one getter for each scheme, and to whom credentials may go (``pkg/getter``).

Registries and plugins add getters of their own to the table.
"""

from __future__ import annotations

from pilothouse.records import Record
from pilothouse.sources.errors import SchemeUnsupported
from pilothouse.sources.reference import same_host, scheme_of
from pilothouse.transport.auth import basic
from pilothouse.transport.client import HttpClient, HttpRequest
from pilothouse.transport.errors import StatusUnexpected
from pilothouse.transport.tls import TlsFiles
from pilothouse.version import HELM3_VERSION, HELM_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Protocol

    from pilothouse.progress import Reporter
    from pilothouse.transport.access import Access
    from pilothouse.transport.client import HttpResponse, Transport
else:
    Protocol = object

ARCHIVES = "application/gzip,application/octet-stream"
#: The longest index that is read; the largest public ones have some 50 MB.
INDEX_LIMIT = 512 << 20


class Validators(Record):
    """What a server said of an answer, by which it can tell later whether that is still the newest.

    Attributes:
        etag: Header ``ETag``.
        modified: Header ``Last-Modified``.
    """

    etag: str = ""
    modified: str = ""

    def facts(self) -> dict[str, str]:
        """Return both by name."""
        return {"etag": self.etag, "modified": self.modified}


class Fetched(Record):
    """What is at a URL.

    Attributes:
        data: The content, empty when it is unchanged.
        validators: What the server said of it.
        unchanged: Whether the server says that it is what the caller has.
    """

    data: bytes = b""
    validators: Validators = Validators()
    unchanged: bool = False


class Getter(Protocol):
    """Fetches URLs of some scheme."""

    def get(self, url: str, access: Access, known: Validators | None = None) -> Fetched:
        """Return what is at a URL.

        Args:
            url: Where it is.
            access: With what it may be fetched.
            known: What was said of the copy that the caller has; a getter may leave it aside.

        Raises:
            PilothouseError: It cannot be had.
        """


class Getters:
    """The getters by scheme.

    Args:
        table: A function for each scheme that makes its getter when it is first needed.
    """

    def __init__(self, table: Mapping[str, Callable[[], Getter]]) -> None:
        self._table = table
        self._made: dict[str, Getter] = {}

    def supports(self, scheme: str) -> bool:
        """Return whether URLs of a scheme can be fetched."""
        return scheme in self._table

    def for_scheme(self, scheme: str) -> Getter:
        """Return the getter for a scheme.

        Raises:
            SchemeUnsupported: There is none.
        """
        if scheme not in self._table:
            from pilothouse.golang.quoting import quote

            raise SchemeUnsupported(f"scheme {quote(scheme)} not supported")
        if scheme not in self._made:
            self._made[scheme] = self._table[scheme]()
        return self._made[scheme]

    def get(self, url: str, access: Access, known: Validators | None = None) -> Fetched:
        """Return what is at a URL, by the getter for its scheme."""
        return self.for_scheme(scheme_of(url)).get(url, access, known)


class HttpGetter:
    """Fetches from web servers.

    Args:
        variables: The environment, for proxies.
        reporter: Hears of each request and of its progress.
        helm: Helm generation that the server is told of, 3 or 4.
        transport: Sends requests with given certificates.
    """

    def __init__(
        self,
        variables: Mapping[str, str],
        *,
        reporter: Reporter,
        helm: int = 4,
        transport: Callable[[TlsFiles], Transport] | None = None,
    ) -> None:
        self._agent = f"Helm/{(HELM3_VERSION if helm == 3 else HELM_VERSION).removeprefix('v')}"
        self._reporter = reporter
        self._helm = helm
        self._transport = transport or (lambda tls: HttpClient(variables, tls))
        self._transports: dict[TlsFiles, Transport] = {}

    def get(self, url: str, access: Access, known: Validators | None = None) -> Fetched:
        """Return what is at a URL; only 200 counts as an answer, and 304 when a copy is known."""
        headers = {"User-Agent": self._agent, **self._conditions(known)}
        if access.accept:
            headers["Accept"] = access.accept
        if access.username and access.password and (access.pass_credentials or same_host(access.url, url)):
            headers["Authorization"] = basic(access.username, access.password)
        if self._helm >= 4:
            self._reporter.debug("fetching", url=url)
        response = self._sender(access).send(HttpRequest(url=url, headers=headers, timeout=access.timeout))
        if response.status == 304 and known is not None:
            response.close()
            return Fetched(validators=known, unchanged=True)
        if response.status != 200:
            response.close()
            status = f"{response.status} {response.reason}".rstrip()
            raise StatusUnexpected(f"failed to fetch {url} : {status}", response.status)
        data = self._body(response, url, access.limit)
        if self._helm >= 4:
            status = f"{response.status} {response.reason}".rstrip()
            length = response.headers.get("content-length", "-1")
            self._reporter.debug("fetch complete", **{"url": url, "status": status, "content-length": length})
        found = Validators(etag=response.headers.get("etag", ""), modified=response.headers.get("last-modified", ""))
        return Fetched(data=data, validators=found)

    @staticmethod
    def _conditions(known: Validators | None) -> dict[str, str]:
        headers: dict[str, str] = {}
        if known is not None and known.etag:
            headers["If-None-Match"] = known.etag
        if known is not None and known.modified:
            headers["If-Modified-Since"] = known.modified
        return headers

    def _sender(self, access: Access) -> Transport:
        tls = TlsFiles(
            ca_file=access.ca_file,
            certificate_file=access.cert_file,
            key_file=access.key_file,
            verify=not access.insecure,
            helm=self._helm,
        )
        found = self._transports.get(tls)
        if found is None:
            found = self._transports[tls] = self._transport(tls)
        return found

    def _body(self, response: HttpResponse, url: str, limit: int) -> bytes:
        total = response.headers.get("content-length", "")
        parts: list[bytes] = []
        size = told = 0
        for piece in response.pieces():
            parts.append(piece)
            size += len(piece)
            response.check_size(size, limit)
            if size - told >= 1 << 20:
                told = size
                self._reporter.report("progress", url, done=str(size), total=total)
        return b"".join(parts)


def web_getters(
    variables: Mapping[str, str],
    *,
    reporter: Reporter,
    helm: int = 4,
    others: Iterable[tuple[str, Callable[[], Getter]]] = (),
) -> Getters:
    """Return the getters for web servers and those that others add."""
    web: list[Getter] = []

    def make() -> Getter:
        if not web:
            web.append(HttpGetter(variables, reporter=reporter, helm=helm))
        return web[0]

    return Getters({"http": make, "https": make, **dict(others)})
