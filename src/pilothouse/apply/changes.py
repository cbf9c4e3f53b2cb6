"""Bringing one object to the state that a release wants (``kube.Client.Create`` and ``Update``)."""

from __future__ import annotations

from pilothouse.apply.errors import ApplyConflict
from pilothouse.errors import Conflict, NotFound, PilothouseError
from pilothouse.objects import managedfields, schemas
from pilothouse.objects.patches import merge, strategic

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.apply.cluster import Cluster, Object
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.plan.operations import Apply, ApplySettings
    from pilothouse.plan.resources import Resource
    from pilothouse.progress import Reporter

#: Attempts after a conflict (``retry.DefaultRetry``).
ATTEMPTS = 5
FIELD_MANAGER = "helm"


class Change:
    """What applying an object came to: ``created``, ``updated`` or ``failed``, with the error in the last case."""

    __slots__ = ("error", "fatal", "resource", "what")

    def __init__(
        self, resource: Resource, what: str, error: PilothouseError | None = None, *, fatal: bool = False
    ) -> None:
        self.resource = resource
        self.what = what
        self.error = error
        self.fatal = fatal


def apply_resource(cluster: Cluster, operation: Apply, settings: ApplySettings, reporter: Reporter) -> Change:
    """Create or update one object and say which it was; errors are part of the answer."""
    target = operation.resource
    if operation.create:
        return _created(cluster, target, settings)
    try:
        live = cluster.get(target.mapping, target.namespace, target.name)
    except NotFound:
        return _created(cluster, target, settings, prefix="failed to create resource: ")
    except PilothouseError as error:
        failure = error.prefixed("could not get information about the resource: ")
        return Change(target, "failed", failure, fatal=True)
    if operation.previous is None:
        reporter.warning(
            "resource exists on cluster but not in original release, using cluster state as baseline",
            namespace=target.namespace,
            name=target.name,
            kind=target.kind,
        )
    original = operation.previous.object if operation.previous is not None else live
    try:
        _update(cluster, target, original, live, settings)
        if operation.between is not None and not settings.server_side and not settings.force_replace:
            # What either state had and the wanted one lacks has to go; who sent the last patch is not known.
            live = cluster.get(target.mapping, target.namespace, target.name)
            _update(cluster, target, operation.between.object, live, settings)
    except PilothouseError as error:
        return Change(target, "updated", error)
    return Change(target, "updated")


def _created(cluster: Cluster, target: Resource, settings: ApplySettings, *, prefix: str = "") -> Change:
    """Create an object; with ``prefix``, in the middle of an update, where a failure stops everything."""
    try:
        create_resource(cluster, target, settings, force=bool(prefix) and settings.force_conflicts)
    except PilothouseError as error:
        return Change(target, "created", error.prefixed(prefix) if prefix else error, fatal=bool(prefix))
    return Change(target, "created")


def create_resource(cluster: Cluster, target: Resource, settings: ApplySettings, *, force: bool) -> None:
    """Create an object, by server-side apply where the release uses it (``makeCreateApplyFunc``)."""
    if settings.server_side:
        _retried(
            lambda: _apply_on_server(cluster, target, settings, force=force),
            lambda error: "Operation cannot be fulfilled on resourcequotas" in error.message,
        )
        return
    _retried(
        lambda: cluster.create(target.mapping, target.namespace, target.object, field_manager=FIELD_MANAGER),
        lambda error: isinstance(error, Conflict),
    )


def _update(cluster: Cluster, target: Resource, original: Object, live: Object, settings: ApplySettings) -> None:
    if settings.force_replace:
        _replace(cluster, target, live)
    elif settings.server_side:
        if settings.migrate_managers:
            _migrate_managers(cluster, target, live)
        _apply_on_server(cluster, target, settings, force=settings.force_conflicts)
    else:
        _patch_client_side(cluster, target, original, live, three_way_for_custom=settings.three_way_for_custom)


def _apply_on_server(cluster: Cluster, target: Resource, settings: ApplySettings, *, force: bool) -> None:
    """Send the whole object as an apply patch (``patchResourceServerSide``)."""
    try:
        cluster.patch(
            target.mapping,
            target.namespace,
            target.name,
            target.object,
            patch_type="apply",
            field_manager=FIELD_MANAGER,
            force=force,
            field_validation=settings.field_validation,
        )
    except Conflict as error:
        raise ApplyConflict(
            f"conflict occurred while applying object {_place(target)}: {error.message}",
            hints=("--force-conflicts takes the fields over from their manager",),
        ) from error
    except PilothouseError as error:
        raise error.prefixed(f"server-side apply failed for object {_place(target)}: ") from error


