"""Reads TOML with the rules and the error texts of ``BurntSushi/toml``: version 1.1, and some quirks.

Tables named by a dotted key or above a subtable are *implicit* until they are defined once; defining such a key again
as anything is accepted and ignored, as the library does.
"""

from __future__ import annotations

import re

from pilothouse.formats.errors import TomlError
from pilothouse.formats.toml_scalars import read_bare_value, read_string

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import GoValue

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]").search
_BLANKS = re.compile(r"[ \t]*+").match
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*+").match
_BARE = re.compile(r"[A-Za-z0-9_-]*+").match

_Key = tuple[str, ...]


class TableList(list[dict[str, "GoValue"]]):
    """Go's ``[]map[string]interface {}``: an array of tables."""

    __slots__ = ()
    go_type = "[]map[string]interface {}"
    go_kind = "slice"
    go_element = "map[string]interface {}"


def decode(text: str) -> dict[str, GoValue]:
    """Return the table that a TOML text describes (``toml.Unmarshal`` into ``map[string]interface{}``).

    Raises:
        TomlError: The text is no TOML.
    """
    return Reader(text).document()


def shown(character: str) -> str:
    """Write a character as Go's ``%q`` does; the end of the text is a NUL to the library."""
    from pilothouse.golang.quoting import quote_rune

    return quote_rune(ord(character) if character else 0)


