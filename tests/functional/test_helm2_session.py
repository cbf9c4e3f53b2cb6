"""The recorded sessions of Helm 2.17, command by command, with our client against our Tiller on a real API server."""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("grpc")

from pilothouse.actions.tiller_certificates import make
from pilothouse.assembly import Assembly
from pilothouse.clock import Clock
from pilothouse.commandline.runner import Outcome
from pilothouse.environment import Environment
from pilothouse.errors import Exists
from pilothouse.kube.client import KubeClient
from pilothouse.kube.resources import NAMESPACES
from pilothouse.progress import SILENT
from pilothouse.tiller.certificates import TlsFiles
from pilothouse.tiller.gate import Gate
from pilothouse.tiller.metrics import Metrics
from pilothouse.tiller.server import TillerServer
from pilothouse.tiller.service import METHODS

_session = importlib.import_module("functional.helm2_session")
_replay = importlib.import_module("functional.tiller_replay")
_compare = importlib.import_module("functional.helm2_compare")

REPOSITORY = Path(__file__).resolve().parents[2]
#: Folder, driver and limit of revisions of the recorded sessions; most are marked as slow.
SESSIONS = [
    pytest.param("session-secret", "secret", 0, id="secret"),
    pytest.param("session-memory", "memory", 0, id="memory"),
    pytest.param("session-history-max", "configmap", 3, id="history-max", marks=pytest.mark.slow),
    pytest.param("session-crd", "configmap", 0, id="crd"),
    pytest.param("session-tiller-namespace", "configmap", 2, id="namespace", marks=pytest.mark.slow),
    pytest.param("session", "configmap", 0, id="all", marks=pytest.mark.slow),
]
#: What stands for the exit code of a command that was ended by the recorder.
CUT_OFF: Any = "timeout"
#: The session with TLS, which has a test of its own.
WITH_TLS = "session-tls"


