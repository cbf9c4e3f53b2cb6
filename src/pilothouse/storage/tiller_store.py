"""Where Tiller keeps releases: ConfigMaps or Secrets of its namespace, or memory (Helm 2's ``storage/driver``).

The other drivers are in modules of their own: ``tiller_sql`` and ``tiller_adopted``.
"""

from __future__ import annotations

import threading

from pilothouse.errors import Exists, Invalid, NotFound
from pilothouse.hapi.convert import release_from, release_message, status_name
from pilothouse.objects.names import label_value_problems
from pilothouse.progress import SILENT
from pilothouse.releases.errors import ReleaseExists, ReleaseNotFound
from pilothouse.releases.release import PENDING_STATUSES
from pilothouse.storage.configmaps import InConfigMaps
from pilothouse.storage.secrets import InSecrets
from pilothouse.storage.tiller_records import MARK, OWNER, decode, encode, record_key, record_labels

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Protocol

    from pilothouse.clock import Clock
    from pilothouse.kube.resources import KubeObject, ResourceMapping
    from pilothouse.progress import Reporter
    from pilothouse.releases.release import Release
    from pilothouse.storage.databases import Database, Migration
    from pilothouse.storage.objects import ObjectPort

    Releases = list[Release]
    Objects = list[KubeObject]
    #: Revisions and the marks of those who make them.
    Unfinished = list[tuple[Release, str]]
    Shows = Callable[[Release], bool]

    class TillerStore(Protocol):
        """Where Tiller's actions keep releases; it can look them up by their status."""

        name: str
        mark: str

        def seen_by(self, shows: Shows) -> TillerStore:
            """Return the store for somebody who sees only some releases, where names are told apart by that."""

        def unfinished(self) -> Unfinished:
            """Return the revisions that are being made, with the marks of those who make them."""

        def create(self, release: Release) -> None:
            """Store a new revision."""

        def update(self, release: Release) -> None:
            """Replace a stored revision."""

        def get(self, name: str, revision: int) -> Release:
            """Return one revision."""

        def query(self, name: str, *, status: str = "") -> Releases:
            """Return the revisions of a release, those of one status only if it is given."""

        def list(self) -> Releases:
            """Return every stored revision in the order of the store."""

        def delete(self, name: str, revision: int) -> Release:
            """Remove one revision and return it."""


