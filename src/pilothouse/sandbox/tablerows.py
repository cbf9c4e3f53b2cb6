"""The cells that kubectl's tables show of each kind. Go's ``pkg/printers/internalversion/printers.go``."""

from __future__ import annotations

from collections.abc import Callable

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox.tablepods import pod_cells
from pilothouse.sandbox.tablestorage import claim_cells, storage_class_cells, volume_cells
from pilothouse.sandbox.tabletext import (
    NONE,
    UNKNOWN,
    UNSET,
    age,
    containers,
    duration,
    first_of,
    labels,
    parse_time,
    selector,
)

Cells = Callable[[YamlValue, float], list[YamlValue]]


def _meta(value: YamlValue) -> YamlValue:
    return value["metadata"]


def _spec(value: YamlValue) -> YamlValue:
    return value.get("spec") or {}


def _status(value: YamlValue) -> YamlValue:
    return value.get("status") or {}


def _age(value: YamlValue, now: float) -> str:
    return age(_meta(value).get("creationTimestamp"), now)


def _template(value: YamlValue) -> tuple[str, str]:
    return containers((_spec(value).get("template") or {}).get("spec"))


def _replica_set(value: YamlValue, now: float) -> list[YamlValue]:
    spec, status = _spec(value), _status(value)
    names, images = _template(value)
    chosen = spec.get("selector")
    shown = labels(chosen) if value.get("kind") == "ReplicationController" else selector(chosen)
    counts = [spec.get("replicas", 0), status.get("replicas", 0), status.get("readyReplicas", 0)]
    return [*counts, _age(value, now), names, images, shown]


def _deployment(value: YamlValue, now: float) -> list[YamlValue]:
    spec, status = _spec(value), _status(value)
    ready = f"{status.get('readyReplicas', 0)}/{spec.get('replicas', 0)}"
    counts = [status.get("updatedReplicas", 0), status.get("availableReplicas", 0)]
    return [ready, *counts, _age(value, now), *_template(value), selector(spec.get("selector"))]


def _daemon_set(value: YamlValue, now: float) -> list[YamlValue]:
    spec, status = _spec(value), _status(value)
    counts = [
        status.get(field, 0)
        for field in (
            "desiredNumberScheduled",
            "currentNumberScheduled",
            "numberReady",
            "updatedNumberScheduled",
            "numberAvailable",
        )
    ]
    nodes = labels(((spec.get("template") or {}).get("spec") or {}).get("nodeSelector"))
    return [*counts, nodes, _age(value, now), *_template(value), selector(spec.get("selector"))]


def _stateful_set(value: YamlValue, now: float) -> list[YamlValue]:
    ready = f"{_status(value).get('readyReplicas', 0)}/{_spec(value).get('replicas', 0)}"
    return [ready, _age(value, now), *_template(value)]


def _job(value: YamlValue, now: float) -> list[YamlValue]:
    spec, status = _spec(value), _status(value)
    done, parallelism = status.get("succeeded", 0), spec.get("parallelism", 1)
    if "completions" in spec:
        completions = f"{done}/{spec['completions']}"
    else:
        completions = f"{done}/1 of {parallelism}" if parallelism > 1 else f"{done}/1"
    start, end = parse_time(status.get("startTime")), parse_time(status.get("completionTime"))
    lasted = "" if start is None else duration((now if end is None else end) - start)
    state = _job_state(value)
    return [state, completions, lasted, _age(value, now), *_template(value), selector(spec.get("selector"))]


def _job_state(value: YamlValue) -> str:
    held = {each["type"] for each in _status(value).get("conditions") or () if each.get("status") == "True"}
    for kind in ("Complete", "Failed"):
        if kind in held:
            return kind
    if "deletionTimestamp" in _meta(value):
        return "Terminating"
    for kind in ("Suspended", "FailureTarget", "SuccessCriteriaMet"):
        if kind in held:
            return kind
    return "Running"


def _cron_job(value: YamlValue, now: float) -> list[YamlValue]:
    spec, status = _spec(value), _status(value)
    last = age(status["lastScheduleTime"], now) if status.get("lastScheduleTime") else NONE
    template = (spec.get("jobTemplate") or {}).get("spec") or {}
    names, images = containers((template.get("template") or {}).get("spec"))
    zone = spec.get("timeZone") or NONE
    suspended = "True" if spec.get("suspend") else "False"
    active = len(status.get("active") or ())
    chosen = selector(template["selector"]) if template.get("selector") else NONE
    return [spec.get("schedule", ""), zone, suspended, active, last, _age(value, now), names, images, chosen]


