"""A folder of files that are made from other things and can be made again: compiled templates, decoded YAML.

Code is loaded from such files, so the folder and each file are used only where nobody but the user can write. Files
carry a checksum, are written under another name and moved into place, and may be deleted at any time; those that were
not used for longest are deleted when there are too many.
"""

from __future__ import annotations

import os
import stat

from pilothouse.clock import Clock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_DIGEST = 16
_MOST_FILES, _MOST_BYTES = 600, 512 << 20
_DAY = 86_400.0


class CacheFolder:
    """Files of one kind in a folder; a missing folder is made, an unsafe one is not used.

    Args:
        path: The folder; nothing is touched before the first use.
        suffix: How the names of the files end.
        magic: What they begin with; it changes with their form.
        largest: The size in bytes from which a file is not read.
        clock: Tells the time for how long files are kept.
    """

    __slots__ = ("_clock", "_largest", "_magic", "_path", "_suffix", "_usable")

    def __init__(
        self, path: str, suffix: str, magic: bytes, *, largest: int = 64 << 20, clock: Clock | None = None
    ) -> None:
        self._path = path
        self._suffix = suffix
        self._magic = magic
        self._largest = largest
        self._clock = clock or Clock()
        self._usable: bool | None = None

    def usable(self) -> bool:
        """Whether the folder is there, or could be made, and only the user can write to it."""
        if self._usable is None:
            self._usable = self._check()
        return self._usable

    def read(self, name: str) -> memoryview | None:
        """The content kept under ``name``; None when there is none, or none that can be trusted."""
        if not self.usable():
            return None
        content = read_private(os.path.join(self._path, name + self._suffix), largest=self._largest, clock=self._clock)
        start = len(self._magic) + _DIGEST
        payload = memoryview(content)[start:]
        return payload if content[:start] == self._magic + digest(payload) else None

    def write(self, name: str, payload: bytes) -> None:
        """Keep ``payload`` under ``name``; a folder that cannot be written is left alone."""
        if not self.usable():
            return
        from pilothouse.wholefile import write_whole

        path = os.path.join(self._path, name + self._suffix)
        try:  # noqa: SIM105 - contextlib costs start-up
            write_whole(path, self._magic + digest(payload) + payload, mode=0o600)
        except OSError:
            pass
        self._forget()

    def _check(self) -> bool:
        try:
            os.makedirs(self._path, mode=0o700, exist_ok=True)
            found = os.stat(self._path)
        except OSError:
            return False
        return stat.S_ISDIR(found.st_mode) and _private(found)

    def _forget(self) -> None:
        """Delete the files that were not used for longest when there are too many of them, down to two thirds."""
        try:
            with os.scandir(self._path) as entries:
                found = [(entry.stat(), entry.path) for entry in entries if entry.is_file(follow_symlinks=False)]
        except OSError:
            return
        count, size = len(found), sum(facts.st_size for facts, _ in found)
        if count <= _MOST_FILES and size <= _MOST_BYTES:
            return
        for facts, path in sorted(found, key=lambda each: each[0].st_mtime):
            if count <= _MOST_FILES * 2 // 3 and size <= _MOST_BYTES * 2 // 3:
                break
            _remove(path)
            count, size = count - 1, size - facts.st_size


def read_private(path: str, *, largest: int | None = None, clock: Clock | None = None) -> bytes:
    """The content of a file that only the user can have written, nothing of any other; its time says that it is used.

    Args:
        path: The file; a link is not followed.
        largest: The size in bytes beyond which it is not read.
        clock: Tells whether it was used today.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or not _private(found) or (largest and found.st_size > largest):
            return b""
        if found.st_mtime < (clock or Clock()).now() - _DAY:
            _touch(path)
        return file.read()


def digest(data: bytes | memoryview) -> bytes:
    """A hash of 16 bytes by which two contents are told apart."""
    made: bytes = blake2b()(data, digest_size=_DIGEST).digest()
    return made


def blake2b() -> Callable[..., Any]:
    """BLAKE2b without ``hashlib``, whose import of OpenSSL costs more than all the rest."""
    try:
        from _blake2 import blake2b as made
    except ImportError:
        from hashlib import blake2b as made
    found: Callable[..., Any] = made
    return found


def _private(found: os.stat_result) -> bool:
    """Whether nobody but this user can write."""
    user = getattr(os, "geteuid", None)
    return user is None or (found.st_uid == user() and not found.st_mode & 0o022)


def _touch(path: str) -> None:
    try:
        os.utime(path)
    except OSError:
        return


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
