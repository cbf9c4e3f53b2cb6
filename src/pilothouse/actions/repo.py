"""Chart repositories: added, listed, updated, removed, and their indexes made (``helm repo``)."""

from __future__ import annotations

import os

from pilothouse.actions.sources import chart_source
from pilothouse.errors import Exists, Invalid, NotFound, PilothouseError, Unreachable
from pilothouse.golang.quoting import quote
from pilothouse.progress import SILENT
from pilothouse.records import Record
from pilothouse.sources.errors import RepositoriesMissing
from pilothouse.sources.repositories.file import Entry, Locked, RepositoryFile, readable
from pilothouse.transport.access import TIMEOUT

TYPE_CHECKING = False
__all__ = [
    "AddOptions",
    "Entry",
    "IndexOptions",
    "add",
    "fetch_all",
    "index",
    "remove",
    "repositories",
    "to_update",
    "update",
    "update_failure",
]

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pilothouse.clock import Clock
    from pilothouse.environment import Environment
    from pilothouse.progress import Reporter
    from pilothouse.sources.places import Places
    from pilothouse.sources.repositories.index import Index
    from pilothouse.sources.repositories.store import IndexStore

_GONE = {
    "//kubernetes-charts.storage.googleapis.com": "https://charts.helm.sh/stable",
    "//kubernetes-charts-incubator.storage.googleapis.com": "https://charts.helm.sh/incubator",
}


class AddOptions(Record):
    """A repository to add.

    Attributes:
        entry: The repository; its password may be missing.
        read_password: Returns the password when there is a user name without one.
        force_update: Whether another repository of that name is replaced.
        allow_deprecated: Whether repositories that are gone for good may be added.
        timeout: Seconds that fetching its index may take.
    """

    entry: Entry
    read_password: Callable[[], str]
    force_update: bool = False
    allow_deprecated: bool = False
    timeout: float = TIMEOUT


def add(
    environment: Environment, places: Places, options: AddOptions, *, clock: Clock, reporter: Reporter = SILENT
) -> bool:
    """Add a repository and return whether that was needed; its index is fetched first.

    Raises:
        Exists: Another repository has the name.
        PilothouseError: It is no repository, or cannot be reached.
    """
    entry = options.entry
    if not options.allow_deprecated:
        for old, new in _GONE.items():
            if old in entry.url:
                raise NotFound(f"repo {quote(entry.url)} is no longer available; try {quote(new)} instead")
    helm = environment.compatibility
    with Locked(places.repository_config, clock):
        repositories = RepositoryFile.load_or_empty(places.repository_config, helm=helm, what="")
        if entry.username and not entry.password:
            entry = entry.replace(password=options.read_password())
        if "/" in entry.name:
            raise Invalid(f"repository name ({entry.name}) contains '/', please specify a different name without '/'")
        existing = repositories.get(entry.name)
        if existing is not None and not options.force_update:
            if existing != entry:
                raise Exists(f"repository name ({entry.name}) already exists, please specify a different name")
            return False
        indexes = chart_source(environment, places, reporter=reporter).indexes
        indexes.check(entry)
        try:
            indexes.fetch(entry, timeout=options.timeout)
        except PilothouseError as error:
            start = f"looks like {quote(entry.url)} is not a valid chart repository or cannot be reached: "
            raise error.prefixed(start) from error
        repositories.put(entry)
        repositories.save(places.repository_config)
    return True


def repositories(places: Places, *, helm: int = 4) -> tuple[Entry, ...]:
    """Return the configured repositories, none when the list cannot be read."""
    return readable(places.repository_config, helm=helm).entries


def remove(
    environment: Environment,
    places: Places,
    names: Sequence[str],
    *,
    clock: Clock,
    on_removed: Callable[[str], None],
) -> None:
    """Remove repositories and what is kept of them, one after the other.

    Args:
        environment: What the process was started with.
        places: Where things are kept.
        names: Which repositories.
        clock: Measures how long to wait for other processes.
        on_removed: Hears of each that was removed.

    Raises:
        NotFound: There is none of that name; those before it are removed.
    """
    if not repositories(places, helm=environment.compatibility):
        raise NotFound("no repositories configured")
    indexes = chart_source(environment, places).indexes
    for name in names:
        with Locked(places.repository_config, clock):
            found = RepositoryFile.load_or_empty(places.repository_config, helm=environment.compatibility)
            if not found.remove(name):
                raise NotFound(f"no repo named {quote(name)} found")
            found.save(places.repository_config)
        indexes.remove(name)
        on_removed(name)


def to_update(environment: Environment, places: Places, names: Sequence[str]) -> list[Entry]:
    """Return the repositories whose indexes should be fetched again.

    Raises:
        NotFound: There are none, or none of a name.
        PilothouseError: An address is of a kind that nothing fetches.
    """
    try:
        found = RepositoryFile.load(places.repository_config, helm=environment.compatibility).entries
    except RepositoriesMissing:
        found = ()
    except PilothouseError as error:
        raise error.prefixed(f"failed loading file: {places.repository_config}: ") from error
    if not found:
        raise NotFound("no repositories found. You must add one before updating")
    for name in names:
        if name not in {entry.name for entry in found}:
            raise NotFound(f"no repositories found matching '{name}'.  Nothing will be updated")
    chosen = [entry for entry in found if not names or entry.name in names]
    indexes = chart_source(environment, places).indexes
    for entry in chosen:
        indexes.check(entry)
    return chosen


