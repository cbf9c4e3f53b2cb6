"""Logins by OpenID Connect and ways through proxies, beside the real Helm, against servers on loopback."""

from __future__ import annotations

import base64
import json
import select
import socket
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from functional.certificate_authority import Authority
from functional.registry_server import Program, ours

_LIST = {"kind": "SecretList", "apiVersion": "v1", "metadata": {}, "items": []}
_VERSION = {"major": "1", "minor": "30", "gitVersion": "v1.30.0"}


def token(expires: float) -> str:
    """Return an identity token that ends at some time."""
    claims = base64.urlsafe_b64encode(json.dumps({"exp": expires}).encode()).decode().rstrip("=")
    return f"e30.{claims}.c2ln"


class Handler(BaseHTTPRequestHandler):
    """An API server and a provider of tokens in one."""

    protocol_version = "HTTP/1.1"
    server: Services

    def do_GET(self) -> None:
        """Answer as an API server does, or tell where tokens are had."""
        if self.path.startswith("/.well-known"):
            self.server.asked.append("discovery")
            self._answer(*self.server.discovery())
            return
        self.server.tokens.append(self.headers.get("Authorization", ""))
        wanted = self.server.wanted
        if wanted and self.headers.get("Authorization") != f"Bearer {wanted}":
            self._answer(401, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 401})
        else:
            self._answer(200, _VERSION if self.path.startswith("/version") else _LIST)

    def do_POST(self) -> None:
        """Give tokens out."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        form = dict(urllib.parse.parse_qsl(body))
        self.server.asked.append(json.dumps({**form, "login": self.headers.get("Authorization", "")}, sort_keys=True))
        self._answer(*self.server.grant(form, self.headers.get("Authorization", "")))

    def _answer(self, status: int, content: object) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


Grant = Callable[[dict[str, str], str], tuple[int, object]]


class Services(ThreadingHTTPServer):
    """The servers, with what they were asked."""

    def __init__(self, authority: Authority, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.context = context_of(authority, folder)
        self.socket = self.context.wrap_socket(self.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.server_port}"
        self.asked: list[str] = []
        self.tokens: list[str] = []
        self.wanted = ""
        self.discovery: Callable[[], tuple[int, object]] = lambda: (200, {"token_endpoint": f"{self.url}/token"})
        self.grant: Grant = lambda _form, _login: (200, {"access_token": "a", "id_token": self.wanted})

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that left."""


def context_of(authority: Authority, folder: Path) -> ssl.SSLContext:
    """Return the TLS settings of a server on loopback."""
    key, certificate = authority.issue("server")
    (folder / "server.pem").write_bytes(key + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    return context


@pytest.fixture
def authority() -> Authority:
    """Who signs the servers' certificates."""
    return Authority("test")


@pytest.fixture
def services(authority: Authority, tmp_path: Path) -> Iterator[Services]:
    """The running servers."""
    with Services(authority, tmp_path) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def kubeconfig(helm: Program, services: Services, authority: Authority, user: dict[str, Any], **cluster: str) -> Path:
    """Write a kubeconfig into a home and return its path."""
    data = base64.b64encode(authority.certificate).decode()
    path = helm.place / ".kube" / "config"
    path.parent.mkdir(parents=True, exist_ok=True)
    described = {"server": services.url, "certificate-authority-data": data, **cluster}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "c",
        "contexts": [{"name": "c", "context": {"cluster": "k", "user": "u"}}],
        "clusters": [{"name": "k", "cluster": described}],
        "users": [{"name": "u", "user": user}, {"name": "other", "user": {"token": "t"}}],
    }
    path.write_text(yaml.safe_dump(document))
    path.chmod(0o640)
    return path


@pytest.fixture
def pair(tmp_path: Path, helm4: str) -> tuple[Program, Program]:
    """Ours and the real program."""
    return ours(tmp_path / "ours"), Program((helm4,), tmp_path / "real")


def refused(form: dict[str, str], login: str) -> tuple[int, object]:
    """Refuse everything."""
    del form, login
    return 400, {"error": "invalid_grant", "error_description": "the token is used up"}


def form_alone(form: dict[str, str], login: str) -> tuple[int, object]:
    """Take the client's name from the form alone."""
    if login or form.get("client_id") != "the client":
        return 401, {"error": "invalid_client"}
    return 200, {"access_token": "a", "id_token": token(time.time() + 900), "refresh_token": "newer"}


