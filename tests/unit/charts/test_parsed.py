"""What was read once is found again, and a file that others could have written is not believed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.charts.parsed import ParsedCache


def _never() -> str:
    raise AssertionError


def test_values_survive_the_process(tmp_path: Path) -> None:
    """A second cache of the same chart knows what the first one read."""
    first = ParsedCache(str(tmp_path), "chart")
    assert first.read(b"k", b"text", lambda: {"a": 1.5}) == {"a": 1.5}
    first.save()
    assert ParsedCache(str(tmp_path), "chart").read(b"k", b"text", _never) == {"a": 1.5}
    with pytest.raises(AssertionError):
        ParsedCache(str(tmp_path), "other").read(b"k", b"text", _never)
    with pytest.raises(AssertionError):
        ParsedCache(str(tmp_path), "chart").read(b"other", b"text", _never)


@pytest.mark.parametrize("change", [b"", b"x", b"PHPC\x01" + b"0" * 40])
def test_a_damaged_file_is_left_aside(tmp_path: Path, change: bytes) -> None:
    """Only a file that is whole is read."""
    cache = ParsedCache(str(tmp_path), "chart")
    cache.read(b"k", b"text", lambda: 1)
    cache.save()
    next(tmp_path.iterdir()).write_bytes(change)
    assert ParsedCache(str(tmp_path), "chart").read(b"k", b"text", lambda: 2) == 2


def test_a_folder_that_others_write_to_is_not_used(tmp_path: Path) -> None:
    """Nothing is read from, or written to, a shared folder."""
    cache = ParsedCache(str(tmp_path), "chart")
    cache.read(b"k", b"text", lambda: 1)
    cache.save()
    tmp_path.chmod(0o777)
    shared = ParsedCache(str(tmp_path), "chart")
    assert shared.read(b"k", b"text", lambda: 2) == 2
    shared.save()
    tmp_path.chmod(0o700)
    assert ParsedCache(str(tmp_path), "chart").read(b"k", b"text", _never) == 1
