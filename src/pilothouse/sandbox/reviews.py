"""Questions to the server that are asked as objects: access reviews, token reviews, tokens."""

from __future__ import annotations

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox.auth import Action, Authenticator, Authorizer, User
from pilothouse.sandbox.cluster import Cluster
from pilothouse.sandbox.metadata import timestamp_after
from pilothouse.sandbox.requests import Request
from pilothouse.sandbox.resources import Resource

Object = dict[str, YamlValue]
_HOUR = 3600
_EVERYTHING = [
    {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]},
]


class Reviews:
    """Answers them.

    Args:
        authenticator: Knows tokens.
        authorizer: Knows rights.
    """

    def __init__(self, authenticator: Authenticator, authorizer: Authorizer) -> None:
        self._authenticator = authenticator
        self._authorizer = authorizer

    def answer(self, request: Request, resource: Resource, value: Object) -> Object:
        """Return the question with its answer."""
        spec = value.get("spec") or {}
        value.setdefault("metadata", {}).setdefault("creationTimestamp", None)
        kind = resource.kind
        if kind == "SelfSubjectReview":
            value["status"] = {"userInfo": _user_info(request.user)}
        elif kind == "TokenReview":
            user = self._authenticator.user(spec.get("token", ""))
            value["status"] = {"user": {}} if user is None else {"authenticated": True, "user": _user_info(user)}
        elif kind == "SelfSubjectRulesReview":
            value["status"] = self._rules(request.user, spec.get("namespace", ""))
        else:
            user = request.user
            if kind != "SelfSubjectAccessReview":
                user = User(name=spec.get("user", ""), groups=tuple(spec.get("groups") or ()))
            namespace = request.namespace if kind == "LocalSubjectAccessReview" else ""
            value["status"] = self._access(user, spec, namespace)
        return value

    def _access(self, user: User, spec: Object, namespace: str) -> Object:
        wanted = spec.get("resourceAttributes")
        if wanted is not None:
            action = Action(
                verb=wanted.get("verb", ""),
                group=wanted.get("group", ""),
                resource=wanted.get("resource", ""),
                subresource=wanted.get("subresource", ""),
                name=wanted.get("name", ""),
                namespace=namespace or wanted.get("namespace", ""),
            )
        else:
            asked = spec.get("nonResourceAttributes") or {}
            action = Action(verb=asked.get("verb", ""), path=asked.get("path", ""))
        return {"allowed": True} if self._authorizer.allows(user, action) else {"allowed": False}

    def _rules(self, user: User, namespace: str) -> Object:
        rules = list(self._authorizer.rules(user, namespace))
        if "system:masters" in user.groups:
            rules = [*_EVERYTHING, {"verbs": ["*"], "nonResourceURLs": ["*"]}, *rules]
        return {
            "resourceRules": [rule for rule in rules if not rule.get("nonResourceURLs")],
            "nonResourceRules": [rule for rule in rules if rule.get("nonResourceURLs")],
            "incomplete": False,
        }

    def token(self, cluster: Cluster, request: Request, value: Object) -> Object:
        """Return a token for a service account."""
        resource = cluster.resource("", "serviceaccounts")
        account = cluster.get(resource, request.namespace, request.name)
        spec = value.setdefault("spec", {})
        seconds = spec.setdefault("expirationSeconds", _HOUR)
        audiences = spec.setdefault("audiences", ["https://kubernetes.default.svc.cluster.local"])
        token = self._authenticator.issue(
            request.namespace, request.name, account["metadata"]["uid"], seconds, audiences
        )
        value["status"] = {"token": token, "expirationTimestamp": timestamp_after(cluster.clock, seconds)}
        return {**value, "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest"}


def _user_info(user: User) -> Object:
    made: Object = {"username": user.name}
    if user.uid:
        made["uid"] = user.uid
    if user.groups:
        made["groups"] = list(user.groups)
    return made
