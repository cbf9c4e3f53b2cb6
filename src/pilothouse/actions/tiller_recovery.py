"""Releases on which a Tiller worked when it was killed: the operation is recorded as failed, and the next one goes on.

What such an operation left in the cluster is known from its manifest: the next upgrade, rollback or deletion takes
these objects for the release's own.
"""

from __future__ import annotations

from pilothouse.actions.errors import NoDeployedRelease
from pilothouse.actions.tiller_owner import owner_in
from pilothouse.errors import NotFound, PilothouseError
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
    from pilothouse.hapi.convert import TillerRelease

#: What the description of an interrupted revision begins with.
INTERRUPTED = "Interrupted: "
_DOING = {PENDING_INSTALL: "installation", PENDING_UPGRADE: "upgrade", PENDING_ROLLBACK: "rollback"}


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


def left_manifests(revisions: Sequence[TillerRelease], current: TillerRelease) -> tuple[str, ...]:
    """Return the manifests beside a revision's own whose objects may be in the cluster since one was interrupted.

    Args:
        revisions: All revisions, newest first.
        current: The revision that the next operation starts from.
    """
    recent = []
    for release in revisions:
        if release.info.status in (DEPLOYED, SUPERSEDED, UNINSTALLED):
            recent.append(release)
            break
        recent.append(release)
    if not any(map(is_interrupted, recent)):
        return ()
    return tuple(release.manifest for release in recent if release.revision != current.revision)
