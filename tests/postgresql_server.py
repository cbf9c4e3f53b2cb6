"""A PostgreSQL server on loopback for the tests: real, empty, and gone at the end."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PASSWORD = "for tests only"
_numbers = itertools.count(1)


@contextlib.contextmanager
def fresh_database(administrator: str) -> Iterator[str]:
    """Make an empty database on a server, give its URL and drop it again."""
    import psycopg

    name = f"fresh_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(administrator, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield administrator.replace("/postgres?", f"/{name}?")
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def dump_of_tables(url: str) -> str:
    """Return what pg_dump says of a database's tables, and which migrations it knows."""
    import psycopg

    program = str(_programs() / "pg_dump")
    dumped = subprocess.run([program, "--schema-only", url], capture_output=True, text=True, timeout=180, check=True)
    text = "".join(line for line in dumped.stdout.splitlines(keepends=True) if not line.startswith("\\"))
    with psycopg.connect(url) as connection:
        return text + repr(connection.execute("SELECT id FROM gorp_migrations ORDER BY id").fetchall())


def _programs() -> Path:
    """Return the folder of the server's programs; skip the test without it."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    pytest.skip("PostgreSQL is not installed")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _run(user: str | None, *command: str) -> None:
    done = subprocess.run(
        command, user=user, group=user, cwd="/", capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode:
        pytest.fail(f"{Path(command[0]).name}: {done.stdout}{done.stderr}")


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Run a server and give the URL of its administrator; it refuses to be root, so it is ``postgres`` there."""
    programs = _programs()
    user = None
    if os.getuid() == 0:
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam("postgres").pw_name
        if user is None:
            pytest.skip("there is no user postgres")
    folder = Path(tempfile.mkdtemp(prefix="pilothouse-postgresql-"))
    try:
        secret = folder / "password"
        secret.write_text(PASSWORD)
        if user:
            for path in (folder, secret):
                shutil.chown(path, user)
        data = str(folder / "data")
        _run(
            user,
            *(str(programs / "initdb"), "--pgdata", data, "--username", "postgres", "--auth", "scram-sha-256"),
            *("--pwfile", str(secret), "--encoding", "UTF8", "--no-locale", "--no-sync"),
        )
        port = _free_port()
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
        control = (str(programs / "pg_ctl"), "--pgdata", data, "--wait", "--log", str(folder / "log"))
        _run(user, *control, "--options", options, "start")
        try:
            yield f"postgres://postgres:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{port}/postgres?sslmode=disable"
        finally:
            _run(user, *control, "--mode", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
