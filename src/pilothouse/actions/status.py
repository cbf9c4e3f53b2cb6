"""A release with its live objects (``action.Status``)."""

from __future__ import annotations

from pilothouse.actions.get import stored_release
from pilothouse.actions.recovery import Interruption, interruption_of
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
        interruption: The operation on the revision that has not ended, where one left a journal.
    """

    release: Release
    interruption: Interruption | None = None
    resources: Mapping[str, list[Object]] = field(default_factory=dict)

    @property
    def objects(self) -> tuple[Object, ...]:
        """The live objects, those of the manifest first and the pods of its workloads last."""
        pods = [pod for found in self.resources.get(RELATED_PODS, ()) for pod in found.get("items", ())]
        own = [one for key, found in self.resources.items() if key != RELATED_PODS for one in found]
        return (*own, *pods)


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
    found = ReleaseStatus(release=release, interruption=interruption_of(context, release))
    return found.replace(resources=live_resources(context, release, tables=tables)) if resources else found


def live_resources(context: Context, release: Release, *, tables: bool) -> dict[str, list[Object]]:
    """Return the live objects of a release by version and kind, pods of its workloads among them."""
    found: dict[str, list[Object]] = {}
    asked: set[str] = set()
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
        selector = _pod_selector(resource.object)
        if not selector or selector in asked:
            continue
        asked.add(selector)
        try:
            related = _related_pods(context, resource.namespace, selector, tables=tables)
        except PilothouseError as error:
            context.reporter.warning("get the relation pod is failed", error=error.message)
        else:
            found.setdefault(RELATED_PODS, []).append(related)
    return found


def _related_pods(context: Context, namespace: str, selector: str, *, tables: bool) -> Object:
    pods = context.cluster.mapping("v1", "Pod")
    if tables:
        return context.cluster.list_table(pods, namespace, label_selector=selector)
    return context.cluster.list_object(pods, namespace, label_selector=selector)


def _pod_selector(wanted: Object) -> str:
    """Return the selector that an object of the manifest has for its pods; the live one may say more."""
    labels = wanted.get("spec")
    path: tuple[str, ...]
    if wanted.get("kind") == "ReplicationController":
        path = ("selector",)
    elif wanted.get("kind") in _WORKLOADS:
        path = ("selector", "matchLabels")
    else:
        return ""
    for key in path:
        labels = labels.get(key) if isinstance(labels, dict) else None
    return str(selectors.from_labels(labels)) if isinstance(labels, dict) and labels else ""