def _place(target: Resource) -> str:
    return f"{target.namespace}/{target.name} {target.version_kind()}"


def _replace(cluster: Cluster, target: Resource, live: Object) -> None:
    """Replace an object whole; the live resource version goes along, as ``Helper.Replace`` sets it.

    Controllers write to live objects at any time, so a conflict is met by reading the object again.
    """
    versions = iter([live["metadata"].get("resourceVersion")])

    def attempt() -> None:
        version = next(versions, None) or cluster.get(target.mapping, target.namespace, target.name)["metadata"].get(
            "resourceVersion"
        )
        replacement = {**target.object, "metadata": {**target.object["metadata"], "resourceVersion": version}}
        cluster.replace(target.mapping, target.namespace, replacement, field_manager=FIELD_MANAGER)

    try:
        _retried(attempt, lambda error: isinstance(error, Conflict))
    except PilothouseError as error:
        raise error.prefixed("failed to replace object: ") from error


def _migrate_managers(cluster: Cluster, target: Resource, live: Object) -> None:
    """Hand fields that Helm owns by updates to its applies (``csaupgrade.UpgradeManagedFieldsPatch``)."""

    def attempt() -> None:
        current = cluster.get(target.mapping, target.namespace, target.name)
        patch = managedfields.migration_patch(current, client_side=FIELD_MANAGER, server_side=FIELD_MANAGER)
        if patch:
            cluster.patch(
                target.mapping,
                target.namespace,
                target.name,
                patch,
                patch_type="json",
                field_manager=FIELD_MANAGER,
            )

    if not managedfields.migration_patch(live, client_side=FIELD_MANAGER, server_side=FIELD_MANAGER):
        return
    try:
        _retried(attempt, lambda error: isinstance(error, Conflict))
    except PilothouseError as error:
        raise error.prefixed(f"failed to patch object to upgrade CSA field manager {_place(target)}: ") from error


def _patch_client_side(
    cluster: Cluster, target: Resource, original: Object, live: Object, *, three_way_for_custom: bool
) -> None:
    """Compute a patch here and send it when it changes anything (``patchResourceClientSide``)."""
    patch: dict[str, YamlValue]
    schema = _strategic_schema(target)
    if schema is not None:
        patch_type = "strategic"
        patch = strategic.create_three_way(original, target.object, live, schema)
    elif three_way_for_custom:
        patch_type = "merge"
        kept = [merge.keeps_key("apiVersion"), merge.keeps_key("kind"), merge.keeps_key("metadata", "name")]
        patch = merge.create_three_way(original, target.object, live, kept)
    else:
        patch_type = "merge"
        patch = merge.create(original, target.object)
    if not patch:
        return
    try:
        cluster.patch(
            target.mapping, target.namespace, target.name, patch, patch_type=patch_type, field_manager=FIELD_MANAGER
        )
    except PilothouseError as error:
        raise error.prefixed(f'cannot patch "{target.name}" with kind {target.kind}: ') from error


def _strategic_schema(target: Resource) -> schemas.Schema | None:
    """Return the merge rules of a kind that Go's client scheme knows; others are unstructured objects there."""
    api_version = target.object["apiVersion"]
    if api_version == "apiextensions.k8s.io/v1beta1" or not schemas.is_known(api_version, target.kind):
        return None
    return schemas.schema_of(api_version, target.kind)


def _retried(work: Callable[[], object], retryable: Callable[[PilothouseError], bool]) -> None:
    for attempt in range(ATTEMPTS):
        try:
            work()
        except PilothouseError as error:
            if attempt == ATTEMPTS - 1 or not retryable(error):
                raise
        else:
            return


def delete_resource(cluster: Cluster, resource: Resource, propagation: str) -> None:
    """Delete an object, again after a conflict (``kube.deleteResource``)."""
    _retried(
        lambda: cluster.delete(resource.mapping, resource.namespace, resource.name, propagation=propagation),
        lambda error: isinstance(error, Conflict),
    )
