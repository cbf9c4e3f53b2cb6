"""What can go wrong with the place where releases are kept.

::

    DatabaseUnreachable (Unreachable)   a database cannot be opened
    DatabaseFailed                      a database refuses a statement
    └── DuplicateRow (Exists)           there is a row with this key
"""

from __future__ import annotations

from pilothouse.errors import Exists, PilothouseError, Unreachable


class DatabaseUnreachable(Unreachable):
    """A database cannot be opened."""

    reference = "database-unreachable"


class DatabaseFailed(PilothouseError):
    """A database refuses a statement."""

    reference = "database-failed"


class DuplicateRow(DatabaseFailed, Exists):
    """There is a row with this key already."""

    reference = "database-row-exists"
