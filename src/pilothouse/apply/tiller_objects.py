"""Objects of a release as Tiller handles them: created, updated by two-way patches, deleted (Helm 2's ``pkg/kube``)."""

from __future__ import annotations

from pilothouse.apply.errors import ApplyFailed, BadManifest
from pilothouse.apply.parallel import batches_by_kind, run_all
from pilothouse.apply.tiller_manifests import build
from pilothouse.apply.tiller_waiting import TillerWaiter
from pilothouse.errors import Exists, NotFound, PilothouseError
from pilothouse.formats import json_text
from pilothouse.golang.quoting import quote
from pilothouse.objects import schemas, selectors
from pilothouse.objects.identity import annotations_of
from pilothouse.objects.patches import merge, strategic
from pilothouse.plan.resources import RESOURCE_POLICY, Resource
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pilothouse.apply.cluster import Cluster, Object
    from pilothouse.clock import Clock
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.progress import Reporter

NOTHING_VISITED = "no objects visited"
_UNKNOWN_KIND = 'unable to recognize "": no matches for kind'
_POD_OWNERS = ("ReplicationController", "ReplicaSet", "Deployment", "DaemonSet", "StatefulSet", "Job")
#: Older versions of kinds whose merge rules are those of a version that is still served.
_OLD_VERSIONS = {
    ("extensions/v1beta1", "Deployment"): "apps/v1",
    ("extensions/v1beta1", "DaemonSet"): "apps/v1",
    ("extensions/v1beta1", "ReplicaSet"): "apps/v1",
    ("batch/v1beta1", "CronJob"): "batch/v1",
    ("policy/v1beta1", "PodDisruptionBudget"): "policy/v1",
}
#: Kinds and whole versions that Helm 2.17's client library does not know: they are patched as custom resources.
_LATER_VERSIONS = frozenset(
    ("policy/v1", "autoscaling/v2", "discovery.k8s.io/v1", "events.k8s.io/v1", "node.k8s.io/v1")
)
_LATER_KINDS = frozenset(
    (("batch/v1", "CronJob"), ("networking.k8s.io/v1", "Ingress"), ("networking.k8s.io/v1", "IngressClass"))
)


class UpdateOptions(Record):
    """How objects are brought from one manifest to the next.

    Attributes:
        force: Whether an object that cannot be patched is deleted and made anew.
        recreate: Whether the pods of workloads are deleted.
        wait: Whether to wait for all objects.
        timeout: Seconds for waiting, 0 for no limit.
        cleanup_on_fail: Whether new objects are deleted when the update fails.
    """

    force: bool = False
    recreate: bool = False
    wait: bool = False
    timeout: float = 300.0
    cleanup_on_fail: bool = False


# ── the operations ─────────────────────────────────────────────────────────────────────────────────────────────────


