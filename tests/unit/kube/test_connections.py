"""Connections: HTTP over sockets, kept alive, through proxies and TLS, with Go's words for what fails."""

from __future__ import annotations

import contextlib
import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from pilothouse.kube.connections import Connections, Server
from pilothouse.kube.errors import ConnectionFailed
from pilothouse.kube.requests import Request
from pilothouse.transport.tls import TlsSettings, make_context

GET = Request(method="GET", target="/x")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def test_port_out_of_range() -> None:
    """A port that does not exist is told; the lower bits of it are another one."""
    connections = Connections(Server(scheme="http", host="127.0.0.1", port=70000))
    with pytest.raises(
        ConnectionFailed, match=r'^Get "http://127.0.0.1:70000/x": dial tcp: address 70000: invalid port$'
    ):
        connections.exchange(GET, {})


class Scripted:
    """A server that answers the requests of its connections with given bytes, one list of answers a connection."""

    def __init__(self, *connections: list[bytes], wrap: Callable[[socket.socket], socket.socket] | None = None) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.requests: list[bytes] = []
        self._connections = list(connections)
        self._wrap = wrap
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        with self.listener:
            for answers in self._connections:
                sock, _ = self.listener.accept()
                with contextlib.suppress(OSError), sock:
                    wrapped = self._wrap(sock) if self._wrap else sock
                    with wrapped:
                        for answer in answers:
                            self.requests.append(self._read(wrapped))
                            wrapped.sendall(answer)

    @staticmethod
    def _read(sock: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = sock.recv(65536)
            if not piece:
                break
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            (int(line.split(b":")[1]) for line in head.split(b"\r\n") if b"content-length" in line.lower()), 0
        )
        while len(body) < length:
            body += sock.recv(65536)
        return head + b"\r\n\r\n" + body

    @staticmethod
    def wait_for_close(connections: Connections) -> None:
        """Wait until the end of the idle connection has arrived."""
        deadline = time.monotonic() + 120
        while connections._idle[0].is_alive() and time.monotonic() < deadline:
            time.sleep(0.01)

    def join(self) -> None:
        """Wait until every connection was served."""
        self._thread.join(5)


def pool(server: Scripted, **options: object) -> Connections:
    """Return the connections to a scripted server."""
    return Connections(Server(scheme="http", host="127.0.0.1", port=server.port), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "answer",
    [
        OK,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\no\r\n1\r\nk\r\n0\r\nTrailer: x\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK,
        b"HTTP/1.0 200 OK\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(gzip.compress(b"ok"))
        + gzip.compress(b"ok"),
    ],
    ids=["counted", "chunked", "continued", "until closed", "compressed"],
)
def test_forms_of_answers(answer: bytes) -> None:
    """Every form in which HTTP/1.1 sends a body is read."""
    server = Scripted([answer])
    connections = pool(server)
    found, body = connections.exchange(GET, {"Host": "h", "X": ("1", "2")})
    connections.close()
    server.join()
    assert (found.status, body) == (200, b"ok")
    assert server.requests == [b"GET /x HTTP/1.1\r\nHost: h\r\nX: 1\r\nX: 2\r\n\r\n"]


def test_connections_are_kept() -> None:
    """One connection carries many requests."""
    server = Scripted([OK, OK, OK])
    connections = pool(server)
    for _ in range(3):
        assert connections.exchange(GET, {})[1] == b"ok"
    connections.close()
    server.join()
    assert len(server.requests) == 3


def test_closed_connections_are_replaced() -> None:
    """A connection that the server closed while it was idle is not used again."""
    server = Scripted([OK], [OK])
    connections = pool(server)
    post = Request(method="POST", target="/x", body=b"{}")
    assert connections.exchange(GET, {})[1] == b"ok"
    server.wait_for_close(connections)
    assert connections.exchange(post, {})[1] == b"ok"
    connections.close()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (b"", 'Get "http://127.0.0.1:{port}/x": EOF'),
        (
            b"SSH-2.0\r\n",
            (
                'Get "http://127.0.0.1:{port}/x": net/http: HTTP/1.x transport connection broken: '
                'malformed HTTP response "SSH-2.0"'
            ),
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok",
            "unexpected error when reading response body. Please retry. Original error: unexpected EOF",
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "unexpected error when reading response body. Please retry. Original error: invalid byte in chunk length",
        ),
    ],
)
def test_broken_answers(answer: bytes, message: str) -> None:
    """An answer that is cut off or no HTTP is told in Go's words."""
    server = Scripted([answer])
    with pytest.raises(ConnectionFailed) as caught:
        pool(server).exchange(GET, {})
    assert caught.value.message == message.format(port=server.port)


def test_header_injection() -> None:
    """A header value with a line break never reaches the server."""
    server = Scripted([OK])
    with pytest.raises(ConnectionFailed, match="invalid header field value"):
        pool(server).exchange(GET, {"Impersonate-User": "a\r\nX: y"})


def test_refused() -> None:
    """A port that nobody listens on is refused, in Go's words."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    connections = Connections(Server(scheme="http", host="localhost", port=port))
    with pytest.raises(ConnectionFailed) as caught:
        connections.exchange(GET, {})
    assert caught.value.message == (
        f'Get "http://localhost:{port}/x": dial tcp 127.0.0.1:{port}: connect: connection refused'
    )


def test_slow_answers() -> None:
    """A time limit ends the waiting."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        connections = Connections(Server(scheme="http", host="127.0.0.1", port=listener.getsockname()[1]))
        with pytest.raises(ConnectionFailed, match="context deadline exceeded"):
            connections.exchange(GET, {}, timeout=0.1)


