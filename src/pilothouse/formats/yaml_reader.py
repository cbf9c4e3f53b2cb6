"""Reads ordinary block YAML quickly: one regular expression a line, no recursion, no tokens.

It knows mappings, lists, plain and quoted scalars, block scalars, flow collections and comments, which is nearly all of
what values files and rendered manifests hold. Anchors, tags, merge keys, explicit keys, directives, and everything
wrong raise :class:`~pilothouse.formats.yaml_flow.Unusual`; then :mod:`pilothouse.formats.yaml_events` reads the text
from the start. What this reader accepts, it reads exactly as that one does.
"""

from __future__ import annotations

import re

from pilothouse.formats.scalars import INFINITE, KEYWORDS, NUMERIC_STARTS
from pilothouse.formats.yaml_blocks import read_block
from pilothouse.formats.yaml_flow import LONGEST_KEY, Unusual, plain_key, read_flow

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from pilothouse.golang.kinds import YamlValue

    Container = dict[str, YamlValue] | list[YamlValue]

_FORBIDDEN = re.compile(r"[^\t\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]").search
_FORBIDDEN_ASCII = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]").search
_START = re.compile(r"(?: *(?:#[^\n]*)?\n)*+(?:---(?: [ ]*(?:#[^\n]*)?)?(?:\n|\Z))?").match
_AFTER = re.compile(r"(?: *(?:#[^\n]*)?\n)*+(?: *(?:#[^\n]*)?\Z|(?:---|\.\.\.)(?:[ \n]|\Z))").match

_BLANK = re.compile(r"(?: *(?:#[^\n]*)?\n)*+ *(?:#[^\n]*)?\Z").match

_LINE = re.compile(
    r"(?: *(?:#[^\n]*+)?\n)*+"  # blank lines and comments
    r"( *+)"  # 1: indentation
    r"((?:-(?: ++|(?=\n)|\Z))*+)"  # 2: dashes
    r"(?:(?:([^\s\-?:,\[\]{}#&*!|>'\"%@`][^\s:#]*+(?::(?=[^\s])[^\s:#]*+)*+)"  # 3: plain key
    r"|(\"[^\"\\\n]*+\"|'[^'\n]*+'))"  # 4: quoted key
    r" *+:(?: ++|(?=\n)|\Z))?"
    r"(?:((?:[^\s\-?:,\[\]{}#&*!|>'\"%@`]|[-?:](?=[^\s]))"  # 5: plain scalar
    r"[^\n\t:#]*+(?:(?::(?=[^\s])|(?<=[^\s])#)[^\n\t:#]*+)*+)"
    r"|\"([^\"\\\n]*+)\"(?= *+[#\n]| *+\Z)"  # 6: double quotes
    r"|'([^'\n]*+)'(?= *+[#\n]| *+\Z)"  # 7: single quotes
    r"|(\[\]|\{\})(?= *+[#\n]| *+\Z)"  # 8: empty collection
    r"|([|>](?:[-+][1-9]?|[1-9][-+]?)?)"  # 9: block scalar
    r"|(?=([\"'\[{])))?"  # 10: another quoted scalar or flow collection
    r"(?(10)| *+(?:#[^\n]*+)?(?:\n|\Z))"
).match
_CONTINUATION = re.compile(
    r"((?: *\n)*+)( ++)"
    r"((?:[^\s:#]|:(?=[^\s]))[^\n\t:#]*+(?:(?::(?=[^\s])|(?<=[^\s])#)[^\n\t:#]*+)*+)(#[^\n]*)?(?:\n|\Z)"
).match
_TAIL = re.compile(r" *+(?:#[^\n]*+)?(?:\n|\Z)").match

_PLAIN, _DOUBLE, _SINGLE, _EMPTY, _BLOCK, _OTHER = 5, 6, 7, 8, 9, 10


def prepare(data: str | bytes) -> str:
    """Return text with plain line feeds, or raise Unusual for characters that only the full reader judges."""
    if isinstance(data, bytes):
        try:
            data = data.decode("utf-8")
        except UnicodeDecodeError:
            raise Unusual from None
    if "\r" in data:
        data = data.replace("\r\n", "\n").replace("\r", "\n")
    if data.isascii():
        if _FORBIDDEN_ASCII(data):
            raise Unusual
        return data
    if data[0] == "\ufeff":
        data = data[1:]
    if _FORBIDDEN(data):
        raise Unusual
    return data


