"""Defaults of pod specs (``pkg/apis/core/v1/defaults.go``)."""

from __future__ import annotations

from pilothouse.golang.kinds import YamlValue

_MODE = 420
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def default_pod_spec(spec: dict[str, YamlValue]) -> None:
    """Fill in what a pod template leaves out."""
    spec.setdefault("restartPolicy", "Always")
    spec.setdefault("dnsPolicy", "ClusterFirst")
    spec.setdefault("schedulerName", "default-scheduler")
    spec.setdefault("terminationGracePeriodSeconds", 30)
    spec.setdefault("securityContext", {})
    account = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if account:
        spec["serviceAccountName"] = spec["serviceAccount"] = account
    for name in ("containers", "initContainers", "ephemeralContainers"):
        for container in spec.get(name) or ():
            _container(container, host_network=bool(spec.get("hostNetwork")), ephemeral=name[0] == "e")
    for volume in spec.get("volumes") or ():
        _volume(volume)


def default_pod(spec: dict[str, YamlValue]) -> None:
    """Fill in what only pods get, not templates (``SetDefaults_Pod``)."""
    spec.setdefault("enableServiceLinks", True)
    for name in ("containers", "initContainers"):
        for container in spec.get(name) or ():
            resources = container.get("resources") or {}
            limits = resources.get("limits") or {}
            if limits:
                requests = resources.setdefault("requests", {})
                for key, amount in limits.items():
                    requests.setdefault(key, amount)


def admit_pod(spec: dict[str, YamlValue]) -> None:
    """Fill in what the admission plugins do (ServiceAccount, Priority, DefaultTolerationSeconds)."""
    spec.setdefault("serviceAccountName", "default")
    spec["serviceAccount"] = spec["serviceAccountName"]
    spec.setdefault("priority", 0)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    tolerations = spec.setdefault("tolerations", [])
    for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        if not any(_tolerates(each, key) for each in tolerations):
            tolerations.append({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300})


def _tolerates(toleration: dict[str, YamlValue], key: str) -> bool:
    return toleration.get("key", key) in ("", key) and toleration.get("effect", "NoExecute") in ("", "NoExecute")


def quality(spec: dict[str, YamlValue]) -> str:
    """Return a pod's quality of service class (``qos.ComputePodQOS``)."""
    containers = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    resources = [container.get("resources") or {} for container in containers]
    if not any(each.get("requests") or each.get("limits") for each in resources):
        return "BestEffort"
    guaranteed = all(
        {"cpu", "memory"} <= set(each.get("limits") or {})
        and (each.get("requests") or each["limits"]) == each["limits"]
        for each in resources
    )
    return "Guaranteed" if guaranteed else "Burstable"


def _container(container: dict[str, YamlValue], *, host_network: bool, ephemeral: bool) -> None:
    if container.get("image"):
        container.setdefault("imagePullPolicy", pull_policy(container["image"]))
    container.setdefault("terminationMessagePath", "/dev/termination-log")
    container.setdefault("terminationMessagePolicy", "File")
    if not ephemeral:
        container.setdefault("resources", {})
    for port in container.get("ports") or ():
        port.setdefault("protocol", "TCP")
        if host_network and port.get("containerPort"):
            port.setdefault("hostPort", port["containerPort"])
    for name in _PROBES:
        if container.get(name) is not None:
            _probe(container[name])
    for handler in (container.get("lifecycle") or {}).values():
        if isinstance(handler, dict):
            _http_get(handler)
    for variable in container.get("env") or ():
        _field_reference(variable.get("valueFrom") or {})


def _field_reference(holder: dict[str, YamlValue]) -> None:
    if isinstance(holder.get("fieldRef"), dict):
        holder["fieldRef"].setdefault("apiVersion", "v1")


def pull_policy(image: str) -> str:
    """Return when an image is pulled: always, if its tag can move."""
    name = image.partition("@")[0].rpartition("/")[2]
    latest = "@" not in image and name.partition(":")[2] in ("", "latest")
    return "Always" if latest else "IfNotPresent"


def _probe(probe: dict[str, YamlValue]) -> None:
    for name, amount in (
        ("timeoutSeconds", 1),
        ("periodSeconds", 10),
        ("successThreshold", 1),
        ("failureThreshold", 3),
    ):
        if not probe.get(name):
            probe[name] = amount
    _http_get(probe)
    if isinstance(probe.get("grpc"), dict):
        probe["grpc"].setdefault("service", "")


def _http_get(handler: dict[str, YamlValue]) -> None:
    request = handler.get("httpGet")
    if isinstance(request, dict):
        request.setdefault("path", "/")
        request.setdefault("scheme", "HTTP")


def _volume(volume: dict[str, YamlValue]) -> None:
    if len(volume) == 1 and "name" in volume:
        volume["emptyDir"] = {}
    for name in ("secret", "configMap", "downwardAPI", "projected"):
        if isinstance(volume.get(name), dict):
            volume[name].setdefault("defaultMode", _MODE)
    if isinstance(volume.get("hostPath"), dict):
        volume["hostPath"].setdefault("type", "")
    items = list((volume.get("downwardAPI") or {}).get("items") or ())
    for source in (volume.get("projected") or {}).get("sources") or ():
        if isinstance(source.get("serviceAccountToken"), dict):
            source["serviceAccountToken"].setdefault("expirationSeconds", 3600)
        items += (source.get("downwardAPI") or {}).get("items") or ()
    for item in items:
        _field_reference(item)
    claim = ((volume.get("ephemeral") or {}).get("volumeClaimTemplate") or {}).get("spec")
    if isinstance(claim, dict):
        claim.setdefault("volumeMode", "Filesystem")
