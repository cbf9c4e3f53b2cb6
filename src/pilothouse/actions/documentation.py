"""Writing the pages about commands (``helm docs``)."""

from __future__ import annotations

import os

from pilothouse.charts.files import write_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def write_pages(folder: str, pages: Iterable[tuple[str, str]]) -> None:
    """Write pages into a folder, each in full or not at all.

    Args:
        folder: Where they go; it must exist.
        pages: Name and text of each file.

    Raises:
        Invalid: A file cannot be written; the text is Go's.
    """
    for name, text in pages:
        write_file(os.path.join(folder, name), text.encode())
