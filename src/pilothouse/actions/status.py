"""A release with its live objects (``action.Status``)."""

from __future__ import annotations

from pilothouse.actions.get import stored_release
from pilothouse.apply.manifests import build_resources
from pilothouse.errors import PilothouseError
from pilothouse.objects import selectors
from pilothouse.records import Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.actions.context import Context
    from pilothouse.apply.cluster import Object
    from pilothouse.releases.release import Release

#: Kinds whose pods are shown beside them (``getSelectorFromObject``).
_WORKLOADS = ("ReplicaSet", "Deployment", "StatefulSet", "DaemonSet", "Job")
RELATED_PODS = "v1/Pod(related)"


class ReleaseStatus(Record):
    """A release and what the cluster shows for it.

    Attributes:
        release: The revision asked for.
        resources: For each ``version/Kind`` the live objects, or their tables when tables were asked for.
    """

    release: Release
    resources: Mapping[str, list[Object]] = field(default_factory=dict)


def status(
    context: Context, name: str, *, revision: int = 0, resources: bool = True, tables: bool = False
) -> ReleaseStatus:
    """Return a revision with its live objects.

    Args:
        context: The ports.
        name: The release.
        revision: Which one, 0 for the newest.
        resources: Whether live objects are read.
        tables: Whether the server answers with the tables that kubectl shows.

    Raises:
        NotFound: There is no such revision.
    """
    context.require_cluster()
    release = stored_release(context, name, revision=revision)
    if not resources:
        return ReleaseStatus(release=release)
    return ReleaseStatus(release=release, resources=live_resources(context, release, tables=tables))


def live_resources(context: Context, release: Release, *, tables: bool) -> dict[str, list[Object]]:
    """Return the live objects of a release by version and kind, pods of its workloads among them."""
    found: dict[str, list[Object]] = {}
    selectors: list[str] = []
    pods = context.cluster.mapping("v1", "Pod")
    for resource in build_resources(context.cluster, release.manifest, release.namespace):
        key = f"{resource.mapping.version}/{resource.kind}"
        try:
            if tables:
                live = context.cluster.get_table(resource.mapping, resource.namespace, resource.name)
            else:
                live = context.cluster.get(resource.mapping, resource.namespace, resource.name)
        except PilothouseError as error:
            context.reporter.debug("object cannot be read", name=resource.name, error=error.message)
            continue
        found.setdefault(key, []).append(live)
        selector = _pod_selector(_object_in(live))
        if not selector or selector in selectors:
            continue
        selectors.append(selector)
        if tables:
            related = [context.cluster.list_table(pods, resource.namespace, label_selector=selector)]
        else:
            related = context.cluster.list(pods, resource.namespace, label_selector=selector)
        if related:
            found.setdefault(RELATED_PODS, []).extend(related)
    return found


def _object_in(live: Object) -> Object:
    """Return the object itself, taken out of the row of a table."""
    if live.get("kind") != "Table":
        return live
    rows = live.get("rows") or [{}]
    found = rows[0].get("object")
    return found if isinstance(found, dict) else {}


def _pod_selector(live: Object) -> str:
    spec = live.get("spec")
    if not isinstance(spec, dict):
        return ""
    if live.get("kind") == "ReplicationController":
        labels = spec.get("selector")
    elif live.get("kind") in _WORKLOADS:
        labels = (spec.get("selector") or {}).get("matchLabels")
    else:
        return ""
    return str(selectors.from_labels(labels)) if labels else ""
