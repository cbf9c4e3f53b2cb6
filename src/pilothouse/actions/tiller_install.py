"""Installing a chart by Helm 2's rules (``ReleaseServer.InstallRelease``)."""

from __future__ import annotations

from pilothouse.actions.errors import InvalidOptions, NameInUse, OperationFailed
from pilothouse.actions.tiller_context import TillerContext, new_release
from pilothouse.actions.tiller_recovery import Leftovers, leftovers
from pilothouse.actions.tiller_rendering import RenderRequest, render_release
from pilothouse.apply.tiller_hooks import CRD_INSTALL
from pilothouse.apply.tiller_objects import UpdateOptions
from pilothouse.errors import NotFound, PilothouseError
from pilothouse.golang.quoting import quote
from pilothouse.records import Record
from pilothouse.releases.hooks import POST_INSTALL, PRE_INSTALL
from pilothouse.releases.names import LONGEST_NAME
from pilothouse.releases.release import DEPLOYED, FAILED, PENDING_INSTALL, SUPERSEDED, UNINSTALLED, ReleaseInfo
from pilothouse.releases.times import format_time
from pilothouse.render.errors import ManifestError
from pilothouse.render.tiller_manifests import blob

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.hapi.convert import TillerRelease
    from pilothouse.hapi.messages import Message

_TRIES = 5


class TillerInstallOptions(Record):
    """How to install; fields of ``InstallReleaseRequest``.

    Attributes:
        chart: A ``hapi.chart.Chart``, none when the request has none.
        config: A ``hapi.chart.Config``, or none.
    """

    chart: Message
    config: Message = None
    name: str = ""
    namespace: str = ""
    dry_run: bool = False
    disable_hooks: bool = False
    disable_crd_hook: bool = False
    reuse_name: bool = False
    wait: bool = False
    timeout: float = 300.0
    description: str = ""
    subchart_notes: bool = False


def install(context: TillerContext, options: TillerInstallOptions) -> TillerRelease:
    """Install a chart and return the release.

    Raises:
        NameInUse: A release of that name exists.
        PilothouseError: The chart is wrong, or the cluster did not take it.
    """
    context.log(f"preparing install for {options.name}")
    release = prepare(context, options, "install")
    context.log(f"performing install for {options.name}")
    try:
        return _dry_run(context, options, release) if options.dry_run else _perform(context, options, release)
    except PilothouseError as error:
        context.log(f"failed install perform step: {error.message}")
        raise


def prepare(context: TillerContext, options: TillerInstallOptions, doing: str) -> TillerRelease:
    """Return the first revision of a release, rendered and not stored; ``doing`` names the operation in the log.

    Raises:
        PilothouseError: The name is taken, or the chart is wrong.
    """
    try:
        return _prepare(context, options)
    except PilothouseError as error:
        context.log(f"failed {doing} prepare step: {error.message}")
        if options.dry_run and isinstance(error, ManifestError):
            raise _with_sources(error) from error
        raise


def _with_sources(error: ManifestError) -> OperationFailed:
    """Return the error of a dry run, which shows all that was rendered."""
    files = ((path, text) for path, text in error.files.items() if text.strip())
    return OperationFailed(f"{error.message}\n{blob(files)}")


def _prepare(context: TillerContext, options: TillerInstallOptions) -> TillerRelease:
    """Return the first revision of a release (``prepareRelease``)."""
    if options.chart is None:
        raise InvalidOptions("no chart provided")
    name = _unique_name(context, options.name, reuse=options.reuse_name)
    time = context.clock.now_ns()
    request = RenderRequest(
        chart=options.chart,
        config=options.config,
        name=name,
        namespace=options.namespace,
        revision=1,
        time=time,
        subchart_notes=options.subchart_notes,
    )
    rendered = render_release(context, request)
    stamp = format_time(time)
    return new_release(
        name=name,
        namespace=options.namespace,
        revision=1,
        info=ReleaseInfo(
            first_deployed=stamp,
            last_deployed=stamp,
            status=PENDING_INSTALL,
            description="Initial install underway",
            notes=rendered.notes,
        ),
        chart=options.chart,
        config=options.config,
        manifest=rendered.manifest,
        hooks=rendered.hooks,
    )


def _unique_name(context: TillerContext, wanted: str, *, reuse: bool) -> str:
    """Return the name of a new release, made up if none is wanted (``uniqName``)."""
    if not wanted:
        return _made_up_name(context)
    if len(wanted) > LONGEST_NAME:
        raise InvalidOptions(f"release name {quote(wanted)} exceeds max length of {LONGEST_NAME}")
    try:
        newest = context.revisions(wanted)[0]
    except PilothouseError:
        return wanted
    if not reuse:
        raise NameInUse(
            f"a release named {wanted} already exists.\nRun: helm ls --all {wanted}; to check the status of the "
            f"release\nOr run: helm del --purge {wanted}; to delete it"
        )
    if newest.info.status not in (UNINSTALLED, FAILED):
        raise NameInUse(f"a release named {wanted} is in use, cannot re-use a name that is still in use")
    context.log(f"name {wanted} exists but is not in use, reusing name")
    return wanted


