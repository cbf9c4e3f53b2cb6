"""Upgrading a release (``action.Upgrade``)."""

from __future__ import annotations

from pilothouse.actions.apply_method import SERVER_SIDE, method_name, server_side_for
from pilothouse.actions.errors import InvalidOptions, NoDeployedRelease, OperationFailed
from pilothouse.actions.origins import origin_hints
from pilothouse.actions.recovery import Interruption, leftovers, recovering, require_idle
from pilothouse.actions.release_change import ChartOptions, adopted_objects, clean_up
from pilothouse.actions.rendering import RenderOptions, render_release
from pilothouse.actions.rollback import RollbackOptions, rollback
from pilothouse.apply.errors import PlanStopped
from pilothouse.apply.manifests import build_resources
from pilothouse.errors import Cancelled, Invalid, PilothouseError
from pilothouse.plan.build import plan_upgrade
from pilothouse.plan.operations import ApplySettings
from pilothouse.releases.errors import RecordsUnreadable, RecordTaken, ReleaseNotFound
from pilothouse.releases.history import deployed_revisions, merged_labels, newest
from pilothouse.releases.labels import check_labels
from pilothouse.releases.names import is_valid_name
from pilothouse.releases.release import (
    DEPLOYED,
    FAILED,
    PENDING_UPGRADE,
    SUPERSEDED,
    UNINSTALLING,
    Release,
    ReleaseInfo,
)
from pilothouse.releases.times import timestamp
from pilothouse.values.coalesce import coalesce_tables, coalesce_values
from pilothouse.values.subcharts import process_dependencies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.actions.context import Context
    from pilothouse.charts.model import Chart
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.plan.resources import Resource


class UpgradeOptions(ChartOptions):
    """How to upgrade; the value ``null`` of a label removes it.

    Attributes:
        server_side: ``true``, ``false`` or ``auto``, which does what the last revision did.
        history_max: Revisions to keep, 0 for all.
        cleanup_on_fail: Whether objects that a failed upgrade created are deleted.
    """

    cleanup_on_fail: bool = False
    reset_values: bool = False
    reuse_values: bool = False
    reset_then_reuse_values: bool = False
    history_max: int = 10
    server_side: str = "auto"


def upgrade(context: Context, options: UpgradeOptions) -> Release:
    """Make a new revision of a release.

    Raises:
        NoDeployedRelease: There is nothing to upgrade.
        OperationPending: Another operation has not ended.
        OperationFailed: The cluster did not take it; the record says so.
    """
    context.require_cluster()
    if not is_valid_name(options.name):
        raise Invalid(f"release name is invalid: {options.name}")
    if options.hide_secret and options.dry_run == "none":
        start = "Hiding" if context.helm3 else "hiding"
        raise InvalidOptions(f"{start} Kubernetes secrets requires a dry-run mode")
    last, current, interrupted = _base(context, options.name)
    release = _pending_release(context, options, last, current)
    originals, targets = _resources(context, options, current, release)
    originals += leftovers(context, interrupted, originals)
    if options.dry_run != "none":
        return release.with_info(description=options.description or "Dry run complete")
    settings = _settings(options, current, server_side=_server_side(options, last))
    plan = plan_upgrade(
        release,
        current,
        originals,
        targets,
        settings,
        no_hooks=options.no_hooks,
        description=options.description,
        history_max=options.history_max,
    )
    if interrupted is not None:
        plan = recovering(context, plan, interrupted)
    try:
        return context.executor().run(plan).release
    except PlanStopped as stopped:
        stopped.hints += origin_hints(context, release, stopped.cause)
        raise _failed(context, options, stopped) from stopped


