"""Plain text tables as Helm prints them (gosuri/uitable): cells padded, columns joined with tabs."""

from __future__ import annotations

from pilothouse.commandline.terminal import display_width

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def format_table(rows: Sequence[Sequence[object]], *, maximum_width: int = 0) -> str:
    """Return ``rows`` as a table without a line feed at its end.

    Args:
        rows: Rows of cells, the header among them; a cell may hold several lines.
        maximum_width: Longer cells are cut and end in ``...``; 0 for no limit.
    """
    texts = [[str(cell) for cell in row] for row in rows]
    widths: list[int] = []
    for row in texts:
        widths += [0] * (len(row) - len(widths))
        for column, cell in enumerate(row):
            width = max(map(display_width, cell.split("\n"))) if "\n" in cell else display_width(cell)
            widths[column] = max(widths[column], min(width, maximum_width or width))
    lines: list[str] = []
    for row in texts:
        lines += _physical(row, widths)
    return "\n".join(lines)


def _physical(row: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return the physical lines of one row (``uitable.Row.String``)."""
    cells = [_resized(cell, widths[column]).split("\n") for column, cell in enumerate(row)]
    height = max(map(len, cells), default=0)
    return [
        "\t".join(
            _resized(parts[line], widths[column]) if line < len(parts) else " " * max(widths[column], 1)
            for column, parts in enumerate(cells)
        )
        for line in range(height)
    ]


def _resized(text: str, width: int) -> str:
    """Return ``text`` padded or cut to ``width`` cells (``strutil.Resize``).

    A cell of several lines is measured as a whole, so its last line may be cut although it would fit.
    """
    own = display_width(text)
    if own <= width or not width:
        return text + " " * (width - own)
    taken = 0
    for position, letter in enumerate(text):
        step = display_width(letter)
        if taken + step >= width - 3:
            return text[: position + 1] + "..."
        taken += step
    return text + "..."
