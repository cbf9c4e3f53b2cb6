"""Bytes to objects as Kubernetes decodes them: wrong types refused, unknown and duplicate fields told, nulls dropped.

The rules are those of Go's ``encoding/json`` over the published schemas (``sigs.k8s.io/json``); the texts are theirs.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable

import orjson

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.errors import QuantityError
from pilothouse.objects.quantities import canonical

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
FREE = {
    "io.k8s.apimachinery.pkg.runtime.RawExtension",
    "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray",
    "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray",
}
_GO_NAMES = {str: "string", bool: "bool", int: "number", float: "number", dict: "object", list: "array"}


class DecodeError(ValueError):
    """A value has a type that its field cannot take; the text is Go's."""


class Decoder:
    """Decodes objects by the published definitions.

    Args:
        definitions: Schemas by name, with ``#/definitions/`` references.
    """

    def __init__(self, definitions: dict[str, YamlValue]) -> None:
        self._definitions = definitions

    def decode(self, value: YamlValue, definition: str) -> tuple[YamlValue, list[str]]:
        """Return ``value`` without unknown fields and nulls, and the paths of the unknown fields.

        Raises:
            DecodeError: A value has the wrong type.
        """
        unknown: list[str] = []
        struct = definition.rpartition(".")[2]
        schema = self._definitions[definition]
        if not isinstance(value, dict):
            raise DecodeError(f"json: cannot unmarshal {_name(value)} into Go value of type {_short(definition)}")
        return self._struct(value, schema, _Place(struct, "", "", unknown)), unknown

    def _struct(self, value: dict[str, YamlValue], schema: YamlValue, place: _Place) -> YamlValue:
        properties = schema["properties"]
        made = {}
        for key, item in value.items():
            wanted = properties.get(key)
            if wanted is None:
                place.unknown.append(place.indexed + key)
            elif item is not None:
                made[key] = self._value(item, wanted, place.field(key))
        return made

    def _value(self, value: YamlValue, schema: YamlValue, place: _Place) -> YamlValue:
        reference = schema.get("$ref")
        if reference is not None:
            name = reference[14:]
            special = _SPECIAL.get(name)
            if special is not None:
                return special(value, place)
            schema = self._definitions[name]
            if "properties" in schema:
                if type(value) is not dict:
                    raise place.wrong(value, _short(name))
                return self._struct(value, schema, place.inside(name.rpartition(".")[2]))
        kind = schema.get("type")
        if kind == "array":
            return self._array(value, schema, place)
        if kind == "object":
            return self._map(value, schema, place)
        return _scalar(value, schema, kind, place)

    def _array(self, value: YamlValue, schema: YamlValue, place: _Place) -> YamlValue:
        if type(value) is not list:
            raise place.wrong(value, self._go_type(schema))
        items = schema.get("items") or {}
        made = []
        for index, item in enumerate(value):
            if item is None:
                item = self._zero(items)  # noqa: PLW2901 - Go decodes null to the zero value
            made.append(self._value(item, items, place.item(index)))
        return made

    def _map(self, value: YamlValue, schema: YamlValue, place: _Place) -> YamlValue:
        if type(value) is not dict:
            raise place.wrong(value, self._go_type(schema))
        inner = schema.get("additionalProperties")
        if not isinstance(inner, dict):
            return value
        made = {}
        for key, item in value.items():
            made[key] = self._value(self._zero(inner) if item is None else item, inner, place.entry(key))
        return made

    def _zero(self, schema: YamlValue) -> YamlValue:
        name = schema.get("$ref", "")[14:]
        if name:
            schema = self._definitions[name]
        zeros: dict[str, YamlValue] = {
            "string": "",
            "integer": 0,
            "number": 0,
            "boolean": False,
            "array": [],
            "object": {},
        }
        if name == QUANTITY:
            return "0"
        return zeros.get(schema.get("type", "object"), {})

    def _go_type(self, schema: YamlValue) -> str:
        name = schema.get("$ref", "")[14:]
        if name:
            return _short(name)
        kind = schema.get("type")
        if kind == "array":
            return "[]" + self._go_type(schema.get("items") or {})
        if kind == "object":
            return "map[string]" + self._go_type(schema.get("additionalProperties") or {"type": "string"})
        return _scalar_type(schema, kind)


class _Place:
    """Where a value stands: for Go's texts the struct and dotted path, for unknown fields the path with indices."""

    __slots__ = ("dotted", "indexed", "struct", "unknown")

    def __init__(self, struct: str, dotted: str, indexed: str, unknown: list[str]) -> None:
        self.struct = struct
        self.dotted = dotted
        self.indexed = indexed
        self.unknown = unknown

    def field(self, name: str) -> _Place:
        dotted = f"{self.dotted}.{name}" if self.dotted else name
        return _Place(self.struct, dotted, self.indexed + name, self.unknown)

    def item(self, index: int) -> _Place:
        return _Place(self.struct, self.dotted, f"{self.indexed}[{index}]", self.unknown)

    def entry(self, key: str) -> _Place:
        return _Place(self.struct, self.dotted, f"{self.indexed}.{key}", self.unknown)

    def inside(self, struct: str) -> _Place:
        return _Place(struct, self.dotted, self.indexed + ".", self.unknown)

    def wrong(self, value: YamlValue, kind: str) -> DecodeError:
        shown = _name(value)
        if kind.startswith("int") and type(value) in (int, float):
            shown = f"number {value}"
        return DecodeError(
            f"json: cannot unmarshal {shown} into Go struct field {self.struct}.{self.dotted} of type {kind}"
        )


