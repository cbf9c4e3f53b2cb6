"""Files are whole or not there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pilothouse.charts.files import write_file
from pilothouse.errors import PilothouseError

SOURCE = Path(__file__).resolve().parents[3] / "src"


def test_a_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    """The new content has the mode that was asked for, and nothing else is left."""
    path = tmp_path / "file"
    path.write_text("old")
    with path.open() as before:
        state = write_file(str(path), b"new", 0o600)
        assert before.read() == "old"
    status = path.stat()
    assert path.read_text() == "new"
    assert status.st_mode & 0o777 == 0o600
    assert (state.st_ino, state.st_size, state.st_mtime_ns) == (status.st_ino, status.st_size, status.st_mtime_ns)
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_what_cannot_be_written_is_told_as_go_tells_it(tmp_path: Path) -> None:
    """A missing folder is named by the file that should be in it."""
    with pytest.raises(PilothouseError, match=r"open .*/nowhere/file: no such file or directory"):
        write_file(str(tmp_path / "nowhere" / "file"), b"")


def test_a_full_disk_is_told_as_go_tells_it(tmp_path: Path) -> None:
    """What was there stays, and nothing else is left."""
    script = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "from pilothouse.charts.files import write_file\n"
        "write_file('file', bytes(100))\n"
    )
    (tmp_path / "file").write_text("old")
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr.splitlines()[-1].endswith("ChartInvalid: write file: file too large")
    assert [(entry.name, entry.read_text()) for entry in tmp_path.iterdir()] == [("file", "old")]
