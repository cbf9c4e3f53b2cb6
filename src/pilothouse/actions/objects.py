"""Looking at objects of a cluster, as ``kubectl get`` does."""

from __future__ import annotations

from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.context import Context
    from pilothouse.apply.cluster import Object


class ObjectQuery(Record):
    """Which objects.

    Attributes:
        resource: A kind as people type it: ``pods``, ``deployment``, ``svc``, ``ingresses.networking.k8s.io``.
        names: Only these, empty for all.
        all_namespaces: Whether to look beyond the context's namespace.
        selector: A label selector.
    """

    resource: str
    names: tuple[str, ...] = ()
    all_namespaces: bool = False
    selector: str = ""


def read_objects(context: Context, query: ObjectQuery) -> list[Object]:
    """Return the objects that the query means.

    Raises:
        NotFound: The server has no such resource, or no object of a name.
    """
    mapping = context.cluster.mapping_for_resource(query.resource)
    namespace = "" if query.all_namespaces else context.namespace
    if query.names:
        return [context.cluster.get(mapping, namespace, name) for name in query.names]
    return context.cluster.list(mapping, namespace, label_selector=query.selector)


def read_tables(context: Context, query: ObjectQuery) -> list[Object]:
    """Return what :func:`read_objects` does as the server's tables, one for each name or one for all."""
    mapping = context.cluster.mapping_for_resource(query.resource)
    namespace = "" if query.all_namespaces else context.namespace
    if query.names:
        return [context.cluster.get_table(mapping, namespace, name) for name in query.names]
    return [context.cluster.list_table(mapping, namespace, label_selector=query.selector)]
