"""Streams of YAML documents, split at separator lines as ``k8s.io/apimachinery`` does."""

from __future__ import annotations

import re

from pilothouse.formats.errors import YamlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_SEPARATOR = re.compile(r"^---([^\n]*)(?:\n|\Z)", re.MULTILINE)


def split_documents(text: str | bytes, *, whole_lines: bool = True) -> Iterator[str]:
    """Yield the documents between lines that begin with ``---`` (``YAMLReader.Read``); empty ones are left out.

    A separator before which nothing stands is a line of the document, so that errors count it.

    Args:
        text: The stream.
        whole_lines: Whether the stream is read by lines: the last document ends with a line feed even if the stream
            does not. kyaml splits a text; its documents hold no separators.

    Raises:
        YamlError: More than a comment follows on a separator line.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    start = 0
    for found in _SEPARATOR.finditer(text):
        rest = found[1].strip()
        if rest and rest[0] != "#":
            line = text.count("\n", 0, found.start()) + 1
            raise YamlError(f"invalid Yaml document separator: {rest}", line, 4)
        if found.start() > start:
            yield text[start : found.start()]
        elif whole_lines:
            continue
        start = found.end()
    if start < len(text):
        yield text[start:] + ("\n" if whole_lines and not text.endswith("\n") else "")
