"""The charts that a chart needs: listed, fetched, and fetched again as locked (``helm dependency``)."""

from __future__ import annotations

import os

from pilothouse.actions.dependency_archives import fetch_archives
from pilothouse.actions.dependency_repositories import check_configured, named, refresh, unmanaged
from pilothouse.actions.dependency_work import DependencyOptions, DependencyWork, chart_loader
from pilothouse.actions.sources import chart_source
from pilothouse.charts import helm2
from pilothouse.charts.files import os_error
from pilothouse.charts.load import decode_file
from pilothouse.charts.metadata import Dependency, Lock
from pilothouse.charts.timestamps import local_time
from pilothouse.dependencies.errors import DependencyMissing, LockOutdated, NoVersionFits
from pilothouse.dependencies.resolver import lock_digest, old_lock_digest, resolve
from pilothouse.dependencies.vendoring import write_lock
from pilothouse.errors import Invalid, PilothouseError, Unsupported
from pilothouse.progress import SILENT
from pilothouse.records import Record
from pilothouse.transport.access import Access

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pilothouse.charts.model import Chart
    from pilothouse.clock import Clock
    from pilothouse.environment import Environment
    from pilothouse.progress import Reporter
    from pilothouse.sources.places import Places

__all__ = [
    "Access",
    "DependencyList",
    "DependencyOptions",
    "DependencyWork",
    "build",
    "list_dependencies",
    "start",
    "update",
    "update_missing",
]

_OUT_OF_DATE = "the lock file ({}) is out of sync with the dependencies file ({}). Please update the dependencies"


def start(
    environment: Environment,
    places: Places,
    options: DependencyOptions,
    *,
    tell: Callable[[str], None],
    clock: Clock,
    reporter: Reporter = SILENT,
) -> DependencyWork:
    """Return the work on the dependencies of a chart, for :func:`update` and :func:`build`.

    Args:
        environment: What the process was started with.
        places: Where repositories and archives are kept.
        options: Whose dependencies to fetch.
        tell: Hears what is told on standard output, line feeds included.
        clock: Tells the time.
        reporter: Hears warnings and details.
    """
    source = chart_source(environment, places, keyring=options.keyring, reporter=reporter)
    return DependencyWork(environment, source, options, tell=tell, clock=clock, reporter=reporter)


def update(work: DependencyWork) -> None:
    """Fetch the newest charts that fit what is declared, and write down which (``Manager.Update``).

    Raises:
        PilothouseError: Something cannot be had; the folder ``charts/`` is as it was.
    """
    chart = _load(work)
    if not _declares(chart, is_helm2=work.is_helm2):
        if work.is_helm2:
            work.tell(f"No requirements found in {work.options.chart}/charts.\n")
        return
    requirements, indexes = named(work, chart.metadata.dependencies)
    indexes = unmanaged(work, requirements, indexes)
    if not work.options.skip_refresh:
        refresh(work)
    try:
        found = resolve(requirements, indexes, _Provider(work), helm=work.generation)
    except NoVersionFits as error:
        if not work.is_helm2:
            raise
        start = f"Can't get a valid version for repositories {', '.join(error.names)}"
        raise DependencyMissing(f"{start}. Try changing the version constraint in requirements.yaml") from error
    locked = fetch_archives(work, found)
    declared = chart.metadata.dependencies
    digest = old_lock_digest(declared) if work.is_helm2 else lock_digest(requirements, locked)
    if chart.lock is not None and chart.lock.digest == digest:
        return
    lock = Lock(generated=local_time(work.clock.now_ns()), digest=digest, dependencies=locked)
    write_lock(work.folder, lock, old=work.is_helm2 or chart.metadata.api_version == "v1")


def update_missing(work: DependencyWork) -> bool:
    """Fetch the dependencies of a chart when some are not there, and return whether that was so.

    Raises:
        PilothouseError: They cannot be had.
    """
    chart = work.load(work.folder)
    present = {subchart.name for subchart in chart.subcharts}
    if all(one.name in present for one in chart.metadata.dependencies):
        return False
    update(work)
    return True


def build(work: DependencyWork) -> None:
    """Fetch exactly the charts that the lock names; without a lock it is an update (``Manager.Build``).

    Raises:
        PilothouseError: The lock does not belong to what is declared, or something cannot be had.
    """
    chart = _load(work)
    if chart.lock is None:
        update(work)
        return
    if work.is_helm2:
        _check_old_lock(chart, chart.lock)
    else:
        requirements, _ = named(work, chart.metadata.dependencies)
        _check_lock(work, chart, chart.lock, requirements)
    check_configured(work, chart.lock.dependencies)
    if not work.options.skip_refresh:
        refresh(work)
    fetch_archives(work, chart.lock.dependencies)


def _check_old_lock(chart: Chart, lock: Lock) -> None:
    """Check that a requirements.lock belongs to the requirements.yaml beside it."""
    try:
        declared = helm2.requirements(chart)
    except PilothouseError as error:
        raise error.prefixed("requirements.yaml cannot be opened: ") from error
    if declared is None:
        raise DependencyMissing("requirements.yaml cannot be opened: requirements.yaml not found")
    if old_lock_digest(declared) != lock.digest:
        raise LockOutdated("requirements.lock is out of sync with requirements.yaml")


