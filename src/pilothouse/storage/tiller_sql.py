"""Tiller's records in a table (Helm 2's ``driver.SQL``): PostgreSQL, as 2.17 has it, or one SQLite file."""

from __future__ import annotations

from pilothouse.errors import Invalid
from pilothouse.hapi.convert import status_name
from pilothouse.progress import SILENT
from pilothouse.releases.errors import ReleaseExists, ReleaseNotFound
from pilothouse.releases.release import PENDING_STATUSES
from pilothouse.storage.databases import Migration
from pilothouse.storage.errors import DuplicateRow
from pilothouse.storage.tiller_marks import SqlMarks
from pilothouse.storage.tiller_records import OWNER, decode, encode, record_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from pilothouse.clock import Clock
    from pilothouse.progress import Reporter
    from pilothouse.releases.release import Release
    from pilothouse.storage.databases import Database

    Releases = list[Release]

_TABLE = """
CREATE TABLE releases (
  key VARCHAR(67) PRIMARY KEY,
  body TEXT NOT NULL,
  name VARCHAR(64) NOT NULL,
  version INTEGER NOT NULL,
  status TEXT NOT NULL,
  owner TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  modified_at INTEGER NOT NULL DEFAULT 0
)"""
#: The migration of Helm 2's driver, by the same name (``SQL.ensureDBSetup``).
MIGRATIONS = (
    Migration(
        id="init",
        postgres=(
            _TABLE,
            "CREATE INDEX ON releases (key)",
            "CREATE INDEX ON releases (version)",
            "CREATE INDEX ON releases (status)",
            "CREATE INDEX ON releases (owner)",
            "CREATE INDEX ON releases (created_at)",
            "CREATE INDEX ON releases (modified_at)",
        ),
        sqlite=(_TABLE, "CREATE INDEX releases_name ON releases (name)"),
    ),
)


class TillerSqlStore:
    """Keeps each revision in a row; any number of threads may call.

    Args:
        database: Where the table is.
        clock: Stamps the records.
        reporter: Hears of records that cannot be read.

    Attributes:
        mark: What revisions are marked with while they are being made; empty for nothing.
    """

    name = "SQL"

    def __init__(self, database: Database, *, clock: Clock, reporter: Reporter = SILENT) -> None:
        self._database = database
        self._clock = clock
        self._reporter = reporter
        self._marks = SqlMarks(database)
        self.mark = ""

    def seen_by(self, _shows: Callable[[Release], bool]) -> Self:
        """Return the store: a name is one release's."""
        return self

    def unfinished(self) -> list[tuple[Release, str]]:
        """Return the revisions that are being made, with the marks of those who make them."""
        self._marks.is_there()
        with self._database.transaction() as run:
            rows = self._marks.read(run)
        found: list[tuple[Release, str]] = []
        for body, mark in rows:
            try:
                release = decode(body)
            except Invalid:
                continue
            if release.info.status in PENDING_STATUSES:
                found.append((release, mark))
        return found

    def _mark_of(self, release: Release) -> str:
        """Return what a record is to be marked with; the table of marks is made with the first one."""
        mark = self.mark if release.info.status in PENDING_STATUSES else ""
        if mark:
            self._marks.prepare()
        else:
            self._marks.is_there()
        return mark

    def create(self, release: Release) -> None:
        """Store a new revision.

        Raises:
            ReleaseExists: This revision is stored already.
        """
        key = record_key(release.name, release.revision)
        self._log(f'creating release "{key}"')
        body, mark = encode(release), self._mark_of(release)
        try:
            with self._database.transaction() as run:
                run(
                    "INSERT INTO releases (key, body, name, version, status, owner, created_at) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?)",
                    *(key, body, release.name, release.revision, status_name(release.info.status), OWNER),
                    int(self._clock.now()),
                )
                self._marks.write(run, key, body, mark)
        except DuplicateRow as error:
            raise ReleaseExists(f'release: "{key}" already exists') from error

    def update(self, release: Release) -> None:
        """Replace a stored revision.

        Raises:
            ReleaseNotFound: It is not stored.
        """
        key = record_key(release.name, release.revision)
        self._log(f'updating release "{key}"')
        body, mark = encode(release), self._mark_of(release)
        with self._database.transaction() as run:
            changed = run(
                "UPDATE releases SET body = ?, name = ?, version = ?, status = ?, owner = ?, modified_at = ? "
                "WHERE key = ?",
                *(body, release.name, release.revision, status_name(release.info.status), OWNER),
                *(int(self._clock.now()), key),
            )
            if changed.rowcount == 0:
                raise ReleaseNotFound(f'release: "{key}" not found')
            self._marks.write(run, key, body, mark)

    def get(self, name: str, revision: int) -> Release:
        """Return one revision.

        Raises:
            ReleaseNotFound: It is not stored.
            Invalid: What is stored cannot be read.
        """
        key = record_key(name, revision)
        self._log(f'getting release "{key}"')
        with self._database.transaction() as run:
            rows = run("SELECT body FROM releases WHERE key = ?", key).fetchall()
        if not rows:
            raise ReleaseNotFound(f'release: "{key}" not found')
        return decode(rows[0][0])

    def query(self, name: str, *, status: str = "") -> Releases:
        """Return the revisions of a release that can be read, those of one status only if it is given.

        Raises:
            ReleaseNotFound: There is none.
        """
        if status:
            found = self._readable("name = ? AND owner = ? AND status = ?", name, OWNER, status_name(status))
        else:
            found = self._readable("name = ? AND owner = ?", name, OWNER)
        if not found:
            raise ReleaseNotFound(f'release: "{name}" not found')
        return found

    def list(self) -> Releases:
        """Return every stored revision that can be read, in the order of their keys."""
        self._log("listing all releases with filter")
        return self._readable("owner = ?", OWNER)

    def delete(self, name: str, revision: int) -> Release:
        """Remove one revision and return it.

        Raises:
            ReleaseNotFound: It is not stored.
        """
        key = record_key(name, revision)
        self._log(f'deleting release "{key}"')
        with self._database.transaction() as run:
            rows = run("SELECT body FROM releases WHERE key = ?", key).fetchall()
            if not rows:
                raise ReleaseNotFound(f'release: "{key}" not found')
            release = decode(rows[0][0])
            run("DELETE FROM releases WHERE key = ?", key)
            self._marks.write(run, key, "", "")
        return release

    def _readable(self, condition: str, *parameters: str) -> Releases:
        """Return the revisions of the rows that a condition chooses; what cannot be read is only told of."""
        with self._database.transaction() as run:
            rows = run(
                f"SELECT key, body FROM releases WHERE {condition}",  # noqa: S608 - of constants
                *parameters,
            ).fetchall()
        found: list[Release] = []
        for key, body in sorted(rows):
            try:
                found.append(decode(body))
            except Invalid as error:
                self._reporter.report("storage/driver", f"list: failed to decode release: {key}: {error.message}")
        return found

    def _log(self, text: str) -> None:
        self._reporter.report("storage", text)
