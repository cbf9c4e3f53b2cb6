"""Each scheme has its getter, and credentials go where they are meant for."""

from __future__ import annotations

import pytest

from pilothouse.errors import Invalid, PilothouseError
from pilothouse.progress import SILENT
from pilothouse.sources.getters import Fetched, Getters, HttpGetter, Validators, web_getters
from pilothouse.transport.access import Access
from pilothouse.transport.client import HttpRequest, HttpResponse
from pilothouse.transport.tls import TlsFiles


class Wire:
    """Notes requests and answers them alike."""

    def __init__(self, status: int = 200, headers: dict[str, str] | None = None, body: bytes = b"text") -> None:
        self.status = status
        self.headers = headers or {}
        self.body = body
        self.sent: list[HttpRequest] = []
        self.tls: list[TlsFiles] = []

    def __call__(self, tls: TlsFiles) -> Wire:
        """Stand for the transport with given certificates."""
        self.tls.append(tls)
        return self

    def send(self, request: HttpRequest) -> HttpResponse:
        """Answer."""
        self.sent.append(request)
        return HttpResponse(self.status, "Reason", self.headers, request.url, [self.body])


def getter(wire: Wire, helm: int = 4) -> HttpGetter:
    """Return the getter over a wire."""
    return HttpGetter({}, reporter=SILENT, helm=helm, transport=wire)


@pytest.mark.parametrize(
    ("access", "url", "sent"),
    [
        (Access(url="http://h/r", username="u", password="p"), "http://h/a", True),
        (Access(url="http://h/r", username="u", password="p"), "http://other/a", False),
        (Access(url="http://h/r", username="u", password="p"), "https://h/a", False),
        (Access(url="http://h/r", username="u", password="p"), "http://h:8080/a", False),
        (Access(url="http://h/r", username="u", password="p", pass_credentials=True), "http://other/a", True),
        (Access(url="http://h/r", username="u"), "http://h/a", False),
        (Access(url="http://h/r", password="p"), "http://h/a", False),
    ],
)
def test_credentials_are_for_their_host(access: Access, url: str, sent: bool) -> None:  # noqa: FBT001
    """Scheme, host and port must be those of the repository, unless other hosts may see them."""
    wire = Wire()
    getter(wire).get(url, access)
    assert ("Authorization" in wire.sent[0].headers) is sent


def test_requests_say_who_asks_and_for_what() -> None:
    """User agent, media types and conditions are sent."""
    wire = Wire(304)
    found = getter(wire, 3).get("http://h/a", Access(accept="text/x"), Validators(etag='"1"', modified="then"))
    headers = wire.sent[0].headers
    assert headers["User-Agent"] == "Helm/3.16.4"
    assert headers["Accept"] == "text/x"
    assert (headers["If-None-Match"], headers["If-Modified-Since"]) == ('"1"', "then")
    assert found.unchanged


def test_answers_keep_what_tells_them_apart() -> None:
    """ETag and date are kept with the content."""
    found = getter(Wire(headers={"etag": '"2"', "last-modified": "now"})).get("http://h/a", Access())
    assert found == Fetched(data=b"text", validators=Validators(etag='"2"', modified="now"))


def test_other_answers_are_errors() -> None:
    """The text is that of Helm's getter; 304 counts only when a copy is known."""
    for status in (404, 304):
        with pytest.raises(PilothouseError, match=f"failed to fetch http://h/a : {status} Reason"):
            getter(Wire(status)).get("http://h/a", Access())


def test_answers_have_a_limit() -> None:
    """What is longer than allowed is not read."""
    with pytest.raises(Invalid, match="longer than 3 bytes"):
        getter(Wire()).get("http://h/a", Access(limit=3))


def test_certificates_are_kept_apart() -> None:
    """Requests with the same files share their connections, others do not."""
    wire = Wire()
    found = getter(wire)
    found.get("http://h/a", Access())
    found.get("http://h/b", Access())
    found.get("http://h/a", Access(insecure=True))
    assert [tls.verify for tls in wire.tls] == [True, False]


def test_schemes_are_looked_up() -> None:
    """Unknown ones are refused in Helm's words; others can be added."""

    class Other:
        def get(self, url: str, access: Access, known: Validators | None = None) -> Fetched:
            del access, known
            return Fetched(data=url.encode())

    table = web_getters({}, reporter=SILENT, others=[("x", Other)])
    assert table.supports("https")
    assert table.get("x://y", Access()).data == b"x://y"
    with pytest.raises(Invalid, match='scheme "ftp" not supported'):
        table.get("ftp://y", Access())
    assert isinstance(table, Getters)


def test_passwords_are_not_shown() -> None:
    """Neither in logs nor in tracebacks."""
    assert "secret" not in repr(Access(url="http://h", username="u", password="secret"))
