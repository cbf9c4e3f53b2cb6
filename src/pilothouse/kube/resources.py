"""How a kind is served: the path and the names of its resource."""

from __future__ import annotations

from pilothouse.objects.identity import join_api_version
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.objects.mapping import Mapping

    KubeObject = dict[str, YamlValue]
else:
    KubeObject = dict


class ResourceMapping(Record):
    """One kind of one API version and the resource that serves it (``meta.RESTMapping``)."""

    group: str
    version: str
    kind: str
    plural: str
    namespaced: bool
    verbs: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        """``group/version``, or the version alone in the core group."""
        return api_version_of(self)

    def path(self, namespace: str = "", name: str = "", subresource: str = "") -> str:
        """Return the URL path of the collection, of one object or of its subresource."""
        return path_of(self, namespace, name, subresource)


def api_version_of(mapping: Mapping) -> str:
    """Return ``group/version``, or the version alone in the core group (``schema.GroupVersion.String``)."""
    return join_api_version(mapping.group, mapping.version)


def group_resource_of(mapping: Mapping) -> str:
    """Return ``plural.group``, or the plural alone in the core group (``schema.GroupResource.String``)."""
    return f"{mapping.plural}.{mapping.group}" if mapping.group else mapping.plural


def path_of(mapping: Mapping, namespace: str = "", name: str = "", subresource: str = "") -> str:
    """Return the URL path of a collection, of one object or of its subresource.

    Args:
        mapping: The kind.
        namespace: Left out for kinds without namespaces; empty stands for all of them.
        name: Object, empty for the collection.
        subresource: Such as ``status``, ``scale`` or ``log``.
    """
    path = f"/apis/{mapping.group}/{mapping.version}" if mapping.group else f"/api/{mapping.version}"
    if mapping.namespaced and namespace:
        path += f"/namespaces/{escape(namespace)}"
    path += f"/{mapping.plural}"
    if name:
        path += f"/{escape(name)}"
    if subresource:
        path += f"/{subresource}"
    return path


_PLAIN = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def escape(text: str) -> str:
    """Return ``text`` percent-encoded for one segment of a path or for a query."""
    return "".join(chr(byte) if byte in _PLAIN else f"%{byte:02X}" for byte in text.encode("utf-8", "surrogateescape"))


CONFIG_MAPS = ResourceMapping(group="", version="v1", kind="ConfigMap", plural="configmaps", namespaced=True)
NAMESPACES = ResourceMapping(group="", version="v1", kind="Namespace", plural="namespaces", namespaced=False)
PODS = ResourceMapping(group="", version="v1", kind="Pod", plural="pods", namespaced=True)
SECRETS = ResourceMapping(group="", version="v1", kind="Secret", plural="secrets", namespaced=True)
