"""The way of a write through defaults, validation and allocation."""

from __future__ import annotations

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox import custom, statuses
from pilothouse.sandbox.admission import services
from pilothouse.sandbox.admission.changes import change_causes
from pilothouse.sandbox.admission.defaults import set_defaults
from pilothouse.sandbox.admission.pods import admit_pod, quality
from pilothouse.sandbox.admission.rules import object_causes
from pilothouse.sandbox.definitions import default_definition, definition_causes
from pilothouse.sandbox.errors import StatusError
from pilothouse.sandbox.resources import Resource
from pilothouse.sandbox.statuses import Cause
from pilothouse.sandbox.store import Store
from pilothouse.sandbox.writing import Write

Object = dict[str, YamlValue]
_EXTENSIONS = "apiextensions.k8s.io"
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


def check_namespace(store: Store, resource: Resource, namespace: str, name: str) -> None:
    """Refuse to create in a namespace that is not there or is going (the NamespaceLifecycle admission).

    Raises:
        StatusError: 404 or 403.
    """
    if not resource.namespaced:
        return
    entry = store.get(f"/namespaces//{namespace}")
    if entry is None:
        details = {"name": namespace, "kind": "namespaces"}
        raise StatusError(404, "NotFound", f'namespaces "{namespace}" not found', details)
    if (entry.object.get("status") or {}).get("phase") == "Terminating":
        why = f"unable to create new content in namespace {namespace} because it is being terminated"
        refused = statuses.forbidden(resource, name, why)
        cause = {"reason": "NamespaceTerminating", "message": f"namespace {namespace} is being terminated"}
        refused.details["causes"] = [{**cause, "field": "metadata.namespace"}]
        raise refused


def mutate(resource: Resource, value: Object, old: Object | None) -> None:
    """Fill in defaults."""
    if resource.custom is not None:
        custom.default_fields(value, resource.custom.schema)
        return
    if old is not None and resource.plural == "services" and not resource.group:
        services.keep_addresses(value, old)
    set_defaults(resource, value, creating=old is None)
    if resource.plural == "customresourcedefinitions" and resource.group == _EXTENSIONS:
        default_definition(value, old)


def prepare(store: Store, resource: Resource, value: Object) -> None:
    """Fill in what the server alone decides of a new object: its writer does not come to own it.

    This is what mutating admission and ``PrepareForCreate`` do, after the managed fields are recorded.
    """
    if resource.custom is not None:
        return
    kind = (resource.group, resource.plural)
    if kind == ("", "persistentvolumeclaims"):
        _default_class(store, value)
    elif kind == ("", "pods"):
        admit_pod(value["spec"])
        _priority(store, resource, value)
        value["status"] = {"phase": "Pending", "qosClass": quality(value["spec"])}
    elif kind == ("", "namespaces"):
        value.setdefault("spec", {})["finalizers"] = ["kubernetes"]
        value["status"] = {"phase": "Active"}
    elif kind == ("batch", "jobs"):
        _select_pods(value)
    if resource.subresource("status") is not None and resource.plural != "csinodes":
        value.setdefault("status", {})


def _select_pods(job: Object) -> None:
    """Give a job's pods labels of their own. Go's ``generateSelector``."""
    spec, metadata = job["spec"], job["metadata"]
    if spec["manualSelector"] or "selector" in spec:
        return
    labels = spec["template"]["metadata"].setdefault("labels", {})
    for prefix in ("batch.kubernetes.io/", ""):
        labels[f"{prefix}controller-uid"] = metadata["uid"]
        labels[f"{prefix}job-name"] = metadata.get("name", "")
    spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": metadata["uid"]}}
    if not metadata.get("labels"):
        metadata["labels"] = dict(labels)


def _default_class(store: Store, value: Object) -> None:
    """Give a claim the default storage class (the DefaultStorageClass admission)."""
    spec = value["spec"]
    if "storageClassName" in spec:
        return
    for entry in store.list("storage.k8s.io/storageclasses/"):
        annotations = entry.object["metadata"].get("annotations") or {}
        if annotations.get(_DEFAULT_CLASS) == "true":
            spec["storageClassName"] = entry.object["metadata"]["name"]


def _priority(store: Store, resource: Resource, value: Object) -> None:
    """Give a pod the priority of its class (the Priority admission)."""
    name = value["spec"].get("priorityClassName")
    if not name:
        return
    entry = store.get(f"scheduling.k8s.io/priorityclasses//{name}")
    if entry is None:
        why = f"no PriorityClass with name {name} was found"
        raise statuses.forbidden(resource, value["metadata"].get("name", ""), why)
    value["spec"]["priority"] = entry.object.get("value", 0)
    value["spec"]["preemptionPolicy"] = entry.object.get("preemptionPolicy", "PreemptLowerPriority")


def causes(resource: Resource, value: Object, old: Object | None, write: Write) -> list[Cause]:
    """Return the faults of an object, metadata apart."""
    if resource.custom is not None:
        return custom.schema_causes(value, resource.custom.schema)
    if write.subresource in ("status", "approval", "binding", "resize", "ephemeralcontainers", "finalize"):
        return []
    found: list[Cause] = []
    if resource.plural == "customresourcedefinitions" and resource.group == _EXTENSIONS:
        found += definition_causes(value)
    if old is not None:
        found += change_causes(resource, old, value)
        if old.get("spec") == value.get("spec") and "spec" in value:
            return found
    return object_causes(resource, value) + found


def allocate(store: Store, resource: Resource, value: Object, old: Object | None) -> None:
    """Hand out what only the server can give: addresses and node ports."""
    if resource.plural == "services" and not resource.group:
        services.allocate(store, resource, value, old)
