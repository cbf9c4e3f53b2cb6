"""Tables show what the real API server shows."""

from __future__ import annotations

import pytest

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox import jsonpaths
from pilothouse.sandbox.tables import columns, rows
from pilothouse.sandbox.tabletext import duration

NOW = 1_700_000_000.0
CREATED = "2023-11-14T22:08:20Z"  # five minutes before


def made(api_version: str, kind: str, **parts: YamlValue) -> dict[str, YamlValue]:
    """Return an object that is five minutes old."""
    metadata = {"name": "x", "namespace": "n", "creationTimestamp": CREATED, **parts.pop("metadata", {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **parts}


def shown(value: dict[str, YamlValue]) -> str:
    """Return the narrow columns of an object, as one line."""
    group = value["apiVersion"].rpartition("/")[0]
    heads = columns(group, value["kind"])
    (cells,) = rows([value], NOW)
    assert len(cells) == len(heads)
    return " | ".join(str(cell) for cell, head in zip(cells, heads, strict=True) if not head["priority"])


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (121, "2m1s"),
        (600, "10m"),
        (10799, "179m"),
        (10800, "3h"),
        (12000, "3h20m"),
        (86400, "24h"),
        (172800, "2d"),
        (190000, "2d4h"),
        (86400 * 8, "8d"),
        (86400 * 730, "2y"),
        (86400 * 800, "2y70d"),
        (86400 * 365 * 9, "9y"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    """Ages are worded as kubectl words them."""
    assert duration(seconds) == text


def pod(status: YamlValue, **metadata: YamlValue) -> dict[str, YamlValue]:
    """Return a pod of two containers."""
    containers = [{"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"}]
    return made("v1", "Pod", metadata=metadata, spec={"containers": containers}, status=status)


RUNNING = {"name": "a", "ready": True, "restartCount": 0, "state": {"running": {}}}
COMPLETED = {"name": "b", "ready": False, "restartCount": 0, "state": {"terminated": {"reason": "Completed"}}}
CRASHED = {
    "name": "b",
    "ready": False,
    "restartCount": 3,
    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
    "lastState": {"terminated": {"finishedAt": "2023-11-14T22:11:20Z"}},
}


@pytest.mark.parametrize(
    ("target", "line"),
    [
        (pod({"phase": "Pending"}), "x | 0/2 | Pending | 0 | 5m"),
        (pod({"phase": "Running", "containerStatuses": [RUNNING, RUNNING]}), "x | 2/2 | Running | 0 | 5m"),
        (
            pod({"phase": "Running", "containerStatuses": [RUNNING, CRASHED]}),
            "x | 1/2 | CrashLoopBackOff | 3 (2m ago) | 5m",
        ),
        (pod({"phase": "Running", "containerStatuses": [RUNNING, COMPLETED]}), "x | 1/2 | NotReady | 0 | 5m"),
        (pod({"phase": "Succeeded", "containerStatuses": [COMPLETED]}), "x | 0/2 | Completed | 0 | 5m"),
        (pod({"phase": "Running"}, deletionTimestamp=CREATED), "x | 0/2 | Terminating | 0 | 5m"),
        (
            pod(
                {
                    "phase": "Pending",
                    "initContainerStatuses": [{"name": "i", "state": {"waiting": {"reason": "PodInitializing"}}}],
                }
            ),
            "x | 0/2 | Init:0/0 | 0 | 5m",
        ),
        (
            made("apps/v1", "Deployment", spec={"replicas": 3}, status={"readyReplicas": 1, "updatedReplicas": 2}),
            "x | 1/3 | 2 | 0 | 5m",
        ),
        (made("apps/v1", "StatefulSet", spec={"replicas": 3}), "x | 0/3 | 5m"),
        (
            made("batch/v1", "Job", spec={"completions": 1}, status={"startTime": CREATED, "succeeded": 0}),
            "x | Running | 0/1 | 5m | 5m",
        ),
        (
            made("batch/v1", "CronJob", spec={"schedule": "* * * * *", "suspend": False}),
            "x | * * * * * | <none> | False | 0 | <none> | 5m",
        ),
        (
            made(
                "v1",
                "Service",
                spec={"type": "NodePort", "clusterIP": "10.0.0.1", "ports": [{"port": 80, "nodePort": 30000}]},
            ),
            "x | NodePort | 10.0.0.1 | <none> | 80:30000/TCP | 5m",
        ),
        (
            made("v1", "Service", spec={"type": "LoadBalancer", "clusterIP": "None"}),
            "x | LoadBalancer | None | <pending> | <none> | 5m",
        ),
        (made("v1", "ConfigMap", data={"a": "b"}, binaryData={"c": ""}), "x | 2 | 5m"),
        (made("v1", "Secret", type="Opaque"), "x | Opaque | 0 | 5m"),
        (
            made("networking.k8s.io/v1", "Ingress", spec={"rules": [{"host": "a.b"}], "tls": [{}]}),
            "x | <none> | a.b |  | 80, 443 | 5m",
        ),
        (made("rbac.authorization.k8s.io/v1", "Role"), f"x | {CREATED}"),
        (
            made("rbac.authorization.k8s.io/v1", "RoleBinding", roleRef={"kind": "Role", "name": "r"}),
            "x | Role/r | 5m",
        ),
        (made("policy/v1", "PodDisruptionBudget", spec={"minAvailable": 1}), "x | 1 | N/A | 0 | 5m"),
        (
            made(
                "storage.k8s.io/v1",
                "StorageClass",
                metadata={"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
                provisioner="p",
            ),
            "x (default) | p | Delete | <unset> | false | 5m",
        ),
        (made("apiextensions.k8s.io/v1", "CustomResourceDefinition"), f"x | {CREATED}"),
        (
            made(
                "v1",
                "Event",
                involvedObject={"kind": "Pod", "name": "p"},
                type="Normal",
                reason="R",
                message="m",
                lastTimestamp=CREATED,
            ),
            "5m | Normal | R | pod/p | m",
        ),
    ],
)
def test_rows(target: dict[str, YamlValue], line: str) -> None:
    """Each kind has its own columns."""
    assert shown(target) == line


def test_custom_columns() -> None:
    """A definition chooses its columns; without any there is the age."""
    wanted: list[dict[str, YamlValue]] = [
        {"name": "Ready", "type": "string", "jsonPath": '.status.conditions[?(@.type=="Ready")].status'},
        {"name": "Size", "type": "integer", "jsonPath": ".spec.size", "priority": 1},
        {"name": "Since", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
    ]
    value = made("e.com/v1", "Thing", spec={"size": 3}, status={"conditions": [{"type": "Ready", "status": "True"}]})
    heads = columns("e.com", "Thing", wanted)
    assert [each["name"] for each in heads] == ["Name", "Ready", "Size", "Since"]
    assert [each["priority"] for each in heads] == [0, 0, 1, 0]
    assert rows([value], NOW, wanted) == [["x", "True", 3, "5m"]]
    assert rows([value], NOW, []) == [["x", "5m"]]


def test_json_paths() -> None:
    """Fields, indices, wildcards and filters are followed; what is not understood finds nothing."""
    value = {"a": [{"n": "x", "v": 1}, {"n": "y", "v": 2}], "b": {"c.d": True}}
    assert jsonpaths.find(value, ".a[0].v") == [1]
    assert jsonpaths.find(value, ".a[-1].n") == ["y"]
    assert jsonpaths.find(value, ".a[*].v") == [1, 2]
    assert jsonpaths.find(value, "{.a[?(@.n=='y')].v}") == [2]
    assert jsonpaths.find(value, ".b.c\\.d") == [True]
    assert jsonpaths.find(value, ".b['c.d']") == [True]
    assert jsonpaths.find(value, ".a[(") == []
