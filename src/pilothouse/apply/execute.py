"""The one executor of plans: walks the stages, stores the release, reports each step."""

from __future__ import annotations

from pilothouse.apply.changes import apply_resource, create_resource, delete_resource
from pilothouse.apply.errors import ApplyFailed, PlanStopped, joined_errors
from pilothouse.apply.hooks import HookRunner
from pilothouse.apply.keeper import BeatingClock, JournalKeeper
from pilothouse.apply.manifests import build_resources
from pilothouse.apply.outcome import Outcome
from pilothouse.apply.owner import begin, end
from pilothouse.apply.parallel import batches_by_kind, run_all
from pilothouse.apply.recording import Recorder
from pilothouse.apply.waiting import Waiter
from pilothouse.errors import Cancelled, Exists, NotFound, PilothouseError
from pilothouse.objects import selectors
from pilothouse.objects.identity import annotations_of
from pilothouse.plan.build import check_settings
from pilothouse.plan.operations import (
    Apply,
    AwaitGone,
    AwaitReady,
    ClearHooks,
    Delete,
    EnsureNamespace,
    RecordRelease,
    RecordRevision,
    RestartPods,
    RunHooks,
    SupersedeDeployed,
)
from pilothouse.plan.resources import RESOURCE_POLICY
from pilothouse.releases.errors import RecordTaken
from pilothouse.releases.history import deployed_revisions, remove_all, surplus
from pilothouse.releases.release import SUPERSEDED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.apply.changes import Change
    from pilothouse.apply.cluster import Cluster
    from pilothouse.clock import Clock
    from pilothouse.plan.operations import ApplySettings, Operation, Plan, Stage
    from pilothouse.plan.resources import Resource
    from pilothouse.progress import Reporter
    from pilothouse.releases.journal import Owner
    from pilothouse.releases.release import Release
    from pilothouse.releases.store import ReleaseStore


