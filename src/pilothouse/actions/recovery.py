"""Going on where an operation was interrupted: who had it, what it may have left, and whether it may be taken over."""

from __future__ import annotations

from pilothouse.actions.errors import OperationPending
from pilothouse.apply.manifests import build_resources
from pilothouse.apply.observe import live_objects
from pilothouse.apply.owner import LEASE
from pilothouse.errors import Invalid, NotFound, PilothouseError
from pilothouse.objects.identity import annotations_of
from pilothouse.plan.ownership import ownership_problems
from pilothouse.plan.recovery import with_doubts, with_recovery
from pilothouse.plan.resources import RESOURCE_POLICY, Resource
from pilothouse.records import Record
from pilothouse.releases.history import deployed_revisions
from pilothouse.releases.release import PENDING_STATUSES, UNINSTALLING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pilothouse.actions.context import Context
    from pilothouse.plan.operations import Plan
    from pilothouse.releases.journal import Journal, Removal
    from pilothouse.releases.release import Release


class Interruption(Record):
    """An operation on a release that has not ended.

    Attributes:
        release: The revision that it makes or removes.
        journal: How far it has come.
        alive: Whether its owner may still be at work.
    """

    release: Release
    journal: Journal
    alive: bool

    def done(self) -> tuple[str, ...]:
        """Return the operations that are known to be done."""
        stages = self.journal.decoded_plan().stages
        before = [operation for stage in stages[: self.journal.stage] for operation in stage.operations]
        current = [operation for stage in stages[self.journal.stage :][:1] for operation in stage.operations]
        return (*before, *current[: self.journal.done])

    def left(self) -> tuple[str, ...]:
        """Return the operations that are not known to be done, in order; the first ones may be."""
        stages = self.journal.decoded_plan().stages
        everything = [operation for stage in stages for operation in stage.operations]
        return tuple(everything[len(self.done()) :])

    def described(self, now: float) -> str:
        """Return it in one sentence."""
        what = f"the {_NOUNS.get(self.journal.verb, self.journal.verb)} of revision {self.release.revision}"
        seconds = max(0, int(now - self.journal.renewed))
        if not self.alive:
            return f"{what} was interrupted: {self.journal.owner.described()} is gone"
        return f"{what} is carried out by {self.journal.owner.described()}, last heard of {seconds}s ago"


_NOUNS = {"install": "installation", "upgrade": "upgrade", "rollback": "rollback", "uninstall": "removal"}


def interruption_of(context: Context, release: Release) -> Interruption | None:
    """Return the operation on the newest revision that has not ended, none when no journal tells of one."""
    journal = release.journal
    if journal is None:
        return None
    alive = context.is_alive(journal, context.clock.now())
    return Interruption(release=release.replace(journal=None), journal=journal, alive=alive)


def require_idle(context: Context, release: Release) -> Interruption | None:
    """Return the interrupted operation that is taken over, none when the release is idle.

    Raises:
        OperationPending: Another operation is under way, or seems to be and left no journal.
    """
    found = interruption_of(context, release)
    if found is None:
        if release.info.status in PENDING_STATUSES:
            raise _pending(_without_journal(release.name))
        return None
    if found.alive:
        raise _pending(_with_journal(context, found))
    tell_take_over(context, found)
    return found


def tell_take_over(context: Context, found: Interruption) -> None:
    """Tell that an operation is ended by another one."""
    text = found.described(context.clock.now())
    if found.alive:
        context.reporter.warning(text, name=found.release.name)
    else:
        context.reporter.report("info", text, name=found.release.name)


def _pending(hints: tuple[str, ...]) -> OperationPending:
    return OperationPending("another operation (install/upgrade/rollback) is in progress", hints=hints)


def _without_journal(name: str) -> tuple[str, ...]:
    return (f"if it was killed: helm rollback {name}, or helm uninstall {name} when it never was deployed",)


def _with_journal(context: Context, found: Interruption) -> tuple[str, ...]:
    now = context.clock.now()
    rest = max(1, int(found.journal.renewed + LEASE - now) + 1)
    return (
        found.described(now),
        f"if that process was killed on another machine, its lease runs out in {rest}s and this command goes on then",
    )


def recovering(context: Context, plan: Plan, found: Interruption) -> Plan:
    """Return a plan that ends the interrupted operation first, with those that an interrupted recovery left."""
    if not plan.settings.server_side:
        revisions = (found.release, *deployed_revisions(context.store, found.release.name))
        plan = with_doubts(plan, [resource for one in revisions for resource in _wanted(context, one)])
    older = [
        summary
        for summary in context.store.summaries(name=found.release.name)
        if summary.revision < found.release.revision and summary.status in (*PENDING_STATUSES, UNINSTALLING)
    ]
    earlier = [release for release in context.store.load(older) if release.journal is not None] if older else []
    return with_recovery(plan, found.release, found.journal, earlier)


def leftovers(context: Context, found: Interruption | None, known: Iterable[Resource]) -> list[Resource]:
    """Return the objects that an interrupted operation may have left beside those that are known anyway.

    An object counts when it is there and the release's own: what it wanted to create, and what it had yet to delete.
    One with a resource policy stays where it is.

    Args:
        context: The ports.
        found: The interrupted operation; without one there is nothing left.
        known: Objects that the next operation sees to.
    """
    if found is None:
        return []
    release = found.release
    seen = {resource.key for resource in known}
    candidates: dict[object, Resource] = {}
    for resource in (*_wanted(context, release), *_to_be_removed(context, found.journal.decoded_plan().removals)):
        if resource.name and resource.key not in seen:
            candidates.setdefault(resource.key, resource)
    resources = list(candidates.values())
    left = []
    for resource, live in zip(resources, live_objects(context.cluster, resources), strict=True):
        if isinstance(live, PilothouseError):
            raise live.prefixed(f"an interrupted operation may have left {resource.described()}: ")
        if live is None or RESOURCE_POLICY in annotations_of(live):
            continue
        if not ownership_problems(live, release.name, release.namespace):
            left.append(resource)
    return left


def _wanted(context: Context, release: Release) -> list[Resource]:
    try:
        return build_resources(context.cluster, release.manifest, release.namespace)
    except Invalid as error:  # a kind that the cluster no longer serves has no objects
        context.reporter.warning("objects of an interrupted operation cannot be looked for", error=error.message)
        return []


def _to_be_removed(context: Context, removals: Sequence[Removal]) -> list[Resource]:
    found = []
    for one in removals:
        try:
            mapping = context.cluster.mapping(one.api_version, one.kind)
        except NotFound:
            continue
        metadata = {"name": one.name, **({"namespace": one.namespace} if one.namespace else {})}
        body = {"apiVersion": one.api_version, "kind": one.kind, "metadata": metadata}
        found.append(Resource(mapping=mapping, namespace=one.namespace, name=one.name, object=body))
    return found
