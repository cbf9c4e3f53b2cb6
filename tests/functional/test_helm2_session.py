"""The recorded sessions of Helm 2.17, command by command, with our client against our Tiller on a real API server."""

from __future__ import annotations

import difflib
import gc
import importlib
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("grpc")

from pilothouse.assembly import Assembly
from pilothouse.environment import Environment
from pilothouse.kube.resources import NAMESPACES
from pilothouse.progress import SILENT
from pilothouse.tiller.gate import Gate
from pilothouse.tiller.metrics import Metrics
from pilothouse.tiller.server import TillerServer
from pilothouse.tiller.service import METHODS

_session = importlib.import_module("functional.helm2_session")
_replay = importlib.import_module("functional.tiller_replay")

#: Folder, driver and limit of revisions of the recorded sessions; most are marked as slow.
SESSIONS = [
    pytest.param("session-secret", "secret", 0, id="secret"),
    pytest.param("session-history-max", "configmap", 3, id="history-max", marks=pytest.mark.slow),
    pytest.param("session-crd", "configmap", 0, id="crd"),
    pytest.param("session-tiller-namespace", "configmap", 2, id="namespace", marks=pytest.mark.slow),
    pytest.param("session", "configmap", 0, id="all", marks=pytest.mark.slow),
]
#: What differs in every run: times, ages, addresses, random suffixes, and the widths of columns that hold them.
MASKS = (
    (re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}"), "<time>"),
    (re.compile(r"\b[A-Z][a-z]{2}(?: [A-Z][a-z]{0,2})?\.\.\."), "<cut time>"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "<time>"),
    (re.compile(r'"seconds":\d+,"nanos":\d+'), '"<time>"'),
    (re.compile(r"(?:nanos|seconds): \d+"), "<time>"),
    (re.compile(r"10\.96\.\d+\.\d+"), "<address>"),
    (re.compile(r"(?:-[a-z0-9]{8,10})?-[a-z0-9]{5}(?=  )"), "-<random>"),
    (re.compile(r"\b(?:\d+[smhd])+(?=\s|\\n|$)"), "<age>"),
    (re.compile(r"(?<=pods: )\d+(?=/)"), "<used>"),
    (re.compile(r"127\.0\.0\.1:\d+"), "<host>"),
    (re.compile(r" +"), " "),
)


def masked(text: str) -> str:
    """Return what was printed without what differs in every run."""
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return "\n".join(line.rstrip() for line in text.split("\n"))


@pytest.fixture(scope="module")
def empty_cluster(realcluster: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The kubeconfig of a real control plane without any node."""
    folder = tmp_path_factory.mktemp("empty")
    started = subprocess.run(
        [sys.executable, realcluster, "up", str(folder)], capture_output=True, text=True, timeout=180, check=False
    )
    if started.returncode:
        pytest.fail(f"the real cluster did not start: {started.stdout}{started.stderr}")
    (folder / "kubeconfig").chmod(0o600)
    try:
        yield folder / "kubeconfig"
    finally:
        subprocess.run([sys.executable, realcluster, "down", str(folder)], check=True, timeout=60)


class Recording:
    """Makes our Tiller's answers comparable: the names that were made up, and pods that have settled.

    Args:
        folder: The recorded session.
    """

    def __init__(self, folder: Path) -> None:
        self._exchanges: dict[int, list[Any]] = {}
        for exchange in _replay.exchanges(folder):
            self._exchanges.setdefault(exchange.step, []).append(exchange)
        self.step = 0

    def name(self) -> str:
        """Return the name that the recorded Tiller made up."""
        return next(
            str(one.responses[0].release.name)
            for one in self._exchanges.get(self.step, ())
            if one.name == "InstallRelease" and one.responses
        )

    def on_full_second(self, answer: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """Begin each call in a second of its own, since lists are sorted by seconds."""

        def install(service: Any, request: Any) -> Any:
            if not request.dry_run:
                time.sleep(1.0 - time.time() % 1.0)
            return answer(service, request)

        return install

    def patient(self, answer: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """Ask for a status again until pods are as they were."""

        def status(service: Any, request: Any) -> Any:
            wanted = {
                _replay.masked(one.responses[0])
                for one in self._exchanges.get(self.step, ())
                if one.name == "GetReleaseStatus" and one.responses
            }
            deadline = time.monotonic() + _replay.PATIENCE
            while True:
                found = answer(service, request)
                if not wanted or _replay.masked(found) in wanted or time.monotonic() > deadline:
                    return found
                time.sleep(0.25)

        return status


@pytest.mark.cluster
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the server's threads keep connections
@pytest.mark.parametrize(("session", "driver", "history_max"), SESSIONS)
def test_commands_print_what_was_recorded(
    shared: Path,
    empty_cluster: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    session: str,
    driver: str,
    history_max: int,
) -> None:
    """Every command prints the text and ends with the code that Helm 2.17's client and Tiller gave together."""
    golden = shared / "reference/helm2/golden"
    recording = Recording(golden / session)
    monkeypatch.setitem(METHODS, "InstallRelease", recording.on_full_second(METHODS["InstallRelease"]))
    monkeypatch.setitem(METHODS, "GetReleaseStatus", recording.patient(METHODS["GetReleaseStatus"]))
    environment = Environment(variables={"HOME": str(tmp_path), "KUBECONFIG": str(empty_cluster)})
    assembly = Assembly(environment)
    problems: list[str] = []
    compared = 0
    with assembly.client() as client, _replay.Player(client):
        namespace = f"tiller-{session}"
        client.create(NAMESPACES, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        context = assembly.tiller(driver=driver, namespace=namespace, history_max=history_max)
        gate = Gate(context.replace(make_name=recording.name))
        server = TillerServer(gate, version="v2.17.0", metrics=Metrics(0.0), reporter=SILENT)
        address = f"127.0.0.1:{server.listen('127.0.0.1:0')}"
        server.start()
        with _session.workplace(tmp_path, golden, address) as place:
            place.kubeconfig = str(empty_cluster)
            for step in _session.steps(golden / session):
                if step.words[0] != "helm":
                    continue
                compared += 1
                recording.step = step.number
                done = place.run(step.words, HELM_COMPAT_INSECURE="1", **step.variables)
                problems += _differences(step, done, place)
        server.stop(5)
    gc.collect()  # connections of the server's threads are told of here, and not after the last test
    print(f"{session}: {compared - len(problems)} of {compared} commands equal")
    assert not problems, "\n\n".join(problems)


def _is_unordered(step: Any) -> bool:
    """Return whether a command prints hooks or tests, whose order is by chance in Go."""
    words: list[str] = step.words[1:]
    return words[0] == "test" or words[:2] == ["get", "hooks"] or words[:2] == ["status", "ty"]


def _differences(step: Any, done: Any, place: Any) -> list[str]:
    recorded = f"exit {step.exit_code}\n{masked(step.stdout)}\n{masked(step.stderr)}"
    ours = f"exit {done.exit_code}\n{masked(place.masked(done.stdout))}\n{masked(place.masked(done.stderr))}"
    before, after = (text.replace("$HELM_HOST", "<host>").split("\n") for text in (recorded, ours))
    if _is_unordered(step):
        before, after = (sorted(re.split(r"[,\n\[]", "\n".join(lines).replace("]", ""))) for lines in (before, after))
    lines = difflib.unified_diff(before, after, "2.17", "ours", n=1, lineterm="")
    text = "\n".join(line[:1500] for line in lines)
    return [f"{step}\n{text}"] if text else []
