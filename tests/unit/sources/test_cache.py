"""Files are whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.errors import PilothouseError
from pilothouse.sources.cache import PROVENANCE, ContentCache, digest_of, write_file


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
    assert state == (status.st_ino, status.st_size, status.st_mtime_ns)
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_what_cannot_be_written_is_told_as_go_tells_it(tmp_path: Path) -> None:
    """A missing folder is named by the file that should be in it."""
    with pytest.raises(PilothouseError, match=r"open .*/nowhere/file: no such file or directory"):
        write_file(str(tmp_path / "nowhere" / "file"), b"")


def test_content_is_found_by_its_digest(tmp_path: Path) -> None:
    """Helm 4's layout: a folder by the first two digits, charts and provenance apart, empty files not counted."""
    cache = ContentCache(str(tmp_path))
    digest = digest_of(b"chart")
    assert cache.find(digest) == ""
    path = cache.put(digest, b"chart")
    assert path == str(tmp_path / digest[:2] / f"{digest}.chart")
    assert cache.find(digest) == path
    assert cache.find(digest, PROVENANCE) == ""
    Path(path).write_bytes(b"")
    assert cache.find(digest) == ""
