"""The indexes that are kept here: fetched, remembered, and found again (``repo.ChartRepository``).

Helm's own files, ``NAME-index.yaml`` and ``NAME-charts.txt``, are written as Helm writes them; what a server said of an
index and the index in a quick form are kept in Pilothouse's own cache.
"""

from __future__ import annotations

import os

from pilothouse.cachefolder import digest, read_private
from pilothouse.charts.files import make_folder, os_error, write_file
from pilothouse.errors import PilothouseError
from pilothouse.golang.quoting import quote
from pilothouse.golang.urls import UrlSyntaxError, parse
from pilothouse.sources.errors import ChartUnknown, IndexInvalid
from pilothouse.sources.getters import INDEX_LIMIT, Validators
from pilothouse.sources.reference import resolved
from pilothouse.sources.repositories.index import Skipped, read_index, tell_skipped
from pilothouse.sources.repositories.selection import choose
from pilothouse.sources.repositories.stored import (
    StoredIndex,
    decode_index,
    encode_index,
)
from pilothouse.transport.access import TIMEOUT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from pilothouse.progress import Reporter
    from pilothouse.sources.getters import Getters
    from pilothouse.sources.repositories.file import Entry
    from pilothouse.sources.repositories.index import Index


def index_name(repository: str) -> str:
    """Return the name of the file of an index (``helmpath.CacheIndexFile``)."""
    return f"{repository}-index.yaml" if repository else "index.yaml"


def charts_name(repository: str) -> str:
    """Return the name of the file of chart names (``helmpath.CacheChartsFile``)."""
    return f"{repository}-charts.txt" if repository else "charts.txt"


