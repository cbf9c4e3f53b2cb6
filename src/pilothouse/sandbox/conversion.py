"""One object in several versions: what is stored in one is served in another."""

from __future__ import annotations

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox.resources import Resource

_EVENT_TO_V1 = {
    "message": "note",
    "involvedObject": "regarding",
    "source": "deprecatedSource",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "lastTimestamp": "deprecatedLastTimestamp",
    "count": "deprecatedCount",
    "reportingComponent": "reportingController",
}
_EVENT_TO_CORE = {new: old for old, new in _EVENT_TO_V1.items()}


def to_version(value: YamlValue, resource: Resource) -> YamlValue:
    """Return a stored object as ``resource``'s version has it; ``value`` may be changed."""
    if value.get("apiVersion") == resource.api_version:
        return value
    if resource.plural == "events" and resource.custom is None:
        value = _rename(value, _EVENT_TO_V1 if resource.group else _EVENT_TO_CORE)
    elif resource.plural == "horizontalpodautoscalers" and resource.custom is None:
        _autoscaler_to_v1(value) if resource.version == "v1" else _autoscaler_to_v2(value)
    value["apiVersion"] = resource.api_version
    return value


def to_storage(value: YamlValue, resource: Resource) -> YamlValue:
    """Return an object in the version that it is stored in; ``value`` may be changed."""
    if resource.plural == "events" and resource.group == "events.k8s.io":
        value = _rename(value, _EVENT_TO_CORE)
        value["apiVersion"] = "v1"
        return value
    if resource.version == resource.storage_version:
        return value
    if resource.plural == "horizontalpodautoscalers" and resource.custom is None:
        _autoscaler_to_v2(value)
    value["apiVersion"] = f"{resource.group}/{resource.storage_version}"
    return value


def _rename(value: YamlValue, names: dict[str, str]) -> YamlValue:
    return {names.get(key, key): item for key, item in value.items()}


def _autoscaler_to_v2(value: YamlValue) -> None:
    spec = value.get("spec") or {}
    target = spec.pop("targetCPUUtilizationPercentage", None)
    if target is not None:
        goal = {"type": "Utilization", "averageUtilization": target}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": goal}}]


def _autoscaler_to_v1(value: YamlValue) -> None:
    spec = value.get("spec") or {}
    for metric in spec.pop("metrics", None) or []:
        described = metric.get("resource") or {}
        target = (described.get("target") or {}).get("averageUtilization")
        if described.get("name") == "cpu" and target is not None:
            spec["targetCPUUtilizationPercentage"] = target
    spec.pop("behavior", None)
    status = value.get("status") or {}
    status.pop("currentMetrics", None)
    status.pop("conditions", None)
