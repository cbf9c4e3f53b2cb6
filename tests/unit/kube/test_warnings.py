"""Warnings of the server are read as client-go reads them."""

from __future__ import annotations

import pytest

from pilothouse.kube.warnings import warning_texts


@pytest.mark.parametrize(
    ("header", "texts"),
    [
        ('299 - "old"', ["old"]),
        ('299 - "a \\"b\\", c", 299 kube "d" "Wed, 21 Oct 2015 07:28:00 GMT"', ['a "b", c', "d"]),
        ('199 - "no", 299 - ""', []),
        ("nonsense", []),
    ],
)
def test_headers(header: str, texts: list[str]) -> None:
    """Only texts of code 299 count, quotes and commas inside them are part of the text."""
    assert warning_texts(header) == texts
