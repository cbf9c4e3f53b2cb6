"""Whose releases they are: what a caller may do with the releases of a namespace, decided by Kubernetes.

The rule: a caller may do with a release what Kubernetes lets them do with Secrets in the release's namespace, which is
where Helm 3 would keep it. ``get`` shows it, ``create`` and ``update`` install, upgrade, roll back and test it,
``update`` deletes it, ``delete`` removes its records. Releases that may not be shown do not exist for the caller.
"""

from __future__ import annotations

from pilothouse.actions.errors import AccessDenied, CallerUnknown, NameInUse
from pilothouse.apply.cluster import Cluster
from pilothouse.errors import NotFound, PilothouseError
from pilothouse.records import Record
from pilothouse.releases.errors import ReleaseNotFound
from pilothouse.storage.tiller_records import record_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.actions.tiller_context import TillerContext
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.releases.release import Release
    from pilothouse.storage.tiller_store import TillerStore

    Releases = list[Release]
    #: Returns the access to the cluster that acts as a user.
    ClientFor = Callable[["Caller"], Cluster]

SEE, CREATE, UPDATE, DELETE = "get", "create", "update", "delete"
#: Everybody whom Kubernetes knows is in this group; impersonation does not add it by itself when groups are named.
_KNOWN = "system:authenticated"
#: What Kubernetes itself notes of a token: the pod and the node that it was made for. It narrows nothing, and it would
#: take a right for each key to hand it on.
_ABOUT_TOKENS = "authentication.kubernetes.io/"


class Caller(Record):
    """A user of the cluster on whose behalf Tiller acts.

    Attributes:
        extra: What else the cluster knows of them, such as scopes that narrow what a token may be used for.
    """

    user: str
    groups: tuple[str, ...] = ()
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def with_everybody(self) -> Caller:
        """Return the caller as a member of the group of all who are known."""
        return self if _KNOWN in self.groups else self.replace(groups=(*self.groups, _KNOWN))


def plain(caller: Caller) -> Caller:
    """Return a caller whose names mean the same everywhere: servers drop space around the value of a header.

    Raises:
        CallerUnknown: A name begins or ends with space, is empty, or holds what cannot be printed.
    """
    for name in (caller.user, *caller.groups):
        if not name or name != name.strip() or not name.isprintable():
            raise CallerUnknown(f"nobody can act as the user or group {name!a}")
    return caller


def review_token(cluster: Cluster, token: str) -> Caller:
    """Return whose bearer token it is (``TokenReview``).

    Raises:
        CallerUnknown: The cluster does not know it, or by a name that nobody can act as.
    """
    mapping = cluster.mapping("authentication.k8s.io/v1", "TokenReview")
    status = _asked(cluster, mapping.kind, mapping, {"token": token})
    user = status.get("user") or {}
    if not status.get("authenticated") or not user.get("username"):
        raise CallerUnknown("the bearer token is not valid")
    extra = {str(key): tuple(map(str, values or ())) for key, values in (user.get("extra") or {}).items()}
    caller = Caller(
        user=str(user["username"]),
        groups=tuple(map(str, user.get("groups") or ())),
        extra=tuple(sorted((key, values) for key, values in extra.items() if not key.startswith(_ABOUT_TOKENS))),
    )
    return plain(caller)


def _asked(cluster: Cluster, kind: str, mapping: YamlValue, spec: dict[str, YamlValue]) -> dict[str, YamlValue]:
    question = {"apiVersion": f"{mapping.group}/{mapping.version}", "kind": kind, "spec": spec}
    answer = cluster.create(mapping, "", question)
    status: dict[str, YamlValue] = answer.get("status") or {}
    return status


class Rights:
    """What one caller may do, asked once for each namespace; made anew for each call, so that it is never old.

    Args:
        cluster: Tiller's own access to the cluster.
        caller: Who calls.
    """

    def __init__(self, cluster: Cluster, caller: Caller) -> None:
        self._cluster = cluster
        self._caller = caller
        self._known: dict[tuple[str, str], bool] = {}

    def allows(self, verb: str, namespace: str) -> bool:
        """Return whether the caller may do this with the releases of a namespace (``SubjectAccessReview``)."""
        if (verb, namespace) not in self._known:
            attributes = {"verb": verb, "resource": "secrets", "version": "v1", "namespace": namespace}
            spec = {"user": self._caller.user, "groups": list(self._caller.groups), "resourceAttributes": attributes}
            if self._caller.extra:
                spec["extra"] = {key: list(values) for key, values in self._caller.extra}
            mapping = self._cluster.mapping("authorization.k8s.io/v1", "SubjectAccessReview")
            status = _asked(self._cluster, mapping.kind, mapping, spec)
            self._known[verb, namespace] = status.get("allowed") is True and not status.get("denied")
        return self._known[verb, namespace]

    def require(self, verb: str, namespace: str) -> None:
        """Check that the caller may do this.

        Raises:
            AccessDenied: They may not.
        """
        if not self.allows(verb, namespace):
            raise AccessDenied(
                f'user "{self._caller.user}" cannot {verb} releases in the namespace "{namespace}": '
                f"the cluster does not let them {verb} secrets there"
            )

    def shows(self, release: Release) -> bool:
        """Return whether the caller may see a release."""
        return self.allows(SEE, release.namespace)