class Reader:
    """Walks through the text once."""

    def __init__(self, text: str) -> None:
        self.text = text.removeprefix("\ufeff")
        self.position = 0
        self._root: dict[str, GoValue] = {}
        self._context: _Key = ()
        self._current = ""
        self._implicit: set[_Key] = set()
        self._arrays: set[_Key] = set()

    def fail(self, message: str, position: int | None = None) -> TomlError:
        """Return an error at a position, with the key being read."""
        at = self.position if position is None else position
        line = self.text.count("\n", 0, min(at, len(self.text))) + 1
        key = ".".join((*self._context, *((self._current,) if self._current else ())))
        from pilothouse.golang.quoting import quote

        last = f" (last key {quote(key)})" if key else ""
        column = at - (self.text.rfind("\n", 0, at) + 1) + 1
        return TomlError(f"toml: line {line}{last}: {message}", line, column)

    def peek(self) -> str:
        """Return the next character, or nothing at the end."""
        return self.text[self.position : self.position + 1]

    def skip_blanks(self) -> None:
        """Skip blanks and tabs."""
        found = _BLANKS(self.text, self.position)
        self.position = found.end() if found else self.position

    def skip_space(self) -> None:
        """Skip blanks, line breaks and comments."""
        found = _SPACE(self.text, self.position)
        end = found.end() if found else self.position
        self._refuse_control(end)
        self.position = end

    def _refuse_control(self, end: int) -> None:
        found = _CONTROL(self.text, self.position, end)
        if found:
            message = f"TOML files cannot contain control characters: '0x{ord(found[0]):02x}'"
            raise self.fail(message, found.start())

    # Documents ------------------------------------------------------------------------------------------------------

    def document(self) -> dict[str, GoValue]:
        """Read everything."""
        self.skip_space()
        while self.position < len(self.text):
            if self.peek() == "[":
                self._header()
            else:
                self._pair(top=True)
            self._line_end()
            self.skip_space()
        return self._root

    def _line_end(self) -> None:
        self.skip_blanks()
        rest = self.peek()
        if rest in ("", "#", "\n") or self.text.startswith("\r\n", self.position):
            return
        ending = "expected a top-level item to end with a newline, comment, or EOF"
        raise self.fail(f"{ending}, but got {shown(rest)} instead")

    def _header(self) -> None:
        """Read ``[table]`` or ``[[array of tables]]``."""
        self.position += 1
        array = self.peek() == "["
        self.position += array
        key: _Key = ()
        while True:
            self.skip_blanks()
            character = self.peek()
            if character in ("]", ""):
                raise self.fail("unexpected end of table name (table names cannot be empty)")
            if character == ".":
                raise self.fail("unexpected table separator (table names cannot be empty)")
            key = (*key, self._name())
            self.skip_blanks()
            character = self.peek()
            self.position += 1
            if character == "]":
                break
            if character != ".":
                raise self.fail(f"expected '.' or ']' to end table name, but got {shown(character)} instead")
        if array:
            if self.peek() != "]":
                character = self.peek()
                self.position += 1
                message = "expected end of table array name delimiter ']'"
                raise self.fail(f"{message}, but got {shown(character)} instead")
            self.position += 1
        self._enter(key, array=array)

    def _name(self) -> str:
        """Read one part of a key."""
        mark = self.peek()
        if mark in ('"', "'") and mark:
            if self.text.startswith(mark * 2, self.position):
                self.position += 2
                return ""
            return read_string(self)
        found = _BARE(self.text, self.position)
        if found is None:
            return ""
        self.position = found.end()
        return found[0]

    def _keys(self) -> _Key:
        """Read a dotted key and its equals sign."""
        character = self.peek()
        if character in ("=", ""):
            raise self.fail("unexpected '=': key name appears blank")
        if character == ".":
            raise self.fail("unexpected '.': keys cannot start with a '.'")
        key: _Key = ()
        while True:
            key = (*key, self._name())
            self.skip_blanks()
            character = self.peek()
            if character == "=":
                self.position += 1
                return key
            if character == "":
                raise self.fail("unexpected EOF; expected key separator '='")
            if character != ".":
                raise self.fail(f"expected '.' or '=', but got {shown(character)} instead")
            self.position += 1
            self.skip_blanks()
            character = self.peek()
            if character in ("=", ".", ""):
                raise self.fail(f"unexpected '{character or '='}'")

    def _pair(self, *, top: bool) -> tuple[_Key, GoValue]:
        """Read ``key = value`` into the current table."""
        outer = self._context
        key = self._keys()
        self._current = key[-1]
        for part in key[:-1]:
            self._implicit.add((*self._context, part))
            self._enter((*self._context, part), array=False)
        value = self.value()
        self._set(self._current, value)
        if isinstance(value, list):
            self._arrays.add((*self._context, self._current))
        self._context = outer
        if top:
            self._current = ""
        return key, value

    # Tables ---------------------------------------------------------------------------------------------------------

    def _enter(self, key: _Key, *, array: bool) -> None:
        """Make a table the current one (``addContext``)."""
        table = self._root
        path: _Key = ()
        for part in key[:-1]:
            path = (*path, part)
            if part not in table:
                self._implicit.add(path)
                table[part] = {}
            found = table[part]
            if isinstance(found, TableList):
                table = found[-1]
            elif isinstance(found, dict):
                table = found
            else:
                raise self.fail(f"Key '{'.'.join(path)}' was already created as a hash.")
        self._context = path
        name = key[-1]
        if array:
            tables = table.setdefault(name, TableList())
            if not isinstance(tables, TableList):
                raise self.fail(f"Key '{'.'.join(key)}' was already created and cannot be used as an array.")
            tables.append({})
        else:
            self._set(name, {})
        self._context = (*path, name)

    def _set(self, name: str, value: GoValue) -> None:
        """Set a key of the current table (``setValue``)."""
        table = self._root
        path: _Key = ()
        for part in self._context:
            path = (*path, part)
            found = table.get(part)
            if isinstance(found, TableList):
                table = found[-1]
            elif isinstance(found, dict):
                table = found
            else:
                raise self.fail(f"Key '{'.'.join(path)}' has already been defined.")
        path = (*path, name)
        if name in table:
            if path not in self._arrays and path not in self._implicit:
                raise self.fail(f"Key '{'.'.join(path)}' has already been defined.")
            self._implicit.discard(path)
            if path not in self._arrays:
                return
        table[name] = value

    # Values ---------------------------------------------------------------------------------------------------------

    def value(self) -> GoValue:
        """Read a value."""
        self.skip_blanks()
        character = self.peek()
        if character == "[":
            return self._array()
        if character == "{":
            return self._inline_table()
        if character in ('"', "'"):
            return read_string(self)
        return read_bare_value(self)

    def _array(self) -> list[GoValue]:
        items: list[GoValue] = []
        self.position += 1
        while True:
            self.skip_space()
            character = self.peek()
            if character == "]":
                break
            if character == ",":
                raise self.fail("unexpected comma")
            items.append(self._array_item())
            self.skip_space()
            character = self.peek()
            if character == ",":
                self.position += 1
            elif character != "]":
                got = f"'{character}'" if character else "end of file"
                raise self.fail(f"expected a comma (',') or array terminator (']'), but got {got}")
        self.position += 1
        return items

    def _array_item(self) -> GoValue:
        """Read an item of an array; tables in it do not take part in the tree of tables."""
        if self.peek() != "{":
            return self.value()
        inner = Reader("")
        inner.text, inner.position = self.text, self.position
        inner._context, inner._current = (), self._current
        inner._root = {self._current: {}}
        inner._implicit.add((self._current,))
        value = inner.value()
        self.position = inner.position
        return value

    def _inline_table(self) -> dict[str, GoValue]:
        outer_context, outer_current = self._context, self._current
        table: dict[str, GoValue] = {}
        self._context, self._current = (*self._context, self._current), ""
        path = self._context
        self._implicit.add(path)
        self._enter(path, array=False)
        self.position += 1
        while True:
            self.skip_space()
            character = self.peek()
            if character == "}":
                break
            if character == ",":
                raise self.fail("unexpected comma")
            key, value = self._pair(top=False)
            self._nest(table, key, value)
            self.skip_space()
            character = self.peek()
            if character == ",":
                self.position += 1
            elif character != "}":
                got = f"'{character}'" if character else "end of file"
                message = "expected a comma or an inline table terminator '}'"
                raise self.fail(f"{message}, but got {got} instead")
        self.position += 1
        self._context, self._current = outer_context, outer_current
        return table

    @staticmethod
    def _nest(table: dict[str, GoValue], key: _Key, value: GoValue) -> None:
        for part in key[:-1]:
            table = table.setdefault(part, {})
        table[key[-1]] = value
