"""Files and folders, with failures as Go tells them."""

from __future__ import annotations

import os

from pilothouse.charts.errors import ChartInvalid, ChartMissing
from pilothouse.errors import reason_of

_FOLDER_MODE = 0o755


def read_file(path: str, *, what: str = "") -> bytes:
    """Return the content of a file; a failure is told as Go's ``os.ReadFile`` tells it, ``what`` in front."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise os_error(error, "read" if isinstance(error, IsADirectoryError) else "open", path, what=what) from error


def os_error(error: OSError, verb: str, path: str, *, what: str = "") -> ChartInvalid | ChartMissing:
    """Return a failed system call as Go prints it: ``open x: no such file or directory``."""
    text = f"{what}{verb} {path}: {reason_of(error)}"
    return ChartMissing(text) if isinstance(error, FileNotFoundError) else ChartInvalid(text)


def make_folder(folder: str) -> None:
    """Make a folder and those above it, as Go's ``os.MkdirAll`` does."""
    try:
        os.makedirs(folder, _FOLDER_MODE, exist_ok=True)
    except OSError as error:
        failed = error.filename if isinstance(error.filename, str) else folder
        raise os_error(error, "mkdir", failed) from error


def write_file(path: str, data: bytes, mode: int | None = None) -> os.stat_result:
    """Write a file so that it is there in full or not at all, and return its status.

    Args:
        path: Where it is to be.
        data: Its content.
        mode: Who may read it (``AtomicWriteFile``); ``None`` for what the process gives every new file.

    Raises:
        ChartInvalid: It cannot be written.
        ChartMissing: Its folder is not there.
    """
    from pilothouse.wholefile import write_whole

    try:
        return write_whole(path, data, mode=mode)
    except OSError as error:
        raise os_error(error, "open" if error.filename else "write", path) from error
