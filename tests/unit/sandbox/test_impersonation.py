"""Acting as somebody else: who may, and what it gives."""

from __future__ import annotations

import orjson
import pytest

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox.impersonation import BETWEEN
from pilothouse.sandbox.requests import Answer, Request
from unit.sandbox.conftest import Client

RBAC = "rbac.authorization.k8s.io/v1"


def asked(client: Client, token: str, **headers: str) -> tuple[int, YamlValue]:
    """Ask who one is; return status and answer."""
    given = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    given |= {f"impersonate-{name.replace('_', '-')}": text for name, text in headers.items()}
    body = orjson.dumps({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"})
    answer = client.server.answer(Request("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", "", given, body))
    assert isinstance(answer, Answer)
    return answer.status, orjson.loads(answer.body)


def allow(client: Client, *rules: YamlValue) -> None:
    """Give ``nobody`` rights."""
    role = {"apiVersion": RBAC, "kind": "ClusterRole", "metadata": {"name": "acting"}, "rules": list(rules)}
    client.ok("POST", f"/apis/{RBAC}/clusterroles", role)
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "acting"}
    subjects = [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "nobody"}]
    binding = {"apiVersion": RBAC, "kind": "ClusterRoleBinding", "metadata": {"name": "acting"}}
    client.ok("POST", f"/apis/{RBAC}/clusterrolebindings", {**binding, "roleRef": reference, "subjects": subjects})


@pytest.mark.parametrize(
    ("headers", "groups"),
    [
        ({"user": "jo"}, ["system:authenticated"]),
        ({"user": "jo", "group": f"a{BETWEEN}b"}, ["a", "b", "system:authenticated"]),
        ({"user": "jo", "group": "a, b"}, ["a, b", "system:authenticated"]),
        (
            {"user": "system:serviceaccount:web:ci"},
            ["system:serviceaccounts", "system:serviceaccounts:web", "system:authenticated"],
        ),
    ],
)
def test_administrators_act_as_anybody(client: Client, headers: dict[str, str], groups: list[str]) -> None:
    """The answer names the other one, with the groups that come with the name."""
    status, value = asked(client, "admin", **headers)
    assert status == 201
    found = value["status"]["userInfo"]
    assert (found["username"], found["groups"]) == (headers["user"], groups)


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        (
            {"user": "jo"},
            'users "jo" is forbidden: {} resource "users" in API group "" at the cluster scope',
        ),
        (
            {"user": "system:serviceaccount:web:ci"},
            'serviceaccounts "ci" is forbidden: {} resource "serviceaccounts" in API group "" in the namespace "web"',
        ),
    ],
)
def test_others_are_refused(client: Client, headers: dict[str, str], why: str) -> None:
    """Without the right, nothing is done in anybody's name."""
    status, value = asked(client, "nobody", **headers)
    assert (status, value["message"]) == (403, why.format('User "nobody" cannot impersonate'))


def test_rights_are_those_of_rbac(client: Client) -> None:
    """Somebody may act as one user and as members of one group, and not as others."""
    allow(
        client,
        {"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"], "resourceNames": ["jo"]},
        {"apiGroups": [""], "resources": ["groups"], "verbs": ["impersonate"], "resourceNames": ["web"]},
    )
    status, value = asked(client, "nobody", user="jo", group="web")
    assert (status, value["status"]["userInfo"]["username"]) == (201, "jo")
    for headers, kind in (({"user": "al"}, "users"), ({"user": "jo", "group": f"web{BETWEEN}root"}, "groups")):
        status, value = asked(client, "nobody", **headers)
        assert status == 403
        assert value["message"].startswith(f'{kind} "')
    status, value = asked(client, "nobody", user="jo", extra_scopes="all")
    assert 'userextras.authentication.k8s.io "all" is forbidden' in value["message"]
    assert 'resource "userextras/scopes" in API group "authentication.k8s.io"' in value["message"]


def test_whom_must_be_said(client: Client) -> None:
    """Groups alone make nobody."""
    assert asked(client, "admin", group="web")[0] == 500
