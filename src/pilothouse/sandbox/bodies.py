"""Bodies of requests to objects, and what is wrong with them."""

from __future__ import annotations

from pilothouse.formats.errors import YamlError
from pilothouse.formats.yaml_text import decode as decode_yaml
from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox import custom, protobuf, statuses, typed
from pilothouse.sandbox.decoding import DecodeError, Decoder, duplicate_fields, parse_json
from pilothouse.sandbox.requests import Request
from pilothouse.sandbox.resources import Resource

Object = dict[str, YamlValue]
ACCEPTED = ("application/json", "application/yaml", protobuf.CONTENT_TYPE)
_YAML = ("application/yaml", "application/apply-patch+yaml")
_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
_METADATA = {"$ref": f"#/definitions/{_META}"}


class Reader:
    """Reads objects out of bodies.

    Args:
        definitions: The published schemas by name.
    """

    def __init__(self, definitions: Object) -> None:
        self._definitions = definitions
        self._decoder = Decoder(definitions)

    def read(
        self, request: Request, resource: Resource, kind: str = "", definition: str = ""
    ) -> tuple[Object, list[str]]:
        """Return the object in a body, and warnings about it.

        Args:
            request: The request.
            resource: The kind that is expected.
            kind: Another kind, of a subresource.
            definition: The schema of that other kind.

        Raises:
            StatusError: 400 or 415.
        """
        value, duplicates = parse(request)
        wanted = kind or resource.kind
        if not isinstance(value, dict):
            raise statuses.bad_request("the object provided is unrecognized (must be of type Object)")
        named = value.get("kind") or wanted
        version = value.get("apiVersion") or resource.api_version
        if not isinstance(named, str) or not isinstance(version, str):
            raise statuses.bad_request(
                "couldn't get version/kind; json parse error: kind and apiVersion must be strings"
            )
        if not kind:
            _check_kind(named, version, resource)
        decoded, faults = self.check(value, resource, definition, where=f'{wanted} in version "{resource.version}"')
        faults = [
            *(f'unknown field "{each}"' for each in faults),
            *(f'duplicate field "{each}"' for each in duplicates),
        ]
        warnings = self._judge(
            request, faults, f'{wanted} in version "{resource.version}" cannot be handled as a {wanted}'
        )
        if not kind:
            decoded.setdefault("apiVersion", resource.api_version)
            decoded.setdefault("kind", resource.kind)
        return decoded, warnings

    def _judge(self, request: Request, faults: list[str], where: str) -> list[str]:
        validation = request.text("fieldValidation", "Warn")
        if not faults or validation == "Ignore":
            return []
        if validation == "Strict":
            raise statuses.bad_request(f"{where}: strict decoding error: {', '.join(faults)}")
        return faults

    def check(self, value: Object, resource: Resource, definition: str = "", *, where: str) -> tuple[Object, list[str]]:
        """Return ``value`` as its kind has it, and the paths of unknown fields.

        Raises:
            StatusError: 400: a value has the wrong type.
        """
        try:
            return self.decode(value, resource, definition)
        except DecodeError as error:
            kind = where.partition(" ")[0]
            raise statuses.bad_request(f"{where} cannot be handled as a {kind}: {error}") from None

    def typed_faults(self, value: Object, resource: Resource) -> list[str]:
        """Return what is wrong with an applied configuration, as server-side apply words it."""
        if resource.custom is None:
            return typed.faults(value, {"$ref": f"#/definitions/{resource.definition}"}, self._definitions)
        schema = resource.custom.schema
        if resource.custom.preserve or not schema:
            return []
        properties = {"apiVersion": {}, "kind": {}, **(schema.get("properties") or {}), "metadata": _METADATA}
        return typed.faults(value, {**schema, "properties": properties}, self._definitions)

    def decode(self, value: Object, resource: Resource, definition: str = "") -> tuple[Object, list[str]]:
        """Return ``value`` as its kind has it, and the paths of unknown fields.

        Raises:
            DecodeError: A value has the wrong type.
        """
        if resource.custom is None or definition:
            made, unknown = self._decoder.decode(value, definition or resource.definition)
            return made, unknown
        metadata, unknown = self._decoder.decode(value.get("metadata") or {}, _META)
        value["metadata"] = metadata
        unknown = [f"metadata.{each}" for each in unknown]
        return value, unknown + custom.prune(value, resource.custom.schema, preserve=resource.custom.preserve)


def parse(request: Request) -> tuple[YamlValue, list[str]]:
    """Return the value of a body, and the paths of fields that it gives twice.

    Raises:
        StatusError: 400: it cannot be parsed; 415: it is in a form that is not read here.
    """
    kind = request.content_type
    if kind.endswith("json") or not kind:
        try:
            value = parse_json(request.body)
        except DecodeError as error:
            raise statuses.bad_request(
                f"the object provided is unrecognized (must be of type Object): {error}"
            ) from None
        if request.text("fieldValidation") in ("Strict", "Warn"):
            return value, duplicate_fields(request.body, value)
        return value, []
    if kind == protobuf.CONTENT_TYPE:
        try:
            return protobuf.decode(request.body), []
        except protobuf.WireError as error:
            raise statuses.bad_request(str(error)) from None
    if kind in _YAML:
        return read_yaml(request.body), []
    raise statuses.unsupported_media_type(ACCEPTED)


def read_yaml(body: bytes) -> YamlValue:
    """Return the value of a YAML body, most of which are JSON.

    Raises:
        StatusError: 400: it cannot be parsed.
    """
    try:
        return parse_json(body)
    except DecodeError:
        pass
    try:
        return decode_yaml(body, integers=True)
    except YamlError as error:
        raise statuses.bad_request(f"error decoding YAML: {error}") from error


def _check_kind(named: str, version: str, resource: Resource) -> None:
    if version != resource.api_version:
        raise statuses.bad_request(
            f"the API version in the data ({version}) does not match the expected API version ({resource.api_version})"
        )
    if named != resource.kind:
        short, group = resource.version, resource.group.partition(".")[0] or "core"
        raise statuses.bad_request(
            f'{named} in version "{short}" cannot be handled as a {resource.kind}: converting ({short}.{named}) to'
            f" ({group}.{resource.kind}): unknown conversion"
        )
