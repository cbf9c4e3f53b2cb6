"""The command tiller as a process, on the embedded cluster and on a real API server, with clients over the wire."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("grpc")

import grpc  # type: ignore[import-untyped]  # grpcio ships no types

from pilothouse.charts.load import load
from pilothouse.hapi.convert import chart_message
from pilothouse.hapi.messages import SERVICE, ChartMessage, ConfigMessage, calls_of

REPOSITORY = Path(__file__).resolve().parents[2]
CLIENT = (("x-helm-api-client", "v2.17.0"),)

CHART = {
    "Chart.yaml": "name: demo\nversion: 0.1.0\n",
    "values.yaml": "# how it greets\ngreeting: hello\n",
    "templates/cm.yaml": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-cm\ndata:\n"
        '  greeting: {{ .Values.greeting | quote }}\n  revision: "{{ .Release.Revision }}"\n'
        "  service: {{ .Release.Service }}\n  tiller: {{ .Capabilities.TillerVersion.SemVer }}\n"
    ),
    "templates/NOTES.txt": "{{ .Values.greeting }} {{ .Release.Name }}\n",
}


class Tiller:
    """A running process and the answers of its calls."""

    def __init__(self, process: subprocess.Popen[str], port: int, probes: int) -> None:
        self.process = process
        self.port = port
        self.probes = probes
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}")

    def call(self, call_name: str, **fields: Any) -> Any:
        """Send one request and return the answer, a list for streams; a failure as its text."""
        call = calls_of(SERVICE)[call_name]
        make = self.channel.unary_stream if call.streams_responses else self.channel.unary_unary
        send = make(
            f"/{SERVICE}/{call_name}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=call.response.FromString,
        )
        try:
            answer = send(call.request(**fields), metadata=CLIENT, timeout=180)
            return list(answer) if call.streams_responses else answer
        except grpc.RpcError as error:
            return error.details()


@pytest.fixture(params=["configmap", "secret"])
def tiller(request: pytest.FixtureRequest, any_kubeconfig: Path, tmp_path: Path) -> Iterator[Tiller]:
    """The command with its default and its other store."""
    variables = {
        **os.environ,
        "KUBECONFIG": str(any_kubeconfig),
        "PYTHONPATH": str(REPOSITORY / "src"),
        "PILOTHOUSE_CACHE": str(tmp_path / "cache"),
    }
    listen = ["--listen", "127.0.0.1:0", "--probe-listen", "127.0.0.1:0", "--storage", request.param]
    process = subprocess.Popen(
        [sys.executable, "-m", "pilothouse.tiller.main", *listen], env=variables, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    lines = [process.stderr.readline() for _ in range(5)]
    ports = [int(line.rpartition(":")[2]) for line in lines[1:3]]
    running = Tiller(process, *ports)
    try:
        yield running
    finally:
        running.channel.close()
        process.terminate()
        process.communicate(timeout=180)


def test_a_release_lives_its_life(tiller: Tiller, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Installed, listed, upgraded with reused values, rolled back, deleted, brought back and purged."""
    for name, text in CHART.items():
        (tmp_path / "demo" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "demo" / name).write_text(text)
    chart = chart_message(load(str(tmp_path / "demo")))
    store = request.node.callspec.params["tiller"]
    name = f"life-{store}"

    def config(text: str) -> Any:
        return ConfigMessage(raw=text)

    installed = tiller.call(
        "InstallRelease", chart=chart, values=config("{}\n"), name=name, namespace="life", timeout=180
    )
    assert installed.release.info.Description == "Install complete", installed
    assert installed.release.info.status.notes == f"hello {name}\n"
    assert "service: Tiller" in installed.release.manifest
    assert "already exists" in tiller.call("InstallRelease", chart=chart, name=name, namespace="life")
    (listing,) = tiller.call("ListReleases", filter=f"^{name}$")
    assert [release.version for release in listing.releases] == [1]
    resources = tiller.call("GetReleaseStatus", name=name).info.status.resources
    assert resources.startswith(f"==> v1/ConfigMap\nNAME{' ' * (len(name) + 2)}DATA   AGE\n{name}-cm   4      ")

    upgraded = tiller.call("UpdateRelease", name=name, chart=chart, values=config("greeting: hi\n"), timeout=60)
    assert (upgraded.release.version, upgraded.release.info.status.notes) == (2, f"hi {name}\n")
    kept = tiller.call("UpdateRelease", name=name, chart=chart, values=config("{}\n"), timeout=60)
    assert kept.release.config.raw == "greeting: hi\n"
    back = tiller.call("RollbackRelease", name=name, version=1, timeout=60)
    assert (back.release.version, back.release.info.Description) == (4, "Rollback to 1")

    gone = tiller.call("UninstallRelease", name=name, timeout=60)
    assert gone.release.info.Description == "Deletion complete"
    assert "is already deleted" in tiller.call("UninstallRelease", name=name)
    assert tiller.call("RollbackRelease", name=name, version=2, timeout=60).release.version == 5
    statuses = [one.info.status.code for one in tiller.call("GetHistory", name=name, max=10).releases]
    assert statuses == [1, 3, 3, 3, 3]
    assert tiller.call("UninstallRelease", name=name, purge=True, timeout=60).release.name == name
    assert tiller.call("GetHistory", name=name, max=10) == f'release: "{name}" not found'


def test_probes_answer_on_their_own_port(tiller: Tiller) -> None:
    """Readiness, liveness and metrics are there, and nothing else."""
    for path in ("readiness", "liveness", "metrics"):
        with urllib.request.urlopen(f"http://127.0.0.1:{tiller.probes}/{path}", timeout=180) as answer:
            assert answer.status == 200


def test_a_signal_ends_it_in_order(tiller: Tiller) -> None:
    """After SIGTERM the process ends by itself, without an error."""
    tiller.call("GetVersion")
    tiller.process.terminate()
    assert tiller.process.wait(timeout=180) == 0


WAITS = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Release.Name }}}\nspec:\n"
    "  selector: {matchLabels: {a: {{ .Release.Name }}}}\n  template:\n    metadata:\n"
    "      labels: {a: {{ .Release.Name }}}\n"
    "      annotations: {node-player/outcome: never-ready, sandbox.pilothouse.dev/outcome: never-ready}\n"
    "    spec:\n      containers: [{name: c, image: c, readinessProbe: {exec: {command: [x]}}}]\n"
)


def test_a_signal_lets_what_runs_end(tiller: Tiller, request: pytest.FixtureRequest) -> None:
    """A call that waits when SIGTERM comes is answered, and its release recorded, before the process ends."""
    chart = ChartMessage()
    chart.metadata.name, chart.metadata.version = "slow", "0.1.0"
    chart.templates.add(name="templates/a.yaml", data=WAITS.encode())
    name = f"slow-{request.node.callspec.params['tiller']}-{uuid.uuid4().hex[:6]}"
    answers: list[Any] = []

    def install() -> None:
        answers.append(tiller.call("InstallRelease", chart=chart, name=name, namespace="slow", wait=True, timeout=6))

    thread = threading.Thread(target=install)
    thread.start()
    while isinstance(tiller.call("GetHistory", name=name, max=1), str):
        time.sleep(0.1)
    tiller.process.terminate()
    thread.join()
    assert answers == [f"release {name} failed: timed out waiting for the condition"]
    assert tiller.process.wait(timeout=180) == 0
