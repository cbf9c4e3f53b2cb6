"""A cluster in memory that the release actions can work on, and that a test can stop at any request."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from pilothouse.kube.errors import AlreadyExists, KindNotFound, ObjectConflict, ObjectNotFound
from pilothouse.objects import selectors
from pilothouse.objects.mapping import Mapping
from pilothouse.objects.patches import merge
from pilothouse.records import Record

Object = dict[str, Any]
Answer = TypeVar("Answer")


class Kind(Record):
    """How objects of one kind are addressed."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool = True


KINDS = {
    ("v1", kind): Kind(group="", version="v1", kind=kind, plural=f"{kind.lower()}s", namespaced=kind != "Namespace")
    for kind in ("ConfigMap", "Pod", "Secret", "Service", "Namespace")
}


class Killed(BaseException):
    """The process was killed: nothing more is done, no handler runs that would not run then."""


class Silence(tuple[()]):
    """Changes that nobody tells."""

    __slots__ = ()

    def close(self) -> None:
        """Do nothing."""


class MemoryCluster:
    """Objects by kind, namespace and name, with resource versions; Pods succeed at once, applying replaces.

    Attributes:
        calls: Verb, kind and name of each request that changes something or may.
        before: Called with the number of a request before it is done; may raise.
        after: The same once it is done and before the answer is given.
    """

    def __init__(self, objects: dict[tuple[str, str, str], Object] | None = None) -> None:
        self.objects = copy.deepcopy(objects or {})
        self.calls: list[str] = []
        self.before: Callable[[int], None] = lambda _number: None
        self.after: Callable[[int], None] = lambda _number: None
        self._version = max((int(item["metadata"]["resourceVersion"]) for item in self.objects.values()), default=0)
        self._lock = threading.RLock()

    def copied(self) -> dict[tuple[str, str, str], Object]:
        """Return what is there now."""
        return copy.deepcopy(self.objects)

    def server_version(self) -> Object:
        """Return the version."""
        return {"major": "1", "minor": "30", "gitVersion": "v1.30.0"}

    def api_versions(self) -> tuple[str, ...]:
        """Return what is served."""
        return ("v1",)

    def schema_problems(self, _document: Object) -> list[str]:
        """Find no fault."""
        return []

    def mapping(self, api_version: str, kind: str) -> Kind:
        """Return how a kind is addressed."""
        if (api_version, kind) not in KINDS:
            raise KindNotFound(api_version, kind)
        return KINDS[api_version, kind]

    def forget_discovery(self) -> None:
        """Know everything."""

    def get(self, mapping: Mapping, namespace: str, name: str) -> Object:
        """Return an object."""
        return self._do("get", mapping, name, lambda: copy.deepcopy(self._find(mapping, namespace, name)))

    def list(
        self,
        mapping: Mapping,
        namespace: str = "",
        *,
        label_selector: str = "",
        field_selector: str = "",
        limit: int = 0,
        form: str = "object",
    ) -> list[Object]:
        """Return the objects that a selector chooses."""
        assert not field_selector
        del limit
        wanted = selectors.parse(label_selector)

        def found() -> list[Object]:
            items = [
                copy.deepcopy(item)
                for (kind, where, _), item in sorted(self.objects.items())
                if kind == mapping.kind and (not namespace or where == namespace)
            ]
            items = [item for item in items if wanted.matches(item["metadata"].get("labels") or {})]
            return [{"metadata": item["metadata"]} for item in items] if form == "metadata" else items

        return self._do("list", mapping, label_selector, found)

    def watch(self, _mapping: Mapping, _namespace: str = "", *, field_selector: str = "") -> Any:
        """Tell nothing: it is to be asked."""
        del field_selector
        return Silence()

    def create(self, mapping: Mapping, namespace: str, object: Object, **_more: Any) -> Object:  # noqa: A002
        """Create an object."""
        name = object["metadata"]["name"]

        def create() -> Object:
            if (mapping.kind, namespace, name) in self.objects:
                raise AlreadyExists({"message": f'{mapping.plural} "{name}" already exists', "code": 409})
            return self._stored(mapping, namespace, object)

        return self._do("create", mapping, name, create)

    def replace(self, mapping: Mapping, namespace: str, object: Object, **_more: Any) -> Object:  # noqa: A002
        """Replace an object."""
        name = object["metadata"]["name"]

        def replace() -> Object:
            found = self._find(mapping, namespace, name)
            version = object["metadata"].get("resourceVersion")
            if version and version != found["metadata"]["resourceVersion"]:
                raise ObjectConflict({"message": f"Operation cannot be fulfilled on {name}", "code": 409})
            return self._stored(mapping, namespace, object)

        return self._do("replace", mapping, name, replace)

    def patch(
        self, mapping: Mapping, namespace: str, name: str, patch: Any, *, patch_type: str, **_more: Any
    ) -> Object:
        """Apply an object, or merge a patch without lists into it."""

        def apply() -> Object:
            if patch_type != "apply":
                return self._stored(mapping, namespace, merge.apply(self._find(mapping, namespace, name), patch))
            return self._stored(mapping, namespace, patch)

        return self._do("patch", mapping, name, apply)

    def delete(self, mapping: Mapping, namespace: str, name: str, **_more: Any) -> None:
        """Delete an object."""

        def delete() -> None:
            self._find(mapping, namespace, name)
            del self.objects[mapping.kind, namespace, name]

        self._do("delete", mapping, name, delete)

    def logs(self, _namespace: str, _pod: str, *, container: str = "") -> Iterator[str]:
        """Know nothing."""
        yield container

    def _do(self, verb: str, mapping: Mapping, name: str, work: Callable[[], Answer]) -> Answer:
        with self._lock:
            number = len(self.calls)
            self.calls.append(f"{verb} {mapping.kind}/{name}")
        self.before(number)
        try:
            with self._lock:
                return work()
        finally:
            self.after(number)

    def _find(self, mapping: Mapping, namespace: str, name: str) -> Object:
        item = self.objects.get((mapping.kind, namespace, name))
        if item is None:
            raise ObjectNotFound({"message": f'{mapping.plural} "{name}" not found', "code": 404})
        return item

    def _stored(self, mapping: Mapping, namespace: str, item: Object) -> Object:
        self._version += 1
        kept = copy.deepcopy(item)
        kept["metadata"] = {**kept["metadata"], "namespace": namespace, "resourceVersion": str(self._version)}
        if mapping.kind == "Pod":
            kept["status"] = {"phase": "Succeeded"}
        self.objects[mapping.kind, namespace, kept["metadata"]["name"]] = kept
        return copy.deepcopy(kept)


class Kill:
    """Kills the process at one request: before it is done, or after it and before its answer."""

    def __init__(self, cluster: MemoryCluster, number: int, *, after: bool) -> None:
        self._first = len(cluster.calls)
        self._number = number
        self._after = after
        self.fired = False
        cluster.before = self._before
        cluster.after = self._behind

    def _before(self, number: int) -> None:
        if self.fired or (not self._after and number - self._first == self._number):
            self.fired = True
            raise Killed

    def _behind(self, number: int) -> None:
        if self._after and number - self._first == self._number:
            self.fired = True
            raise Killed
