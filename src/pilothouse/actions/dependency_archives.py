"""Fetches the archives of dependencies into the folder ``charts/`` (``Manager.downloadAll``)."""

from __future__ import annotations

from pilothouse.actions.helm2_words import as_helm2
from pilothouse.charts.save import save
from pilothouse.dependencies.errors import DependencyMissing, RequirementInvalid
from pilothouse.dependencies.resolver import LOCAL, REGISTRY
from pilothouse.dependencies.vendoring import Vendored
from pilothouse.errors import NotFound, PilothouseError, Unsupported
from pilothouse.semver.constraints import Constraints
from pilothouse.semver.errors import InvalidConstraint, InvalidVersion
from pilothouse.semver.versions import Version
from pilothouse.sources.reference import equal, resolved
from pilothouse.transport.access import Access

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pilothouse.actions.dependency_work import DependencyWork
    from pilothouse.charts.metadata import Dependency
    from pilothouse.sources.repositories.file import Entry
    from pilothouse.sources.repositories.stored import StoredIndex


def fetch_archives(work: DependencyWork, dependencies: Sequence[Dependency]) -> tuple[Dependency, ...]:
    """Put charts into the folder ``charts/`` and return which versions they turned out to be.

    Raises:
        PilothouseError: One cannot be had; the folder is as it was.
    """
    indexes = [(entry, work.source.indexes.load(entry.name)) for entry in work.source.repositories().entries]
    vendored = Vendored(work.folder, work.shown, load=work.load, tell=work.tell)
    vendored.prepare()
    try:
        work.tell(f"Saving {len(dependencies)} charts\n")
        try:
            fetched = _Fetching(work, vendored, indexes).run(dependencies)
        except _SaveFailed as failure:
            if work.is_helm2:
                failure.cause.message = as_helm2(failure.cause.message)
            work.tell(f"Save error occurred:  {failure.cause.message}\n")
            if work.is_helm2:
                work.tell("Deleting newly downloaded charts, restoring pre-update state\n")
            raise failure.cause from failure.cause.__cause__
        vendored.take(fetched)
    finally:
        vendored.discard()
    return fetched


class _SaveFailed(Exception):
    """A chart cannot be had, which is told on standard output as well."""

    def __init__(self, cause: PilothouseError) -> None:
        super().__init__(cause.message)
        self.cause = cause


class _Download:
    """An archive on its way."""

    def __init__(self, url: str, fetch: Callable[[], str]) -> None:
        from threading import Thread

        self.url = url
        self._fetch = fetch
        self._warning = ""
        self._failure: BaseException | None = None
        self._thread = Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        try:
            self._warning = self._fetch()
        except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
            self._failure = error

    def wait(self) -> str:
        """Wait for its end and return what the user must know of it; raise what went wrong."""
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        return self._warning