def _check_lock(work: DependencyWork, chart: Chart, lock: Lock, requirements: Sequence[Dependency]) -> None:
    if lock_digest(requirements, lock.dependencies) == lock.digest:
        return
    if chart.metadata.api_version != "v1":
        more = "" if work.helm == 3 else " with 'helm dependency update'"
        raise LockOutdated(_OUT_OF_DATE.format("Chart.lock", "Chart.yaml") + more)
    place = "manager.go:122: " if work.helm == 3 else ""
    text = "warning: a valid Helm v3 hash was not found. Checking against Helm v2 hash..."
    work.reporter.report("info", place + text)
    if old_lock_digest(chart.metadata.dependencies) != lock.digest:
        raise LockOutdated(_OUT_OF_DATE.format("requirements.lock", "requirements.yaml"))


def _load(work: DependencyWork) -> Chart:
    try:
        os.stat(work.folder)
    except OSError as error:
        found = os_error(error, "stat", work.shown)
        raise found.prefixed(f"could not find {work.shown}: ") from error
    if not os.path.isdir(work.folder):
        raise Invalid("only unpacked charts can be updated")
    if work.is_helm2:
        return helm2.load_folder(work.folder, reporter=work.reporter)
    return work.load(work.folder)


class _Provider:
    """What the resolver asks, out of folders and the indexes that are here."""

    def __init__(self, work: DependencyWork) -> None:
        self._work = work

    def check_included(self, name: str) -> None:
        """Check that ``charts/NAME`` is there."""
        self._work.local_path(os.path.join("charts", name))

    def check_folder(self, repository: str) -> None:
        """Check that the folder of a chart is there."""
        self._work.local_path(repository)

    def local_version(self, repository: str) -> str:
        """Return the version of the chart in a folder."""
        return self._work.load(self._work.local_path(repository)).metadata.version

    def versions(self, dependency: Dependency, index: str) -> list[str]:
        """Return the versions of a chart in an index."""
        try:
            found = self._work.source.indexes.load(index)
        except PilothouseError as error:
            start = f"no cached repository for {index} found. (try 'helm repo update'): "
            if self._work.is_helm2:
                start = "no cached repo found. (try 'helm repo update'). "
            raise error.prefixed(start) from error
        versions = found.versions(dependency.name)
        if versions is None:
            raise DependencyMissing(f"{dependency.name} chart not found in repo {dependency.repository}")
        return [text for text, urls in zip(versions.versions, versions.urls, strict=True) if urls]

    def tags(self, dependency: Dependency) -> list[str]:
        """Return the versions of a chart in a registry."""
        reference = f"{dependency.repository}/{dependency.name}"
        try:
            return self._work.source.registries().tags(reference, self._work.options.access)
        except Unsupported:
            raise
        except PilothouseError as error:
            start = f"could not retrieve list of tags for repository {dependency.repository}: "
            raise error.prefixed(start) from error


def _declares(chart: Chart, *, is_helm2: bool) -> bool:
    """Return whether a chart has a list of dependencies, be it empty."""
    if is_helm2:
        return helm2.requirements(chart) is not None
    if chart.metadata.dependencies:
        return True
    for file in chart.raw:
        if file.name in ("Chart.yaml", "requirements.yaml"):
            value = decode_file(file.data)
            if isinstance(value, dict) and isinstance(value.get("dependencies"), list):
                return True
    return False


class DependencyList(Record):
    """The dependencies of a chart as ``helm dependency list`` shows them.

    Attributes:
        rows: Name, version, repository and state of each; nothing when none are declared.
        warnings: What else is in ``charts/``.
        missing: The folder that is named when none are declared.
    """

    rows: tuple[tuple[str, str, str, str], ...] | None
    warnings: tuple[str, ...] = ()
    missing: str = ""


def list_dependencies(environment: Environment, path: str, *, reporter: Reporter = SILENT) -> DependencyList:
    """Return what there is of the charts that a chart needs.

    Args:
        environment: Says what relative paths are relative to.
        path: Folder or archive of the chart.
        reporter: Hears of links and outdated files.

    Raises:
        PilothouseError: It is no chart.
    """
    from pilothouse.dependencies.status import status, undeclared

    load, helm = chart_loader(environment, reporter), environment.generation
    shown = os.path.normpath(path)
    folder = os.path.join(environment.working_directory, shown)
    try:
        chart = load(folder)
    except PilothouseError as error:
        if folder in error.message:
            raise type(error)(error.message.replace(folder, shown)) from error
        raise
    if not _declares(chart, is_helm2=helm == 2):
        return DependencyList(rows=None, missing=os.path.normpath(os.path.join(shown, "charts")))
    dependencies = chart.metadata.dependencies
    return DependencyList(
        rows=tuple(
            (one.name, one.version, one.repository, status(folder, one, chart, load=load, helm=helm))
            for one in dependencies
        ),
        warnings=tuple(undeclared(folder, shown, dependencies, load=load)),
    )
