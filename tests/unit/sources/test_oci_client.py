"""The protocol of registries: challenges, tokens, digests, pages, and to whom credentials go."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping

import pytest

from pilothouse.clock import FixedClock
from pilothouse.sources.oci import charts, manifests
from pilothouse.sources.oci.authorization import merged_scopes, parse_challenge
from pilothouse.sources.oci.client import MANIFEST, Registry
from pilothouse.sources.oci.credentials import NONE, Credential
from pilothouse.sources.oci.errors import ArtefactMissing, ManifestInvalid, RegistryFailed, RegistryRefused
from pilothouse.sources.oci.references import parse
from pilothouse.transport.client import HttpRequest, HttpResponse
from pilothouse.transport.errors import RequestFailed

Answer = tuple[int, Mapping[str, str], bytes]
ME = Credential(username="me", password="secret")
BASIC = "Basic bWU6c2VjcmV0"


class Scripted:
    """A transport that answers by function and keeps what it was asked."""

    def __init__(self, answer: Callable[[HttpRequest], Answer]) -> None:
        self.answer = answer
        self.seen: list[HttpRequest] = []

    def send(self, request: HttpRequest) -> HttpResponse:
        """Answer a request."""
        self.seen.append(request)
        status, headers, body = self.answer(request)
        return HttpResponse(status, "", {name.lower(): value for name, value in headers.items()}, request.url, [body])


def registry(
    answer: Callable[[HttpRequest], Answer], credential: Credential = NONE, *, plain: bool = False
) -> tuple[Registry, Scripted]:
    """Return a client of a scripted registry."""
    transport = Scripted(answer)
    return Registry(transport, lambda _host: credential, plain_http=plain, clock=FixedClock(0)), transport


def digest(content: bytes) -> str:
    """Return the digest of content."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def artefact(archive: bytes = b"archive", changes: Mapping[str, object] | None = None) -> dict[str, bytes]:
    """Return the parts of a chart's artefact by the end of their URL."""
    config = b'{"name":"a","version":"1.0.0","apiVersion":"v2"}'
    layers = [{"mediaType": manifests.CHART, "digest": digest(archive), "size": len(archive)}]
    manifest = {
        "schemaVersion": 2,
        "config": {"mediaType": manifests.CONFIG, "digest": digest(config), "size": len(config)},
        "layers": layers,
        **(changes or {}),
    }
    return {
        "manifests/1.0.0": json.dumps(manifest).encode(),
        f"blobs/{digest(config)}": config,
        f"blobs/{digest(archive)}": archive,
    }


def serving(parts: dict[str, bytes]) -> Callable[[HttpRequest], Answer]:
    """Return what answers with the parts of an artefact."""

    def answer(request: HttpRequest) -> Answer:
        for end, content in parts.items():
            if request.url.endswith(end):
                return 200, {"Content-Type": MANIFEST}, content
        return 404, {}, b""

    return answer


def test_pull() -> None:
    """A chart's archive comes with its manifest's digest, and Helm's two lines are told."""
    parts = artefact()
    lines: list[str] = []
    found = charts.pull(registry(serving(parts))[0], parse("oci://h/x/a:1.0.0"), tell=lines.append)
    assert (found.archive, found.metadata.name) == (b"archive", "a")
    assert lines == ["Pulled: h/x/a:1.0.0", f"Digest: {digest(parts['manifests/1.0.0'])}"]