def test_plain_proxy() -> None:
    """Plain HTTP goes through the environment's proxy with a whole URL, and logs in to it."""
    proxy = Scripted([OK])
    connections = Connections(
        Server(scheme="http", host="api.example", port=80, prefix="/p"),
        variables={"HTTP_PROXY": f"http://me:pass%21@127.0.0.1:{proxy.port}"},
    )
    connections.exchange(GET, connections.proxy_headers())
    connections.close()
    assert proxy.requests[0].startswith(b"GET http://api.example/p/x HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic bWU6cGFzcyE=" in proxy.requests[0]


def test_tunnel_refused() -> None:
    """A proxy that lets nothing through is reported with its reason."""
    proxy = Scripted([b"HTTP/1.1 403 Forbidden by policy\r\n\r\n"])
    connections = Connections(
        Server(scheme="https", host="api.example", port=6443),
        tls_context=lambda: make_context(TlsSettings(verify=False)),
        proxy=f"http://127.0.0.1:{proxy.port}",
    )
    with pytest.raises(ConnectionFailed, match=r'^Get "https://api.example:6443/x": Forbidden by policy$'):
        connections.exchange(GET, {})
    assert proxy.requests[0].startswith(b"CONNECT api.example:6443 HTTP/1.1\r\nHost: api.example:6443\r\n")


class Authority:
    """Makes certificates for tests."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test authority")])
        made = self._builder(self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self.certificate = made.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, days: int = 1
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=3))
            .not_valid_after(now + timedelta(days=days))
        )

    def issue(self, *names: str, common_name: str = "", days: int = 1) -> tuple[bytes, bytes]:
        """Return certificate and key for DNS names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)] if common_name else [])
        builder = self._builder(subject, key, days=days)
        if names:
            alternatives = [
                x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names
            ]
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM), private

    def server(
        self, *names: str, answers: int = 1, common_name: str = "", days: int = 1, client: bool = False
    ) -> Scripted:
        """Return a TLS server with such a certificate."""
        certificate, key = self.issue(*names, common_name=common_name, days=days)
        path = self._folder / "server.pem"
        path.write_bytes(certificate + key)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        if client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=self.certificate.decode())
        return Scripted(*[[OK]] * answers, wrap=lambda sock: context.wrap_socket(sock, server_side=True))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that nobody but the test trusts."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure(authority: Authority) -> Iterator[Callable[..., bytes]]:
    """Ask a TLS server for something."""
    opened: list[Connections] = []

    def ask(server: Scripted, *, name: str = "", settings: TlsSettings | None = None) -> bytes:
        chosen = settings or TlsSettings(authorities=authority.certificate)
        connections = Connections(
            Server(scheme="https", host="127.0.0.1", port=server.port),
            tls_context=lambda: make_context(chosen),
            tls_name=name,
        )
        opened.append(connections)
        return connections.exchange(GET, {})[1]

    yield ask
    for connections in opened:
        connections.close()


def test_tls(authority: Authority, secure: Callable[..., bytes]) -> None:
    """A certificate is checked against the authority and the name, which the kubeconfig may replace."""
    assert secure(authority.server("127.0.0.1")) == b"ok"
    assert secure(authority.server("api.example"), name="api.example") == b"ok"
    assert secure(authority.server("other.example"), settings=TlsSettings(verify=False)) == b"ok"


def test_client_certificate(authority: Authority, secure: Callable[..., bytes]) -> None:
    """A client certificate given as bytes reaches a server that asks for one."""
    certificate, key = authority.issue(common_name="me")
    settings = TlsSettings(authorities=authority.certificate, certificate=certificate, key=key)
    assert "me" not in repr(settings)
    assert secure(authority.server("127.0.0.1", client=True), settings=settings) == b"ok"
    with pytest.raises(ConnectionFailed, match=r"remote error: tls: certificate required$|EOF$"):
        secure(authority.server("127.0.0.1", client=True))


@pytest.mark.parametrize(
    ("names", "asked", "wanted"),
    [
        (("10.0.0.1", "h.example"), "", "x509: certificate is valid for 10.0.0.1, not 127.0.0.1"),
        (("a.example", "b.example"), "c.example", "x509: certificate is valid for a.example, b.example, not c.example"),
        (
            ("a.example",),
            "",
            "x509: cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs",
        ),
        ((), "c.example", "x509: certificate relies on legacy Common Name field, use SANs instead"),
    ],
)
def test_wrong_names(
    authority: Authority, secure: Callable[..., bytes], names: tuple[str, ...], asked: str, wanted: str
) -> None:
    """A certificate for another name is refused, naming both, as crypto/x509 does."""
    server = authority.server(*names, answers=2, common_name="c.example")
    with pytest.raises(ConnectionFailed) as caught:
        secure(server, name=asked)
    assert caught.value.message == (
        f'Get "https://127.0.0.1:{server.port}/x": tls: failed to verify certificate: {wanted}'
    )


def test_untrusted(authority: Authority, secure: Callable[..., bytes]) -> None:
    """Unknown authorities and certificates out of date are refused."""
    with pytest.raises(ConnectionFailed, match=r"x509: certificate signed by unknown authority$"):
        secure(authority.server("127.0.0.1"), settings=TlsSettings())
    with pytest.raises(
        ConnectionFailed, match=r"certificate has expired or is not yet valid: current time \S+Z is after \S+Z$"
    ):
        secure(authority.server("127.0.0.1", answers=2, days=-1))


def test_http_where_tls_is_expected(secure: Callable[..., bytes]) -> None:
    """A server that does not speak TLS is told apart."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Scripted()
        server.port = listener.getsockname()[1]

        def answer() -> None:
            sock, _ = listener.accept()
            with sock:
                sock.recv(100)
                sock.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\nno TLS")

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(ConnectionFailed, match=r"http: server gave HTTP response to HTTPS client$"):
            secure(server)
        thread.join()
