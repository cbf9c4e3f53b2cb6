"""Recorded sessions of real Helm 2.17 with its Tiller, replayed against ours on a real API server."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("grpc")

from functional.tiller_replay import Player, Replay, exchanges
from pilothouse.assembly import Assembly, Settings
from pilothouse.environment import Environment
from pilothouse.errors import NotFound
from pilothouse.kube.client import KubeClient
from pilothouse.kube.resources import NAMESPACES
from pilothouse.tiller.service import ReleaseService

#: Folder, driver and limit of revisions of the recorded sessions; the long one is marked as slow.
SESSIONS = [
    pytest.param("session-secret", "secret", 0, id="secret"),
    pytest.param("session-memory", "memory", 0, id="memory"),
    pytest.param("session-history-max", "configmap", 3, id="history-max"),
    pytest.param("session-crd", "configmap", 0, id="crd"),
    pytest.param("session-tiller-namespace", "configmap", 0, id="namespace"),
    pytest.param("session", "configmap", 0, id="all", marks=pytest.mark.slow),
]


@pytest.fixture
def empty_cluster(realcluster: str, tmp_path: Path) -> Iterator[Path]:
    """The kubeconfig of a real control plane without any node."""
    started = subprocess.run(
        [sys.executable, realcluster, "up", str(tmp_path)], capture_output=True, text=True, timeout=180, check=False
    )
    if started.returncode:
        pytest.fail(f"the real cluster did not start: {started.stdout}{started.stderr}")
    (tmp_path / "kubeconfig").chmod(0o600)
    try:
        yield tmp_path / "kubeconfig"
    finally:
        subprocess.run([sys.executable, realcluster, "down", str(tmp_path)], check=True, timeout=60)


@pytest.mark.cluster
@pytest.mark.parametrize(("session", "driver", "history_max"), SESSIONS)
def test_recorded_calls_get_recorded_answers(
    shared: Path, empty_cluster: Path, tmp_path: Path, session: str, driver: str, history_max: int
) -> None:
    """Every call of a session gets the answer that real Tiller gave, but for times, ages, addresses and chance."""
    environment = Environment(variables={"HOME": str(tmp_path), "KUBECONFIG": str(empty_cluster)})
    assembly = Assembly(environment, Settings())
    names: list[str] = [""]
    context = assembly.tiller(driver=driver, namespace=_tiller_namespace(assembly.client()), history_max=history_max)
    service = ReleaseService(context.replace(make_name=lambda: names[0]))

    def name_next(name: str) -> None:
        names[0] = name

    replay = Replay(service, name_next)
    with Player(assembly.client()):
        problems = [replay.difference(exchange) for exchange in exchanges(shared / "reference/helm2/golden" / session)]
    assert [problem for problem in problems if problem] == []


def _tiller_namespace(client: KubeClient) -> str:
    with contextlib.suppress(NotFound):
        client.get(NAMESPACES, "", "kube-system")
        return "kube-system"
    client.create(NAMESPACES, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system"}})
    return "kube-system"
