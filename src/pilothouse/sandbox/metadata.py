"""The metadata that the server fills in and checks: names, unique ids, times, generations."""

from __future__ import annotations

import secrets
import time
import uuid

from pilothouse.clock import Clock
from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.names import (
    dns_1035_label_problems,
    dns_label_problems,
    label_value_problems,
    qualified_name_problems,
    subdomain_problems,
)
from pilothouse.sandbox import statuses
from pilothouse.sandbox.resources import Resource
from pilothouse.sandbox.statuses import Cause

_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_LONGEST_BASE = 58
_LATEST = 253402300799.0  # the end of the year 9999
# Kinds whose names are labels, and those whose names may hold almost anything (ValidatePathSegmentName).
_LABEL_NAMES = {"namespaces", "statefulsets"}
_LABEL_1035_NAMES = {"services"}
_PATH_NAMES = {"roles", "rolebindings", "clusterroles", "clusterrolebindings"}
# Kinds that count changes of their spec.
_GENERATIONS = {
    "deployments", "statefulsets", "daemonsets", "replicasets", "replicationcontrollers", "jobs", "cronjobs", "pods",
    "ingresses", "networkpolicies", "poddisruptionbudgets", "customresourcedefinitions", "flowschemas",
    "prioritylevelconfigurations", "mutatingwebhookconfigurations", "validatingwebhookconfigurations",
    "validatingadmissionpolicies", "validatingadmissionpolicybindings", "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings", "csidrivers", "endpointslices", "resourceclaims", "resourceslices",
}  # fmt: skip


def timestamp(clock: Clock) -> str:
    """Return the time as ``metav1.Time`` writes it."""
    return timestamp_after(clock, 0.0)


def timestamp_after(clock: Clock, seconds: float) -> str:
    """Return the time ``seconds`` from now, as far as it can be written."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(max(0.0, min(clock.now() + seconds, _LATEST))))


def new_uid() -> str:
    """Return a fresh unique id."""
    return str(uuid.uuid4())


def generate_name(prefix: str) -> str:
    """Return ``prefix`` with five random letters (``names.SimpleNameGenerator``)."""
    return prefix[:_LONGEST_BASE] + "".join(secrets.choice(_SUFFIX_LETTERS) for _ in range(5))


def counts_generations(resource: Resource) -> bool:
    """Tell whether objects of a kind have ``metadata.generation``."""
    return resource.custom is not None or resource.plural in _GENERATIONS


def name_problems(resource: Resource, name: str) -> list[str]:
    """Return what is wrong with an object's name."""
    if resource.group == "rbac.authorization.k8s.io" and resource.plural in _PATH_NAMES:
        if name in (".", ".."):
            return [f"may not be '{name}'"]
        return [f"may not contain '{char}'" for char in ("/", "%") if char in name]
    if resource.plural in _LABEL_1035_NAMES and not resource.group:
        return dns_1035_label_problems(name)
    if resource.plural in _LABEL_NAMES and resource.custom is None:
        return dns_label_problems(name)
    return subdomain_problems(name)


def metadata_causes(resource: Resource, metadata: dict[str, YamlValue]) -> list[Cause]:
    """Return the faults of an object's metadata (``validation.ValidateObjectMeta``)."""
    causes: list[Cause] = []
    name = metadata.get("name", "")
    if name:
        causes += [statuses.invalid_value("metadata.name", name, each) for each in name_problems(resource, name)]
    else:
        causes.append(statuses.required("metadata.name", "name or generateName is required"))
    causes += label_causes(metadata.get("labels") or {}, "metadata.labels")
    for key in metadata.get("annotations") or {}:
        causes += [
            statuses.invalid_value("metadata.annotations", key, each) for each in qualified_name_problems(key.lower())
        ]
    for index, owner in enumerate(metadata.get("ownerReferences") or []):
        path = f"metadata.ownerReferences[{index}]"
        if not owner.get("apiVersion"):
            causes.append(statuses.invalid_value(f"{path}.apiVersion", "", "version must not be empty"))
        for field in ("kind", "name", "uid"):
            if not owner.get(field):
                causes.append(statuses.invalid_value(f"{path}.{field}", "", "must not be empty"))
    for each in metadata.get("finalizers") or []:
        causes += [
            statuses.invalid_value("metadata.finalizers", each, problem) for problem in qualified_name_problems(each)
        ]
    return causes


def label_causes(labels: dict[str, YamlValue], path: str) -> list[Cause]:
    """Return the faults of labels."""
    causes: list[Cause] = []
    for key, value in labels.items():
        causes += [statuses.invalid_value(path, key, each) for each in qualified_name_problems(key)]
        causes += [statuses.invalid_value(path, value, each) for each in label_value_problems(value)]
    return causes
