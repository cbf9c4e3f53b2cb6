"""Why workloads are not ready, told from recorded states of pods and events."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.objects.diagnosis import Cause, causes_in_pod, causes_of_owner, newest_event, ready_count


def pod(state: dict[str, Any], *, init: bool = False, **status: Any) -> dict[str, Any]:
    """Return a pod whose only container is in a state."""
    names = ("initContainers", "initContainerStatuses") if init else ("containers", "containerStatuses")
    container = {"name": "main", "image": "shop:1", "resources": {"limits": {"memory": "64Mi"}}}
    return {
        "kind": "Pod",
        "spec": {names[0]: [container]},
        "status": {names[1]: [{"name": "main", "state": state, **status}]},
    }


def event(reason: str, message: str, *, kind: str = "Warning", at: str = "2026-01-01T00:00:00Z") -> dict[str, Any]:
    """Return an event about the container."""
    about = {"fieldPath": "spec.containers{main}"}
    return {"reason": reason, "message": message, "type": kind, "lastTimestamp": at, "involvedObject": about}


ENDED = {"terminated": {"exitCode": 3, "reason": "Error"}}
KILLED = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
BACK_OFF = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}


@pytest.mark.parametrize(
    ("item", "events", "cause"),
    [
        (
            pod({"waiting": {"reason": "ErrImagePull", "message": "not found"}}),
            [],
            Cause(text='image "shop:1" cannot be pulled: not found'),
        ),
        (
            pod({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}),
            [event("Failed", 'Failed to pull image "shop:1": denied'), event("Failed", "Error: ErrImagePull")],
            Cause(text='image "shop:1" cannot be pulled: denied'),
        ),
        (
            pod({"waiting": {"reason": "CreateContainerConfigError", "message": 'secret "x" not found'}}),
            [],
            Cause(text='container main cannot be started: secret "x" not found'),
        ),
        (pod(ENDED), [], Cause(text="container main ended with exit code 3", container="main")),
        (pod(ENDED, init=True), [], Cause(text="container main ended with exit code 3", container="main")),
        (
            pod(BACK_OFF, lastState=ENDED, restartCount=1),
            [],
            Cause(text="container main ended with exit code 3, after 1 restart", container="main", previous=True),
        ),
        (
            pod(BACK_OFF, lastState=KILLED, restartCount=2),
            [],
            Cause(text="container main ran out of memory (its limit is 64Mi)", container="main", previous=True),
        ),
        (
            pod({"running": {}}, ready=False),
            [
                event("Unhealthy", "Readiness probe failed: old"),
                event("Unhealthy", "Readiness probe failed: \x1b[2J503", at="2026-01-02T00:00:00Z"),
            ],
            Cause(text="container main runs but is not ready: readiness probe failed: ?[2J503", container="main"),
        ),
        (pod({"running": {}}, ready=False), [], Cause(text="container main runs but is not ready", container="main")),
        (
            pod({"waiting": {"reason": "ContainerCreating"}}),
            [event("Pulled", "fine", kind="Normal"), event("FailedMount", 'MountVolume.SetUp failed:\n"x" not found')],
            Cause(text='MountVolume.SetUp failed: "x" not found'),
        ),
        (
            {
                "spec": {"containers": [{"name": "main"}]},
                "status": {
                    "conditions": [
                        {"type": "PodScheduled", "status": "False", "message": "0/1 nodes. preemption: none"},
                    ]
                },
            },
            [],
            Cause(text="no node fits: 0/1 nodes."),
        ),
    ],
)
def test_pod(item: dict[str, Any], events: list[dict[str, Any]], cause: Cause) -> None:
    """Each way to fail has its words, and names the log that says more."""
    assert causes_in_pod(item, events) == [cause]


@pytest.mark.parametrize(
    "item", [pod({"running": {}}, ready=True), pod({"terminated": {"exitCode": 0}}), pod(BACK_OFF | {}, ready=True)]
)
def test_nothing_wrong(item: dict[str, Any]) -> None:
    """A pod that does well has no cause."""
    assert causes_in_pod(item, []) == []


@pytest.mark.parametrize(
    ("item", "events", "text"),
    [
        (
            {"kind": "ReplicaSet", "status": {"conditions": [
                {"type": "ReplicaFailure", "status": "True", "message": "exceeded quota"}]}},
            [],
            "no pod can be created: exceeded quota",
        ),
        ({"kind": "PersistentVolumeClaim", "status": {"phase": "Pending"}}, [], "no volume is bound"),
        (
            {"kind": "PersistentVolumeClaim", "status": {"phase": "Pending"}},
            [event("ProvisioningFailed", "no class", kind="Normal")],
            "no volume is bound: no class",
        ),
        (
            {"kind": "Service", "spec": {"type": "LoadBalancer"}, "status": {"loadBalancer": {}}},
            [],
            "the load balancer has no address yet",
        ),
        ({"kind": "Wheel"}, [event("Bent", "it is bent")], "it is bent"),
    ],
)  # fmt: skip
def test_owner(item: dict[str, Any], events: list[dict[str, Any]], text: str) -> None:
    """What is no pod tells of itself by its status or its events."""
    assert causes_of_owner(item, events) == [Cause(text=text)]


def test_newest_event() -> None:
    """The event that happened last is found by any of the times that events have."""
    old, series = event("A", "a"), {**event("B", "b"), "lastTimestamp": None}
    series["series"] = {"lastObservedTime": "2026-02-01T00:00:00.000000Z"}
    assert newest_event([old, series]) == series
    assert newest_event([{**old, "type": "Normal"}], warning=True) is None


@pytest.mark.parametrize(
    ("item", "count"),
    [
        ({"kind": "Deployment", "spec": {"replicas": 3}, "status": {"readyReplicas": 1}}, "1/3"),
        ({"kind": "StatefulSet", "spec": {"replicas": 0}}, "0/0"),
        ({"kind": "DaemonSet", "status": {"numberReady": 1, "desiredNumberScheduled": 2}}, "1/2"),
        ({"kind": "Job", "spec": {"completions": 2}, "status": {"succeeded": 1}}, "1/2"),
        (pod({"running": {}}, ready=True), "1/1"),
        ({"kind": "ConfigMap"}, ""),
    ],
)
def test_ready_count(item: dict[str, Any], count: str) -> None:
    """What has parts is counted."""
    assert ready_count(item) == count
