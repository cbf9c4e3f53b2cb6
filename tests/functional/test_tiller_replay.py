"""Recorded sessions of real Helm 2.17 with its Tiller, replayed against ours on a real API server."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("grpc")

from pilothouse.assembly import Assembly
from pilothouse.environment import Environment
from pilothouse.kube.resources import NAMESPACES
from pilothouse.tiller.service import ReleaseService

_replay = importlib.import_module("functional.tiller_replay")

#: Folder, driver and limit of revisions of the recorded sessions; the long one is marked as slow.
SESSIONS = [
    pytest.param("session-secret", "secret", 0, id="secret"),
    pytest.param("session-memory", "memory", 0, id="memory"),
    pytest.param("session-history-max", "configmap", 3, id="history-max"),
    pytest.param("session-crd", "configmap", 0, id="crd"),
    pytest.param("session-tiller-namespace", "configmap", 2, id="namespace"),
    pytest.param("session", "configmap", 0, id="all", marks=pytest.mark.slow),
]


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


@pytest.mark.cluster
@pytest.mark.parametrize(("session", "driver", "history_max"), SESSIONS)
def test_recorded_calls_get_recorded_answers(
    shared: Path, empty_cluster: Path, tmp_path: Path, session: str, driver: str, history_max: int
) -> None:
    """Calls get the answers that real Tiller gave, but for times, ages and chance, and objects get the same patches."""
    environment = Environment(variables={"HOME": str(tmp_path), "KUBECONFIG": str(empty_cluster)})
    assembly = Assembly(environment)
    names: list[str] = [""]

    def name_next(name: str) -> None:
        names[0] = name

    with assembly.client() as client, _replay.Player(client):
        namespace = f"tiller-{session}"
        client.create(NAMESPACES, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        context = assembly.tiller(driver=driver, namespace=namespace, history_max=history_max)
        cluster = _replay.PatchRecorder(client)
        service = ReleaseService(context.replace(make_name=lambda: names[0], cluster=cluster))
        replay = _replay.Replay(service, name_next, aliased_status=driver == "memory")
        folder = shared / "reference/helm2/golden" / session
        problems = [replay.difference(exchange) for exchange in _replay.exchanges(folder)]
    found = [problem for problem in problems if problem]
    assert not found, "\n\n".join(found)
    assert cluster.patches == _replay.recorded_patches(folder)
