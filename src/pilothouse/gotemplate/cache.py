"""Compiled template sets on disk, so that a new process compiles nothing.

One file holds the code of one whole set of texts, and of what its templates parsed while they ran; its name is
a hash of the set's texts, the options, the format and the Python version. Code is loaded from these files, so they are
used only where nobody but the user can write: the folder and each file are checked when they are opened. Files are
written under another name and moved into place; all of them may be deleted at any time.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys

from pilothouse.gotemplate.unit import FORMAT, Options, Source, Unit
from pilothouse.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

_MAGIC = b"PHTC"
_DIGEST = 16
#: Larger files are not read: no chart compiles to that much.
_MAX_SIZE = 64 << 20


class CompileCache:
    """A folder of compiled template sets; a missing one is made, an unsafe one is not used.

    Args:
        folder: The folder; nothing is touched before the first use.
    """

    __slots__ = ("_folder", "_usable")

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._usable: bool | None = None

    def key(self, files: Sequence[tuple[str, str]], options: Options) -> str:
        """The name under which the set of ``files`` is kept."""
        digest = _blake2b()(digest_size=_DIGEST)
        digest.update(repr((FORMAT, __version__, sys.implementation.cache_tag, sys.hexversion, options.key)).encode())
        for name, text in files:
            for part in (name, text):
                content = part.encode("utf-8", "surrogateescape")
                digest.update(b"%d:" % len(content))
                digest.update(content)
        return digest.hexdigest()

    def load(
        self, key: str, files: Sequence[tuple[str, str]], options: Options
    ) -> tuple[list[Source], list[Source]] | None:
        """The texts of the set kept under ``key`` and those parsed while it ran, or None."""
        content = self._read(key) if self.usable() else None
        if content is None or content[:4] != _MAGIC:
            return None
        payload = memoryview(content)[4 + _DIGEST :]
        if _blake2b()(payload, digest_size=_DIGEST).digest() != content[4 : 4 + _DIGEST]:
            return None
        try:
            kept, more = marshal.loads(payload)  # noqa: S302 - written by us, and checked above
            return (
                [_source(name, text, options, *facts) for (name, text), facts in zip(files, kept, strict=True)],
                [_source(name, text, options, *facts) for name, text, *facts in more],
            )
        except (ValueError, TypeError, EOFError):
            return None

    def store(self, key: str, sources: Sequence[Source], parsed_later: Sequence[Source] = ()) -> None:
        """Keep the texts of a set and what of them is compiled; a folder that cannot be written is left alone.

        Args:
            key: From :meth:`key`.
            sources: The texts of the set.
            parsed_later: Texts that templates of the set parsed while they ran.
        """
        if not self.usable():
            return
        payload = marshal.dumps(
            (
                [_facts(source) for source in sources],
                [(source.name, source.text, *_facts(source)) for source in parsed_later],
            )
        )
        content = _MAGIC + _blake2b()(payload, digest_size=_DIGEST).digest() + payload
        path = self._path(key)
        temporary = f"{path}.{os.getpid()}"
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            os.replace(temporary, path)
        except OSError:
            _remove(temporary)

    def usable(self) -> bool:
        """Whether the folder is there, or could be made, and only the user can write to it."""
        if self._usable is None:
            self._usable = self._check()
        return self._usable

    def _check(self) -> bool:
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            found = os.stat(self._folder)
        except OSError:
            return False
        return stat.S_ISDIR(found.st_mode) and _private(found)

    def _path(self, key: str) -> str:
        return os.path.join(self._folder, key + ".templates")

    def _read(self, key: str) -> bytes | None:
        try:
            descriptor = os.open(self._path(key), os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        except OSError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or not _private(found) or found.st_size > _MAX_SIZE:
                return None
            return file.read()


def _facts(source: Source) -> tuple[list[str], Sequence[tuple[object, ...]]]:
    """What a file holds of a text."""
    units = [(unit.name, unit.blank, unit.dumped(), unit.functions) for unit in source.units]
    return list(source.called), units


def _source(name: str, text: str, options: Options, called: Iterable[str], units: Iterable[tuple[Any, ...]]) -> Source:
    source = Source(name, text, options, called)
    source.units = [Unit(source, number, *facts) for number, facts in enumerate(units)]
    return source


def _private(found: os.stat_result) -> bool:
    """Whether nobody but this user can write."""
    user = getattr(os, "geteuid", None)
    return user is None or (found.st_uid == user() and not found.st_mode & 0o022)


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return


def _blake2b() -> Callable[..., Hash]:
    """BLAKE2b without ``hashlib``, whose import of OpenSSL costs more than all the rest."""
    try:
        from _blake2 import blake2b
    except ImportError:
        from hashlib import blake2b
    made: Callable[..., Hash] = blake2b
    return made


if TYPE_CHECKING:
    from typing import Protocol

    class Hash(Protocol):
        """What is used of a hash object."""

        def update(self, data: bytes, /) -> None:
            """Add data."""

        def digest(self) -> bytes:
            """The hash."""

        def hexdigest(self) -> str:
            """The hash in hexadecimal."""
