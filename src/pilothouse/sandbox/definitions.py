"""CustomResourceDefinitions: what they must be like, and how they become served resources."""

from __future__ import annotations

from pilothouse.clock import Clock
from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox import statuses
from pilothouse.sandbox.metadata import timestamp
from pilothouse.sandbox.resources import CustomVersion, Registry, Resource, Subresource, sort_verbs
from pilothouse.sandbox.statuses import Cause
from pilothouse.sandbox.store import Entry, Store

Object = dict[str, YamlValue]
PREFIX = "apiextensions.k8s.io/customresourcedefinitions/"
_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
_CHANGE_VERBS = ("get", "patch", "update")


def default_definition(value: Object, old: Object | None) -> None:
    """Fill in what a definition leaves out (``SetDefaults_CustomResourceDefinitionSpec``)."""
    spec = value.setdefault("spec", {})
    names = spec.setdefault("names", {})
    if names.get("kind"):
        names.setdefault("singular", names["kind"].lower())
        names.setdefault("listKind", names["kind"] + "List")
    spec.setdefault("conversion", {}).setdefault("strategy", "None")
    if old is None:
        value["status"] = {
            "acceptedNames": {"kind": "", "plural": ""},
            "conditions": [],
            "storedVersions": [each["name"] for each in spec.get("versions") or () if each.get("storage")],
        }


def definition_causes(value: Object) -> list[Cause]:
    """Return the faults of a definition."""
    spec = value.get("spec") or {}
    names = spec.get("names") or {}
    causes: list[Cause] = []
    if not spec.get("group"):
        causes.append(statuses.required("spec.group"))
    if spec.get("scope") not in ("Cluster", "Namespaced"):
        causes.append(statuses.unsupported("spec.scope", spec.get("scope", ""), ("Cluster", "Namespaced")))
    causes += [statuses.required(f"spec.names.{field}") for field in ("plural", "kind") if not names.get(field)]
    name = value["metadata"].get("name", "")
    if names.get("plural") and name != f"{names['plural']}.{spec.get('group', '')}":
        causes.append(statuses.invalid_value("metadata.name", name, 'must be spec.names.plural+"."+spec.group'))
    versions = spec.get("versions") or []
    if not versions:
        causes.append(statuses.required("spec.versions", "must have at least one version"))
    elif sum(bool(each.get("storage")) for each in versions) != 1:
        detail = "must have exactly one version marked as storage version"
        causes.append(statuses.invalid_value("spec.versions", versions, detail))
    for index, each in enumerate(versions):
        if not (each.get("schema") or {}).get("openAPIV3Schema"):
            path = f"spec.versions[{index}].schema.openAPIV3Schema"
            causes.append(statuses.required(path, "schemas are required"))
    return causes


def resources_of(value: Object) -> list[Resource]:
    """Return the resources that a definition defines, one a served version."""
    spec = value["spec"]
    storage = next((each["name"] for each in spec["versions"] if each.get("storage")), "")
    return [_resource(spec, version, storage) for version in spec["versions"] if version.get("served")]


def _resource(spec: Object, version: Object, storage: str) -> Resource:
    names = spec["names"]
    kind, number = names["kind"], version["name"]
    parts = version.get("subresources") or {}
    subresources: list[Subresource] = []
    if parts.get("status") is not None:
        subresources.append(
            Subresource(name="status", group=spec["group"], version=number, kind=kind, verbs=_CHANGE_VERBS)
        )
    if parts.get("scale"):
        subresources.append(
            Subresource(name="scale", group="autoscaling", version="v1", kind="Scale", verbs=_CHANGE_VERBS)
        )
    custom = CustomVersion(
        schema=(version.get("schema") or {}).get("openAPIV3Schema") or {},
        columns=version.get("additionalPrinterColumns") or [],
        preserve=bool(spec.get("preserveUnknownFields")),
        status=parts.get("status") is not None,
        scale=parts.get("scale"),
        selectable=tuple(each["jsonPath"] for each in version.get("selectableFields") or ()),
    )
    return Resource(
        group=spec["group"],
        version=number,
        kind=kind,
        plural=names["plural"],
        singular=names.get("singular") or kind.lower(),
        namespaced=spec["scope"] == "Namespaced",
        verbs=sort_verbs(_VERBS),
        short_names=tuple(names.get("shortNames") or ()),
        categories=tuple(names.get("categories") or ()),
        subresources=tuple(subresources),
        list_kind=names.get("listKind") or kind + "List",
        storage_version=storage,
        custom=custom,
    )


def serve_definitions(store: Store, registry: Registry) -> None:
    """Serve what the stored definitions define."""
    for entry in store.list(PREFIX):
        registry.define(resources_of(entry.object))


def serve_definition(store: Store, registry: Registry, clock: Clock, entry: Entry) -> None:
    """Serve what a new or changed definition defines, and say so in its status."""
    value = entry.copy()
    spec = value["spec"]
    registry.forget(spec["group"], spec["names"]["plural"])
    registry.define(resources_of(value))
    status = value.setdefault("status", {})
    stored = status.setdefault("storedVersions", [])
    stored += [each["name"] for each in spec["versions"] if each.get("storage") and each["name"] not in stored]
    status["acceptedNames"] = spec["names"]
    known = {condition["type"]: condition for condition in status.get("conditions") or ()}
    now = timestamp(clock)
    for kind, reason, message in (
        ("NamesAccepted", "NoConflicts", "no conflicts found"),
        ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
    ):
        fresh = {"lastTransitionTime": now, "message": message, "reason": reason, "status": "True", "type": kind}
        known.setdefault(kind, fresh)
    status["conditions"] = list(known.values())
    if value != entry.object:
        store.update(entry.key, value)


def withdraw_definition(store: Store, registry: Registry, value: Object) -> None:
    """Stop serving what a deleted definition defined, and remove its objects."""
    spec = value["spec"]
    for resource in resources_of(value)[:1]:
        for entry in store.list(resource.prefix):
            store.delete(entry.key)
    registry.forget(spec["group"], spec["names"]["plural"])