GRANTS: dict[str, Grant] = {
    "refused": refused,
    "in the form": form_alone,
    "broken": lambda _form, _login: (500, "no"),
    "without identity": lambda _form, _login: (200, {"access_token": "a"}),
    "without access": lambda _form, _login: (200, {"id_token": "a"}),
}
SETTINGS = {"client-id": "the client", "client-secret": "s/+", "refresh-token": "older"}


def login(services: Services, authority: Authority, **settings: str) -> dict[str, Any]:
    """Return the user of a kubeconfig who logs in by OpenID Connect."""
    data = base64.b64encode(authority.certificate).decode()
    known = {"idp-issuer-url": f"{services.url}/", "idp-certificate-authority-data": data}
    return {"auth-provider": {"name": "oidc", "config": {**known, **SETTINGS, **settings}}}


def test_refreshed(pair: tuple[Program, Program], services: Services, authority: Authority) -> None:
    """A token that expired is renewed once, used, and kept in the kubeconfig with all else that stands there."""
    left = []
    for helm in pair:
        services.asked.clear()
        services.tokens.clear()
        services.wanted = token(time.time() + 900)
        path = kubeconfig(helm, services, authority, login(services, authority, **{"id-token": token(5)}))
        assert helm.run("list")[::2] == (0, "")
        assert set(services.tokens) == {f"Bearer {services.wanted}"}
        kept = yaml.safe_load(path.read_text())
        kept["users"].sort(key=lambda user: str(user["name"]))
        assert kept["users"][1]["user"]["auth-provider"]["config"].pop("id-token") == services.wanted
        left.append(
            (kept, path.stat().st_mode, sorted(entry.name for entry in path.parent.iterdir()), services.asked[:])
        )
        services.asked.clear()
        helm.must("list")
        assert services.asked == []
    ours_left, real_left = left
    del ours_left[0]["kind"], real_left[0]["kind"]
    assert {**ours_left[0], "preferences": {}} == {**real_left[0], "preferences": {}}
    assert [entry for entry in ours_left[2] if entry != "cache"] == ["config"]
    assert (ours_left[1], ours_left[3]) == (real_left[1], real_left[3])


@pytest.mark.parametrize("grant", list(GRANTS))
def test_answers(grant: str, pair: tuple[Program, Program], services: Services, authority: Authority) -> None:
    """What a provider answers leads to the same requests, the same words and the same tokens."""
    services.grant = GRANTS[grant]
    found = []
    for helm in pair:
        services.asked.clear()
        path = kubeconfig(helm, services, authority, login(services, authority))
        said = helm.run("list")
        kept = yaml.safe_load(path.read_text())
        user = next(user for user in kept["users"] if user["name"] == "u")
        found.append((said, services.asked[:], user["user"]["auth-provider"]["config"].get("refresh-token")))
    assert found[0] == found[1]


def test_unknown_providers(pair: tuple[Program, Program], services: Services, authority: Authority) -> None:
    """A provider that does not tell, is not there or is not trusted is reported in the real program's words."""
    nobody = {"idp-issuer-url": "https://127.0.0.1:1"}
    stranger = {"idp-certificate-authority-data": base64.b64encode(Authority("stranger").certificate).decode()}
    no_refresh = {"refresh-token": ""}
    for changes in (nobody, stranger, no_refresh, {"client-id": ""}, {"id-token": "x"}):
        words = []
        for helm in pair:
            kubeconfig(helm, services, authority, login(services, authority, **changes))
            words.append(helm.run("list"))
        assert words[0] == words[1], changes
    answers: list[tuple[int, object]] = [(404, "x" * 100), (200, {}), (200, [])]
    for answer in answers[:2]:
        services.discovery = lambda answer=answer: answer  # type: ignore[misc]
        words = []
        for helm in pair:
            kubeconfig(helm, services, authority, login(services, authority))
            words.append(helm.run("list"))
        assert words[0] == words[1], answer


def test_locked(tmp_path: Path, services: Services, authority: Authority) -> None:
    """While another program writes the kubeconfig, nothing is written."""
    helm = ours(tmp_path / "ours")
    path = kubeconfig(helm, services, authority, login(services, authority))
    before = path.read_bytes()
    path.with_name("config.lock").write_text("")
    services.wanted = token(time.time() + 900)
    code, _, errors = helm.run("list")
    assert (code, "could not persist new tokens: open " in errors) == (1, True)
    assert path.read_bytes() == before


