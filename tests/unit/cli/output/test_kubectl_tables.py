"""Tables that an API server sends."""

from __future__ import annotations

from pilothouse.cli.output.kubectl_tables import TablePrinter

COLUMNS = [
    {"name": "Name", "type": "string"},
    {"name": "Ready", "type": "string"},
    {"name": "Node", "type": "string", "priority": 1},
    {"name": "Age", "type": "string"},
]


def table(*rows: list[object]) -> dict[str, object]:
    """Return a table with the columns of pods."""
    return {"kind": "Table", "columnDefinitions": COLUMNS, "rows": [{"cells": row} for row in rows]}


def test_columns_are_padded_and_wide_ones_left_out() -> None:
    """Each column but the last is as wide as its widest cell and three blanks."""
    text = TablePrinter().format(table(["pod-a", "1/1", "n1", "5s"], ["longer-pod", None, "n2", "1d"]))
    assert text == "NAME         READY   AGE\npod-a        1/1     5s\nlonger-pod           1d\n"


def test_the_header_is_not_repeated_while_the_columns_stay() -> None:
    """One printer prints all tables of a release."""
    printer = TablePrinter()
    assert printer.format(table(["a", "1", "n", "5s"])).startswith("NAME")
    assert printer.format(table(["b", "1", "n", "5s"])) == "b     1     5s\n"
    assert printer.format({"columnDefinitions": COLUMNS[:1], "rows": [{"cells": ["c"]}]}) == "NAME\nc\n"


def test_an_empty_table_prints_nothing_and_line_feeds_are_cut() -> None:
    """A cell of several lines ends in dots."""
    printer = TablePrinter()
    assert printer.format(table()) == ""
    assert printer.format(table(["a\nb", 3, "n", True])) == "NAME   READY   AGE\na...   3       true\n"
