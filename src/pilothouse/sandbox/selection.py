"""Which objects a request means: label and field selectors."""

from __future__ import annotations

from collections.abc import Callable

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects import selectors
from pilothouse.objects.errors import SelectorError
from pilothouse.objects.progressing import at
from pilothouse.sandbox import statuses
from pilothouse.sandbox.resources import Resource

_EVERYWHERE = {"metadata.name", "metadata.namespace"}
_FIELDS: dict[str, set[str]] = {
    "pods": {
        "spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
        "status.phase", "status.podIP", "status.podIPs", "status.nominatedNodeName",
    },
    "events": {
        "involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid",
        "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason",
        "reportingComponent", "source", "type",
    },
    "secrets": {"type"},
    "namespaces": {"status.phase"},
    "nodes": {"spec.unschedulable"},
    "services": {"spec.clusterIP", "spec.type"},
    "replicasets": {"status.replicas"},
    "replicationcontrollers": {"status.replicas"},
    "jobs": {"status.successful"},
    "certificatesigningrequests": {"spec.signerName"},
}  # fmt: skip


def everything(value: YamlValue) -> bool:
    """Choose every object."""
    del value
    return True


def matcher(resource: Resource, labels: str, fields: str) -> Callable[[YamlValue], bool]:
    """Return a function that tells whether an object is chosen.

    Raises:
        StatusError: 400: a selector cannot be read or names a field that the kind has no selector for.
    """
    if not labels and not fields:
        return everything
    try:
        label_selector = selectors.parse(labels)
    except SelectorError as error:
        raise statuses.bad_request(f"unable to parse requirement: {error.message}") from error
    field_selector = _fields(resource, fields)

    def chosen(value: YamlValue) -> bool:
        if labels and not label_selector.matches(value["metadata"].get("labels") or {}):
            return False
        return field_selector is None or field_selector.matches(lambda path: field_text(value, path))

    return chosen


def _fields(resource: Resource, text: str) -> selectors.FieldSelector | None:
    if not text:
        return None
    try:
        parsed = selectors.parse_fields(text)
    except SelectorError as error:
        raise statuses.bad_request(error.message) from error
    allowed = _EVERYWHERE | _FIELDS.get(resource.plural, set())
    if resource.custom is not None:
        allowed = _EVERYWHERE | {path.lstrip(".") for path in resource.custom.selectable}
    for path, _, _ in parsed.terms:
        if path not in allowed:
            raise statuses.bad_request(f"field label not supported: {path}")
    return parsed


def field_text(value: YamlValue, path: str) -> str:
    """Return the text that a field selector compares."""
    if path == "source" and value.get("kind") == "Event":
        return (value.get("source") or {}).get("component") or value.get("reportingComponent") or ""
    if path == "status.successful":
        path = "status.succeeded"
    found = at(value, *path.split("."))
    if found is None:
        return "0" if path in ("status.replicas", "status.succeeded") else ""
    if isinstance(found, bool):
        return "true" if found else "false"
    return str(found)
