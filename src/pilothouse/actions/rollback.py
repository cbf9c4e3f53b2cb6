"""Rolling a release back to an earlier revision (``action.Rollback``)."""

from __future__ import annotations

from pilothouse.actions.apply_method import SERVER_SIDE, method_name, server_side_for
from pilothouse.actions.errors import InvalidOptions, OperationFailed
from pilothouse.actions.recovery import Interruption, interruption_of, leftovers, recovering, tell_take_over
from pilothouse.actions.release_change import clean_up
from pilothouse.apply.errors import PlanStopped
from pilothouse.apply.manifests import build_resources
from pilothouse.errors import Cancelled, Invalid, NotFound
from pilothouse.plan.build import plan_rollback
from pilothouse.plan.operations import ApplySettings
from pilothouse.records import Record
from pilothouse.releases.errors import RecordTaken
from pilothouse.releases.history import newest
from pilothouse.releases.labels import custom_labels
from pilothouse.releases.names import is_valid_name
from pilothouse.releases.release import FAILED, PENDING_ROLLBACK, SUPERSEDED, ReleaseInfo
from pilothouse.releases.times import timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.context import Context
    from pilothouse.plan.resources import Resource
    from pilothouse.releases.release import Release


#: Characters (``MaxDescriptionLength``).
LONGEST_DESCRIPTION = 512


class RollbackOptions(Record):
    """How to roll back.

    Attributes:
        revision: Target revision, 0 for the one before the newest.
        dry_run: ``none``, ``client`` or ``server``.
        server_side: ``true``, ``false`` or ``auto``, which does what the target revision did.
        history_max: Revisions to keep, 0 for all.
    """

    name: str
    revision: int = 0
    dry_run: str = "none"
    wait: str = "hookOnly"
    wait_for_jobs: bool = False
    timeout: float = 300.0
    no_hooks: bool = False
    cleanup_on_fail: bool = False
    history_max: int = 10
    description: str = ""
    server_side: str = "auto"
    force_replace: bool = False
    force_conflicts: bool = False
    recreate_pods: bool = False


def rollback(context: Context, options: RollbackOptions) -> Release:
    """Make a new revision that is what an earlier one was.

    Raises:
        NotFound: There is no such release or revision.
        OperationFailed: The cluster did not take it; the record says so.
    """
    if len(options.description) > LONGEST_DESCRIPTION:
        text = f"description must be {LONGEST_DESCRIPTION} characters or less, got {len(options.description)}"
        raise InvalidOptions(text)
    context.require_cluster()
    current, target, interrupted = _prepare(context, options)
    if options.dry_run != "none":
        return target
    if interrupted is not None:
        tell_take_over(context, interrupted)
    server_side = target.apply_method == SERVER_SIDE
    originals = _built(context, current.manifest, current, "current")
    originals += leftovers(context, interrupted, originals)
    targets = [
        resource.owned_by(target.name, target.namespace) for resource in _built(context, target.manifest, target, "new")
    ]
    settings = ApplySettings(
        server_side=server_side,
        force_conflicts=options.force_conflicts,
        force_replace=options.force_replace,
        migrate_managers=True,
        wait=options.wait,
        wait_for_jobs=options.wait_for_jobs,
        timeout=options.timeout,
    )
    plan = plan_rollback(
        target,
        originals,
        targets,
        settings,
        no_hooks=options.no_hooks,
        recreate_pods=options.recreate_pods,
        history_max=options.history_max,
    )
    if interrupted is not None:
        plan = recovering(context, plan, interrupted)
    try:
        return context.executor().run(plan).release
    except PlanStopped as stopped:
        raise _failed(context, options, current, stopped) from stopped


def _prepare(context: Context, options: RollbackOptions) -> tuple[Release, Release, Interruption | None]:
    """Return the newest revision, the one to be made (``prepareRollback``), and the operation that is taken over."""
    if not is_valid_name(options.name):
        raise Invalid(f"prepareRollback: Release name is invalid: {options.name}")
    if options.revision < 0:
        raise Invalid("invalid release revision")
    current = newest(context.store, options.name)
    interrupted = interruption_of(context, current)
    current = current.replace(journal=None)
    revisions = {summary.revision for summary in context.store.summaries(name=options.name)}
    wanted = options.revision or current.revision - 1
    if wanted not in revisions:
        hints = [f"helm history {options.name} lists the revisions"]
        if interrupted is not None:
            hints.append(f"helm upgrade {options.name} CHART goes on from it, helm uninstall {options.name} removes it")
        raise NotFound(f"release has no {wanted} version", hints=tuple(hints))
    earlier = context.store.get(options.name, wanted)
    server_side = server_side_for(options.server_side, earlier.apply_method)
    info = ReleaseInfo(
        first_deployed=current.info.first_deployed,
        last_deployed=timestamp(context.clock),
        status=PENDING_ROLLBACK,
        notes=earlier.info.notes,
        rollback_revision=wanted if not context.helm3 else 0,
        description=options.description or f"Rollback to {wanted}",
    )
    target = earlier.replace(
        namespace=current.namespace,
        info=info,
        revision=current.revision + 1,
        labels=custom_labels(earlier.labels),
        journal=None,
        apply_method=method_name(server_side=server_side, compatibility=context.compatibility),
    )
    return current, target, interrupted


def _built(context: Context, manifest: str, release: Release, which: str) -> list[Resource]:
    try:
        return build_resources(context.cluster, manifest, release.namespace)
    except Invalid as error:
        text = f"unable to build kubernetes objects from {which} release manifest: {error.message}"
        raise Invalid(text, hints=error.hints) from error


def _failed(context: Context, options: RollbackOptions, current: Release, stopped: PlanStopped) -> OperationFailed:
    """Store what became of the rollback and return the error to raise."""
    target = stopped.outcome.release
    if isinstance(stopped.cause, RecordTaken):
        return OperationFailed(stopped.message, release=target, hints=stopped.hints)
    if stopped.stage in ("record", "finish") and not isinstance(stopped.cause, Cancelled):
        return OperationFailed(stopped.message, release=target, hints=stopped.hints)
    message = stopped.message
    if stopped.stage == "apply":
        target = target.with_info(status=FAILED, description=f'Rollback "{target.name}" failed: {stopped.message}')
        context.reporter.report("debug" if context.helm3 else "warning", target.info.description)
        context.record_failure(current.with_info(status=SUPERSEDED))
        context.record_failure(target)
        if options.cleanup_on_fail:
            problem = clean_up(context, stopped.outcome.created)
            if problem:
                message = f"an error occurred while cleaning up resources. original rollback error: {problem}"
    else:
        target = target.with_info(status=FAILED, description=f'Release "{target.name}" failed: {stopped.message}')
        context.record_failure(target)
        if stopped.stage == "wait":
            message = f"release {target.name} failed: {stopped.message}"
    return OperationFailed(message, release=target, hints=stopped.hints)