def update(
    environment: Environment,
    places: Places,
    entries: Sequence[Entry],
    *,
    tell: Callable[[str], None],
    timeout: float = TIMEOUT,
    reporter: Reporter = SILENT,
) -> list[Entry]:
    """Fetch the indexes of repositories again, all at once, and return those that failed.

    Args:
        environment: What the process was started with.
        places: Where things are kept.
        entries: Which repositories.
        tell: Hears how each one went, as soon as it is known.
        timeout: Seconds that each may take.
        reporter: Hears what is done.
    """
    indexes = chart_source(environment, places, reporter=reporter).indexes
    return fetch_all(indexes, entries, tell=tell, timeout=timeout)


def fetch_all(
    indexes: IndexStore, entries: Sequence[Entry], *, tell: Callable[[str], None], timeout: float = TIMEOUT
) -> list[Entry]:
    """Fetch indexes, all at once, and return the repositories that failed."""
    from threading import Lock

    for entry in entries:
        indexes.check(entry)
    lock = Lock()
    failed: list[Entry] = []

    def fetch(entry: Entry) -> None:
        try:
            indexes.fetch(entry, timeout=timeout)
        except (PilothouseError, OSError) as error:
            with lock:
                failed.append(entry)
                tell(_failure(entry, error))
        else:
            with lock:
                shown = entry.url if entry.name.startswith(UNMANAGED) else entry.name
                tell(f"...Successfully got an update from the {quote(shown)} chart repository")

    run_all([lambda entry=entry: fetch(entry) for entry in entries])  # type: ignore[misc]
    return failed


#: How the names begin under which indexes of repositories are kept that only a chart names.
UNMANAGED = "helm-manager-"


def _failure(entry: Entry, error: PilothouseError | OSError) -> str:
    unmanaged = entry.name.startswith(UNMANAGED)
    place = quote(entry.url) if unmanaged else quote(entry.name)
    more = "" if unmanaged else f" ({entry.url})"
    return f"...Unable to get an update from the {place} chart repository{more}:\n\t{error}"


def run_all(tasks: Sequence[Callable[[], None]], *, at_once: int = 8) -> None:
    """Run tasks in a few threads and wait for all; the first failure is raised when they have ended."""
    if len(tasks) == 1:
        tasks[0]()
        return
    from threading import Thread

    waiting = list(reversed(tasks))
    failures: list[BaseException] = []

    def work() -> None:
        while True:
            try:
                task = waiting.pop()
            except IndexError:
                return
            try:
                task()
            except BaseException as error:  # noqa: BLE001 - handed to the thread that waits
                failures.append(error)

    threads = [Thread(target=work, daemon=True) for _ in range(min(at_once, len(tasks)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def update_failure(failed: Sequence[Entry], *, helm: int) -> PilothouseError:
    """Return the error that says which repositories could not be updated."""
    urls = " ".join(entry.url for entry in failed)
    return Unreachable(f"{'F' if helm == 3 else 'f'}ailed to update the following repositories: [{urls}]")


class IndexOptions(Record):
    """What ``repo index`` should do.

    Attributes:
        folder: Where the archives are.
        url: Where they will be found.
        merge: Path of an index whose entries are taken along, empty for none.
        json: Whether the index is written as JSON.
    """

    folder: str
    url: str = ""
    merge: str = ""
    json: bool = False


def index(environment: Environment, options: IndexOptions, *, clock: Clock, reporter: Reporter = SILENT) -> None:
    """Write the index of the archives in a folder beside them.

    Raises:
        PilothouseError: An archive or the index to merge with cannot be used.
    """
    import contextlib

    from pilothouse.charts.files import write_file
    from pilothouse.sources.repositories.generate import empty_index, index_folder, merge
    from pilothouse.sources.repositories.index import encode_index, tell_skipped

    folder = os.path.abspath(os.path.join(environment.working_directory, options.folder))
    helm = environment.compatibility
    made = index_folder(folder, options.url, clock=clock, helm=environment.generation, own_cache=environment.own_cache)
    if options.merge:
        path = os.path.join(environment.working_directory, options.merge)
        if os.path.exists(path):
            old = _index_at(path, options.merge, helm=helm)
            tell_skipped(reporter, old.skipped, options.merge, helm=helm)
        else:
            old = empty_index(clock)
            with contextlib.suppress(PilothouseError):  # Helm does not look whether this one can be written
                write_file(path, encode_index(old, json=options.json))
        merge(made, old, helm=helm)
    made.sort()
    write_file(os.path.join(folder, "index.yaml"), encode_index(made, json=options.json))


def _index_at(path: str, shown: str, *, helm: int) -> Index:
    from pilothouse.charts.files import read_file
    from pilothouse.sources.repositories.index import read_index

    try:
        data = read_file(path)
    except PilothouseError as error:
        raise type(error)(f"merge failed: {error.message.replace(path, shown)}") from error
    try:
        return read_index(data, helm=helm)
    except PilothouseError as error:
        raise error.prefixed(f"merge failed: error loading {shown}: ") from error