class TillerObjects:
    """What Tiller does to objects of a cluster.

    Args:
        cluster: The cluster.
        clock: Time and waiting.
        reporter: Hears what is done.
    """

    def __init__(self, cluster: Cluster, clock: Clock, reporter: Reporter) -> None:
        self.cluster = cluster
        self.reporter = reporter
        self.waiter = TillerWaiter(cluster, clock, reporter)

    def validate(self, manifest: str, namespace: str) -> None:
        """Check that the server knows every kind in a manifest.

        Raises:
            BadManifest: It does not.
        """
        try:
            build(self.cluster, manifest, namespace)
        except PilothouseError as error:
            raise error.prefixed("validation failed: ") from error

    def create(self, manifest: str, namespace: str, *, timeout: float = 0.0, wait: bool = False) -> None:
        """Create all objects of a manifest, those of one kind at once (``Client.Create``).

        Raises:
            PilothouseError: The server does not take one, or they are not ready in time.
        """
        self.ensure_namespace(namespace)
        self._log("building resources from manifest")
        resources = build(self.cluster, manifest, namespace)
        self._log(f"creating {len(resources)} resource(s)")
        _perform(resources, self._create)
        if wait:
            self.waiter.wait_until_ready(resources, timeout)

    def update(
        self, before: str, after: str, namespace: str, options: UpdateOptions, *, left: Sequence[str] = ()
    ) -> None:
        """Bring the objects of one manifest to the state of another (``Client.UpdateWithOptions``).

        Args:
            before: The manifest of the objects that are there.
            after: The manifest that is wanted.
            namespace: Namespace of objects that name none.
            options: How.
            left: Manifests of operations that were interrupted, whose objects may be there too.

        Raises:
            PilothouseError: Objects could not be changed, or are not ready in time.
        """
        originals = self._built(before, namespace, "current", "performing the diff")
        strays = [
            one for manifest in left for one in self._built(manifest, namespace, "current", "performing the diff")
        ]
        self._log("building resources from updated manifest")
        targets = self._built(after, namespace, "new", "deployment")
        self._log(f"checking {len(targets)} resources for changes")
        known = {_identity(original): [original] for original in reversed(originals)}
        for stray in strays:
            known.setdefault(_identity(stray), []).append(stray)
        created: list[Resource] = []
        errors: list[str] = []
        fatal: PilothouseError | None = None
        for target in targets:
            try:
                self._bring(target, known.get(_identity(target), ()), created, errors, options)
            except PilothouseError as error:
                fatal = error
                break
        if fatal is not None or errors:
            messages = [fatal.message] if fatal is not None else errors
            if options.cleanup_on_fail:
                messages = messages + self._clean_up(created)
            raise ApplyFailed(" && ".join(messages)) from fatal
        self._remove_absent([*originals, *strays], targets)
        if options.wait:
            self._wait(targets, created, options)

    def delete(self, manifest: str, namespace: str, *, timeout: float = 0.0) -> None:
        """Delete all objects of a manifest; those that do not exist are passed over (``Client.DeleteWithTimeout``).

        Args:
            manifest: The objects.
            namespace: Namespace of objects that name none.
            timeout: Seconds to wait until they are gone, 0 for not waiting.

        Raises:
            PilothouseError: One could not be deleted.
        """
        resources = build(self.cluster, manifest, namespace)
        _perform(resources, self._delete_if_there)
        if timeout > 0:
            self._log(f"Waiting for {timeout:g} seconds for delete to be completed")
            self.waiter.wait_until_gone(resources, timeout)

    # ── parts ──────────────────────────────────────────────────────────────────────────────────────────────────

    def _built(self, manifest: str, namespace: str, which: str, purpose: str) -> list[Resource]:
        try:
            return build(self.cluster, manifest, namespace)
        except BadManifest as error:
            if _UNKNOWN_KIND in error.message:
                raise BadManifest(
                    f"{which} release manifest contains removed kubernetes api(s) for this kubernetes version and it "
                    f"is therefore unable to build the kubernetes objects for {purpose}. "
                    f"error from kubernetes: {error.message}"
                ) from error
            raise error.prefixed("failed decoding reader into objects: ") from error

    def ensure_namespace(self, namespace: str) -> None:
        """Make a namespace that is not there yet."""
        mapping = self.cluster.mapping("v1", "Namespace")
        try:
            self.cluster.get(mapping, "", namespace)
        except NotFound:
            labelled = {"name": namespace, "labels": {"name": namespace}}
            try:
                self.cluster.create(mapping, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": labelled})
            except Exists:
                return

    def _create(self, resource: Resource) -> None:
        self.cluster.create(resource.mapping, resource.namespace, resource.object)

    def _bring(
        self,
        target: Resource,
        originals: Sequence[Resource],
        created: list[Resource],
        errors: list[str],
        options: UpdateOptions,
    ) -> None:
        try:
            self.cluster.get(target.mapping, target.namespace, target.name)
        except NotFound:
            try:
                self._create(target)
            except PilothouseError as error:
                raise error.prefixed("failed to create resource: ") from error
            created.append(target)
            self._log(f"Created a new {target.kind} called {quote(target.name)} in {target.namespace}\n")
            return
        except PilothouseError as error:
            raise error.prefixed("Could not get information about the resource: ") from error
        if not originals:
            raise ApplyFailed(
                f'kind {target.kind} with the name "{target.name}" in "{target.namespace}" already exists in the '
                f"cluster and wasn't defined in the previous release. Before upgrading, please either delete the "
                f"resource from the cluster or remove it from the chart"
            )
        try:
            for original in originals:
                self._update(target, original, options)
        except PilothouseError as error:
            self._log(f"error updating the resource {quote(target.name)}:\n\t {error.message}")
            errors.append(error.message)

    def _update(self, target: Resource, original: Resource, options: UpdateOptions) -> None:
        if json_text.encode(original.object) == json_text.encode(target.object):
            self._log(f'Looks like there are no changes for {target.kind} "{target.name}" in "{target.namespace}"')
            try:
                self.cluster.get(target.mapping, target.namespace, target.name)
            except PilothouseError as error:
                raise error.prefixed("error trying to refresh resource information: ") from error
        else:
            self._patch(target, original, options)
        if options.recreate:
            self._restart_pods(target)

    def _patch(self, target: Resource, original: Resource, options: UpdateOptions) -> None:
        patch_type, patch = two_way_patch(original, target)
        try:
            self.cluster.patch(target.mapping, target.namespace, target.name, patch, patch_type=patch_type)
        except PilothouseError as error:
            self.reporter.report("log", f'Cannot patch {target.kind}: "{target.name}" ({error.message})')
            if not options.force:
                self.reporter.report("log", "Use --force to force recreation of the resource")
                raise
            self._delete(target)
            self.reporter.report("log", f'Deleted {target.kind}: "{target.name}"')
            try:
                self._create(target)
            except PilothouseError as failure:
                raise failure.prefixed("Failed to recreate resource: ") from failure
            self.reporter.report("log", f'Created a new {target.kind} called "{target.name}"\n')

    def _restart_pods(self, target: Resource) -> None:
        labels = pod_labels(target.object)
        if labels is None:
            return
        pods = self.cluster.mapping("v1", "Pod")
        for pod in self.cluster.list(pods, target.namespace, label_selector=str(selectors.from_labels(labels))):
            name = str(pod["metadata"]["name"])
            self._log(f"Restarting pod: {target.namespace}/{name}")
            self.cluster.delete(pods, target.namespace, name, uid=str(pod["metadata"].get("uid") or ""))

    def _remove_absent(self, originals: Sequence[Resource], targets: Sequence[Resource]) -> None:
        """Delete what the new manifest no longer has; failures are only told of."""
        wanted = set(map(_identity, targets))
        for gone in originals:
            if _identity(gone) in wanted:
                continue
            self._log(f"Deleting {quote(gone.name)} in {gone.namespace}...")
            annotations = annotations_of(gone.object)
            try:
                annotations = annotations_of(self.cluster.get(gone.mapping, gone.namespace, gone.name))
            except PilothouseError as error:
                self._log(f"Unable to get obj {quote(gone.name)}, err: {error.message}")
            if is_kept(annotations.get(RESOURCE_POLICY)):
                policy = annotations[RESOURCE_POLICY]
                self._log(f"Skipping delete of {quote(gone.name)} due to annotation [{RESOURCE_POLICY}={policy}]")
                continue
            try:
                self._delete(gone)
            except PilothouseError as error:
                self._log(f"Failed to delete {quote(gone.name)}, err: {error.message}")

    def _wait(self, targets: Sequence[Resource], created: Sequence[Resource], options: UpdateOptions) -> None:
        try:
            self.waiter.wait_until_ready(targets, options.timeout)
        except PilothouseError as error:
            if not options.cleanup_on_fail:
                raise
            raise ApplyFailed(" && ".join([error.message, *self._clean_up(created)])) from error

    def _clean_up(self, created: Sequence[Resource]) -> list[str]:
        problems = []
        for resource in created:
            self._log(f"Deleting {resource.kind} {quote(resource.name)} in {resource.namespace}...")
            try:
                self._delete(resource)
            except PilothouseError as error:
                self._log(f"Failed to delete {quote(resource.name)}, err: {error.message}")
                problems.append(error.message)
        return problems

    def _delete(self, resource: Resource) -> None:
        self.cluster.delete(resource.mapping, resource.namespace, resource.name, propagation="Background")

    def _delete_if_there(self, resource: Resource) -> None:
        self._log(f"Starting delete for {quote(resource.name)} {resource.kind}")
        try:
            self._delete(resource)
        except NotFound as error:
            self._log(error.message)

    def _log(self, text: str) -> None:
        self.reporter.report("kube", text)


def is_kept(policy: str | None) -> bool:
    """Whether a value of the annotation for resource policies keeps an object: any but ``delete`` does."""
    return policy is not None and policy != "delete"


def pod_labels(workload: Object) -> dict[str, str] | None:
    """Return the labels that a workload chooses its pods by, none for other kinds (``getSelectorFromObject``)."""
    if workload.get("kind") not in _POD_OWNERS:
        return None
    selector = (workload.get("spec") or {}).get("selector")
    if workload.get("kind") != "ReplicationController":
        selector = selector.get("matchLabels") if isinstance(selector, dict) else None
    return dict(selector) if isinstance(selector, dict) else {}


def _perform(resources: Sequence[Resource], work: Callable[[Resource], None]) -> None:
    """Do something to objects, those of one kind at once; the first error ends it (``perform``).

    Helm 2.17 tells of an error while it goes on: when the only object of its kind fails, those of the next kind are
    done all the same, and nobody hears how that went (``batchPerform``).
    """
    if not resources:
        raise ApplyFailed(NOTHING_VISITED)
    batches = batches_by_kind(resources, lambda resource: resource.kind)
    for number, batch in enumerate(batches):
        for result in run_all(batch, work):
            if isinstance(result, PilothouseError):
                if len(batch) == 1 and number + 1 < len(batches):
                    run_all(batches[number + 1], work)
                raise result


def _identity(resource: Resource) -> tuple[str, str, str]:
    """Return what tells objects apart for Helm 2, which does not look at API groups (``isMatchingInfo``)."""
    return resource.name, resource.namespace, resource.kind


def two_way_patch(original: Resource, target: Resource) -> tuple[str, dict[str, YamlValue]]:
    """Return the kind of patch and the patch from one manifest's object to another's (``createPatch``)."""
    api_version, kind = str(target.object["apiVersion"]), target.kind
    known = _OLD_VERSIONS.get((api_version, kind), "")
    if not known and api_version not in _LATER_VERSIONS and (api_version, kind) not in _LATER_KINDS:
        known = api_version
    schema = schemas.schema_of(known, kind) if known and schemas.is_known(known, kind) else None
    if schema is not None and not known.startswith("apiextensions.k8s.io/"):
        return "strategic", strategic.create_two_way(original.object, target.object, schema)
    return "merge", merge.create(original.object, target.object)
