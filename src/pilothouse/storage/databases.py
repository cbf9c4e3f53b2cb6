"""Databases that keep releases: PostgreSQL, as Helm's driver ``sql`` uses it, and SQLite in one file.

Statements are written once, with ``?`` for their parameters. The bookkeeping of migrations is that of sql-migrate, the
library that Helm uses, so that either side finds the tables that the other one made.
"""

from __future__ import annotations

import contextlib
import os
import threading

from pilothouse.clock import Clock
from pilothouse.errors import Invalid, PilothouseError, Unsupported, reason_of
from pilothouse.records import Record
from pilothouse.storage.connection_strings import POSTGRES_DEFAULTS, libpq_form, without_password
from pilothouse.storage.errors import DatabaseFailed, DatabaseUnreachable, DuplicateRow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, Protocol

    class Answer(Protocol):
        """What a statement did: a cursor of DB-API."""

        @property
        def rowcount(self) -> int:
            """How many rows were found or changed."""

        def fetchall(self) -> list[tuple[Any, ...]]:
            """Return the rows found."""

    Run = Callable[..., Answer]

_MIGRATIONS = "gorp_migrations"
_APPLIED = f"SELECT id FROM {_MIGRATIONS}"  # noqa: S608 - the name is the constant above
#: A connection that was silent for so many seconds is tried before it is relied on.
_SILENCE = 30.0
#: Processes that make the tables at the same time take turns by this number.
_LOCK_NUMBER = 0x48454C4D
_SQLITE_PREFIX = "sqlite:///"


class Migration(Record):
    """A step that makes tables.

    Attributes:
        id: Its name in the bookkeeping.
        postgres: Its statements for PostgreSQL.
        sqlite: Its statements for SQLite.
    """

    id: str
    postgres: tuple[str, ...]
    sqlite: tuple[str, ...]


class Database:
    """One connection, made when it is first needed and again when it was lost; threads take turns.

    Args:
        connection: The connection string.
        migrations: What makes the tables.
        variables: The process environment, which libpq looks at too.
        clock: Tells for how long a connection was silent.
    """

    def __init__(
        self,
        connection: str,
        migrations: Sequence[Migration],
        *,
        variables: Mapping[str, str] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._text = connection
        self._migrations = migrations
        self._variables = variables or {}
        self._clock = clock or Clock()
        self._lock = threading.RLock()
        self._connection: Any = None
        self._used = 0.0

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Run]:
        """Give what runs a statement; all of them are kept together, or none when the block fails.

        Raises:
            DatabaseUnreachable: The database cannot be opened.
            DuplicateRow: A row's key is taken.
            DatabaseFailed: The database refuses a statement.
        """
        with self._lock:
            self._ready()
            try:
                yield self._run
                self._connection.commit()
            except BaseException as error:
                self._undo()
                translated = self._translated(error)
                if translated is None:
                    raise
                raise translated from error
            self._used = self._clock.monotonic()

    def close(self) -> None:
        """End the connection; the next statement makes a new one."""
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None:
                with contextlib.suppress(Exception):
                    connection.close()

    def _connect(self) -> Any:
        """Return a new connection."""
        raise NotImplementedError

    def _statement(self, text: str) -> str:
        """Return a statement as the database's library wants it."""
        raise NotImplementedError

    def _translated(self, error: BaseException) -> PilothouseError | None:
        """Return our error for one of the database's, none for any other."""
        raise NotImplementedError

    def _take_turns(self) -> None:
        """Make other processes wait that want to make the tables."""
        raise NotImplementedError

    def _steps(self, migration: Migration) -> tuple[str, ...]:
        """Return the statements of a migration."""
        raise NotImplementedError

    def _run(self, statement: str, *parameters: object) -> Answer:
        answer: Answer = self._connection.execute(self._statement(statement), parameters)
        return answer

    def _ready(self) -> None:
        if self._connection is not None and self._clock.monotonic() - self._used > _SILENCE:
            try:
                self._run("SELECT 1")
                self._connection.rollback()
            except Exception:  # noqa: BLE001 - whatever it is: this connection is of no use
                self.close()
        if self._connection is not None:
            return
        self._connection = self._connect()
        try:
            self._migrate()
        except BaseException as error:
            self.close()
            translated = self._translated(error)
            if translated is None:
                raise
            raise DatabaseUnreachable(f"unable to instantiate SQL driver: {translated.message}") from error

    def _migrate(self) -> None:
        """Make the tables that are not there yet (``SQL.ensureDBSetup``)."""
        try:
            applied = {row[0] for row in self._run(_APPLIED).fetchall()}
        except Exception as error:
            if self._translated(error) is None:
                raise
            applied = set()
        self._connection.rollback()
        if all(migration.id in applied for migration in self._migrations):
            return
        self._take_turns()
        self._run(
            f'CREATE TABLE IF NOT EXISTS "{_MIGRATIONS}" '
            '("id" text NOT NULL PRIMARY KEY, "applied_at" timestamp with time zone)'
        )
        applied = {row[0] for row in self._run(_APPLIED).fetchall()}
        for migration in self._migrations:
            if migration.id in applied:
                continue
            for step in self._steps(migration):
                self._connection.execute(step)
            self._run(f"INSERT INTO {_MIGRATIONS} (id, applied_at) VALUES (?, CURRENT_TIMESTAMP)", migration.id)  # noqa: S608
        self._connection.commit()

    def _undo(self) -> None:
        try:
            self._connection.rollback()
        except Exception:  # noqa: BLE001 - the connection is lost; what is reported is why
            self.close()


