"""Columns that are as wide as their cells, block by block (Go's ``text/tabwriter``)."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def align(text: str, *, padding: int = 2) -> str:
    """Return ``text`` with the cells that end in a tab padded with blanks.

    A column is aligned over neighbouring lines that have a cell in it; a line without a tab ends the block.

    Args:
        text: Lines of cells.
        padding: Blanks after the widest cell of a column.
    """
    lines = [line.split("\t") for line in text.split("\n")]
    out: list[list[str]] = [[] for _ in lines]
    _format(lines, out, 0, len(lines), [], padding)
    return "\n".join("".join(cells) for cells in out)


def _format(
    lines: Sequence[list[str]], out: list[list[str]], start: int, end: int, widths: list[int], padding: int
) -> None:
    """Lay out the lines from ``start`` to ``end`` whose first columns have ``widths`` (``Writer.format``)."""
    column, current = len(widths), start
    while current < end:
        if column >= len(lines[current]) - 1:
            current += 1
            continue
        _write(lines, out, start, current, widths)
        start, width = current, 0
        while current < end and column < len(lines[current]) - 1:
            width = max(width, len(lines[current][column]) + padding)
            current += 1
        _format(lines, out, start, current, [*widths, width], padding)
        start = current
    _write(lines, out, start, end, widths)


def _write(lines: Sequence[list[str]], out: list[list[str]], start: int, end: int, widths: list[int]) -> None:
    for number in range(start, end):
        for column, cell in enumerate(lines[number]):
            out[number].append(cell.ljust(widths[column]) if column < len(widths) else cell)
