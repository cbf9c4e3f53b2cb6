"""Which changes of an object are refused: what its kind holds immutable (``Validate…Update``)."""

from __future__ import annotations

from collections.abc import Callable

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox import statuses
from pilothouse.sandbox.resources import Resource
from pilothouse.sandbox.statuses import Cause

Object = dict[str, YamlValue]
_IMMUTABLE = "field is immutable"
_STATEFUL_SET = {
    "replicas", "ordinals", "template", "updateStrategy", "revisionHistoryLimit",
    "persistentVolumeClaimRetentionPolicy", "minReadySeconds",
}  # fmt: skip
_STATEFUL_SET_RULE = (
    "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy',"
    " 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"
)
_POD_RULE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_CLAIM_RULE = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
)


def change_causes(resource: Resource, old: Object, value: Object) -> list[Cause]:
    """Return why ``old`` may not become ``value``."""
    found = _CHANGES.get((resource.group, resource.plural))
    return found(old, value) if found is not None else []


def _fixed(path: str, before: YamlValue, after: YamlValue) -> list[Cause]:
    return [] if before == after else [statuses.invalid_value(path, after, _IMMUTABLE)]


def _selector(old: Object, value: Object) -> list[Cause]:
    return _fixed("spec.selector", _spec(old).get("selector"), _spec(value).get("selector"))


def _spec(value: Object) -> Object:
    spec: Object = value.get("spec") or {}
    return spec


def _stateful_set(old: Object, value: Object) -> list[Cause]:
    before = {name: item for name, item in _spec(old).items() if name not in _STATEFUL_SET}
    after = {name: item for name, item in _spec(value).items() if name not in _STATEFUL_SET}
    return [] if before == after else [statuses.forbidden_field("spec", _STATEFUL_SET_RULE)]


def _job(old: Object, value: Object) -> list[Cause]:
    before, after = _spec(old), _spec(value)
    causes: list[Cause] = []
    if after.get("completionMode") != "Indexed":
        causes += _fixed("spec.completions", before.get("completions"), after.get("completions"))
    causes += _fixed("spec.selector", before.get("selector"), after.get("selector"))
    if not (before.get("suspend") and after.get("suspend")):
        causes += _fixed("spec.template", before.get("template"), after.get("template"))
    for name in ("completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy"):
        causes += _fixed(f"spec.{name}", before.get(name), after.get(name))
    return causes


def _service(old: Object, value: Object) -> list[Cause]:
    before, after = _spec(old), _spec(value)
    address = before.get("clusterIP")
    causes: list[Cause] = []
    if "ExternalName" in (before.get("type"), after.get("type")) or not address:
        return causes
    if after.get("clusterIP") != address:
        detail = "may not change once set"
        causes.append(statuses.invalid_value("spec.clusterIPs[0]", [after.get("clusterIP") or ""], detail))
    return causes


def _claim(old: Object, value: Object) -> list[Cause]:
    before, after = dict(_spec(old)), dict(_spec(value))
    for spec in (before, after):
        spec["resources"] = {**(spec.get("resources") or {}), "requests": None}
        spec.pop("volumeAttributesClassName", None)
    for name in ("volumeName", "storageClassName"):
        if not before.get(name):
            before.pop(name, None)
            after.pop(name, None)
    return [] if before == after else [statuses.forbidden_field("spec", _CLAIM_RULE)]


def _secret(old: Object, value: Object) -> list[Cause]:
    causes = _fixed("type", old.get("type"), value.get("type"))
    return causes + _sealed(old, value)


def _sealed(old: Object, value: Object) -> list[Cause]:
    if not old.get("immutable"):
        return []
    causes: list[Cause] = []
    if not value.get("immutable"):
        causes.append(statuses.forbidden_field("immutable", "field is immutable when `immutable` is set"))
    causes += [
        statuses.forbidden_field(name, "field is immutable when `immutable` is set")
        for name in ("data", "binaryData")
        if (old.get(name) or {}) != (value.get(name) or {})
    ]
    return causes


def _pod(old: Object, value: Object) -> list[Cause]:
    before, after = _stripped_pod(_spec(old)), _stripped_pod(_spec(value))
    return [] if before == after else [statuses.forbidden_field("spec", _POD_RULE)]


def _stripped_pod(spec: Object) -> Object:
    made = dict(spec)
    for name in ("activeDeadlineSeconds", "tolerations", "terminationGracePeriodSeconds", "ephemeralContainers"):
        made.pop(name, None)
    for name in ("containers", "initContainers"):
        made[name] = [{**container, "image": ""} for container in spec.get(name) or ()]
    return made


def _binding(old: Object, value: Object) -> list[Cause]:
    if old.get("roleRef") == value.get("roleRef"):
        return []
    return [statuses.invalid_value("roleRef", value.get("roleRef"), "cannot change roleRef")]


def _storage_class(old: Object, value: Object) -> list[Cause]:
    causes: list[Cause] = []
    if (old.get("parameters") or {}) != (value.get("parameters") or {}):
        causes.append(statuses.forbidden_field("parameters", "updates to parameters are forbidden."))
    if old.get("provisioner") != value.get("provisioner"):
        causes.append(statuses.forbidden_field("provisioner", "updates to provisioner are forbidden."))
    if old.get("reclaimPolicy") != value.get("reclaimPolicy"):
        causes.append(statuses.forbidden_field("reclaimPolicy", "updates to reclaimPolicy are forbidden."))
    return causes + _fixed("volumeBindingMode", old.get("volumeBindingMode"), value.get("volumeBindingMode"))


def _priority_class(old: Object, value: Object) -> list[Cause]:
    if old.get("value", 0) == value.get("value", 0):
        return []
    return [statuses.forbidden_field("value", "may not be changed in an update.")]


def _definition(old: Object, value: Object) -> list[Cause]:
    before, after = _spec(old), _spec(value)
    causes = _fixed("spec.scope", before.get("scope"), after.get("scope"))
    causes += _fixed("spec.group", before.get("group"), after.get("group"))
    names, renamed = before.get("names") or {}, after.get("names") or {}
    return causes + _fixed("spec.names.kind", names.get("kind"), renamed.get("kind"))


_RBAC = "rbac.authorization.k8s.io"
_CHANGES: dict[tuple[str, str], Callable[[Object, Object], list[Cause]]] = {
    ("", "pods"): _pod,
    ("", "services"): _service,
    ("", "secrets"): _secret,
    ("", "configmaps"): _sealed,
    ("", "persistentvolumeclaims"): _claim,
    ("apps", "deployments"): _selector,
    ("apps", "replicasets"): _selector,
    ("apps", "daemonsets"): _selector,
    ("apps", "statefulsets"): _stateful_set,
    ("batch", "jobs"): _job,
    ("storage.k8s.io", "storageclasses"): _storage_class,
    ("scheduling.k8s.io", "priorityclasses"): _priority_class,
    ("apiextensions.k8s.io", "customresourcedefinitions"): _definition,
    (_RBAC, "rolebindings"): _binding,
    (_RBAC, "clusterrolebindings"): _binding,
}
