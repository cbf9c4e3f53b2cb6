"""Releases in a database: ours and real Helm share the tables of one PostgreSQL, and an SQLite file does as well."""

from __future__ import annotations

import importlib
import re
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pilothouse.errors import Unsupported
from pilothouse.storage.databases import open_database
from pilothouse.storage.errors import DatabaseUnreachable
from pilothouse.storage.sql import MIGRATIONS
from postgresql_server import dump_of_tables, fresh_database

_shared = importlib.import_module("functional.side_by_side")
_lifecycle = importlib.import_module("functional.test_release_lifecycle")
side, write_chart, OURS = _shared.side, _shared.write_chart, _shared.OURS

READS = [
    "list -o json",
    "list -l team=a",
    "list -l owner=helm -q",
    "history web -o json",
    "get all web",
    "get metadata web -o json",
]


@pytest.fixture
def database(postgresql: str) -> Iterator[str]:
    """The connection string of an empty database."""
    with fresh_database(postgresql) as url:
        yield url


def variables(connection: str) -> dict[str, str]:
    """Return what chooses a database."""
    return {"HELM_DRIVER": "sql", "HELM_DRIVER_SQL_CONNECTION_STRING": connection}


@pytest.mark.oracle
@pytest.mark.parametrize("generation", ["3", "4"])
def test_tables_are_those_of_helm(
    postgresql: str, generation: str, sandbox_kubeconfig: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Tables, columns, indexes, grants and the names of the migrations are what real Helm makes."""
    dumps = []
    for number, program in enumerate([OURS, (request.getfixturevalue(f"helm{generation}"),)]):
        with fresh_database(postgresql) as url:
            one = side(program, sandbox_kubeconfig, tmp_path / str(number), "", word="sqlt", create=False)
            one.variables.update(variables(url))
            ran = one.raw("list", "-q")
            assert (ran.exit_code, ran.stdout, ran.stderr) == (0, "", "")
            dumps.append(dump_of_tables(url))
    assert dumps[0] == dumps[1]
    assert "gorp_migrations" in dumps[0]


@pytest.mark.oracle
@pytest.mark.parametrize("generation", ["3", "4"])
def test_releases_change_hands(
    database: str,
    generation: str,
    sandbox_kubeconfig: Path,
    kubectl: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """Either reads, upgrades, rolls back and uninstalls what the other one stored."""
    ours = side(OURS, sandbox_kubeconfig, tmp_path / "a", kubectl, word="sqlr")
    ours.variables.update(variables(database), HELM_COMPAT=generation)
    program = request.getfixturevalue(f"helm{generation}")
    real = replace(ours, program=(program,), home=tmp_path / "b", variables=variables(database))
    real.home.mkdir()
    for one in (ours, real):
        write_chart(one.home, _lifecycle.SMALL)

    def done(one: Any, step: str) -> None:
        ran = one(step, chart=str(one.home / "demo"))
        assert (step, ran.exit_code, ran.stderr) == (step, 0, "")

    def same() -> None:
        for read in READS:
            first, second = (each.raw(*read.split()) for each in (ours, real))
            assert (read, first.exit_code, _shared.readable(first.stdout), first.stderr) == (
                read,
                second.exit_code,
                _shared.readable(second.stdout),
                second.stderr,
            )

    done(ours, "install web {chart} --labels team=a")
    same()
    done(real, "upgrade web {chart} --set greeting=theirs")
    done(ours, "upgrade web {chart} --set greeting=ours --labels team=b")
    same()
    done(real, "rollback web 1")
    done(ours, "rollback web 2 --history-max 3")
    assert ours.kubectl("get secrets,configmaps -l owner=helm -o name") == ""
    assert real("uninstall web").exit_code == 0
    assert ours("list -a -q" if generation == "3" else "list -q").stdout == ""


def test_sqlite(sandbox_kubeconfig: Path, kubectl: str, tmp_path: Path) -> None:
    """An SQLite file keeps releases between commands, and nobody else may read it."""
    one = side(OURS, sandbox_kubeconfig, tmp_path / "a", kubectl, word="sqli")
    one.variables.update(variables("sqlite:///releases.db"))
    chart = str(write_chart(one.home, _lifecycle.SMALL))
    for step in ("install web {chart}", "upgrade web {chart} --set greeting=b", "rollback web 1"):
        assert one(step, chart=chart).exit_code == 0
    assert '"greeting":"hello"' in one.kubectl("get configmap web-config -o json").replace(" ", "")
    assert [line.split()[0] for line in one.raw("history", "web").stdout.splitlines()[1:]] == ["1", "2", "3"]
    assert stat.S_IMODE((one.home / "releases.db").stat().st_mode) == 0o600
    assert one("uninstall web").exit_code == 0
    assert one.raw("list", "-q").stdout == ""


@pytest.mark.parametrize(
    ("connection", "message"),
    [
        ("", r"dial tcp (127\.0\.0\.1|::1):\d+: connect: connection refused"),
        ("foo", r'missing "=" after "foo" in connection info string"'),
        ("host=127.0.0.1 port=1 password=sesame", r"dial tcp 127\.0\.0\.1:1: connect: connection refused"),
        ("sqlite:///nowhere/releases.db", r"open nowhere/releases\.db: no such file or directory"),
        ("sqlite:///", r"names no SQLite file"),
    ],
)
def test_what_cannot_be_opened(
    connection: str, message: str, sandbox_kubeconfig: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is wrong with a connection string is said in one line, without its password."""
    monkeypatch.setenv("PGPORT", "1")
    one = side(OURS, sandbox_kubeconfig, tmp_path / "a", "", word="sqlb", create=False)
    one.variables.update(variables(connection), PGPORT="1")
    ran = one.raw("list")
    assert ran.exit_code == 1
    assert re.search(message, ran.stderr.splitlines()[0])
    assert "Traceback" not in ran.stderr
    assert "sesame" not in ran.stderr


def test_session_settings(database: str) -> None:
    """What libpq does not know is a setting of the session, as with Helm's library."""
    shared = open_database(f"{database}&search_path=pg_temp", MIGRATIONS)
    with shared.transaction() as run:
        assert run("SHOW search_path").fetchall() == [("pg_temp",)]
    shared.close()


def test_wrong_password(database: str) -> None:
    """A server that refuses a login is told of in its words."""
    wrong = re.sub(r"//postgres:[^@]*@", "//postgres:sesame@", database)
    with pytest.raises(DatabaseUnreachable, match='pq: password authentication failed for user "postgres"'):
        _open(wrong)


def test_encryption_is_the_default(database: str) -> None:
    """Nothing is sent in the clear unless the connection string says so."""
    with pytest.raises(DatabaseUnreachable, match="SSL"):
        _open(database.partition("?")[0])


def test_connection_is_made_again(database: str) -> None:
    """A connection that the server ended while nobody used it is replaced."""
    now = [0.0]

    class Hands:
        def monotonic(self) -> float:
            return now[0]

    store = open_database(database, MIGRATIONS, clock=Hands())  # type: ignore[arg-type]
    other = open_database(database, MIGRATIONS)
    with store.transaction() as run:
        run("SELECT 1")
    with other.transaction() as run:
        run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
    now[0] = 60.0
    with store.transaction() as run:
        assert run("SELECT 1").fetchall() == [(1,)]
    store.close()
    other.close()


def test_tables_are_made_once(database: str) -> None:
    """Processes that begin at the same time do not get in each other's way."""
    program = (
        "import sys; from pilothouse.storage.databases import open_database; "
        "from pilothouse.storage.sql import MIGRATIONS; base = open_database(sys.argv[1], MIGRATIONS)\n"
        "with base.transaction() as run: print(len(run('SELECT id FROM gorp_migrations').fetchall()))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", program, database], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    outcomes = [process.communicate(timeout=180) for process in started]
    assert outcomes == [(b"2\n", b"")] * 4


def test_missing_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without psycopg the error names the extra that brings it."""
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(Unsupported) as caught:
        _open("host=localhost")
    assert "pip install 'pilothouse[sql]' adds it" in caught.value.hints


def _open(connection: str) -> None:
    opened: Callable[..., Any] = open_database(connection, MIGRATIONS).transaction
    with opened():
        pass
