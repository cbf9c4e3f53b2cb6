"""Simulated workloads make the secrets and config maps that others wait for, and only those that they would."""

from __future__ import annotations

import base64

import pytest

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox.lifecycle.world import Object, is_true
from unit.sandbox.simulation import Simulation

RIGHT = ("secrets", "n", "maker")


@pytest.fixture
def cluster() -> Simulation:
    """A cluster where the service account ``maker`` may create secrets."""
    made = Simulation()
    made.objects.rights.add(RIGHT)
    return made


def waiter(cluster: Simulation, name: str = "waiter", **secret: YamlValue) -> None:
    """Add a pod that mounts the secret ``web-cert``."""
    volumes = [{"name": "v", "secret": {"secretName": "web-cert", **secret}}]
    cluster.add("pods", name, spec={"containers": [{"name": "c", "image": "x"}], "volumes": volumes})


def maker(cluster: Simulation, outcome: str = "succeed", account: str = "maker", **container: YamlValue) -> None:
    """Add a pod that is told about the secret ``web-cert``."""
    told = container or {"args": ["--secret=n/web-cert"]}
    spec: Object = {"containers": [{"name": "c", "image": "x", **told}], "serviceAccountName": account}
    annotations = {"sandbox.pilothouse.dev/outcome": outcome}
    cluster.add("pods", "maker", metadata={"annotations": annotations}, spec=spec)


def ready(cluster: Simulation, name: str = "waiter") -> bool:
    """Tell whether a pod is ready after some seconds."""
    cluster.run(5)
    return is_true(cluster.at("pods", name), "Ready")


def test_a_secret_is_made_by_who_is_told_to(cluster: Simulation) -> None:
    """It has a certificate, says who made it, has no owner, and an event tells it."""
    waiter(cluster)
    cluster.run(2)
    assert cluster.objects.get("secrets", "n", "web-cert") is None
    maker(cluster)
    assert ready(cluster)
    secret = cluster.at("secrets", "web-cert")
    assert secret["type"] == "kubernetes.io/tls"
    assert set(secret["data"]) == {"tls.crt", "tls.key", "ca.crt"}
    assert base64.b64decode(secret["data"]["tls.crt"]).startswith(b"-----BEGIN CERTIFICATE-----")
    assert base64.b64decode(secret["data"]["tls.key"]).startswith(b"-----BEGIN PRIVATE KEY-----")
    assert secret["metadata"]["annotations"] == {"sandbox.pilothouse.dev/made-by": "maker"}
    assert "ownerReferences" not in secret["metadata"]
    told = [each for each in cluster.objects.list("events") if each["reason"] == "SimulatedWork"]
    assert [each["involvedObject"]["name"] for each in told] == ["maker"]
    assert told[0]["message"] == "Created Secret web-cert, which pod waiter waits for"


@pytest.mark.parametrize(
    "told",
    [
        {"command": ["make", "web-cert"]},
        {"args": ["--out", "secret/web-cert"]},
        {"env": [{"name": "SECRET", "value": "web-cert"}]},
        {"envFrom": [{"configMapRef": {"name": "config"}}]},
        {"env": [{"name": "C", "valueFrom": {"configMapKeyRef": {"name": "config", "key": "a.json"}}}]},
    ],
)
def test_names_are_found_in_what_a_pod_is_told(cluster: Simulation, told: Object) -> None:
    """Command, arguments, environment, and config maps taken into it."""
    cluster.add("configmaps", "config", data={"a.json": '{"secretName": "web-cert"}'})
    waiter(cluster)
    maker(cluster, **told)
    assert ready(cluster)


def test_names_are_found_in_mounted_config_maps(cluster: Simulation) -> None:
    """As a file that a certificate manager reads."""
    cluster.add("configmaps", "config", data={"a.json": '[{"secretName": "web-cert"}]'})
    waiter(cluster)
    spec = {
        "containers": [{"name": "c", "image": "x"}],
        "serviceAccountName": "maker",
        "volumes": [{"name": "c", "configMap": {"name": "config"}}],
    }
    cluster.add("pods", "maker", spec=spec)
    assert ready(cluster)


@pytest.mark.parametrize(
    "told", ["web-cert-2", "my-web-cert", "web-cert.n.svc", "old.web-cert", "WEB-CERT", "web_cert", "webcert"]
)
def test_other_names_are_not_taken_for_it(cluster: Simulation, told: str) -> None:
    """A part of another name does not name the secret: the pod goes on waiting."""
    waiter(cluster)
    maker(cluster, args=[told])
    assert not ready(cluster)
    assert cluster.objects.get("secrets", "n", "web-cert") is None


