"""Tables that an API server sends (``meta/v1 Table``), printed as kubectl prints them."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pilothouse.golang.kinds import YamlValue

_MINIMUM_WIDTH, _PADDING = 6, 3


class TablePrinter:
    """Prints one table after the other; the header is left out while the columns stay the same."""

    __slots__ = ("_columns", "_printed")

    def __init__(self) -> None:
        self._columns: YamlValue = None
        self._printed = False

    def format(self, table: Mapping[str, YamlValue]) -> str:
        """Return the text of one table, line feeds included."""
        columns = table.get("columnDefinitions") or []
        rows = table.get("rows") or []
        header = not (self._printed and (not columns or columns == self._columns))
        if not columns:
            columns = self._columns or []
        elif columns != self._columns:
            self._columns, self._printed = columns, False
        if not rows:
            return ""
        self._printed = True
        shown = [index for index, column in enumerate(columns) if not column.get("priority")]
        lines = [[str(columns[index].get("name", "")).upper() for index in shown]] if header else []
        for row in rows:
            cells = row.get("cells") or []
            lines.append([_cell_text(cells[index]) for index in shown if index < len(cells)])
        return "".join(f"{line}\n" for line in _aligned(lines))


def _cell_text(cell: YamlValue) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return f"{cell:g}" if cell != int(cell) or abs(cell) >= 1e21 else str(int(cell))
    text = str(cell)
    for position, letter in enumerate(text):
        if letter in "\f\n\r":
            return text[:position] + "..."
    return text


def _aligned(lines: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines with padded columns; the last cell of a line is not padded (``text/tabwriter``)."""
    count = max(len(line) for line in lines)
    widths = [
        max([_MINIMUM_WIDTH, *(len(line[column]) + _PADDING for line in lines if column < len(line) - 1)])
        for column in range(count)
    ]
    return [
        "".join(cell if column == len(line) - 1 else cell.ljust(widths[column]) for column, cell in enumerate(line))
        for line in lines
    ]
