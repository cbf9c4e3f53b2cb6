"""A Tiller that is killed while a hook runs: the next operations find the way free."""

from __future__ import annotations

import importlib
import signal
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("grpc")

import grpc  # type: ignore[import-untyped]  # grpcio ships no types

from pilothouse.hapi.messages import ChartMessage, ConfigMessage

benchmark = importlib.import_module("functional.test_tiller_load").benchmark
NAMESPACE = "killed-hooks"
HOOK = """apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-hook
  annotations: {helm.sh/hook: "pre-install,pre-upgrade", helm.sh/hook-delete-policy: hook-succeeded}
spec:
  backoffLimit: 0
  template:
    metadata:
      annotations: {node-player/outcome: {{ .Values.how }}, sandbox.pilothouse.dev/outcome: {{ .Values.how }}}
    spec: {restartPolicy: Never, terminationGracePeriodSeconds: 0, containers: [{name: c, image: c}]}
"""
OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}}\ndata: {a: {{ .Values.how }}}\n"
ENDLESS, QUICK = "how: never-ready\n", "how: fine\n"


def chart() -> Any:
    """Return a chart with a hook that ends, or does not."""
    made = ChartMessage()
    made.metadata.name, made.metadata.version = "hooked", "0.1.0"
    made.templates.add(name="templates/hook.yaml", data=HOOK.encode())
    made.templates.add(name="templates/object.yaml", data=OBJECT.encode())
    made.values.raw = QUICK
    return made


@pytest.fixture
def tiller(benchmark: Any, any_kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A running Tiller."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2] / "src"))
    with benchmark.running(str(any_kubeconfig), "kube-system", "configmap") as running:
        yield running


def cut_off(benchmark: Any, tiller: Any, call: Callable[[Any], None], name: str) -> None:
    """Begin a call, kill Tiller while its hook runs, and start Tiller again."""

    def work() -> None:
        with benchmark.Client(tiller.address) as client, pytest.raises(grpc.RpcError):
            call(client)

    thread = threading.Thread(target=work)
    thread.start()
    with benchmark.Client(tiller.address) as client:
        while not benchmark._state(client, name).startswith("PENDING"):
            time.sleep(0.05)
    time.sleep(1)  # the hook's Job is made right after the record
    tiller.stop(signal.SIGKILL)
    thread.join()
    tiller.start()


def test_an_interrupted_hook_is_in_nobodys_way(benchmark: Any, tiller: Any) -> None:
    """Killed in the hook of an installation and in that of an upgrade: deleted, installed and upgraded without help."""
    name = f"hook-{uuid.uuid4().hex[:8]}"
    fields = {"name": name, "chart": chart(), "timeout": 30}

    def install(client: Any, how: str) -> Any:
        return client("InstallRelease", namespace=NAMESPACE, values=ConfigMessage(raw=how), **fields)

    def upgrade(client: Any, how: str) -> Any:
        return client("UpdateRelease", values=ConfigMessage(raw=how), **fields)

    cut_off(benchmark, tiller, lambda client: install(client, ENDLESS), name)
    with benchmark.Client(tiller.address) as client:
        assert benchmark._state(client, name) == "FAILED (interrupted)"
        client("UninstallRelease", name=name, purge=True)
        assert install(client, QUICK).release.info.Description == "Install complete"
    cut_off(benchmark, tiller, lambda client: upgrade(client, ENDLESS), name)
    with benchmark.Client(tiller.address) as client:
        assert benchmark._state(client, name) == "FAILED (interrupted)"
        assert upgrade(client, QUICK).release.info.Description == "Upgrade complete"
        history = client("GetHistory", name=name, max=9).releases
        assert [one.info.status.code for one in history] == [1, 4, 3]
        client("UninstallRelease", name=name, purge=True)


def test_a_first_hook_that_fails_leaves_no_record(benchmark: Any, tiller: Any) -> None:
    """As with Helm 2.17, a release whose pre-install hook failed does not exist."""
    name = f"hook-{uuid.uuid4().hex[:8]}"
    with benchmark.Client(tiller.address) as client:
        values = ConfigMessage(raw="how: fail\n")
        with pytest.raises(grpc.RpcError, match="Job failed: BackoffLimitExceeded"):
            client("InstallRelease", name=name, namespace=NAMESPACE, chart=chart(), values=values, timeout=30)
        assert benchmark._state(client, name) == "nothing"
