"""Upgrading a release by Helm 2's rules (``ReleaseServer.UpdateRelease``)."""

from __future__ import annotations

from pilothouse.actions.errors import InvalidOptions, OperationFailed, OperationPending
from pilothouse.actions.tiller_context import TillerContext, check_name, new_release
from pilothouse.actions.tiller_install import (
    TillerInstallOptions,
    complete,
    record_failure,
)
from pilothouse.actions.tiller_install import prepare as prepare_install
from pilothouse.actions.tiller_recovery import Leftovers, base_of, leftovers
from pilothouse.actions.tiller_rendering import RenderRequest, coalesced_values, render_release
from pilothouse.actions.tiller_uninstall import being_deleted, delete_objects
from pilothouse.apply.tiller_manifests import build
from pilothouse.apply.tiller_objects import UpdateOptions
from pilothouse.charts.load import merge_maps
from pilothouse.errors import PilothouseError
from pilothouse.formats.yaml_text import encode
from pilothouse.golang.quoting import quote
from pilothouse.hapi.convert import chart_from
from pilothouse.hapi.messages import ConfigMessage, copy_of
from pilothouse.releases.hooks import POST_DELETE, POST_UPGRADE, PRE_DELETE, PRE_INSTALL, PRE_UPGRADE
from pilothouse.releases.release import (
    DEPLOYED,
    PENDING_STATUSES,
    PENDING_UPGRADE,
    SUPERSEDED,
    UNINSTALLED,
    ReleaseInfo,
)
from pilothouse.releases.times import format_time
from pilothouse.values.helm2 import read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.hapi.convert import TillerRelease
    from pilothouse.hapi.messages import Message

_EMPTY = ("", "{}\n")


class TillerUpgradeOptions(UpdateOptions):
    """How to upgrade; fields of ``UpdateReleaseRequest``.

    Attributes:
        chart: A ``hapi.chart.Chart``, none when the request has none.
        config: A ``hapi.chart.Config``, or none.
        force: Also whether a release that cannot be upgraded is deleted and installed anew.
    """

    name: str
    chart: Message = None
    config: Message = None
    dry_run: bool = False
    disable_hooks: bool = False
    reset_values: bool = False
    reuse_values: bool = False
    description: str = ""
    subchart_notes: bool = False


def upgrade(context: TillerContext, options: TillerUpgradeOptions) -> TillerRelease:
    """Upgrade a release and return its new revision.

    Raises:
        NotFound: No revision is deployed.
        OperationPending: Another operation has not ended.
        PilothouseError: The chart is wrong, or the cluster did not take it.
    """
    check_name(options.name)
    context.log(f"preparing update for {options.name}")
    try:
        current, release, left = _prepare(context, options)
    except PilothouseError as error:
        context.log(f"failed to prepare update: {error.message}")
        if not options.force:
            raise
        return _upgrade_by_force(context, options)
    if options.dry_run:
        context.log(f"dry run for {release.name}")
        return release.with_info(description="Dry run complete")
    context.log(f"creating updated release for {options.name}")
    context.create_record(release)
    context.log(f"performing update for {options.name}")
    done = _perform(context, options, current, release, left)
    context.log(f"updating status for updated release for {options.name}")
    context.store.update(done)
    return done


def _prepare(context: TillerContext, options: TillerUpgradeOptions) -> tuple[TillerRelease, TillerRelease, Leftovers]:
    """Return the deployed revision, the new one, rendered and not stored, and what was left (``prepareUpdate``)."""
    if options.chart is None:
        raise InvalidOptions("no chart provided")
    current = base_of(context, options.name)
    chart, config = _reused_values(context, options, current)
    revisions = context.revisions(options.name)
    last = revisions[0]
    if last.info.status in PENDING_STATUSES:
        raise OperationPending("another operation (install/upgrade/rollback) is in progress")
    time = context.clock.now_ns()
    request = RenderRequest(
        chart=chart,
        config=config,
        name=options.name,
        namespace=current.namespace,
        revision=last.revision + 1,
        time=time,
        is_upgrade=True,
        subchart_notes=options.subchart_notes,
    )
    rendered = render_release(context, request)
    release = new_release(
        name=options.name,
        namespace=current.namespace,
        revision=last.revision + 1,
        info=ReleaseInfo(
            first_deployed=current.info.first_deployed,
            last_deployed=format_time(time),
            status=PENDING_UPGRADE,
            description="Preparing upgrade",
            notes=rendered.notes,
        ),
        chart=chart,
        config=config,
        manifest=rendered.manifest,
        hooks=rendered.hooks,
    )
    build(context.cluster, release.manifest, release.namespace)
    return current, release, leftovers(revisions, current)


