"""Streams of documents."""

from __future__ import annotations

from pilothouse.formats.documents import split_documents


def test_empty_documents_are_left_out() -> None:
    """Separators that follow each other, or stand at an end, make no document."""
    assert list(split_documents("---\na: 1\n---\n---\nb: 2\n---\n")) == ["a: 1\n", "b: 2\n"]


def test_separators_stand_at_the_start_of_a_line() -> None:
    """An indented separator is text."""
    assert list(split_documents("a: |\n  ---\n  x\n")) == ["a: |\n  ---\n  x\n"]
