"""Removing a release (``action.Uninstall``)."""

from __future__ import annotations

from pilothouse.actions.errors import InvalidOptions, OperationFailed
from pilothouse.actions.get import stored_release
from pilothouse.actions.recovery import Interruption, interruption_of, leftovers, tell_take_over
from pilothouse.apply.errors import PlanStopped
from pilothouse.apply.manifests import build_resources
from pilothouse.apply.observe import live_objects
from pilothouse.errors import Cancelled, Invalid, NotFound, PilothouseError
from pilothouse.objects.ordering import uninstall_order
from pilothouse.plan.build import plan_removal
from pilothouse.plan.operations import ApplySettings
from pilothouse.plan.ownership import ownership_problems
from pilothouse.plan.recovery import resumed_removal
from pilothouse.plan.removal import removal_order
from pilothouse.records import Record
from pilothouse.releases.errors import RecordTaken, ReleaseNotFound
from pilothouse.releases.history import deployed_revisions
from pilothouse.releases.hooks import FAILED, RUNNING
from pilothouse.releases.names import is_valid_name
from pilothouse.releases.release import SUPERSEDED, UNINSTALLED, UNINSTALLING, HookExecution
from pilothouse.releases.times import timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.actions.context import Context
    from pilothouse.apply.outcome import Outcome
    from pilothouse.plan.operations import Plan
    from pilothouse.plan.resources import Resource
    from pilothouse.releases.release import Release
    from pilothouse.render.documents import Manifest

_PROPAGATION = {"background": "Background", "foreground": "Foreground", "orphan": "Orphan"}


class UninstallOptions(Record):
    """How to remove a release.

    Attributes:
        cascade: ``background``, ``foreground`` or ``orphan``.
    """

    name: str
    dry_run: bool = False
    keep_history: bool = False
    ignore_not_found: bool = False
    no_hooks: bool = False
    wait: str = "hookOnly"
    timeout: float = 300.0
    description: str = ""
    cascade: str = "background"


class UninstallResult(Record):
    """What was removed.

    Attributes:
        release: The removed release, ``None`` when there was none and that was accepted.
        information: Text about objects that were kept, empty when there are none.
    """

    release: Release | None
    information: str = ""


def uninstall(context: Context, options: UninstallOptions) -> UninstallResult:
    """Remove a release: its hooks run, its objects go, its records go unless history is kept.

    Raises:
        NotFound: There is no such release.
        OperationFailed: Something could not be removed; the record says so.
    """
    context.require_cluster()
    if options.cascade not in _PROPAGATION:
        raise InvalidOptions(
            f'invalid cascade value ({options.cascade}). Must be "background", "foreground", or "orphan"'
        )
    if options.dry_run:
        return _dry_run(context, options)
    if not is_valid_name(options.name):
        raise Invalid(f"uninstall: Release name is invalid: {options.name}")
    revisions = _revisions(context, options)
    if not revisions:
        return UninstallResult(release=None)
    newest = revisions[-1]
    if newest.info.status == UNINSTALLED:
        if options.keep_history:
            raise Invalid(f'the release named "{options.name}" is already deleted')
        try:
            _purge(context, revisions)
        except PilothouseError as error:
            raise error.prefixed("uninstall: Failed to purge the release: ") from error
        return UninstallResult(release=newest)
    return _remove(context, options, revisions)


def _revisions(context: Context, options: UninstallOptions) -> list[Release]:
    """Return the release's revisions, none when there are none and that is accepted."""
    try:
        revisions = context.store.history(options.name)
        if not revisions and not context.store.summaries(name=options.name):
            raise ReleaseNotFound
    except PilothouseError as error:
        if options.ignore_not_found:
            return []
        raise error.prefixed(f"uninstall: Release not loaded: {options.name}: ") from error
    if not revisions:
        raise Invalid("no release provided", hints=("the release's records cannot be read",))
    return sorted(revisions, key=lambda release: release.revision)


