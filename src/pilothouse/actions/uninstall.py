"""Removing a release (``action.Uninstall``)."""

from __future__ import annotations

from pilothouse.actions.errors import InvalidOptions, OperationFailed
from pilothouse.apply.errors import PlanStopped
from pilothouse.apply.manifests import build_resources
from pilothouse.apply.observe import live_objects
from pilothouse.errors import Invalid, NotFound, PilothouseError
from pilothouse.plan.build import plan_removal
from pilothouse.plan.operations import ApplySettings
from pilothouse.plan.ownership import ownership_problems
from pilothouse.plan.removal import removal_order
from pilothouse.records import Record
from pilothouse.releases.history import deployed_revisions
from pilothouse.releases.names import is_valid_name
from pilothouse.releases.release import SUPERSEDED, UNINSTALLED, UNINSTALLING
from pilothouse.releases.times import timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.actions.context import Context
    from pilothouse.apply.outcome import Outcome
    from pilothouse.plan.resources import Resource
    from pilothouse.releases.release import Release

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
    revisions = sorted(context.store.history(options.name), key=lambda release: release.revision)
    if not revisions:
        if options.ignore_not_found:
            return UninstallResult(release=None)
        raise NotFound(f"uninstall: Release not loaded: {options.name}: release: not found")
    newest = revisions[-1]
    if newest.info.status == UNINSTALLED:
        if options.keep_history:
            raise Invalid(f'the release named "{options.name}" is already deleted')
        _purge(context, revisions)
        return UninstallResult(release=newest)
    return _remove(context, options, revisions)


def _remove(context: Context, options: UninstallOptions, revisions: Sequence[Release]) -> UninstallResult:
    going = revisions[-1].with_info(
        status=UNINSTALLING,
        deleted=timestamp(context.clock),
        description="Deletion in progress (or silently failed)",
    )
    resources, information = _removable(context, going)
    settings = ApplySettings(wait=options.wait, timeout=options.timeout)
    plan = plan_removal(
        going, resources, settings, propagation=_PROPAGATION[options.cascade], no_hooks=options.no_hooks
    )
    try:
        outcome = context.executor().run(plan)
    except PlanStopped as stopped:
        if stopped.stage == "delete":
            context.reporter.debug("uninstall: Failed to delete release", error=stopped.cause.message)
            raise OperationFailed(
                f"failed to delete release: {options.name}", release=stopped.outcome.release, hints=stopped.hints
            ) from stopped
        raise OperationFailed(stopped.message, release=stopped.outcome.release, hints=stopped.hints) from stopped
    gone, errors = _conclude(context, options, revisions, outcome)
    if errors:
        joined = "; ".join(error.message for error in errors)
        raise OperationFailed(f"uninstallation completed with {len(errors)} error(s): {joined}", release=gone)
    return UninstallResult(release=gone, information=information)


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
    context.store.update(gone)
    for revision in deployed_revisions(context.store, options.name):
        context.store.update(revision.with_info(status=SUPERSEDED))
    return gone, errors


def _purge(context: Context, revisions: Sequence[Release]) -> None:
    for release in revisions:
        context.store.delete(release.name, release.revision)


def _dry_run(context: Context, options: UninstallOptions) -> UninstallResult:
    revisions = context.store.history(options.name)
    if not revisions:
        if options.ignore_not_found:
            return UninstallResult(release=None)
        raise NotFound("release: not found")
    newest = max(revisions, key=lambda release: release.revision)
    _, information = _removable(context, newest)
    return UninstallResult(release=newest, information=information)


def _removable(context: Context, release: Release) -> tuple[list[Resource], str]:
    """Return the objects to delete, in order, and the text about those that stay (``deleteRelease``)."""
    kept, going = removal_order(release.manifest, helm=context.compatibility)
    blocks = []
    if kept:
        lines = [f"[{head.kind}] {head.name}" for head in kept]
        blocks.append("\n".join(["These resources were kept due to the resource policy:", *lines]))
    try:
        resources = build_resources(context.cluster, "\n---\n".join(head.content for head in going), release.namespace)
    except Invalid as error:
        context.reporter.debug("unable to build kubernetes objects for delete", error=error.message)
        raise OperationFailed(
            f"failed to delete release: {release.name}", release=release, hints=error.hints
        ) from error
    if context.helm3:
        return resources, "".join(f"{block}\n" for block in blocks)
    owned, more = _owned(context, release, resources)
    return owned, "\n".join(f"{block}\n" for block in [*blocks, *more])


def _sorted_by_owner(
    context: Context, release: Release, resources: Sequence[Resource]
) -> tuple[list[Resource], list[Resource], list[tuple[Resource, PilothouseError]]]:
    """Return the objects of the release, those of others, and those that cannot be read (``verifyOwnershipBeforeDelete``)."""
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