def _base(context: Context, name: str) -> tuple[Release, Release, Interruption | None]:
    """Return the newest revision, the one whose objects are there (``prepareUpgrade``), and what is taken over."""
    try:
        last = newest(context.store, name)
    except ReleaseNotFound as error:
        if isinstance(error, RecordsUnreadable):
            raise
        raise _no_deployed(name) from error
    interrupted = require_idle(context, last)
    last = last.replace(journal=None)
    if last.info.status == DEPLOYED:
        return last, last, interrupted
    deployed = deployed_revisions(context.store, name)
    if deployed:
        return last, deployed[-1], interrupted
    if last.info.status in (FAILED, SUPERSEDED) or interrupted is not None:
        return last, last, interrupted
    if last.info.status == UNINSTALLING:
        raise _no_deployed(name, hint=f"its removal was begun: helm uninstall {name} finishes it")
    raise _no_deployed(name)


def _no_deployed(name: str, *, hint: str = "") -> NoDeployedRelease:
    return NoDeployedRelease(
        f'"{name}" has no deployed releases',
        hints=(hint or "helm upgrade --install installs a release that does not exist",),
    )


def _reused(context: Context, options: UpgradeOptions, current: Release) -> tuple[Chart, Mapping[str, YamlValue]]:
    """Return chart and values after the rules about values of the last revision (``reuseValues``)."""
    chart, values = options.chart, options.values
    if options.reset_values:
        return chart, values
    if options.reuse_values:
        if current.chart is not None:
            try:
                chart = chart.replace(values=coalesce_values(current.chart, current.config, helm=context.compatibility))
            except Invalid as error:
                raise Invalid(f"failed to rebuild old values: {error.message}", hints=error.hints) from error
        return chart, coalesce_tables(dict(values), current.config, helm=context.compatibility)
    if options.reset_then_reuse_values:
        return chart, coalesce_tables(dict(values), current.config, helm=context.compatibility)
    if not values and current.config:
        context.reporter.debug("copying values from old release", name=current.name, version=str(current.revision))
        return chart, current.config
    return chart, values


def _server_side(options: UpgradeOptions, last: Release) -> bool:
    return server_side_for(options.server_side, last.apply_method)


def _pending_release(context: Context, options: UpgradeOptions, last: Release, current: Release) -> Release:
    chart, values = _reused(context, options, current)
    chart = process_dependencies(chart, values, helm=context.compatibility, reporter=context.reporter)
    rendered = render_release(
        context,
        chart,
        values,
        RenderOptions(
            name=options.name,
            namespace=current.namespace,
            revision=last.revision + 1,
            is_upgrade=True,
            lookup=options.dry_run != "client",
            skip_schema_validation=options.skip_schema_validation,
            render_subchart_notes=options.render_subchart_notes,
            enable_dns=options.enable_dns,
            hide_secret=options.hide_secret,
            post_renderer=options.post_renderer,
        ),
    )
    check_labels(options.labels)
    return Release(
        name=options.name,
        namespace=current.namespace,
        revision=last.revision + 1,
        chart=chart,
        config=values,
        info=ReleaseInfo(
            first_deployed=current.info.first_deployed,
            last_deployed=timestamp(context.clock),
            status=PENDING_UPGRADE,
            description="Preparing upgrade",
            notes=rendered.notes,
        ),
        manifest=rendered.manifest,
        hooks=rendered.hooks,
        labels=merged_labels(last.labels, options.labels),
        apply_method=method_name(server_side=_server_side(options, last), compatibility=context.compatibility),
    )


def _resources(
    context: Context, options: UpgradeOptions, current: Release, release: Release
) -> tuple[list[Resource], list[Resource]]:
    """Return the objects of the last revision, those adopted among them, and the wanted ones."""
    validate = not options.disable_openapi_validation
    wanted = build_resources(context.cluster, release.manifest, release.namespace, validate=validate)
    originals = _current_objects(context, current)
    targets = [resource.owned_by(release.name, release.namespace) for resource in wanted]
    known = {resource.exact_key for resource in originals}
    fresh = [resource for resource in targets if resource.exact_key not in known]
    adopted = adopted_objects(
        context,
        fresh,
        "update",
        name=release.name,
        namespace=release.namespace,
        take_ownership=options.take_ownership,
    )
    return originals + adopted, targets


