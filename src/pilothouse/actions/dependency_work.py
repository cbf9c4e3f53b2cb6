"""What the actions on dependencies share: whose they are, and the ports."""

from __future__ import annotations

import os

from pilothouse.dependencies.errors import DependencyMissing
from pilothouse.dependencies.resolver import LOCAL
from pilothouse.progress import SILENT
from pilothouse.records import Record
from pilothouse.sources.locate import NEVER
from pilothouse.transport.access import Access

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.charts.model import Chart
    from pilothouse.clock import Clock
    from pilothouse.environment import Environment
    from pilothouse.progress import Reporter
    from pilothouse.sources.locate import ChartSource


class DependencyOptions(Record):
    """Whose dependencies to fetch, and how.

    Attributes:
        chart: Folder of the chart.
        verify: How provenance is checked, one of the words of :mod:`pilothouse.sources.locate`.
        keyring: File of the keys that are trusted.
        skip_refresh: Whether the indexes that are here are used as they are.
        access: With what registries may be asked.
        debug: Whether more is told.
        source_date: Time in seconds for every entry of archives that are made here (``SOURCE_DATE_EPOCH``).
    """

    chart: str = "."
    verify: str = NEVER
    keyring: str = ""
    skip_refresh: bool = False
    access: Access = Access()
    debug: bool = False
    source_date: int | None = None


class DependencyWork:
    """The work on the dependencies of one chart.

    Args:
        environment: What the process was started with.
        source: Finds and fetches charts.
        options: Whose dependencies to fetch.
        tell: Hears what is told on standard output, line feeds included.
        clock: Tells the time.
        reporter: Hears warnings and details.

    Attributes:
        folder: Where the chart is.
        shown: How messages name that folder.
        generation: Which Helm is spoken, 2, 3 or 4.
        is_helm2: Whether texts, locks and archives are those of Helm 2.
        load: Reads a chart by the rules of the Helm that is spoken.
    """

    def __init__(
        self,
        environment: Environment,
        source: ChartSource,
        options: DependencyOptions,
        *,
        tell: Callable[[str], None],
        clock: Clock,
        reporter: Reporter = SILENT,
    ) -> None:
        self.options = options
        self.tell = tell
        self.clock = clock
        self.reporter = reporter
        self.helm = environment.compatibility
        self.generation = environment.generation
        self.is_helm2 = self.generation == 2
        self.source = source
        self.load = chart_loader(environment, reporter)
        self.shown = os.path.normpath(options.chart)
        self.folder = os.path.join(environment.working_directory, self.shown)

    def local_path(self, repository: str) -> str:
        """Return the folder that a dependency names (``GetLocalPath``).

        Raises:
            DependencyMissing: It is not there.
        """
        path = repository.removeprefix(LOCAL)
        shown = os.path.normpath(path if path.startswith("/") else os.path.join(self.shown, path))
        found = os.path.normpath(os.path.join(self.folder, path))
        if not os.path.exists(found):
            raise DependencyMissing(f"directory {shown} not found")
        return found


def chart_loader(environment: Environment, reporter: Reporter = SILENT) -> Callable[[str], Chart]:
    """Return what reads the chart at a path by the rules of the Helm that is spoken."""
    if environment.generation == 2:
        from pilothouse.charts import helm2

        return lambda path: helm2.load(path, reporter=reporter)
    from pilothouse.charts.load import load

    return lambda path: load(path, helm=environment.compatibility, detect=False, reporter=reporter)
