"""A cluster that cannot be reached is reported with the words of real Helm."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pilothouse.environment import Environment
from pilothouse.errors import PilothouseError
from pilothouse.kube import config
from pilothouse.kube.client import KubeClient

pytestmark = pytest.mark.oracle


@contextlib.contextmanager
def answering(data: bytes) -> Iterator[str]:
    """Run a server that sends the same bytes to whoever connects; yield its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        while True:
            sock, _ = listener.accept()
            with sock:
                if stop.is_set():
                    return
                sock.settimeout(5)
                with contextlib.suppress(OSError):
                    sock.recv(65536)
                    sock.sendall(data)

    thread = threading.Thread(target=serve)
    thread.start()
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield address
    finally:
        stop.set()
        socket.create_connection(listener.getsockname()).close()
        thread.join()
        listener.close()


def theirs(helm: str, home: Path, *arguments: str) -> str:
    """Return the error of real Helm's ``list``."""
    variables = {"HOME": str(home), "PATH": os.defpath}
    done = subprocess.run(
        [helm, "list", *arguments], env=variables, capture_output=True, text=True, timeout=180, check=False
    )
    assert done.returncode == 1
    return done.stderr.split("Error: ", 1)[1].rstrip("\n")


def ours(home: Path, overrides: config.Overrides) -> str:
    """Return the error of our first look at the cluster."""
    environment = Environment(variables={"HOME": str(home)})
    with KubeClient(lambda: config.load(environment, overrides)) as client:
        with pytest.raises(PilothouseError) as caught:
            client.ping()
        return caught.value.message


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home without a kubeconfig."""
    return tmp_path


def written(home: Path, **user: object) -> str:
    """Write a kubeconfig with a user entry; return its path."""
    path = home / "kubeconfig"
    document = {
        "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}],
    }
    path.write_text(json.dumps(document))
    path.chmod(0o600)
    return str(path)


@pytest.mark.parametrize(("qps", "burst"), [("1", "0"), ("1", "-1"), ("0", "-1")])
def test_impossible_limits(helm4: str, home: Path, qps: str, burst: str) -> None:
    """Limits under which no request could go out are refused as Helm refuses them."""
    flags = config.Overrides(kubeconfig=written(home), qps=float(qps), burst=int(burst))
    limits = (f"--qps={qps}", f"--burst-limit={burst}")
    assert ours(home, flags) == theirs(helm4, home, "--kubeconfig", flags.kubeconfig, *limits)


def test_nothing_configured(helm4: str, home: Path) -> None:
    """Without a kubeconfig, localhost is tried."""
    assert ours(home, config.Overrides()) == theirs(helm4, home)


@pytest.mark.parametrize(
    "server",
    [
        "https://127.0.0.1:1",
        "http://127.0.0.1:1/prefix",
        "127.0.0.1:1",
        "https://localhost:1",
        "https://nohost.invalid:6443",
        "ftp://127.0.0.1:1",
    ],
)
def test_servers(helm4: str, home: Path, server: str) -> None:
    """Nobody listening, no such host, no such scheme."""
    assert ours(home, config.Overrides(server=server)) == theirs(helm4, home, "--kube-apiserver", server)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nno way",
        b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        b'HTTP/1.1 500 Oops\r\nContent-Type: text/html\r\nContent-Length: 9\r\n\r\n<b>"x"</b',
        b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-x\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\nContent-Type: application/json\r\n\r\n{",
    ],
)
def test_answers(helm4: str, home: Path, answer: bytes) -> None:
    """Answers that are no version are told by their status, or as what they are."""
    with answering(answer) as address:
        server = f"http://{address}"
        assert ours(home, config.Overrides(server=server)) == theirs(helm4, home, "--kube-apiserver", server)


def test_plain_http_behind_https(helm4: str, home: Path) -> None:
    """A server that does not speak TLS is told apart."""
    with answering(b"HTTP/1.0 400 Bad Request\r\n\r\n") as address:
        server = f"https://{address}"
        assert ours(home, config.Overrides(server=server)) == theirs(helm4, home, "--kube-apiserver", server)


@pytest.mark.parametrize(
    "user",
    [
        {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such", "interactiveMode": "Never"}},
        {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "false", "interactiveMode": "Never"}},
        {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "true", "interactiveMode": "Always"}},
        {"exec": {"apiVersion": "client.authentication.k8s.io/v9", "command": "true", "interactiveMode": "Never"}},
        {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "true"}},
        {"exec": {"command": "true", "interactiveMode": "x"}},
        {"tokenFile": "/nonexistent/token"},
        {"client-certificate": "/nonexistent/c", "client-key": "/nonexistent/k"},
        {"client-certificate-data": "eA==", "client-key-data": "eA=="},
        {"token": "a", "username": "b", "password": "c"},
        {"as-groups": ["a"]},
        {"auth-provider": {"name": "gcp"}},
        {"auth-provider": {"name": "azure"}},
        {"auth-provider": {"name": "nope"}},
        {"auth-provider": {"name": "oidc", "config": {"client-id": "x"}}},
    ],
)
def test_users(helm4: str, home: Path, user: dict[str, object]) -> None:
    """Credentials that cannot be had are told in client-go's words."""
    path = written(home, **user)
    assert ours(home, config.Overrides(kubeconfig=path)) == theirs(helm4, home, "--kubeconfig", path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: b\n",
        "[]",
        "kind: Pod\napiVersion: v1\n",
        "clusters: [{name: a}, {name: a}]\n",
        "a: [",
        "current-context: x\n",
    ],
)
def test_files(helm4: str, home: Path, text: str) -> None:
    """Files that are no kubeconfig are refused, or taken as empty."""
    path = home / "kubeconfig"
    path.write_text(text)
    path.chmod(0o600)
    wanted = theirs(helm4, home, "--kubeconfig", str(path))
    if "duplicate name" in wanted:  # Go shows its structs after that, passwords included
        wanted = wanted.partition(" in list:")[0]
    assert ours(home, config.Overrides(kubeconfig=str(path))).partition(" in list:")[0] == wanted


def test_files_that_are_missing(helm4: str, helm3: str, home: Path) -> None:
    """A missing file or context is named; Helm 3 begins with a capital."""
    wrong = config.Overrides(kubeconfig="/nonexistent/config")
    assert ours(home, wrong) == theirs(helm4, home, "--kubeconfig", "/nonexistent/config")
    path = written(home)
    chosen = config.Overrides(kubeconfig=path, context="zz")
    assert ours(home, chosen) == theirs(helm4, home, "--kubeconfig", path, "--kube-context", "zz")
    environment = Environment(variables={"HOME": str(home)})
    with KubeClient(lambda: config.load(environment, wrong)) as client, pytest.raises(PilothouseError) as caught:
        client.ping(compatibility=3)
    assert caught.value.message == theirs(helm3, home, "--kubeconfig", "/nonexistent/config")
