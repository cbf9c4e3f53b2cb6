"""Release records in a table of a database (``driver.SQL``): PostgreSQL, shared with Helm, or one SQLite file."""

from __future__ import annotations

from pilothouse.clock import Clock
from pilothouse.errors import Invalid
from pilothouse.objects import selectors
from pilothouse.releases.errors import ReleaseExists, ReleaseNotFound
from pilothouse.releases.labels import custom_labels
from pilothouse.releases.store import RecordSummary
from pilothouse.storage import records
from pilothouse.storage.databases import Migration
from pilothouse.storage.errors import DuplicateRow
from pilothouse.storage.keys import OWNER, TYPE, record_key
from pilothouse.storage.sql_journals import SqlJournals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pilothouse.releases.release import Release
    from pilothouse.storage.databases import Database, Run

    Releases = list[Release]
    Summaries = list[RecordSummary]
    Labels = dict[tuple[str, str], dict[str, str]]

_DEFAULT_NAMESPACE = "default"
_RELEASES = """
CREATE TABLE releases_v1 (
  key VARCHAR(90),
  type VARCHAR(64) NOT NULL,
  body TEXT NOT NULL,
  name VARCHAR(64) NOT NULL,
  namespace VARCHAR(64) NOT NULL,
  version INTEGER NOT NULL,
  status TEXT NOT NULL,
  owner TEXT NOT NULL,
  createdAt INTEGER NOT NULL,
  modifiedAt INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY(key, namespace)
)"""
_LABELS = """
CREATE TABLE custom_labels_v1 (
  releaseKey VARCHAR(64),
  releaseNamespace VARCHAR(67),
  key VARCHAR(317),
  value VARCHAR(63)
)"""
#: The migrations of Helm's driver, by the same names (``SQL.ensureDBSetup``).
MIGRATIONS = (
    Migration(
        id="init",
        postgres=(
            _RELEASES,
            "CREATE INDEX ON releases_v1 (key, namespace)",
            "CREATE INDEX ON releases_v1 (version)",
            "CREATE INDEX ON releases_v1 (status)",
            "CREATE INDEX ON releases_v1 (owner)",
            "CREATE INDEX ON releases_v1 (createdAt)",
            "CREATE INDEX ON releases_v1 (modifiedAt)",
            "GRANT ALL ON releases_v1 TO PUBLIC",
            "ALTER TABLE releases_v1 ENABLE ROW LEVEL SECURITY",
        ),
        sqlite=(_RELEASES, "CREATE INDEX releases_v1_name ON releases_v1 (name)"),
    ),
    Migration(
        id="custom_labels",
        postgres=(
            _LABELS,
            "CREATE INDEX ON custom_labels_v1 (releaseKey, releaseNamespace)",
            "GRANT ALL ON custom_labels_v1 TO PUBLIC",
            "ALTER TABLE custom_labels_v1 ENABLE ROW LEVEL SECURITY",
        ),
        sqlite=(_LABELS, "CREATE INDEX custom_labels_v1_key ON custom_labels_v1 (releaseKey, releaseNamespace)"),
    ),
)
#: So many records are read with one statement.
_BATCH = 200


