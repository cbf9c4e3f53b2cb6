"""What makes an object of each kind invalid (``pkg/apis/*/validation``), as far as charts meet it."""

from __future__ import annotations

import re
from collections.abc import Callable

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects import selectors
from pilothouse.objects.errors import SelectorError
from pilothouse.sandbox import statuses
from pilothouse.sandbox.admission.podrules import (
    count_causes,
    label_name_causes,
    pod_spec_causes,
    port_causes,
    port_name_causes,
)
from pilothouse.sandbox.metadata import label_causes
from pilothouse.sandbox.resources import Resource
from pilothouse.sandbox.schedules import Schedule, ScheduleError
from pilothouse.sandbox.statuses import Cause

Object = dict[str, YamlValue]
_KEY = re.compile(r"[-._a-zA-Z0-9]+")
_KEY_RULE = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or"
    " 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
_SERVICE_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_LARGEST_SECRET = 1 << 20


def object_causes(resource: Resource, value: Object) -> list[Cause]:
    """Return the faults of an object, metadata apart."""
    found = _RULES.get((resource.group, resource.plural))
    return found(value) if found is not None else []


def _template(spec: Object, path: str) -> list[Cause]:
    template = spec.get("template") or {}
    labels = (template.get("metadata") or {}).get("labels") or {}
    return label_causes(labels, f"{path}.metadata.labels") + pod_spec_causes(template.get("spec") or {}, f"{path}.spec")


def _selector(spec: Object, kind: str) -> list[Cause]:
    selector = spec.get("selector")
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    if selector is None:
        # A DaemonSet without a selector is only told that it matches nothing.
        missing = [] if kind == "daemonset" else [statuses.required("spec.selector")]
        return [*missing, _mismatch(labels)]
    if not selector:
        return [statuses.invalid_value("spec.selector", selector, f"empty selector is invalid for {kind}")]
    return _matching(selector, labels)


def _matching(selector: Object, labels: Object) -> list[Cause]:
    try:
        matches = selectors.from_object(selector).matches(labels)
    except SelectorError as error:
        return [statuses.invalid_value("spec.selector", selector, error.message)]
    return [] if matches else [_mismatch(labels)]


def _mismatch(labels: Object) -> Cause:
    detail = "`selector` does not match template `labels`"
    return statuses.invalid_value("spec.template.metadata.labels", labels, detail)


def _workload(kind: str) -> Callable[[Object], list[Cause]]:
    def check(value: Object) -> list[Cause]:
        spec = value.get("spec") or {}
        causes = count_causes(spec.get("replicas"), "spec.replicas") + _selector(spec, kind)
        # The server does not look into the pods of a StatefulSet, whose volumes its claims may give.
        if kind != "statefulset":
            causes += _template(spec, "spec.template")
        policy = ((spec.get("template") or {}).get("spec") or {}).get("restartPolicy")
        if policy != "Always":
            causes.append(statuses.unsupported("spec.template.spec.restartPolicy", policy, ("Always",)))
        return causes

    return check


def _deployment(value: Object) -> list[Cause]:
    causes = _workload("deployment")(value)
    strategy = value["spec"].get("strategy") or {}
    kind = strategy.get("type")
    if kind == "Recreate" and strategy.get("rollingUpdate") is not None:
        detail = "may not be specified when strategy `type` is 'Recreate'"
        causes.append(statuses.forbidden_field("spec.strategy.rollingUpdate", detail))
    elif kind not in ("Recreate", "RollingUpdate"):
        causes.append(statuses.unsupported("spec.strategy.type", kind, ("Recreate", "RollingUpdate")))
    rolling = strategy.get("rollingUpdate") or {}
    if rolling and _is_zero(rolling.get("maxUnavailable")) and _is_zero(rolling.get("maxSurge")):
        detail = "may not be 0 when `maxSurge` is 0"
        causes.append(
            statuses.invalid_value("spec.strategy.rollingUpdate.maxUnavailable", rolling["maxUnavailable"], detail)
        )
    return causes


