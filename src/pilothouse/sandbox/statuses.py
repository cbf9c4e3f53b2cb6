"""The API's refusals, each with Kubernetes' text (``apimachinery/pkg/api/errors``)."""

from __future__ import annotations

import orjson

from pilothouse.golang.kinds import YamlValue
from pilothouse.records import Record
from pilothouse.sandbox.errors import StatusError
from pilothouse.sandbox.resources import Resource


class Cause(Record):
    """One fault of an object (``field.Error``).

    Attributes:
        type: ``FieldValueInvalid``, ``FieldValueRequired``, …
        path: The field.
        text: What stands after ``path: ``.
    """

    type: str
    path: str
    text: str


def required(path: str, detail: str = "") -> Cause:
    """Say that a field is missing."""
    return Cause(type="FieldValueRequired", path=path, text="Required value" + (f": {detail}" if detail else ""))


def invalid_value(path: str, value: YamlValue, detail: str) -> Cause:
    """Say that a field's value is wrong."""
    return Cause(type="FieldValueInvalid", path=path, text=f"Invalid value: {show(value)}: {detail}")


def forbidden_field(path: str, detail: str) -> Cause:
    """Say that a field may not be set or changed."""
    return Cause(type="FieldValueForbidden", path=path, text=f"Forbidden: {detail}")


def unsupported(path: str, value: YamlValue, supported: tuple[str, ...]) -> Cause:
    """Say that a field's value is none of those known."""
    listed = ", ".join(f'"{word}"' for word in supported)
    return Cause(
        type="FieldValueNotSupported", path=path, text=f"Unsupported value: {show(value)}: supported values: {listed}"
    )


def duplicate(path: str, value: YamlValue) -> Cause:
    """Say that a value is there twice."""
    return Cause(type="FieldValueDuplicate", path=path, text=f"Duplicate value: {show(value)}")


def show(value: YamlValue) -> str:
    """Return a value as ``field.Error`` prints it: strings quoted, the rest as JSON."""
    if value is None:
        return '"null"'
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _details(resource: Resource | None, name: str, *, kind: str = "") -> dict[str, YamlValue]:
    details: dict[str, YamlValue] = {}
    if name:
        details["name"] = name
    if resource is not None:
        if resource.group:
            details["group"] = resource.group
        details["kind"] = kind or resource.plural
    return details


def not_found(resource: Resource, name: str) -> StatusError:
    """``deployments.apps "x" not found``."""
    return StatusError(404, "NotFound", f'{resource.qualified} "{name}" not found', _details(resource, name))


def no_such_path() -> StatusError:
    """The answer to a path that nothing serves."""
    causes = [{"reason": "UnexpectedServerResponse", "message": "404 page not found"}]
    return StatusError(404, "NotFound", "the server could not find the requested resource", {"causes": causes})


def already_exists(resource: Resource, name: str) -> StatusError:
    """``deployments.apps "x" already exists``."""
    return StatusError(409, "AlreadyExists", f'{resource.qualified} "{name}" already exists', _details(resource, name))


MODIFIED_TEXT = "the object has been modified; please apply your changes to the latest version and try again"


def conflict(resource: Resource, name: str, why: str = MODIFIED_TEXT) -> StatusError:
    """``Operation cannot be fulfilled on deployments.apps "x": …``."""
    message = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}'
    return StatusError(409, "Conflict", message, _details(resource, name))


def invalid(resource: Resource, name: str, causes: list[Cause]) -> StatusError:
    """``Deployment.apps "x" is invalid: …`` with every fault as a cause."""
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    texts = [f"{cause.path}: {cause.text}" for cause in causes]
    joined = texts[0] if len(texts) == 1 else "[" + ", ".join(dict.fromkeys(texts)) + "]"
    details = _details(resource, name, kind=resource.kind)
    details["causes"] = [{"reason": cause.type, "message": cause.text, "field": cause.path} for cause in causes]
    return StatusError(422, "Invalid", f'{kind} "{name}" is invalid: {joined}', details)


def bad_request(message: str) -> StatusError:
    """A request that makes no sense."""
    return StatusError(400, "BadRequest", message)


def wrong_namespace() -> StatusError:
    """An object that says it is elsewhere than its path."""
    return bad_request("the namespace of the provided object does not match the namespace sent on the request")


def unauthorized() -> StatusError:
    """No token, or one that nobody knows."""
    return StatusError(401, "Unauthorized", "Unauthorized")


def forbidden(resource: Resource | None, name: str, why: str) -> StatusError:
    """``deployments.apps "x" is forbidden: …``."""
    if resource is None:
        return StatusError(403, "Forbidden", f"forbidden: {why}")
    message = (
        f'{resource.qualified} "{name}" is forbidden: {why}' if name else f"{resource.qualified} is forbidden: {why}"
    )
    return StatusError(403, "Forbidden", message, _details(resource, name))


def method_not_allowed() -> StatusError:
    """A verb that the resource does not have."""
    return StatusError(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")


def gone(message: str) -> StatusError:
    """A revision or continue token that is too old."""
    return StatusError(410, "Expired", message)


def too_large_revision(asked: str, current: int) -> StatusError:
    """A revision that is still to come."""
    message = f"Too large resource version: {asked}, current: {current}"
    causes = [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]
    return StatusError(504, "Timeout", message, {"retryAfterSeconds": 1, "causes": causes})


def unsupported_media_type(accepted: tuple[str, ...]) -> StatusError:
    """A body in a form that is not read here."""
    return StatusError(
        415,
        "UnsupportedMediaType",
        f"the body of the request was in an unknown format - accepted media types include: {', '.join(accepted)}",
    )


def internal(message: str) -> StatusError:
    """A fault of the server."""
    causes = [{"message": message}]
    return StatusError(500, "InternalError", f"Internal error occurred: {message}", {"causes": causes})


def not_implemented(message: str) -> StatusError:
    """Something that a real cluster does and the sandbox does not."""
    return StatusError(501, "NotImplemented", message)
