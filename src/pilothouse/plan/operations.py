"""What a release operation is made of: operations with stable ids, in stages.

A plan is data. It is built before anything is touched, can be shown as it is, and is carried out by one executor.
Stages follow one another; the operations of a stage may run at the same time where the objects' kinds allow it.
"""

from __future__ import annotations

from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.plan.resources import Resource
    from pilothouse.releases.release import Release


class Operation(Record):
    """One step that is done as a whole or not at all.

    Attributes:
        id: Name of the step, the same whenever the same plan is built.
    """

    id: str


class RecordRelease(Operation):
    """Store the release that the plan makes.

    Attributes:
        status: Its status from here on.
        description: Its description from here on.
        create: Whether its revision is new in the store.
        history_max: Revisions to keep when it is new, 0 for all.
        unstored: What a failure to update the record means: ``stop``, or the level at which it is only told.
        last: Whether nothing is left to do once it is stored, so that the journal goes with it.
    """

    status: str
    description: str
    create: bool = False
    history_max: int = 0
    unstored: str = "stop"
    last: bool = False


class RecordRevision(Operation):
    """Store another revision of the release as it is given.

    Attributes:
        release: The revision.
        unstored: What a failure means, as for the release itself.
    """

    release: Release
    unstored: str = "stop"


class SupersedeDeployed(Operation):
    """Mark every revision that is still stored as deployed as superseded."""


class EnsureNamespace(Operation):
    """Create a namespace unless it exists."""

    namespace: str


class RunHooks(Operation):
    """Run the release's hooks of one event.

    Attributes:
        event: Such as ``pre-install``.
        server_side: Whether the hooks' objects are applied by the server.
    """

    event: str
    server_side: bool = True


class ClearHooks(Operation):
    """Delete the objects of hooks that were interrupted, where their policy wants them gone after they ran.

    Attributes:
        release: The revision whose hooks they are.
        events: The events that were under way.
    """

    release: Release
    events: tuple[str, ...]


class Apply(Operation):
    """Bring an object to the state that the chart wants.

    Attributes:
        resource: The wanted state.
        previous: The state that the last revision wanted, ``None`` for an object that is new to the release.
        create: Whether it is known not to exist.
        between: Another state that it may have by an interrupted operation, ``None`` where there is no doubt.
    """

    resource: Resource
    previous: Resource | None = None
    create: bool = False
    between: Resource | None = None


class Delete(Operation):
    """Remove an object.

    Attributes:
        resource: The object.
        respect_policy: Whether a live object with the policy ``keep`` is left alone.
        propagation: ``Background``, ``Foreground`` or ``Orphan``.
    """

    resource: Resource
    respect_policy: bool = False
    propagation: str = "Background"


class AwaitReady(Operation):
    """Wait until objects are ready."""

    resources: tuple[Resource, ...]


class AwaitGone(Operation):
    """Wait until objects are gone."""

    resources: tuple[Resource, ...]


class RestartPods(Operation):
    """Delete the pods that belong to workloads, so that they are made anew (Helm 3's ``--recreate-pods``)."""

    resources: tuple[Resource, ...]


class Stage(Record):
    """Operations that belong together.

    Attributes:
        id: What the stage is: ``record``, ``pre-hooks``, ``apply``, ``wait``, ``post-hooks``, ``finish`` …
        operations: What is done.
        prefix: What an error in this stage begins with.
        tolerant: Whether an error is kept for the end and the next stage begins all the same.
    """

    id: str
    operations: tuple[Operation, ...]
    prefix: str = ""
    tolerant: bool = False


class ApplySettings(Record):
    """How objects are changed and waited for.

    Attributes:
        server_side: Whether the server merges (server-side apply).
        force_conflicts: Whether fields of other managers are taken over.
        force_replace: Whether objects are replaced whole.
        field_validation: ``Strict`` or ``Ignore``.
        migrate_managers: Whether fields that Helm owns by client-side apply are handed to server-side apply first.
        three_way_for_custom: Whether custom resources are merged with their live state.
        wait: ``hookOnly``, ``watcher`` or ``legacy``.
        wait_for_jobs: Whether Jobs must be complete.
        timeout: Seconds for each wait.
    """

    server_side: bool = True
    force_conflicts: bool = False
    force_replace: bool = False
    field_validation: str = "Strict"
    migrate_managers: bool = False
    three_way_for_custom: bool = False
    wait: str = "hookOnly"
    wait_for_jobs: bool = False
    timeout: float = 300.0


class Plan(Record):
    """Everything that a release operation is going to do.

    Attributes:
        verb: ``install``, ``upgrade``, ``rollback``, ``uninstall`` or ``test``.
        release: The revision that the plan makes or changes.
        stages: What is done, in order.
        settings: How.
    """

    verb: str
    release: Release
    stages: tuple[Stage, ...]
    settings: ApplySettings
