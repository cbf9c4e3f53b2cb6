"""Indexes in a form that is read in milliseconds, kept beside the text of the index that Helm keeps.

What a search or a resolution needs is written by columns, a part for each chart, so that only the charts that are asked
for are read. The file is taken only when nobody but the user can have written it and when it belongs to the text that
is there now; it may be deleted at any time.
"""

from __future__ import annotations

import marshal
import sys

from pilothouse.cachefolder import digest
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from pilothouse.sources.repositories.index import ChartVersion, Index

_MAGIC = b"PHIX\x01" + sys.version_info.major.to_bytes(1, "big") + sys.version_info.minor.to_bytes(1, "big")
_DIGEST = 16
_START = len(_MAGIC) + _DIGEST + 8
_LARGEST_HEADER = 64 << 20


class Versions(Record):
    """The versions of one chart as columns, newest first.

    Attributes:
        versions: Each one's version.
        app_versions: The version of what it installs.
        urls: Where its archive is.
        digests: SHA-256 of its archive, empty where the index does not say.
    """

    versions: tuple[str, ...]
    app_versions: tuple[str, ...]
    urls: tuple[tuple[str, ...], ...] = ()
    digests: tuple[str, ...] = ()


class Described(Record):
    """Versions of a chart that say the same of themselves.

    Attributes:
        name: The name in Chart.yaml.
        description: What it is.
        keywords: Words to find it by, joined with blanks.
        places: Which versions these are, counted from the newest.
    """

    name: str
    description: str
    keywords: str
    places: tuple[int, ...]


class StoredIndex:
    """An index read by parts.

    Attributes:
        facts: What was noted with it: the state of its text, its validators, the hash of its text, skipped entries.
    """

    def __init__(self, content: bytes, header: dict[str, Any], start: int) -> None:
        self._content = content
        self._charts: dict[str, tuple[int, ...]] = header["charts"]
        self._parts: dict[str, tuple[int, int]] = header["parts"]
        self.facts: dict[str, Any] = header["facts"]
        self._start = start

    def noted(self, **facts: Any) -> bytes:
        """Return the content of the file with other facts in it."""
        header = {"charts": self._charts, "parts": self._parts, "facts": {**self.facts, **facts}}
        return _packed(header, self._content[self._start :])

    @property
    def names(self) -> list[str]:
        """The names of its charts."""
        return list(self._charts)

    def versions(self, name: str, *, downloads: bool = True) -> Versions | None:
        """Return the versions of a chart, none when the index does not have it.

        Args:
            name: Which chart.
            downloads: Whether URLs and digests are wanted as well.
        """
        places = self._charts.get(name)
        if places is None:
            return None
        versions, app_versions = self._part(places[0], places[1])
        if not versions:
            return Versions(versions=(), app_versions=())
        texts = tuple(versions.split("\n")), tuple(app_versions.split("\n"))
        if not downloads:
            return Versions(versions=texts[0], app_versions=texts[1])
        urls, digests = self._part(places[2], places[3])
        return Versions(versions=texts[0], app_versions=texts[1], urls=urls, digests=tuple(digests.split("\n")))

    def described(self) -> list[tuple[str, list[Described]]]:
        """Return what the versions of each chart say of themselves."""
        found: list[tuple[str, list[tuple[Any, ...]]]] = self._part(*self._parts["described"])
        return [
            (chart, [Described(name=one[0], description=one[1], keywords=one[2], places=one[3]) for one in groups])
            for chart, groups in found
        ]

    def all_urls(self) -> str:
        """Return the URLs of all archives, one a line."""
        text: str = self._part(*self._parts["urls"])
        return text

    def _part(self, start: int, size: int) -> Any:
        begin = self._start + start
        return marshal.loads(memoryview(self._content)[begin : begin + size])  # noqa: S302 - only the user wrote it


def encode_index(index: Index, facts: dict[str, Any]) -> bytes:
    """Return an index in the form that :func:`decode_index` reads."""
    body: list[bytes] = []
    size = 0

    def add(value: Any) -> tuple[int, int]:
        nonlocal size
        data = marshal.dumps(value)
        body.append(data)
        size += len(data)
        return size - len(data), len(data)

    charts: dict[str, tuple[int, ...]] = {}
    described: list[tuple[str, list[tuple[Any, ...]]]] = []
    all_urls: list[str] = []
    for chart, versions in index.entries.items():
        texts = (_column(versions, "version"), _column(versions, "appVersion"))
        urls = tuple(tuple(version.get("urls") or ()) for version in versions)
        all_urls += [url for found in urls for url in found]
        charts[chart] = (*add(texts), *add((urls, _column(versions, "digest"))))
        described.append((chart, _groups(versions)))
    parts = {"described": add(described), "urls": add("\n".join(all_urls))}
    return _packed({"charts": charts, "parts": parts, "facts": facts}, b"".join(body))


def _packed(header: dict[str, Any], body: bytes) -> bytes:
    head = marshal.dumps(header)
    return _MAGIC + digest(head) + len(head).to_bytes(8, "big") + head + body


def _column(versions: list[ChartVersion], name: str) -> str:
    return "\n".join([version.get(name, "").replace("\n", " ") for version in versions])


def _groups(versions: list[ChartVersion]) -> list[tuple[Any, ...]]:
    groups: dict[tuple[str, str, str], list[int]] = {}
    for place, version in enumerate(versions):
        key = (version.get("name", ""), version.get("description", ""), " ".join(version.get("keywords") or ()))
        groups.setdefault(key, []).append(place)
    return [(*key, tuple(places)) for key, places in groups.items()]


def decode_index(content: bytes) -> StoredIndex | None:
    """Return the index in a file's content, none when it was written by another version or is damaged."""
    if content[: len(_MAGIC)] != _MAGIC or len(content) < _START:
        return None
    size = int.from_bytes(content[_START - 8 : _START], "big")
    header = content[_START : _START + size]
    if size > _LARGEST_HEADER or content[len(_MAGIC) : len(_MAGIC) + _DIGEST] != digest(header):
        return None
    return StoredIndex(content, marshal.loads(header), _START + size)  # noqa: S302 - only the user wrote it
