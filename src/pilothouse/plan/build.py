"""One function a verb: what is wanted and what is there → a plan. Pure."""

from __future__ import annotations

from pilothouse.plan.errors import InvalidPlan
from pilothouse.plan.operations import (
    Apply,
    AwaitGone,
    AwaitReady,
    Delete,
    EnsureNamespace,
    Plan,
    RecordRelease,
    RecordRevision,
    RestartPods,
    RunHooks,
    Stage,
    SupersedeDeployed,
)
from pilothouse.plan.resources import absent_from
from pilothouse.releases.release import (
    DEPLOYED,
    PENDING_INSTALL,
    PENDING_ROLLBACK,
    PENDING_UPGRADE,
    SUPERSEDED,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pilothouse.plan.operations import ApplySettings, Operation
    from pilothouse.plan.resources import Resource
    from pilothouse.releases.release import Release


def check_settings(settings: ApplySettings) -> None:
    """Check that the settings do not exclude each other (``Client.Update``).

    Raises:
        InvalidPlan: They do.
    """
    if not settings.server_side and settings.force_conflicts:
        raise InvalidPlan("invalid client update option(s): forceConflicts enabled when serverSideApply disabled")
    if settings.force_conflicts and settings.force_replace:
        raise InvalidPlan("invalid operation: cannot use force conflicts and force replace together")
    if settings.server_side and settings.force_replace:
        raise InvalidPlan("invalid operation: cannot use server-side apply and force replace together")


def operation_id(verb: str, resource: Resource) -> str:
    """Return the stable id of an operation on an object."""
    group = f".{resource.mapping.group}" if resource.mapping.group else ""
    place = f"{resource.namespace}/" if resource.namespace else ""
    return f"{verb}/{resource.kind}{group}/{place}{resource.name}"


def _hooks(
    event: str, prefix: str, settings: ApplySettings, *, disabled: bool, tolerant: bool = False
) -> tuple[Stage, ...]:
    if disabled:
        return ()
    hooks = RunHooks(id=f"hooks/{event}", event=event, server_side=settings.server_side)
    return (Stage(id=event, operations=(hooks,), prefix=prefix, tolerant=tolerant),)


def _apply_stage(
    originals: Sequence[Resource], targets: Iterable[Resource], *, create: bool = False
) -> tuple[Stage, ...]:
    """Return the stage that changes objects: creations and updates in order, then removals (``Client.Update``)."""
    previous = {original.key: original for original in originals}
    wanted = list(targets)
    operations: list[Operation] = [
        Apply(
            id=operation_id("apply", target),
            resource=target,
            previous=previous.get(target.key),
            create=create,
        )
        for target in wanted
    ]
    operations += [
        Delete(id=operation_id("delete", gone), resource=gone, respect_policy=True)
        for gone in absent_from(originals, wanted)
    ]
    return (Stage(id="apply", operations=tuple(operations)),) if operations else ()


def _wait_stage(targets: Sequence[Resource]) -> tuple[Stage, ...]:
    if not targets:
        return ()
    return (Stage(id="wait", operations=(AwaitReady(id="wait/ready", resources=tuple(targets)),)),)


def _finish(description: str, *before: Operation, unstored: str = "stop") -> Stage:
    done = RecordRelease(id="record/deployed", status=DEPLOYED, description=description, unstored=unstored, last=True)
    return Stage(id="finish", operations=(*before, done))


def plan_install(
    release: Release,
    targets: Sequence[Resource],
    adopted: Sequence[Resource],
    settings: ApplySettings,
    *,
    create_namespace: bool = False,
    replaced: Release | None = None,
    no_hooks: bool = False,
    description: str = "",
) -> Plan:
    """Return the plan of an installation (``Install.performInstall``).

    Args:
        release: The new revision.
        targets: Its objects, owned and in install order.
        adopted: Those of them that exist already and are taken over.
        settings: How objects are changed.
        create_namespace: Whether the release's namespace is created first.
        replaced: The revision whose name is used again.
        no_hooks: Whether hooks are left out.
        description: What the record says at the end.
    """
    first: list[Operation] = []
    if create_namespace:
        first.append(EnsureNamespace(id=f"namespace/{release.namespace}", namespace=release.namespace))
    if replaced is not None:
        first.append(RecordRevision(id=f"record/revision/{replaced.revision}", release=replaced))
    first.append(
        RecordRelease(id="record/pending", status=PENDING_INSTALL, description="Initial install underway", create=True)
    )
    return Plan(
        verb="install",
        release=release,
        settings=settings,
        stages=(
            Stage(id="record", operations=tuple(first)),
            *_hooks("pre-install", "failed pre-install: ", settings, disabled=no_hooks),
            *_apply_stage(adopted, targets, create=not adopted),
            *_wait_stage(targets),
            *_hooks("post-install", "failed post-install: ", settings, disabled=no_hooks),
            _finish(description or "Install complete", unstored="error"),
        ),
    )


def plan_upgrade(
    release: Release,
    current: Release,
    originals: Sequence[Resource],
    targets: Sequence[Resource],
    settings: ApplySettings,
    *,
    no_hooks: bool = False,
    description: str = "",
    history_max: int = 0,
) -> Plan:
    """Return the plan of an upgrade (``Upgrade.releasingUpgrade``).

    Args:
        release: The new revision.
        current: The revision that it follows.
        originals: Objects of ``current`` and existing ones that are taken over.
        targets: Objects of ``release``, owned and in install order.
        settings: How objects are changed.
        no_hooks: Whether hooks are left out.
        description: What the record says at the end.
        history_max: Revisions to keep, 0 for all.
    """
    superseded = RecordRevision(
        id=f"record/revision/{current.revision}", release=current.with_info(status=SUPERSEDED), unstored="warning"
    )
    pending = RecordRelease(
        id="record/pending",
        status=PENDING_UPGRADE,
        description="Preparing upgrade",
        create=True,
        history_max=history_max,
    )
    return Plan(
        verb="upgrade",
        release=release,
        settings=settings,
        stages=(
            Stage(id="record", operations=(pending,)),
            *_hooks("pre-upgrade", "pre-upgrade hooks failed: ", settings, disabled=no_hooks),
            *_apply_stage(originals, targets),
            *_wait_stage(targets),
            *_hooks("post-upgrade", "post-upgrade hooks failed: ", settings, disabled=no_hooks),
            _finish(description or "Upgrade complete", superseded),
        ),
    )


def plan_rollback(
    release: Release,
    originals: Sequence[Resource],
    targets: Sequence[Resource],
    settings: ApplySettings,
    *,
    no_hooks: bool = False,
    recreate_pods: bool = False,
    history_max: int = 0,
) -> Plan:
    """Return the plan of a rollback (``Rollback.performRollback``); arguments as for an upgrade."""
    description = release.info.description
    pending = RecordRelease(
        id="record/pending", status=PENDING_ROLLBACK, description=description, create=True, history_max=history_max
    )
    restart: tuple[Stage, ...] = ()
    if recreate_pods:
        restart = (Stage(id="restart", operations=(RestartPods(id="restart/pods", resources=tuple(targets)),)),)
    return Plan(
        verb="rollback",
        release=release,
        settings=settings,
        stages=(
            Stage(id="record", operations=(pending,)),
            *_hooks("pre-rollback", "", settings, disabled=no_hooks),
            *_apply_stage(originals, targets),
            *restart,
            *_wait_stage(targets),
            *_hooks("post-rollback", "", settings, disabled=no_hooks),
            _finish(description, SupersedeDeployed(id="record/supersede")),
        ),
    )


def plan_removal(
    release: Release,
    resources: Sequence[Resource],
    settings: ApplySettings,
    *,
    propagation: str,
    no_hooks: bool = False,
) -> Plan:
    """Return the part of an uninstallation that touches objects (``Uninstall.deleteRelease``).

    Args:
        release: The newest revision, already marked as going.
        resources: Its objects in uninstall order, those only that may be deleted.
        settings: How is waited.
        propagation: ``Background``, ``Foreground`` or ``Orphan``.
        no_hooks: Whether hooks are left out.
    """
    going = RecordRelease(
        id="record/uninstalling",
        status=release.info.status,
        description=release.info.description,
        unstored="debug",
    )
    deletions = tuple(
        Delete(id=operation_id("delete", resource), resource=resource, propagation=propagation)
        for resource in resources
    )
    return Plan(
        verb="uninstall",
        release=release,
        settings=settings,
        stages=(
            *_hooks("pre-delete", "", settings, disabled=no_hooks),
            Stage(id="record", operations=(going,)),
            Stage(id="delete", operations=deletions),
            Stage(id="wait", operations=(AwaitGone(id="wait/gone", resources=tuple(resources)),), tolerant=True),
            *_hooks("post-delete", "", settings, disabled=no_hooks, tolerant=True),
        ),
    )
