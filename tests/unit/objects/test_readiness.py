"""Objects are ready when Helm and kstatus say so."""

from __future__ import annotations

import pytest

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.readiness import FAILED, hook_status, kstatus, legacy


def made(api_version: str, kind: str, **parts: YamlValue) -> dict[str, YamlValue]:
    """Return an object."""
    metadata = {"name": "x", "namespace": "n", **parts.pop("metadata", {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts}


def true(kind: str, **more: str) -> dict[str, str]:
    """Return a condition that holds."""
    return {"type": kind, "status": "True", **more}


READY = {"replicas": 2, "updatedReplicas": 2, "readyReplicas": 2, "availableReplicas": 2}
AVAILABLE = [true("Available"), true("Progressing", reason="NewReplicaSetAvailable")]
SPEC = {"replicas": 2, "progressDeadlineSeconds": 600}


@pytest.mark.parametrize(
    ("target", "status", "message"),
    [
        (made("v1", "ConfigMap"), "Current", "Resource is always ready"),
        (made("apps/v1", "Deployment", spec=SPEC, status={}), "InProgress", "Replicas: 0/2"),
        (
            made("apps/v1", "Deployment", spec=SPEC, status={**READY, "updatedReplicas": 1}),
            "InProgress",
            "Updated: 1/2",
        ),
        (
            made("apps/v1", "Deployment", spec=SPEC, status={**READY, "availableReplicas": 0}),
            "InProgress",
            "Available: 0/2",
        ),
        (made("apps/v1", "Deployment", spec=SPEC, status=READY), "InProgress", "ReplicaSet not Available"),
        (
            made("apps/v1", "Deployment", spec=SPEC, status={**READY, "conditions": AVAILABLE}),
            "Current",
            "Deployment is available. Replicas: 2",
        ),
        (
            made(
                "apps/v1",
                "Deployment",
                spec=SPEC,
                status={
                    "conditions": [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]
                },
            ),
            "Failed",
            "Progress deadline exceeded",
        ),
        (
            made("apps/v1", "Deployment", metadata={"generation": 2}, status={"observedGeneration": 1}),
            "InProgress",
            "Deployment generation is 2, but latest observed generation is 1",
        ),
        (made("v1", "Pod", metadata={"deletionTimestamp": "x"}), "Terminating", "Resource scheduled for deletion"),
        (made("v1", "Pod", status={"phase": "Pending"}), "InProgress", "Pod is in the Pending phase"),
        (
            made(
                "v1",
                "Pod",
                status={
                    "phase": "Running",
                    "containerStatuses": [{"name": "c", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}],
                },
            ),
            "Failed",
            "Containers in CrashLoop state: c",
        ),
        (
            made("v1", "PersistentVolumeClaim", status={"phase": "Pending"}),
            "InProgress",
            "PVC is not Bound. phase: Pending",
        ),
        (made("batch/v1", "Job", status={}), "InProgress", "Job not started"),
        (
            made("batch/v1", "Job", status={"startTime": "x", "active": 1}),
            "Current",
            "Job in progress. success:0, active: 1, failed: 0",
        ),
        (made("apps/v1", "StatefulSet", spec={"replicas": 1}, status={"replicas": 1}), "InProgress", "Ready: 0/1"),
        (
            made("apps/v1", "DaemonSet", metadata={"generation": 1}),
            "InProgress",
            "DaemonSet status.observedGeneration not found",
        ),
        (
            made("v1", "Service", spec={"type": "LoadBalancer"}),
            "InProgress",
            "ClusterIP not set. Service type: LoadBalancer",
        ),
        (made("e.com/v1", "Thing"), "Current", "Resource is current"),
        (
            made("e.com/v1", "Thing", status={"conditions": [{"type": "Ready", "status": "False", "message": "no"}]}),
            "InProgress",
            "no",
        ),
        (made("e.com/v1", "Thing", status={"conditions": [true("Stalled", message="bad")]}), "Failed", "bad"),
    ],
)
def test_kstatus(target: dict[str, YamlValue], status: str, message: str) -> None:
    """Status and message are kstatus'."""
    found = kstatus(target, now=0)
    assert (found.status, found.message) == (status, message)


def test_unschedulable_pods_fail_after_a_while() -> None:
    """For fifteen seconds a pod may be without a node."""
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
    pod = made(
        "v1",
        "Pod",
        metadata={"creationTimestamp": "1970-01-01T00:01:00Z"},
        status={"phase": "Pending", "conditions": [condition]},
    )
    assert kstatus(pod, now=70).message == "Pod has not been scheduled"
    assert kstatus(pod, now=80).status == FAILED


def test_jobs_that_must_complete() -> None:
    """As hooks, and when asked to wait for them, Jobs count only when they ended."""
    running = made("batch/v1", "Job", status={"startTime": "x"})
    done = made("batch/v1", "Job", spec={"completions": 1}, status={"succeeded": 1, "conditions": [true("Complete")]})
    failed = made("batch/v1", "Job", status={"failed": 1, "conditions": [true("Failed")]})
    assert kstatus(running, now=0, wait_for_jobs=True).message == "Job in progress"
    assert hook_status(done, now=0).message == "Job Completed. succeeded: 1/1"
    assert hook_status(failed, now=0).message == "Job Failed. failed: 1/1"
    assert hook_status(made("v1", "ConfigMap"), now=0).is_ready
    assert hook_status(made("v1", "Pod", status={"phase": "Failed"}), now=0).status == FAILED


def rolling(status: YamlValue, **spec: YamlValue) -> dict[str, YamlValue]:
    """Return a Deployment that is rolled out."""
    strategy = {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}
    return made("apps/v1", "Deployment", metadata={"generation": 1}, spec={"strategy": strategy, **spec}, status=status)


@pytest.mark.parametrize(
    ("replicas", "ready", "expected"), [(4, 3, True), (4, 2, False), (1, 0, False), (1, 1, True), (0, 0, True)]
)
def test_legacy_deployments(replicas: int, ready: int, expected: bool) -> None:  # noqa: FBT001
    """As many pods as the strategy demands are enough."""
    newest = made(
        "apps/v1", "ReplicaSet", metadata={"generation": 1}, status={"observedGeneration": 1, "readyReplicas": ready}
    )
    target = rolling({"observedGeneration": 1}, replicas=replicas)
    assert legacy(target, replica_set=newest).is_ready is expected
    assert not legacy(target).is_ready
    assert legacy(rolling({}, paused=True)).is_ready


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        (made("v1", "Pod", status={"conditions": [true("Ready")]}), True),
        (made("v1", "Pod"), False),
        (made("v1", "Service", spec={"type": "ExternalName"}), True),
        (made("v1", "Service", spec={"clusterIP": ""}), False),
        (made("v1", "Service", spec={"clusterIP": "None"}), True),
        (made("v1", "Service", spec={"clusterIP": "1.2.3.4", "type": "LoadBalancer"}), False),
        (made("v1", "Service", spec={"clusterIP": "1.2.3.4", "type": "LoadBalancer", "externalIPs": ["1"]}), True),
        (made("v1", "PersistentVolumeClaim", status={"phase": "Bound"}), True),
        (made("batch/v1", "Job", spec={"completions": 1}), True),
        (made("apps/v1beta1", "StatefulSet", metadata={"generation": 1}), True),
        (
            made(
                "apps/v1",
                "StatefulSet",
                spec={"replicas": 1, "updateStrategy": {"type": "RollingUpdate"}},
                status={"updatedReplicas": 1, "readyReplicas": 1, "currentRevision": "a", "updateRevision": "b"},
            ),
            False,
        ),
        (
            made("apiextensions.k8s.io/v1", "CustomResourceDefinition", status={"conditions": [true("Established")]}),
            True,
        ),
    ],
)
def test_legacy_kinds(target: dict[str, YamlValue], expected: bool) -> None:  # noqa: FBT001
    """Each kind has its own rule, and only in the versions that Helm knows."""
    assert legacy(target).is_ready is expected


def test_legacy_jobs() -> None:
    """A job that failed too often ends the wait."""
    job = made("batch/v1", "Job", spec={"completions": 1, "backoffLimit": 1}, status={"failed": 2})
    found = legacy(job, wait_for_jobs=True)
    assert (found.status, found.message) == (FAILED, "job is failed: n/x")
    assert not legacy(made("batch/v1", "Job", spec={"completions": 1}), wait_for_jobs=True).is_ready
