"""Lists in flags."""

from __future__ import annotations

import pytest

from pilothouse.commandline.csv_record import read_record


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a,b", ["a", "b"]),
        ('"a,b",c', ["a,b", "c"]),
        ('"a""b"', ['a"b']),
        ("a,", ["a", ""]),
        ('"line\nbreak",x', ["line\nbreak", "x"]),
        ("first\nsecond", ["first"]),
    ],
)
def test_one_record_is_read_as_go_reads_it(text: str, fields: list[str]) -> None:
    """Quotes keep commas and line feeds; what follows the record is not read."""
    assert read_record(text) == fields
