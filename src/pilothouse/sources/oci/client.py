"""The distribution protocol of registries: logins by challenge, manifests, blobs, tags (``oras-go`` ``remote``)."""

from __future__ import annotations

import hashlib

from pilothouse.clock import Clock
from pilothouse.golang.quoting import quote
from pilothouse.records import Record
from pilothouse.sources.oci.authorization import PULL, PUSH, Authorizer
from pilothouse.sources.oci.errors import ArtefactMissing, ManifestInvalid, RegistryFailed, RegistryRefused
from pilothouse.sources.oci.failures import answer_text
from pilothouse.transport.auth import same_origin
from pilothouse.transport.client import SIZE_LIMIT, HttpRequest
from pilothouse.transport.errors import RequestFailed
from pilothouse.version import HELM3_VERSION, HELM_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pilothouse.sources.oci.credentials import Credential
    from pilothouse.sources.oci.references import Reference
    from pilothouse.transport.client import HttpResponse, Transport

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
_ACCEPTED = (
    "application/vnd.docker.distribution.manifest.v2+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    f"{MANIFEST}, {INDEX}, application/vnd.oci.artifact.manifest.v1+json"
)
_MANIFEST_LIMIT = 4 << 20
_RETRIES = 5
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


class Descriptor(Record):
    """What names content in a registry (``ocispec.Descriptor``)."""

    media_type: str
    digest: str
    size: int


