"""Literal, folded and plain scalars of several lines, for the quick reader."""

from __future__ import annotations

import re
from functools import lru_cache

from pilothouse.formats.yaml_keys import Unusual

TYPE_CHECKING = False
if TYPE_CHECKING:
    from re import Pattern

_CONTINUATION = re.compile(
    r"((?: *\n)*+)( ++)"
    r"((?:[^\s:#]|:(?=[^\s]))[^\n\t:#]*+(?:(?::(?=[^\s])|(?<=[^\s])#)[^\n\t:#]*+)*+)(#[^\n]*)?(?:\n|\Z)"
).match
_LEADING = re.compile(r"((?: *\n)*+)( *)").match


@lru_cache(maxsize=64)
def _patterns(indent: int) -> tuple[Pattern[str], Pattern[str]]:
    """Return the pattern of the lines of a block, and that of its blank lines that are shorter than the indentation."""
    lines = re.compile(rf"(?: {{{indent}}}[^\n]*+(?:\n|\Z)| *+(?:\n|\Z(?<=[ ])))*+")
    return lines, re.compile(rf"(?<=\n) {{1,{indent}}}(?=\n)")


def read_block(text: str, start: int, header: str, parent: int) -> tuple[str, int]:
    """Read the block scalar whose lines begin at ``start``.

    Args:
        text: The whole text.
        start: Position after the header's line.
        header: ``|`` or ``>`` with its indicators.
        parent: Indentation of the collection around it, -1 at the root.
    """
    indent = 0
    chomp = ""
    for indicator in header[1:]:
        if indicator in "+-":
            chomp = indicator
        else:
            indent = max(parent, 0) + int(indicator)
    if not indent:
        indent = _detect(text, start, parent)
    lines, short_blank = _patterns(indent)
    found = lines.match(text, start)
    if found is None:
        raise Unusual
    body = found[0]
    end = found.end()
    if text[end : end + 1] == "\t":
        raise Unusual
    margin = " " * indent
    if body[:1] == "\n" or not body.startswith(margin):
        blank = body[: len(body) - len(body.lstrip(" \n"))]
        if blank.rpartition("\n")[0].replace("\n", "").strip(" ") or "\t" in blank:
            raise Unusual
    body = short_blank.sub("", "\n" + body).replace("\n" + margin, "\n")[1:]
    if body.startswith(" ") and not found[0].startswith(margin):
        body = body.lstrip(" ")
    return _chomp(_fold(body) if header[0] == ">" else body, chomp), end


def _detect(text: str, start: int, parent: int) -> int:
    """Return the indentation of the first line that is not blank."""
    found = _LEADING(text, start)
    if found is None:
        raise Unusual
    column = len(found[2])
    if any(len(line) > column for line in found[1].split("\n")) or text[found.end() : found.end() + 1] == "\t":
        raise Unusual
    return max(column, parent + 1, 1)


def _chomp(body: str, chomp: str) -> str:
    """Apply the chomping indicator to the final line breaks."""
    if chomp == "+":
        return body
    stripped = body.rstrip("\n")
    return stripped if chomp == "-" or not stripped or len(stripped) == len(body) else stripped + "\n"


def _fold(body: str) -> str:
    """Join the lines of a folded scalar; lines that begin with a blank keep the breaks around them."""
    content = body.rstrip("\n")
    out: list[str] = []
    breaks = 0
    blank_before = True
    for index, line in enumerate(content.split("\n")):
        if not line:
            breaks += 1
            continue
        blank = line[0] in " \t"
        if index and out:
            if blank_before or blank:
                out.append("\n" * (breaks + 1))
            else:
                out.append("\n" * breaks or " ")
        else:
            out.append("\n" * breaks)
        out.append(line)
        blank_before, breaks = blank, 0
    return "".join(out) + body[len(content) :]


def continue_plain(text: str, position: int, depth: int, folded: str) -> tuple[str, int, bool]:
    """Add the line at ``position`` to a plain scalar in a collection indented by ``depth``.

    Returns:
        The text so far, the end of the line, and whether yet another may follow: a comment ends such a scalar.
    """
    found = _CONTINUATION(text, position)
    if found is None or len(found[2]) <= depth:
        raise Unusual
    return folded + ("\n" * found[1].count("\n") or " ") + found[3].rstrip(" "), found.end(), found[4] is None
