"""A few objects in memory behind the calls of the Kubernetes client, for tests that need no server."""

from __future__ import annotations

import copy

from pilothouse.kube.errors import AlreadyExists, ObjectNotFound
from pilothouse.kube.resources import KubeObject, Mapping
from pilothouse.objects import selectors


class StoredObjects:
    """Create, replace, get, list and delete as an API server does them; everything else it cannot do.

    Attributes:
        calls: Verb and form of every call, to see how much was asked for.
    """

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str, str], KubeObject] = {}
        self.calls: list[str] = []

    def get(self, mapping: Mapping, namespace: str, name: str) -> KubeObject:
        """Return one object."""
        self.calls.append("get")
        return copy.deepcopy(self._find(mapping, namespace, name))

    def list(
        self, mapping: Mapping, namespace: str = "", *, label_selector: str = "", form: str = "object"
    ) -> list[KubeObject]:
        """Return the objects that a selector chooses."""
        self.calls.append(f"list {form}")
        wanted = selectors.parse(label_selector)
        found = []
        for (kind, where, _), item in sorted(self.objects.items()):
            if kind != mapping.kind or (namespace and where != namespace):
                continue
            if wanted.matches(item["metadata"].get("labels") or {}):
                whole = copy.deepcopy(item)
                found.append({"metadata": whole["metadata"]} if form == "metadata" else whole)
        return found

    def create(self, mapping: Mapping, namespace: str, object: KubeObject) -> KubeObject:  # noqa: A002
        """Create an object."""
        self.calls.append("create")
        key = (mapping.kind, namespace, object["metadata"]["name"])
        if key in self.objects:
            raise AlreadyExists({"message": f'{mapping.plural} "{key[2]}" already exists', "code": 409})
        self.objects[key] = copy.deepcopy(object)
        return object

    def replace(self, mapping: Mapping, namespace: str, object: KubeObject) -> KubeObject:  # noqa: A002
        """Replace an object."""
        self.calls.append("replace")
        self._find(mapping, namespace, object["metadata"]["name"])
        self.objects[mapping.kind, namespace, object["metadata"]["name"]] = copy.deepcopy(object)
        return object

    def delete(self, mapping: Mapping, namespace: str, name: str) -> None:
        """Delete an object."""
        self.calls.append("delete")
        self._find(mapping, namespace, name)
        del self.objects[mapping.kind, namespace, name]

    def _find(self, mapping: Mapping, namespace: str, name: str) -> KubeObject:
        item = self.objects.get((mapping.kind, namespace, name))
        if item is None:
            raise ObjectNotFound({"message": f'{mapping.plural} "{name}" not found', "code": 404})
        return item
