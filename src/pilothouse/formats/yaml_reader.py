"""Reads ordinary block YAML quickly: one regular expression a line, no recursion, no tokens.

It knows mappings, lists, plain and quoted scalars, block scalars, flow collections and comments, which is nearly all of
what values files and rendered manifests hold. Anchors, tags, merge keys, explicit keys, directives, and everything
wrong raise :class:`~pilothouse.formats.yaml_keys.Unusual`; then :mod:`pilothouse.formats.yaml_events` reads the text
from the start. What this reader accepts, it reads exactly as that one does.
"""

from __future__ import annotations

import re

from pilothouse.formats.keywords import KEYWORDS
from pilothouse.formats.scalars import NUMERIC_STARTS
from pilothouse.formats.yaml_keys import LONGEST_KEY, Unusual, plain_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from re import Match

    from pilothouse.golang.kinds import YamlValue


_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]").search
_FORBIDDEN_WIDE = ("\u2028", "\u2029", "\ufffe", "\uffff")
_INFINITE = re.compile(r"\.(?:inf|Inf|INF|nan|NaN|NAN)\b").search
_START = re.compile(r"(?: *(?:#[^\n]*)?\n)*+(?:---(?: [ ]*(?:#[^\n]*)?)?(?:\n|\Z))?").match
_AFTER = re.compile(r"(?: *(?:#[^\n]*)?\n)*+(?: *(?:#[^\n]*)?\Z|(?:---|\.\.\.)(?:[ \n]|\Z))").match

_BLANK = re.compile(r"(?: *(?:#[^\n]*)?\n)*+ *(?:#[^\n]*)?\Z").match

_LINE = re.compile(
    r"(?: *(?:#[^\n]*+)?\n)*+"  # blank lines and comments
    r"( *+)"  # 1: indentation
    r"((?:-(?: ++|(?=\n)|\Z))*+)"  # 2: dashes
    r"(?:([^\s\-?:,\[\]{}#&*!|>'\"%@`][^\s:#]*+(?::(?=[^\s])[^\s:#]*+)*+"  # 3: key, plain
    r"|\"[^\"\\\n]*+\"|'[^'\n]*+')"  # or quoted
    r" *+:(?: ++|(?=\n)|\Z))?"
    r"(?:((?:[^\s\-?:,\[\]{}#&*!|>'\"%@`]|[-?:](?=[^\s]))"  # 4: plain scalar
    r"[^\n\t:#]*+(?:(?::(?=[^\s])|(?<=[^\s])#)[^\n\t:#]*+)*+)"
    r"|\"([^\"\\\n]*+)\"(?= *+[#\n]| *+\Z)"  # 5: double quotes
    r"|'([^'\n]*+)'(?= *+[#\n]| *+\Z)"  # 6: single quotes
    r"|(\[\]|\{\})(?= *+[#\n]| *+\Z)"  # 7: empty collection
    r"|([|>](?:[-+][1-9]?|[1-9][-+]?)?)"  # 8: block scalar
    r"|(?=([\"'\[{])))?"  # 9: another quoted scalar or flow collection
    r"(?(9)| *+(?:#[^\n]*+)?(?:\n|\Z))"
).match
_DASHES, _KEY, _PLAIN, _DOUBLE, _SINGLE, _EMPTY, _BLOCK = 2, 3, 4, 5, 6, 7, 8
_TAIL = re.compile(r" *+(?:#[^\n]*+)?(?:\n|\Z)").match


def prepare(data: str | bytes) -> str:
    """Return text with plain line feeds, or raise Unusual for characters that only the full reader judges."""
    try:
        if isinstance(data, bytes):
            data = data.decode("utf-8")
        elif not data.isascii():
            data.encode("utf-8")
    except UnicodeError:
        raise Unusual from None
    if "\r" in data:
        data = data.replace("\r\n", "\n").replace("\r", "\n")
    data = data.removeprefix("\ufeff")
    if _FORBIDDEN(data) or _INFINITE(data):
        raise Unusual
    if not data.isascii() and any(character in data for character in _FORBIDDEN_WIDE):
        raise Unusual
    return data


