"""How refusals of the operating system are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.errors import read_fault


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("missing", "open missing: no such file or directory"),
        ("folder", "read folder: is a directory"),
        ("file/below", "open file/below: not a directory"),
    ],
)
def test_files_that_cannot_be_read(name: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The verb is that of the system call that fails for Go, which can open a folder."""
    monkeypatch.chdir(tmp_path)
    Path("folder").mkdir()
    Path("file").touch()
    with pytest.raises(OSError, match=r".") as caught:
        Path(name).read_bytes()
    assert read_fault(caught.value, name) == told