def _made_up_name(context: TillerContext) -> str:
    for _ in range(_TRIES):
        name = context.make_name()[:LONGEST_NAME]
        try:
            context.revision(name, 1)
        except NotFound:
            return name
        context.log(f"info: generated name {name} is taken. Searching again.")
    context.log(f"warning: No available release names found after {_TRIES} tries")
    raise NameInUse("no available release name found")


def _dry_run(context: TillerContext, options: TillerInstallOptions, release: TillerRelease) -> TillerRelease:
    context.log(f"dry run for {release.name}")
    if not options.disable_crd_hook and any(CRD_INSTALL in hook.events for hook in release.hooks):
        context.log("validation skipped because CRD hook is present")
        return release.with_info(description="Validation skipped because CRDs are not installed")
    context.objects().validate(release.manifest, release.namespace)
    return release.with_info(description="Dry run complete")


def _perform(context: TillerContext, options: TillerInstallOptions, release: TillerRelease) -> TillerRelease:
    """Install a release (``performRelease``).

    Helm 2.17 stores it after the hooks that come first. A Tiller that marks what it makes stores it before them too, so
    that what they made is known if it is killed, and takes it back when one fails.
    """
    early = _is_recorded_early(context, options, release) and context.record_new(release)
    if options.reuse_name:
        context.clear_hooks(_left_by(context, release.name).hooks)
    try:
        release = _run_first_hooks(context, options, release)
    except PilothouseError as error:
        if early:
            context.withdraw(release, f"Release {quote(release.name)} failed: {error.message}")
        raise
    return complete(context, options, _record_and_apply(context, options, release, recorded=early))


def _is_recorded_early(context: TillerContext, options: TillerInstallOptions, release: TillerRelease) -> bool:
    hooked = any(event in (CRD_INSTALL, PRE_INSTALL) for hook in release.hooks for event in hook.events)
    return bool(context.store.mark) and hooked and not options.disable_hooks and not options.reuse_name


def _left_by(context: TillerContext, name: str) -> Leftovers:
    try:
        revisions = context.revisions(name)
    except PilothouseError:
        return Leftovers()
    return leftovers(revisions, revisions[0])


def _run_first_hooks(context: TillerContext, options: TillerInstallOptions, release: TillerRelease) -> TillerRelease:
    if options.disable_hooks or options.disable_crd_hook:
        context.log(f"CRD install hooks disabled for {options.name}")
    else:
        release = context.run_hooks(release, CRD_INSTALL, options.timeout)
    context.objects().validate(release.manifest, release.namespace)
    if options.disable_hooks:
        context.log(f"install hooks disabled for {options.name}")
        return release
    return context.run_hooks(release, PRE_INSTALL, options.timeout)


def complete(context: TillerContext, options: TillerInstallOptions, release: TillerRelease) -> TillerRelease:
    """Run the post-install hooks and record the release as deployed, or as failed when one fails.

    Raises:
        PilothouseError: A hook failed.
    """
    if not options.disable_hooks:
        try:
            release = context.run_hooks(release, POST_INSTALL, options.timeout)
        except PilothouseError as error:
            record_failure(context, release, f"Release {quote(release.name)} failed post-install: {error.message}")
            raise
    done = release.with_info(status=DEPLOYED, description=options.description or "Install complete")
    context.record(done)
    return done


def record_failure(context: TillerContext, release: TillerRelease, text: str) -> None:
    """Store a release as failed."""
    context.log(f"warning: {text}")
    context.record(release.with_info(status=FAILED, description=text))


def _record_and_apply(
    context: TillerContext, options: TillerInstallOptions, release: TillerRelease, *, recorded: bool
) -> TillerRelease:
    objects = context.objects()
    try:
        revisions = context.revisions(release.name)
        old = revisions[0]
    except PilothouseError:
        revisions, old = [], None
    if options.reuse_name and old is not None:
        context.log(f"name reuse for {release.name} requested, replacing release")
        replaced = old.with_info(status=SUPERSEDED)
        context.record(replaced)
        release = release.replace(revision=old.revision + 1)
        context.record_new(release)
        update = UpdateOptions(wait=options.wait, timeout=options.timeout)
        try:
            left = leftovers(revisions, old)
            objects.update(old.manifest, release.manifest, release.namespace, update, left=left.manifests)
        except PilothouseError as error:
            context.record(replaced)
            record_failure(context, release, f"Release replace {quote(release.name)} failed: {error.message}")
            raise
        return release
    if recorded:
        context.record(release)
    else:
        context.record_new(release)
    try:
        objects.create(release.manifest, release.namespace, timeout=options.timeout, wait=options.wait)
    except PilothouseError as error:
        record_failure(context, release, f"Release {quote(release.name)} failed: {error.message}")
        raise error.prefixed(f"release {release.name} failed: ") from error
    return release
