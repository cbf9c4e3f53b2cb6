"""The OpenAPI version 2 document in the protobuf form that older kubectl want (gnostic's ``openapi.v2.Document``)."""

from __future__ import annotations

import orjson

from pilothouse.golang.kinds import YamlValue

Object = dict[str, YamlValue]
CONTENT_TYPE = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
ASKED = ("v2.v1.0+protobuf", "v2@v1.0+protobuf")
_METHODS = {"get": 2, "put": 3, "post": 4, "delete": 5, "options": 6, "head": 7, "patch": 8}
_NUMBERS = {"maxLength": 11, "minLength": 12, "maxItems": 14, "minItems": 15, "maxProperties": 17, "minProperties": 18}
_QUERY = 3


def encode(document: Object) -> bytes:
    """Return ``document`` as protobuf."""
    info = document["info"]
    parts = [
        _text(1, document["swagger"]),
        _bytes(2, _text(1, info["title"]) + _text(2, info["version"])),
        _bytes(8, b"".join(_named(2, path, _path(item)) for path, item in document["paths"].items())),
        _bytes(9, b"".join(_named(1, name, _schema(each)) for name, each in document["definitions"].items())),
    ]
    return b"".join(parts)


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    made.append(value)
    return bytes(made)


def _bytes(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _text(number: int, text: str) -> bytes:
    return _bytes(number, text.encode()) if text else b""


def _integer(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _named(number: int, name: str, value: bytes) -> bytes:
    return _bytes(number, _text(1, name) + _bytes(2, value))


def _any(value: YamlValue) -> bytes:
    return _bytes(2, orjson.dumps(value))


def _extensions(number: int, value: Object) -> bytes:
    return b"".join(_named(number, key, _any(item)) for key, item in value.items() if key.startswith("x-"))


def _path(item: Object) -> bytes:
    return b"".join(_bytes(_METHODS[method], _operation(each)) for method, each in item.items() if method in _METHODS)


def _operation(each: Object) -> bytes:
    parts = [_text(5, each["operationId"])]
    parts += [_text(7, kind) for kind in each.get("consumes") or ()]
    parts += [_bytes(8, _bytes(1, _parameter(parameter))) for parameter in each.get("parameters") or ()]
    responses = b"".join(_named(1, code, _bytes(1, _response(item))) for code, item in each["responses"].items())
    parts.append(_bytes(9, responses))
    parts.append(_extensions(13, each))
    return b"".join(parts)


def _parameter(parameter: Object) -> bytes:
    required = _integer(1, 1) if parameter.get("required") else b""
    if parameter["in"] == "body":
        body = _text(2, parameter["name"]) + _text(3, "body")
        body += (_integer(4, 1) if parameter.get("required") else b"") + _bytes(5, _schema(parameter["schema"]))
        return _bytes(1, body)
    query = required + _text(2, parameter["in"]) + _text(4, parameter["name"]) + _text(6, parameter["type"])
    if parameter.get("uniqueItems"):
        query += _integer(20, 1)
    return _bytes(2, _bytes(_QUERY, query))


def _response(item: Object) -> bytes:
    made = _text(1, item.get("description", ""))
    if "schema" in item:
        made += _bytes(2, _bytes(1, _schema(item["schema"])))
    return made


def _schema(schema: Object) -> bytes:
    parts = [
        _text(1, schema.get("$ref", "")),
        _text(2, schema.get("format", "")),
        _text(4, schema.get("description", "")),
    ]
    if "default" in schema:
        parts.append(_bytes(5, _any(schema["default"])))
    parts += [_integer(number, schema[name]) for name, number in _NUMBERS.items() if name in schema]
    parts.append(_text(13, schema.get("pattern", "")))
    parts += [_text(19, name) for name in schema.get("required") or ()]
    parts += [_bytes(20, _any(item)) for item in schema.get("enum") or ()]
    additional = schema.get("additionalProperties")
    if isinstance(additional, dict):
        parts.append(_bytes(21, _bytes(1, _schema(additional))))
    elif isinstance(additional, bool):
        parts.append(_bytes(21, _integer(2, int(additional))))
    if "type" in schema:
        parts.append(_bytes(22, _text(1, schema["type"])))
    if isinstance(schema.get("items"), dict):
        parts.append(_bytes(23, _bytes(1, _schema(schema["items"]))))
    parts += [_bytes(24, _schema(each)) for each in schema.get("allOf") or ()]
    if "properties" in schema:
        inner = b"".join(_named(1, name, _schema(each)) for name, each in schema["properties"].items())
        parts.append(_bytes(25, inner))
    parts.append(_extensions(31, schema))
    return b"".join(parts)
