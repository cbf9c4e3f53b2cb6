"""The language of ``--set``, ``--set-string``, ``--set-json``, ``--set-file``, ``--set-literal``: Helm's ``strvals``.

::

    arguments  = assignment { "," assignment }
    assignment = path "=" value
    path       = name { "." name | "[" index "]" }
    value      = text | "{" text { "," text } "}"

A backslash makes the next character an ordinary one, except in ``--set-literal``, where the value goes on to the end.
"""

from __future__ import annotations

import re

from pilothouse.golang.kinds import Int64
from pilothouse.values.errors import AssignmentError, conversion_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.golang.kinds import YamlValue

MAX_INDEX = 65536
"""The highest index of a list."""
MAX_NESTING = 30
"""The most names that a path may have after the first."""

_INTEGER = re.compile(r"[-+]?[0-9]+").fullmatch
_WORDS: dict[str, YamlValue] = {"true": True, "false": False, "null": None}
_BLANKS = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)


def typed_value(text: str) -> YamlValue:
    """Return what ``--set`` makes of a text: a bool, null, an int64 or the text itself (``typedVal``)."""
    folded = text.casefold() if len(text) <= 5 else ""
    if folded in _WORDS:
        return _WORDS[folded]
    if text == "0":
        return Int64(0)
    if text and text[0] != "0" and len(text) < 25 and _INTEGER(text):
        number = int(text)
        if -(1 << 63) <= number < 1 << 63:
            return Int64(number)
    return text


def _text(text: str) -> YamlValue:
    return text


def assign(argument: str, values: dict[str, YamlValue], *, helm: int = 4) -> None:
    """Apply an argument of ``--set`` to ``values``."""
    _Parser(argument, typed_value, helm).run(values)


def assign_strings(argument: str, values: dict[str, YamlValue], *, helm: int = 4) -> None:
    """Apply an argument of ``--set-string`` to ``values``."""
    _Parser(argument, _text, helm).run(values)


def assign_files(argument: str, values: dict[str, YamlValue], read: Callable[[str], str], *, helm: int = 4) -> None:
    """Apply an argument of ``--set-file``, whose values are paths, to ``values``."""
    _Parser(argument, read, helm).run(values)


def assign_json(argument: str, values: dict[str, YamlValue], *, helm: int = 4) -> None:
    """Apply an argument of ``--set-json`` to ``values``."""
    _JsonParser(argument, _text, helm).run(values)


def assign_literal(argument: str, values: dict[str, YamlValue], *, helm: int = 4) -> None:
    """Apply an argument of ``--set-literal`` to ``values``."""
    _LiteralParser(argument, _text, helm).run(values)


class _End(Exception):
    """The argument ended; ``text`` is what stood before its end."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


def _as_map(value: YamlValue) -> dict[str, YamlValue]:
    """Assert that a value is a map, with the words of Go's panic."""
    if isinstance(value, dict):
        return value
    raise AssignmentError(f"unable to parse key: {conversion_text(value, 'map[string]interface {}')}")


def _as_list(value: YamlValue) -> list[YamlValue]:
    if isinstance(value, list):
        return value
    raise AssignmentError(f"unable to parse key: {conversion_text(value, '[]interface {}')}")


def _quoted(text: str) -> str:
    from pilothouse.golang.quoting import quote

    return quote(text)


def _set(values: dict[str, YamlValue], key: str, value: YamlValue) -> None:
    """Set a key; an empty one is ignored."""
    if key:
        values[key] = value


def _set_index(items: list[YamlValue], index: int, value: YamlValue) -> list[YamlValue]:
    if index > MAX_INDEX:
        raise AssignmentError(f"index of {index} is greater than maximum supported index of {MAX_INDEX}")
    if len(items) <= index:
        items = items + [None] * (index + 1 - len(items))
    items[index] = value
    return items


