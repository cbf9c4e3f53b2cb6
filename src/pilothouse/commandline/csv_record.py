"""One CSV record as Go's ``encoding/csv`` reads it, which is how flags split lists that hold quotes."""

from __future__ import annotations

from pilothouse.commandline.errors import ValueRefused


def read_record(text: str) -> list[str]:
    """Return the fields of the first record in ``text`` (``csv.Reader.Read`` with its defaults).

    Raises:
        ValueRefused: A quote stands where none may, in Go's words.
    """
    fields: list[str] = []
    position, end = 0, len(text)
    while True:
        if text[position : position + 1] == '"':
            field, position = _quoted(text, position)
        else:
            field, position = _bare(text, position, end)
        fields.append(field)
        if position >= end or text[position] != ",":
            return fields
        position += 1


def _bare(text: str, start: int, end: int) -> tuple[str, int]:
    stop = start
    while stop < end and text[stop] not in ",\n":
        if text[stop] == '"':
            column = len(text[:stop].encode()) + 1
            raise ValueRefused(f'parse error on line 1, column {column}: bare " in non-quoted-field')
        stop += 1
    field = text[start:stop]
    return (field[:-1] if text[stop : stop + 1] == "\n" and field.endswith("\r") else field), stop


def _quoted(text: str, start: int) -> tuple[str, int]:
    parts: list[str] = []
    position = start + 1
    while True:
        closing = text.find('"', position)
        if closing < 0:
            column = len(text.encode()) + 1
            raise ValueRefused(f'parse error on line 1, column {column}: extraneous or missing " in quoted-field')
        parts.append(text[position:closing])
        position = closing + 1
        following = text[position : position + 1]
        if following == '"':
            parts.append('"')
            position += 1
        elif following in ("", ",", "\n"):
            return "".join(parts), position
        else:
            column = len(text[:closing].encode()) + 1
            raise ValueRefused(f'parse error on line 1, column {column}: extraneous or missing " in quoted-field')