def test_changed_content_is_refused() -> None:
    """A blob, or a manifest asked for by digest, that is something else than its digest says is never returned."""
    parts = artefact()
    parts[f"blobs/{digest(b'archive')}"] = b"archivf"
    with pytest.raises(ManifestInvalid, match="mismatched digest"):
        charts.pull(registry(serving(parts))[0], parse("oci://h/x/a:1.0.0"))
    parts[f"blobs/{digest(b'archive')}"] = b"short"
    with pytest.raises(ManifestInvalid, match="content size"):
        charts.pull(registry(serving(parts))[0], parse("oci://h/x/a:1.0.0"))
    wanted = digest(b"other")
    with pytest.raises(ManifestInvalid, match="mismatched digest"):
        registry(lambda _request: (200, {}, b"{}"))[0].manifest(parse(f"oci://h/x/a@{wanted}"))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"layers": []}, "could not load|minimum number|does not contain a layer"),
        ({"config": {"mediaType": "x", "digest": digest(b""), "size": 0}}, "could not load config with mediatype"),
        ({"layers": [{"mediaType": manifests.CHART, "digest": "sha256:../../x", "size": 1}]}, "invalid digest"),
        ({"layers": [{"mediaType": manifests.CHART, "digest": digest(b"a"), "size": 1 << 40}]}, "descriptor size"),
        ({"layers": [{"mediaType": manifests.CHART, "digest": digest(b"a"), "size": -1}]}, "descriptor size"),
    ],
)
def test_no_charts(changes: dict[str, object], problem: str) -> None:
    """An artefact that is no chart, or describes itself absurdly, is refused before anything large is read."""
    parts = artefact(changes=changes)
    parts[f"blobs/{digest(b'a')}"] = b"a"
    with pytest.raises(ManifestInvalid, match=problem):
        charts.pull(registry(serving(parts))[0], parse("oci://h/x/a:1.0.0"))


def test_provenance_is_the_manifests() -> None:
    """The provenance file comes from the manifest that the archive came from; without one that is an error."""
    pulled = charts.pull(registry(serving(artefact()))[0], parse("oci://h/x/a:1.0.0"))
    with pytest.raises(Exception, match="does not contain a layer with mediatype"):
        charts.provenance(registry(serving(artefact()))[0], pulled)


def test_basic_login() -> None:
    """User and password are sent once a registry asks, and with every request after that."""

    def answer(request: HttpRequest) -> Answer:
        if request.headers.get("Authorization") != BASIC:
            return 401, {"WWW-Authenticate": 'Basic realm="r"'}, b""
        return 200, {}, b'{"tags": []}'

    client, transport = registry(answer, ME)
    assert list(client.tags(parse("oci://h/a"))) == []
    assert list(client.tags(parse("oci://h/a"))) == []
    assert [bool(request.headers.get("Authorization")) for request in transport.seen] == [False, True, True]


def test_no_login() -> None:
    """Without a login the error says so, and how to log in."""
    client, _ = registry(lambda _request: (401, {"WWW-Authenticate": "Basic"}, b""))
    with pytest.raises(
        RegistryRefused, match=r'^GET "https://h/v2/a/tags/list": basic credential not found$'
    ) as caught:
        list(client.tags(parse("oci://h/a")))
    assert caught.value.hints == ("log in with: helm registry login h",)


@pytest.mark.parametrize(
    ("credential", "method", "sent"),
    [
        (ME, "GET", "https://auth/t?service=s&scope=repository%3Aa%3Apull"),
        (Credential(identity_token="t0"), "POST", "grant_type=refresh_token&refresh_token=t0"),
        (NONE, "GET", "https://auth/t?service=s&scope=repository%3Aa%3Apull"),
    ],
)
def test_tokens(credential: Credential, method: str, sent: str) -> None:
    """A token is fetched from where the registry says, for what is needed, and sent with the request."""

    def answer(request: HttpRequest) -> Answer:
        if request.url.startswith("https://auth/"):
            return 200, {}, b'{"token": "tok"}'
        if request.headers.get("Authorization") == "Bearer tok":
            return 200, {}, b'{"tags": ["1.0.0"]}'
        challenge = 'Bearer realm="https://auth/t",service="s",scope="repository:a:pull"'
        return 401, {"WWW-Authenticate": challenge}, b""

    client, transport = registry(answer, credential)
    assert list(client.tags(parse("oci://h/a"))) == ["1.0.0"]
    asked = next(request for request in transport.seen if request.url.startswith("https://auth/"))
    assert asked.method == method
    assert sent in asked.url + (asked.body or b"").decode()
    assert (asked.headers.get("Authorization") == BASIC) == (credential == ME)


def test_tokens_are_not_fetched_in_the_clear() -> None:
    """A registry behind TLS cannot make a client send its password unencrypted."""
    client, transport = registry(lambda _request: (401, {"WWW-Authenticate": 'Bearer realm="http://auth/t"'}, b""), ME)
    with pytest.raises(RegistryRefused, match="not encrypted"):
        list(client.tags(parse("oci://h/a")))
    assert all(request.url.startswith("https://h/") for request in transport.seen)


