"""Kinds are found in both forms of discovery and kept on disk for a while."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.clock import FixedClock
from pilothouse.errors import NotFound
from pilothouse.kube.config import ClusterConfig
from pilothouse.kube.connections import Server
from pilothouse.kube.discovery import Discovery
from pilothouse.kube.errors import KindNotFound, ServerFailure, error_for
from pilothouse.kube.requests import Request
from pilothouse.kube.resources import KubeObject
from pilothouse.kube.transfer import Transfer

SCALE = {
    "subresource": "scale",
    "responseKind": {"group": "autoscaling", "version": "v1", "kind": "Scale"},
    "verbs": [],
}
DEPLOYMENT = {
    "resource": "deployments",
    "singularResource": "deployment",
    "shortNames": ["deploy"],
    "responseKind": {"group": "apps", "version": "v1", "kind": "Deployment"},
    "scope": "Namespaced",
    "verbs": ["get", "list"],
    "subresources": [SCALE],
}
NODE = {"resource": "nodes", "responseKind": {"kind": "Node"}, "scope": "Cluster", "verbs": ["get"]}
AGGREGATED: dict[str, KubeObject] = {
    "/api": {
        "kind": "APIGroupDiscoveryList",
        "items": [{"metadata": {}, "versions": [{"version": "v1", "resources": [NODE]}]}],
    },
    "/apis": {
        "kind": "APIGroupDiscoveryList",
        "items": [
            {"metadata": {"name": "apps"}, "versions": [{"version": "v1", "resources": [DEPLOYMENT]}]},
            {"metadata": {"name": "old.example"}, "versions": [{"version": "v1", "freshness": "Stale"}]},
        ],
    },
}
PLAIN: dict[str, KubeObject] = {
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {
        "kind": "APIGroupList",
        "groups": [{"versions": [{"groupVersion": "apps/v1"}, {"groupVersion": "bad/v1"}]}],
    },
    "/api/v1": {
        "resources": [{"name": "nodes", "singularName": "", "namespaced": False, "kind": "Node", "verbs": ["get"]}]
    },
    "/apis/apps/v1": {
        "resources": [
            {
                "name": "deployments",
                "singularName": "deployment",
                "shortNames": ["deploy"],
                "namespaced": True,
                "kind": "Deployment",
                "verbs": ["get", "list"],
            },
            {"name": "deployments/scale", "namespaced": True, "kind": "Scale", "verbs": []},
        ]
    },
}


class Answers(Transfer):
    """Answers by path and counts."""

    def __init__(self, answers: dict[str, KubeObject]) -> None:
        super().__init__(ClusterConfig(server=Server(scheme="https", host="one.example", port=443)), FixedClock(0))
        self.answers = answers
        self.calls: list[str] = []

    def call(self, request: Request, timeout: float | None = None) -> KubeObject:
        """Return the answer for a path."""
        del timeout
        self.calls.append(request.target)
        if request.target not in self.answers:
            raise error_for({"code": 503, "message": "the server is currently unable to handle the request"})
        return self.answers[request.target]


@pytest.mark.parametrize("answers", [AGGREGATED, PLAIN], ids=["aggregated", "plain"])
def test_both_forms(answers: dict[str, KubeObject]) -> None:
    """Both forms of discovery tell the same, and a group that fails does not hide the others."""
    discovery = Discovery(Answers(answers), FixedClock(0), "")
    found = discovery.mapping("apps/v1", "Deployment")
    assert (found.plural, found.namespaced, found.verbs) == ("deployments", True, ("get", "list"))
    assert not discovery.mapping("v1", "Node").namespaced
    for name in ("deploy", "deployment", "deployments", "deployments.apps"):
        assert discovery.mapping_for_resource(name).kind == "Deployment"
    with pytest.raises(NotFound, match=r'^the server doesn\'t have a resource type "nope"$'):
        discovery.mapping_for_resource("nope")
    with pytest.raises(KindNotFound):
        discovery.mapping("apps/v1", "Scale")
    versions = [version for version in discovery.api_versions() if "bad" not in version]
    assert versions == ["v1", "apps/v1", "v1/Node", "apps/v1/Deployment", "apps/v1/Scale"]
    assert len(discovery.failures) == 1


def test_disk(tmp_path: Path) -> None:
    """What was found is used by the next process, until it is too old or a kind is missing in it."""
    clock = FixedClock(1000)
    Discovery(Answers(AGGREGATED), clock, str(tmp_path)).mapping("v1", "Node")
    second = Answers(AGGREGATED)
    Discovery(second, clock, str(tmp_path)).mapping("apps/v1", "Deployment")
    assert second.calls == []
    with pytest.raises(KindNotFound):
        Discovery(second, clock, str(tmp_path)).mapping("x/v1", "X")
    assert second.calls == ["/api", "/apis"]
    clock.sleep(601)
    third = Answers(AGGREGATED)
    Discovery(third, clock, str(tmp_path)).mapping("v1", "Node")
    assert third.calls == ["/api", "/apis"]
    discovery = Discovery(Answers(AGGREGATED), clock, str(tmp_path))
    discovery.forget()
    assert list(tmp_path.iterdir()) == []


def test_capabilities_are_always_asked_for(tmp_path: Path) -> None:
    """What a chart is told of the cluster never comes from the disk."""
    Discovery(Answers(AGGREGATED), FixedClock(0), str(tmp_path)).mapping("v1", "Node")
    answers = Answers(AGGREGATED)
    Discovery(answers, FixedClock(0), str(tmp_path)).api_versions()
    assert answers.calls == ["/api", "/apis"]


def test_kinds_that_come_later() -> None:
    """A client that lives long finds kinds that the server learnt meanwhile, and asks no more than once a second."""
    clock = FixedClock(0)
    answers = Answers({**AGGREGATED, "/apis": {"kind": "APIGroupDiscoveryList", "items": []}})
    discovery = Discovery(answers, clock, "")
    for _ in range(2):
        with pytest.raises(KindNotFound):
            discovery.mapping("apps/v1", "Deployment")
    assert answers.calls == ["/api", "/apis"]
    answers.answers = AGGREGATED
    clock.sleep(1)
    assert discovery.mapping("apps/v1", "Deployment").plural == "deployments"
    assert "apps/v1/Deployment" in discovery.api_versions()
    assert answers.calls == ["/api", "/apis"] * 2
    clock.sleep(1)
    answers.answers = {**AGGREGATED, "/apis": {"kind": "APIGroupDiscoveryList", "items": []}}
    assert discovery.api_versions() == ("v1", "v1/Node")
    with pytest.raises(KindNotFound):
        discovery.mapping("apps/v1", "Deployment")


@pytest.mark.parametrize("content", ["", "[]", '{"format": 1}', '{"format": 99, "server": "x"}'])
def test_broken_cache(tmp_path: Path, content: str) -> None:
    """A cache that cannot be understood is as good as none."""
    Discovery(Answers(AGGREGATED), FixedClock(0), str(tmp_path)).mapping("v1", "Node")
    (path,) = tmp_path.iterdir()
    path.write_text(content)
    answers = Answers(AGGREGATED)
    assert Discovery(answers, FixedClock(0), str(tmp_path)).mapping("v1", "Node").kind == "Node"
    assert answers.calls


def test_server_down() -> None:
    """A server that fails altogether is an error, not an empty list of kinds."""
    with pytest.raises(ServerFailure):
        Discovery(Answers({}), FixedClock(0), "").api_versions()