class PostgresDatabase(Database):
    """A database of a PostgreSQL server, by a connection string as Go's ``lib/pq`` reads it."""

    def _connect(self) -> Any:
        psycopg = _psycopg()
        try:
            text = libpq_form(self._text, {item.keyword.decode() for item in psycopg.pq.Conninfo.get_defaults()})
            chosen = psycopg.conninfo.conninfo_to_dict(text)
            missing = {
                key: value
                for key, (variable, value) in POSTGRES_DEFAULTS.items()
                if key not in chosen and not self._variables.get(variable)
            }
            if "hostaddr" in chosen:
                missing.pop("host", None)
            connection = psycopg.connect(text, prepare_threshold=None, **missing)
        except psycopg.Error as error:
            message = without_password(_reason(error), self._text)
            raise DatabaseUnreachable(
                f"unable to instantiate SQL driver: {message}",
                hints=("HELM_DRIVER_SQL_CONNECTION_STRING says where the database is",),
            ) from error
        return connection

    def _statement(self, text: str) -> str:
        return text.replace("?", "%s")

    def _take_turns(self) -> None:
        self._run("SELECT pg_advisory_xact_lock(?)", _LOCK_NUMBER)

    def _steps(self, migration: Migration) -> tuple[str, ...]:
        return migration.postgres

    def _translated(self, error: BaseException) -> PilothouseError | None:
        psycopg = _psycopg()
        if not isinstance(error, psycopg.Error):
            return None
        kind = DuplicateRow if isinstance(error, psycopg.errors.UniqueViolation) else DatabaseFailed
        return kind(_reason(error))


class SqliteDatabase(Database):
    """A database in one file, by ``sqlite:///folder/file`` (of the current folder) or ``sqlite:////folder/file``."""

    def _connect(self) -> Any:
        import sqlite3

        path = self._text.removeprefix(_SQLITE_PREFIX)
        if not self._text.startswith(_SQLITE_PREFIX) or not path or "?" in path:
            raise Invalid(
                f'"{self._text}" names no SQLite file',
                hints=("sqlite:///releases.db is a file of the current folder, sqlite:////var/lib/releases.db is not",),
            )
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
            connection = sqlite3.connect(path, timeout=30, isolation_level="IMMEDIATE", check_same_thread=False)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        except (OSError, sqlite3.Error) as error:
            reason = reason_of(error) if isinstance(error, OSError) else str(error)
            raise DatabaseUnreachable(f"unable to instantiate SQL driver: open {path}: {reason}") from error
        return connection

    def _statement(self, text: str) -> str:
        return text

    def _take_turns(self) -> None:
        self._run("BEGIN IMMEDIATE")

    def _steps(self, migration: Migration) -> tuple[str, ...]:
        return migration.sqlite

    def _translated(self, error: BaseException) -> PilothouseError | None:
        import sqlite3

        if not isinstance(error, sqlite3.Error):
            return None
        if getattr(error, "sqlite_errorname", "") in {"SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE"}:
            return DuplicateRow(str(error))
        return DatabaseFailed(f"sqlite: {error}")


def open_database(
    connection: str,
    migrations: Sequence[Migration],
    *,
    variables: Mapping[str, str] | None = None,
    clock: Clock | None = None,
) -> Database:
    """Return the database that a connection string names; it is opened when it is first used.

    Args:
        connection: ``sqlite:///file``, else a connection string of PostgreSQL; empty for one on this machine.
        migrations: What makes the tables.
        variables: The process environment, for what the connection string leaves open.
        clock: Tells for how long a connection was silent.
    """
    kind = SqliteDatabase if connection.startswith("sqlite:") else PostgresDatabase
    return kind(connection, migrations, variables=variables, clock=clock)


def _psycopg() -> Any:
    try:
        import psycopg
    except ImportError as error:
        raise Unsupported(
            "the storage driver sql needs psycopg for PostgreSQL",
            hints=("pip install 'pilothouse[sql]' adds it", "sqlite:///FILE needs nothing"),
        ) from error
    return psycopg


def _reason(error: Any) -> str:
    """Return what a server says, in the words of Go's ``lib/pq`` where they are known."""
    import re

    primary = error.diag.message_primary
    if primary:
        return f"pq: {primary}"
    text = str(error).strip()
    refused = re.search(r'server at "([^"]*)"(?: \(([^)]*)\))?, port (\d+) failed: Connection refused', text)
    if refused:
        return f"dial tcp {refused[2] or refused[1]}:{refused[3]}: connect: connection refused"
    fatal = re.search(r"FATAL: +(.*)", text)
    return f"pq: {fatal[1]}" if fatal else text
