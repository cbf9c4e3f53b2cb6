"""Validation of objects against a server's OpenAPI, as kubectl does it where the server cannot (``validation.Schema``).

Servers since 1.23 know the parameter ``fieldValidation`` and are asked to validate themselves; for older ones the
schemas are read from ``/openapi/v2`` and every object is compared with its own here (``kube-openapi``'s
``proto/validation``).
"""

from __future__ import annotations

from pilothouse.kube.requests import Request
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.kube.resources import KubeObject
    from pilothouse.kube.transfer import Transfer

#: The first minor version whose servers validate fields themselves.
VALIDATING_MINOR = 23
_REFERENCE = "#/definitions/"


class Item(Record):
    """A value with the place where it stands in the object, such as ``Deployment.spec.replicas``."""

    path: str
    value: YamlValue


class Validator:
    """The schemas of one server.

    Args:
        definitions: What ``/openapi/v2`` says under that name.
    """

    def __init__(self, definitions: Mapping[str, YamlValue]) -> None:
        self._definitions = definitions
        self._names: dict[tuple[str, str, str], str] = {}
        for name, schema in definitions.items():
            for kind in schema.get("x-kubernetes-group-version-kind") or ():
                self._names.setdefault((kind["group"], kind["version"], kind["kind"]), name)

    def problems(self, document: Mapping[str, YamlValue]) -> list[str]:
        """Return what is wrong with an object, nothing when its kind is unknown."""
        group, _, version = str(document.get("apiVersion")).rpartition("/")
        kind = str(document.get("kind"))
        name = self._names.get((group, version, kind))
        if name is None:
            return []
        found = self._compared(Item(path=kind, value=document), self._definitions[name], name)
        return list(dict.fromkeys(found))

    def _compared(self, item: Item, schema: Mapping[str, YamlValue], place: str) -> Iterator[str]:
        """Yield the differences of a value from a schema, which stands at ``place`` in the definitions."""
        reference = schema.get("$ref")
        if reference:
            name = reference.removeprefix(_REFERENCE)
            yield from self._compared(item, self._definitions.get(name) or {}, name)
        elif schema.get("properties") and schema.get("type") in (None, "object"):
            yield from self._kind(item, schema, place)
        elif schema.get("type") == "object":
            yield from self._map(item, schema, place)
        elif schema.get("type") == "array":
            yield from self._array(item, schema, place)
        elif schema.get("type"):
            yield from _primitive(item, str(schema["type"]), place)

    def _kind(self, item: Item, schema: Mapping[str, YamlValue], place: str) -> Iterator[str]:
        if not isinstance(item.value, dict):
            yield _wrong_type(item, "map", place)
            return
        fields = schema["properties"]
        for key, value in sorted(item.value.items()):
            if value is None:
                continue
            if key not in fields:
                yield f'ValidationError({item.path}): unknown field "{key}" in {place}'
                continue
            yield from self._compared(Item(path=f"{item.path}.{key}", value=value), fields[key], f"{place}.{key}")
        for key in schema.get("required") or ():
            if item.value.get(key) is None:
                yield f'ValidationError({item.path}): missing required field "{key}" in {place}'

    def _map(self, item: Item, schema: Mapping[str, YamlValue], place: str) -> Iterator[str]:
        if not isinstance(item.value, dict):
            yield _wrong_type(item, "map", place)
            return
        values = schema.get("additionalProperties")
        for key, value in sorted(item.value.items()):
            if value is not None and isinstance(values, dict):
                yield from self._compared(Item(path=f"{item.path}.{key}", value=value), values, place)

    def _array(self, item: Item, schema: Mapping[str, YamlValue], place: str) -> Iterator[str]:
        if not isinstance(item.value, list):
            yield _wrong_type(item, "array", place)
            return
        for index, value in enumerate(item.value):
            path = f"{item.path}[{index}]"
            if value is None:
                yield f'ValidationError({item.path}): unknown object type "nil" in {path}'
            else:
                yield from self._compared(Item(path=path, value=value), schema.get("items") or {}, place)


def _primitive(item: Item, wanted: str, place: str) -> Iterator[str]:
    """Yield what is wrong with a single value; every one may be a string, and each number an integer."""
    actual = _type_name(item.value)
    accepted = {"string": ("string", "boolean", "number"), "integer": ("number",)}.get(wanted, (wanted,))
    if actual not in accepted:
        yield _wrong_type(item, wanted, place)


def _wrong_type(item: Item, wanted: str, place: str) -> str:
    return (
        f'ValidationError({item.path}): invalid type for {place}: got "{_type_name(item.value)}", expected "{wanted}"'
    )


def _type_name(value: YamlValue) -> str:
    if isinstance(value, dict):
        return "map"
    if isinstance(value, list):
        return "array"
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, (int, float)) else "string"


def validator_for(transfer: Transfer, version: KubeObject) -> Validator | None:
    """Return what validates for a server, none when it does so itself.

    Args:
        transfer: Reaches the server.
        version: What the server says at ``/version``.
    """
    major, minor = (str(version.get(key) or "").rstrip("+") for key in ("major", "minor"))
    if not minor.isdecimal() or major != "1" or int(minor) >= VALIDATING_MINOR:
        return None
    answer = transfer.call(Request(method="GET", target="/openapi/v2", raw=True))
    return Validator(answer.get("definitions") or {})
