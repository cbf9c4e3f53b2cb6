"""A table of our own beside Helm's.

It stands in no list of migrations, since Helm refuses a database with a migration that it does not know. It is made
when it is needed first; where that is not allowed, Pilothouse does without.
"""

from __future__ import annotations

from pilothouse.storage.errors import DatabaseFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.storage.databases import Database


class SideTable:
    """One table.

    Args:
        database: Where it is, or will be.
        name: Its name.
        columns: What stands between the parentheses of its definition.
    """

    __slots__ = ("_columns", "_database", "_name", "_there")

    def __init__(self, database: Database, name: str, columns: str) -> None:
        self._database = database
        self._name = name
        self._columns = columns
        self._there: bool | None = None

    @property
    def known(self) -> bool:
        """Whether it was seen or made; nothing is asked for that, so that it can be used inside of transactions."""
        return bool(self._there)

    def is_there(self) -> bool:
        """Return whether the table is there."""
        if self._there is None:
            self._there = self._succeeds(f"SELECT 1 FROM {self._name} WHERE 1 = 0")  # noqa: S608 - a constant
        return self._there

    def make(self) -> None:
        """Make the table if it is not there and may be made."""
        if self.is_there():
            return
        if self._succeeds(f"CREATE TABLE {self._name} ({self._columns})"):
            self._there = True
        else:
            # Another process may have made it at the same time.
            self._there = None
            self.is_there()

    def _succeeds(self, statement: str) -> bool:
        try:
            with self._database.transaction() as run:
                run(statement)
        except DatabaseFailed:
            return False
        return True