def test_without_the_right_nothing_is_made(cluster: Simulation) -> None:
    """What the service account may not create the workload could not create."""
    waiter(cluster)
    maker(cluster, account="default")
    assert not ready(cluster)


@pytest.mark.parametrize("outcome", ["crash-loop", "never-ready", "image-pull", "unschedulable"])
def test_a_pod_that_does_not_work_makes_nothing(cluster: Simulation, outcome: str) -> None:
    """Its failure is the failure of whoever waits for its work."""
    waiter(cluster)
    maker(cluster, outcome)
    assert not ready(cluster)


def test_a_job_has_done_its_work_when_it_ended(cluster: Simulation) -> None:
    """A pod that succeeded made what it was told to, even when nobody waited yet."""
    spec = {
        "containers": [{"name": "c", "image": "x", "args": ["--secret-name=web-cert"]}],
        "serviceAccountName": "maker",
        "restartPolicy": "Never",
    }
    cluster.add("pods", "job", spec=spec)
    cluster.run(3)
    assert cluster.at("pods", "job")["status"]["phase"] == "Succeeded"
    waiter(cluster)
    assert ready(cluster)


def test_a_pod_does_not_make_what_it_waits_for_itself(cluster: Simulation) -> None:
    """It cannot run before it has it."""
    spec = {
        "containers": [
            {"name": "c", "image": "x", "args": ["web-cert"], "envFrom": [{"secretRef": {"name": "web-cert"}}]}
        ],
        "serviceAccountName": "maker",
    }
    cluster.add("pods", "a", spec=spec)
    cluster.add("pods", "b", spec=spec)
    assert not ready(cluster, "a")


def test_keys_are_those_that_pods_need(cluster: Simulation) -> None:
    """Of a secret whose keys are named those are made, also when a pod comes later that needs another."""
    waiter(cluster, items=[{"key": "password", "path": "p"}])
    maker(cluster)
    assert ready(cluster)
    secret = cluster.at("secrets", "web-cert")
    assert secret["type"] == "Opaque"
    assert set(secret["data"]) == {"password"}
    environment = [{"name": "T", "valueFrom": {"secretKeyRef": {"name": "web-cert", "key": "token"}}}]
    cluster.add("pods", "late", spec={"containers": [{"name": "c", "image": "x", "env": environment}]})
    assert ready(cluster, "late")
    after = cluster.at("secrets", "web-cert")["data"]
    assert set(after) == {"password", "token"}
    assert after["password"] == secret["data"]["password"]


def test_a_key_that_is_missing_in_what_a_user_made_stays_missing(cluster: Simulation) -> None:
    """Only what workloads made is completed: a wrong key in a chart must be seen."""
    cluster.add("secrets", "web-cert", data={"a": ""})
    maker(cluster)
    environment = [{"name": "T", "valueFrom": {"secretKeyRef": {"name": "web-cert", "key": "b"}}}]
    cluster.add("pods", "p", spec={"containers": [{"name": "c", "image": "x", "env": environment}]})
    assert not ready(cluster, "p")
    (container,) = cluster.at("pods", "p")["status"]["containerStatuses"]
    assert container["state"]["waiting"]["message"] == "couldn't find key b in Secret n/web-cert"


def test_config_maps_are_made_too(cluster: Simulation) -> None:
    """With the right to create config maps, and text in place of what a secret encodes."""
    environment = [{"name": "T", "valueFrom": {"configMapKeyRef": {"name": "bundle", "key": "ca.crt"}}}]
    cluster.add("pods", "p", spec={"containers": [{"name": "c", "image": "x", "env": environment}]})
    maker(cluster, args=["--bundle=bundle"])
    assert not ready(cluster, "p")
    cluster.objects.rights.add(("configmaps", "n", "maker"))
    assert ready(cluster, "p")
    assert cluster.at("configmaps", "bundle")["data"]["ca.crt"].startswith("-----BEGIN CERTIFICATE-----")


def test_a_deployment_waits_no_longer_than_the_work_takes(cluster: Simulation) -> None:
    """Two seconds are enough for what the delays in the data add up to."""
    waiter(cluster)
    maker(cluster)
    cluster.run(2)
    assert is_true(cluster.at("pods", "waiter"), "Ready")
