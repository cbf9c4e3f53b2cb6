"""Plain tables."""

from __future__ import annotations

import pytest

from pilothouse.commandline.tables import format_table
from pilothouse.commandline.terminal import display_width


def test_cells_are_padded_and_joined_with_tabs() -> None:
    """Every cell is as wide as its column, the last one too."""
    assert format_table([["NAME", "V"], ["a", "1.0"]]) == "NAME\tV  \na   \t1.0"


def test_a_cell_of_several_lines_makes_several_rows() -> None:
    """The other cells of further lines are blank."""
    assert format_table([["A", "TEXT"], ["a", "x\nyy"]]) == "A\tTEXT\na\tx   \n \tyy  "


def test_a_cell_of_several_lines_is_measured_as_a_whole() -> None:
    """Its last line is cut when the lines together are wider than the column, as uitable does it."""
    assert format_table([["DESCRIPTION"], ["boom\nline two"]]) == "DESCRIPTION\nboom       \nline...    "


def test_a_long_cell_is_cut_to_the_width() -> None:
    """The cut is marked with three dots."""
    assert format_table([["abcdefghij", "k"]], maximum_width=6) == "abc...\tk"


def test_no_rows_make_no_text() -> None:
    """A table without rows is empty."""
    assert format_table([]) == ""


@pytest.mark.parametrize(
    ("text", "width"), [("abc", 3), ("日本", 4), ("e\u0301", 1), ("\x1b[36mab\x1b[0m", 2), ("", 0)]
)
def test_width_is_counted_in_cells_of_a_terminal(text: str, width: int) -> None:
    """Wide letters count twice, combining ones and colours not at all."""
    assert display_width(text) == width