def _remove(context: Context, options: UninstallOptions, revisions: Sequence[Release]) -> UninstallResult:
    interrupted = interruption_of(context, revisions[-1])
    if interrupted is not None:
        tell_take_over(context, interrupted)
    going = revisions[-1].replace(journal=None)
    going = going.with_info(
        status=UNINSTALLING,
        deleted=timestamp(context.clock),
        description="Deletion in progress (or silently failed)",
    )
    settings = ApplySettings(server_side=not context.helm3, wait=options.wait, timeout=options.timeout)
    propagation, no_hooks = _PROPAGATION[options.cascade], options.no_hooks
    problem: PilothouseError | None = None
    try:
        resources, information = _removable(context, going, interrupted)
        plan = plan_removal(going, resources, settings, propagation=propagation, no_hooks=no_hooks)
    except Invalid as error:
        problem = error
        plan = plan_removal(going, (), settings, propagation=propagation, no_hooks=no_hooks)
        plan = plan.replace(stages=tuple(stage for stage in plan.stages if stage.id in ("pre-delete", "record")))
    if interrupted is not None:
        plan = resumed_removal(plan, interrupted.release, interrupted.journal)
    outcome = _carried_out(context, options, plan)
    if problem is not None:
        raise _undeletable(context, options, outcome.release, problem)
    gone, errors = _conclude(context, options, revisions, outcome)
    if errors:
        joined = "; ".join(error.message for error in errors)
        raise OperationFailed(f"uninstallation completed with {len(errors)} error(s): {joined}", release=gone)
    return UninstallResult(release=gone, information=information)


def _carried_out(context: Context, options: UninstallOptions, plan: Plan) -> Outcome:
    try:
        return context.executor().run(plan)
    except PlanStopped as stopped:
        release = stopped.outcome.release
        if stopped.stage == "pre-delete":
            release = _as_left_by_hooks(plan.release, release)
        if not isinstance(stopped.cause, RecordTaken):
            _store(context, release)
        if stopped.stage == "delete" and not isinstance(stopped.cause, Cancelled):
            raise _undeletable(context, options, release, stopped.cause) from stopped
        raise OperationFailed(stopped.message, release=release, hints=stopped.hints) from stopped


def _as_left_by_hooks(before: Release, after: Release) -> Release:
    """Return a release as Helm leaves it whose ``pre-delete`` hook failed: nobody records that it runs no more."""
    hooks = []
    for old, new in zip(before.hooks, after.hooks, strict=True):
        run = new.last_run
        failed = run != old.last_run and run.phase == FAILED
        hooks.append(new.replace(last_run=HookExecution(started=run.started, phase=RUNNING)) if failed else new)
    return after.replace(hooks=tuple(hooks))


def _undeletable(
    context: Context, options: UninstallOptions, release: Release, error: PilothouseError
) -> OperationFailed:
    """Return the error for a release whose objects stay; why they do is told with ``--debug`` and in a hint."""
    context.reporter.debug("uninstall: Failed to delete release", error=error.message)
    reason = "; ".join(error.message.splitlines())
    hints = error.hints or (f"the reason: {reason}",)
    return OperationFailed(f"failed to delete release: {options.name}", release=release, hints=hints)


def _conclude(
    context: Context, options: UninstallOptions, revisions: Sequence[Release], outcome: Outcome
) -> tuple[Release, list[PilothouseError]]:
    """Remove the records, or keep them as history."""
    errors = list(outcome.errors)
    gone = outcome.release.with_info(status=UNINSTALLED, description=options.description or "Uninstallation complete")
    if not options.keep_history:
        try:
            _purge(context, revisions)
        except PilothouseError as error:
            errors.append(PilothouseError(f"uninstall: Failed to purge the release: {error.message}"))
        return gone, errors
    _store(context, gone)
    for revision in deployed_revisions(context.store, options.name):
        _store(context, revision.with_info(status=SUPERSEDED))
    return gone, errors


def _store(context: Context, release: Release) -> None:
    if release.journal is not None:
        release = release.replace(journal=release.journal.close())
    try:
        context.recorder().update(release)
    except PilothouseError as error:
        context.reporter.debug("uninstall: Failed to store updated release", error=error.message)


def _purge(context: Context, revisions: Sequence[Release]) -> None:
    for release in revisions:
        context.recorder().delete(release)