def _is_zero(amount: YamlValue) -> bool:
    return amount in (0, "0%")


def _replication_controller(value: Object) -> list[Cause]:
    spec = value.get("spec") or {}
    selector = spec.get("selector") or {}
    labels = ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {}
    causes = count_causes(spec.get("replicas"), "spec.replicas")
    if not selector:
        causes.append(statuses.required("spec.selector"))
    elif any(labels.get(key) != item for key, item in selector.items()):
        causes.append(_mismatch(labels))
    return causes + _template(spec, "spec.template")


def _job_spec(spec: Object, path: str) -> list[Cause]:
    causes: list[Cause] = []
    for field in ("parallelism", "completions", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished"):
        causes += count_causes(spec.get(field), f"{path}.{field}")
    causes += _template(spec, f"{path}.template")
    policy = ((spec.get("template") or {}).get("spec") or {}).get("restartPolicy")
    if policy == "Always":
        causes.append(statuses.required(f"{path}.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"'))
    return causes


def _job(value: Object) -> list[Cause]:
    spec = value.get("spec") or {}
    causes = _job_spec(spec, "spec")
    selector = spec.get("selector")
    if selector is None:
        causes.append(statuses.required("spec.selector"))
    else:
        causes += _matching(selector, ((spec.get("template") or {}).get("metadata") or {}).get("labels") or {})
    return causes


def _cron_job(value: Object) -> list[Cause]:
    spec = value.get("spec") or {}
    causes: list[Cause] = []
    schedule = spec.get("schedule", "")
    if not schedule:
        causes.append(statuses.required("spec.schedule"))
    else:
        try:
            Schedule(schedule)
        except ScheduleError as error:
            causes.append(statuses.invalid_value("spec.schedule", schedule, error.message))
    policies = ("Allow", "Forbid", "Replace")
    if spec.get("concurrencyPolicy") not in policies:
        causes.append(statuses.unsupported("spec.concurrencyPolicy", spec.get("concurrencyPolicy"), policies))
    return causes + _job_spec((spec.get("jobTemplate") or {}).get("spec") or {}, "spec.jobTemplate.spec")


def _pod(value: Object) -> list[Cause]:
    return pod_spec_causes(value.get("spec") or {}, "spec")


def _service(value: Object) -> list[Cause]:
    spec = value.get("spec") or {}
    causes: list[Cause] = []
    kind, ports = spec.get("type"), spec.get("ports") or []
    if kind not in _SERVICE_TYPES:
        causes.append(statuses.unsupported("spec.type", kind, _SERVICE_TYPES))
    if not ports and spec.get("clusterIP") != "None" and kind != "ExternalName":
        causes.append(statuses.required("spec.ports"))
    if kind == "LoadBalancer" and spec.get("clusterIP") == "None":
        detail = "may not be set to 'None' for LoadBalancer services"
        causes.append(statuses.invalid_value("spec.clusterIPs[0]", "None", detail))
    if kind == "ExternalName" and not spec.get("externalName"):
        causes.append(statuses.required("spec.externalName"))
    names: set[str] = set()
    seen: set[tuple[YamlValue, YamlValue]] = set()
    for index, port in enumerate(ports):
        _service_port(port, f"spec.ports[{index}]", named=len(ports) > 1, names=names, causes=causes)
        pair = (port.get("port"), port.get("protocol"))
        if pair in seen:
            shown = {"protocol": port.get("protocol"), "port": port.get("port"), "targetPort": 0}
            causes.append(statuses.duplicate(f"spec.ports[{index}]", shown))
        seen.add(pair)
    if spec.get("sessionAffinity") not in ("ClientIP", "None"):
        causes.append(statuses.unsupported("spec.sessionAffinity", spec.get("sessionAffinity"), ("ClientIP", "None")))
    return causes + label_causes(spec.get("selector") or {}, "spec.selector")


def _service_port(port: Object, path: str, *, named: bool, names: set[str], causes: list[Cause]) -> None:
    name = port.get("name", "")
    if named and not name:
        causes.append(statuses.required(f"{path}.name"))
    elif name:
        causes += label_name_causes(name, f"{path}.name")
        if name in names:
            causes.append(statuses.duplicate(f"{path}.name", name))
        names.add(name)
    causes += port_causes(port.get("port", 0), f"{path}.port")
    if port.get("protocol") not in ("TCP", "UDP", "SCTP"):
        causes.append(statuses.unsupported(f"{path}.protocol", port.get("protocol"), ("SCTP", "TCP", "UDP")))
    target = port.get("targetPort")
    if isinstance(target, int):
        causes += port_causes(target, f"{path}.targetPort")
    elif isinstance(target, str):
        causes += port_name_causes(target, f"{path}.targetPort")


def _keys(value: Object) -> list[Cause]:
    causes: list[Cause] = []
    size = 0
    for field in ("data", "binaryData"):
        for key, text in (value.get(field) or {}).items():
            size += len(text)
            where = f"{field}[{key}]"
            if len(key) > 253:
                causes.append(statuses.invalid_value(where, key, "must be no more than 253 characters"))
            if not _KEY.fullmatch(key) or key in (".", ".."):
                causes.append(statuses.invalid_value(where, key, _KEY_RULE))
    return causes + _too_large(value, size)


def _too_large(value: Object, size: int) -> list[Cause]:
    if value.get("kind") == "Secret":
        size = size * 3 // 4
    if size <= _LARGEST_SECRET:
        return []
    path = "data" if value.get("kind") == "Secret" else ""
    return [Cause(type="FieldValueTooLong", path=path, text=f"Too long: may not be more than {_LARGEST_SECRET} bytes")]


def _claim(value: Object) -> list[Cause]:
    spec = value.get("spec") or {}
    causes: list[Cause] = []
    if not spec.get("accessModes"):
        causes.append(statuses.required("spec.accessModes", "at least 1 access mode is required"))
    modes = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
    causes += [
        statuses.unsupported(f"spec.accessModes[{index}]", mode, modes)
        for index, mode in enumerate(spec.get("accessModes") or ())
        if mode not in modes
    ]
    if not ((spec.get("resources") or {}).get("requests") or {}).get("storage"):
        causes.append(statuses.required("spec.resources[storage]"))
    return causes


def _ingress(value: Object) -> list[Cause]:
    spec = value.get("spec") or {}
    causes: list[Cause] = []
    if not spec.get("rules") and not spec.get("defaultBackend"):
        detail = "either `defaultBackend` or `rules` must be specified"
        causes.append(statuses.invalid_value("spec", spec, detail))
    kinds = ("Exact", "ImplementationSpecific", "Prefix")
    for index, rule in enumerate(spec.get("rules") or ()):
        http = rule.get("http")
        if http is None:
            continue
        if not http.get("paths"):
            causes.append(statuses.required(f"spec.rules[{index}].http.paths"))
        for place, path in enumerate(http.get("paths") or ()):
            where = f"spec.rules[{index}].http.paths[{place}]"
            if not path.get("pathType"):
                causes.append(statuses.required(f"{where}.pathType", "pathType must be specified"))
            elif path["pathType"] not in kinds:
                causes.append(statuses.unsupported(f"{where}.pathType", path["pathType"], kinds))
            elif path["pathType"] != "ImplementationSpecific" and not path.get("path", "").startswith("/"):
                causes.append(statuses.invalid_value(f"{where}.path", path.get("path", ""), "must be an absolute path"))
            causes += _backend(path.get("backend") or {}, f"{where}.backend")
    return causes


def _backend(backend: Object, path: str) -> list[Cause]:
    service = backend.get("service")
    if service is None:
        return [] if backend.get("resource") else [statuses.required(path, "resource or service backend is required")]
    causes = []
    if not service.get("name"):
        causes.append(statuses.required(f"{path}.service.name"))
    port = service.get("port") or {}
    if not port.get("name") and not port.get("number"):
        causes.append(statuses.required(path, "port name or number is required"))
    return causes


def _role(value: Object) -> list[Cause]:
    causes = []
    for index, rule in enumerate(value.get("rules") or ()):
        if not rule.get("verbs"):
            causes.append(statuses.required(f"rules[{index}].verbs", "verbs must contain at least one value"))
        if not rule.get("nonResourceURLs"):
            for field, word in (("apiGroups", "api group"), ("resources", "resource")):
                if not rule.get(field):
                    detail = f"resource rules must supply at least one {word}"
                    causes.append(statuses.required(f"rules[{index}].{field}", detail))
    return causes


def _binding(value: Object) -> list[Cause]:
    causes = []
    reference = value.get("roleRef") or {}
    if reference.get("kind") not in ("Role", "ClusterRole"):
        supported = ("ClusterRole", "Role") if value.get("kind") == "RoleBinding" else ("ClusterRole",)
        causes.append(statuses.unsupported("roleRef.kind", reference.get("kind", ""), supported))
    if not reference.get("name"):
        causes.append(statuses.required("roleRef.name"))
    for index, subject in enumerate(value.get("subjects") or ()):
        path = f"subjects[{index}]"
        if not subject.get("name"):
            causes.append(statuses.required(f"{path}.name"))
        if subject.get("kind") == "ServiceAccount":
            if not subject.get("namespace") and value.get("kind") == "ClusterRoleBinding":
                causes.append(statuses.required(f"{path}.namespace"))
        elif subject.get("kind") not in ("ServiceAccount", "User", "Group"):
            kinds = ("Group", "ServiceAccount", "User")
            causes.append(statuses.unsupported(f"{path}.kind", subject.get("kind", ""), kinds))
    return causes


def _autoscaler(value: Object) -> list[Cause]:
    spec = value.get("spec") or {}
    causes = []
    low, high = spec.get("minReplicas", 1), spec.get("maxReplicas", 0)
    if low < 1:
        causes.append(statuses.invalid_value("spec.minReplicas", low, "must be greater than or equal to 1"))
    if high < 1:
        causes.append(statuses.invalid_value("spec.maxReplicas", high, "must be greater than 0"))
    elif high < low:
        detail = "must be greater than or equal to `minReplicas`"
        causes.append(statuses.invalid_value("spec.maxReplicas", high, detail))
    target = spec.get("scaleTargetRef") or {}
    return causes + [
        statuses.required(f"spec.scaleTargetRef.{name}") for name in ("kind", "name") if not target.get(name)
    ]


def _disruption_budget(value: Object) -> list[Cause]:
    spec = value.get("spec") or {}
    if "minAvailable" in spec and "maxUnavailable" in spec:
        return [statuses.invalid_value("spec", spec, "minAvailable and maxUnavailable cannot be both set")]
    return []


_RBAC = "rbac.authorization.k8s.io"
_RULES: dict[tuple[str, str], Callable[[Object], list[Cause]]] = {
    ("", "pods"): _pod,
    ("", "services"): _service,
    ("", "configmaps"): _keys,
    ("", "secrets"): _keys,
    ("", "persistentvolumeclaims"): _claim,
    ("", "replicationcontrollers"): _replication_controller,
    ("apps", "deployments"): _deployment,
    ("apps", "replicasets"): _workload("deployment"),
    ("apps", "daemonsets"): _workload("daemonset"),
    ("apps", "statefulsets"): _workload("statefulset"),
    ("batch", "jobs"): _job,
    ("batch", "cronjobs"): _cron_job,
    ("networking.k8s.io", "ingresses"): _ingress,
    ("autoscaling", "horizontalpodautoscalers"): _autoscaler,
    ("policy", "poddisruptionbudgets"): _disruption_budget,
    (_RBAC, "roles"): _role,
    (_RBAC, "clusterroles"): _role,
    (_RBAC, "rolebindings"): _binding,
    (_RBAC, "clusterrolebindings"): _binding,
}
