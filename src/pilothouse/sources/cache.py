"""Files that are whole or not there, and Helm 4's cache of charts by content (``downloader.DiskCache``)."""

from __future__ import annotations

import itertools
import os

from pilothouse.charts.folder import os_error

CHART = ".chart"
PROVENANCE = ".prov"
_numbers = itertools.count(1)


def write_file(path: str, data: bytes, mode: int = 0o644) -> tuple[int, int, int]:
    """Write a file so that readers see it in full or not at all (``AtomicWriteFile``).

    Returns:
        Number, size and time of the file, by which it can be told from later ones.

    Raises:
        ChartInvalid: It cannot be written; the text is Go's.
    """
    unfinished = f"{path}.{os.getpid()}-{next(_numbers)}.part"
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except OSError as error:
        raise os_error(error, "open", path) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            written = os.fstat(file.fileno())
        os.replace(unfinished, path)
    except OSError as error:
        os.unlink(unfinished)
        raise os_error(error, "write", path) from error
    except BaseException:
        os.unlink(unfinished)
        raise
    return written.st_ino, written.st_size, written.st_mtime_ns


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
        os.makedirs(os.path.dirname(path), 0o755, exist_ok=True)
        write_file(path, data)
        return path

    def _path(self, digest: str, kind: str) -> str:
        return os.path.join(self._root, digest[:2], digest + kind)


def digest_of(data: bytes) -> str:
    """Return the SHA-256 of content in hexadecimal digits."""
    from hashlib import sha256

    return sha256(data).hexdigest()
