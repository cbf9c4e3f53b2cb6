"""How the fields of a kind merge: merge keys, patch strategies and list types, for Kubernetes' kinds and for CRDs."""

from __future__ import annotations

from pilothouse.objects.identity import split_api_version
from pilothouse.objects.merge_keys import ATOMIC, KINDS, TYPES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.golang.kinds import YamlValue

# Kinds of groups that no longer exist and merge as their successors do.
_MOVED = {
    "apps/v1beta1": "apps/v1",
    "apps/v1beta2": "apps/v1",
    "extensions/v1beta1": "apps/v1 networking.k8s.io/v1",
    "networking.k8s.io/v1beta1": "networking.k8s.io/v1",
    "batch/v1beta1": "batch/v1",
    "policy/v1beta1": "policy/v1",
    "autoscaling/v2beta1": "autoscaling/v2",
    "autoscaling/v2beta2": "autoscaling/v2",
    "rbac.authorization.k8s.io/v1beta1": "rbac.authorization.k8s.io/v1",
    "rbac.authorization.k8s.io/v1alpha1": "rbac.authorization.k8s.io/v1",
    "admissionregistration.k8s.io/v1beta1": "admissionregistration.k8s.io/v1",
    "storage.k8s.io/v1beta1": "storage.k8s.io/v1",
    "scheduling.k8s.io/v1beta1": "scheduling.k8s.io/v1",
    "coordination.k8s.io/v1beta1": "coordination.k8s.io/v1",
    "discovery.k8s.io/v1beta1": "discovery.k8s.io/v1",
    "apiextensions.k8s.io/v1beta1": "apiextensions.k8s.io/v1",
    "apiregistration.k8s.io/v1beta1": "apiregistration.k8s.io/v1",
    "node.k8s.io/v1beta1": "node.k8s.io/v1",
}
_NOT_IN_CLIENTS = ("apiextensions.k8s.io", "apiregistration.k8s.io")


class Schema:
    """How one value merges.

    Attributes:
        type_name: The type of an object or of the elements of a list or map; empty when nothing special is known.
        shape: ``object``, ``list``, ``map``, ``untyped`` or empty when nothing special is known.
        list_type: ``atomic``, ``set`` or ``map``.
        map_type: ``granular`` or ``atomic``.
        map_keys: The fields that tell the items of a list of type ``map`` apart.
        patch_strategies: What ``patchStrategy`` says: ``merge``, ``replace``, ``retainKeys``.
        merge_key: What ``patchMergeKey`` says.
    """

    __slots__ = ("list_type", "map_keys", "map_type", "merge_key", "patch_strategies", "shape", "type_name")

    def __init__(
        self,
        type_name: str = "",
        *,
        shape: str = "",
        topology: str = "",
        map_keys: tuple[str, ...] = (),
        patch_strategies: tuple[str, ...] = (),
        merge_key: str = "",
    ) -> None:
        self.type_name = type_name
        self.shape = shape
        self.list_type = topology if shape == "list" and topology else "atomic"
        is_atomic = topology == "atomic" or (shape == "object" and type_name in ATOMIC)
        self.map_type = "atomic" if is_atomic and shape != "list" else "granular"
        self.map_keys = map_keys
        self.patch_strategies = patch_strategies
        self.merge_key = merge_key

    def field(self, name: str) -> Schema:
        """Return how the field ``name`` merges."""
        if self.shape == "map":
            return self.element()
        found = TYPES.get(self.type_name, {}).get(name) if self.shape == "object" else None
        if found is None:
            return UNKNOWN
        shape, type_name, topology, keys, strategies, merge_key = found
        return Schema(
            type_name,
            shape=shape,
            topology=topology,
            map_keys=keys,
            patch_strategies=strategies,
            merge_key=merge_key,
        )

    def element(self) -> Schema:
        """Return how the elements of a list or the values of a map merge."""
        return Schema(self.type_name, shape="object") if self.type_name and self.shape != "object" else UNKNOWN

    def is_declared(self, name: str) -> bool:
        """Say whether ``name`` is a field of a type, not a key that the user chose."""
        return bool(name) and self.shape not in {"map", "untyped"}


class _Untyped(Schema):
    """What nothing is known of: maps are granular and lists atomic, all the way down."""

    __slots__ = ()

    def field(self, name: str) -> Schema:
        """Return the same again."""
        del name
        return self

    def element(self) -> Schema:
        """Return the same again."""
        return self


UNKNOWN = Schema()
UNTYPED = _Untyped(shape="untyped")
METADATA = Schema("meta.v1.ObjectMeta", shape="object")


class CustomSchema(Schema):
    """How a value merges whose structural schema a CustomResourceDefinition gives.

    Args:
        definition: The OpenAPI v3 schema.
        root: Whether it describes a whole object, with metadata.
    """

    __slots__ = ("_definition", "_root")

    def __init__(self, definition: Mapping[str, YamlValue], *, root: bool = False) -> None:
        if definition.get("type") == "array":
            shape, option = "list", "x-kubernetes-list-type"
        else:
            declared = root or "properties" in definition
            free = "map" if "additionalProperties" in definition else "untyped"
            shape, option = "object" if declared else free, "x-kubernetes-map-type"
        super().__init__(
            "custom",
            shape=shape,
            topology=str(definition.get(option) or ""),
            map_keys=tuple(definition.get("x-kubernetes-list-map-keys") or ()),
        )
        self._definition = definition
        self._root = root

    def field(self, name: str) -> Schema:
        """Return how the field ``name`` merges."""
        if self._root and name == "metadata":
            return METADATA
        found = (self._definition.get("properties") or {}).get(name)
        if found is None:
            found = self._definition.get("additionalProperties")
        return CustomSchema(found) if isinstance(found, dict) else UNTYPED

    def element(self) -> Schema:
        """Return how the elements of a list or the values of a map merge."""
        found = self._definition.get("items") or self._definition.get("additionalProperties")
        return CustomSchema(found) if isinstance(found, dict) else UNTYPED

    def key_default(self, name: str) -> YamlValue:
        """Return the default of a key of a list's items."""
        item = self._definition.get("items") or {}
        return (item.get("properties") or {}).get(name, {}).get("default")


def key_default(schema: Schema, name: str) -> YamlValue:
    """Return what an item that lacks the key ``name`` counts as having; only ports have such a key."""
    if isinstance(schema, CustomSchema):
        return schema.key_default(name)
    return "TCP" if name == "protocol" else None


def _type_of(api_version: str, kind: str) -> str | None:
    for candidate in (api_version, *_MOVED.get(api_version, "").split()):
        found = KINDS.get(candidate, {}).get(kind)
        if found is not None:
            return found
    return None


def is_known(api_version: str, kind: str) -> bool:
    """Say whether clients' scheme knows a kind, so that a strategic merge patch is possible.

    Go's ``scheme.Scheme.IsRegistered`` of client-go; CRDs and API services are in schemes of their own.
    """
    if split_api_version(api_version)[0] in _NOT_IN_CLIENTS:
        return False
    return _type_of(api_version, kind) is not None or _type_of(api_version, kind.removesuffix("List")) is not None


def schema_of(api_version: str, kind: str) -> Schema | None:
    """Return how objects of one of Kubernetes' own kinds merge; None for kinds it does not know."""
    found = _type_of(api_version, kind)
    return None if found is None else Schema(found, shape="object")


def custom_schema(definition: Mapping[str, YamlValue] | None) -> Schema:
    """Return how objects merge whose schema a CustomResourceDefinition gives."""
    return CustomSchema(definition or {}, root=True)
