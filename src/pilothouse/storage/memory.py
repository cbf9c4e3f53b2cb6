"""Release records in memory, for tests and for ``HELM_DRIVER=memory``."""

from __future__ import annotations

from pilothouse.errors import Invalid, read_fault
from pilothouse.objects import selectors
from pilothouse.releases.errors import RecordInvalid, RecordTaken, ReleaseExists, ReleaseNotFound
from pilothouse.releases.journal import is_owned_by, kept
from pilothouse.releases.labels import custom_labels
from pilothouse.releases.store import RecordSummary
from pilothouse.storage import records
from pilothouse.storage.keys import OWNER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pilothouse.releases.release import Release

    Key = tuple[str, str, int]
    Releases = list[Release]
    Summaries = list[RecordSummary]

_DEFAULT_NAMESPACE = "default"


class MemoryStore:
    """Keeps releases for as long as the process lives (``driver.Memory``).

    Args:
        namespace: Namespace of the releases.
        releases: What is there from the beginning.
    """

    name = "Memory"

    def __init__(self, namespace: str = _DEFAULT_NAMESPACE, releases: Iterable[Release] = ()) -> None:
        self._namespace = namespace
        self._kept: dict[Key, Release] = {}
        for release in releases:
            self.create(release)

    def close(self) -> None:
        """Close nothing: it has no connection of its own."""

    def create(self, release: Release) -> None:
        """Store a new revision.

        Raises:
            ReleaseExists: This revision is stored already.
        """
        if _key(release) in self._kept:
            raise ReleaseExists
        self._kept[_key(release)] = _kept(release)

    def update(self, release: Release) -> None:
        """Replace a stored revision.

        Raises:
            ReleaseNotFound: It is not stored.
            RecordTaken: Another operation took it over.
        """
        stored = self._kept.get(_key(release))
        if stored is None:
            raise ReleaseNotFound
        if release.journal is not None and release.journal.claimed and not is_owned_by(stored.journal, release.journal):
            raise RecordTaken(release.name, release.revision)
        self._kept[_key(release)] = _kept(release)

    def get(self, name: str, revision: int) -> Release:
        """Return one revision.

        Raises:
            ReleaseNotFound: It is not stored.
        """
        found = self._kept.get((self._namespace, name, revision))
        if found is None:
            raise ReleaseNotFound
        return found

    def history(self, name: str) -> Releases:
        """Return all revisions of a release, oldest first."""
        return [release for release in self._in_order() if release.name == name]

    def list(self, *, all_namespaces: bool = False, selector: str = "") -> Releases:
        """Return the stored revisions of every release, by name and revision."""
        wanted = selectors.parse(selector)
        found = self._in_order(all_namespaces=all_namespaces)
        return [release for release in found if wanted.matches(_labels(release))]

    def summaries(self, *, name: str = "", all_namespaces: bool = False) -> Summaries:
        """Return what is stored."""
        return [
            RecordSummary(
                name=release.name,
                namespace=_key(release)[0],
                revision=release.revision,
                status=release.info.status,
                labels=_labels(release),
            )
            for release in self._in_order(all_namespaces=all_namespaces)
            if not name or release.name == name
        ]

    def load(self, summaries: Iterable[RecordSummary]) -> Releases:
        """Return the revisions that the summaries stand for."""
        keys = sorted((summary.name, summary.namespace, summary.revision) for summary in summaries)
        found = [self._kept.get((namespace, name, revision)) for name, namespace, revision in keys]
        return [release for release in found if release is not None]

    def delete(self, name: str, revision: int) -> Release:
        """Remove one revision and return it.

        Raises:
            ReleaseNotFound: It is not stored.
        """
        found = self.get(name, revision)
        del self._kept[_key(found)]
        return found

    def _in_order(self, *, all_namespaces: bool = False) -> Releases:
        keys = sorted((name, namespace, revision) for namespace, name, revision in self._kept)
        return [
            self._kept[namespace, name, revision]
            for name, namespace, revision in keys
            if all_namespaces or namespace == self._namespace
        ]


def _key(release: Release) -> Key:
    return release.namespace or _DEFAULT_NAMESPACE, release.name, release.revision


def _kept(release: Release) -> Release:
    return release.replace(labels=custom_labels(release.labels), journal=kept(release.journal))


def _labels(release: Release) -> dict[str, str]:
    own = {"name": release.name, "owner": OWNER, "status": release.info.status, "version": str(release.revision)}
    return {**release.labels, **own}


def read_data_files(paths: str, separator: str = ":") -> Releases:
    """Return the releases in the files of ``HELM_MEMORY_DRIVER_DATA``: YAML lists of records.

    Raises:
        Invalid: A file cannot be read or holds something else.
    """
    from pilothouse.formats.yaml_text import decode

    found: Releases = []
    for path in paths.split(separator):
        if not path:
            continue
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                text = file.read()
        except OSError as error:
            raise Invalid(f"unable to read memory driver data: {read_fault(error, path)}") from error
        try:
            listed = decode(text)
            if not isinstance(listed, list):
                raise RecordInvalid("the file holds no list of releases")
            found += [records.from_document(item) for item in listed]
        except Invalid as error:
            raise Invalid(f"unable to unmarshal memory driver data: {error.message}") from error
    return found
