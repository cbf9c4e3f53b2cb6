"""Custom resources by their structural schemas: pruning, defaulting, validating (``apiextensions-apiserver/pkg``).

Rules written in CEL (``x-kubernetes-validations``) are stored and not evaluated.
"""

from __future__ import annotations

import json

from pilothouse.golang.kinds import YamlValue
from pilothouse.golang.regexp_syntax import RegexpSyntaxError
from pilothouse.golang.regexps import compile_pattern
from pilothouse.sandbox import statuses
from pilothouse.sandbox.statuses import Cause

Object = dict[str, YamlValue]
_ROOT_FIELDS = ("apiVersion", "kind", "metadata")
_PRESERVE = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = "x-kubernetes-embedded-resource"
_INT_OR_STRING = "x-kubernetes-int-or-string"
_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", dict: "object", list: "array"}


def prune(value: Object, schema: Object, *, preserve: bool) -> list[str]:
    """Drop the fields that ``schema`` does not know from ``value`` and return their paths."""
    unknown: list[str] = []
    if preserve or not schema:
        return unknown
    fields = {name: item for name, item in value.items() if name in _ROOT_FIELDS}
    rest = {name: item for name, item in value.items() if name not in _ROOT_FIELDS}
    _prune(rest, schema, "", unknown)
    value.clear()
    value.update(fields)
    value.update(rest)
    return unknown


def _prune(value: YamlValue, schema: Object, path: str, unknown: list[str]) -> None:
    if isinstance(value, dict):
        _prune_object(value, schema, path, unknown)
    elif isinstance(value, list):
        items = schema.get("items")
        if isinstance(items, dict):
            for index, item in enumerate(value):
                _prune(item, items, f"{path}[{index}]", unknown)


def _prune_object(value: Object, schema: Object, path: str, unknown: list[str]) -> None:
    properties = schema.get("properties") or {}
    additional = schema.get("additionalProperties")
    keep = schema.get(_PRESERVE) or additional is True
    for name in list(value):
        inner = f"{path}.{name}" if path else name
        if name in properties:
            _prune(value[name], properties[name], inner, unknown)
        elif isinstance(additional, dict):
            _prune(value[name], additional, inner, unknown)
        elif not keep and not (schema.get(_EMBEDDED) and name in _ROOT_FIELDS):
            unknown.append(inner)
            del value[name]


def default_fields(value: YamlValue, schema: Object) -> None:
    """Fill in the defaults that ``schema`` gives."""
    if isinstance(value, dict):
        for name, inner in (schema.get("properties") or {}).items():
            if "default" in inner and (name not in value or (value[name] is None and not inner.get("nullable"))):
                value[name] = json.loads(json.dumps(inner["default"]))
            if name in value:
                default_fields(value[name], inner)
        additional = schema.get("additionalProperties")
        if isinstance(additional, dict):
            for name, item in value.items():
                if name not in (schema.get("properties") or {}):
                    default_fields(item, additional)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for item in value:
            default_fields(item, schema["items"])


def schema_causes(value: Object, schema: Object) -> list[Cause]:
    """Return where ``value`` breaks ``schema``."""
    causes: list[Cause] = []
    rest = {name: item for name, item in value.items() if name not in ("apiVersion", "kind", "metadata")}
    inner = {
        **schema,
        "properties": {
            name: item for name, item in (schema.get("properties") or {}).items() if name not in _ROOT_FIELDS
        },
        "required": [name for name in schema.get("required") or () if name not in _ROOT_FIELDS],
    }
    _check(rest, inner, "", causes)
    return causes


def _check(value: YamlValue, schema: Object, path: str, causes: list[Cause]) -> None:
    if value is None:
        if not schema.get("nullable") and schema.get("type"):
            causes.append(_wrong_type(value, schema["type"], path))
        return
    if not _has_type(value, schema):
        wanted = "integer,string" if schema.get(_INT_OR_STRING) else schema["type"]
        causes.append(_wrong_type(value, wanted, path))
        return
    if "enum" in schema and value not in schema["enum"]:
        causes.append(_not_in_enum(value, schema["enum"], path))
    if isinstance(value, dict):
        _check_object(value, schema, path, causes)
    elif isinstance(value, list):
        _check_list(value, schema, path, causes)
    elif isinstance(value, str):
        _check_text(value, schema, path, causes)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        _check_number(value, schema, path, causes)
    _check_combined(value, schema, path, causes)


def _has_type(value: YamlValue, schema: Object) -> bool:
    if schema.get(_INT_OR_STRING):
        return isinstance(value, int | str) and not isinstance(value, bool)
    wanted = schema.get("type")
    if not wanted:
        return True
    actual = _TYPES[type(value)]
    if actual == "integer" and wanted == "number":
        return True
    return actual == wanted or (actual == "number" and wanted == "integer" and float(value).is_integer())


def _wrong_type(value: YamlValue, wanted: str, path: str) -> Cause:
    actual = _TYPES.get(type(value), "null")
    detail = f'{path or "<nil>"} in body must be of type {wanted}: "{actual}"'
    return Cause(
        type="FieldValueTypeInvalid", path=path or "<nil>", text=f"Invalid value: {statuses.show(actual)}: {detail}"
    )


