"""The sandbox's cluster as the controllers see it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from pilothouse.sandbox.auth import Action, Authorizer, service_account
from pilothouse.sandbox.cluster import Cluster
from pilothouse.sandbox.deletion import Deletion
from pilothouse.sandbox.errors import StatusError
from pilothouse.sandbox.lifecycle.world import DELETED, Listener, Object
from pilothouse.sandbox.resources import Resource
from pilothouse.sandbox.store import Change
from pilothouse.sandbox.writing import Write


class StoreObjects:
    """Adapts :class:`Cluster` to :class:`~pilothouse.sandbox.lifecycle.world.Objects`."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._authorizer = Authorizer(cluster.store)
        self._serial = -1
        self._resources: dict[str, Resource] = {}

    def _resource(self, kind: str) -> Resource | None:
        registry = self._cluster.registry
        if registry.serial != self._serial:
            self._resources = {each.qualified: each for each in registry.storages()}
            self._serial = registry.serial
        return self._resources.get(kind)

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        """Return an object, shared, or None."""
        resource = self._resource(kind)
        entry = None if resource is None else self._cluster.store.get(resource.key(namespace, name))
        return None if entry is None else entry.object

    def list(self, kind: str, namespace: str = "") -> Iterator[Object]:
        """Yield the objects of a kind, shared."""
        resource = self._resource(kind)
        if resource is None or (namespace and not resource.namespaced):
            return
        for entry in self._cluster.store.list(resource.prefix_in(namespace)):
            yield entry.object

    def create(self, kind: str, value: Object, *, manager: str) -> Object | None:
        """Store a new object; return None when it exists or is refused."""
        resource = self._resource(kind)
        if resource is None:
            return None
        try:
            made: Object = self._cluster.create(
                resource, value["metadata"].get("namespace", ""), value, Write(manager=manager)
            )
        except StatusError:
            return None
        return made

    def change(
        self,
        kind: str,
        key: tuple[str, str],
        alter: Callable[[Object], None],
        *,
        manager: str,
        subresource: str = "",
    ) -> Object | None:
        """Let ``alter`` change a copy of an object and store it; return None when it is gone or that is refused."""
        resource = self._resource(kind)
        if resource is None:
            return None

        def altered(value: Object) -> None:
            alter(value)

        try:
            changed: Object = self._cluster.modify(
                resource, *key, altered, Write(manager=manager, subresource=subresource)
            )
        except StatusError:
            return None
        return changed

    def delete(
        self, kind: str, key: tuple[str, str], *, uid: str = "", now: bool = False, propagation: str = ""
    ) -> None:
        """Delete an object; nothing happens when it is gone."""
        resource = self._resource(kind)
        if resource is None:
            return
        options = Deletion(grace=0 if now else None, propagation=propagation, uid=uid)
        try:
            self._cluster.delete(resource, *key, options)
        except StatusError:
            return

    def may_create(self, kind: str, namespace: str, account: str) -> bool:
        """Tell whether a service account of a namespace may create objects of a kind there."""
        resource = self._resource(kind)
        if resource is None:
            return False
        action = Action(verb="create", group=resource.group, resource=resource.plural, namespace=namespace)
        return self._authorizer.allows(service_account(namespace, account), action)

    def kinds(self) -> Iterable[tuple[str, str, str]]:
        """Return name, API version and kind of everything that is stored."""
        return [(each.qualified, each.api_version, each.kind) for each in self._cluster.registry.storages()]

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` for every change from now on."""

        def tell(change: Change) -> None:
            group, plural = change.entry.key.split("/", 2)[:2]
            kind = f"{plural}.{group}" if group else plural
            value = change.entry.object
            previous = change.previous.object if change.previous is not None else None
            listener(kind, change.type, previous if change.type == DELETED and previous else value, previous)

        return self._cluster.store.subscribe("", None, tell)