class _Parser:
    """Reads one argument from left to right."""

    key_stops = frozenset("=[,.")
    ends_with_empty_value = True
    """Whether an empty value at the end counts as the end, so that a list's item around it is not set."""

    def __init__(self, argument: str, convert: Callable[[str], YamlValue], helm: int) -> None:
        self._argument = argument
        self._position = 0
        self._convert = convert
        self._helm = helm

    def run(self, values: dict[str, YamlValue]) -> None:
        """Apply all assignments of the argument."""
        while True:
            try:
                self._key(values, 0)
            except _End:
                return

    def _until(self, stops: frozenset[str]) -> tuple[str, str]:
        """Read up to one of ``stops``: the text before it without escapes, and the stop."""
        out: list[str] = []
        argument, position = self._argument, self._position
        while position < len(argument):
            character = argument[position]
            position += 1
            if character in stops:
                self._position = position
                return "".join(out), character
            if character == "\\":
                if position >= len(argument):
                    break
                character = argument[position]
                position += 1
            out.append(character)
        self._position = len(argument)
        raise _End("".join(out))

    def _key(self, values: dict[str, YamlValue], nesting: int) -> None:
        """Read a name and what follows it, and set it in ``values``."""
        try:
            key, stop = self._until(self.key_stops)
        except _End as end:
            if not end.text:
                raise
            raise AssignmentError(f"key {_quoted(end.text)} has no value") from None
        if stop == "=":
            at_end = self._position >= len(self._argument)
            _set(values, key, self._value())
            if at_end and self.ends_with_empty_value:
                raise _End("")
        elif stop == "[":
            self._key_list(values, key, nesting)
        elif stop == ".":
            self._key_map(values, key, nesting + 1)
        else:
            _set(values, key, "")
            raise AssignmentError(f"key {_quoted(key)} has no value (cannot end with ,)")

    def _key_list(self, values: dict[str, YamlValue], key: str, nesting: int) -> None:
        index = self._index()
        items = _as_list(values[key]) if key in values else []
        try:
            items = self._item(items, index, nesting)
        finally:
            _set(values, key, items)

    def _key_map(self, values: dict[str, YamlValue], key: str, nesting: int) -> None:
        if nesting > MAX_NESTING:
            raise AssignmentError(
                f"value name nested level is greater than maximum supported nested level of {MAX_NESTING}"
            )
        inner = _as_map(values[key]) if key in values else {}
        empty = AssignmentError(f"key map {_quoted(key)} has no value")
        try:
            self._key(inner, nesting)
        except (AssignmentError, _End):
            # Helm 2 names the outermost key whose map stays empty; later Helms what is wrong with the inner one.
            if self._helm == 2 and not inner:
                raise empty from None
            raise
        finally:
            if inner:
                _set(values, key, inner)
        if not inner:
            raise empty

    def _index(self) -> int:
        """Read an index and its bracket (``keyIndex``)."""
        try:
            text, _ = self._until(frozenset("]"))
        except _End:
            if self._helm >= 4:
                raise
            raise AssignmentError("error parsing index: EOF") from None
        if not _INTEGER(text):
            raise AssignmentError(f"error parsing index: strconv.Atoi: parsing {_quoted(text)}: invalid syntax")
        number = int(text) if len(text) < 4000 else 1 << 63
        if not -(1 << 63) <= number < 1 << 63:
            raise AssignmentError(f"error parsing index: strconv.Atoi: parsing {_quoted(text)}: value out of range")
        return number

    def _item(self, items: list[YamlValue], index: int, nesting: int) -> list[YamlValue]:
        """Read what follows an index and return the list with the item set (``listItem``)."""
        if index < 0:
            raise AssignmentError(f"negative {index} index not allowed")
        try:
            text, stop = self._until(frozenset("[.="))
        except _End as end:
            if not end.text:
                raise
            text, stop = end.text, ""
        if text:
            from pilothouse.golang.quoting import quote_rune

            shown = " ".join(quote_rune(ord(character)) for character in text)
            raise AssignmentError(f"unexpected data at end of array index: [{shown}]")
        if stop == "=":
            return _set_index(items, index, self._value())
        if stop == "[":
            return self._item_list(items, index, nesting)
        inner: dict[str, YamlValue] = {}
        if len(items) > index:
            found = items[index]
            inner = items[index] = found if isinstance(found, dict) else {}
        self._key(inner, nesting)
        return _set_index(items, index, inner)

    def _item_list(self, items: list[YamlValue], index: int, nesting: int) -> list[YamlValue]:
        inner_index = self._index()
        inner: list[YamlValue] = []
        if len(items) > index and items[index] is not None:
            inner = _as_list(items[index])
        return _set_index(items, index, self._item(inner, inner_index, nesting))

    def _value(self) -> YamlValue:
        """Read a value: a list in braces, or text up to a comma."""
        if self._position >= len(self._argument):
            return ""
        if self._argument[self._position] == "{":
            self._position += 1
            return self._braces()
        try:
            text, _ = self._until(frozenset(","))
        except _End as end:
            text = end.text
        return self._convert(text)

    def _braces(self) -> list[YamlValue]:
        items: list[YamlValue] = []
        while True:
            try:
                text, stop = self._until(frozenset(",}"))
            except _End:
                raise AssignmentError("list must terminate with '}'") from None
            items.append(self._convert(text))
            if stop == "}":
                if self._argument[self._position : self._position + 1] == ",":
                    self._position += 1
                return items


class _JsonParser(_Parser):
    """Reads values as JSON."""

    ends_with_empty_value = False

    def _value(self) -> YamlValue:
        if self._empty():
            return None
        from pilothouse.formats.json_text import decode_prefix

        value, self._position = decode_prefix(self._argument, self._position)
        self._empty()
        return value

    def _empty(self) -> bool:
        """Skip blanks up to and with a comma or the end; tell whether nothing else came (``emptyVal``)."""
        while self._position < len(self._argument):
            character = self._argument[self._position]
            if character == ",":
                self._position += 1
                return True
            if character not in _BLANKS:
                return False
            self._position += 1
        return True


class _LiteralParser(_Parser):
    """Knows no escapes; a value is all that is left."""

    key_stops = frozenset("=[.")
    ends_with_empty_value = False

    def _until(self, stops: frozenset[str]) -> tuple[str, str]:
        argument, start = self._argument, self._position
        for position in range(start, len(argument)):
            if argument[position] in stops:
                self._position = position + 1
                return argument[start:position], argument[position]
        self._position = len(argument)
        raise _End(argument[start:])

    def _value(self) -> YamlValue:
        start, self._position = self._position, len(self._argument)
        return self._argument[start:]
