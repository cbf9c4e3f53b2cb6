"""What was read out of YAML before, by content, so that a second look at the same chart reads hardly any YAML.

One file per chart holds the decoded Chart.yaml and values.yaml files and the heads of rendered documents, each under
the hash of its text. Only a folder that nobody but the user can write to is used; files are moved into place complete
and may be deleted at any time.
"""

from __future__ import annotations

import marshal
import os
import stat
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from pilothouse.golang.kinds import YamlValue
else:
    Protocol = object

_MAGIC = b"PHPC\x01"
_DIGEST = 16
_MAXIMUM_SIZE = 64 << 20
#: More entries than any one chart makes; beyond that, those not used this time are dropped.
_MAXIMUM_ENTRIES = 4000


class Parsed(Protocol):
    """Remembers what was read out of texts."""

    def read(self, kind: bytes, text: bytes, parse: Callable[[], YamlValue]) -> YamlValue:
        """Return what ``parse`` made of ``text`` before, or makes of it now."""


class ParsedMemory:
    """What was read in this process; the oldest half is forgotten when texts of ``limit`` bytes are held."""

    __slots__ = ("_entries", "_held", "_limit")

    def __init__(self, limit: int = 32_000_000) -> None:
        self._entries: dict[tuple[bytes, bytes], YamlValue] = {}
        self._limit = limit
        self._held = 0

    def read(self, kind: bytes, text: bytes, parse: Callable[[], YamlValue]) -> YamlValue:
        """Return what ``parse`` made of ``text`` before, or makes of it now; nobody may change it afterwards."""
        key = kind, text
        if key in self._entries:
            return self._entries[key]
        value = parse()
        self._held += len(text) + 500
        if self._held > self._limit:
            for old in list(self._entries)[: len(self._entries) // 2]:
                self._entries.pop(old, None)
            self._held = sum([len(kept) + 500 for _, kept in list(self._entries)])
        self._entries[key] = value
        return value


MEMORY = ParsedMemory()


class ParsedCache:
    """The values that were read for one chart.

    Args:
        folder: Where caches are kept; made when missing, left alone when others can write to it.
        scope: What the chart is called, usually its path.
    """

    __slots__ = ("_entries", "_folder", "_hash", "_path", "_usable", "_used")

    def __init__(self, folder: str, scope: str) -> None:
        self._folder = folder
        self._hash = _blake2b()
        name = self._hash(f"{sys.hexversion} {scope}".encode("utf-8", "surrogateescape"), digest_size=_DIGEST)
        self._path = os.path.join(folder, f"{name.hexdigest()}.parsed")
        self._usable = _is_safe(folder)
        self._entries: dict[bytes, YamlValue] = self._read() if self._usable else {}
        self._used: dict[bytes, YamlValue] = {}

    def read(self, kind: bytes, text: bytes, parse: Callable[[], YamlValue]) -> YamlValue:
        """Return what ``parse`` made of ``text`` before, or makes of it now.

        Args:
            kind: What is read out of the text, since the same text can be read in several ways.
            text: The text.
            parse: Reads it; returns what :mod:`marshal` can write. Nobody may change it afterwards.
        """
        key = self._hash(text, digest_size=_DIGEST, key=kind).digest()
        if key in self._entries:
            found = self._used[key] = self._entries[key]
            return found
        if key not in self._used:
            self._used[key] = parse()
        return self._used[key]

    def save(self) -> None:
        """Write what is new; a folder that cannot be written is left alone."""
        if not self._usable or self._used.keys() <= self._entries.keys():
            return
        kept = {**self._entries, **self._used}
        try:
            payload = marshal.dumps(kept if len(kept) <= _MAXIMUM_ENTRIES else self._used)
        except ValueError:
            return
        content = _MAGIC + self._hash(payload, digest_size=_DIGEST).digest() + payload
        unfinished = f"{self._path}.{os.getpid()}"
        try:
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            os.replace(unfinished, self._path)
        except OSError:
            if os.path.exists(unfinished):
                os.unlink(unfinished)

    def _read(self) -> dict[bytes, YamlValue]:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        except OSError:
            return {}
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or not _is_private(status) or status.st_size > _MAXIMUM_SIZE:
                return {}
            content = file.read()
        start = len(_MAGIC) + _DIGEST
        payload = memoryview(content)[start:]
        if content[:start] != _MAGIC + self._hash(payload, digest_size=_DIGEST).digest():
            return {}
        try:
            entries = marshal.loads(payload)  # noqa: S302 - only the user can have written it, and it is complete
        except (ValueError, TypeError, EOFError):
            return {}
        return entries if isinstance(entries, dict) else {}


def _is_safe(folder: str) -> bool:
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        status = os.stat(folder)
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and _is_private(status)


def _is_private(status: os.stat_result) -> bool:
    user = getattr(os, "geteuid", None)
    return user is None or (status.st_uid == user() and not status.st_mode & 0o022)


def _blake2b() -> Callable[..., Any]:
    """Return BLAKE2b without importing :mod:`hashlib`, which loads OpenSSL."""
    try:
        from _blake2 import blake2b
    except ImportError:
        from hashlib import blake2b
    made: Callable[..., Any] = blake2b
    return made
