"""Journals of operations under way, in a table of their own beside Helm's.

Where it may not be made, no journal is kept and releases are as Helm's.
"""

from __future__ import annotations

from pilothouse.releases import journal as journals
from pilothouse.releases.errors import RecordTaken
from pilothouse.storage.side_table import SideTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.releases.journal import Journal
    from pilothouse.releases.release import Release
    from pilothouse.storage.databases import Database, Run

    Found = Mapping[tuple[str, str], Journal]

_TABLE = "pilothouse_journals_v1"
_COLUMNS = "key VARCHAR(90), namespace VARCHAR(64), journal TEXT NOT NULL, PRIMARY KEY(key, namespace)"


class SqlJournals:
    """The journals in a database.

    Args:
        database: Where the table is, or will be.
    """

    def __init__(self, database: Database) -> None:
        self._table = SideTable(database, _TABLE, _COLUMNS)

    def prepare(self, release: Release) -> None:
        """Make the table when a journal is going to be written."""
        if release.journal is not None:
            self._table.make()

    def is_there(self) -> bool:
        """Return whether the table is there."""
        return self._table.is_there()

    def require_owned(self, run: Run, key: str, namespace: str, release: Release) -> None:
        """Check that a record is still the owner's of the journal that is to be written.

        Raises:
            RecordTaken: It is not.
        """
        journal = release.journal
        if journal is None or not journal.claimed or not self._table.known:
            return
        where = (key, namespace)
        if not journals.is_owned_by(self.read(run).get(where), journal):
            raise RecordTaken(release.name, release.revision)

    def write(self, run: Run, key: str, namespace: str, release: Release | None) -> None:
        """Write the journal of a record in place of the one that is there; none takes it away."""
        if not self._table.known:
            return
        run(f"DELETE FROM {_TABLE} WHERE key = ? AND namespace = ?", key, namespace)  # noqa: S608
        journal = journals.kept(release.journal) if release is not None else None
        if journal is not None:
            run(
                f"INSERT INTO {_TABLE} (key, namespace, journal) VALUES (?, ?, ?)",  # noqa: S608
                *(key, namespace, journal.encode()),
            )

    def read(self, run: Run) -> Found:
        """Return every journal, by key and namespace; there are as many as operations under way or interrupted."""
        if not self._table.known:
            return {}
        rows = run(f"SELECT key, namespace, journal FROM {_TABLE}").fetchall()  # noqa: S608
        found = ((key, namespace, journals.decode(text)) for key, namespace, text in rows)
        return {(key, namespace): journal for key, namespace, journal in found if journal is not None}
