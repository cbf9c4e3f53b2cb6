"""Columns aligned block by block."""

from __future__ import annotations

from pilothouse.commandline.tabwriter import align


def test_a_column_is_as_wide_as_its_widest_cell_and_two_blanks() -> None:
    """The last cell of a line ends no column and is not padded."""
    assert align("NAME\tDATA\tAGE\nlonger\t1\t5s\n") == "NAME    DATA  AGE\nlonger  1     5s\n"


def test_a_line_without_tabs_ends_the_block() -> None:
    """What stands below it is aligned by itself."""
    assert align("a\tb\n==> x\nlong\tb") == "a  b\n==> x\nlong  b"


def test_lines_with_fewer_cells_end_the_inner_columns() -> None:
    """A column only spans neighbouring lines that have a cell in it."""
    assert align("a\tbb\tc\nd\te\nf\tgggg\th") == "a  bb  c\nd  e\nf  gggg  h"


def test_an_empty_last_cell_keeps_the_blanks_before_it() -> None:
    """As text/tabwriter prints a line that ends with a tab."""
    assert align("AGE\tLIMIT\n5s\tpods: 2/50\t\n") == "AGE  LIMIT\n5s   pods: 2/50  \n"