class TillerObjectStore:
    """Keeps each revision in one object; subclasses say of which kind and where in it.

    Args:
        cluster: The cluster.
        namespace: Tiller's namespace.
        clock: Stamps the records.
        reporter: Hears of records that cannot be read.

    Attributes:
        mark: What revisions are marked with while they are being made; empty for nothing.
    """

    name: str
    mark: str
    _mapping: ResourceMapping

    def __init__(self, cluster: ObjectPort, namespace: str, *, clock: Clock, reporter: Reporter = SILENT) -> None:
        self._cluster = cluster
        self._namespace = namespace
        self._clock = clock
        self._reporter = reporter
        self.mark = ""

    def seen_by(self, _shows: Shows) -> TillerStore:
        """Return the store: a name is one release's."""
        return self

    def unfinished(self) -> Unfinished:
        """Return the revisions that are being made, with the marks of those who make them."""
        statuses = ",".join(status_name(status) for status in PENDING_STATUSES)
        selector = f"OWNER={OWNER},STATUS in ({statuses})"
        found: Unfinished = []
        for item in self._cluster.list(self._mapping, self._namespace, label_selector=selector):
            mark = ((item.get("metadata") or {}).get("annotations") or {}).get(MARK)
            try:
                found.append((decode(self._packed(item)), str(mark or "")))
            except Invalid:
                continue
        return found

    def _body(self, packed: str) -> KubeObject:
        """Return the part of the object that holds the record."""
        raise NotImplementedError

    def _packed(self, item: KubeObject) -> str | bytes:
        """Return the record's text in an object."""
        raise NotImplementedError

    def _exists(self, release: Release) -> ReleaseExists:
        """Return the error for a revision that is stored already."""
        return ReleaseExists(f'release: "{record_key(release.name, release.revision)}" already exists')

    def create(self, release: Release) -> None:
        """Store a new revision.

        Raises:
            ReleaseExists: This revision is stored already.
        """
        self._log(f'creating release "{record_key(release.name, release.revision)}"')
        try:
            self._cluster.create(self._mapping, self._namespace, self._object(release, "CREATED_AT"))
        except Exists as error:
            raise self._exists(release) from error

    def update(self, release: Release) -> None:
        """Replace a stored revision by writing the whole object anew.

        Raises:
            NotFound: It is not stored.
        """
        self._log(f'updating release "{record_key(release.name, release.revision)}"')
        self._cluster.replace(self._mapping, self._namespace, self._object(release, "MODIFIED_AT"))

    def get(self, name: str, revision: int) -> Release:
        """Return one revision.

        Raises:
            ReleaseNotFound: It is not stored.
            Invalid: What is stored cannot be read.
        """
        key = record_key(name, revision)
        self._log(f'getting release "{key}"')
        try:
            item = self._cluster.get(self._mapping, self._namespace, key)
        except NotFound as error:
            raise ReleaseNotFound(f'release: "{key}" not found') from error
        return decode(self._packed(item))

    def query(self, name: str, *, status: str = "") -> Releases:
        """Return the revisions of a release that can be read.

        Raises:
            ReleaseNotFound: There is none.
        """
        labels = {"NAME": name, "OWNER": OWNER}
        if status:
            labels["STATUS"] = status_name(status)
        for value in labels.values():
            problems = label_value_problems(value)
            if problems:
                raise Invalid(f'invalid label value: "{value}": {"; ".join(problems)}')
        found = self._readable(labels)
        if not found:
            raise ReleaseNotFound(f'release: "{name}" not found')
        return found

    def list(self) -> Releases:
        """Return every stored revision that can be read, in the order of their keys; all are in one namespace."""
        self._log("listing all releases with filter")
        return self._readable({"OWNER": OWNER})

    def delete(self, name: str, revision: int) -> Release:
        """Remove one revision and return it.

        Raises:
            ReleaseNotFound: It is not stored.
        """
        self._log(f'deleting release "{record_key(name, revision)}"')
        release = self.get(name, revision)
        self._cluster.delete(self._mapping, self._namespace, record_key(name, revision))
        return release

    def _readable(self, labels: dict[str, str]) -> Releases:
        """Return the stored revisions with these labels; what cannot be read is only told of."""
        selector = ",".join(f"{key}={value}" for key, value in sorted(labels.items()))
        found: list[Release] = []
        for item in self._cluster.list(self._mapping, self._namespace, label_selector=selector):
            try:
                found.append(decode(self._packed(item)))
            except Invalid as error:
                key = (item.get("metadata") or {}).get("name")
                self._reporter.report("storage/driver", f"list: failed to decode release: {key}: {error.message}")
        return found

    def _object(self, release: Release, stamp: str) -> KubeObject:
        metadata: KubeObject = {
            "name": record_key(release.name, release.revision),
            "namespace": self._namespace,
            "labels": record_labels(release, stamp, int(self._clock.now())),
        }
        if self.mark and release.info.status in PENDING_STATUSES:
            metadata["annotations"] = {MARK: self.mark}
        return {"apiVersion": "v1", "kind": self._mapping.kind, "metadata": metadata, **self._body(encode(release))}

    def _log(self, text: str) -> None:
        self._reporter.report("storage", text)


class TillerConfigMapStore(InConfigMaps, TillerObjectStore):
    """Keeps releases in ConfigMaps, as Tiller does by default."""


class TillerSecretStore(InSecrets, TillerObjectStore):
    """Keeps releases in Secrets."""

    def _exists(self, release: Release) -> ReleaseExists:
        return ReleaseExists(f'release: "{release.name}" already exists')