def _name(value: YamlValue) -> str:
    return _GO_NAMES.get(type(value), "null")


def _short(definition: str) -> str:
    parts = definition.split(".")
    return f"{parts[-2]}.{parts[-1]}"


def _scalar_type(schema: YamlValue, kind: str | None) -> str:
    if kind == "integer":
        return str(schema.get("format", "int64"))
    if kind == "number":
        return "float64"
    if kind == "boolean":
        return "bool"
    if schema.get("format") == "date-time":
        return "v1.Time"
    return "[]uint8" if schema.get("format") == "byte" else "string"


def _scalar(value: YamlValue, schema: YamlValue, kind: str | None, place: _Place) -> YamlValue:
    actual = type(value)
    if kind == "string":
        if actual is not str:
            raise place.wrong(value, _scalar_type(schema, kind))
        if "format" in schema:
            _check_format(value, schema["format"])
    elif kind == "integer":
        if actual is not int or not -(1 << 63) <= value < 1 << 63:
            raise place.wrong(value, _scalar_type(schema, kind))
        if schema.get("format") == "int32" and not -(1 << 31) <= value < 1 << 31:
            raise place.wrong(value, "int32")
    elif (kind == "boolean" and actual is not bool) or (kind == "number" and actual not in (int, float)):
        raise place.wrong(value, _scalar_type(schema, kind))
    return value


def _check_format(value: str, kind: str) -> None:
    if kind == "byte":
        try:
            base64.b64decode(value.replace("\n", "").replace("\r", ""), validate=True)
        except (binascii.Error, ValueError):
            raise DecodeError(f"illegal base64 data at input byte {_bad_base64(value)}") from None
    elif kind == "date-time" and value and not _TIME.fullmatch(value):
        raise DecodeError(f'parsing time "{value}" as "2006-01-02T15:04:05Z07:00": cannot parse "{value}" as "2006"')


def _bad_base64(value: str) -> int:
    """Return the offset that Go's decoder names: the first foreign byte, or where padding is missing."""
    found = re.search(r"[^A-Za-z0-9+/\r\n]", value)
    if found is None:
        return len(value) // 4 * 4
    return found.start()


def _int_or_string(value: YamlValue, place: _Place) -> YamlValue:
    if type(value) is int and -(1 << 31) <= value < 1 << 31:
        return value
    if type(value) is not str:
        raise place.wrong(value, "int32")
    return value


def _quantity(value: YamlValue, place: _Place) -> YamlValue:
    if type(value) not in (int, float, str):
        raise place.wrong(value, "string")
    try:
        return canonical(value)
    except QuantityError as error:
        raise DecodeError(error.message) from None


def _anything(value: YamlValue, place: _Place) -> YamlValue:
    del place
    return value


_SPECIAL: dict[str, Callable[[YamlValue, _Place], YamlValue]] = {
    **dict.fromkeys(FREE, _anything),
    INT_OR_STRING: _int_or_string,
    QUANTITY: _quantity,
}


def count_fields(value: YamlValue) -> int:
    """Return how many object fields ``value`` has, at every depth."""
    if type(value) is dict:
        return len(value) + sum(count_fields(item) for item in value.values() if type(item) in (dict, list))
    return sum(count_fields(item) for item in value if type(item) in (dict, list))


def duplicate_fields(body: bytes, parsed: YamlValue) -> list[str]:
    """Return the paths of fields that ``body`` gives twice.

    ``parsed`` is what a lenient parser made of it: as many fields as ``":`` in the text means that none was dropped.
    """
    if type(parsed) is not dict or body.count(b'":') == count_fields(parsed):
        return []
    found: list[str] = []
    _find_duplicates(json.loads(body, object_pairs_hook=_Pairs), "", found)
    return found


class _Pairs(list[tuple[str, YamlValue]]):
    """The members of a JSON object in their order, repeated ones too."""


def _find_duplicates(value: YamlValue, path: str, found: list[str]) -> None:
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for key, item in value:
            inner = f"{path}.{key}" if path else key
            if key in seen and inner not in found:
                found.append(inner)
            seen.add(key)
            _find_duplicates(item, inner, found)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _find_duplicates(item, f"{path}[{index}]", found)


def parse_json(body: bytes) -> YamlValue:
    """Return the value of a JSON text.

    Raises:
        DecodeError: It is no JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise DecodeError(str(error)) from None
