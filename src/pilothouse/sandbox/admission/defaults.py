"""Defaults of every kind but for pod specs (``pkg/apis/*/v1/defaults.go``)."""

from __future__ import annotations

import base64
from collections.abc import Callable

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.copying import deep_copy
from pilothouse.sandbox.admission.pods import default_pod, default_pod_spec
from pilothouse.sandbox.resources import Resource

Object = dict[str, YamlValue]
_RBAC = "rbac.authorization.k8s.io"


def set_defaults(resource: Resource, value: Object, *, creating: bool) -> None:
    """Fill in what ``value`` leaves out."""
    kind = (resource.group, resource.plural)
    found = _DEFAULTS.get(kind)
    if found is not None:
        found(value)
    if creating and kind in _NEW:
        _NEW[kind](value)


def _template(spec: Object) -> None:
    template = spec.setdefault("template", {})
    template.setdefault("metadata", {})
    default_pod_spec(template.setdefault("spec", {}))


def _rolling(spec: Object, field: str, **amounts: YamlValue) -> None:
    strategy = spec.setdefault(field, {})
    if strategy.setdefault("type", "RollingUpdate") == "RollingUpdate":
        rolling = strategy.setdefault("rollingUpdate", {})
        for name, amount in amounts.items():
            rolling.setdefault(name, amount)


def _pod(value: Object) -> None:
    default_pod_spec(value.setdefault("spec", {}))


def _new_pod(value: Object) -> None:
    default_pod(value["spec"])


def _deployment(value: Object) -> None:
    spec = value.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    _rolling(spec, "strategy", maxUnavailable="25%", maxSurge="25%")
    spec.setdefault("revisionHistoryLimit", 10)
    spec.setdefault("progressDeadlineSeconds", 600)
    _template(spec)


def _daemon_set(value: Object) -> None:
    spec = value.setdefault("spec", {})
    _rolling(spec, "updateStrategy", maxUnavailable=1, maxSurge=0)
    spec.setdefault("revisionHistoryLimit", 10)
    _template(spec)


def _stateful_set(value: Object) -> None:
    spec = value.setdefault("spec", {})
    spec.setdefault("podManagementPolicy", "OrderedReady")
    _rolling(spec, "updateStrategy", partition=0)
    spec.setdefault("replicas", 1)
    spec.setdefault("revisionHistoryLimit", 10)
    retention = spec.setdefault("persistentVolumeClaimRetentionPolicy", {})
    retention.setdefault("whenDeleted", "Retain")
    retention.setdefault("whenScaled", "Retain")
    for claim in spec.get("volumeClaimTemplates") or ():
        claim.setdefault("apiVersion", "v1")
        claim.setdefault("kind", "PersistentVolumeClaim")
        claim.setdefault("metadata", {})
        claim.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")
        claim.setdefault("status", {}).setdefault("phase", "Pending")
    _template(spec)


def _replica_set(value: Object) -> None:
    spec = value.setdefault("spec", {})
    spec.setdefault("replicas", 1)
    _template(spec)


def _new_replica_set(value: Object) -> None:
    labels = value["spec"]["template"]["metadata"].get("labels")
    if labels and not value["metadata"].get("labels"):
        value["metadata"]["labels"] = dict(labels)


def _replication_controller(value: Object) -> None:
    _replica_set(value)
    labels = value["spec"]["template"]["metadata"].get("labels")
    if labels and not value["spec"].get("selector"):
        value["spec"]["selector"] = dict(labels)


def _job_spec(spec: Object) -> None:
    if "completions" not in spec and "parallelism" not in spec:
        spec["completions"] = 1
    spec.setdefault("parallelism", 1)
    spec.setdefault("backoffLimit", 6 if "backoffLimitPerIndex" not in spec else 2147483647)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    spec.setdefault("podReplacementPolicy", "Failed" if spec.get("podFailurePolicy") else "TerminatingOrFailed")
    _template(spec)


def _job(value: Object) -> None:
    spec = value.setdefault("spec", {})
    _job_spec(spec)
    spec.setdefault("manualSelector", False)


def _new_job(value: Object) -> None:
    labels = value["spec"]["template"]["metadata"].get("labels")
    if labels and not value["metadata"].get("labels"):
        # One and the same: what is generated for the template is then seen here too, as it is in Go.
        value["metadata"]["labels"] = labels


def _cron_job(value: Object) -> None:
    spec = value.setdefault("spec", {})
    spec.setdefault("concurrencyPolicy", "Allow")
    spec.setdefault("suspend", False)
    spec.setdefault("successfulJobsHistoryLimit", 3)
    spec.setdefault("failedJobsHistoryLimit", 1)
    template = spec.setdefault("jobTemplate", {})
    template.setdefault("metadata", {})
    # A CronJob's job template is defaulted only as far as its pods: the rest is the job's own.
    _template(template.setdefault("spec", {}))


def _service(value: Object) -> None:
    spec = value.setdefault("spec", {})
    kind = spec.setdefault("type", "ClusterIP")
    if spec.setdefault("sessionAffinity", "None") == "ClientIP":
        spec.setdefault("sessionAffinityConfig", {}).setdefault("clientIP", {}).setdefault("timeoutSeconds", 10800)
    for port in spec.get("ports") or ():
        port.setdefault("protocol", "TCP")
        if port.get("targetPort") in (None, 0, ""):
            port["targetPort"] = port.get("port")
    if kind in ("NodePort", "LoadBalancer"):
        spec.setdefault("externalTrafficPolicy", "Cluster")
    if kind == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
    if kind != "ExternalName":
        spec.setdefault("internalTrafficPolicy", "Cluster")


