"""NOTES.txt: what a chart tells its user after the installation."""

from __future__ import annotations

NOTES_NAME = "NOTES.txt"


def take_notes(files: dict[str, str], chart: str, *, with_subcharts: bool = False) -> str:
    """Take the notes out of rendered files and return them.

    Args:
        files: Text by path; loses every file whose path ends in ``NOTES.txt``.
        chart: Name of the root chart, whose notes are meant.
        with_subcharts: Whether the notes of subcharts are returned as well.
    """
    own = f"{chart}/templates/{NOTES_NAME}"
    found: list[str] = []
    for path in sorted(path for path in files if path.endswith(NOTES_NAME)):
        text = files.pop(path)
        if with_subcharts or path == own:
            found.append(text)
    # Helm puts a line feed before a text only when something stands there already.
    joined = ""
    for text in found:
        joined += f"\n{text}" if joined else text
    return joined
