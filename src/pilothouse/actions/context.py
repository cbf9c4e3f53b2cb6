"""What an action needs from the outside: the ports that assembly fills and tests replace."""

from __future__ import annotations

from pilothouse.apply.cluster import Cluster
from pilothouse.apply.owner import is_alive, this_process
from pilothouse.apply.recording import Recorder
from pilothouse.clock import Clock
from pilothouse.environment import Environment
from pilothouse.errors import PilothouseError
from pilothouse.progress import SILENT, Reporter
from pilothouse.records import Record, field
from pilothouse.releases.release import Release
from pilothouse.releases.store import ReleaseStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.apply.execute import Executor
    from pilothouse.releases.journal import Journal, Owner


class Context(Record):
    """The ports of the release actions.

    Attributes:
        cluster: The Kubernetes API.
        store: Where releases of ``namespace`` are kept.
        namespace: Namespace of the request.
        environment: What the process was started with.
        clock: Time and waiting.
        entropy: Returns that many random bytes.
        reporter: Hears of progress, warnings and details.
        compatibility: Helm generation to follow where they differ, 3 or 4.
        resolve_host: Resolves a host name for ``getHostByName`` when a chart may use DNS.
        owner: Returns who carries out the next operation.
        is_alive: Whether the owner of a journal may still be at work at a time.
    """

    cluster: Cluster
    store: ReleaseStore
    namespace: str
    environment: Environment
    clock: Clock
    entropy: Callable[[int], bytes]
    reporter: Reporter = field(default_factory=lambda: SILENT)
    compatibility: int = 4
    resolve_host: Callable[[str], list[str]] | None = None
    owner: Callable[[], Owner] = field(default_factory=lambda: this_process)
    is_alive: Callable[[Journal, float], bool] = field(default_factory=lambda: is_alive)

    @property
    def helm3(self) -> bool:
        """Whether Helm 3.16 is followed where it differs from Helm 4."""
        return self.compatibility == 3

    def require_cluster(self, *, prefix: str = "") -> None:
        """Check that the API server answers (``kube.Client.IsReachable``).

        Args:
            prefix: What Helm 4 puts before the error.

        Raises:
            PilothouseError: It does not.
        """
        try:
            self.cluster.server_version()
        except PilothouseError as error:
            start = "Kubernetes" if self.helm3 else f"{prefix}kubernetes"
            unreachable = error.prefixed(f"{start} cluster unreachable: ")
            if prefix and not self.helm3:
                self.reporter.report("error", unreachable.message)
            raise unreachable from error

    def record_failure(self, release: Release) -> None:
        """Store what became of a release when there is another error to report as well; the journal goes."""
        if release.journal is not None:
            release = release.replace(journal=release.journal.close())
        try:
            self.recorder().update(release)
        except PilothouseError as error:
            facts = {"name": release.name, "revision": str(release.revision), "error": error.message}
            self.reporter.warning("failed to update release", **facts)

    def recorder(self) -> Recorder:
        """Return what stores records for certain."""
        return Recorder(self.store, self.clock, self.reporter)

    def executor(self) -> Executor:
        """Return an executor for one plan."""
        from pilothouse.apply.execute import Executor

        return Executor(self.cluster, self.store, self.clock, self.reporter, self.compatibility, self.owner())