def test_uploads_elsewhere_get_no_credentials() -> None:
    """Where a registry sends an upload to another host, that host sees no credentials."""

    def answer(request: HttpRequest) -> Answer:
        if request.url.startswith("https://storage/"):
            return 201, {}, b""
        if "Authorization" not in request.headers:
            return 401, {"WWW-Authenticate": "Basic"}, b""
        if request.method == "POST":
            return 202, {"Location": "https://storage/up?x=1"}, b""
        return 404, {}, b""

    client, transport = registry(answer, ME)
    client.upload(parse("oci://h/a"), b"data")
    put = transport.seen[-1]
    assert (put.method, put.body) == ("PUT", b"data")
    assert put.url == f"https://storage/up?x=1&digest=sha256%3A{hashlib.sha256(b'data').hexdigest()}"
    assert "Authorization" not in put.headers


def test_pages_of_tags() -> None:
    """Tags are read page by page, from the registry itself alone, and never in a circle."""

    def answer(request: HttpRequest) -> Answer:
        if "last=2" in request.url:
            return 200, {"Link": "<https://evil/v2/a/tags/list>; rel=next"}, b'{"tags": ["c"]}'
        if "last=1" in request.url:
            return 200, {"Link": '</v2/a/tags/list?last=2>; rel="next"'}, b'{"tags": ["b"]}'
        return 200, {"Link": "</v2/a/tags/list?last=1>"}, b'{"tags": ["a", 5]}'

    client, transport = registry(answer)
    assert list(client.tags(parse("oci://h/a"))) == ["a", "b", "c"]
    assert len(transport.seen) == 3


def test_versions_among_tags() -> None:
    """Tags that are versions are listed newest first, with the plus that they cannot have."""
    client, _ = registry(lambda _request: (200, {}, b'{"tags": ["latest", "1.0.0", "v2.0.0", "1.1.0_b", "1.10.0"]}'))
    assert charts.tags(client, parse("oci://h/a")) == ["1.10.0", "1.1.0+b", "1.0.0"]


def test_busy_registries_are_asked_again() -> None:
    """A registry that is too busy is asked five times more, with growing pauses."""
    client, transport = registry(lambda _request: (503, {}, b""))
    with pytest.raises(RegistryFailed, match="response status code 503: Service Unavailable"):
        list(client.tags(parse("oci://h/a")))
    assert len(transport.seen) == 6


def test_errors_of_registries() -> None:
    """What a registry says about a failure is told in Helm's words, without what could steer a terminal."""
    body = b'{"errors": [{"code": "NAME_UNKNOWN", "message": "not\\u001b[2J known", "detail": {"name": "x"}}]}'
    client, _ = registry(lambda _request: (404, {}, body))
    with pytest.raises(RegistryFailed) as caught:
        list(client.tags(parse("oci://h/a")))
    assert caught.value.message == (
        'GET "https://h/v2/a/tags/list": response status code 404: name unknown: not [2J known: map[name:x]'
    )
    with pytest.raises(ArtefactMissing):
        client.manifest(parse("oci://h/a:1"))


def test_plain_http() -> None:
    """Unencrypted connections are for those who ask, and with Helm 3 for registries on this machine that want them."""

    def answer(request: HttpRequest) -> Answer:
        if request.url.startswith("https://localhost:5000/"):
            raise RequestFailed('Get "x": http: server gave HTTP response to HTTPS client')
        return 200, {}, b""

    transport = Scripted(answer)
    local = Registry(transport, lambda _host: NONE, helm=3)
    assert local.base("localhost:5000") == "http://localhost:5000"
    assert local.base("127.0.0.1:5000") == "https://127.0.0.1:5000"
    assert local.base("example.com:5000") == "https://example.com:5000"
    assert Registry(transport, lambda _host: NONE).base("localhost:5000") == "https://localhost:5000"
    assert Registry(transport, lambda _host: NONE, plain_http=True).base("h") == "http://h"


def test_challenges() -> None:
    """Challenges and scopes are read and joined as Helm's client does it."""
    assert parse_challenge('Bearer realm="https://a/b?c=d,e", service=s , scope="x:y:pull"') == (
        "bearer",
        {"realm": "https://a/b?c=d,e", "service": "s", "scope": "x:y:pull"},
    )
    assert merged_scopes("repository:a:pull repository:a:push,pull registry:catalog:*") == [
        "registry:catalog:*",
        "repository:a:pull,push",
    ]