class TillerMemoryStore:
    """Keeps releases for as long as the process lives; any number of threads may call.

    Args:
        reporter: Hears what is done.
    """

    name = "Memory"
    mark = ""

    def __init__(self, *, reporter: Reporter = SILENT) -> None:
        self._reporter = reporter
        self._lock = threading.Lock()
        self._kept: dict[str, dict[int, Release]] = {}

    def seen_by(self, _shows: Shows) -> TillerStore:
        """Return the store: a name is one release's."""
        return self

    def unfinished(self) -> Unfinished:
        """Return nothing: the releases end with the process that made them."""
        return []

    def create(self, release: Release) -> None:
        """Store a new revision.

        Raises:
            ReleaseExists: This revision is stored already.
        """
        key = record_key(release.name, release.revision)
        self._reporter.report("storage", f'creating release "{key}"')
        with self._lock:
            revisions = self._kept.setdefault(release.name, {})
            if release.revision in revisions:
                raise ReleaseExists(f'release: "{key}" already exists')
            revisions[release.revision] = _kept(release)

    def update(self, release: Release) -> None:
        """Replace a stored revision.

        Raises:
            ReleaseNotFound: It is not stored.
        """
        key = record_key(release.name, release.revision)
        self._reporter.report("storage", f'updating release "{key}"')
        with self._lock:
            if release.revision not in self._kept.get(release.name, {}):
                raise ReleaseNotFound(f'release: "{release.name}" not found')
            self._kept[release.name][release.revision] = _kept(release)

    def get(self, name: str, revision: int) -> Release:
        """Return one revision.

        Raises:
            ReleaseNotFound: It is not stored.
        """
        key = record_key(name, revision)
        if ".v" in name:
            raise Invalid(f'release: "{key}" invalid key')
        with self._lock:
            found = self._kept.get(name, {}).get(revision)
        if found is None:
            raise ReleaseNotFound(f'release: "{key}" not found')
        return found

    def query(self, name: str, *, status: str = "") -> Releases:
        """Return the revisions of a release, those of one status only if it is given.

        Raises:
            ReleaseNotFound: There is none.
        """
        with self._lock:
            stored = list(self._kept.get(name, {}).values())
        found = [release for release in stored if not status or release.info.status == status]
        if not found:
            raise ReleaseNotFound(f'release: "{name}" not found')
        return found

    def list(self) -> Releases:
        """Return every stored revision."""
        self._reporter.report("storage", "listing all releases with filter")
        with self._lock:
            return [release for revisions in self._kept.values() for release in revisions.values()]

    def delete(self, name: str, revision: int) -> Release:
        """Remove one revision and return it.

        Raises:
            ReleaseNotFound: It is not stored.
        """
        found = self.get(name, revision)
        self._reporter.report("storage", f'deleting release "{record_key(name, revision)}"')
        with self._lock:
            self._kept[name].pop(revision, None)
        return found


def _kept(release: Release) -> Release:
    """Return a release as it would be read back."""
    return release_from(release_message(release))


_DRIVERS: dict[str, type[TillerObjectStore]] = {"configmap": TillerConfigMapStore, "secret": TillerSecretStore}


def open_tiller_store(
    driver: str,
    cluster: Callable[[], ObjectPort],
    namespace: str,
    *,
    database: Callable[[Sequence[Migration]], Database],
    clock: Clock,
    reporter: Reporter = SILENT,
) -> TillerStore:
    """Return the store that a value of ``--storage`` stands for; what is unknown means memory, as for Tiller.

    Args:
        driver: ``configmap``, ``secret``, ``memory``, ``sql`` or ``secret-v3``.
        cluster: Returns the cluster; not called for memory and databases.
        namespace: Tiller's namespace.
        database: Returns the database, whose tables some migrations make; only called for ``sql``.
        clock: Stamps the records.
        reporter: Hears what is done.
    """
    if driver == "sql":
        from pilothouse.storage.tiller_sql import MIGRATIONS, TillerSqlStore

        return TillerSqlStore(database(MIGRATIONS), clock=clock, reporter=reporter)
    if driver == "secret-v3":
        from pilothouse.storage.tiller_adopted import AdoptedStore

        return AdoptedStore(cluster(), clock=clock, reporter=reporter)
    kind = _DRIVERS.get(driver)
    if kind is None:
        return TillerMemoryStore(reporter=reporter)
    return kind(cluster(), namespace, clock=clock, reporter=reporter)