def read(text: str, number: Callable[[str], YamlValue]) -> YamlValue:  # noqa: C901, PLR0912, PLR0915 - one loop is quick
    """Return the value of the first document of a prepared text.

    Args:
        text: What :func:`prepare` returned.
        number: Resolves plain scalars.

    Raises:
        Unusual: The text holds what only the full reader knows.
    """
    holder: YamlValue = [None]
    stack: list[tuple[YamlValue, int]] = []
    # The innermost collection, its indentation, its key or index that waits for a value, the last that got one,
    # the text of the plain scalar it got, and whether more lines of that scalar may follow.
    top, depth, folded, plain = holder, -1, "", False
    pending: YamlValue = 0
    last: YamlValue = 0
    keys: dict[str, str] = {}
    started = _START(text)
    position = first = started.end() if started else 0
    end = len(text)
    while position < end:
        found = _LINE(text, position)
        if found is None:
            if pending is None and plain:
                folded, position, plain = _continue(text, position, depth, folded)
                top[last] = number(folded)
                continue
            _check_end(text, position, first)
            break
        spaces, dashes, key = found.group(1, 2, 3)
        kind = found.lastindex or 0
        column = len(spaces)
        if pending is None and column > depth and (kind != _DASHES or dashes):
            folded, position, plain = _continue(text, position, depth, folded if plain else None)
            top[last] = number(folded)
            continue
        position = found.end()
        if dashes:
            top, depth, column = _open_items(stack, top, depth, pending, column, dashes)
            pending = len(top) - 1
        if key is not None:
            if column != depth or top.__class__ is list:
                top, depth = _open_mapping(stack, top, depth, pending, column)
            pending = keys.get(key)
            if pending is None:
                pending = keys[key] = _key(key)
            top[pending] = None
        elif not dashes:
            if kind == _DASHES:
                continue
            if column == 0 and text.startswith(("---", "..."), found.start(kind)):
                _check_end(text, found.start(1), first)
                break
            if pending is None or column <= depth:
                raise Unusual
        plain = kind == _PLAIN
        if plain:
            raw = found[4]
            if raw[-1] == " ":
                raw = raw.rstrip(" ")
            top[pending] = number(raw) if raw[0] in NUMERIC_STARTS else KEYWORDS.get(raw, raw)
            last, folded, pending = pending, raw, None
            plain = found.end(4) >= position - 1
        elif kind == _DOUBLE:
            top[pending] = found[5]
            pending = None
        elif kind > _PLAIN:
            top[pending], position = _other_value(text, found, position, depth, number)
            pending = None
    return holder[0]


def _key(text: str) -> str:
    """Return the JSON key for a key as it is written."""
    if len(text) > LONGEST_KEY:
        raise Unusual
    return text[1:-1] if text[0] in "\"'" else plain_key(text)


def _other_value(
    text: str, found: Match[str], position: int, depth: int, number: Callable[[str], YamlValue]
) -> tuple[YamlValue, int]:
    """Return the value of a line that has no plain or simple double-quoted one, and where the next line begins."""
    kind = found.lastindex
    if kind == _SINGLE:
        return found[6], position
    if kind == _EMPTY:
        return ([] if found[7] == "[]" else {}), position
    if kind == _BLOCK:
        from pilothouse.formats.yaml_blocks import read_block

        return read_block(text, position, found[8], depth)
    from pilothouse.formats.yaml_flow import read_flow

    value, position = read_flow(text, position, number)
    tail = _TAIL(text, position)
    if tail is None:
        raise Unusual
    return value, tail.end()


def _check_end(text: str, position: int, first: int) -> None:
    """Decline unless the document ends here: with the text, or with a marker behind some content."""
    after = _AFTER(text, position)
    if after is None or (position <= first and not _BLANK(text, position)):
        raise Unusual


def _open_mapping(
    stack: list[tuple[YamlValue, int]], top: YamlValue, depth: int, pending: str | int | None, column: int
) -> tuple[YamlValue, int]:
    """Return the mapping that a key at ``column`` belongs to: a new one that was waited for, or one further out."""
    if column > depth:
        if pending is None:
            raise Unusual
        opened: YamlValue = {}
        top[pending] = opened
        stack.append((top, depth))
        return opened, column
    while column < depth:
        top, depth = stack.pop()
    if column == depth and top.__class__ is list:
        top, depth = stack.pop()
    if column != depth or top.__class__ is not dict:
        raise Unusual
    return top, depth


def _open_items(
    stack: list[tuple[YamlValue, int]],
    top: YamlValue,
    depth: int,
    pending: str | int | None,
    column: int,
    dashes: str,
) -> tuple[list[YamlValue], int, int]:
    """Return the list that a line's last dash belongs to, with room for the item, its depth and the item's column."""
    while True:
        if column > depth or (column == depth and top.__class__ is dict):
            if pending is None:
                raise Unusual
            opened: YamlValue = []
            top[pending] = opened
            stack.append((top, depth))
            top, depth = opened, column
        elif column < depth:
            while column < depth:
                top, depth = stack.pop()
            if column != depth:
                raise Unusual
        if not isinstance(top, list):
            raise Unusual
        top.append(None)
        pending = len(top) - 1
        width = 1
        while width < len(dashes) and dashes[width] == " ":
            width += 1
        column += width
        dashes = dashes[width:]
        if not dashes:
            return top, depth, column


def _continue(text: str, position: int, depth: int, folded: str | None) -> tuple[str, int, bool]:
    """Add a line to a plain scalar: the new text, the end of the line, and whether yet another may follow."""
    if folded is None:
        raise Unusual
    from pilothouse.formats.yaml_blocks import continue_plain

    return continue_plain(text, position, depth, folded)