@pytest.fixture(scope="module")
def empty_cluster(realcluster: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The kubeconfig of a real control plane without any node."""
    with _compare.control_plane(realcluster, tmp_path_factory.mktemp("empty")) as kubeconfig:
        yield kubeconfig


def test_every_recorded_session_is_replayed(shared: Path) -> None:
    """No session that has commands is left out here, none with calls where calls are replayed."""
    golden = shared / "reference/helm2/golden"
    replays = importlib.import_module("functional.test_tiller_replay").SESSIONS
    here = {str(param.values[0]) for param in SESSIONS}
    assert {path.parent.name for path in golden.glob("*/session.jsonl")} == here | {WITH_TLS}
    assert {path.parent.name for path in golden.glob("*/grpc.jsonl")} == {param.values[0] for param in replays}
    assert {path.parent.name for path in golden.glob("*/tcp.jsonl")} == {"session-tcp"}  # see test_tiller_bytes.py


class Place:
    """A Tiller of this process, and a place to run a session's commands in.

    Args:
        workplace: The folder with the charts.
        recording: What is recorded of the session.
        records: Its records in the cluster.
        kubectl: The real program.
    """

    def __init__(self, workplace: Any, recording: Any, records: Any, kubectl: str) -> None:
        self.workplace = workplace
        self.records = records
        self._recording = recording
        self._kubectl = kubectl
        self.problems: list[str] = []
        self.compared = 0

    def run(self, step: Any, **variables: str) -> None:
        """Run one recorded command and compare what it prints and stores."""
        self.compared += 1
        self._recording.step = step.number
        given = {**step.variables, **variables}
        if step.words[0] == "kubectl":
            done = self._settled(step)
        elif step.exit_code == CUT_OFF:
            done = _cut_off(step, self.workplace)
        else:
            done = self.workplace.run(step.words, HELM_COMPAT_INSECURE="1", **given)
        self.problems += filter(None, (_compare.difference(step, done, self.workplace), self.records.difference(step)))

    def _settled(self, step: Any) -> Outcome:
        """Look again until controllers have done what they had done when it was recorded."""
        deadline = time.monotonic() + _replay.PATIENCE
        while True:
            done = _kubectl(self._kubectl, step, self.workplace)
            if not _compare.difference(step, done, self.workplace) or time.monotonic() > deadline:
                return done
            time.sleep(0.5)


def _kubectl(program: str, step: Any, workplace: Any) -> Outcome:
    """Run the real kubectl, which is newer than the recorded one."""
    words = [program, "--kubeconfig", workplace.kubeconfig, *step.words[1:]]
    done = subprocess.run(words, capture_output=True, text=True, timeout=180, check=False)
    return Outcome(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def _cut_off(step: Any, workplace: Any) -> Outcome:
    """Run a command that the recorder ended since it did not end by itself."""
    variables = {**os.environ, **workplace.variables(), "PYTHONPATH": str(REPOSITORY / "src")}
    process = subprocess.Popen(
        [sys.executable, "-m", "pilothouse", *step.words[1:]],
        env=variables,
        cwd=workplace.work,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        stdout, stderr = process.communicate(timeout=4)
    except subprocess.TimeoutExpired:
        process.kill()
        stdout, stderr = process.communicate()
        return Outcome(exit_code=CUT_OFF, stdout=stdout, stderr=stderr)
    return Outcome(exit_code=process.returncode, stdout=stdout, stderr=stderr)


@contextmanager
def tiller(
    golden: Path, client: KubeClient, kubeconfig: Path, folder: Path, context: Any, tls: TlsFiles | None = None
) -> Iterator[Any]:
    """Run a Tiller in this process and give a place with the session's charts."""
    server = TillerServer(Gate(context), version="v2.17.0", metrics=Metrics(0.0), reporter=SILENT)
    address = f"127.0.0.1:{server.listen('127.0.0.1:0', tls)}"
    server.start()
    try:
        with _replay.Player(client), _session.workplace(folder, golden, address) as workplace:
            workplace.kubeconfig = str(kubeconfig)
            yield workplace
    finally:
        server.stop(5)
        gc.collect()  # connections of the server's threads are told of here, and not after the last test


def _compared(session: str, place: Place, steps: int) -> None:
    equal = place.compared - len(place.problems)
    print(f"{session}: {equal} of {place.compared} commands and their records equal")
    assert not place.problems, "\n\n".join(place.problems)
    assert place.compared == steps


@pytest.mark.cluster
@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the server's threads keep connections
@pytest.mark.parametrize(("session", "driver", "history_max"), SESSIONS)
def test_commands_print_what_was_recorded(
    shared: Path,
    empty_cluster: Path,
    kubectl28: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    session: str,
    driver: str,
    history_max: int,
) -> None:
    """Every command prints the text, ends with the code and stores the records of Helm 2.17's client and Tiller."""
    golden = shared / "reference/helm2/golden"
    recording = _compare.Recording(golden / session)
    monkeypatch.setitem(METHODS, "InstallRelease", recording.on_full_second(METHODS["InstallRelease"]))
    monkeypatch.setitem(METHODS, "GetReleaseStatus", recording.patient(METHODS["GetReleaseStatus"]))
    assembly = Assembly(Environment(variables={"HOME": str(tmp_path), "KUBECONFIG": str(empty_cluster)}))
    steps = _session.steps(golden / session)
    with assembly.client() as client:
        namespace = f"tiller-{session}"
        client.create(NAMESPACES, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        context = assembly.tiller(driver=driver, namespace=namespace, history_max=history_max)
        context = context.replace(make_name=recording.name)
        with tiller(golden, client, empty_cluster, tmp_path, context) as workplace:
            records = _compare.Records(golden / session, client, namespace)
            place = Place(workplace, recording, records, kubectl28)
            for step in steps:
                place.run(step)
    _compared(session, place, len(steps))


@pytest.mark.cluster
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the server's threads keep connections
def test_commands_with_certificates_print_what_was_recorded(
    shared: Path, empty_cluster: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same for a Tiller that wants certificates, with the release that was there when the session began."""
    golden = shared / "reference/helm2/golden"
    steps = _session.steps(golden / WITH_TLS)
    made = make(str(tmp_path), "kube-system", Clock().now())
    tls = TlsFiles(certificate=made.server.certificate, key=made.server.key, authority=made.server.authority)
    assembly = Assembly(Environment(variables={"HOME": str(tmp_path), "KUBECONFIG": str(empty_cluster)}))
    with assembly.client() as client:
        namespace = f"tiller-{WITH_TLS}"
        for name in (namespace, "default"):
            with contextlib.suppress(Exists):
                client.create(NAMESPACES, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        first = json.loads((golden / WITH_TLS / "storage.jsonl").read_text().partition("\n")[0])["changed"][0]
        first["metadata"] = {key: first["metadata"][key] for key in ("name", "labels")}
        client.create(client.mapping("v1", "ConfigMap"), namespace, first)
        context = assembly.tiller(driver="configmap", namespace=namespace)
        with tiller(golden, client, empty_cluster, tmp_path, context, tls) as workplace:
            monkeypatch.chdir(workplace.work)
            for name, source in (("ca.pem", "ca.pem"), ("helm.pem", "cert.pem"), ("helm-key.pem", "key.pem")):
                (workplace.work / name).write_bytes(made.files[source])
            records = _compare.Records(golden / WITH_TLS, client, namespace)
            place = Place(workplace, _compare.Recording(golden / WITH_TLS), records, "")
            for step in steps:
                for name in ("ca.pem", "cert.pem", "key.pem") if step.note.startswith("$HELM_HOME has") else ():
                    (workplace.home / name).write_bytes(made.files[name])
                place.run(step, HELM_HOST=workplace.host)
    _compared(WITH_TLS, place, len(steps))