class Executor:
    """Carries out one plan.

    Args:
        cluster: The API server.
        store: Where releases are kept.
        clock: Time and waiting.
        reporter: Hears of each step.
        compatibility: Helm generation to follow where they differ.
        owner: Who carries the plan out; without one no journal is kept.
    """

    def __init__(
        self,
        cluster: Cluster,
        store: ReleaseStore,
        clock: Clock,
        reporter: Reporter,
        compatibility: int,
        owner: Owner | None = None,
    ) -> None:
        self._cluster = cluster
        self._store = store
        self._clock = clock
        self._reporter = reporter
        self._compatibility = compatibility
        self._owner = owner
        self._recorder = Recorder(store, clock, reporter)
        self._keeper: JournalKeeper | None = None
        self._waiting_clock = clock
        self._created: list[Resource] = []
        self._errors: list[PilothouseError] = []
        self._release: Release
        self._settings: ApplySettings
        self._waiter: Waiter

    def run(self, plan: Plan) -> Outcome:
        """Carry out a plan.

        Raises:
            PlanStopped: A stage failed or the user stopped it; what was done stays done.
        """
        if self._owner is None:
            return self._run(plan)
        begin(self._owner)
        try:
            return self._run(plan)
        finally:
            end(self._owner)

    def _run(self, plan: Plan) -> Outcome:
        self._release = plan.release
        self._settings = plan.settings
        if self._owner is not None:
            self._keeper = JournalKeeper(plan, self._owner, self._clock, self._reporter, self._store_journal)
            self._waiting_clock = BeatingClock(self._clock, self._keeper.beat)
        self._waiter = Waiter(
            self._cluster,
            self._waiting_clock,
            self._reporter,
            plan.settings.wait,
            compatibility=self._compatibility,
        )
        for index, stage in enumerate(plan.stages):
            try:
                if self._keeper is not None:
                    self._keeper.begin(index)
                self._run_stage(stage)
            except PilothouseError as error:
                if stage.tolerant:
                    self._errors.append(error)
                    continue
                raise self._stopped(stage, error) from error
            except KeyboardInterrupt as error:
                raise self._stopped(stage, Cancelled("context canceled")) from error
        return self._outcome()

    def _outcome(self) -> Outcome:
        return Outcome(release=self._stamped(self._release), created=tuple(self._created), errors=tuple(self._errors))

    def _stopped(self, stage: Stage, error: PilothouseError) -> PlanStopped:
        prefix = "" if isinstance(error, Cancelled) else stage.prefix
        return PlanStopped(prefix + error.message, stage=stage.id, cause=error, outcome=self._outcome())

    def _run_stage(self, stage: Stage) -> None:
        changes = [operation for operation in stage.operations if isinstance(operation, Apply)]
        deletions = [operation for operation in stage.operations if isinstance(operation, Delete)]
        if changes:
            self._apply_all(changes)
        if deletions:
            self._delete_all(deletions)
        for operation in stage.operations:
            if not isinstance(operation, (Apply, Delete)):
                self._reporter.debug(operation.id)
                self._run_operation(operation)
                self._advance(1)

    def _advance(self, done: int) -> None:
        if self._keeper is not None:
            self._keeper.advance(done)

    def _run_operation(self, operation: Operation) -> None:
        match operation:
            case RecordRelease():
                self._record(operation)
            case RecordRevision():
                self._update(operation.release, operation.unstored)
            case SupersedeDeployed():
                self._supersede_deployed()
            case EnsureNamespace():
                self._ensure_namespace(operation.namespace)
            case RunHooks():
                self._run_hooks(operation)
            case ClearHooks():
                self._hook_runner(self._settings).clear(operation.release, operation.events)
            case AwaitReady():
                self._waiter.wait_until_ready(
                    operation.resources, self._settings.timeout, jobs=self._settings.wait_for_jobs
                )
            case AwaitGone():
                self._waiter.wait_until_gone(operation.resources, self._settings.timeout)
            case RestartPods():
                self._restart_pods(operation.resources)
            case _:
                raise AssertionError(f"no way to carry out {type(operation).__name__}")

    # ── records ────────────────────────────────────────────────────────────────────────────────────────────────

    def _record(self, operation: RecordRelease) -> None:
        self._release = self._release.with_info(status=operation.status, description=operation.description)
        if operation.last and self._keeper is not None:
            self._keeper.close()
        if operation.create:
            self._create(operation.history_max)
        else:
            self._update(self._release, operation.unstored)

    def _create(self, history_max: int) -> None:
        """Store the new revision, and only then let old ones go, which may be all that is known of the release."""
        old = surplus(self._store, self._release.name, history_max)
        self._recorder.create(self._stamped(self._release))
        self._was_stored()
        try:
            remove_all(self._store, old)
        except PilothouseError:
            self._recorder.delete(self._release)
            raise

    def _stamped(self, release: Release) -> Release:
        return release if self._keeper is None else self._keeper.stamped(release)

    def _was_stored(self) -> None:
        if self._keeper is not None:
            self._keeper.was_stored()

    def _store_journal(self) -> None:
        """Store the revision as it stands, only for its journal; the next sign of life makes up for a failure."""
        self._store.update(self._stamped(self._release))

    def _update(self, release: Release, unstored: str) -> None:
        """Store a revision anew; where Helm goes on without it, a failure is only told (``recordRelease``)."""
        own = release.revision == self._release.revision
        try:
            self._recorder.update(self._stamped(release) if own else release)
            if own:
                self._was_stored()
        except RecordTaken:
            raise
        except PilothouseError as error:
            if unstored == "stop":
                raise
            facts = {"name": release.name, "revision": str(release.revision), "error": error.message}
            self._reporter.report(unstored, "failed to update release", **facts)

    def _supersede_deployed(self) -> None:
        for revision in deployed_revisions(self._store, self._release.name):
            if revision.revision != self._release.revision:
                self._update(revision.with_info(status=SUPERSEDED), "warning")

    def _hook_runner(self, settings: ApplySettings) -> HookRunner:
        def remember(release: Release, stored: bool) -> None:  # noqa: FBT001
            self._release = release
            if stored:
                self._update(release, "warning")

        return HookRunner(
            cluster=self._cluster,
            waiter=self._waiter,
            clock=self._clock,
            reporter=self._reporter,
            settings=settings,
            remember=remember,
            compatibility=self._compatibility,
        )

    def _run_hooks(self, operation: RunHooks) -> None:
        runner = self._hook_runner(self._settings.replace(server_side=operation.server_side))
        run = runner.run(self._release, operation.event)
        self._release = run.release
        run.clean_up()
        if run.error is not None:
            raise run.error

    # ── objects ────────────────────────────────────────────────────────────────────────────────────────────────

    def _ensure_namespace(self, namespace: str) -> None:
        manifest = (
            f"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {namespace}\n  labels:\n    name: {namespace}\n"
        )
        (resource,) = build_resources(self._cluster, manifest, "")
        try:
            create_resource(self._cluster, resource, self._settings, force=False)
        except Exists:
            return

    def _apply_all(self, operations: Sequence[Apply]) -> None:
        """Apply objects, one kind after the other and each kind's objects at once; errors are joined as Helm does."""
        creating = all(operation.create for operation in operations)
        if not creating:
            check_settings(self._settings)
        failures: list[PilothouseError] = []
        for batch in batches_by_kind(operations, lambda operation: operation.resource.kind):
            for operation in batch:
                self._reporter.report("progress", "applying", object=operation.id)
            changes = run_all(
                batch, lambda operation: apply_resource(self._cluster, operation, self._settings, self._reporter)
            )
            for change in changes:
                if isinstance(change, PilothouseError):
                    raise change
                self._note(change)
                if change.error is not None:
                    if change.fatal:
                        raise change.error
                    failures.append(change.error)
            self._advance(len(batch))
        if failures:
            raise self._creation_failed(failures) if creating else _joined(failures, " && ")

    def _creation_failed(self, errors: Sequence[PilothouseError]) -> PilothouseError:
        text = joined_errors([error.message for error in errors], compatibility=self._compatibility)
        if text == errors[0].message:
            return errors[0]
        failed = ApplyFailed(text, hints=tuple(dict.fromkeys(hint for error in errors for hint in error.hints)))
        failed.__cause__ = errors[0]
        return failed

    def _note(self, change: Change) -> None:
        if change.what == "created":
            self._created.append(change.resource)

    def _delete_all(self, operations: Sequence[Delete]) -> None:
        failures: list[PilothouseError] = []
        for batch in batches_by_kind(operations, lambda operation: operation.resource.kind):
            for operation in batch:
                self._reporter.report("progress", "deleting", object=operation.id)
            results = run_all(batch, self._delete)
            failures += [result for result in results if isinstance(result, PilothouseError)]
            self._advance(len(batch))
        if failures:
            raise _joined(failures, " && ")

    def _delete(self, operation: Delete) -> None:
        resource = operation.resource
        try:
            if operation.respect_policy and self._is_kept(resource):
                return
            delete_resource(self._cluster, resource, operation.propagation)
        except NotFound:
            return
        except PilothouseError as error:
            if not operation.respect_policy:
                raise
            raise ApplyFailed(
                f"failed to delete resource namespace={resource.namespace}, name={resource.name}, "
                f"kind={resource.kind}: {error.message}"
            ) from error

    def _is_kept(self, resource: Resource) -> bool:
        """Whether the live object asks to be kept; one that cannot be read is left alone as well."""
        try:
            live = self._cluster.get(resource.mapping, resource.namespace, resource.name)
        except PilothouseError as error:
            self._reporter.debug("unable to get object", name=resource.name, kind=resource.kind, error=error.message)
            return True
        return annotations_of(live).get(RESOURCE_POLICY) == "keep"

    def _restart_pods(self, resources: Sequence[Resource]) -> None:
        pods = self._cluster.mapping("v1", "Pod")
        for resource in resources:
            selector = (resource.object.get("spec") or {}).get("selector")
            if not isinstance(selector, dict) or resource.kind == "Service":
                continue
            for pod in self._cluster.list(
                pods, resource.namespace, label_selector=str(selectors.from_object(selector))
            ):
                self._cluster.delete(pods, resource.namespace, pod["metadata"]["name"])


def _joined(errors: Sequence[PilothouseError], separator: str) -> PilothouseError:
    if len(errors) == 1:
        return errors[0]
    hints = tuple(dict.fromkeys(hint for error in errors for hint in error.hints))
    return ApplyFailed(separator.join(error.message for error in errors), hints=hints)
