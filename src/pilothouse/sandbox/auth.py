"""Who asks, and what they may do: bearer tokens and role-based access control (``plugin/pkg/auth/authorizer/rbac``)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterator, Mapping

import orjson

from pilothouse.clock import Clock
from pilothouse.golang.kinds import YamlValue
from pilothouse.records import Record
from pilothouse.sandbox.metadata import new_uid
from pilothouse.sandbox.store import Store

Object = dict[str, YamlValue]
_GROUP = "rbac.authorization.k8s.io"
_ISSUER = "https://kubernetes.default.svc.cluster.local"


class User(Record):
    """Somebody known."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""


def service_account(namespace: str, name: str, uid: str = "") -> User:
    """Return the user that a service account is."""
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", "system:authenticated")
    return User(name=f"system:serviceaccount:{namespace}:{name}", groups=groups, uid=uid)


class Action(Record):
    """What somebody wants to do (``authorizer.Attributes``)."""

    verb: str
    group: str = ""
    resource: str = ""
    subresource: str = ""
    name: str = ""
    namespace: str = ""
    path: str = ""

    def describe(self) -> str:
        """Return what follows ``User "x" cannot`` in a refusal."""
        if not self.resource:
            return f'{self.verb} path "{self.path}"'
        kind = f"{self.resource}/{self.subresource}" if self.subresource else self.resource
        place = f'in the namespace "{self.namespace}"' if self.namespace else "at the cluster scope"
        return f'{self.verb} resource "{kind}" in API group "{self.group}" {place}'


class Authenticator:
    """Knows the tokens: the administrator's, the one of somebody without rights, and those of service accounts.

    Args:
        tokens: User by token.
        key: What service account tokens are signed with.
        clock: The time, for their end.
    """

    def __init__(self, tokens: Mapping[str, User], key: bytes, clock: Clock) -> None:
        self._tokens = {hashlib.sha256(token.encode()).digest(): user for token, user in tokens.items()}
        self._key = key
        self._clock = clock

    def user(self, token: str) -> User | None:
        """Return whose token it is, or None."""
        known = self._tokens.get(hashlib.sha256(token.encode()).digest())
        return known if known is not None else self._account(token)

    def issue(self, namespace: str, name: str, uid: str, seconds: int, audiences: list[str]) -> str:
        """Return a token for a service account."""
        now = int(self._clock.now())
        account = {"name": name, "uid": uid}
        claims = {
            "aud": audiences or [_ISSUER],
            "exp": now + seconds,
            "iat": now,
            "iss": _ISSUER,
            "jti": new_uid(),
            "kubernetes.io": {"namespace": namespace, "serviceaccount": account},
            "nbf": now,
            "sub": service_account(namespace, name).name,
        }
        head = _encode(orjson.dumps({"alg": "HS256", "typ": "JWT"})) + b"." + _encode(orjson.dumps(claims))
        return (head + b"." + _encode(self._sign(head))).decode()

    def _sign(self, head: bytes) -> bytes:
        return hmac.new(self._key, head, hashlib.sha256).digest()

    def _account(self, token: str) -> User | None:
        head, _, signature = token.encode().rpartition(b".")
        if not head or not hmac.compare_digest(signature, _encode(self._sign(head))):
            return None
        claims = orjson.loads(_decode(head.split(b".")[1]))
        if claims["exp"] < self._clock.now():
            return None
        namespace = claims["kubernetes.io"]["namespace"]
        account = claims["kubernetes.io"]["serviceaccount"]
        return service_account(namespace, account["name"], account["uid"])


def _encode(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _decode(data: bytes) -> bytes:
    return base64.urlsafe_b64decode(data + b"=" * (-len(data) % 4))


class Authorizer:
    """Decides by the roles and bindings in the store; members of ``system:masters`` may do everything."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def allows(self, user: User, action: Action) -> bool:
        """Tell whether ``user`` may do ``action``."""
        if "system:masters" in user.groups:
            return True
        return any(covers(rule, action) for rule in self.rules(user, action.namespace))

    def rules(self, user: User, namespace: str) -> Iterator[Object]:
        """Yield the rules that hold for ``user`` in a namespace and everywhere."""
        for entry in self._store.list(f"{_GROUP}/clusterrolebindings/"):
            if _binds(entry.object, user, ""):
                yield from self.role(entry.object["roleRef"], "")
        if namespace:
            for entry in self._store.list(f"{_GROUP}/rolebindings/{namespace}/"):
                if _binds(entry.object, user, namespace):
                    yield from self.role(entry.object["roleRef"], namespace)

    def role(self, reference: Object, namespace: str) -> Iterator[Object]:
        """Yield the rules of a role that a binding names."""
        name = reference["name"]
        key = f"{_GROUP}/clusterroles//{name}"
        if reference["kind"] == "Role":
            key = f"{_GROUP}/roles/{namespace}/{name}"
        entry = self._store.get(key)
        if entry is not None:
            yield from entry.object.get("rules") or ()


def _binds(binding: Object, user: User, namespace: str) -> bool:
    for subject in binding.get("subjects") or ():
        kind, name = subject.get("kind"), subject.get("name", "")
        if kind == "User" and name == user.name:
            return True
        if kind == "Group" and name in user.groups:
            return True
        if kind == "ServiceAccount":
            home = subject.get("namespace") or namespace
            if user.name == f"system:serviceaccount:{home}:{name}":
                return True
    return False


def covers(rule: Object, action: Action) -> bool:
    """Tell whether a rule allows an action."""
    verbs = rule.get("verbs") or ()
    if "*" not in verbs and action.verb not in verbs:
        return False
    if not action.resource:
        return any(
            url in ("*", action.path) or (url.endswith("*") and action.path.startswith(url[:-1]))
            for url in rule.get("nonResourceURLs") or ()
        )
    groups = rule.get("apiGroups") or ()
    if "*" not in groups and action.group not in groups:
        return False
    kind = f"{action.resource}/{action.subresource}" if action.subresource else action.resource
    resources = rule.get("resources") or ()
    if "*" not in resources and kind not in resources and f"*/{action.subresource}" not in resources:
        return False
    names = rule.get("resourceNames") or ()
    return not names or action.name in names
