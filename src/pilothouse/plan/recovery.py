"""What a plan does first when it follows an operation that was interrupted."""

from __future__ import annotations

from pilothouse.plan.operations import Apply, ClearHooks, RecordRevision, Stage
from pilothouse.releases.release import DEPLOYED, FAILED, UNINSTALLING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pilothouse.plan.operations import Operation, Plan
    from pilothouse.plan.resources import Resource
    from pilothouse.releases.journal import Journal
    from pilothouse.releases.release import Release

_WHAT = {"upgrade": "Upgrade", "rollback": "Rollback"}


def concluded(interrupted: Release, verb: str) -> Release:
    """Return an interrupted revision as it is recorded once another operation goes on from it."""
    release = interrupted.replace(journal=None)
    if release.info.status == DEPLOYED:
        return release
    deleted = "" if release.info.status == UNINSTALLING else release.info.deleted
    what = "uninstallation interrupted" if verb == "uninstall" else "interrupted"
    text = f'{_WHAT.get(verb, "Release")} "{release.name}" failed: {what}'
    return release.with_info(status=FAILED, description=text, deleted=deleted)


def hook_events(journal: Journal) -> tuple[str, ...]:
    """Return the events whose hooks may have been under way."""
    stages = journal.decoded_plan().stages[journal.stage : journal.stage + 1]
    return tuple(
        operation.removeprefix("hooks/")
        for stage in stages
        for operation in stage.operations
        if operation.startswith("hooks/")
    )


def with_recovery(plan: Plan, interrupted: Release, journal: Journal, earlier: Iterable[Release] = ()) -> Plan:
    """Return a plan that ends the interrupted operation before it does its own work.

    The new revision is stored first, and its journal names what the interrupted one may have left; then that one is
    recorded as failed, and the objects of its hooks go.

    Args:
        plan: What is to be done; its first stage stores the new revision.
        interrupted: The newest revision that is stored.
        journal: Its journal.
        earlier: Older revisions with journals, left when a recovery was interrupted as well.
    """
    revision = concluded(interrupted, journal.verb)
    ended = [revision, *(concluded(one, one.journal.verb) for one in earlier if one.journal is not None)]
    first, *rest = plan.stages
    operations: list[Operation] = list(first.operations)
    operations += [
        RecordRevision(id=f"record/interrupted/{one.revision}", release=one, unstored="warning") for one in ended
    ]
    return plan.replace(stages=(first.replace(operations=tuple(operations)), *_clearing(revision, journal), *rest))


def with_doubts(plan: Plan, states: Sequence[Resource]) -> Plan:
    """Return a plan whose changes bear in mind that their objects may be in another state than the one before.

    Server-side apply needs no such thing: the server knows what was applied last.

    Args:
        plan: What is to be done.
        states: Objects of revisions that may have been applied, in the order in which they count.
    """
    stages = []
    for stage in plan.stages:
        operations = tuple(
            operation.replace(between=_other_state(operation, states)) if isinstance(operation, Apply) else operation
            for operation in stage.operations
        )
        stages.append(stage.replace(operations=operations))
    return plan.replace(stages=tuple(stages))


def _other_state(operation: Apply, states: Sequence[Resource]) -> Resource | None:
    if operation.previous is None:
        return None
    known = (operation.previous.object, operation.resource.object)
    key = operation.resource.key
    return next((one for one in states if one.key == key and one.object not in known), None)


def resumed_removal(plan: Plan, interrupted: Release, journal: Journal) -> Plan:
    """Return a plan that removes a release and goes on where an interrupted operation stopped.

    Hooks that an interrupted removal has run are not run again.
    """
    done: set[str] = set()
    if journal.verb == "uninstall":
        done = {stage.id for stage in journal.decoded_plan().stages[: journal.stage] if stage.id.endswith("-delete")}
    stages = tuple(stage for stage in plan.stages if stage.id not in done)
    return plan.replace(stages=(*_clearing(interrupted.replace(journal=None), journal), *stages))


def _clearing(revision: Release, journal: Journal) -> tuple[Stage, ...]:
    events = hook_events(journal)
    if not events:
        return ()
    clearing = ClearHooks(id=f"hooks/clear/{revision.revision}", release=revision, events=events)
    return (Stage(id="recover", operations=(clearing,), tolerant=True),)