def _claim(value: Object) -> None:
    value.setdefault("spec", {}).setdefault("volumeMode", "Filesystem")


def _volume(value: Object) -> None:
    spec = value.setdefault("spec", {})
    spec.setdefault("persistentVolumeReclaimPolicy", "Retain")
    spec.setdefault("volumeMode", "Filesystem")


def _secret(value: Object) -> None:
    plain = value.pop("stringData", None) or {}
    if plain:
        data = value.setdefault("data", {})
        for key, text in plain.items():
            data[key] = base64.b64encode(text.encode()).decode()
    value.setdefault("type", "Opaque")


def _namespace(value: Object) -> None:
    value["metadata"].setdefault("labels", {})["kubernetes.io/metadata.name"] = value["metadata"].get("name", "")


def _autoscaler(value: Object) -> None:
    spec = value.setdefault("spec", {})
    spec.setdefault("minReplicas", 1)
    if value.get("apiVersion") == "autoscaling/v2" and not spec.get("metrics"):
        target = {"type": "Utilization", "averageUtilization": 80}
        spec["metrics"] = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]


def _network_policy(value: Object) -> None:
    spec = value.setdefault("spec", {})
    spec.setdefault("podSelector", {})
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]
    for rule in [*(spec.get("ingress") or ()), *(spec.get("egress") or ())]:
        for port in rule.get("ports") or ():
            port.setdefault("protocol", "TCP")


def _storage_class(value: Object) -> None:
    value.setdefault("reclaimPolicy", "Delete")
    value.setdefault("volumeBindingMode", "Immediate")


def _role(value: Object) -> None:
    value.setdefault("rules", None)


def _binding(value: Object) -> None:
    if isinstance(value.get("roleRef"), dict):
        value["roleRef"].setdefault("apiGroup", _RBAC)
    for subject in value.get("subjects") or ():
        if subject.get("kind") in ("User", "Group"):
            subject.setdefault("apiGroup", _RBAC)


def _webhooks(value: Object) -> None:
    for hook in value.get("webhooks") or ():
        hook.setdefault("failurePolicy", "Fail")
        hook.setdefault("matchPolicy", "Equivalent")
        hook.setdefault("namespaceSelector", {})
        hook.setdefault("objectSelector", {})
        hook.setdefault("timeoutSeconds", 10)
        if value["kind"].startswith("Mutating"):
            hook.setdefault("reinvocationPolicy", "Never")
        for rule in hook.get("rules") or ():
            rule.setdefault("scope", "*")
        service = (hook.get("clientConfig") or {}).get("service")
        if isinstance(service, dict):
            service.setdefault("port", 443)


def _api_service(value: Object) -> None:
    service = value.setdefault("spec", {}).get("service")
    if isinstance(service, dict):
        service.setdefault("port", 443)


def _endpoints(value: Object) -> None:
    for subset in value.get("subsets") or ():
        for port in subset.get("ports") or ():
            port.setdefault("protocol", "TCP")


def _slice(value: Object) -> None:
    for port in value.get("ports") or ():
        port.setdefault("name", "")
        port.setdefault("protocol", "TCP")


def _priority_class(value: Object) -> None:
    value.setdefault("preemptionPolicy", "PreemptLowerPriority")


def _begin(**status: YamlValue) -> Callable[[Object], None]:
    """Return what gives a new object its first status."""

    def fill(value: Object) -> None:
        value["status"] = deep_copy(status)

    return fill


_DEFAULTS: dict[tuple[str, str], Callable[[Object], None]] = {
    ("", "pods"): _pod,
    ("", "podtemplates"): _template,
    ("", "services"): _service,
    ("", "persistentvolumeclaims"): _claim,
    ("", "persistentvolumes"): _volume,
    ("", "secrets"): _secret,
    ("", "namespaces"): _namespace,
    ("", "endpoints"): _endpoints,
    ("", "replicationcontrollers"): _replication_controller,
    ("apps", "deployments"): _deployment,
    ("apps", "daemonsets"): _daemon_set,
    ("apps", "statefulsets"): _stateful_set,
    ("apps", "replicasets"): _replica_set,
    ("batch", "jobs"): _job,
    ("batch", "cronjobs"): _cron_job,
    ("autoscaling", "horizontalpodautoscalers"): _autoscaler,
    ("networking.k8s.io", "networkpolicies"): _network_policy,
    ("storage.k8s.io", "storageclasses"): _storage_class,
    ("scheduling.k8s.io", "priorityclasses"): _priority_class,
    ("discovery.k8s.io", "endpointslices"): _slice,
    ("apiregistration.k8s.io", "apiservices"): _api_service,
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"): _webhooks,
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"): _webhooks,
    (_RBAC, "roles"): _role,
    (_RBAC, "clusterroles"): _role,
    (_RBAC, "rolebindings"): _binding,
    (_RBAC, "clusterrolebindings"): _binding,
}
# What only new objects get, after their defaults.
_NEW: dict[tuple[str, str], Callable[[Object], None]] = {
    ("", "pods"): _new_pod,
    ("", "services"): _begin(loadBalancer={}),
    ("", "persistentvolumeclaims"): _begin(phase="Pending"),
    ("", "persistentvolumes"): _begin(phase="Pending"),
    ("", "replicationcontrollers"): _new_replica_set,
    ("apps", "replicasets"): _new_replica_set,
    ("batch", "jobs"): _new_job,
    ("autoscaling", "horizontalpodautoscalers"): _begin(desiredReplicas=0, currentReplicas=0),
}
