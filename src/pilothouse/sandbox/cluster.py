"""The cluster's objects: every write checked, defaulted and recorded as a Kubernetes API server would.

Both faces use it: the HTTP handlers for clients, the lifecycle engine for what controllers do. It may be called from
several threads. Objects returned are the caller's own.
"""

from __future__ import annotations

from collections.abc import Callable

from pilothouse.clock import Clock
from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox import conversion, deletion, ownership, statuses, strategy
from pilothouse.sandbox.admission import admit
from pilothouse.sandbox.definitions import serve_definition, serve_definitions, withdraw_definition
from pilothouse.sandbox.deletion import Deletion
from pilothouse.sandbox.errors import StatusError
from pilothouse.sandbox.metadata import generate_name, metadata_causes, new_uid, timestamp
from pilothouse.sandbox.resources import Registry, Resource
from pilothouse.sandbox.selection import matcher
from pilothouse.sandbox.store import Entry, Store
from pilothouse.sandbox.writing import CONTROLLER, Write

LONGEST_RETRY = 8


class Cluster:
    """Objects of every kind.

    Args:
        store: Where they are kept.
        registry: What kinds there are.
        clock: The time for timestamps.
    """

    def __init__(self, store: Store, registry: Registry, clock: Clock) -> None:
        self.store = store
        self.registry = registry
        self.clock = clock
        self.lock = store.lock
        serve_definitions(store, registry)

    # finding

    def resource(self, group: str, plural: str, version: str = "") -> Resource:
        """Return a served resource, in its storage version when none is given.

        Raises:
            StatusError: 404: it is not served.
        """
        found = self.registry.find(group, version, plural) if version else self.registry.stored(group, plural)
        if found is None:
            raise statuses.no_such_path()
        return found

    def resource_of(self, target: YamlValue) -> Resource:
        """Return the resource of an object by its ``apiVersion`` and ``kind``.

        Raises:
            StatusError: 404: it is not served.
        """
        found = self.registry.of_kind(target.get("apiVersion", ""), target.get("kind", ""))
        if found is None:
            raise statuses.no_such_path()
        return found

    # reading

    def entry(self, resource: Resource, namespace: str, name: str) -> Entry:
        """Return an object as it is stored.

        Raises:
            StatusError: 404: there is none.
        """
        found = self.store.get(resource.key(namespace, name))
        if found is None:
            raise statuses.not_found(resource, name)
        return found

    def get(self, resource: Resource, namespace: str, name: str) -> YamlValue:
        """Return an object.

        Raises:
            StatusError: 404: there is none.
        """
        return conversion.to_version(self.entry(resource, namespace, name).copy(), resource)

    def find(self, resource: Resource, namespace: str, name: str) -> YamlValue | None:
        """Return an object, or None."""
        found = self.store.get(resource.key(namespace, name))
        return None if found is None else conversion.to_version(found.copy(), resource)

    def list(self, resource: Resource, namespace: str = "", *, labels: str = "", fields: str = "") -> list[YamlValue]:
        """Return the objects of a kind in one namespace or, without one, in all; selectors as kubectl writes them."""
        entries = self.store.list(resource.prefix_in(namespace))
        if labels or fields:
            chosen = matcher(resource, labels, fields)
            entries = [entry for entry in entries if chosen(entry.object)]
        return [conversion.to_version(entry.copy(), resource) for entry in entries]

    # writing

    def create(self, resource: Resource, namespace: str, value: YamlValue, write: Write = CONTROLLER) -> YamlValue:
        """Store a new object and return it.

        Raises:
            StatusError: It exists, is invalid, or its namespace is missing.
        """
        metadata = value.setdefault("metadata", {})
        self._place(resource, namespace, metadata)
        generated = not metadata.get("name") and metadata.get("generateName")
        for _ in range(LONGEST_RETRY):
            if generated:
                metadata["name"] = generate_name(metadata["generateName"])
            try:
                return self._create(resource, metadata.get("namespace", ""), value, write)
            except StatusError as error:
                if not generated or error.reason != "AlreadyExists":
                    raise
        raise statuses.already_exists(resource, metadata["name"])

    def _place(self, resource: Resource, namespace: str, metadata: dict[str, YamlValue]) -> None:
        if not resource.namespaced:
            metadata.pop("namespace", None)
            return
        if metadata.setdefault("namespace", namespace) not in ("", namespace):
            raise statuses.wrong_namespace()
        metadata["namespace"] = namespace

    def _create(self, resource: Resource, namespace: str, value: YamlValue, write: Write) -> YamlValue:
        metadata = value["metadata"]
        with self.lock:
            key = resource.key(namespace, metadata.get("name", ""))
            admit.check_namespace(self.store, resource, namespace, metadata.get("name", ""))
            for name in ("deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"):
                metadata.pop(name, None)
            if metadata.pop("resourceVersion", ""):
                raise StatusError(500, "", "resourceVersion should not be set on objects to be created")
            metadata["uid"] = new_uid()
            metadata["creationTimestamp"] = timestamp(self.clock)
            strategy.prepare_create(resource, value)
            admit.mutate(resource, value, None)
            value = ownership.record(self.clock, resource, None, value, write)
            admit.prepare(self.store, resource, value)
            self._validate(resource, value, None, write)
            if self.store.get(key) is not None:
                raise statuses.already_exists(resource, metadata["name"])
            admit.allocate(self.store, resource, value, None)
            if write.dry_run:
                return value
            stored = conversion.to_storage(value, resource)
            entry = self.store.create(key, stored)
            self._react(resource, entry)
            return conversion.to_version(entry.copy(), resource)

    def _validate(self, resource: Resource, value: YamlValue, old: YamlValue | None, write: Write) -> None:
        causes = metadata_causes(resource, value["metadata"])
        if old is not None:
            causes += strategy.metadata_change_causes(old["metadata"], value["metadata"])
        causes += admit.causes(resource, value, old, write)
        if causes:
            raise statuses.invalid(resource, value["metadata"].get("name", ""), causes)
        if write.check is not None:
            write.check(resource, value, old)

    def update(self, resource: Resource, namespace: str, value: YamlValue, write: Write = CONTROLLER) -> YamlValue:
        """Replace an object, or with ``write.subresource`` a part of it, and return it.

        When ``metadata.resourceVersion`` is set it must be the current one.

        Raises:
            StatusError: It does not exist, was changed meanwhile, or is invalid.
        """
        with self.lock:
            entry = self.entry(resource, namespace, value.get("metadata", {}).get("name", ""))
            old = conversion.to_version(entry.copy(), resource)
            return self._update(resource, entry, old, value, write)

    def modify(
        self,
        resource: Resource,
        namespace: str,
        name: str,
        change: Callable[[YamlValue], YamlValue | None],
        write: Write = CONTROLLER,
    ) -> YamlValue:
        """Read an object, let ``change`` alter it (or return another in its place) and store it, in one step.

        Raises:
            StatusError: It does not exist, or became invalid.
        """
        with self.lock:
            entry = self.entry(resource, namespace, name)
            old = conversion.to_version(entry.copy(), resource)
            value = conversion.to_version(entry.copy(), resource)
            changed = change(value)
            return self._update(resource, entry, old, value if changed is None else changed, write)

    def _update(self, resource: Resource, entry: Entry, old: YamlValue, value: YamlValue, write: Write) -> YamlValue:
        strategy.check_identity(resource, old, value)
        strategy.prepare_update(resource, old, value, write.subresource)
        admit.mutate(resource, value, old)
        self._validate(resource, value, old, write)
        strategy.count_generation(resource, old, value)
        value = ownership.record(self.clock, resource, old, value, write)
        if not write.subresource:
            admit.allocate(self.store, resource, value, old)
        if write.dry_run or strategy.same(old, value):
            return value if write.dry_run else old
        if deletion.is_finished(resource, value):
            return self._remove(resource, entry, value)
        stored = self.store.update(entry.key, conversion.to_storage(value, resource), expected=entry.revision)
        self._react(resource, stored)
        return conversion.to_version(stored.copy(), resource)

    def delete(
        self, resource: Resource, namespace: str, name: str, options: Deletion | None = None, *, dry_run: bool = False
    ) -> tuple[YamlValue, bool]:
        """Delete an object, at once or, when finalizers or a grace period keep it, later.

        Returns:
            The object, and whether it is gone already.

        Raises:
            StatusError: It does not exist, or a precondition does not hold.
        """
        options = options or Deletion()
        with self.lock:
            entry = self.entry(resource, namespace, name)
            value = entry.copy()
            deletion.check_preconditions(resource, value, options)
            waits = deletion.mark(self.clock, resource, value, options)
            if dry_run:
                return conversion.to_version(value, resource), not waits
            if not waits:
                return self._remove(resource, entry, value), True
            if not strategy.same(entry.object, value):
                entry = self.store.update(entry.key, value, expected=entry.revision)
                self._react(resource, entry)
            return conversion.to_version(entry.copy(), resource), False

    def _remove(self, resource: Resource, entry: Entry, value: YamlValue) -> YamlValue:
        removed = self.store.delete(entry.key, expected=entry.revision)
        if resource.plural == "customresourcedefinitions" and resource.group == "apiextensions.k8s.io":
            withdraw_definition(self.store, self.registry, value)
        return conversion.to_version(removed.copy(), resource)

    def _react(self, resource: Resource, entry: Entry) -> None:
        if resource.plural == "customresourcedefinitions" and resource.group == "apiextensions.k8s.io":
            serve_definition(self.store, self.registry, self.clock, entry)
