"""Things are fetched with clear errors, within limits, and without telling credentials to others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from pilothouse.transport.auth import basic, same_origin, same_site
from pilothouse.transport.client import HttpClient, HttpRequest, fetch
from pilothouse.transport.errors import RequestFailed, StatusUnexpected, TlsInvalid, TooLarge, UrlInvalid
from pilothouse.transport.tls import TlsFiles


class Handler(BaseHTTPRequestHandler):
    """Answers by path."""

    seen: ClassVar[list[tuple[str, str, str]]] = []

    def do_GET(self) -> None:
        """Answer."""
        self.seen.append((self.command, self.headers["Host"].partition(":")[0], self.headers.get("Authorization", "")))
        port = self.headers["Host"].partition(":")[2]
        targets = {
            "/there": "/here",
            "/other": f"http://localhost:{port}/here",
            "/loop": "/loop",
        }
        if self.path in targets:
            self.send_response(302)
            self.send_header("Location", targets[self.path])
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(200 if self.path == "/here" else 404)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"text")

    do_POST = do_GET  # noqa: N815 - the name is the base class's

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The URL of a server on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture
def client() -> Iterator[HttpClient]:
    """A client without proxies."""
    Handler.seen.clear()
    client = HttpClient({})
    yield client
    client.close()


def test_fetch(client: HttpClient, server: str) -> None:
    """What is at a URL is returned, through redirects."""
    assert fetch(client, HttpRequest(url=f"{server}/here")) == b"text"
    assert fetch(client, HttpRequest(url=f"{server}/there")) == b"text"


def test_refusals(client: HttpClient, server: str) -> None:
    """Missing things, endless redirects, other schemes and long answers are errors in Helm's words."""
    with pytest.raises(StatusUnexpected, match=rf"^failed to fetch {server}/none : 404 Not Found$") as caught:
        fetch(client, HttpRequest(url=f"{server}/none"))
    assert caught.value.status == 404
    with pytest.raises(RequestFailed, match=r"stopped after 10 redirects$"):
        fetch(client, HttpRequest(url=f"{server}/loop"))
    with pytest.raises(TooLarge):
        fetch(client, HttpRequest(url=f"{server}/here"), limit=3)
    with pytest.raises(UrlInvalid, match=r'^Get "ftp://x": unsupported protocol scheme "ftp"$'):
        fetch(client, HttpRequest(url="ftp://x"))
    with pytest.raises(
        RequestFailed, match=r'^Get "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused$'
    ):
        fetch(client, HttpRequest(url="http://127.0.0.1:1/"))
    with pytest.raises(TlsInvalid, match="open /nonexistent: no such file or directory"):
        HttpClient({}, TlsFiles(ca_file="/nonexistent")).send(HttpRequest(url=f"{server}/here"))


def test_credentials_stay(client: HttpClient, server: str) -> None:
    """A redirect to the same host keeps the password, one to another host does not."""
    headers = {"Authorization": basic("me", "secret")}
    fetch(client, HttpRequest(url=f"{server}/there", headers=headers))
    fetch(client, HttpRequest(url=f"{server}/other", headers=headers))
    assert [(host, bool(value)) for _, host, value in Handler.seen] == [
        ("127.0.0.1", True),
        ("127.0.0.1", True),
        ("127.0.0.1", True),
        ("localhost", False),
    ]


def test_redirected_post(client: HttpClient, server: str) -> None:
    """A redirected POST becomes a GET, and redirects can be left to the caller."""
    client.send(HttpRequest(url=f"{server}/there", method="POST", body=b"x")).read()
    assert [method for method, _, _ in Handler.seen] == ["POST", "GET"]
    answer = client.send(HttpRequest(url=f"{server}/there", follow=False))
    assert (answer.status, answer.headers["location"], answer.read()) == (302, "/here", b"")


def test_sites() -> None:
    """Origins and sites are compared without regard to case and default ports."""
    assert same_origin("https://H.example", "https://h.example:443/x")
    assert not same_origin("https://h.example", "http://h.example")
    assert same_site("http://h.example", "https://sub.h.example")
    assert not same_site("https://h.example", "http://h.example")
    assert not same_site("https://h.example", "https://evilh.example")
