"""What server-side apply finds wrong with a configuration (``structured-merge-diff/typed`` validation)."""

from __future__ import annotations

import orjson

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.patches.wording import go_type
from pilothouse.sandbox.decoding import FREE, INT_OR_STRING, QUANTITY

Object = dict[str, YamlValue]


def faults(value: YamlValue, schema: Object, definitions: Object) -> list[str]:
    """Return the faults of ``value``, each with its path."""
    found: list[str] = []
    _check(value, schema, definitions, "", found)
    return found


def _check(value: YamlValue, schema: Object, definitions: Object, path: str, found: list[str]) -> None:
    if value is None:
        return
    name = schema.get("$ref", "")[14:]
    if name in FREE or name in (INT_OR_STRING, QUANTITY) or schema.get("x-kubernetes-int-or-string"):
        return
    if name:
        schema = definitions[name]
    kind = schema.get("type") or ("object" if "properties" in schema else "")
    if kind == "object":
        _check_object(value, schema, definitions, path, found)
    elif kind == "array":
        _check_list(value, schema, definitions, path, found)
    else:
        fault = _scalar_fault(value, kind)
        if fault:
            found.append(f"{path}: {fault}")


def _scalar_fault(value: YamlValue, kind: str) -> str:
    actual = type(value)
    if kind == "string" and actual is not str:
        shown = str(value).lower() if actual is bool else value
        return f"expected string, got &value.valueUnstructured{{Value:{shown}}}"
    if kind in ("integer", "number") and actual not in (int, float):
        return f"expected numeric (int or float), got {go_type(value)}"
    if kind == "boolean" and actual is not bool:
        return f"expected boolean, got {go_type(value)}"
    return ""


def _check_object(value: YamlValue, schema: Object, definitions: Object, path: str, found: list[str]) -> None:
    if not isinstance(value, dict):
        found.append(f"{path}: expected map, got &{{{_shown(value)}}}")
        return
    properties = schema.get("properties")
    additional = schema.get("additionalProperties")
    keep = schema.get("x-kubernetes-preserve-unknown-fields") or additional is True
    embedded = schema.get("x-kubernetes-embedded-resource")
    for key, item in value.items():
        inner = f"{path}.{key}"
        if properties and key in properties:
            _check(item, properties[key], definitions, inner, found)
        elif isinstance(additional, dict):
            _check(item, additional, definitions, inner, found)
        elif properties is not None and not keep and not (embedded and key in ("apiVersion", "kind", "metadata")):
            found.append(f"{inner}: field not declared in schema")


def _check_list(value: YamlValue, schema: Object, definitions: Object, path: str, found: list[str]) -> None:
    if not isinstance(value, list):
        found.append(f"{path}: expected list, got &{{{_shown(value)}}}")
        return
    seen: set[str] = set()
    for index, item in enumerate(value):
        place = _place(item, schema) or f"[{index}]"
        if place in seen:
            found.append(f"{path}: duplicate entries for key {place}")
        seen.add(place)
        _check(item, schema.get("items") or {}, definitions, path + place, found)


def _place(item: YamlValue, schema: Object) -> str:
    """Return what tells an item apart in a list that is a map or a set; empty in others."""
    kind = schema.get("x-kubernetes-list-type")
    if kind == "set":
        return f"[={_shown(item)}]"
    keys = schema.get("x-kubernetes-list-map-keys") or ()
    if kind != "map" or not isinstance(item, dict):
        return ""
    # Of all keys of the built-in kinds only a port's protocol has a default.
    values = {"protocol": "TCP", **item} if "protocol" in keys else item
    return "[" + ",".join(f"{key}={_shown(values[key])}" for key in sorted(keys) if key in values) + "]"


def _shown(value: YamlValue) -> str:
    return orjson.dumps(value).decode()
