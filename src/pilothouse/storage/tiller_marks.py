"""Marks of revisions that a Tiller makes, in a table beside Helm 2's: whose work it is while it has not ended.

A mark counts only while the record is the one that was written with it, so that what other programs do to the table of
releases makes no old mark true again.
"""

from __future__ import annotations

import hashlib

from pilothouse.storage.side_table import SideTable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.storage.databases import Database, Run

_TABLE = "pilothouse_tiller_marks_v1"
_COLUMNS = "key VARCHAR(67) PRIMARY KEY, digest VARCHAR(64) NOT NULL, mark TEXT NOT NULL"


class SqlMarks:
    """The marks in a database; where the table may not be made, there are none.

    Args:
        database: Where the table is, or will be.
    """

    def __init__(self, database: Database) -> None:
        self._table = SideTable(database, _TABLE, _COLUMNS)

    def prepare(self) -> None:
        """Make the table if it is not there."""
        self._table.make()

    def is_there(self) -> bool:
        """Return whether the table is there."""
        return self._table.is_there()

    def write(self, run: Run, key: str, body: str, mark: str) -> None:
        """Mark a record as it is written, in the transaction that writes it; an empty mark takes the old one away."""
        if not self._table.known:
            return
        run(f"DELETE FROM {_TABLE} WHERE key = ?", key)  # noqa: S608
        if mark:
            run(f"INSERT INTO {_TABLE} (key, digest, mark) VALUES (?, ?, ?)", key, _digest(body), mark)  # noqa: S608

    def read(self, run: Run) -> list[tuple[str, str]]:
        """Return the bodies of the marked records and their marks."""
        if not self._table.known:
            return []
        rows = run(
            f"SELECT releases.body, {_TABLE}.digest, {_TABLE}.mark FROM releases "  # noqa: S608
            f"JOIN {_TABLE} ON {_TABLE}.key = releases.key"
        ).fetchall()
        return [(body, mark) for body, digest, mark in sorted(rows) if _digest(body) == digest]


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
