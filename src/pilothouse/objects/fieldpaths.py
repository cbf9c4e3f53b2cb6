"""Sets of fields, as ``metadata.managedFields`` writes them. Go's ``structured-merge-diff/fieldpath``.

A path is a tuple of elements in their FieldsV1 spelling: ``f:name`` for a field, ``k:{"name":"a"}`` for the item of a
list with those keys, ``v:"x"`` for the item of a set. A field set is a set of paths.
"""

from __future__ import annotations

import json

from pilothouse.objects.errors import PatchError
from pilothouse.objects.schemas import key_default

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeAlias

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.objects.schemas import Schema

    Path: TypeAlias = tuple[str, ...]
    FieldSet: TypeAlias = set[Path]

_ORDER = {"f": 0, "k": 1, "v": 2, "i": 3}
SELF = "."


def _compact(value: YamlValue) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def item_element(item: YamlValue, schema: Schema) -> str:
    """Return the path element of an item of a list that is a set or a map.

    Raises:
        PatchError: The item lacks a key.
    """
    if schema.list_type == "set":
        return "v:" + _compact(item)
    keys: dict[str, YamlValue] = {}
    for name in sorted(schema.map_keys):
        value = item.get(name) if isinstance(item, dict) else None
        if value is None:
            value = key_default(schema, name)
        if value is not None:
            keys[name] = value
    if not keys:
        listed = ", ".join(schema.map_keys)
        raise PatchError(f"element 0: associative list with keys has an element that omits all key fields [{listed}]")
    return "k:" + _compact(keys)


def _element_rank(element: str) -> tuple[int, str]:
    return _ORDER.get(element[:1], 4), element


def encode(fields: Iterable[Path]) -> dict[str, YamlValue]:
    """Return a field set as FieldsV1."""
    root: dict[str, YamlValue] = {}
    members = set(fields)
    for path in sorted(members, key=lambda path: [_element_rank(element) for element in path]):
        node = root
        for depth, element in enumerate(path):
            if element not in node:
                node[element] = {}
            elif not node[element] and path[: depth + 1] in members:
                node[element][SELF] = {}
            node = node[element]
    return root


def decode(fields: Mapping[str, YamlValue] | None) -> FieldSet:
    """Return the field set that FieldsV1 writes.

    Raises:
        PatchError: It is no FieldsV1.
    """
    found: FieldSet = set()

    def walk(node: YamlValue, path: Path) -> None:
        if not isinstance(node, dict):
            raise PatchError("managed fields hold something other than fields")
        for element, inner in node.items():
            if element == SELF:
                found.add(path)
            elif inner:
                walk(inner, (*path, element))
            else:
                found.add((*path, element))

    walk(fields or {}, ())
    return found


def _keys(text: str) -> dict[str, YamlValue]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def path_text(path: Path) -> str:
    """Return a path as messages show it. Go's ``fieldpath.Path.String``."""
    parts = []
    for element in path:
        kind, _, text = element.partition(":")
        if kind == "f":
            parts.append("." + text)
        elif kind == "k":
            parts.append("[" + ",".join(f"{key}={_compact(value)}" for key, value in _keys(text).items()) + "]")
        else:
            parts.append(f"[={text}]" if kind == "v" else f"[{text}]")
    return "".join(parts)


def fields_of(value: YamlValue, schema: Schema) -> FieldSet:
    """Return all fields that a configuration sets. Go's ``TypedValue.ToFieldSet``."""
    found: FieldSet = set()
    _collect(value, schema, (), found)
    found.discard(())
    return found


def _collect(value: YamlValue, schema: Schema, path: Path, found: FieldSet) -> None:
    if isinstance(value, dict) and schema.map_type != "atomic":
        for key, item in value.items():
            inner = (*path, "f:" + key)
            _collect(item, schema.field(key), inner, found)
            if item is None or item == {} or not schema.is_declared(key):
                found.add(inner)
    elif isinstance(value, list) and schema.list_type != "atomic":
        for item in value:
            inner = (*path, item_element(item, schema))
            _collect(item, schema.element(), inner, found)
            found.add(inner)
    else:
        found.add(path)


def with_named_parents(fields: FieldSet, schema: Schema) -> FieldSet:
    """Return a set with the declared fields that lead to its members. Go's ``EnsureNamedFieldsAreMembers``."""
    found = set(fields)
    for path in fields:
        node = schema
        for depth, element in enumerate(path[:-1]):
            if element.startswith("f:"):
                if node.is_declared(element[2:]):
                    found.add(path[: depth + 1])
                node = node.field(element[2:])
            else:
                node = node.element()
    return found
