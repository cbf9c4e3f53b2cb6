"""Makes the index of a folder of archives (``repo.IndexDirectory``)."""

from __future__ import annotations

import os

from pilothouse.charts.archive import load_archive_files
from pilothouse.charts.load import load_archive
from pilothouse.charts.metadata import encode_metadata
from pilothouse.charts.parsed import ParsedCache
from pilothouse.charts.timestamps import local_time
from pilothouse.errors import PilothouseError, read_fault
from pilothouse.semver.constraints import Constraints
from pilothouse.semver.errors import InvalidConstraint
from pilothouse.sources.cache import digest_of
from pilothouse.sources.errors import IndexInvalid
from pilothouse.sources.reference import joined
from pilothouse.sources.repositories.index import Index
from pilothouse.sources.repositories.selection import first_fitting

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.clock import Clock
    from pilothouse.sources.repositories.index import ChartVersion


def empty_index(clock: Clock) -> Index:
    """Return an index without charts."""
    return Index(generated=local_time(clock.now_ns()))


def index_folder(folder: str, url: str, *, clock: Clock, helm: int = 4, own_cache: str = "") -> Index:
    """Return the index of the archives in a folder and in those below it, not sorted yet; what is no chart is left out.

    Args:
        folder: Where the archives are.
        url: Where they will be found, empty for beside the index.
        clock: Tells when each was indexed.
        helm: Whose rules to follow, Helm 2's among them.
        own_cache: Folder of what was found out about archives before, empty for none.
    """
    index = empty_index(clock)
    known = None
    if own_cache:
        known = ParsedCache(own_cache, f"archives {folder}")
    for path in _archives(folder):
        try:
            with open(path, "rb") as file:
                data = file.read()
        except OSError as error:
            raise IndexInvalid(read_fault(error, path)) from error
        fields = _fields(data, helm, known)
        if fields is None:
            continue
        inside = os.path.relpath(path, folder)
        below, _, name = inside.rpartition("/")
        base = joined(url, below)
        version: ChartVersion = {
            **fields,
            "urls": [joined(base, name) if base else name],
            "created": local_time(clock.now_ns()),
            "digest": digest_of(data),
        }
        index.entries.setdefault(fields["name"], []).append(version)
    if known is not None:
        known.save()
    return index


def _fields(data: bytes, helm: int, known: ParsedCache | None) -> ChartVersion | None:
    """Return what an index says of a chart, nothing when the archive is none."""
    if known is None:
        return _read(data, helm)
    found: ChartVersion | None = known.read(b"chart%d" % helm, data, lambda: _read(data, helm))
    return found


def _read(data: bytes, helm: int) -> ChartVersion | None:
    try:
        if helm == 2:
            from pilothouse.charts import helm2

            return helm2.chart_document(helm2.load_files(load_archive_files(data)).metadata)
        return encode_metadata(load_archive(data, helm=helm).metadata)
    except (PilothouseError, RecursionError):
        return None


def _archives(folder: str) -> list[str]:
    """Return the archives in a folder and then those one level below it, in Go's order."""
    found = _in(folder)
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        names = []
    for name in names:
        below = os.path.join(folder, name)
        if os.path.isdir(below):
            found += _in(below)
    return found


def _in(folder: str) -> list[str]:
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return [os.path.join(folder, name) for name in sorted(names) if name.endswith(".tgz")]


def merge(index: Index, old: Index, *, helm: int = 4) -> None:
    """Add the entries of another index that the first does not have (``IndexFile.Merge``)."""
    for versions in old.entries.values():
        for version in versions:
            name = version.get("name", "")
            if not _has(index, name, version.get("version", ""), helm):
                index.entries.setdefault(name, []).append(version)


def _has(index: Index, name: str, wanted: str, helm: int) -> bool:
    """Return whether an index has a version, exactly or by what the version means as a constraint (``Has``)."""
    versions = [version.get("version", "") for version in index.entries.get(name, ())]
    if not versions:
        return False
    try:
        constraint = Constraints.parse(wanted or "*", helm=helm)
    except InvalidConstraint:
        return False
    return wanted in versions or first_fitting(versions, constraint) >= 0
