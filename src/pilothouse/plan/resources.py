"""One object of a release, with what the API server must know to find it."""

from __future__ import annotations

from pilothouse.objects.identity import ObjectKey
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.objects.mapping import Mapping

RESOURCE_POLICY = "helm.sh/resource-policy"
MANAGED_BY = "app.kubernetes.io/managed-by"
RELEASE_NAME = "meta.helm.sh/release-name"
RELEASE_NAMESPACE = "meta.helm.sh/release-namespace"


class Resource(Record):
    """An object together with its address (``resource.Info``).

    Attributes:
        mapping: How its kind is addressed.
        namespace: Where it lives, empty for kinds without namespaces.
        name: Its name, empty when the server is to make one up.
        object: The object as JSON values.
    """

    mapping: Mapping
    namespace: str
    name: str
    object: dict[str, YamlValue]

    @property
    def key(self) -> ObjectKey:
        """What tells it from other objects of the release; the version does not count (``isMatchingInfo``)."""
        return ObjectKey(self.mapping.group, self.mapping.kind, self.namespace, self.name)

    @property
    def exact_key(self) -> tuple[str, ObjectKey]:
        """Version and key: what an upgrade compares to find new objects (``action.objectKey``)."""
        return (self.mapping.version, self.key)

    @property
    def kind(self) -> str:
        """Kind of the object."""
        return self.mapping.kind

    def described(self) -> str:
        """Return how Helm names it in ownership errors (``action.resourceString``)."""
        return f'{self.kind} "{self.name}" in namespace "{self.namespace}"'

    def version_kind(self) -> str:
        """Return group, version and kind as Go prints a GroupVersionKind."""
        group_version = f"{self.mapping.group}/{self.mapping.version}"
        return f"{group_version}, Kind={self.kind}"

    def owned_by(self, release: str, namespace: str) -> Resource:
        """Return it with the labels and annotations that make it part of a release (``setMetadataVisitor``)."""
        metadata = dict(self.object.get("metadata") or {})
        metadata["labels"] = {**(metadata.get("labels") or {}), MANAGED_BY: "Helm"}
        metadata["annotations"] = {
            **(metadata.get("annotations") or {}),
            RELEASE_NAME: release,
            RELEASE_NAMESPACE: namespace,
        }
        return self.replace(object={**self.object, "metadata": metadata})


def absent_from(originals: Iterable[Resource], targets: Iterable[Resource]) -> list[Resource]:
    """Return the originals that no target has the key of (``ResourceList.Difference``)."""
    kept = {target.key for target in targets}
    return [original for original in originals if original.key not in kept]
