"""Streams of documents."""

from __future__ import annotations

import pytest

from pilothouse.formats.documents import split_documents
from pilothouse.formats.errors import YamlError


def test_empty_documents_are_left_out() -> None:
    """Separators that follow each other, or stand at an end, make no document for kyaml."""
    assert list(split_documents("---\na: 1\n---\n---\nb: 2\n---\n", whole_lines=False)) == ["a: 1\n", "b: 2\n"]


def test_a_separator_after_nothing_is_a_line_of_the_document() -> None:
    """The reader by lines takes a separator away only where it ends something."""
    assert list(split_documents("---\na: 1\n---\n---\nb: 2\n---\n")) == ["---\na: 1\n", "---\nb: 2\n"]
    assert list(split_documents("---\n---\na: 1\n")) == ["---\n", "a: 1\n"]


def test_separators_stand_at_the_start_of_a_line() -> None:
    """An indented separator is text."""
    assert list(split_documents("a: |\n  ---\n  x\n")) == ["a: |\n  ---\n  x\n"]


def test_only_a_comment_may_follow_a_separator() -> None:
    """Text behind a separator is refused in the words of Kubernetes' reader."""
    with pytest.raises(YamlError) as caught:
        list(split_documents("a: 1\n--- {b: 2}\n"))
    assert (caught.value.message, caught.value.line) == ("invalid Yaml document separator: {b: 2}", 2)
