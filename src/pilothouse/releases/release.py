"""A release: one revision of a chart that was installed with values. Go's ``release.Release``."""

from __future__ import annotations

from pilothouse.charts.model import Chart
from pilothouse.records import Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.releases.journal import Journal

UNKNOWN = "unknown"
DEPLOYED = "deployed"
UNINSTALLED = "uninstalled"
SUPERSEDED = "superseded"
FAILED = "failed"
UNINSTALLING = "uninstalling"
PENDING_INSTALL = "pending-install"
PENDING_UPGRADE = "pending-upgrade"
PENDING_ROLLBACK = "pending-rollback"

STATUSES = (
    UNKNOWN,
    DEPLOYED,
    UNINSTALLED,
    SUPERSEDED,
    FAILED,
    UNINSTALLING,
    PENDING_INSTALL,
    PENDING_UPGRADE,
    PENDING_ROLLBACK,
)
PENDING_STATUSES = (PENDING_INSTALL, PENDING_UPGRADE, PENDING_ROLLBACK)


#: No unknown fields.
NOTHING: Mapping[str, YamlValue] = {}


class HookExecution(Record):
    """When a hook last ran, and how that ended.

    Attributes:
        started: RFC 3339 time with nanoseconds as Go writes it, empty when it never ran.
        completed: The same for its end.
        phase: ``""``, ``Unknown``, ``Running``, ``Succeeded`` or ``Failed``.
        extra: Fields of a stored record that Pilothouse does not know.
    """

    started: str = ""
    completed: str = ""
    phase: str = ""
    extra: Mapping[str, YamlValue] = NOTHING


class Hook(Record):
    """A manifest that is applied at an event of the release's life, not with its other objects.

    Attributes:
        extra: Fields of a stored record that Pilothouse does not know.
    """

    name: str
    kind: str
    path: str
    manifest: str
    events: tuple[str, ...] = ()
    last_run: HookExecution = field(default_factory=HookExecution)
    weight: int = 0
    delete_policies: tuple[str, ...] = ()
    output_log_policies: tuple[str, ...] = ()
    extra: Mapping[str, YamlValue] = NOTHING


class ReleaseInfo(Record):
    """What happened to a release; times are RFC 3339 texts with nanoseconds as Go writes them, empty for the zero time.

    Attributes:
        extra: Fields of a stored record that Pilothouse does not know.
    """

    first_deployed: str = ""
    last_deployed: str = ""
    deleted: str = ""
    description: str = ""
    status: str = UNKNOWN
    rollback_revision: int = 0
    notes: str = ""
    extra: Mapping[str, YamlValue] = NOTHING


class Release(Record):
    """One revision of a release.

    Attributes:
        name: Release name.
        namespace: Where its objects and its record live.
        revision: 1 for the installation, then one more for each upgrade and rollback (``version`` in the record).
        info: State, times, description and notes.
        chart: The chart as it was installed; a record read back has no subcharts.
        config: The values that the user gave.
        manifest: The rendered objects in install order, hooks not included.
        hooks: The rendered hooks.
        labels: Labels of the stored record: those that the user set, and in a listing Helm's own as well.
        apply_method: ``"ssa"``, ``"csa"`` or empty, which means ``"csa"``.
        extra: Fields of a stored record that Pilothouse does not know, kept for the next write.
        journal: The operation that makes or removes the revision and has not ended; it is no part of the record.
    """

    name: str
    namespace: str
    revision: int = 1
    info: ReleaseInfo = field(default_factory=ReleaseInfo)
    chart: Chart | None = None
    config: Mapping[str, YamlValue] = field(default_factory=dict)
    manifest: str = ""
    hooks: tuple[Hook, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    apply_method: str = ""
    extra: Mapping[str, YamlValue] = field(default_factory=dict)
    journal: Journal | None = None

    def with_info(self, **changes: str | int) -> Self:
        """Return the release with ``changes`` in its info."""
        return self.replace(info=self.info.replace(**changes))