def read(text: str, number: Callable[[str], YamlValue]) -> YamlValue:  # noqa: C901, PLR0912 - one loop, for speed
    """Return the value of the first document of a prepared text.

    Args:
        text: What :func:`prepare` returned.
        number: Resolves plain scalars that look like numbers.

    Raises:
        Unusual: The text holds what only the full reader knows.
    """
    holder: list[YamlValue] = [None]
    stack: list[tuple[Container, int]] = []
    top: Container = holder
    depth = -1
    pending: str | int | None = 0
    last: str | int = 0
    folded = ""
    plain = False
    keys: dict[str, str] = {}
    known = KEYWORDS
    started = _START(text)
    position = first = started.end() if started else 0
    end = len(text)
    while position < end:
        found = _LINE(text, position)
        if found is None:
            if pending is None and plain:
                folded, position, plain = _continued(text, position, depth, folded)
                top[last] = _scalar(folded, number)  # type: ignore[index,call-overload]
                continue
            _check_end(text, position, first)
            break
        spaces, dashes, key, quoted = found.group(1, 2, 3, 4)
        kind = found.lastindex
        column = len(spaces)
        if pending is None and column > depth and (kind != 2 or dashes):
            if not plain:
                raise Unusual
            folded, position, plain = _continued(text, position, depth, folded)
            top[last] = _scalar(folded, number)  # type: ignore[index,call-overload]
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
                pending = keys[key] = plain_key(key)
            top[pending] = None  # type: ignore[index,call-overload]
        elif quoted is not None:
            if column != depth or top.__class__ is list:
                top, depth = _open_mapping(stack, top, depth, pending, column)
            if len(quoted) > LONGEST_KEY:
                raise Unusual
            pending = quoted[1:-1]
            top[pending] = None  # type: ignore[index,call-overload]
        elif not dashes:
            if kind == 2:
                continue
            if column == 0 and text.startswith(("---", "..."), found.start(kind or 0)):
                _check_end(text, found.start(1), first)
                break
            if pending is None or column <= depth:
                raise Unusual
        if kind == _PLAIN:
            raw = found[5]
            if raw[-1] == " ":
                raw = raw.rstrip(" ")
            if raw[0] in NUMERIC_STARTS:
                if raw in INFINITE:
                    raise Unusual
                top[pending] = number(raw)  # type: ignore[index,call-overload]
            else:
                top[pending] = known.get(raw, raw)  # type: ignore[index,call-overload]
            plain, last, folded = found.end(5) >= position - 1, pending, raw
            pending = None
        elif kind is not None and kind > _PLAIN:
            plain = False
            if kind == _DOUBLE or kind == _SINGLE:
                top[pending] = found[kind]  # type: ignore[index,call-overload]
            elif kind == _EMPTY:
                top[pending] = [] if found[8] == "[]" else {}  # type: ignore[index,call-overload]
            elif kind == _BLOCK:
                top[pending], position = read_block(text, position, found[9], depth)  # type: ignore[index,call-overload]
            else:
                top[pending], position = read_flow(text, position, number)  # type: ignore[index,call-overload]
                tail = _TAIL(text, position)
                if tail is None:
                    raise Unusual
                position = tail.end()
            pending = None
        else:
            plain = False
    return holder[0]


def _check_end(text: str, position: int, first: int) -> None:
    """Decline unless the document ends here: with the text, or with a marker behind some content."""
    after = _AFTER(text, position)
    if after is None or (position <= first and not _BLANK(text, position)):
        raise Unusual


def _scalar(raw: str, number: Callable[[str], YamlValue]) -> YamlValue:
    """Resolve a plain scalar."""
    if raw in INFINITE:
        raise Unusual
    return number(raw)


def _open_mapping(
    stack: list[tuple[Container, int]], top: Container, depth: int, pending: str | int | None, column: int
) -> tuple[Container, int]:
    """Return the mapping that a key at ``column`` belongs to: a new one that was waited for, or one further out."""
    if column > depth:
        if pending is None:
            raise Unusual
        opened: Container = {}
        top[pending] = opened  # type: ignore[index,call-overload]
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
    stack: list[tuple[Container, int]],
    top: Container,
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
            opened: Container = []
            top[pending] = opened  # type: ignore[index,call-overload]
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


def _continued(text: str, position: int, depth: int, folded: str) -> tuple[str, int, bool]:
    """Add a line to a plain scalar: the new text, the end of the line, and whether yet another may follow."""
    found = _CONTINUATION(text, position)
    if found is None or len(found[2]) <= depth:
        raise Unusual
    more = found[4] is None
    return folded + ("\n" * found[1].count("\n") or " ") + found[3].rstrip(" "), found.end(), more
