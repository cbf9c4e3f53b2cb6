"""Streams of YAML documents, split at lines that begin with ``---``."""

from __future__ import annotations

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_SEPARATOR = re.compile(r"^---.*(?:\n|\Z)", re.MULTILINE)


def split_documents(text: str | bytes) -> Iterator[str]:
    """Yield the documents between separator lines (``k8s.io/apimachinery`` ``YAMLReader``)."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    start = 0
    for found in _SEPARATOR.finditer(text):
        if found.start() > start:
            yield text[start : found.start()]
        start = found.end()
    if start < len(text):
        yield text[start:]
