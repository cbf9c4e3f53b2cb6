"""TOML as ``BurntSushi/toml`` reads and writes it; Helm 3 and 4 write floats differently."""

from __future__ import annotations

import re

from pilothouse.formats.errors import TomlError
from pilothouse.formats.floats import format_plain, format_shortest
from pilothouse.formats.toml_reader import TableList, decode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from re import Match

    from pilothouse.golang.kinds import GoValue

__all__ = ["TableList", "TomlError", "decode", "encode"]

_BARE = re.compile(r"[A-Za-z0-9_-]+").fullmatch
_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f]').sub
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def encode(value: GoValue, *, helm: int = 4) -> str:
    """Return ``value`` as TOML text (``Encoder.Encode``); nested tables are indented by two blanks.

    Raises:
        TomlError: TOML cannot show the value; the message is what ``toToml`` returns then.
        FunctionError: The value is nil, at which the library panics.
    """
    if value is None:
        from pilothouse.golang.functions import FunctionError

        raise FunctionError("reflect: call of reflect.Value.Type on zero Value")
    writer = _Writer(helm)
    try:
        writer.write((), value)
    except RecursionError:
        raise TomlError("toml: the value is nested too deeply") from None
    return "".join(writer.out)


def _is_nil(value: GoValue) -> bool:
    return value is None or getattr(value, "go_nil", False)


def _is_table(value: GoValue) -> bool:
    """Tell whether a value is written as a table: a map or struct that does not write itself as text."""
    if _is_nil(value) or "MarshalText" in getattr(type(value), "go_methods", ()):
        return False
    if isinstance(value, dict):
        return True
    kind = getattr(value, "go_kind", "")
    return kind in ("struct", "ptr", "map")


def _is_table_list(value: GoValue) -> bool:
    """Tell whether a list holds only tables; a list must not hold nil."""
    if not isinstance(value, (list, tuple)) or not value:
        return False
    if any(_is_nil(item) for item in value):
        raise TomlError("toml: cannot encode array with nil element")
    return all(_is_table(item) for item in value)


def _is_section(value: GoValue) -> bool:
    return _is_table(value) or _is_table_list(value)


def _fields(table: GoValue) -> tuple[dict[str, GoValue], list[str]]:
    """Return the entries of a table and their order: sorted for maps, as declared for structs."""
    if isinstance(table, dict):
        return {str(key): item for key, item in table.items()}, sorted(map(str, table))
    declared = getattr(type(table), "go_fields", {})
    if declared:
        exported = [name for name in declared if name[0].isupper()]
        return {name: getattr(table, declared[name]) for name in exported}, exported
    from pilothouse.formats.plain_values import json_value

    plain = json_value(table)
    return (plain, list(plain)) if isinstance(plain, dict) else ({}, [])


def quote(text: str) -> str:
    """Write a string in double quotes."""
    return f'"{_ESCAPED(_escape, text)}"'


def _escape(found: Match[str]) -> str:
    return _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}"


def _key(name: str) -> str:
    return name if _BARE(name) else quote(name)


class _Writer:
    """Collects the text."""

    def __init__(self, helm: int) -> None:
        self.out: list[str] = []
        self._float: Callable[[float], str] = format_shortest if helm >= 4 else format_plain

    def _newline(self) -> None:
        if self.out:
            self.out.append("\n")

    def write(self, key: tuple[str, ...], value: GoValue) -> None:
        """Write a value under a dotted key (``Encoder.encode``)."""
        if _is_nil(value):
            return
        if _is_table_list(value):
            self._table_list(key, value)
        elif _is_table(value):
            if len(key) == 1:
                self._newline()
            if key:
                self.out.append(f"{self._indent(key)}[{'.'.join(map(_key, key))}]")
                self._newline()
            self._entries(key, value)
        elif not key:
            self.out.append(self._element(value))
        else:
            self.out.append(f"{self._indent(key)}{_key(key[-1])} = {self._element(value)}")
            self._newline()

    @staticmethod
    def _indent(key: tuple[str, ...]) -> str:
        return "  " * (len(key) - 1)

    def _table_list(self, key: tuple[str, ...], tables: list[GoValue]) -> None:
        if not key:
            raise TomlError("toml: top-level values must be Go maps or structs")
        for table in tables:
            self._newline()
            self.out.append(f"{self._indent(key)}[[{'.'.join(map(_key, key))}]]")
            self._newline()
            self._entries(key, table)

    def _entries(self, key: tuple[str, ...], table: GoValue) -> None:
        """Write the entries of a table: values first, then tables."""
        entries, order = _fields(table)
        for sections in (False, True):
            for name in order:
                if _is_section(entries[name]) is sections:
                    self.write((*key, name), entries[name])

    def _element(self, value: GoValue) -> str:  # noqa: PLR0911 - one return a type
        """Write a value inline (``eElement``)."""
        if isinstance(value, str):
            return quote(value)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return quote(str(value)) if getattr(value, "go_type", "") == "time.Duration" else str(int(value))
        if isinstance(value, float):
            return self._number(value)
        if isinstance(value, (list, tuple)):
            _is_table_list(value)
            return f"[{', '.join(self._element(item) for item in value)}]"
        if isinstance(value, (bytes, bytearray)):
            return f"[{', '.join(map(str, value))}]"
        if _is_table(value):
            return self._inline(value)
        method = getattr(value, "go_json", None)
        if method is None:
            from pilothouse.formats.plain_values import go_type_name

            raise TomlError(f"toml: unexpected type: {go_type_name(value)}")
        return str(method()) if getattr(value, "go_type", "") == "time.Time" else quote(str(value))

    def _inline(self, table: GoValue) -> str:
        entries, order = _fields(table)
        plain = [name for name in order if not _is_section(entries[name])]
        order = plain + [name for name in order if _is_section(entries[name])]
        shown = [
            f"{_key(name)} = {self._element(entries[name])}{'' if name == order[-1] else ', '}"
            for name in order
            if not _is_nil(entries[name])  # a comma that was meant for one of these stays
        ]
        return f"{{{''.join(shown)}}}"

    def _number(self, value: float) -> str:
        text = self._float(value)
        if text in ("NaN", "+Inf", "-Inf"):
            return text.lower().removeprefix("+")
        return text if "." in text or "e" in text else text + ".0"
