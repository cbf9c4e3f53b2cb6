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
    lines: list[list[str]] = []
    for row in rows:
        lines += _physical([_cut(str(cell), maximum_width) for cell in row])
    widths: list[int] = []
    for line in lines:
        widths += [0] * (len(line) - len(widths))
        for column, cell in enumerate(line):
            widths[column] = max(widths[column], display_width(cell))
    return "\n".join(
        "\t".join(cell + " " * (widths[column] - display_width(cell)) for column, cell in enumerate(line))
        for line in lines
    )


def _cut(cell: str, width: int) -> str:
    if not width or len(cell) <= width:
        return cell
    return cell[: max(width - 3, 0)] + "..."


def _physical(cells: list[str]) -> list[list[str]]:
    """Return the physical lines of one row."""
    if not any("\n" in cell for cell in cells):
        return [cells]
    split = [cell.split("\n") for cell in cells]
    height = max(len(parts) for parts in split)
    return [[parts[index] if index < len(parts) else "" for parts in split] for index in range(height)]
