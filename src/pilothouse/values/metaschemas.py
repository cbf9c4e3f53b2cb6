"""What the drafts of JSON Schema ask of a schema, as schemas: their metaschemas, with references already followed.

A reference stands as the schema that it leads to, so that no address has to be looked up; each draft's schema contains
itself.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_Schema = dict[str, "Any"]
_TEXT: _Schema = {"type": "string"}
_SWITCH: _Schema = {"type": "boolean"}
_NUMBER: _Schema = {"type": "number"}
_COUNT: _Schema = {"$ref": {"type": "integer", "minimum": 0}}
_NAMES: _Schema = {"$ref": {"type": "array", "items": _TEXT, "uniqueItems": True}}
_ADDRESS: _Schema = {"type": "string", "format": "uri"}
_REFERENCE: _Schema = {"type": "string", "format": "uri-reference"}
_PATTERN: _Schema = {"type": "string", "format": "regex"}
_KIND: _Schema = {"$ref": {"enum": ["array", "boolean", "integer", "null", "number", "object", "string"]}}
_KINDS: _Schema = {"anyOf": [_KIND, {"type": "array", "items": _KIND, "minItems": 1, "uniqueItems": True}]}
_ANYTHING: _Schema = {"type": "array", "items": True}
_BOTH = ["object", "boolean"]

_LIMITS: _Schema = {
    **dict.fromkeys(("maximum", "minimum"), _NUMBER),
    **dict.fromkeys(("maxLength", "maxItems", "maxProperties"), _COUNT),
    "pattern": _PATTERN,
    "uniqueItems": _SWITCH,
    "type": _KINDS,
}
_LEAST = ("minLength", "minItems", "minProperties")
_POSITIVE: _Schema = {"multipleOf": {"type": "number", "exclusiveMinimum": 0}}
_OPEN: _Schema = dict.fromkeys(("exclusiveMaximum", "exclusiveMinimum"), _NUMBER)


def metaschema(draft: str) -> _Schema:
    """Return the schema of the schemas of a draft, named by its address."""
    if "/draft-04/" in draft:
        return _draft4()
    if "/draft-0" in draft:
        return _draft6(conditions="/draft-06/" not in draft)
    return _modern(latest="/2020-12/" in draft)


def _inner(root: _Schema) -> tuple[_Schema, _Schema, _Schema]:
    """Return what asks for a schema, for a filled list of them, and for a table of them."""
    inner: _Schema = {"$ref": root}
    listed: _Schema = {"$ref": {"type": "array", "minItems": 1, "items": inner}}
    return inner, listed, {"type": "object", "additionalProperties": inner}


def _draft4() -> _Schema:
    root: _Schema = {}
    inner, listed, table = _inner(root)
    least: _Schema = {"$ref": {"allOf": [_COUNT, {}]}}
    names: _Schema = {"$ref": {"type": "array", "items": _TEXT, "minItems": 1, "uniqueItems": True}}
    either: _Schema = {"anyOf": [_SWITCH, inner]}
    root["type"] = "object"
    root["properties"] = {
        **dict.fromkeys(("title", "description", "format", "$ref", "id"), _TEXT),
        "$schema": _ADDRESS,
        **_LIMITS,
        **dict.fromkeys(_LEAST, least),
        "multipleOf": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
        **dict.fromkeys(("exclusiveMaximum", "exclusiveMinimum"), _SWITCH),
        **dict.fromkeys(("additionalItems", "additionalProperties"), either),
        "items": {"anyOf": [inner, listed]},
        "required": names,
        **dict.fromkeys(("definitions", "properties", "patternProperties"), table),
        "dependencies": {"type": "object", "additionalProperties": {"anyOf": [inner, names]}},
        "enum": {"type": "array", "minItems": 1, "uniqueItems": True},
        **dict.fromkeys(("allOf", "anyOf", "oneOf"), listed),
        "not": inner,
    }
    root["dependencies"] = {"exclusiveMaximum": ["maximum"], "exclusiveMinimum": ["minimum"]}
    return root


def _draft6(*, conditions: bool) -> _Schema:
    root: _Schema = {}
    inner, listed, table = _inner(root)
    least: _Schema = {"$ref": {"allOf": [_COUNT, {}]}}
    root["type"] = _BOTH
    root["properties"] = {
        **dict.fromkeys(("title", "description", "format"), _TEXT),
        **dict.fromkeys(("$id", "$ref"), _REFERENCE),
        "$schema": _ADDRESS,
        **_LIMITS,
        **_OPEN,
        **_POSITIVE,
        **dict.fromkeys(_LEAST, least),
        "items": {"anyOf": [inner, listed]},
        "required": _NAMES,
        **dict.fromkeys(("definitions", "properties"), table),
        "patternProperties": {**table, "propertyNames": {"format": "regex"}} if conditions else table,
        "dependencies": {"type": "object", "additionalProperties": {"anyOf": [inner, _NAMES]}},
        "enum": {"type": "array", "minItems": 1, "uniqueItems": True},
        **dict.fromkeys(("allOf", "anyOf", "oneOf"), listed),
        **dict.fromkeys(("additionalItems", "contains", "additionalProperties", "propertyNames", "not"), inner),
    }
    if conditions:
        root["properties"] |= {
            **dict.fromkeys(("$comment", "contentMediaType", "contentEncoding"), _TEXT),
            **dict.fromkeys(("readOnly", "writeOnly"), _SWITCH),
            "examples": _ANYTHING,
            **dict.fromkeys(("if", "then", "else"), inner),
        }
    return root


def _modern(*, latest: bool) -> _Schema:
    """Return the schema of 2019-09 or 2020-12, which has a part for each vocabulary."""
    root: _Schema = {}
    inner, listed, table = _inner(root)
    parts = [_core(table, latest=latest), _applied(inner, listed, table, latest=latest)]
    if latest:
        parts.append(dict.fromkeys(("unevaluatedItems", "unevaluatedProperties"), inner))
    parts += [
        _validated(),
        {
            **dict.fromkeys(("title", "description"), _TEXT),
            **dict.fromkeys(("deprecated", "readOnly", "writeOnly"), _SWITCH),
            "examples": _ANYTHING,
        },
        {"format": _TEXT},
        {**dict.fromkeys(("contentMediaType", "contentEncoding"), _TEXT), "contentSchema": inner},
    ]
    root["allOf"] = [{"$ref": {"type": _BOTH, "properties": part}} for part in parts]
    root["type"] = _BOTH
    dependency: _Schema = {"anyOf": [inner, _NAMES]}
    root["properties"] = {
        "definitions": table,
        "dependencies": {"type": "object", "additionalProperties": dependency},
    }
    if latest:
        root["properties"] |= {"$recursiveAnchor": _anchor(latest=True), "$recursiveRef": _REFERENCE}
    return root


def _anchor(*, latest: bool) -> _Schema:
    return {"type": "string", "pattern": "^[A-Za-z_][-A-Za-z0-9._]*$" if latest else "^[A-Za-z][-A-Za-z0-9.:_]*$"}


def _core(table: _Schema, *, latest: bool) -> _Schema:
    anchor = _anchor(latest=latest)
    return {
        "$id": {**_REFERENCE, "pattern": "^[^#]*#?$"},
        "$schema": _ADDRESS,
        "$ref": _REFERENCE,
        "$anchor": anchor,
        "$vocabulary": {"type": "object", "propertyNames": _ADDRESS, "additionalProperties": _SWITCH},
        "$comment": _TEXT,
        "$defs": table,
        **(
            {"$dynamicRef": _REFERENCE, "$dynamicAnchor": anchor}
            if latest
            else {"$recursiveRef": _REFERENCE, "$recursiveAnchor": _SWITCH}
        ),
    }


def _applied(inner: _Schema, listed: _Schema, table: _Schema, *, latest: bool) -> _Schema:
    return {
        **dict.fromkeys(("contains", "additionalProperties", "propertyNames", "if", "then", "else", "not"), inner),
        **dict.fromkeys(("allOf", "anyOf", "oneOf"), listed),
        **dict.fromkeys(("properties", "dependentSchemas"), table),
        "patternProperties": {**table, "propertyNames": {"format": "regex"}},
        **(
            {"prefixItems": listed, "items": inner}
            if latest
            else {
                **dict.fromkeys(("additionalItems", "unevaluatedItems", "unevaluatedProperties"), inner),
                "items": {"anyOf": [inner, listed]},
            }
        ),
    }


def _validated() -> _Schema:
    return {
        **_LIMITS,
        **_OPEN,
        **_POSITIVE,
        **dict.fromkeys((*_LEAST, "maxContains", "minContains"), _COUNT),
        "enum": _ANYTHING,
        "required": _NAMES,
        "dependentRequired": {"type": "object", "additionalProperties": _NAMES},
    }