class ProxyServer:
    """A proxy on loopback that hands bytes on: SOCKS5, or CONNECT over TLS."""

    def __init__(self, *, tls: ssl.SSLContext | None = None, password: str = "", refuses: int = 0) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._tls = tls
        self._password = password
        self._refuses = refuses
        self.port = self._listener.getsockname()[1]
        self.asked: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock: socket.socket) -> None:
        other = None
        try:
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
            other = self._connect(sock) if self._tls else self._socks(sock)
            if other:
                self._pipe(sock, other)
        except OSError:
            pass
        finally:
            for end in (sock, other):
                if end:
                    end.close()

    def _connect(self, sock: socket.socket) -> socket.socket | None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += sock.recv(1)
        method, target, _ = head.split(b" ", 2)
        self.asked.append(f"{method.decode()} {target.decode()}")
        host, _, port = target.decode().partition(":")
        if method != b"CONNECT":
            return None
        other = socket.create_connection((host, int(port)))
        sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        return other

    def _socks(self, sock: socket.socket) -> socket.socket | None:
        methods = self._read(sock, self._read(sock, 2)[1])
        method = 2 if self._password else 0
        sock.sendall(bytes((5, method if method in methods else 255)))
        if self._password:
            user = self._read(sock, self._read(sock, 2)[1]).decode()
            password = self._read(sock, self._read(sock, 1)[0]).decode()
            sock.sendall(bytes((1, 0 if password == self._password else 1)))
            self.asked.append(f"{user}:{password}")
        _, _, _, kind = self._read(sock, 4)
        host = socket.inet_ntoa(self._read(sock, 4)) if kind == 1 else self._read(sock, self._read(sock, 1)[0]).decode()
        port = int.from_bytes(self._read(sock, 2), "big")
        self.asked.append(f"{host}:{port}")
        sock.sendall(bytes((5, self._refuses, 0, 1)) + bytes(6))
        return None if self._refuses else socket.create_connection(("127.0.0.1", port))

    @staticmethod
    def _read(sock: socket.socket, size: int) -> bytes:
        content = b""
        while len(content) < size:
            piece = sock.recv(size - len(content))
            if not piece:
                raise OSError("the client left")
            content += piece
        return content

    @staticmethod
    def _pipe(one: socket.socket, other: socket.socket) -> None:
        while True:
            pending = isinstance(one, ssl.SSLSocket) and one.pending()
            for ready in [one] if pending else select.select([one, other], [], [])[0]:
                piece = ready.recv(65536)
                if not piece:
                    return
                (other if ready is one else one).sendall(piece)

    def close(self) -> None:
        """Stop."""
        self._listener.close()


@pytest.mark.parametrize("case", ["socks5", "socks5 with password", "socks5 refusing", "https", "nobody"])
def test_proxies(
    case: str, pair: tuple[Program, Program], services: Services, authority: Authority, tmp_path: Path
) -> None:
    """A cluster is reached through SOCKS5 and TLS proxies; what goes wrong has the real program's words."""
    tls = context_of(authority, tmp_path) if case == "https" else None
    proxy = ProxyServer(tls=tls, password="p/w" if "password" in case else "", refuses=5 if "refusing" in case else 0)
    login_part = "me:p%2Fw@" if "password" in case else ""
    port = 1 if case == "nobody" else proxy.port
    url = f"{'https' if case == 'https' else 'socks5'}://{login_part}127.0.0.1:{port}"
    found = []
    for helm in pair:
        proxy.asked.clear()
        kubeconfig(helm, services, authority, {"token": "t"}, **{"proxy-url": url})
        said = helm.run("list")
        found.append((said, sorted(set(proxy.asked))))
    proxy.close()
    assert found[0] == found[1]
    assert (found[0][0][0] == 0) == (case not in ("nobody", "socks5 refusing"))


@pytest.mark.parametrize("scheme", ["socks5", "https"])
def test_downloads(
    scheme: str, pair: tuple[Program, Program], authority: Authority, services: Services, tmp_path: Path
) -> None:
    """Repositories are reached through the environment's SOCKS5 and TLS proxies."""
    tls = context_of(authority, tmp_path) if scheme == "https" else None
    proxy = ProxyServer(tls=tls)
    (tmp_path / "ca.pem").write_bytes(authority.certificate)
    # Loopback is never reached through a proxy of the environment; names are looked up by the proxy, or not at all.
    variables = {"HTTPS_PROXY": f"{scheme}://127.0.0.1:{proxy.port}"}
    found = []
    for helm in pair:
        proxy.asked.clear()
        words = (
            "pull",
            f"https://charts.invalid:{services.server_port}/a-1.0.0.tgz",
            "--ca-file",
            str(tmp_path / "ca.pem"),
        )
        found.append((helm.run(*words, variables=variables), proxy.asked[:1]))
    proxy.close()
    assert found[0][1] == found[1][1] != []
    assert found[0][0][0] == found[1][0][0]