def _current_objects(context: Context, current: Release) -> list[Resource]:
    """Return the objects of the last revision, in Helm's words where the cluster no longer knows their kinds."""
    try:
        return build_resources(context.cluster, current.manifest, current.namespace)
    except Invalid as error:
        if "no matches for kind" in error.message:
            text = (
                "current release manifest contains removed kubernetes api(s) for this kubernetes version and it is "
                "therefore unable to build the kubernetes objects for performing the diff. "
                f"error from kubernetes: {error.message}"
            )
        else:
            text = f"unable to build kubernetes objects from current release manifest: {error.message}"
        raise Invalid(text, hints=error.hints) from error


def _settings(options: UpgradeOptions, current: Release, *, server_side: bool) -> ApplySettings:
    return ApplySettings(
        server_side=server_side,
        force_conflicts=options.force_conflicts,
        force_replace=options.force_replace,
        migrate_managers=server_side and current.apply_method != SERVER_SIDE,
        wait=options.wait_strategy,
        wait_for_jobs=options.wait_for_jobs,
        timeout=options.timeout,
    )


def _failed(context: Context, options: UpgradeOptions, stopped: PlanStopped) -> OperationFailed:
    """Store what became of the upgrade, undo what was asked to be undone, return the error (``failRelease``)."""
    release = stopped.outcome.release
    if isinstance(stopped.cause, RecordTaken):
        return OperationFailed(stopped.message, release=release, hints=stopped.hints)
    if stopped.stage in ("record", "finish") and not isinstance(stopped.cause, Cancelled):
        return OperationFailed(stopped.message, release=release, hints=stopped.hints)
    context.reporter.report(
        "debug" if context.helm3 else "warning", "upgrade failed", name=release.name, error=stopped.message
    )
    release = release.with_info(status=FAILED, description=f'Upgrade "{release.name}" failed: {stopped.message}')
    context.record_failure(release)
    if options.cleanup_on_fail and (problem := clean_up(context, stopped.outcome.created)):
        message = f"an error occurred while cleaning up resources. original upgrade error: {stopped.message}: {problem}"
        return OperationFailed(message, release=release, hints=stopped.hints)
    if options.rollback_on_failure:
        return _rolled_back(context, options, release, stopped)
    return OperationFailed(stopped.message, release=release, hints=stopped.hints)


def _rolled_back(context: Context, options: UpgradeOptions, release: Release, stopped: PlanStopped) -> OperationFailed:
    good = [
        revision for revision in context.store.history(release.name) if revision.info.status in (SUPERSEDED, DEPLOYED)
    ]
    if not good:
        message = (
            "unable to find a previously successful release when attempting to rollback. "
            f"original upgrade error: {stopped.message}"
        )
        return OperationFailed(message, release=release, hints=stopped.hints)
    target = max(good, key=lambda revision: revision.revision)
    try:
        rollback(
            context,
            RollbackOptions(
                name=release.name,
                revision=target.revision,
                wait=options.wait_strategy,
                wait_for_jobs=options.wait_for_jobs,
                timeout=options.timeout,
                no_hooks=options.no_hooks,
                server_side=options.server_side,
                force_replace=options.force_replace,
                force_conflicts=options.force_conflicts,
                history_max=0,
            ),
        )
    except PilothouseError as error:
        message = (
            "an error occurred while rolling back the release. original upgrade error: "
            f"{stopped.message}: {error.message}"
        )
        return OperationFailed(message, release=release, hints=stopped.hints)
    flag = "atomic" if context.helm3 else "rollback-on-failure"
    message = f"release {release.name} failed, and has been rolled back due to {flag} being set: {stopped.message}"
    return OperationFailed(message, release=release, hints=stopped.hints)
