"""What an action needs from the outside: the ports that assembly fills and tests replace."""

from __future__ import annotations

from pilothouse.apply.cluster import Cluster
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
        """Store what became of a release when there is another error to report as well."""
        try:
            self.store.update(release)
        except PilothouseError as error:
            facts = {"name": release.name, "revision": str(release.revision), "error": error.message}
            self.reporter.warning("failed to update release", **facts)

    def executor(self) -> Executor:
        """Return an executor for one plan."""
        from pilothouse.apply.execute import Executor

        return Executor(self.cluster, self.store, self.clock, self.reporter, self.compatibility)
