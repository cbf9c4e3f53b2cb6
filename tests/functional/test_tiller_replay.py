"""Recorded sessions of real Helm 2.17 with its Tiller, replayed against ours on a real API server."""

from __future__ import annotations

import contextlib
import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("grpc")

import grpc  # type: ignore[import-untyped]  # grpcio ships no types

from pilothouse.assembly import Assembly
from pilothouse.environment import Environment
from pilothouse.errors import PilothouseError
from pilothouse.hapi.messages import SERVICE
from pilothouse.kube.resources import NAMESPACES
from pilothouse.tiller.service import CALLS, LARGEST_MESSAGE, ReleaseService

_compare = importlib.import_module("functional.helm2_compare")
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
    """A control plane for the calls in this process."""
    with _compare.control_plane(realcluster, tmp_path_factory.mktemp("empty")) as kubeconfig:
        yield kubeconfig


@pytest.fixture(scope="module")
def another_cluster(realcluster: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A control plane for the calls over the wire: sessions leave objects behind."""
    with _compare.control_plane(realcluster, tmp_path_factory.mktemp("another")) as kubeconfig:
        yield kubeconfig


@pytest.mark.cluster
@pytest.mark.parametrize(("session", "driver", "history_max"), SESSIONS)
def test_recorded_calls_get_recorded_answers(
    shared: Path, empty_cluster: Path, tmp_path: Path, session: str, driver: str, history_max: int
) -> None:
    """Calls get the answers that real Tiller gave, but for times and chance, and the cluster gets the same changes."""
    environment = Environment(variables={"HOME": str(tmp_path), "KUBECONFIG": str(empty_cluster)})
    assembly = Assembly(environment)
    names: list[str] = [""]

    def name_next(name: str) -> None:
        names[0] = name

    with assembly.client() as client, _replay.Player(client):
        namespace = f"tiller-{session}"
        client.create(NAMESPACES, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        context = assembly.tiller(driver=driver, namespace=namespace, history_max=history_max)
        cluster = _replay.ChangeRecorder(client)
        service = ReleaseService(context.replace(make_name=lambda: names[0], cluster=cluster))
        replay = _replay.Replay(_replay.answered_by(service), name_next, aliased_status=driver == "memory")
        folder = shared / "reference/helm2/golden" / session
        problems = []
        for exchange in _replay.exchanges(folder):
            cluster.step = exchange.step
            problems.append(replay.difference(exchange))
    found = [problem for problem in problems if problem]
    print(f"{session}: {len(problems) - len(found)} of {len(problems)} calls answered alike")
    assert not found, "\n\n".join(found)
    recorded = _replay.recorded_changes(folder)
    steps = recorded.keys() | cluster.changes.keys()
    # What is done at once comes in any order.
    ours, theirs = ({step: sorted(one.get(step, ())) for step in steps} for one in (cluster.changes, recorded))
    wrong = {step: (theirs[step], ours[step]) for step in steps if ours[step] != theirs[step]}
    assert not wrong, "\n".join(f"step {step}: recorded {one}\nours {two}" for step, (one, two) in wrong.items())


# ── over the wire ──────────────────────────────────────────────────────────────────────────────────────────────────

REPOSITORY = Path(__file__).resolve().parents[2]
OVER_THE_WIRE = [
    pytest.param("session-history-max", ("--history-max=3",), id="history-max"),
    pytest.param("session", ("--storage=configmap",), id="all", marks=pytest.mark.slow),
]


@contextlib.contextmanager
def tiller_process(kubeconfig: Path, namespace: str, folder: Path, *flags: str) -> Iterator[str]:
    """Run the command tiller and give its address."""
    variables = {
        **os.environ,
        "HOME": str(folder),
        "KUBECONFIG": str(kubeconfig),
        "TILLER_NAMESPACE": namespace,
        "PYTHONPATH": str(REPOSITORY / "src"),
    }
    command = [sys.executable, "-m", "pilothouse.tiller.main", "--listen=127.0.0.1:0", "--probe=false", *flags]
    with (folder / "tiller.log").open("w") as log:
        process = subprocess.Popen(command, env=variables, stderr=log)
        try:
            yield f"127.0.0.1:{_port(process, folder / 'tiller.log')}"
        finally:
            process.terminate()
            process.wait(timeout=180)


def _port(process: subprocess.Popen[bytes], log: Path) -> int:
    while process.poll() is None:
        for line in log.read_text().splitlines():
            if "GRPC listening on" in line:
                return int(line.rpartition(":")[2])
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.1)
    pytest.fail(f"tiller did not start: {log.read_text()}")


@pytest.mark.cluster
@pytest.mark.parametrize(("session", "flags"), OVER_THE_WIRE)
def test_a_process_on_a_real_api_server_gives_the_recorded_answers(
    shared: Path, another_cluster: Path, tmp_path: Path, session: str, flags: tuple[str, ...]
) -> None:
    """The command tiller, called over gRPC, answers a recorded session as real Tiller did.

    Releases that it would have to make up a name for are given the name that real Tiller made up.
    """
    environment = Environment(variables={"HOME": str(tmp_path), "KUBECONFIG": str(another_cluster)})
    names = [""]

    def send(channel: Any, name: str, request: Any) -> Any:
        call = CALLS[name]
        if name == "InstallRelease" and not request.name:
            request.name = names[0]
        make = channel.unary_stream if call.streams_responses else channel.unary_unary
        method = make(
            f"/{SERVICE}/{name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=call.response.FromString,
        )
        try:
            found = method(request, metadata=(("x-helm-api-client", "v2.17.0"),), timeout=300)
            return list(found) if call.streams_responses else found
        except grpc.RpcError as error:
            raise PilothouseError(error.details()) from error

    def name_next(name: str) -> None:
        names[0] = name

    with Assembly(environment).client() as client, _replay.Player(client):
        namespace = f"wire-{session}"
        client.create(NAMESPACES, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
        options = [("grpc.max_receive_message_length", LARGEST_MESSAGE)]
        with (
            tiller_process(another_cluster, namespace, tmp_path, *flags) as address,
            grpc.insecure_channel(address, options=options) as channel,
        ):
            replay = _replay.Replay(lambda name, request: send(channel, name, request), name_next)
            folder = shared / "reference/helm2/golden" / session
            problems = [replay.difference(exchange) for exchange in _replay.exchanges(folder)]
    found = [problem for problem in problems if problem]
    assert not found, "\n\n".join(found)