def _outside(value: YamlValue) -> str:
    """Return the addresses of a service from outside. Go's ``getServiceExternalIP``."""
    spec = _spec(value)
    fixed, kind = list(spec.get("externalIPs") or ()), spec.get("type", "ClusterIP")
    if kind == "ExternalName":
        return str(spec.get("externalName", ""))
    if kind == "LoadBalancer":
        points = (_status(value).get("loadBalancer") or {}).get("ingress") or ()
        found = [each.get("ip") or each.get("hostname", "") for each in points]
        if found or fixed:
            return ",".join([*found, *fixed])
        return "<pending>"
    return ",".join(fixed) or NONE


def _service(value: YamlValue, now: float) -> list[YamlValue]:
    spec = _spec(value)
    ports = [
        f"{each['port']}:{each['nodePort']}/{each.get('protocol', 'TCP')}"
        if each.get("nodePort")
        else f"{each['port']}/{each.get('protocol', 'TCP')}"
        for each in spec.get("ports") or ()
    ]
    address = (spec.get("clusterIPs") or [spec.get("clusterIP") or NONE])[0] or NONE
    kind, shown = spec.get("type", "ClusterIP"), ",".join(ports) or NONE
    return [kind, address, _outside(value), shown, _age(value, now), labels(spec.get("selector"))]


def _endpoints(value: YamlValue, now: float) -> list[YamlValue]:
    found = []
    for subset in value.get("subsets") or ():
        for port in subset.get("ports") or ():
            found += [f"{each['ip']}:{port['port']}" for each in subset.get("addresses") or ()]
        if not subset.get("ports"):
            found += [each["ip"] for each in subset.get("addresses") or ()]
    return [first_of(found, 3) or NONE, _age(value, now)]


def _endpoint_slice(value: YamlValue, now: float) -> list[YamlValue]:
    ports = [str(each.get("port", "*")) for each in value.get("ports") or ()]
    addresses = [address for each in value.get("endpoints") or () for address in each.get("addresses") or ()]
    shown = [first_of(ports, 3) or UNSET, first_of(addresses, 3) or UNSET]
    return [value.get("addressType", ""), *shown, _age(value, now)]


def _ingress(value: YamlValue, now: float) -> list[YamlValue]:
    spec = _spec(value)
    hosts = [each["host"] for each in spec.get("rules") or () if each.get("host")]
    points = (_status(value).get("loadBalancer") or {}).get("ingress") or ()
    address = ",".join(each.get("ip") or each.get("hostname", "") for each in points)
    kind = spec.get("ingressClassName") or NONE
    return [kind, first_of(hosts, 3) or "*", address, "80, 443" if spec.get("tls") else "80", _age(value, now)]


def _ingress_class(value: YamlValue, now: float) -> list[YamlValue]:
    reference = _spec(value).get("parameters")
    shown = NONE
    if reference:
        group = f".{reference['apiGroup']}" if reference.get("apiGroup") else ""
        shown = f"{reference.get('kind', '')}{group}/{reference.get('name', '')}"
    return [_spec(value).get("controller", ""), shown, _age(value, now)]


def _config_map(value: YamlValue, now: float) -> list[YamlValue]:
    return [len(value.get("data") or ()) + len(value.get("binaryData") or ()), _age(value, now)]


def _secret(value: YamlValue, now: float) -> list[YamlValue]:
    return [value.get("type", ""), len(value.get("data") or ()), _age(value, now)]


def _node(value: YamlValue, now: float) -> list[YamlValue]:
    status = _status(value)
    ready = next((each.get("status") for each in status.get("conditions") or () if each["type"] == "Ready"), None)
    states = ["Unknown" if ready is None else "Ready" if ready == "True" else "NotReady"]
    if _spec(value).get("unschedulable"):
        states.append("SchedulingDisabled")
    prefix = "node-role.kubernetes.io/"
    roles = sorted(key[len(prefix) :] for key in _meta(value).get("labels") or {} if key.startswith(prefix))
    addresses = {each.get("type"): each.get("address") for each in status.get("addresses") or ()}
    info = status.get("nodeInfo") or {}
    return [
        ",".join(states),
        ",".join(filter(None, roles)) or NONE,
        _age(value, now),
        info.get("kubeletVersion", ""),
        addresses.get("InternalIP", NONE),
        addresses.get("ExternalIP", NONE),
        info.get("osImage") or UNKNOWN,
        info.get("kernelVersion") or UNKNOWN,
        info.get("containerRuntimeVersion") or UNKNOWN,
    ]


def _namespace(value: YamlValue, now: float) -> list[YamlValue]:
    return [_status(value).get("phase", ""), _age(value, now)]


