"""Releases on which a Tiller worked when it was killed: the operation is recorded as failed, and the next one goes on.

What such an operation left in the cluster is known from its manifest: the next upgrade, rollback or deletion takes
these objects for the release's own.
"""

from __future__ import annotations

from pilothouse.actions.errors import NoDeployedRelease
from pilothouse.actions.tiller_owner import owner_in
from pilothouse.errors import NotFound, PilothouseError
from pilothouse.hapi.convert import TillerRelease
from pilothouse.records import Record
from pilothouse.releases.hooks import (
    HOOK_FAILED,
    HOOK_SUCCEEDED,
    POST_INSTALL,
    POST_ROLLBACK,
    POST_UPGRADE,
    PRE_INSTALL,
    PRE_ROLLBACK,
    PRE_UPGRADE,
)
from pilothouse.releases.release import (
    DEPLOYED,
    FAILED,
    PENDING_INSTALL,
    PENDING_ROLLBACK,
    PENDING_UPGRADE,
    SUPERSEDED,
    UNINSTALLED,
    Release,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.actions.tiller_context import TillerContext
    from pilothouse.actions.tiller_limits import ReleaseLocks
    from pilothouse.actions.tiller_owner import TillerLease

#: What the description of an interrupted revision begins with.
INTERRUPTED = "Interrupted: "
_DOING = {PENDING_INSTALL: "installation", PENDING_UPGRADE: "upgrade", PENDING_ROLLBACK: "rollback"}
#: The hooks that each of them runs; definitions are never deleted.
_HOOKS = {
    (PRE_INSTALL, POST_INSTALL): "installation",
    (PRE_UPGRADE, POST_UPGRADE): "upgrade",
    (PRE_ROLLBACK, POST_ROLLBACK): "rollback",
}


def base_of(context: TillerContext, name: str) -> TillerRelease:
    """Return the revision that an upgrade starts from: the deployed one, or an interrupted one where there is none.

    Raises:
        NoDeployedRelease: There is neither.
    """
    try:
        return context.deployed(name)
    except NoDeployedRelease:
        try:
            newest = context.last(name)
        except NotFound:
            newest = None
        if newest is None or not is_interrupted(newest):
            raise
        return newest


def is_interrupted(release: Release) -> bool:
    """Return whether the operation that made a revision was interrupted."""
    return release.info.status == FAILED and release.info.description.startswith(INTERRUPTED)


def recover(context: TillerContext, lease: TillerLease, locks: ReleaseLocks) -> list[Release]:
    """Settle the operations of Tillers that are gone, and return the revisions that were changed.

    Args:
        context: Tiller's own ports.
        lease: Tells who is gone.
        locks: Releases that calls of this process change.
    """
    settled: list[Release] = []
    for release, mark in context.store.unfinished():
        owner = owner_in(mark)
        if owner is None or locks.is_held(release.name) or not lease.is_gone(owner):
            continue
        try:
            with locks.changing(release.name):
                done = _settled(context, context.revision(release.name, release.revision))
                if done is not None:
                    context.store.update(done)
                    settled.append(done)
                    context.log(f"{release.name} (v{release.revision}): {done.info.description}")
        except PilothouseError as error:
            context.log(f"warning: {release.name} (v{release.revision}) cannot be settled: {error.message}")
    return settled


def _settled(context: TillerContext, release: TillerRelease) -> TillerRelease | None:
    """Return a revision as it is recorded after its Tiller was killed, none when it has ended meanwhile."""
    status = release.info.status
    if status not in _DOING:
        return None
    others = [one for one in context.revisions(release.name) if one.revision != release.revision]
    if status == PENDING_UPGRADE and _was_complete(others, release):
        return release.with_info(status=DEPLOYED, description="Upgrade complete")
    text = f"{INTERRUPTED}Tiller was stopped during the {_DOING[status]}; upgrade, roll back or delete the release"
    return release.with_info(status=FAILED, description=text)


def _was_complete(others: Sequence[TillerRelease], release: TillerRelease) -> bool:
    """Return whether only the last record was missing: an upgrade supersedes the revision before it at its very end."""
    before = {one.revision: one.info.status for one in others}
    return DEPLOYED not in before.values() and before.get(release.revision - 1) == SUPERSEDED


class Leftovers(Record):
    """What interrupted operations may have left in the cluster.

    Attributes:
        manifests: Manifests whose objects may be there, beside that which the next operation starts from.
        hooks: The hooks that ran, as ones that their policies want gone, by the revision that they are of.
    """

    manifests: tuple[str, ...] = ()
    hooks: tuple[TillerRelease, ...] = ()


def leftovers(revisions: Sequence[TillerRelease], current: TillerRelease) -> Leftovers:
    """Return what may be in the cluster since an operation was interrupted.

    Args:
        revisions: All revisions, newest first.
        current: The revision that the next operation starts from.
    """
    recent = []
    for release in revisions:
        recent.append(release)
        if release.info.status in (DEPLOYED, SUPERSEDED, UNINSTALLED):
            break
    if not any(map(is_interrupted, recent)):
        return Leftovers()
    return Leftovers(
        manifests=tuple(release.manifest for release in recent if release.revision != current.revision),
        hooks=tuple(_with_left_hooks(release) for release in recent if is_interrupted(release)),
    )


def _with_left_hooks(release: TillerRelease) -> TillerRelease:
    """Return a revision with those of its hooks alone that the interrupted operation ran and would have deleted."""
    events = next((events for events, doing in _HOOKS.items() if f" {doing};" in release.info.description), ())
    left = [
        hook
        for hook in release.hooks
        if any(event in events for event in hook.events)
        and any(policy in (HOOK_SUCCEEDED, HOOK_FAILED) for policy in hook.delete_policies)
    ]
    return release.replace(hooks=tuple(left))
