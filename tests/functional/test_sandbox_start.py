"""What is said when the embedded cluster cannot start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"


def _run(home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    variables = {"HOME": str(home), "PATH": os.defpath, "PYTHONPATH": str(SOURCE)}
    variables["PILOTHOUSE_SANDBOX_HOME"] = str(home / "sandbox")
    return subprocess.run(
        [sys.executable, *command], env=variables, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize("words", [("sandbox", "start"), ("list", "--sandbox")])
def test_a_folder_that_cannot_be_used(words: tuple[str, ...], tmp_path: Path) -> None:
    """The command names the folder and how to choose another."""
    (tmp_path / "sandbox").touch()
    done = _run(tmp_path, "-m", "pilothouse", *words)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Error: the sandbox cannot use {tmp_path}/sandbox: file exists\n"
        "hint: PILOTHOUSE_SANDBOX_HOME says in which folder its files are\n"
    )


def test_a_damaged_database(tmp_path: Path) -> None:
    """The last line of the server's log is shown, where the rest is, and the way out; that way works."""
    pytest.importorskip("uvicorn")
    (tmp_path / "sandbox").mkdir()
    (tmp_path / "sandbox" / "state.db").write_text("no database")
    done = _run(tmp_path, "-m", "pilothouse", "list", "--sandbox")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: the sandbox does not start: sqlite3.DatabaseError: file is not a database\n"
        f"hint: its log is {tmp_path}/sandbox/server.log\n"
        "hint: helm sandbox reset begins anew\n"
    )
    assert _run(tmp_path, "-m", "pilothouse", "sandbox", "reset").returncode == 0
    assert not (tmp_path / "sandbox").exists()


def test_without_its_packages(tmp_path: Path) -> None:
    """An installation without the extra is told which one is missing."""
    done = _run(tmp_path, "-S", "-m", "pilothouse.sandbox", "start")  # -S: no installed packages
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: the sandbox needs packages that are not installed: httptools, orjson, uvicorn, websockets\n"
        "hint: pip install 'pilothouse[server]' adds them\n"
    )


def test_the_status_of_a_stopped_one(tmp_path: Path) -> None:
    """The exit code says it to scripts, and nothing calls it an error."""
    done = _run(tmp_path, "-m", "pilothouse", "sandbox", "status")
    assert (done.returncode, done.stdout, done.stderr) == (3, "stopped\n", "")
