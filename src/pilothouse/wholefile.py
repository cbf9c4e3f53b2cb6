"""Files that are there in full or not at all, whatever happens while they are written."""

from __future__ import annotations

import itertools
import os

_numbers = itertools.count(1)


def write_whole(path: str, data: bytes, *, mode: int | None = None, lasting: bool = False) -> os.stat_result:
    """Put a file in the place of the one at ``path``, in one step, and return its status.

    Args:
        path: Where it is to be.
        data: Its content.
        mode: Who may read it; ``None`` for what the process gives every new file.
        lasting: Whether it has to outlive a failure of the machine as well.

    Raises:
        OSError: It cannot be written; what was there is still there.
    """
    unfinished = f"{path}.{os.getpid()}-{next(_numbers)}.part"
    descriptor = os.open(
        unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666 if mode is None else mode
    )
    try:
        with os.fdopen(descriptor, "wb") as file:
            if mode is not None:
                os.fchmod(descriptor, mode)
            file.write(data)
            file.flush()
            if lasting:
                os.fsync(descriptor)
            status = os.fstat(descriptor)
        os.replace(unfinished, path)
    except BaseException:
        os.unlink(unfinished)
        raise
    return status
