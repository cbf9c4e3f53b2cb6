"""Compiled template sets on disk, so that a new process compiles nothing.

One file holds the code of one whole set of texts, and of what its templates parsed while they ran; its name is a hash
of the set's texts, the options, the format and the Python version.
"""

from __future__ import annotations

import marshal
import sys

from pilothouse.cachefolder import CacheFolder, blake2b
from pilothouse.gotemplate.unit import FORMAT, Options, Source, Unit
from pilothouse.version import __version__

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

_DIGEST = 16


class CompileCache:
    """A folder of compiled template sets.

    Args:
        folder: The folder; nothing is touched before the first use.
    """

    __slots__ = ("_files",)

    def __init__(self, folder: str) -> None:
        self._files = CacheFolder(folder, ".templates", b"PHTC")

    def key(self, files: Sequence[tuple[str, str]], options: Options) -> str:
        """The name under which the set of ``files`` is kept."""
        digest = blake2b()(digest_size=_DIGEST)
        digest.update(repr((FORMAT, __version__, sys.implementation.cache_tag, sys.hexversion, options.key)).encode())
        for name, text in files:
            for part in (name, text):
                content = part.encode("utf-8", "surrogateescape")
                digest.update(b"%d:" % len(content))
                digest.update(content)
        made: str = digest.hexdigest()
        return made

    def load(
        self, key: str, files: Sequence[tuple[str, str]], options: Options
    ) -> tuple[list[Source], list[Source]] | None:
        """The texts of the set kept under ``key`` and those parsed while it ran, or None."""
        payload = self._files.read(key)
        if payload is None:
            return None
        try:
            kept, more = marshal.loads(payload)  # noqa: S302 - only the user can have written it, and it is complete
            return (
                [_source(name, text, options, *facts) for (name, text), facts in zip(files, kept, strict=True)],
                [_source(name, text, options, *facts) for name, text, *facts in more],
            )
        except (ValueError, TypeError, EOFError):
            return None

    def store(self, key: str, sources: Sequence[Source], parsed_later: Sequence[Source] = ()) -> None:
        """Keep the texts of a set and what of them is compiled.

        Args:
            key: From :meth:`key`.
            sources: The texts of the set.
            parsed_later: Texts that templates of the set parsed while they ran.
        """
        if not self._files.usable():
            return
        payload = marshal.dumps(
            (
                [_facts(source) for source in sources],
                [(source.name, source.text, *_facts(source)) for source in parsed_later],
            )
        )
        self._files.write(key, payload)


def _facts(source: Source) -> tuple[list[str], Sequence[tuple[object, ...]]]:
    """What a file holds of a text."""
    units = [(unit.name, unit.blank, unit.dumped(), unit.functions) for unit in source.units]
    return list(source.called), units


def _source(name: str, text: str, options: Options, called: Iterable[str], units: Iterable[tuple[Any, ...]]) -> Source:
    source = Source(name, text, options, called)
    source.units = [Unit(source, number, *facts) for number, facts in enumerate(units)]
    return source
