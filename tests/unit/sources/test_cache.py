"""Charts are kept by their content."""

from __future__ import annotations

from pathlib import Path

from pilothouse.sources.cache import PROVENANCE, ContentCache, digest_of


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
