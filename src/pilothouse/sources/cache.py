"""Helm 4's cache of charts by content (``downloader.DiskCache``)."""

from __future__ import annotations

import os

from pilothouse.charts.files import make_folder, write_file

CHART = ".chart"
PROVENANCE = ".prov"


class ContentCache:
    """Charts and provenance files by the SHA-256 of the chart.

    Args:
        root: Folder of the cache (``HELM_CONTENT_CACHE``).
    """

    def __init__(self, root: str) -> None:
        self._root = root

    def find(self, digest: str, kind: str = CHART) -> str:
        """Return the path of what is kept under a digest, empty when there is nothing."""
        path = self._path(digest, kind)
        try:
            found = os.stat(path)
        except OSError:
            return ""
        return path if os.path.isfile(path) and found.st_size else ""

    def put(self, digest: str, data: bytes, kind: str = CHART) -> str:
        """Keep ``data`` under a digest and return its path."""
        path = self._path(digest, kind)
        make_folder(os.path.dirname(path))
        write_file(path, data, 0o644)
        return path

    def _path(self, digest: str, kind: str) -> str:
        return os.path.join(self._root, digest[:2], digest + kind)


def digest_of(data: bytes) -> str:
    """Return the SHA-256 of content in hexadecimal digits."""
    from hashlib import sha256

    return sha256(data).hexdigest()