class Registry:
    """Talks to registries; nothing is sent before something is asked for.

    Args:
        transport: Sends requests.
        credentials: Returns what is known of a host.
        plain_http: Whether connections are not encrypted.
        helm: Helm generation; with 3, registries on this machine are spoken to without encryption.
        clock: Waits between attempts.
    """

    def __init__(
        self,
        transport: Transport,
        credentials: Callable[[str], Credential],
        *,
        plain_http: bool = False,
        helm: int = 4,
        clock: Clock | None = None,
    ) -> None:
        self._transport = transport
        self._plain = plain_http
        self.helm = helm
        self._clock = clock or Clock()
        self._local: dict[str, str] = {}
        self._agent = f"Helm/{(HELM3_VERSION if helm == 3 else HELM_VERSION).removeprefix('v')}"
        self.authorizer = Authorizer(self.send, credentials)

    def base(self, host: str) -> str:
        """Return the URL of a registry's host."""
        if self._plain:
            return f"http://{host}"
        if self.helm == 3 and host.rpartition(":")[0] in _LOOPBACK:
            if host not in self._local:
                self._local[host] = "https" if self._speaks_tls(host) else "http"
            return f"{self._local[host]}://{host}"
        return f"https://{host}"

    def _speaks_tls(self, host: str) -> bool:
        """Return whether a registry on this machine is encrypted, which Helm 3 lets it leave out."""
        try:
            self._transport.send(HttpRequest(url=f"https://{host}/v2/")).close()
        except RequestFailed as error:
            return "server gave HTTP response to HTTPS client" not in error.message
        return True

    def ping(self, host: str) -> None:
        """Check that a registry answers and takes the credentials.

        Raises:
            RegistryRefused: It does not take them.
            PilothouseError: It does not answer as a registry.
        """
        response = self._authorized(HttpRequest(url=f"{self.base(host)}/v2/"), host, "")
        if response.status == 404:
            response.close()
            raise ArtefactMissing("not found")
        self._expect(response, "GET", 200)
        response.close()

    def manifest(self, reference: Reference) -> tuple[Descriptor, bytes]:
        """Return a manifest with what names it; its content is what its digest says.

        Raises:
            ArtefactMissing: There is none.
            ManifestInvalid: The registry sent something else than was asked for.
        """
        request = HttpRequest(
            url=f"{self._repository(reference)}/manifests/{reference.target}", headers={"Accept": _ACCEPTED}
        )
        response = self._authorized(request, reference.host, _scope(reference, PULL))
        if response.status == 404:
            response.close()
            raise ArtefactMissing(f"{reference}: not found")
        self._expect(response, "GET", 200)
        content = response.read(_MANIFEST_LIMIT)
        media_type = response.headers.get("content-type", "").partition(";")[0].strip()
        claimed = reference.digest or response.headers.get("docker-content-digest", "")
        algorithm = claimed.partition(":")[0] if claimed else "sha256"
        digest = digest_of(content, algorithm)
        if claimed and digest != claimed:
            raise ManifestInvalid(f"{reference}: mismatched digest: {digest} is not {claimed}")
        return Descriptor(media_type=media_type, digest=digest, size=len(content)), content

    def exists(self, reference: Reference, descriptor: Descriptor) -> bool:
        """Return whether the repository holds the content that ``descriptor`` names."""
        kind = "manifests" if descriptor.media_type == MANIFEST else "blobs"
        headers = {"Accept": _ACCEPTED} if kind == "manifests" else {}
        url = f"{self._repository(reference)}/{kind}/{descriptor.digest}"
        response = self._authorized(
            HttpRequest(url=url, method="HEAD", headers=headers), reference.host, _scope(reference, PUSH)
        )
        if response.status == 404:
            response.close()
            return False
        self._expect(response, "HEAD", 200)
        response.close()
        return True

    def blob(self, reference: Reference, descriptor: Descriptor) -> bytes:
        """Return the content that ``descriptor`` names, checked against its digest and size.

        Raises:
            ManifestInvalid: It is something else.
        """
        request = HttpRequest(url=f"{self._repository(reference)}/blobs/{descriptor.digest}")
        response = self._authorized(request, reference.host, _scope(reference, PULL))
        if response.status == 404:
            response.close()
            raise ArtefactMissing(f"{descriptor.digest}: not found")
        self._expect(response, "GET", 200)
        if not 0 <= descriptor.size <= SIZE_LIMIT:
            response.close()
            raise ManifestInvalid(f"{descriptor.digest}: invalid descriptor size")
        content = response.read(max(descriptor.size, 1))
        if len(content) != descriptor.size:
            raise ManifestInvalid(f"{descriptor.digest}: mismatch Content-Length: content size is not as described")
        if digest_of(content, descriptor.digest.partition(":")[0]) != descriptor.digest:
            raise ManifestInvalid(f"{descriptor.digest}: mismatched digest")
        return content

    def upload(self, reference: Reference, content: bytes) -> None:
        """Put a blob into the repository, in one piece, unless it is there."""
        digest = digest_of(content)
        if self.exists(reference, Descriptor(media_type="", digest=digest, size=len(content))):
            return
        scope = _scope(reference, PUSH)
        start = f"{self._repository(reference)}/blobs/uploads/"
        response = self._authorized(HttpRequest(url=start, method="POST", body=b""), reference.host, scope)
        self._expect(response, "POST", 202)
        response.close()
        from urllib.parse import quote as escaped
        from urllib.parse import urljoin

        location = urljoin(start, response.headers.get("location", ""))
        url = f"{location}{'&' if '?' in location else '?'}digest={escaped(digest, safe='')}"
        headers = {"Content-Type": "application/octet-stream"}
        request = HttpRequest(url=url, method="PUT", headers=headers, body=content)
        own = same_origin(url, start)  # a registry may store elsewhere, which gets no credentials of ours
        response = self._authorized(request, reference.host, scope) if own else self.send(request)
        self._expect(response, "PUT", 201)
        response.close()

    def put_manifest(self, reference: Reference, content: bytes) -> None:
        """Put a manifest into the repository under the tag of ``reference``."""
        request = HttpRequest(
            url=f"{self._repository(reference)}/manifests/{reference.target}",
            method="PUT",
            headers={"Content-Type": MANIFEST},
            body=content,
        )
        response = self._authorized(request, reference.host, _scope(reference, PUSH))
        self._expect(response, "PUT", 201)
        response.close()

    def tags(self, reference: Reference) -> Iterator[str]:
        """Yield the tags of a repository, page by page."""
        from pilothouse.formats.json_text import decode_mapping

        # Helm 3 asks for tags without the exception that it makes for this machine.
        base = f"{'http' if self._plain else 'https'}://{reference.host}"
        url = f"{base}/v2/{reference.repository}/tags/list"
        seen: set[str] = set()
        while url and url not in seen:
            seen.add(url)
            response = self._authorized(HttpRequest(url=url), reference.host, _scope(reference, PULL))
            self._expect(response, "GET", 200)
            found = decode_mapping(response.read(_MANIFEST_LIMIT)).get("tags")
            yield from (tag for tag in (found if isinstance(found, list) else ()) if isinstance(tag, str))
            following = _next_page(url, response.headers.get("link", ""))
            url = following if following and same_origin(following, base) else ""

    def send(self, request: HttpRequest) -> HttpResponse:
        """Send a request, again after a while when the registry is too busy (``retry.DefaultPolicy``)."""
        request = request.replace(headers={**request.headers, "User-Agent": self._agent})
        for attempt in range(_RETRIES):
            response = self._transport.send(request)
            if response.status not in (408, 429) and (response.status < 500 or response.status == 501):
                return response
            wait = min(0.25 * 2**attempt, 3.0)
            after = response.headers.get("retry-after", "")
            if after.isdecimal() and response.status == 429:
                wait = min(float(after), 3.0)
            response.close()
            self._clock.sleep(max(wait, 0.2))
        return self._transport.send(request)

    def _authorized(self, request: HttpRequest, host: str, scope: str) -> HttpResponse:
        return self.authorizer.send(request, host, scope)

    def _repository(self, reference: Reference) -> str:
        return f"{self.base(reference.host)}/v2/{reference.repository}"

    def _expect(self, response: HttpResponse, method: str, status: int) -> None:
        """Check the status of an answer (``errutil.ParseErrorResponse``)."""
        if response.status == status:
            return
        detail = answer_text(response, details=self.helm != 3)
        what = "unexpected" if self.helm == 3 else "response"
        text = f"{method} {quote(response.url)}: {what} status code {response.status}: {detail}"
        if response.status in (401, 403):
            raise RegistryRefused(text)
        raise RegistryFailed(text, response.status)


def digest_of(content: bytes, algorithm: str = "sha256") -> str:
    """Return the digest of content.

    Raises:
        ManifestInvalid: The algorithm is none that registries use.
    """
    if algorithm not in ("sha256", "sha384", "sha512"):
        raise ManifestInvalid(f"unsupported digest algorithm: {algorithm}")
    return f"{algorithm}:{hashlib.new(algorithm, content).hexdigest()}"


def _scope(reference: Reference, actions: str) -> str:
    return f"repository:{reference.repository}:{actions}"


def _next_page(url: str, link: str) -> str:
    """Return the URL of a ``Link`` header, empty without one."""
    start, end = link.find("<"), link.find(">")
    if start < 0 or end < start:
        return ""
    from urllib.parse import urljoin

    return urljoin(url, link[start + 1 : end])
