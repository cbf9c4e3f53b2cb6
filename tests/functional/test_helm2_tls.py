"""The client's side of TLS with a Tiller: the flags and variables of the recorded session, and what is refused."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("grpc")

from pilothouse.actions.tiller_certificates import make
from pilothouse.assembly import Assembly
from pilothouse.clock import Clock
from pilothouse.environment import Environment
from pilothouse.progress import SILENT
from pilothouse.tiller.certificates import TlsFiles
from pilothouse.tiller.gate import Gate
from pilothouse.tiller.metrics import Metrics
from pilothouse.tiller.server import TillerServer

_session = importlib.import_module("functional.helm2_session")
FILES = ["--tls-key", "helm-key.pem", "--tls-cert", "helm.pem"]
LISTED = (0, "", "")
VERSION = 'Server: &version.Version{SemVer:"v2.17.0"'


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Certificates as ``helm init`` makes them."""
    return make(str(tmp_path_factory.mktemp("home")), "kube-system", Clock().now())


@pytest.fixture
def place(tmp_path: Path, certificates: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A place with the client's files, and a Tiller that asks for certificates."""
    context = Assembly(Environment(variables={"HOME": str(tmp_path)})).tiller(driver="memory", namespace="kube-system")
    server = TillerServer(Gate(context), version="v2.17.0", metrics=Metrics(0.0), reporter=SILENT)
    files = certificates.server
    tls = TlsFiles(certificate=files.certificate, key=files.key, authority=files.authority)
    address = f"127.0.0.1:{server.listen('127.0.0.1:0', tls)}"
    server.start()
    made = _session.Workplace(tmp_path, "repository:1", address)
    made.work.mkdir()
    for name, source in (("ca.pem", "ca.pem"), ("helm.pem", "cert.pem"), ("helm-key.pem", "key.pem")):
        (made.work / name).write_bytes(certificates.files[source])
    monkeypatch.chdir(made.work)
    yield made
    server.stop(1)


def _list(place: Any, *flags: str, **variables: str) -> tuple[int, str, str]:
    done = place.run(["helm", "list", "--tiller-connection-timeout", "2", *flags], **variables)
    return done.exit_code, done.stdout, place.masked(done.stderr)


def test_flags_choose_tls(place: Any) -> None:
    """With ``--tls`` any server will do, with ``--tls-verify`` one of the authority, by its name."""
    assert _list(place, "--tls", *FILES) == LISTED
    verified = ["--tls-verify", "--tls-ca-cert", "ca.pem", *FILES]
    assert _list(place, *verified) == LISTED
    assert _list(place, *verified, "--tls-hostname", "tiller-server") == LISTED
    refused = (1, "", "Error: context deadline exceeded\n")
    assert _list(place, *verified, "--tls-hostname", "wrong") == refused
    assert _list(place) == refused


def test_files_and_variables(place: Any, certificates: Any) -> None:
    """Files are looked for in ``HELM_HOME``, and variables stand for flags."""
    place.home.mkdir()
    for name in ("ca.pem", "cert.pem", "key.pem"):
        (place.home / name).write_bytes(certificates.files[name])
    for flags, variables in (
        (["--tls"], {}),
        (["--tls-verify"], {}),
        ([], {"HELM_TLS_ENABLE": "true"}),
        ([], {"HELM_TLS_VERIFY": "true"}),
    ):
        assert _list(place, *flags, **variables) == LISTED
    done = place.run(["helm", "version", "--tls"])
    assert done.stdout.splitlines()[1].startswith(VERSION)


def test_missing_files_end_with_a_code_of_their_own(place: Any) -> None:
    """Without the files the exit code is 2 and the text has no beginning, as in Helm 2.17."""
    missing = (
        'could not read x509 key pair (cert: "$HELM_HOME/cert.pem", key: "$HELM_HOME/key.pem"): can\'t load key pair '
        "from cert $HELM_HOME/cert.pem and key $HELM_HOME/key.pem: open $HELM_HOME/cert.pem: "
        "no such file or directory\n"
    )
    assert _list(place, "--tls") == (2, "", missing)
    done = place.run(["helm", "version", "--tls"])
    assert (done.exit_code, done.stdout.count("\n"), place.masked(done.stderr)) == (2, 1, missing)