class GuardedStore:
    """A store that shows and changes only what the caller may see and change.

    Args:
        store: Where the releases are.
        rights: What the caller may do.
    """

    def __init__(self, store: TillerStore, rights: Rights) -> None:
        self.name = store.name
        self.mark = store.mark
        self._store = store.seen_by(rights.shows)
        self._rights = rights

    def seen_by(self, shows: Callable[[Release], bool]) -> TillerStore:
        """Return the store for somebody who sees less."""
        return self._store.seen_by(lambda release: self._rights.shows(release) and shows(release))

    def unfinished(self) -> list[tuple[Release, str]]:
        """Return nothing: settling interrupted operations is nobody's but Tiller's own."""
        return []

    def create(self, release: Release) -> None:
        """Store a new revision, if the caller may create releases there.

        Raises:
            AccessDenied: They may not.
        """
        self._rights.require(CREATE, release.namespace)
        self._store.create(release)

    def update(self, release: Release) -> None:
        """Replace a stored revision, if the caller may update releases there.

        Raises:
            AccessDenied: They may not.
        """
        self._rights.require(UPDATE, release.namespace)
        self._store.update(release)

    def get(self, name: str, revision: int) -> Release:
        """Return one revision.

        Raises:
            ReleaseNotFound: It is not stored, or not for the caller.
        """
        found = self._store.get(name, revision)
        if not self._rights.shows(found):
            raise ReleaseNotFound(f'release: "{record_key(name, revision)}" not found')
        return found

    def query(self, name: str, *, status: str = "") -> Releases:
        """Return the revisions of a release, none of them if one is not for the caller.

        Raises:
            ReleaseNotFound: There is none.
        """
        found = self._store.query(name, status=status)
        if not all(map(self._rights.shows, found)):
            raise ReleaseNotFound(f'release: "{name}" not found')
        return found

    def list(self) -> Releases:
        """Return every revision that the caller may see."""
        return [release for release in self._store.list() if self._rights.shows(release)]

    def delete(self, name: str, revision: int) -> Release:
        """Remove one revision, if the caller may delete releases there.

        Raises:
            AccessDenied: They may not.
        """
        self._rights.require(DELETE, self.get(name, revision).namespace)
        return self._store.delete(name, revision)


def acting_as(context: TillerContext, caller: Caller, client_for: ClientFor) -> tuple[TillerContext, Rights]:
    """Return ports with which every call to the cluster is the caller's, and what they may do with releases.

    Args:
        context: Tiller's own ports; records are kept with them.
        caller: Who calls.
        client_for: Returns the access to the cluster that acts as a user.
    """
    rights = Rights(context.cluster, caller)

    def unused_name() -> str:
        """Return a made-up name that no release has, of those too that the caller may not see."""
        while True:
            name = context.make_name()
            try:
                context.store.query(name)
            except NotFound:
                return name

    acting = context.replace(
        cluster=client_for(caller), store=GuardedStore(context.store, rights), make_name=unused_name
    )
    return acting, rights


def authorize_new(context: TillerContext, rights: Rights, name: str, namespace: str) -> None:
    """Check before an installation that the caller may do all of it.

    Args:
        context: Tiller's own ports.
        rights: What the caller may do.
        name: Name of the release, empty when it will be made up.
        namespace: Where it is to live.

    Raises:
        AccessDenied: The caller may not create or update releases there.
        NameInUse: A release that the caller may not see has the name.
    """
    for verb in (CREATE, UPDATE):
        rights.require(verb, namespace)
    if not name:
        return
    try:
        found = context.store.query(name)
    except PilothouseError:
        return
    if not all(map(rights.shows, found)):
        raise NameInUse(f"a release named {name} is in use, cannot re-use a name that is still in use")


def authorize_change(context: TillerContext, rights: Rights, name: str, verbs: tuple[str, ...]) -> bool:
    """Check before a release is changed that the caller may do all of it; return whether there is one for them.

    Args:
        context: The caller's ports.
        rights: What the caller may do.
        name: Name of the release.
        verbs: What will be done with its records.

    Raises:
        AccessDenied: The caller may not.
    """
    try:
        found = context.store.query(name)
    except PilothouseError:
        return False  # the action says it in Tiller's words
    for namespace in sorted({release.namespace for release in found}):
        for verb in verbs:
            rights.require(verb, namespace)
    return True
