"""Nested maps: copying and looking up by path."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.golang.kinds import YamlValue


def deep_copy(value: YamlValue) -> YamlValue:
    """Return a copy whose maps and lists are new; scalars are shared."""
    kind = type(value)
    if kind is dict:
        return {
            key: deep_copy(item) if type(item) is dict or type(item) is list else item for key, item in value.items()
        }
    if kind is list:
        return [deep_copy(item) if type(item) is dict or type(item) is list else item for item in value]
    if isinstance(value, dict):
        return {key: deep_copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [deep_copy(item) for item in value]
    return value


def copy_values(values: Mapping[str, YamlValue] | None) -> dict[str, YamlValue]:
    """Return a deep copy of values; none become an empty map (``copyValues``)."""
    return deep_copy(dict(values)) if values else {}


def find_table(values: Mapping[str, YamlValue], path: str) -> Mapping[str, YamlValue] | str:
    """Return the map at a dotted path, or what is said about its absence (``Values.Table``)."""
    table = values
    for part in path.split("."):
        found = table.get(part)
        if not isinstance(found, dict):
            return f'"{part}" is not a table'
        table = found
    return table


def find_value(values: Mapping[str, YamlValue], path: str) -> tuple[bool, YamlValue]:
    """Return whether a dotted path leads to something that is no map, and what (``Values.PathValue``)."""
    table: YamlValue = values
    parts = path.split(".")
    for part in parts[:-1]:
        table = table.get(part) if isinstance(table, dict) else None
    if isinstance(table, dict) and parts[-1] in table and not isinstance(table[parts[-1]], dict):
        return True, table[parts[-1]]
    return False, None
