"""A pod of Tiller in the sandbox is a real process: with its identity, files, log, restarts and end."""

from __future__ import annotations

import base64
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("grpc")

import grpc  # type: ignore[import-untyped]  # grpcio ships no types

from pilothouse.clock import Clock
from pilothouse.environment import Environment
from pilothouse.golang.kinds import YamlValue
from pilothouse.hapi.messages import SERVICE, calls_of
from pilothouse.kube.client import KubeClient
from pilothouse.kube.config import load
from pilothouse.kube.errors import ObjectNotFound
from pilothouse.kube.portforward import PortForward
from pilothouse.sandbox import control
from pilothouse.sandbox.certificates import make_certificate

NAMESPACE = "kube-system"


class Cluster:
    """A running sandbox and its client."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        control.start(str(folder))
        variables = {"KUBECONFIG": str(folder / "kubeconfig"), "HOME": str(folder)}
        self.config = load(Environment(variables=variables))
        self.client = KubeClient(self.config)

    def create(self, api_version: str, kind: str, name: str, **parts: YamlValue) -> None:
        """Create an object in Tiller's namespace."""
        metadata = {"name": name, "namespace": NAMESPACE, **parts.pop("metadata", {})}
        mapping = self.client.mapping(api_version, kind)
        value = {"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts}
        self.client.create(mapping, NAMESPACE, value)

    def pod(self) -> dict[str, Any]:
        """Return the pod."""
        found: dict[str, Any] = self.client.get(self.client.mapping("v1", "Pod"), NAMESPACE, "tiller")
        return found

    def await_pod(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait until the pod's container is as wanted; return its status."""
        deadline = time.monotonic() + 120
        while True:
            statuses = self.pod().get("status", {}).get("containerStatuses") or [{}]
            if wanted(statuses[0]):
                return dict(statuses[0])
            assert time.monotonic() < deadline, (statuses, self.log())
            time.sleep(0.05)

    def await_no_pod(self) -> None:
        """Wait until the pod is gone."""
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            try:
                self.pod()
            except ObjectNotFound:
                return
            time.sleep(0.05)
        pytest.fail("the pod is still there")

    def log(self) -> str:
        """Return the pod's log."""
        return "".join(self.client.logs(NAMESPACE, "tiller"))

    def processes(self) -> list[int]:
        """Return the processes of pods of this sandbox."""
        found = []
        for each in Path("/proc").iterdir():
            try:
                ours = each.name.isdigit() and str(self.folder).encode() in (each / "environ").read_bytes()
                if ours and b"pod_process" in (each / "cmdline").read_bytes():
                    found.append(int(each.name))
            except OSError:
                continue
        return found

    def await_no_process(self) -> None:
        """Wait until no process of a pod is left."""
        deadline = time.monotonic() + 120
        while self.processes():
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A fresh sandbox, with a service account that may do everything in Tiller's namespace."""
    made = Cluster(tmp_path / "sandbox")
    try:
        made.create("v1", "ServiceAccount", "tiller")
        made.create(
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            "tiller",
            roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            subjects=[{"kind": "ServiceAccount", "name": "tiller", "namespace": NAMESPACE}],
        )
        yield made
    finally:
        made.client.close()
        control.stop(str(made.folder))
    made.await_no_process()


def spec_of(account: str = "tiller", **container: YamlValue) -> YamlValue:
    """Return the specification of a pod of Tiller."""
    probe = {"httpGet": {"path": "/readiness", "port": 44135}}
    tiller = {"name": "tiller", "image": "pilothouse/tiller:0.1.0", "readinessProbe": probe, **container}
    return {"serviceAccountName": account, "containers": [tiller]}


def call(channel: grpc.Channel, call_name: str, **fields: Any) -> Any:
    """Call Tiller and return the answer, or the text of its refusal."""
    found = calls_of(SERVICE)[call_name]
    make = channel.unary_stream if found.streams_responses else channel.unary_unary
    send = make(
        f"/{SERVICE}/{call_name}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=found.response.FromString,
    )
    try:
        answer = send(found.request(**fields), metadata=(("x-helm-api-client", "v2.17.0"),), timeout=180)
        return list(answer) if found.streams_responses else answer
    except grpc.RpcError as error:
        return error.details()


def test_it_runs_restarts_and_ends(cluster: Cluster) -> None:
    """Reached by port-forward, logged, started again when it dies or the sandbox restarts, gone with its pod."""
    cluster.create("v1", "Pod", "tiller", spec=spec_of())
    cluster.await_pod(lambda status: bool(status.get("ready")))
    with (
        PortForward(cluster.config, NAMESPACE, "tiller", 44134) as forward,
        grpc.insecure_channel(forward.address) as channel,
    ):
        assert call(channel, "GetVersion").Version.sem_ver == "v2.17.0"
        assert call(channel, "GetHistory", name="none") == 'release: "none" not found'
    assert "Starting Tiller v2.17.0 (tls=false)" in cluster.log()

    (pid,) = cluster.processes()
    os.kill(pid, signal.SIGKILL)
    status = cluster.await_pod(lambda status: bool(status.get("ready")) and status["restartCount"] == 1)
    assert status["lastState"]["terminated"]["exitCode"] == 137

    control.stop(str(cluster.folder))
    assert not cluster.processes()
    control.start(str(cluster.folder))
    cluster.await_pod(lambda status: bool(status.get("ready")) and status["restartCount"] == 2)

    (pid,) = cluster.processes()
    cluster.client.delete(cluster.client.mapping("v1", "Pod"), NAMESPACE, "tiller")
    cluster.await_no_process()
    cluster.await_no_pod()


def test_it_dies_with_the_sandbox(cluster: Cluster) -> None:
    """A sandbox that is killed leaves no process behind."""
    cluster.create("v1", "Pod", "tiller", spec=spec_of())
    cluster.await_pod(lambda status: bool(status.get("ready")))
    os.kill(control.status(str(cluster.folder)).pid, signal.SIGKILL)
    cluster.await_no_process()


def test_its_secrets_and_its_rights(cluster: Cluster) -> None:
    """TLS from a mounted Secret; the service account without rights is refused by the API as it would be anywhere."""
    certificate, key = make_certificate(Clock())
    data = {"tls.crt": base64.b64encode(certificate).decode(), "tls.key": base64.b64encode(key).decode()}
    cluster.create("v1", "Secret", "certs", data=data)
    cluster.create("v1", "ServiceAccount", "powerless")
    spec = spec_of(
        account="powerless",
        env=[{"name": "TILLER_TLS_ENABLE", "value": "1"}, {"name": "TILLER_TLS_CERTS", "value": "/etc/certs"}],
        volumeMounts=[{"name": "certs", "mountPath": "/etc/certs", "readOnly": True}],
    )
    spec["volumes"] = [{"name": "certs", "secret": {"secretName": "certs"}}]
    cluster.create("v1", "Pod", "tiller", spec=spec)
    cluster.await_pod(lambda status: bool(status.get("ready")))
    with PortForward(cluster.config, NAMESPACE, "tiller", 44134) as forward:
        trusted = grpc.ssl_channel_credentials(certificate)
        with grpc.secure_channel(forward.address, trusted) as channel:
            assert call(channel, "GetVersion").Version.sem_ver == "v2.17.0"
            refused = str(call(channel, "ListReleases"))
    who = f"system:serviceaccount:{NAMESPACE}:powerless"
    assert f'User "{who}" cannot list resource "configmaps" in API group "" in the namespace "{NAMESPACE}"' in refused