class _Fetching:
    """Fetches the archives of dependencies into the waiting folder, all at once, and tells of them in order."""

    def __init__(self, work: DependencyWork, vendored: Vendored, indexes: list[tuple[Entry, StoredIndex]]) -> None:
        self._work = work
        self._vendored = vendored
        self._indexes = indexes
        self._downloads: dict[str, _Download] = {}

    def run(self, dependencies: Sequence[Dependency]) -> tuple[Dependency, ...]:
        """Fetch and return the versions that there are now."""
        found = [self._found(one) for one in dependencies]
        for download in list(self._downloads.values()):
            download.start()
        taken: list[Dependency] = []
        told: set[str] = set()
        for one, place in zip(dependencies, found, strict=True):
            if not one.repository:
                self._check_included(one)
                taken.append(one)
            elif one.repository.startswith(LOCAL):
                taken.append(one.replace(version=self._archived(one)))
            else:
                self._finish(one, place, told)
                taken.append(one)
        return tuple(taken)

    def _found(self, dependency: Dependency) -> str | PilothouseError:
        """Return the URL of a chart, its download prepared, or why there is none."""
        if not dependency.repository or dependency.repository.startswith(LOCAL):
            return ""
        try:
            url, access = self._place(dependency)
        except PilothouseError as error:
            return error
        if url not in self._downloads:
            self._downloads[url] = _Download(url, lambda: self._download(url, access))
        return url

    def _download(self, url: str, access: Access) -> str:
        reference, version = url, ""
        if url.startswith(REGISTRY):
            reference, _, version = url.rpartition(":")
        verify = self._work.options.verify
        return self._work.source.download(reference, version, self._vendored.waiting, access, verify=verify).warning

    def _finish(self, dependency: Dependency, place: str | PilothouseError, told: set[str]) -> None:
        tell = self._work.tell
        if isinstance(place, PilothouseError):
            raise _SaveFailed(place.prefixed("could not find : ")) from place
        if place in told:
            tell(f"Already downloaded {dependency.name} from repo {dependency.repository}\n")
            return
        tell(f"Downloading {dependency.name} from repo {dependency.repository}\n")
        told.add(place)
        try:
            warning = self._downloads[place].wait()
            if warning:
                tell(f"{warning}\n")
        except Unsupported:
            raise
        except PilothouseError as error:
            shown = place.rpartition(":")[0] if place.startswith(REGISTRY) else place
            raise _SaveFailed(error.prefixed(f"could not download {shown}: ")) from error

    def _place(self, dependency: Dependency) -> tuple[str, Access]:
        """Return the URL of a chart's archive and with what it may be fetched (``findChartURL``)."""
        name, version, repository = dependency.name, dependency.version, dependency.repository
        if repository.startswith(REGISTRY):
            return f"{repository}/{name}:{version}", self._work.options.access
        for entry, index in self._indexes:
            if equal(repository, entry.url):
                return resolved(repository, _url(index, name, version)), entry.access()
        source = self._work.source
        try:
            return source.in_url(repository, name, version, Access())
        except PilothouseError as error:
            text = f"chart {name} not found in {repository}"
            raise NotFound(text) if self._work.is_helm2 else error.prefixed(f"{text}: ") from error

    def _check_included(self, dependency: Dependency) -> None:
        """Check that a chart in ``charts/`` without a repository fits what is declared."""
        name, wanted = dependency.name, dependency.version
        self._work.tell(f"Dependency {name} did not declare a repository. Assuming it exists in the charts directory\n")
        version = self._vendored.included(name).metadata.version
        helm = self._work.helm
        if not _constraint(name, wanted, helm).check(Version.parse(version, helm=helm)):
            text = f"dependency {name} at version {version} does not satisfy the constraint {wanted}"
            raise _SaveFailed(DependencyMissing(text))

    def _archived(self, dependency: Dependency) -> str:
        """Pack a chart from a folder and return its version (``tarFromLocalDir``)."""
        work = self._work
        options, helm = work.options, work.helm
        if options.debug:
            work.tell(f"Archiving {dependency.name} from repo {dependency.repository}\n")
        try:
            path = work.local_path(dependency.repository)
            chart = work.load(path)
            constraint = _constraint(dependency.name, dependency.version, helm)
            if not constraint.check(Version.parse(chart.metadata.version, helm=helm)):
                raise DependencyMissing(f"can't get a valid version for dependency {dependency.name}")
            save(
                chart,
                self._vendored.waiting,
                now=work.clock.now(),
                source_date=options.source_date,
                helm=work.generation,
            )
        except PilothouseError as error:
            raise _SaveFailed(error) from error
        return chart.metadata.version


def _constraint(name: str, text: str, helm: int) -> Constraints:
    try:
        return Constraints.parse(text, helm=helm)
    except InvalidConstraint as error:
        raise RequirementInvalid(
            f"dependency {name} has an invalid version/constraint format: {error.message}"
        ) from error


def _url(index: StoredIndex, name: str, version: str) -> str:
    """Return the first URL of a version in an index (``findEntryByName``, ``findVersionedEntry``)."""
    found = index.versions(name)
    if found is None:
        raise DependencyMissing("entry not found")
    for text, urls in zip(found.versions, found.urls, strict=True):
        if urls and (not version or _same_version(version, text)):
            return urls[0]
    raise DependencyMissing("no matching version")


def _same_version(first: str, second: str) -> bool:
    try:
        wanted = Version.parse(first)
    except InvalidVersion:
        return first == second
    try:
        return wanted == Version.parse(second)
    except InvalidVersion:
        return False
