"""What a new cluster has: namespaces, roles, priority classes, the API's own service; the rest is the lifecycle's."""

from __future__ import annotations

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox.cluster import Cluster
from pilothouse.sandbox.errors import StatusError
from pilothouse.sandbox.writing import Write

Object = dict[str, YamlValue]
_RBAC = "rbac.authorization.k8s.io"
_SERVER = Write(manager="kube-apiserver")
_READ = ["get", "list", "watch"]
_CHANGE = ["create", "delete", "deletecollection", "patch", "update"]
_NAMESPACED: dict[str, list[str]] = {
    "": [
        "bindings", "configmaps", "endpoints", "events", "limitranges", "persistentvolumeclaims", "pods", "pods/log",
        "pods/status", "replicationcontrollers", "replicationcontrollers/scale", "resourcequotas", "serviceaccounts",
        "services", "services/status",
    ],
    "apps": [
        "controllerrevisions", "daemonsets", "deployments", "deployments/scale", "replicasets", "replicasets/scale",
        "statefulsets", "statefulsets/scale",
    ],
    "autoscaling": ["horizontalpodautoscalers"],
    "batch": ["cronjobs", "jobs"],
    "discovery.k8s.io": ["endpointslices"],
    "networking.k8s.io": ["ingresses", "networkpolicies"],
    "policy": ["poddisruptionbudgets"],
}  # fmt: skip


def furnish(cluster: Cluster) -> None:
    """Create what is missing."""
    for name in ("default", "kube-system", "kube-public", "kube-node-lease"):
        _create(cluster, "v1", "Namespace", name)
    for name, rules in _roles().items():
        labels = {"kubernetes.io/bootstrapping": "rbac-defaults"}
        _create(cluster, f"{_RBAC}/v1", "ClusterRole", name, labels=labels, rules=rules)
    for name, group in (
        ("cluster-admin", "system:masters"),
        ("system:basic-user", "system:authenticated"),
        ("system:discovery", "system:authenticated"),
    ):
        reference = {"apiGroup": _RBAC, "kind": "ClusterRole", "name": name}
        subjects = [{"apiGroup": _RBAC, "kind": "Group", "name": group}]
        labels = {"kubernetes.io/bootstrapping": "rbac-defaults"}
        _create(cluster, f"{_RBAC}/v1", "ClusterRoleBinding", name, labels=labels, roleRef=reference, subjects=subjects)
    ports = [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}]
    labels = {"component": "apiserver", "provider": "kubernetes"}
    spec = {"clusterIP": "10.96.0.1", "ports": ports, "type": "ClusterIP"}
    _create(cluster, "v1", "Service", "kubernetes", namespace="default", labels=labels, spec=spec)
    for name, amount in (("system-cluster-critical", 2000000000), ("system-node-critical", 2000001000)):
        _create(cluster, "scheduling.k8s.io/v1", "PriorityClass", name, value=amount)


def _rules(verbs: list[str], extra: dict[str, list[str]]) -> list[Object]:
    groups = {group: [*_NAMESPACED.get(group, ()), *extra.get(group, ())] for group in {**_NAMESPACED, **extra}}
    return [{"apiGroups": [group], "resources": resources, "verbs": verbs} for group, resources in groups.items()]


def _roles() -> dict[str, list[Object]]:
    secrets = {"": ["secrets", "pods/exec", "pods/portforward", "pods/attach", "serviceaccounts/token"]}
    roles = {_RBAC: ["roles", "rolebindings"], "authorization.k8s.io": ["localsubjectaccessreviews"]}
    namespaces: Object = {"apiGroups": [""], "resources": ["namespaces"], "verbs": _READ}
    paths = [
        "/api",
        "/api/*",
        "/apis",
        "/apis/*",
        "/healthz",
        "/livez",
        "/openapi",
        "/openapi/*",
        "/readyz",
        "/version",
    ]
    reviews = ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]
    return {
        "cluster-admin": [
            {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
            {"nonResourceURLs": ["*"], "verbs": ["*"]},
        ],
        "admin": [*_rules([*_READ, *_CHANGE], {**secrets, **roles}), namespaces],
        "edit": [*_rules([*_READ, *_CHANGE], secrets), namespaces],
        "view": [*_rules(_READ, {}), namespaces],
        "system:basic-user": [
            {"apiGroups": ["authorization.k8s.io"], "resources": reviews, "verbs": ["create"]},
            {"apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"], "verbs": ["create"]},
        ],
        "system:discovery": [{"nonResourceURLs": paths, "verbs": ["get"]}],
    }


def _create(
    cluster: Cluster,
    api_version: str,
    kind: str,
    name: str,
    *,
    namespace: str = "",
    labels: dict[str, str] | None = None,
    **fields: YamlValue,
) -> None:
    metadata: Object = {"name": name}
    if labels:
        metadata["labels"] = labels
    value: Object = {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}
    resource = cluster.resource_of(value)
    if cluster.find(resource, namespace, name) is not None:
        return
    try:
        cluster.create(resource, namespace, value, _SERVER)
    except StatusError as error:
        if error.reason != "AlreadyExists" and error.code not in (403, 404):
            raise