def _event(value: YamlValue, now: float) -> list[YamlValue]:
    about, series = value.get("involvedObject") or value.get("regarding") or {}, value.get("series") or {}
    first = value.get("firstTimestamp") or value.get("eventTime")
    last = series.get("lastObservedTime") or value.get("lastTimestamp") or first
    target = (
        f"{about.get('kind', '').lower()}/{about.get('name', '')}"
        if about.get("name")
        else about.get("kind", "").lower()
    )
    source = value.get("source") or {}
    component = source.get("component") or value.get("reportingComponent", "")
    host = source.get("host") or value.get("reportingInstance", "")
    count = series.get("count") or value.get("count") or 1
    return [
        age(last, now),
        value.get("type", ""),
        value.get("reason", ""),
        target,
        about.get("fieldPath", ""),
        ", ".join(filter(None, (component, host))),
        (value.get("message") or value.get("note") or "").strip(),
        age(first, now),
        count,
        _meta(value)["name"],
    ]


def _account(value: YamlValue, now: float) -> list[YamlValue]:
    return [len(value.get("secrets") or ()), _age(value, now)]


def _binding(value: YamlValue, now: float) -> list[YamlValue]:
    role = value.get("roleRef") or {}
    named: dict[str, list[str]] = {"User": [], "Group": [], "ServiceAccount": []}
    for each in value.get("subjects") or ():
        name = each.get("name", "")
        shown = f"{each.get('namespace', '')}/{name}" if each.get("kind") == "ServiceAccount" else name
        named.setdefault(each.get("kind", ""), []).append(shown)
    lists = [", ".join(named[kind]) for kind in ("User", "Group", "ServiceAccount")]
    return [f"{role.get('kind', '')}/{role.get('name', '')}", _age(value, now), *lists]


def _scaler(value: YamlValue, now: float) -> list[YamlValue]:
    spec, status = _spec(value), _status(value)
    reference = spec.get("scaleTargetRef") or {}
    targets = []
    for metric in spec.get("metrics") or ():
        source = metric.get((metric.get("type") or "")[:1].lower() + (metric.get("type") or "")[1:]) or {}
        goal = source.get("target") or {}
        name = f"{source.get('name', '')}: " if metric.get("type") in ("Resource", "ContainerResource") else ""
        if "averageUtilization" in goal:
            targets.append(f"{name}<unknown>/{goal['averageUtilization']}%")
        else:
            targets.append(f"{name}<unknown>/{goal.get('averageValue') or goal.get('value') or '<auto>'}")
    shown = ", ".join(targets[:2]) + (f" + {len(targets) - 2} more..." if len(targets) > 2 else "")
    least = spec.get("minReplicas", UNSET)
    target = f"{reference.get('kind', '')}/{reference.get('name', '')}"
    counts = [str(least), spec.get("maxReplicas", 0), status.get("currentReplicas", 0)]
    return [target, shown or NONE, *counts, _age(value, now)]


def _budget(value: YamlValue, now: float) -> list[YamlValue]:
    spec = _spec(value)
    limits = [str(spec.get(field, "N/A")) for field in ("minAvailable", "maxUnavailable")]
    return [*limits, _status(value).get("disruptionsAllowed", 0), _age(value, now)]


def _network_policy(value: YamlValue, now: float) -> list[YamlValue]:
    return [selector(_spec(value).get("podSelector") or {}), _age(value, now)]


def _lease(value: YamlValue, now: float) -> list[YamlValue]:
    return [_spec(value).get("holderIdentity", ""), _age(value, now)]


def _revision(value: YamlValue, now: float) -> list[YamlValue]:
    owner = next((each for each in _meta(value).get("ownerReferences") or () if each.get("controller")), None)
    group = owner["apiVersion"].rpartition("/")[0] if owner else ""
    shown = f"{owner['kind'].lower()}{'.' + group if group else ''}/{owner['name']}" if owner else NONE
    return [shown, value.get("revision", 0), _age(value, now)]


def _priority_class(value: YamlValue, now: float) -> list[YamlValue]:
    policy = value.get("preemptionPolicy", "PreemptLowerPriority")
    return [value.get("value", 0), "true" if value.get("globalDefault") else "false", _age(value, now), policy]


def _quota(value: YamlValue, now: float) -> list[YamlValue]:
    status = _status(value)
    hard, used = status.get("hard") or {}, status.get("used") or {}
    shown: dict[bool, list[str]] = {True: [], False: []}
    for name in sorted(hard):
        shown[name.startswith("limits.")].append(f"{name}: {used.get(name, '0')}/{hard[name]}")
    return [", ".join(shown[False]), ", ".join(shown[True]), _age(value, now)]


def _webhooks(value: YamlValue, now: float) -> list[YamlValue]:
    return [len(value.get("webhooks") or ()), _age(value, now)]


