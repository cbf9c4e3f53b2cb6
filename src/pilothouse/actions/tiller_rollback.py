"""Rolling a release back by Helm 2's rules (``ReleaseServer.RollbackRelease``)."""

from __future__ import annotations

from pilothouse.actions.errors import InvalidOptions
from pilothouse.actions.tiller_context import TillerContext, check_name
from pilothouse.actions.tiller_install import record_failure
from pilothouse.actions.tiller_recovery import Leftovers, leftovers
from pilothouse.apply.tiller_objects import UpdateOptions
from pilothouse.errors import NotFound, PilothouseError
from pilothouse.golang.quoting import quote
from pilothouse.hapi.messages import copy_of
from pilothouse.releases.hooks import POST_ROLLBACK, PRE_ROLLBACK
from pilothouse.releases.release import DEPLOYED, PENDING_ROLLBACK, SUPERSEDED, ReleaseInfo
from pilothouse.releases.times import timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.hapi.convert import TillerRelease
    from pilothouse.hapi.messages import Message


class TillerRollbackOptions(UpdateOptions):
    """How to roll back; fields of ``RollbackReleaseRequest``.

    Attributes:
        revision: The revision to go back to, 0 for the one before the newest.
    """

    name: str
    revision: int = 0
    dry_run: bool = False
    disable_hooks: bool = False
    description: str = ""


def rollback(context: TillerContext, options: TillerRollbackOptions) -> TillerRelease:
    """Bring a release back to an earlier revision and return the new one.

    Raises:
        NotFound: There is no such release or revision.
        PilothouseError: The cluster did not take it.
    """
    context.log(f"preparing rollback of {options.name}")
    current, release, left = _prepare(context, options)
    if options.dry_run:
        context.log(f"dry run for {release.name}")
        return release
    context.log(f"creating rolled back release for {options.name}")
    context.create_record(release)
    context.log(f"performing rollback of {options.name}")
    done = _perform(context, options, current, release, left)
    context.log(f"updating status for rolled back release for {options.name}")
    context.store.update(done)
    return done


def _prepare(context: TillerContext, options: TillerRollbackOptions) -> tuple[TillerRelease, TillerRelease, Leftovers]:
    """Return the newest revision, the one that is to follow it, and what was left (``prepareRollback``)."""
    check_name(options.name)
    if options.revision < 0:
        raise InvalidOptions("invalid release revision")
    revisions = context.revisions(options.name)
    current = revisions[0]
    wanted = options.revision or current.revision - 1
    context.log(f"rolling back {options.name} (current: v{current.revision}, target: v{wanted})")
    target = context.revision(options.name, wanted)
    release = target.replace(
        revision=current.revision + 1,
        info=ReleaseInfo(
            first_deployed=current.info.first_deployed,
            last_deployed=timestamp(context.clock),
            status=PENDING_ROLLBACK,
            notes=target.info.notes,
            # Because we lose the reference to previous version elsewhere, it is said here.
            description=options.description or f"Rollback to {wanted}",
        ),
        wire=_without_results(target),
    )
    return current, release, leftovers(revisions, current)


def _without_results(target: TillerRelease) -> Message:
    """Return the target's message without what belongs to its own revision alone."""
    wire = copy_of(target.wire)
    wire.info.status.ClearField("last_test_suite_run")
    wire.info.status.ClearField("resources")
    return wire


def _perform(
    context: TillerContext,
    options: TillerRollbackOptions,
    current: TillerRelease,
    release: TillerRelease,
    left: Leftovers,
) -> TillerRelease:
    context.clear_hooks(left.hooks)
    if options.disable_hooks:
        context.log(f"rollback hooks disabled for {options.name}")
    else:
        release = context.run_hooks(release, PRE_ROLLBACK, options.timeout)
    try:
        context.objects().update(current.manifest, release.manifest, release.namespace, options, left=left.manifests)
    except PilothouseError as error:
        context.record(current.with_info(status=SUPERSEDED))
        record_failure(context, release, f"Rollback {quote(release.name)} failed: {error.message}")
        raise
    if not options.disable_hooks:
        release = context.run_hooks(release, POST_ROLLBACK, options.timeout)
    _supersede(context, current)
    return release.with_info(status=DEPLOYED)


def _supersede(context: TillerContext, current: TillerRelease) -> None:
    """Mark the newest revision and every deployed one as superseded."""
    context.record(current.with_info(status=SUPERSEDED))
    try:
        deployed = context.store.query(current.name, status=DEPLOYED)
    except NotFound:
        return
    for revision in deployed:
        if revision.revision != current.revision:
            context.log(f"superseding previous deployment {revision.revision}")
            context.record(revision.with_info(status=SUPERSEDED))
