"""Installing a chart (``action.Install``)."""

from __future__ import annotations

from pilothouse.actions.apply_method import method_name
from pilothouse.actions.crds import install_crds
from pilothouse.actions.errors import InvalidOptions, NameInUse, OperationFailed
from pilothouse.actions.origins import origin_hints
from pilothouse.actions.recovery import Interruption, interruption_of, leftovers, recovering, tell_take_over
from pilothouse.actions.release_change import ChartOptions, adopted_objects
from pilothouse.actions.rendering import RenderOptions, render_release
from pilothouse.actions.uninstall import UninstallOptions, uninstall
from pilothouse.apply.errors import PlanStopped
from pilothouse.apply.manifests import build_resources
from pilothouse.errors import Cancelled, Invalid, NotFound, PilothouseError
from pilothouse.plan.build import plan_install
from pilothouse.plan.operations import ApplySettings
from pilothouse.releases import history
from pilothouse.releases.errors import RecordTaken
from pilothouse.releases.labels import check_labels
from pilothouse.releases.names import check_name
from pilothouse.releases.release import FAILED, PENDING_INSTALL, SUPERSEDED, UNINSTALLED, Release, ReleaseInfo
from pilothouse.releases.times import timestamp
from pilothouse.render.pipeline import processed_for_install

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.actions.context import Context
    from pilothouse.charts.model import Chart
    from pilothouse.plan.operations import Plan
    from pilothouse.plan.resources import Resource


class InstallOptions(ChartOptions):
    """How to install.

    Attributes:
        reuse_name: Whether the name of an uninstalled or failed release may be used again.
        server_side: Whether objects are applied by the server.
    """

    create_namespace: bool = False
    reuse_name: bool = False
    skip_crds: bool = False
    server_side: bool = True


def install(context: Context, options: InstallOptions) -> Release:
    """Install a chart and return the release.

    Raises:
        NameInUse: A release of that name exists.
        Invalid: The chart or the values are wrong; nothing was changed but for CRDs.
        OperationFailed: The cluster did not take it; the record says so.
    """
    _check_options(context, options)
    options = options.replace(chart=_processed(context, options))
    # Helm 3 asks the cluster even so, for all but lookups.
    client_only = options.dry_run == "client" and not context.helm3
    if not client_only and not options.skip_crds:
        install_crds(context, options.chart, dry_run=options.dry_run != "none", server_side=options.server_side)
    release = _pending_release(context, options, client_only=client_only)
    if client_only:
        return release.with_info(description="Dry run complete")
    targets, adopted = _targets(context, options, release)
    if options.dry_run != "none":
        return release.with_info(description="Dry run complete")
    plan = _plan(context, options, release, targets, adopted)
    try:
        return context.executor().run(plan).release
    except PlanStopped as stopped:
        stopped.hints += origin_hints(context, release, stopped.cause)
        raise _failed(context, options, stopped) from stopped


def _check_options(context: Context, options: InstallOptions) -> None:
    if options.dry_run != "client" or context.helm3:
        context.require_cluster(prefix="cluster reachability check failed: ")
    if options.hide_secret and options.dry_run == "none":
        text = f"{'Hiding' if context.helm3 else 'hiding'} Kubernetes secrets requires a dry-run mode"
        if not context.helm3:
            context.reporter.report("error", text)
        raise InvalidOptions(text)
    prefix = "" if context.helm3 else "release name check failed: "
    try:
        _check_name_is_free(context, options)
    except PilothouseError as error:
        if prefix:
            context.reporter.report("error", prefix.rstrip(": "), error=error.message)
        raise error.prefixed(prefix) from error


def _check_name_is_free(context: Context, options: InstallOptions) -> None:
    """Check that the name is one and that no release has it (``availableName``)."""
    check_name(options.name)
    if options.dry_run != "none":
        return
    newest = _newest_or_none(context, options.name)
    if newest is None or (options.reuse_name and newest.info.status in (UNINSTALLED, FAILED)):
        return
    interrupted = interruption_of(context, newest)
    if interrupted is not None and options.reuse_name and not interrupted.alive:
        return
    hints = [f"helm upgrade --install {options.name} CHART changes the release that has it"]
    if interrupted is not None:
        hints = [interrupted.described(context.clock.now())]
        if not interrupted.alive:
            hints.append(f"helm upgrade --install {options.name} CHART goes on from it")
    word = "re-use" if context.helm3 else "reuse"
    raise NameInUse(f"cannot {word} a name that is still in use", hints=tuple(hints))


def _newest_or_none(context: Context, name: str) -> Release | None:
    """Return the newest revision; a history that cannot be read counts as none, as in Helm."""
    try:
        return history.newest(context.store, name)
    except NotFound:
        return None
    except PilothouseError as error:
        context.reporter.debug("release history cannot be read", name=name, error=error.message)
        return None