def _dry_run(context: Context, options: UninstallOptions) -> UninstallResult:
    try:
        release = stored_release(context, options.name)
    except NotFound:
        if options.ignore_not_found and not context.helm3:
            return UninstallResult(release=None)
        raise
    try:
        kept, going = removal_order(release.manifest, helm=context.compatibility)
    except Invalid:
        return UninstallResult(release=release)
    if not context.helm3:
        try:
            resources = build_resources(context.cluster, _joined(going), release.namespace)
        except Invalid:
            resources = []
        _, foreign, unknown = _sorted_by_owner(context, release, resources)
        _tell_dry_run(context, release.name, foreign, unknown)
    return UninstallResult(release=release, information="".join(f"{line}\n" for line in _kept_lines(kept)))


def _removable(context: Context, release: Release, interrupted: Interruption | None) -> tuple[list[Resource], str]:
    """Return the objects to delete, in order, and the text about those that stay (``deleteRelease``)."""
    kept, going = removal_order(release.manifest, helm=context.compatibility)
    blocks = ["\n".join(_kept_lines(kept))] if kept else []
    resources = build_resources(context.cluster, _joined(going), release.namespace)
    if not context.helm3:
        resources, foreign, unknown = _sorted_by_owner(context, release, resources)
        blocks += _tell_left_alone(context, release.name, foreign, unknown)
    left = leftovers(context, interrupted, resources)
    if left:
        resources = uninstall_order(context.compatibility).sort([*resources, *left], lambda resource: resource.kind)
    return resources, "\n".join(f"{block}\n" for block in blocks)


def _joined(documents: Sequence[Manifest]) -> str:
    return "\n---\n".join(document.content for document in documents)


def _kept_lines(kept: Sequence[Manifest]) -> list[str]:
    lines = [f"[{document.kind}] {document.name}" for document in kept]
    return ["These resources were kept due to the resource policy:", *lines] if lines else []


def _sorted_by_owner(
    context: Context, release: Release, resources: Sequence[Resource]
) -> tuple[list[Resource], list[Resource], list[tuple[Resource, PilothouseError]]]:
    """Return the release's objects, those of others, and unreadable ones (``verifyOwnershipBeforeDelete``)."""
    owned, foreign, unknown = [], [], []
    for resource, live in zip(resources, live_objects(context.cluster, resources), strict=True):
        if isinstance(live, PilothouseError):
            unknown.append((resource, live))
        elif live is None:
            continue
        elif ownership_problems(live, release.name, release.namespace):
            foreign.append(resource)
        else:
            owned.append(resource)
    return owned, foreign, unknown


def _tell_left_alone(
    context: Context, name: str, foreign: Sequence[Resource], unknown: Sequence[tuple[Resource, PilothouseError]]
) -> list[str]:
    """Warn of objects that stay since they are not the release's, and return what is said of them at the end."""
    blocks = []
    if foreign:
        lines = [f"{len(foreign)} resource(s) were not deleted because they are not owned by this release:"]
        for resource in foreign:
            context.reporter.warning("skipping delete of resource not owned by this release", **_facts(resource, name))
            lines.append(f"[{resource.kind}] {resource.name}")
        blocks.append("\n".join(lines))
    if unknown:
        lines = [f"{len(unknown)} resource(s) were not deleted because their ownership could not be verified:"]
        for resource, error in unknown:
            text = "skipping delete of resource because ownership could not be verified"
            context.reporter.warning(text, **_facts(resource, name), error=error.message)
            lines.append(f"[{resource.kind}] {resource.name}: {error.message}")
        blocks.append("\n".join(lines))
    return blocks


def _tell_dry_run(
    context: Context, name: str, foreign: Sequence[Resource], unknown: Sequence[tuple[Resource, PilothouseError]]
) -> None:
    """Warn of objects that an uninstallation would leave alone."""
    tell = context.reporter.warning
    if foreign:
        text = "dry-run: resources would be skipped because they are not owned by this release"
        tell(text, release=name, count=str(len(foreign)))
        for resource in foreign:
            tell("dry-run: would skip resource", **_facts(resource))
    if unknown:
        text = "dry-run: resources would be skipped because their ownership could not be verified"
        tell(text, release=name, count=str(len(unknown)))
        for resource, error in unknown:
            text = "dry-run: would skip resource (ownership could not be verified)"
            tell(text, **_facts(resource), error=error.message)


def _facts(resource: Resource, release: str = "") -> dict[str, str]:
    facts = {"kind": resource.kind, "name": resource.name, "namespace": resource.namespace}
    return {**facts, "release": release} if release else facts
