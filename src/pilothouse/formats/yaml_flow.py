"""Quoted scalars and flow collections for the quick reader, by go-yaml's rules.

Each function takes the text and the position where the node begins, and returns the value and where it ends. What is
rare or wrong raises :class:`Unusual`, and the full reader decides.
"""

from __future__ import annotations

import re

from pilothouse.formats.yaml_keys import LONGEST_KEY, Unusual, plain_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from re import Match

    from pilothouse.golang.kinds import YamlValue


_DEEPEST = 100

_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*+)"', re.DOTALL).match
_SINGLE = re.compile(r"'((?:[^']|'')*+)'").match
_PIECE = re.compile(
    r"\\\n[ \t]*((?:\n[ \t]*)*)|\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))|[ \t]*\n[ \t\n]*"
).sub
_BREAKS = re.compile(r"[ \t]*\n[ \t\n]*").sub
_SPACE = re.compile(r"(?:[ \t\n]|#[^\n]*)*+").match
_PLAIN = re.compile(
    r"(?:[^\s\-?:,\[\]{}#&*!|>'\"%@`]|-(?=[^\s]))"
    r"[^\n\t:#,?\[\]{}]*+(?:(?::(?=[^\s])|(?<=[^\s])#)[^\n\t:#,?\[\]{}]*+)*+"
).match
_INDICATOR = re.compile(r"\n(?:---|\.\.\.)(?:\s|\Z)").search

_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b",
    " ": " ", '"': '"', "'": "'", "\\": "\\", "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip


def _piece(found: Match[str]) -> str:
    """Return what an escape or a line break of a double-quoted scalar stands for."""
    two, four, eight, named = found.group(2, 3, 4, 5)
    digits = two or four or eight
    if digits:
        code = int(digits, 16)
        if 0xD800 <= code <= 0xDFFF or code > 0x10FFFF:
            raise Unusual
        return chr(code)
    if named:
        if named not in _ESCAPES:
            raise Unusual
        return _ESCAPES[named]
    if found[1] is not None:
        return "\n" * found[1].count("\n")
    return _fold(found)


def _fold(found: Match[str]) -> str:
    """Fold line breaks: one becomes a blank, of several the first goes."""
    return "\n" * (found[0].count("\n") - 1) or " "


def read_double(text: str, start: int) -> tuple[str, int]:
    """Read a double-quoted scalar."""
    found = _DOUBLE(text, start)
    if found is None:
        raise Unusual
    value = found[1]
    if "\n" in value and _INDICATOR(value):
        raise Unusual
    if "\\" in value or "\n" in value:
        value = _PIECE(_piece, value)
    return value, found.end()


def read_single(text: str, start: int) -> tuple[str, int]:
    """Read a single-quoted scalar."""
    found = _SINGLE(text, start)
    if found is None:
        raise Unusual
    value = found[1]
    if "\n" in value:
        if _INDICATOR(value):
            raise Unusual
        value = _BREAKS(_fold, value)
    return value.replace("''", "'"), found.end()


def read_flow(text: str, start: int, number: Callable[[str], YamlValue]) -> tuple[YamlValue, int]:
    """Read a quoted scalar or a flow collection in block context."""
    reader = _FlowReader(text, number)
    value, end = reader.node(start, 0)
    if text[start] in "[{" and "\n" in text[start:end] and _INDICATOR(text[start:end]):
        raise Unusual
    return value, end


class _FlowReader:
    """Walks over nested flow collections."""

    def __init__(self, text: str, number: Callable[[str], YamlValue]) -> None:
        self._text = text
        self._number = number

    def _skip(self, position: int) -> int:
        """Return where the next token begins, after blanks, line breaks and comments."""
        found = _SPACE(self._text, position)
        return found.end() if found else position

    def node(self, start: int, depth: int) -> tuple[YamlValue, int]:
        """Read any node."""
        opener = self._text[start : start + 1]
        if opener == '"':
            return read_double(self._text, start)
        if opener == "'":
            return read_single(self._text, start)
        if depth > _DEEPEST:
            raise Unusual
        if opener == "[":
            return self._list(start + 1, depth + 1)
        if opener == "{":
            return self._mapping(start + 1, depth + 1)
        raw, end = self._plain(start)
        return self._number(raw), end

    def _plain(self, start: int) -> tuple[str, int]:
        """Read a plain scalar on one line."""
        found = _PLAIN(self._text, start)
        if found is None:
            raise Unusual
        return found[0].rstrip(" "), found.end()

    def _list(self, position: int, depth: int) -> tuple[list[YamlValue], int]:
        items: list[YamlValue] = []
        text = self._text
        position = self._skip(position)
        while text[position : position + 1] != "]":
            value, position = self.node(position, depth)
            items.append(value)
            position = self._skip(position)
            stop = text[position : position + 1]
            if stop == ",":
                position = self._skip(position + 1)
            elif stop != "]":
                raise Unusual
        return items, position + 1

    def _key(self, position: int) -> tuple[str, int]:
        """Read a key, which must stand on one line."""
        opener = self._text[position : position + 1]
        if opener == '"':
            key, end = read_double(self._text, position)
        elif opener == "'":
            key, end = read_single(self._text, position)
        else:
            raw, end = self._plain(position)
            key = plain_key(raw)
        if end - position > LONGEST_KEY or "\n" in self._text[position:end]:
            raise Unusual
        return key, end

    def _mapping(self, position: int, depth: int) -> tuple[dict[str, YamlValue], int]:
        pairs: dict[str, YamlValue] = {}
        text = self._text
        position = self._skip(position)
        while text[position : position + 1] != "}":
            key, end = self._key(position)
            position = self._skip(end)
            value: YamlValue = None
            if text[position : position + 1] == ":":
                if "\n" in text[end:position]:
                    raise Unusual
                position = self._skip(position + 1)
                if text[position : position + 1] not in (",", "}"):
                    value, position = self.node(position, depth)
                    position = self._skip(position)
            pairs[key] = value
            stop = text[position : position + 1]
            if stop == ",":
                position = self._skip(position + 1)
            elif stop != "}":
                raise Unusual
        return pairs, position + 1
