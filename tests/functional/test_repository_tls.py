"""Repositories behind nginx with TLS, passwords and client certificates: ours beside the real programs."""

from __future__ import annotations

import datetime as dt
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from functional.repository_server import filled
from functional.test_repositories import Side, compare, sides

CHARTS = (("alpha", "1.0.0"), ("alpha", "1.1.0"), ("beta", "0.1.0"))
_CONFIGURATION = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
  access_log {folder}/access.log;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  root {folder}/charts;
  ssl_certificate {folder}/server.pem;
  ssl_certificate_key {folder}/server.key;
  server {{ listen 127.0.0.1:{open} ssl; }}
  server {{
    listen 127.0.0.1:{secret} ssl;
    auth_basic "charts";
    auth_basic_user_file {folder}/passwords;
  }}
  server {{
    listen 127.0.0.1:{known} ssl;
    ssl_client_certificate {folder}/ca.pem;
    ssl_verify_client on;
  }}
}}
"""


def _issue(folder: Path, name: str, issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None) -> None:
    """Write a certificate and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if name == "server":
        names = [x509.DNSName("localhost")]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    certificate = builder.sign(issuer[1] if issuer else key, hashes.SHA256())
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _loaded(folder: Path, name: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes()), key


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Nginx:
    """A running server.

    Attributes:
        folder: Its files: charts, certificates, keys, logs.
        open: URL without a password.
        secret: URL with a password, ``user`` and ``pass``.
        known: URL for clients with a certificate.
    """

    def __init__(self, folder: Path, ports: list[int]) -> None:
        self.folder = folder
        self.open, self.secret, self.known = (f"https://localhost:{port}" for port in ports)
        self.by_address = f"https://127.0.0.1:{ports[0]}"

    def line(self, text: str) -> str:
        """Return a command line with URLs and paths in place of words."""
        for name in ("BY_ADDRESS", "OPEN", "SECRET", "KNOWN"):
            text = text.replace(name, str(getattr(self, name.lower())))
        for name in ("ca.pem", "client.pem", "client.key", "stranger.pem"):
            text = text.replace(f"@{name}", str(self.folder / name))
        return text


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """A chart repository behind nginx."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/sbin")
    if program is None:
        pytest.skip("nginx is not installed")
    folder = tmp_path_factory.mktemp("nginx")
    folder.chmod(0o755)
    for parent in folder.parents:
        if parent.name.startswith(("pytest-", "popen-")):
            parent.chmod(0o755)
    _issue(folder, "ca", None)
    _issue(folder, "stranger", None)
    for name in ("server", "client"):
        _issue(folder, name, _loaded(folder, "ca"))
    (folder / "charts").mkdir()
    for path, data in filled(*CHARTS).items():
        (folder / "charts" / path[1:]).write_bytes(data)
    (folder / "passwords").write_text("user:{PLAIN}pass\n")
    ports = _free_ports(3)
    configuration = folder / "nginx.conf"
    configuration.write_text(_CONFIGURATION.format(folder=folder, open=ports[0], secret=ports[1], known=ports[2]))
    server = subprocess.Popen(
        [program, "-c", str(configuration), "-p", str(folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_open(ports[0], server)
        yield Nginx(folder, ports)
    finally:
        server.terminate()
        server.wait(timeout=180)


def _wait_until_open(port: int, server: subprocess.Popen[bytes]) -> None:
    for _ in range(1000):
        if server.poll() is not None:
            pytest.skip("nginx does not start here")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("nginx does not answer")


LINES = (
    "repo add a OPEN",
    "repo add a BY_ADDRESS --ca-file @ca.pem",
    "repo add a OPEN --ca-file @stranger.pem",
    "repo add a OPEN --ca-file /nowhere.pem",
    "repo add a OPEN --ca-file @client.key",
    "repo add a OPEN --ca-file /nowhere.pem --cert-file /nowhere.pem --key-file /nowhere.key",
    "repo add a OPEN --ca-file @ca.pem --cert-file @client.pem --key-file @ca.pem",
    "repo add a OPEN --ca-file @ca.pem",
    "repo add b OPEN --insecure-skip-tls-verify",
    "repo update",
    "search repo a/",
    "pull a/alpha",
    "pull b/alpha",
    "pull b/beta --insecure-skip-tls-verify",
    "pull alpha --repo OPEN --ca-file @ca.pem --version 1.0.0",
    "pull OPEN/alpha-1.0.0.tgz",
    "pull OPEN/alpha-1.0.0.tgz --ca-file @ca.pem",
    "show chart a/alpha",
    "repo add c SECRET --ca-file @ca.pem",
    "repo add c SECRET --ca-file @ca.pem --username user --password wrong",
    "repo add c SECRET --ca-file @ca.pem --username user --password pass",
    "pull c/alpha --version 1.0.0",
    "pull SECRET/beta-0.1.0.tgz --ca-file @ca.pem",
    "pull SECRET/beta-0.1.0.tgz --ca-file @ca.pem --username user --password pass",
    "pull alpha --repo SECRET --ca-file @ca.pem --username user --password pass",
    "show chart alpha --repo SECRET --ca-file @ca.pem",
    "show chart alpha --repo SECRET --ca-file @ca.pem --username user --password pass",
    "repo add d KNOWN --ca-file @ca.pem",
    "repo add d KNOWN --ca-file @ca.pem --cert-file @client.pem",
    "repo add d KNOWN --ca-file @ca.pem --cert-file @client.pem --key-file /nowhere",
    "repo add d KNOWN --ca-file @ca.pem --cert-file @client.pem --key-file @client.key",
    "pull d/beta",
    "show chart beta --repo KNOWN --ca-file @ca.pem --cert-file @client.pem --key-file @client.key",
    "repo update",
    "dependency update needy",
    "repo list -o yaml",
)


@pytest.mark.oracle
@pytest.mark.parametrize("generation", [4, 3])
def test_certificates_and_passwords_are_used_as_helm_uses_them(
    request: pytest.FixtureRequest, tmp_path: Path, nginx: Nginx, generation: int
) -> None:
    """Who is trusted, who is let in, and what is said otherwise is as with the real program."""
    both = sides(tmp_path, request.getfixturevalue(f"helm{generation}"), generation)
    for side in both:
        _needy(side, nginx)
    compare(*both, tuple(nginx.line(line) for line in LINES), "URL")


def _needy(side: Side, nginx: Nginx) -> None:
    folder = side.work / "needy"
    folder.mkdir(parents=True)
    (folder / "Chart.yaml").write_text(
        "apiVersion: v2\nname: needy\nversion: 0.1.0\ndependencies:\n"
        f"- {{name: alpha, version: ^1, repository: {nginx.secret}}}\n"
        f"- {{name: beta, version: '*', repository: {nginx.known}}}\n"
    )


def test_an_index_is_not_sent_again_when_it_is_unchanged(tmp_path: Path, nginx: Nginx) -> None:
    """The second update of an unchanged index is answered with 304 and no content."""
    side = Side("", tmp_path)
    added = side.run(nginx.line("repo add a OPEN --ca-file @ca.pem"))
    assert added[0] == 0, added
    assert side.run("repo update")[0] == 0
    last = (nginx.folder / "access.log").read_text().splitlines()[-1]
    assert " 304 0 " in last
