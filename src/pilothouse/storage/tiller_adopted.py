"""Releases of Helm 3 and 4, in the Secrets where those keep them, for Tiller's actions (``--storage secret-v3``)."""

from __future__ import annotations

from pilothouse.errors import Exists, Invalid, NotFound
from pilothouse.hapi.convert import TillerRelease
from pilothouse.hapi.generations import to_helm2, to_helm3
from pilothouse.progress import SILENT
from pilothouse.releases.errors import ReleaseExists, ReleaseNotFound
from pilothouse.releases.release import PENDING_STATUSES
from pilothouse.storage.keys import OWNED
from pilothouse.storage.secrets import SecretStore
from pilothouse.storage.tiller_records import MARK, record_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.clock import Clock
    from pilothouse.kube.resources import KubeObject
    from pilothouse.progress import Reporter
    from pilothouse.releases.release import Release
    from pilothouse.storage.objects import ObjectPort

    Releases = list[Release]
    Shows = Callable[[Release], bool]


class _MarkedSecretStore(SecretStore):
    """Secrets as Helm 3 writes them, which name in an annotation who makes a revision; every Helm passes over it."""

    def __init__(self, cluster: ObjectPort, namespace: str, clock: Clock, mark: str) -> None:
        super().__init__(cluster, namespace, clock=clock)
        self._mark = mark

    def marked(self) -> list[tuple[Release, str]]:
        """Return the revisions of all namespaces that are being made and carry a mark."""
        found: list[tuple[Release, str]] = []
        selector = f"{OWNED},status in ({','.join(PENDING_STATUSES)})"
        for item in self._cluster.list(self._mapping, "", label_selector=selector):
            mark = ((item.get("metadata") or {}).get("annotations") or {}).get(MARK)
            if not mark:
                continue
            try:
                found.append((self._release(item), str(mark)))
            except Invalid:
                continue
        return found

    def _object(self, release: Release, stamp: str) -> KubeObject:
        item = super()._object(release, stamp)
        if self._mark and release.info.status in PENDING_STATUSES:
            item["metadata"]["annotations"] = {**item["metadata"].get("annotations", {}), MARK: self._mark}
        return item


class AdoptedStore:
    """Keeps each revision in a Secret of the release's own namespace, as Helm 3 does.

    Names are of the whole cluster for Helm 2's clients: a name that two namespaces have is refused.

    Args:
        cluster: The cluster.
        clock: Stamps the records.
        reporter: Hears what is done.
        shows: Chooses the releases that are there, none for all.

    Attributes:
        mark: What revisions are marked with while they are being made; empty for nothing.
    """

    name = "Secret"

    def __init__(
        self, cluster: ObjectPort, *, clock: Clock, reporter: Reporter = SILENT, shows: Shows | None = None
    ) -> None:
        self._cluster = cluster
        self._clock = clock
        self._reporter = reporter
        self._shows = shows
        self.mark = ""

    def seen_by(self, shows: Shows) -> AdoptedStore:
        """Return the store for somebody for whom releases of a name count that they may see, and no others."""
        seen = AdoptedStore(self._cluster, clock=self._clock, reporter=self._reporter, shows=shows)
        seen.mark = self.mark
        return seen

    def unfinished(self) -> list[tuple[Release, str]]:
        """Return the revisions that are being made, with the marks of those who make them."""
        return [(to_helm2(release), mark) for release, mark in self._of("").marked()]

    def create(self, release: Release) -> None:
        """Store a new revision.

        Raises:
            ReleaseExists: This revision is stored already.
            NotFound: The release's namespace does not exist.
        """
        key = record_key(release.name, release.revision)
        self._log(f'creating release "{key}"')
        try:
            self._of(release.namespace).create(to_helm3(_as_tillers(release)))
        except Exists as error:
            raise ReleaseExists(f'release: "{key}" already exists') from error

    def update(self, release: Release) -> None:
        """Replace a stored revision.

        Raises:
            NotFound: It is not stored.
        """
        self._log(f'updating release "{record_key(release.name, release.revision)}"')
        self._of(release.namespace).update(to_helm3(_as_tillers(release)))

    def get(self, name: str, revision: int) -> Release:
        """Return one revision.

        Raises:
            ReleaseNotFound: It is not stored.
        """
        key = record_key(name, revision)
        self._log(f'getting release "{key}"')
        found = [release for release in self._named(name) if release.revision == revision]
        if not found:
            raise ReleaseNotFound(f'release: "{key}" not found')
        return to_helm2(found[0])

    def query(self, name: str, *, status: str = "") -> Releases:
        """Return the revisions of a release that can be read, those of one status only if it is given.

        Raises:
            ReleaseNotFound: There is none.
        """
        found = [release for release in self._named(name) if not status or release.info.status == status]
        if not found:
            raise ReleaseNotFound(f'release: "{name}" not found')
        return [to_helm2(release) for release in found]

    def list(self) -> Releases:
        """Return every stored revision that can be read, by name and revision."""
        self._log("listing all releases with filter")
        return [to_helm2(release) for release in self._of("").list(all_namespaces=True)]

    def delete(self, name: str, revision: int) -> Release:
        """Remove one revision and return it.

        Raises:
            ReleaseNotFound: It is not stored.
        """
        release = self.get(name, revision)
        self._log(f'deleting release "{record_key(name, revision)}"')
        try:
            self._of(release.namespace).delete(name, revision)
        except NotFound as error:
            raise ReleaseNotFound(f'release: "{record_key(name, revision)}" not found') from error
        return release

    def _named(self, name: str) -> Releases:
        found = self._of("").list(all_namespaces=True, selector=f"name={name}")
        if self._shows is not None:
            found = [release for release in found if self._shows(release)]
        namespaces = sorted({release.namespace for release in found})
        if len(namespaces) > 1:
            raise Invalid(
                f'"{name}" is the name of releases in the namespaces {", ".join(namespaces)}, which clients of Helm 2 '
                f"cannot tell apart"
            )
        return found

    def _of(self, namespace: str) -> _MarkedSecretStore:
        return _MarkedSecretStore(self._cluster, namespace, self._clock, self.mark)

    def _log(self, text: str) -> None:
        self._reporter.report("storage", text)


def _as_tillers(release: Release) -> TillerRelease:
    assert isinstance(release, TillerRelease), "Tiller's actions make releases of Helm 2"
    return release
