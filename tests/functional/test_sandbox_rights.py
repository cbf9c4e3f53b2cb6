"""Who may grant what: the sandbox and a real API server say the same."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pilothouse.environment import Environment
from pilothouse.golang.kinds import YamlValue
from pilothouse.kube import config
from pilothouse.kube.client import KubeClient
from pilothouse.kube.errors import AlreadyExists, Forbidden
from pilothouse.kube.resources import NAMESPACES

GROUP = "rbac.authorization.k8s.io"
WHO = 'user "grantor" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:'


class Cluster:
    """An administrator and somebody who may write roles and bindings in one namespace, and read pods there."""

    def __init__(self, kubeconfig: Path) -> None:
        self.namespace = f"rights-{time.time_ns()}"
        self.admin = self._connect(kubeconfig, "")
        self.grantor = self._connect(kubeconfig, "grantor")
        with contextlib.suppress(AlreadyExists):
            name = {"name": self.namespace}
            self.admin.create(NAMESPACES, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": name})
        own = [
            {"apiGroups": [GROUP], "resources": ["roles", "rolebindings"], "verbs": ["create", "update", "get"]},
            {"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list"]},
        ]
        self.write(self.admin, "Role", "grantor", rules=own)
        subjects = [{"apiGroup": GROUP, "kind": "User", "name": "grantor"}]
        self.write(self.admin, "RoleBinding", "grantor", roleRef=self.role("Role", "grantor"), subjects=subjects)

    @staticmethod
    def _connect(kubeconfig: Path, user: str) -> KubeClient:
        overrides = config.Overrides(kubeconfig=str(kubeconfig), as_user=user)
        return KubeClient(config.load(Environment(), overrides))

    @staticmethod
    def role(kind: str, name: str) -> YamlValue:
        """Return a reference to a role."""
        return {"apiGroup": GROUP, "kind": kind, "name": name}

    def write(self, client: KubeClient, kind: str, name: str, **parts: YamlValue) -> None:
        """Create a role or binding."""
        version = f"{GROUP}/v1"
        metadata = {"name": name, "namespace": self.namespace}
        value = {"apiVersion": version, "kind": kind, "metadata": metadata, **parts}
        client.create(self.admin.mapping(version, kind), self.namespace, value)


@pytest.fixture
def cluster(any_kubeconfig: Path) -> Iterator[Cluster]:
    """The sandbox, and a real API server."""
    made = Cluster(any_kubeconfig)
    try:
        made.write(made.grantor, "Role", "warm-up", rules=[])
        yield made
    finally:
        made.admin.close()
        made.grantor.close()


def test_rights_that_one_has_may_be_granted(cluster: Cluster) -> None:
    """By role and by binding."""
    rules = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]
    cluster.write(cluster.grantor, "Role", "readers", rules=rules)
    subjects = [{"apiGroup": GROUP, "kind": "User", "name": "jo"}]
    reference = cluster.role("Role", "readers")
    cluster.write(cluster.grantor, "RoleBinding", "readers", roleRef=reference, subjects=subjects)


@pytest.mark.parametrize(
    ("rules", "missing"),
    [
        (
            [{"apiGroups": [""], "resources": ["secrets", "pods"], "verbs": ["get", "watch"]}],
            (
                '{APIGroups:[""], Resources:["pods"], Verbs:["watch"]}\n'
                '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "watch"]}'
            ),
        ),
        (
            [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}],
            '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}',
        ),
        (
            [{"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["one"], "verbs": ["get"]}],
            '{APIGroups:[""], Resources:["configmaps"], ResourceNames:["one"], Verbs:["get"]}',
        ),
    ],
    ids=["more", "everything", "one object"],
)
def test_other_rights_may_not_be_granted(cluster: Cluster, rules: YamlValue, missing: str) -> None:
    """The refusal lists what is missing."""
    with pytest.raises(Forbidden) as caught:
        cluster.write(cluster.grantor, "Role", "greedy", rules=rules)
    assert caught.value.message == f'roles.{GROUP} "greedy" is forbidden: {WHO}\n{missing}'
    cluster.write(cluster.admin, "Role", "greedy", rules=rules)
    subjects = [{"apiGroup": GROUP, "kind": "User", "name": "jo"}]
    reference = cluster.role("Role", "greedy")
    with pytest.raises(Forbidden) as caught:
        cluster.write(cluster.grantor, "RoleBinding", "greedy", roleRef=reference, subjects=subjects)
    assert caught.value.message == f'rolebindings.{GROUP} "greedy" is forbidden: {WHO}\n{missing}'


def test_rights_to_bind_and_to_escalate(cluster: Cluster) -> None:
    """They let somebody give what they do not have themselves."""
    subjects = [{"apiGroup": GROUP, "kind": "User", "name": "jo"}]
    reference = cluster.role("ClusterRole", "cluster-admin")
    with pytest.raises(Forbidden):
        cluster.write(cluster.grantor, "RoleBinding", "all", roleRef=reference, subjects=subjects)
    rules = [
        {"apiGroups": [GROUP], "resources": ["clusterroles"], "resourceNames": ["cluster-admin"], "verbs": ["bind"]},
        {"apiGroups": [GROUP], "resources": ["roles"], "verbs": ["escalate"]},
    ]
    cluster.write(cluster.admin, "Role", "more", rules=rules)
    grantor = [{"apiGroup": GROUP, "kind": "User", "name": "grantor"}]
    cluster.write(cluster.admin, "RoleBinding", "more", roleRef=cluster.role("Role", "more"), subjects=grantor)
    deadline = time.monotonic() + 120
    while True:  # a real API server hears of new rights a moment later
        try:
            cluster.write(cluster.grantor, "RoleBinding", "all", roleRef=reference, subjects=subjects)
            break
        except Forbidden:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    everything = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
    cluster.write(cluster.grantor, "Role", "all", rules=everything)
