"""The Kubernetes API as the executor of plans sees it; ``kube.client.KubeClient`` fulfils it."""

from __future__ import annotations

from typing import Protocol

from pilothouse.golang.kinds import YamlValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pilothouse.objects.mapping import Mapping

Object = dict[str, YamlValue]


class Change(Protocol):
    """A change of an object: ``ADDED``, ``MODIFIED`` or ``DELETED``, and the object after it, or before it was gone."""

    @property
    def type(self) -> str:
        """What happened."""

    @property
    def object(self) -> Object:
        """The object."""


class Changes(Protocol):
    """The changes of a collection, those that make what there is coming first."""

    def __iter__(self) -> Iterator[Change]:
        """Yield them as they happen; raises ``PilothouseError`` when the server does not tell them any more."""

    def close(self) -> None:
        """End the iteration, from any thread."""


class Cluster(Protocol):
    """A Kubernetes API server."""

    def server_version(self) -> Object:
        """Return what ``/version`` says; raises ``Unreachable`` when nobody answers."""

    def api_versions(self) -> tuple[str, ...]:
        """Return every served ``group/version`` and ``group/version/Kind``."""

    def schema_problems(self, document: Object) -> list[str]:
        """Return what is wrong with an object by the server's schemas, where the server does not look itself."""

    def mapping(self, api_version: str, kind: str) -> Mapping:
        """Return how objects of this kind are addressed; raises ``NotFound`` when the server does not know it."""

    def mapping_for_resource(self, resource: str) -> Mapping:
        """Return the kind behind ``pods``, ``deployment.apps`` or a short name; raises ``NotFound``."""

    def forget_discovery(self) -> None:
        """Ask the server anew for its kinds, since CRDs were added."""

    def get(self, mapping: Mapping, namespace: str, name: str) -> Object:
        """Return one object; raises ``NotFound``."""

    def list(
        self, mapping: Mapping, namespace: str = "", *, label_selector: str = "", field_selector: str = ""
    ) -> list[Object]:
        """Return the objects of a kind in a namespace, or in all of them."""

    def watch(self, mapping: Mapping, namespace: str = "", *, field_selector: str = "") -> Changes:
        """Return the changes of a collection."""

    def get_table(self, mapping: Mapping, namespace: str, name: str) -> Object:
        """Return one object as the ``Table`` that kubectl shows, the object inside."""

    def list_object(self, mapping: Mapping, namespace: str = "", *, label_selector: str = "") -> Object:
        """Return objects of a kind as one list object."""

    def list_table(self, mapping: Mapping, namespace: str = "", *, label_selector: str = "") -> Object:
        """Return objects of a kind as one ``Table``."""

    def create(self, mapping: Mapping, namespace: str, object: Object, *, field_manager: str = "helm") -> Object:  # noqa: A002
        """Create an object and return it as stored."""

    def replace(self, mapping: Mapping, namespace: str, object: Object, *, field_manager: str = "helm") -> Object:  # noqa: A002
        """Replace an object and return it as stored."""

    def patch(
        self,
        mapping: Mapping,
        namespace: str,
        name: str,
        patch: YamlValue,
        *,
        patch_type: str,
        field_manager: str = "helm",
        force: bool = False,
        field_validation: str = "",
    ) -> Object:
        """Patch an object and return it as stored; ``patch_type`` is strategic, merge, json or apply."""

    def delete(self, mapping: Mapping, namespace: str, name: str, *, propagation: str = "", uid: str = "") -> None:
        """Delete an object, its dependents as ``propagation`` says or else as its kind does; raises ``NotFound``.

        With ``uid`` only that object is deleted, and not one that took its name; then it raises ``Conflict``.
        """

    def logs(
        self, namespace: str, pod: str, *, container: str = "", tail: int = 0, previous: bool = False
    ) -> Iterator[str]:
        """Yield the log of a container, a piece at a time; of its last run if ``previous``, ``tail`` lines if not 0."""
