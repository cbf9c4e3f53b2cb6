"""The four kinds of patch (``apiserver/pkg/endpoints/handlers/patch.go``)."""

from __future__ import annotations

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.errors import PatchError
from pilothouse.objects.patches import json_patch, merge, strategic_apply
from pilothouse.sandbox import statuses
from pilothouse.sandbox.decoding import DecodeError, parse_json
from pilothouse.sandbox.errors import StatusError
from pilothouse.sandbox.ownership import schema_for
from pilothouse.sandbox.resources import Resource

Object = dict[str, YamlValue]
JSON_PATCH = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
_TYPES = (JSON_PATCH, MERGE, STRATEGIC, APPLY)


def check_type(resource: Resource, kind: str) -> None:
    """Refuse a kind of patch that a resource cannot take.

    Raises:
        StatusError: 415.
    """
    if kind not in _TYPES:
        raise statuses.unsupported_media_type(_TYPES)
    if kind == STRATEGIC and resource.custom is not None:
        raise statuses.unsupported_media_type((JSON_PATCH, MERGE, APPLY))


def patched(resource: Resource, value: Object, kind: str, body: bytes) -> Object:
    """Return ``value`` with a patch in ``body`` applied; ``value`` may be used up.

    Raises:
        StatusError: 400 or 422: the patch cannot be read or applied.
    """
    try:
        patch = parse_json(body)
    except DecodeError as error:
        raise statuses.bad_request(f"error decoding patch: {error}") from None
    try:
        if kind == JSON_PATCH:
            if not isinstance(patch, list):
                raise statuses.bad_request("error decoding patch: json: cannot unmarshal object into Go value")
            made = json_patch.apply(value, patch)
        elif kind == MERGE:
            made = merge.apply(value, patch)
        elif not isinstance(patch, dict):
            what = "array" if isinstance(patch, list) else "string" if isinstance(patch, str) else "number"
            what = "bool" if isinstance(patch, bool) else what
            raise statuses.bad_request(f"json: cannot unmarshal {what} into Go value of type map[string]interface {{}}")
        else:
            made = strategic_apply.apply(value, patch, schema_for(resource))
    except PatchError as error:
        if kind == STRATEGIC:
            raise statuses.bad_request(error.message) from error
        raise _refused(error) from error
    if not isinstance(made, dict):
        raise statuses.bad_request("the patch does not leave an object")
    return made


def _refused(error: PatchError) -> StatusError:
    causes = [{"reason": "UnexpectedServerResponse", "message": error.message}]
    message = "the server rejected our request due to an error in our request"
    return StatusError(422, "Invalid", message, {"causes": causes})


def strict_fault(body: bytes, faults: str) -> StatusError:
    """Return the refusal of a patch whose result does not decode."""
    shown = statuses.show(body.decode("utf-8", "replace"))
    text = f"Invalid value: {shown}: {faults}"
    causes = [{"reason": "FieldValueInvalid", "message": text, "field": "patch"}]
    return StatusError(422, "Invalid", f' "" is invalid: patch: {text}', {"causes": causes})