def _not_in_enum(value: YamlValue, allowed: list[YamlValue], path: str) -> Cause:
    listed = ", ".join(statuses.show(each if isinstance(each, str) else str(each)) for each in allowed)
    text = f"Unsupported value: {statuses.show(value)}: supported values: {listed}"
    return Cause(type="FieldValueNotSupported", path=path, text=text)


def _check_object(value: Object, schema: Object, path: str, causes: list[Cause]) -> None:
    properties = schema.get("properties") or {}
    causes += [
        statuses.required(f"{path}.{name}" if path else name)
        for name in schema.get("required") or ()
        if name not in value
    ]
    additional = schema.get("additionalProperties")
    for name, item in value.items():
        inner = f"{path}.{name}" if path else name
        if name in properties:
            _check(item, properties[name], inner, causes)
        elif isinstance(additional, dict):
            _check(item, additional, inner, causes)
    if len(value) < schema.get("minProperties", 0):
        causes.append(_body(path, len(value), f"should have at least {schema['minProperties']} properties"))
    if "maxProperties" in schema and len(value) > schema["maxProperties"]:
        causes.append(_body(path, len(value), f"should have at most {schema['maxProperties']} properties"))


def _check_list(value: list[YamlValue], schema: Object, path: str, causes: list[Cause]) -> None:
    if len(value) < schema.get("minItems", 0):
        causes.append(_body(path, len(value), f"should have at least {schema['minItems']} items"))
    if "maxItems" in schema and len(value) > schema["maxItems"]:
        text = f"Too many: {len(value)}: must have at most {schema['maxItems']} items"
        causes.append(Cause(type="FieldValueTooMany", path=path, text=text))
    items = schema.get("items")
    if isinstance(items, dict):
        for index, item in enumerate(value):
            _check(item, items, f"{path}[{index}]", causes)
    _check_unique(value, schema, path, causes)


def _check_unique(value: list[YamlValue], schema: Object, path: str, causes: list[Cause]) -> None:
    kind = schema.get("x-kubernetes-list-type")
    if kind not in ("map", "set"):
        return
    seen: list[YamlValue] = []
    for index, item in enumerate(value):
        mark = item
        if kind == "map" and isinstance(item, dict):
            mark = {key: item.get(key) for key in schema.get("x-kubernetes-list-map-keys") or ()}
        if mark in seen:
            causes.append(statuses.duplicate(f"{path}[{index}]", mark))
        seen.append(mark)


def _check_text(value: str, schema: Object, path: str, causes: list[Cause]) -> None:
    if len(value) < schema.get("minLength", 0):
        causes.append(_body(path, value, f"should be at least {schema['minLength']} chars long"))
    if "maxLength" in schema and len(value) > schema["maxLength"]:
        text = f"Too long: may not be more than {schema['maxLength']} bytes"
        causes.append(Cause(type="FieldValueTooLong", path=path, text=text))
    if "pattern" in schema and not _matches(schema["pattern"], value):
        causes.append(_body(path, value, f"should match '{schema['pattern']}'"))


def _matches(pattern: str, value: str) -> bool:
    """Tell whether a pattern matches; one that Go cannot read matches everything, as the server never gets it."""
    try:
        return compile_pattern(pattern).matches(value)
    except RegexpSyntaxError:
        return True


def _check_number(value: float, schema: Object, path: str, causes: list[Cause]) -> None:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and (value < low or (schema.get("exclusiveMinimum") and value == low)):
        words = "greater than" if schema.get("exclusiveMinimum") else "greater than or equal to"
        causes.append(_body(path, value, f"should be {words} {_number(low)}"))
    if high is not None and (value > high or (schema.get("exclusiveMaximum") and value == high)):
        words = "less than" if schema.get("exclusiveMaximum") else "less than or equal to"
        causes.append(_body(path, value, f"should be {words} {_number(high)}"))
    multiple = schema.get("multipleOf")
    if multiple and value % multiple:
        causes.append(_body(path, value, f"should be a multiple of {_number(multiple)}"))


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def _body(path: str, value: YamlValue, rule: str) -> Cause:
    return statuses.invalid_value(path, value, f"{path} in body {rule}")


def _check_combined(value: YamlValue, schema: Object, path: str, causes: list[Cause]) -> None:
    for each in schema.get("allOf") or ():
        _check(value, each, path, causes)
    for word, text in (
        ("anyOf", "must validate at least one schema (anyOf)"),
        ("oneOf", "must validate one and only one schema (oneOf)"),
    ):
        options = schema.get(word)
        if not options or schema.get(_INT_OR_STRING):
            continue
        fitting = sum(_fits(value, each, path) for each in options)
        if fitting == 0 or (word == "oneOf" and fitting > 1):
            causes.append(_body(path or "<nil>", value if not isinstance(value, dict | list) else "", text))


def _fits(value: YamlValue, schema: Object, path: str) -> bool:
    found: list[Cause] = []
    _check(value, schema, path, found)
    return not found
