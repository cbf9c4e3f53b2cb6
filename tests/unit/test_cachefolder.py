"""Files that can be made again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pilothouse import cachefolder
from pilothouse.cachefolder import CacheFolder


def _folder(path: Path) -> CacheFolder:
    return CacheFolder(str(path), ".kept", b"KEPT")


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """Under the name it was given, and only for the user."""
    folder = _folder(tmp_path / "new" / "folder")
    assert folder.read("a") is None
    folder.write("a", b"content")
    assert bytes(folder.read("a") or b"") == b"content"
    (file,) = (tmp_path / "new" / "folder").iterdir()
    assert file.name == "a.kept"
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", [b"", b"KEPT", b"KEPT" + bytes(16) + b"content"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, damage: bytes) -> None:
    """Truncated, or of another content than its checksum says."""
    folder = _folder(tmp_path)
    folder.write("a", b"content")
    (tmp_path / "a.kept").write_bytes(damage)
    assert folder.read("a") is None


def test_what_others_can_write_is_not_used(tmp_path: Path) -> None:
    """Neither files nor folders, nor what a link leads to."""
    folder = _folder(tmp_path)
    folder.write("a", b"content")
    (tmp_path / "a.kept").chmod(0o620)
    assert folder.read("a") is None
    (tmp_path / "a.kept").chmod(0o600)
    (tmp_path / "b.kept").symlink_to("a.kept")
    assert folder.read("b") is None
    tmp_path.chmod(0o777)
    open_folder = _folder(tmp_path)
    open_folder.write("c", b"content")
    assert open_folder.read("a") is None
    assert not (tmp_path / "c.kept").exists()


def test_what_was_not_used_for_longest_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading counts as use; a third goes at once, so that not every file costs a deletion."""
    monkeypatch.setattr(cachefolder, "_MOST_FILES", 6)
    folder = _folder(tmp_path)
    for number in range(6):
        folder.write(str(number), b"x")
        os.utime(tmp_path / f"{number}.kept", (1000 + number, 1000 + number))
    assert folder.read("0") is not None
    folder.write("6", b"x")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["0.kept", "4.kept", "5.kept", "6.kept"]


def test_the_folder_does_not_grow_beyond_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few files there are."""
    monkeypatch.setattr(cachefolder, "_MOST_BYTES", 3000)
    folder = _folder(tmp_path)
    for number in range(4):
        folder.write(str(number), bytes(900))
        if number < 3:
            os.utime(tmp_path / f"{number}.kept", (1000 + number, 1000 + number))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["2.kept", "3.kept"]