def _processed(context: Context, options: InstallOptions) -> Chart:
    return processed_for_install(options.chart, options.values, helm=context.compatibility, reporter=context.reporter)


def _pending_release(context: Context, options: InstallOptions, *, client_only: bool) -> Release:
    """Render the chart and return the release as it is before anything is applied."""
    now = timestamp(context.clock)
    check_labels(options.labels)
    rendered = render_release(
        context,
        options.chart,
        options.values,
        RenderOptions(
            name=options.name,
            namespace=context.namespace,
            revision=1,
            client_only=client_only,
            lookup=options.dry_run != "client",
            skip_schema_validation=options.skip_schema_validation,
            render_subchart_notes=options.render_subchart_notes,
            enable_dns=options.enable_dns,
            hide_secret=options.hide_secret,
            post_renderer=options.post_renderer,
        ),
    )
    return Release(
        name=options.name,
        namespace=context.namespace,
        revision=1,
        chart=options.chart,
        config=options.values,
        info=ReleaseInfo(
            first_deployed=now,
            last_deployed=now,
            status=PENDING_INSTALL,
            description="Initial install underway",
            notes=rendered.notes,
        ),
        manifest=rendered.manifest,
        hooks=rendered.hooks,
        labels=options.labels,
        apply_method=method_name(server_side=options.server_side, compatibility=context.compatibility),
    )


def _targets(context: Context, options: InstallOptions, release: Release) -> tuple[list[Resource], list[Resource]]:
    """Return the wanted objects and those of them that exist and are adopted."""
    try:
        built = build_resources(
            context.cluster,
            release.manifest,
            release.namespace,
            validate=not options.disable_openapi_validation,
        )
    except Invalid as error:
        text = f"unable to build kubernetes objects from release manifest: {error.message}"
        raise Invalid(text, hints=error.hints) from error
    targets = [resource.owned_by(release.name, release.namespace) for resource in built]
    return targets, adopted_objects(
        context,
        targets,
        "install",
        name=release.name,
        namespace=release.namespace,
        take_ownership=options.take_ownership,
    )


def _plan(
    context: Context,
    options: InstallOptions,
    release: Release,
    targets: Sequence[Resource],
    adopted: Sequence[Resource],
) -> Plan:
    replaced = _newest_or_none(context, options.name) if options.reuse_name else None
    interrupted: Interruption | None = None
    if replaced is not None:
        release = release.replace(revision=replaced.revision + 1)
        interrupted = interruption_of(context, replaced)
        if replaced.info.status == FAILED or interrupted is not None:
            replaced = None
        else:
            replaced = replaced.with_info(status=SUPERSEDED, description="superseded by new release")
    settings = ApplySettings(
        server_side=options.server_side,
        force_conflicts=options.force_conflicts,
        force_replace=options.force_replace,
        field_validation="Strict",
        migrate_managers=bool(adopted),
        three_way_for_custom=options.take_ownership and not options.server_side,
        wait=options.wait_strategy,
        wait_for_jobs=options.wait_for_jobs,
        timeout=options.timeout,
    )
    plan = plan_install(
        release,
        targets,
        [*adopted, *leftovers(context, interrupted, targets)],
        settings,
        create_namespace=options.create_namespace,
        replaced=replaced,
        no_hooks=options.no_hooks,
        description=options.description,
    )
    if interrupted is None:
        return plan
    tell_take_over(context, interrupted)
    return recovering(context, plan, interrupted)


def _failed(context: Context, options: InstallOptions, stopped: PlanStopped) -> OperationFailed:
    """Store what became of the installation, or remove it again, and return the error (``failRelease``)."""
    release = stopped.outcome.release
    if isinstance(stopped.cause, RecordTaken):
        return OperationFailed(stopped.message, release=release, hints=stopped.hints)
    if stopped.stage == "record" and not isinstance(stopped.cause, Cancelled):
        return OperationFailed(stopped.message, release=release, hints=stopped.hints)
    release = release.with_info(status=FAILED, description=f'Release "{release.name}" failed: {stopped.message}')
    if not options.rollback_on_failure:
        context.record_failure(release)
        return OperationFailed(stopped.message, release=release, hints=stopped.hints)
    flag = "atomic" if context.helm3 else "rollback-on-failure"
    try:
        context.record_failure(release)
        uninstall(
            context,
            UninstallOptions(
                name=release.name,
                no_hooks=options.no_hooks,
                timeout=options.timeout,
                wait=options.wait_strategy,
            ),
        )
    except PilothouseError as error:
        message = (
            "an error occurred while uninstalling the release. original install error: "
            f"{stopped.message}: {error.message}"
        )
        return OperationFailed(message, release=release, hints=stopped.hints)
    message = f"release {release.name} failed, and has been uninstalled due to {flag} being set: {stopped.message}"
    return OperationFailed(message, release=release, hints=stopped.hints)