class IndexStore:
    """The indexes of repositories.

    Args:
        folder: Where Helm keeps them (``HELM_REPOSITORY_CACHE``).
        own_folder: Where the quick forms are kept.
        getters: Fetch them.
        reporter: Hears of entries that are passed over.
        helm: Whose texts to use.
    """

    def __init__(self, folder: str, own_folder: str, getters: Getters, *, reporter: Reporter, helm: int = 4) -> None:
        self._folder = folder
        self._own_folder = os.path.join(own_folder, "indexes")
        self._getters = getters
        self._reporter = reporter
        self._helm = helm
        self._loaded: dict[str, StoredIndex] = {}
        self._by_url: dict[tuple[str, str], StoredIndex] = {}

    def path(self, repository: str) -> str:
        """Return where the index of a repository is kept."""
        return os.path.join(self._folder, index_name(repository))

    def load(self, repository: str) -> StoredIndex:
        """Return the index of a repository as it was fetched last.

        Raises:
            PilothouseError: It was never fetched, or is no index.
        """
        path = self.path(repository)
        try:
            status = os.stat(path)
        except OSError as error:
            raise os_error(error, "open", path) from error
        state = _state(status)
        found = self._loaded.get(repository)
        if found is None or found.facts["state"] != state:
            found = self._remembered(path)
            if found is None or found.facts["state"] != state:
                found = self._read(path, found)
            self._loaded[repository] = found
        self._tell(found, path)
        return found

    def check(self, entry: Entry) -> str:
        """Return the URL of a repository's index.

        Raises:
            PilothouseError: Its URL is none, or nothing fetches such URLs (``NewChartRepository``).
        """
        try:
            scheme = parse(entry.url).scheme
        except UrlSyntaxError as error:
            raise IndexInvalid(f"invalid chart URL format: {entry.url}") from error
        if not self._getters.supports(scheme):
            raise IndexInvalid(f"could not find protocol handler for: {scheme}")
        return resolved(entry.url, "index.yaml")

    def fetch(self, entry: Entry, *, timeout: float = TIMEOUT) -> None:
        """Fetch the index of a repository unless the one that is kept here is the newest (``DownloadIndexFile``).

        Raises:
            PilothouseError: It cannot be had, or is no index.
        """
        url = self.check(entry)
        self._by_url[url, entry.username] = self._fetch(entry, url, timeout)

    def _fetch(self, entry: Entry, url: str, timeout: float) -> StoredIndex:
        path = self.path(entry.name)
        known = self._remembered(path)
        fits = known is not None and self._fits(known, path, url)
        access = entry.access().replace(timeout=timeout, limit=INDEX_LIMIT)
        fetched = self._getters.get(url, access, _validators(known) if fits else None)
        if fetched.unchanged and known is not None:
            self._tell(known, entry.url)
            return known
        facts = _facts(url, fetched.data, fetched.validators)
        if known is None or known.facts["hash"] != facts["hash"]:
            index = self._parsed(fetched.data, entry.url)
            facts["state"] = self._write(entry, index.entries, fetched.data)
            made = self._remember(path, index, facts)
        else:
            self._tell(known, entry.url)
            state = known.facts["state"] if fits else self._write(entry, known.names, fetched.data)
            made = self._note(path, known, url=url, state=state, **fetched.validators.facts())
        self._loaded[entry.name] = made
        return made

    def _write(self, entry: Entry, names: Iterable[str], data: bytes) -> tuple[int, int, int]:
        """Write Helm's own files of an index and return the state of the larger one."""
        make_folder(self._folder)
        lines = "".join([f"{name}\n" for name in names])
        write_file(os.path.join(self._folder, charts_name(entry.name)), lines.encode("utf-8", "surrogateescape"))
        return _state(write_file(self.path(entry.name), data))

    def chart_url(self, entry: Entry, chart: str, version: str) -> str:
        """Return the URL of a chart's archive in a repository that is not configured (``FindChartInRepoURL``).

        Raises:
            PilothouseError: The repository cannot be used or does not have the chart.
        """
        url = self.check(entry)
        try:
            index = self._unnamed(entry, url)
        except PilothouseError as error:
            start = f"looks like {quote(entry.url)} is not a valid chart repository or cannot be reached: "
            raise error.prefixed(start) from error
        self._tell(index, entry.url)
        what = f"chart {quote(chart)}" + (f" version {quote(version)}" if version else "")
        found = index.versions(chart)
        try:
            if found is None:
                raise ChartUnknown("no chart name found")
            place = choose(found.versions, version, chart, reporter=self._reporter, helm=self._helm)
        except PilothouseError as error:
            raise ChartUnknown(f"{what} not found in {entry.url} repository") from error
        if not found.urls[place]:
            raise ChartUnknown(f"{what} has no downloadable URLs")
        try:
            return resolved(entry.url, found.urls[place][0])
        except PilothouseError as error:
            raise error.prefixed("failed to make chart URL absolute: ") from error

    def _unnamed(self, entry: Entry, url: str) -> StoredIndex:
        """Return the index of a repository without a name; only its quick form is kept, and asked for once."""
        key = (url, entry.username)
        if key not in self._by_url:
            self._by_url[key] = self._asked(entry, url)
        return self._by_url[key]

    def _asked(self, entry: Entry, url: str) -> StoredIndex:
        path = f"{entry.username} {url}"
        known = self._remembered(path)
        access = entry.access().replace(limit=INDEX_LIMIT)
        fetched = self._getters.get(url, access, _validators(known))
        if known is not None and fetched.unchanged:
            return known
        facts = _facts(url, fetched.data, fetched.validators)
        if known is not None and known.facts["hash"] == facts["hash"]:
            return self._note(path, known, **fetched.validators.facts())
        index = self._parsed(fetched.data, "")
        return self._remember(path, index, facts)

    def _parsed(self, data: bytes, source: str) -> Index:
        index = read_index(data, helm=self._helm)
        if source:
            tell_skipped(self._reporter, index.skipped, source, helm=self._helm)
        return index

    def _read(self, path: str, known: StoredIndex | None) -> StoredIndex:
        """Read the text of an index and remember its quick form."""
        try:
            with open(path, "rb") as file:
                state = _state(os.fstat(file.fileno()))
                data = file.read()
        except OSError as error:
            raise os_error(error, "open", path) from error
        facts = _facts("", data, Validators())
        if known is not None and known.facts["hash"] == facts["hash"]:
            return self._note(path, known, state=state)
        facts["state"] = state
        try:
            index = read_index(data, helm=self._helm)
        except PilothouseError as error:
            raise error.prefixed(f"error loading {path}: ") from error
        return self._remember(path, index, facts)

    def _fits(self, known: StoredIndex, path: str, url: str) -> bool:
        """Return whether what is remembered belongs to the text that is kept, and that to a URL."""
        try:
            state = _state(os.stat(path))
        except OSError:
            return False
        return bool(known.facts["url"] == url and known.facts["state"] == state)

    def _own_path(self, path: str) -> str:
        name = digest(os.path.abspath(path).encode("utf-8", "surrogateescape")).hex()
        return os.path.join(self._own_folder, f"{name}-{self._helm}.index")

    def _remembered(self, path: str) -> StoredIndex | None:
        content = read_private(self._own_path(path))
        if not content:
            return None
        try:
            return decode_index(content)
        except (ValueError, TypeError, EOFError, KeyError):
            return None

    def _remember(self, path: str, index: Index, facts: dict[str, Any]) -> StoredIndex:
        facts["skipped"] = [(one.chart, one.version, one.fault) for one in index.skipped]
        return self._kept(path, encode_index(index, facts))

    def _note(self, path: str, index: StoredIndex, **facts: Any) -> StoredIndex:
        """Return an index with other facts, and remember them."""
        if all(index.facts[name] == value for name, value in facts.items()):
            return index
        return self._kept(path, index.noted(**facts))

    def _kept(self, path: str, content: bytes) -> StoredIndex:
        try:
            os.makedirs(self._own_folder, 0o700, exist_ok=True)
            write_file(self._own_path(path), content, 0o600)
        except (OSError, PilothouseError) as error:
            self._reporter.debug("the index cannot be remembered", error=str(error))
        made = decode_index(content)
        assert made is not None
        return made

    def _tell(self, index: StoredIndex, source: str) -> None:
        skipped = tuple(Skipped(chart=one[0], version=one[1], fault=one[2]) for one in index.facts["skipped"])
        tell_skipped(self._reporter, skipped, source, helm=self._helm)

    def remove(self, repository: str) -> None:
        """Remove what is kept of a repository."""
        for path in (os.path.join(self._folder, charts_name(repository)), self._own_path(self.path(repository))):
            if os.path.exists(path):
                os.unlink(path)
        path = self.path(repository)
        try:
            os.unlink(path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise os_error(error, "remove", path) from error


def _state(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns


def _facts(url: str, data: bytes, validators: Validators) -> dict[str, Any]:
    return {
        "url": url,
        "hash": digest(data),
        **validators.facts(),
        "state": None,
        "skipped": [],
    }


def _validators(known: StoredIndex | None) -> Validators | None:
    if known is None or not (known.facts["etag"] or known.facts["modified"]):
        return None
    return Validators(etag=known.facts["etag"], modified=known.facts["modified"])
