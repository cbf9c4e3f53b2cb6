"""Running a release's hooks by Helm 2's rules (``ReleaseServer.execHook``)."""

from __future__ import annotations

from pilothouse.apply.tiller_manifests import build
from pilothouse.apply.tiller_objects import TillerObjects
from pilothouse.errors import PilothouseError
from pilothouse.releases.hooks import BEFORE_HOOK_CREATION, HOOK_FAILED, HOOK_SUCCEEDED, hooks_for
from pilothouse.releases.release import Hook, HookExecution, Release
from pilothouse.releases.times import timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.clock import Clock
    from pilothouse.hapi.convert import TillerRelease

CRD_INSTALL = "crd-install"


def run_hooks(
    objects: TillerObjects, clock: Clock, release: TillerRelease, event: str, timeout: float
) -> TillerRelease:
    """Run the hooks of an event and return the release with their last runs.

    Raises:
        PilothouseError: A hook failed; those after it did not run.
    """
    log = objects.reporter.report
    log("tiller", f"executing {len(release.hooks)} {event} hooks for {release.name}")
    chosen = hooks_for(release.hooks, event)
    for hook in chosen:
        _delete_by_policy(objects, release, hook, BEFORE_HOOK_CREATION, event)
        _run(objects, release, hook, event, timeout)
    log("tiller", f"hooks complete for {event} {release.name}")
    for hook in chosen:
        _delete_by_policy(objects, release, hook, HOOK_SUCCEEDED, event)
    ran = {id(hook): hook.replace(last_run=HookExecution(completed=timestamp(clock))) for hook in chosen}
    return release.replace(hooks=tuple(ran.get(id(hook), hook) for hook in release.hooks)) if ran else release


def clear_hooks(objects: TillerObjects, release: TillerRelease) -> None:
    """Delete the objects of a revision's hooks; what cannot be deleted is only told of."""
    for hook in release.hooks:
        objects.reporter.report("tiller", f"deleting hook {hook.name} that was interrupted, of release {release.name}")
        try:
            objects.delete(hook.manifest, release.namespace, timeout=getattr(hook, "delete_timeout", 0))
        except PilothouseError as error:
            text = f"warning: Release {release.name} {hook.path} could not be deleted: {error.message}"
            objects.reporter.report("tiller", text)


def _run(objects: TillerObjects, release: Release, hook: Hook, event: str, timeout: float) -> None:
    start = f"warning: Release {release.name} {event} {hook.path}"
    try:
        objects.create(hook.manifest, release.namespace)
    except PilothouseError as error:
        objects.reporter.report("tiller", f"{start} failed: {error.message}")
        raise
    try:
        resources = build(objects.cluster, hook.manifest, release.namespace)
        if event == CRD_INSTALL:
            objects.waiter.wait_for_definition(resources, timeout)
            objects.cluster.forget_discovery()
        else:
            objects.waiter.wait_for_hook(resources, timeout)
    except PilothouseError as error:
        objects.reporter.report("tiller", f"{start} could not complete: {error.message}")
        if event != CRD_INSTALL:
            _delete_by_policy(objects, release, hook, HOOK_FAILED, event)
        raise


def _delete_by_policy(objects: TillerObjects, release: Release, hook: Hook, policy: str, event: str) -> None:
    """Delete a hook's objects if its policies say so; there is no policy of itself, as in Helm 3."""
    if policy not in hook.delete_policies:
        return
    objects.reporter.report(
        "tiller", f'deleting {event} hook {hook.name} for release {release.name} due to "{policy}" policy'
    )
    timeout: int = getattr(hook, "delete_timeout", 0)
    try:
        objects.delete(hook.manifest, release.namespace, timeout=timeout)
    except PilothouseError as error:
        objects.reporter.report(
            "tiller",
            f"warning: Release {release.name} {event} {hook.path} could not be deleted: {error.message}",
        )
        raise