def _reused_values(
    context: TillerContext, options: TillerUpgradeOptions, current: TillerRelease
) -> tuple[Message, Message]:
    """Return the chart and the values to use, after those of the deployed revision (``reuseValues``)."""
    if options.reset_values:
        context.log("resetting values to the chart's original version")
        return options.chart, options.config
    text = "" if options.config is None else str(options.config.raw)
    if options.reuse_values:
        context.log("reusing the old release's values")
        try:
            old = coalesced_values(context, chart_from(current.wire.chart), current.wire.config)
        except PilothouseError as error:
            raise error.prefixed("failed to rebuild old values: ") from error
        chart = copy_of(options.chart)
        chart.values.Clear()
        chart.values.raw = encode(old)
        before = {} if current.config_text in _EMPTY else read_values(current.config_text)
        return chart, ConfigMessage(raw=encode(merge_maps(before, read_values(text))))
    if text in _EMPTY and current.config_text not in _EMPTY:
        context.log(f"copying values from {current.name} (v{current.revision}) to new release.")
        return options.chart, current.wire.config
    return options.chart, options.config


def _perform(
    context: TillerContext,
    options: TillerUpgradeOptions,
    current: TillerRelease,
    release: TillerRelease,
    left: Leftovers,
) -> TillerRelease:
    context.clear_hooks(left.hooks)
    if options.disable_hooks:
        context.log(f"update hooks disabled for {options.name}")
    else:
        release = context.run_hooks(release, PRE_UPGRADE, options.timeout)
    try:
        context.objects().update(current.manifest, release.manifest, release.namespace, options, left=left.manifests)
    except PilothouseError as error:
        context.record(current)
        record_failure(context, release, f"Upgrade {quote(release.name)} failed: {error.message}")
        raise
    if not options.disable_hooks:
        release = context.run_hooks(release, POST_UPGRADE, options.timeout)
    context.record(current.with_info(status=SUPERSEDED))
    return release.with_info(status=DEPLOYED, description=options.description or "Upgrade complete")


# ── by force ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _upgrade_by_force(context: TillerContext, options: TillerUpgradeOptions) -> TillerRelease:
    """Delete the newest revision's objects and install anew (``performUpdateForce``)."""
    old = context.last(options.name)
    install = TillerInstallOptions(
        chart=options.chart,
        config=options.config,
        name=options.name,
        namespace=old.namespace,
        dry_run=options.dry_run,
        disable_hooks=options.disable_hooks,
        reuse_name=True,
        wait=options.wait,
        timeout=options.timeout,
        description=options.description or "Upgrade complete",
    )
    release = prepare_install(context, install, "update").replace(revision=old.revision + 1)
    if options.dry_run:
        context.log(f"dry run for {release.name}")
        return release.with_info(description="Dry run complete")
    old = _remove_old(context, options, old)
    if not options.disable_hooks:
        release = context.run_hooks(release, PRE_INSTALL, options.timeout)
    context.record_new(release)
    try:
        context.objects().update(old.manifest, release.manifest, release.namespace, options)
    except PilothouseError as error:
        record_failure(context, release, f"Upgrade {quote(release.name)} failed: {error.message}")
        raise
    return complete(context, install, release)


def _remove_old(context: TillerContext, options: TillerUpgradeOptions, old: TillerRelease) -> TillerRelease:
    old = being_deleted(context, old)
    context.record(old)
    if not options.disable_hooks:
        old = context.run_hooks(old, PRE_DELETE, options.timeout)
    removal = delete_objects(context, old)
    old = old.with_info(status=UNINSTALLED, description="Deletion complete")
    context.record(old)
    if removal.errors:
        raise OperationFailed(
            f"Upgrade --force successfully deleted the previous release, but encountered {len(removal.errors)} "
            f"error(s) and cannot continue: {'; '.join(removal.errors)}"
        )
    return old if options.disable_hooks else context.run_hooks(old, POST_DELETE, options.timeout)
