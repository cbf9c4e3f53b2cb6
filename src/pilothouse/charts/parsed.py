"""What was read out of YAML before, by content, so that a second look at the same chart reads hardly any YAML.

One file per chart holds the decoded Chart.yaml and values.yaml files and the heads of rendered documents, each under
the hash of its text.
"""

from __future__ import annotations

import marshal
import sys

from pilothouse.cachefolder import CacheFolder, blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from pilothouse.golang.kinds import YamlValue
else:
    Protocol = object

_DIGEST = 16
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

    __slots__ = ("_entries", "_files", "_hash", "_name", "_used")

    def __init__(self, folder: str, scope: str) -> None:
        self._files = CacheFolder(folder, ".parsed", b"PHPC\x01")
        self._hash = blake2b()
        name = self._hash(f"{sys.hexversion} {scope}".encode("utf-8", "surrogateescape"), digest_size=_DIGEST)
        self._name: str = name.hexdigest()
        self._entries: dict[bytes, YamlValue] = self._read()
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
        """Write what is new."""
        if not self._files.usable() or self._used.keys() <= self._entries.keys():
            return
        kept = {**self._entries, **self._used}
        try:
            payload = marshal.dumps(kept if len(kept) <= _MAXIMUM_ENTRIES else self._used)
        except ValueError:
            return
        self._files.write(self._name, payload)

    def _read(self) -> dict[bytes, YamlValue]:
        payload = self._files.read(self._name)
        if payload is None:
            return {}
        try:
            entries = marshal.loads(payload)  # noqa: S302 - only the user can have written it, and it is complete
        except (ValueError, TypeError, EOFError):
            return {}
        return entries if isinstance(entries, dict) else {}