def _api_service(value: YamlValue, now: float) -> list[YamlValue]:
    service = _spec(value).get("service")
    conditions = _status(value).get("conditions") or ()
    held: YamlValue = next((each for each in conditions if each["type"] == "Available"), {})
    state = "True" if held.get("status") == "True" else f"{held.get('status', '')} ({held.get('reason', '')})"
    return [f"{service['namespace']}/{service['name']}" if service else "Local", state, _age(value, now)]


def _handler(value: YamlValue, now: float) -> list[YamlValue]:
    return [value.get("handler", ""), _age(value, now)]


def _created(value: YamlValue, now: float) -> list[YamlValue]:
    del now
    return [_meta(value).get("creationTimestamp", "")]


DEFAULT: tuple[str, Cells] = ("Created At", _created)
_BINDING = ("Role|Age|Users*|Groups*|ServiceAccounts*", _binding)
_SET = ("Desired|Current|Ready|Age|Containers*|Images*|Selector*", _replica_set)
# By plural and group: columns after the name, those of the wide form with a star, and what fills them.
ROWS: dict[str, tuple[str, Cells]] = {
    "pods": ("Ready|Status|Restarts|Age|IP*|Node*|Nominated Node*|Readiness Gates*", pod_cells),
    "replicasets.apps": _SET,
    "replicationcontrollers": _SET,
    "deployments.apps": ("Ready|Up-to-date|Available|Age|Containers*|Images*|Selector*", _deployment),
    "daemonsets.apps": (
        "Desired|Current|Ready|Up-to-date|Available|Node Selector|Age|Containers*|Images*|Selector*",
        _daemon_set,
    ),
    "statefulsets.apps": ("Ready|Age|Containers*|Images*", _stateful_set),
    "jobs.batch": ("Status|Completions|Duration|Age|Containers*|Images*|Selector*", _job),
    "cronjobs.batch": (
        "Schedule|Timezone|Suspend|Active|Last Schedule|Age|Containers*|Images*|Selector*",
        _cron_job,
    ),
    "services": ("Type|Cluster-IP|External-IP|Port(s)|Age|Selector*", _service),
    "endpoints": ("Endpoints|Age", _endpoints),
    "endpointslices.discovery.k8s.io": ("AddressType|Ports|Endpoints|Age", _endpoint_slice),
    "ingresses.networking.k8s.io": ("Class|Hosts|Address|Ports|Age", _ingress),
    "ingressclasses.networking.k8s.io": ("Controller|Parameters|Age", _ingress_class),
    "configmaps": ("Data|Age", _config_map),
    "secrets": ("Type|Data|Age", _secret),
    "persistentvolumeclaims": (
        "Status|Volume|Capacity|Access Modes|StorageClass|VolumeAttributesClass|Age|VolumeMode*",
        claim_cells,
    ),
    "persistentvolumes": (
        "Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|VolumeAttributesClass|Reason|Age|VolumeMode*",
        volume_cells,
    ),
    "nodes": (
        "Status|Roles|Age|Version|Internal-IP*|External-IP*|OS-Image*|Kernel-Version*|Container-Runtime*",
        _node,
    ),
    "namespaces": ("Status|Age", _namespace),
    "serviceaccounts": ("Secrets|Age", _account),
    "rolebindings.rbac.authorization.k8s.io": _BINDING,
    "clusterrolebindings.rbac.authorization.k8s.io": _BINDING,
    "horizontalpodautoscalers.autoscaling": ("Reference|Targets|MinPods|MaxPods|Replicas|Age", _scaler),
    "poddisruptionbudgets.policy": ("Min Available|Max Unavailable|Allowed Disruptions|Age", _budget),
    "networkpolicies.networking.k8s.io": ("Pod-Selector|Age", _network_policy),
    "storageclasses.storage.k8s.io": (
        "Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age",
        storage_class_cells,
    ),
    "leases.coordination.k8s.io": ("Holder|Age", _lease),
    "controllerrevisions.apps": ("Controller|Revision|Age", _revision),
    "priorityclasses.scheduling.k8s.io": ("Value|Global-Default|Age|PreemptionPolicy", _priority_class),
    "resourcequotas": ("Request|Limit|Age", _quota),
    "mutatingwebhookconfigurations.admissionregistration.k8s.io": ("Webhooks|Age", _webhooks),
    "validatingwebhookconfigurations.admissionregistration.k8s.io": ("Webhooks|Age", _webhooks),
    "apiservices.apiregistration.k8s.io": ("Service|Available|Age", _api_service),
    "runtimeclasses.node.k8s.io": ("Handler|Age", _handler),
}
EVENTS: tuple[str, Cells] = ("Last Seen|Type|Reason|Object|Subobject*|Source*|Message|First Seen*|Count*|Name*", _event)