class SqlStore:
    """Keeps each revision in a row.

    Args:
        database: Where the tables are.
        namespace: Namespace of the releases.
        clock: Stamps the records.
        compatibility: The Helm generation whose form is written.
    """

    name = "SQL"

    def __init__(
        self, database: Database, namespace: str, *, clock: Clock | None = None, compatibility: int = 4
    ) -> None:
        self._database = database
        self._namespace = namespace
        self._clock = clock or Clock()
        self._compatibility = compatibility
        self._journals = SqlJournals(database)

    def close(self) -> None:
        """End the connection to the database; the next call makes a new one."""
        self._database.close()

    def create(self, release: Release) -> None:
        """Store a new revision.

        Raises:
            ReleaseExists: This revision is stored already.
        """
        key, namespace = record_key(release.name, release.revision), release.namespace or _DEFAULT_NAMESPACE
        packed = records.encode_packed(release, compatibility=self._compatibility)
        self._journals.prepare(release)
        try:
            with self._database.transaction() as run:
                run(
                    "INSERT INTO releases_v1 (key, type, body, name, namespace, version, status, owner, createdAt) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    *(key, TYPE, packed, release.name, namespace, release.revision, release.info.status, OWNER),
                    int(self._clock.now()),
                )
                _write_labels(run, key, namespace, release)
                self._journals.write(run, key, namespace, release)
        except DuplicateRow as error:
            raise ReleaseExists from error

    def update(self, release: Release) -> None:
        """Replace a stored revision.

        Raises:
            ReleaseNotFound: It is not stored.
            RecordTaken: Another operation took it over.
        """
        key, namespace = record_key(release.name, release.revision), release.namespace or _DEFAULT_NAMESPACE
        packed = records.encode_packed(release, compatibility=self._compatibility)
        self._journals.prepare(release)
        with self._database.transaction() as run:
            self._journals.require_owned(run, key, namespace, release)
            changed = run(
                "UPDATE releases_v1 SET body = ?, name = ?, version = ?, status = ?, owner = ?, modifiedAt = ? "
                "WHERE key = ? AND namespace = ?",
                *(packed, release.name, release.revision, release.info.status, OWNER, int(self._clock.now())),
                *(key, namespace),
            )
            if changed.rowcount == 0:
                raise ReleaseNotFound
            _forget_labels(run, key, namespace)
            _write_labels(run, key, namespace, release)
            self._journals.write(run, key, namespace, release)

    def get(self, name: str, revision: int) -> Release:
        """Return one revision.

        Raises:
            ReleaseNotFound: It is not stored.
            Invalid: What is stored cannot be read.
        """
        self._journals.is_there()
        with self._database.transaction() as run:
            return self._get(run, record_key(name, revision))

    def history(self, name: str) -> Releases:
        """Return all revisions that can be read, oldest first."""
        return self._readable("name = ? AND owner = ? AND namespace = ?", name, OWNER, self._namespace)

    def list(self, *, all_namespaces: bool = False, selector: str = "") -> Releases:
        """Return the stored revisions of every release that can be read, by name and revision."""
        wanted = selectors.parse(selector)
        if all_namespaces:
            found = self._readable("owner = ?", OWNER)
        else:
            found = self._readable("owner = ? AND namespace = ?", OWNER, self._namespace)
        labelled = [release.replace(labels={**release.labels, **_system_labels(release)}) for release in found]
        return [release for release in labelled if wanted.matches(release.labels)]

    def summaries(self, *, name: str = "", all_namespaces: bool = False) -> Summaries:
        """Return what is stored, without the records themselves."""
        where, parameters = "owner = ?", [OWNER]
        if not all_namespaces:
            where, parameters = f"{where} AND namespace = ?", [*parameters, self._namespace]
        if name:
            where, parameters = f"{where} AND name = ?", [*parameters, name]
        with self._database.transaction() as run:
            rows = run(
                f"SELECT key, namespace, name, version, status FROM releases_v1 WHERE {where}",  # noqa: S608 - of constants
                *parameters,
            ).fetchall()
            labels = _labels(run, where, parameters)
        found = [
            RecordSummary(
                name=name,
                namespace=namespace,
                revision=version,
                status=status,
                labels={
                    **labels.get((key, namespace), {}),
                    "name": name,
                    "owner": OWNER,
                    "status": status,
                    "version": str(version),
                },
            )
            for key, namespace, name, version, status in rows
        ]
        return sorted(found, key=lambda summary: (summary.name, summary.namespace, summary.revision))

    def load(self, summaries: Iterable[RecordSummary]) -> Releases:
        """Return the revisions that the summaries stand for; what is gone or cannot be read is left out."""
        wanted = [
            (record_key(summary.name, summary.revision), summary.namespace or self._namespace) for summary in summaries
        ]
        found: Releases = []
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            where = " OR ".join(["(key = ? AND namespace = ?)"] * len(batch))
            found += self._readable(where, *(part for pair in batch for part in pair))
        return sorted(found, key=_by_name)

    def delete(self, name: str, revision: int) -> Release:
        """Remove one revision and return it.

        Raises:
            ReleaseNotFound: It is not stored.
        """
        key = record_key(name, revision)
        with self._database.transaction() as run:
            release = self._get(run, key)
            run("DELETE FROM releases_v1 WHERE key = ? AND namespace = ?", key, self._namespace)
            _forget_labels(run, key, self._namespace)
            self._journals.write(run, key, self._namespace, None)
            return release

    def _get(self, run: Run, key: str) -> Release:
        where = "key = ? AND namespace = ?"
        rows = run(f"SELECT body FROM releases_v1 WHERE {where}", key, self._namespace).fetchall()  # noqa: S608
        if not rows:
            raise ReleaseNotFound
        labels = _labels(run, where, (key, self._namespace))
        release = records.decode_packed(
            rows[0][0], labels.get((key, self._namespace)), compatibility=self._compatibility
        )
        return release.replace(journal=self._journals.read(run).get((key, self._namespace)))

    def _readable(self, where: str, *parameters: str) -> Releases:
        """Return the releases that can be decoded; Helm, too, passes over the others."""
        self._journals.is_there()
        with self._database.transaction() as run:
            rows = run(
                f"SELECT key, namespace, body FROM releases_v1 WHERE {where}",  # noqa: S608 - of constants
                *parameters,
            ).fetchall()
            labels = _labels(run, where, parameters)
            journals = self._journals.read(run)
        found: Releases = []
        for key, namespace, body in rows:
            try:
                release = records.decode_packed(body, labels.get((key, namespace)), compatibility=self._compatibility)
            except Invalid:
                continue
            found.append(release.replace(journal=journals.get((key, namespace))))
        return sorted(found, key=_by_name)


def _by_name(release: Release) -> tuple[str, str, int]:
    return release.name, release.namespace, release.revision


def _system_labels(release: Release) -> dict[str, str]:
    """Return Helm's own labels of a release (``getReleaseSystemLabels``)."""
    status, version = release.info.status, str(release.revision)
    return {"name": release.name, "owner": OWNER, "status": status, "version": version}


def _labels(run: Run, where: str, parameters: Iterable[str]) -> Labels:
    """Return the users' labels of the chosen rows, by key and namespace."""
    rows = run(
        "SELECT releaseKey, releaseNamespace, key, value FROM custom_labels_v1 "  # noqa: S608 - of constants
        "WHERE (releaseKey, releaseNamespace) IN "
        f"(SELECT key, namespace FROM releases_v1 WHERE {where})",
        *parameters,
    ).fetchall()
    found: Labels = {}
    for key, namespace, name, value in rows:
        found.setdefault((key, namespace), {})[name] = value
    return found


def _write_labels(run: Run, key: str, namespace: str, release: Release) -> None:
    for name, value in sorted(custom_labels(release.labels).items()):
        run(
            "INSERT INTO custom_labels_v1 (releaseKey, releaseNamespace, key, value) VALUES (?, ?, ?, ?)",
            *(key, namespace, name, value),
        )


def _forget_labels(run: Run, key: str, namespace: str) -> None:
    run("DELETE FROM custom_labels_v1 WHERE releaseKey = ? AND releaseNamespace = ?", key, namespace)
