"""Services and Ingresses: endpoints from ready pods, addresses from a load balancer that is always there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox.lifecycle.pods import NODE
from pilothouse.sandbox.lifecycle.workloads import has_ended, is_ready, safe_text
from pilothouse.sandbox.lifecycle.world import DELETED, Key, Object, World, is_leaving, key_of, owner_reference

SLICES = "endpointslices.discovery.k8s.io"
_MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
_SERVICE_NAME = "kubernetes.io/service-name"
_CLEANUP = "service.kubernetes.io/load-balancer-cleanup"
_MANAGER = "kube-controller-manager"


def outside_address(uid: str) -> str:
    """Return the address of a load balancer (RFC 5737's block for documentation)."""
    return f"198.51.100.{hashlib.sha256(uid.encode()).digest()[0] % 253 + 1}"


class Services:
    """Keeps Endpoints, EndpointSlices and load balancer addresses. Go's ``pkg/controller/endpointslice``."""

    def __init__(self, world: World) -> None:
        self._world = world

    def related(self, kind: str, change: str, value: Object, previous: Object | None) -> Iterable[Key]:
        """Tell the services whose endpoints a pod may be, and the service that is gone."""
        if kind == "services" and change == DELETED:
            yield "services", value["metadata"].get("namespace", ""), value["metadata"]["name"]
        if kind != "pods":
            return
        namespace = value["metadata"].get("namespace", "")
        labels = [(each["metadata"].get("labels") or {}).items() for each in (value, previous) if each]
        for service in self._world.objects.list("services", namespace):
            selector = (service["spec"].get("selector") or {}).items()
            if selector and any(selector <= each for each in labels):
                yield "services", namespace, service["metadata"]["name"]

    def reconcile(self, service: Object) -> float | None:
        """Bring a service's endpoints and address up to date."""
        if "spec" not in service:
            self._world.objects.delete("endpoints", key_of(service))
            return None
        if is_leaving(service):
            if _CLEANUP in (service["metadata"].get("finalizers") or ()):
                self._world.drop_finalizer("services", service, _CLEANUP)
            return None
        wait = self._balance(service)
        if service["spec"].get("selector") and service["spec"].get("type") != "ExternalName":
            self._endpoints(service)
        return wait

    def _balance(self, service: Object) -> float | None:
        world, status = self._world, service.get("status") or {}
        present = (status.get("loadBalancer") or {}).get("ingress")
        if service["spec"].get("type") != "LoadBalancer":
            if present:
                world.set_status("services", service, {**status, "loadBalancer": {}}, manager=_MANAGER)
            return None
        if present:
            return None
        left = world.timings["address"] - world.marks.elapsed(service["metadata"]["uid"], "address")
        if left > 0:
            return left
        address = {"ip": outside_address(service["metadata"]["uid"]), "ipMode": "VIP"}
        world.set_status("services", service, {**status, "loadBalancer": {"ingress": [address]}}, manager=_MANAGER)
        return None

    def _pods(self, service: Object) -> list[Object]:
        selector = service["spec"]["selector"].items()
        return [
            pod
            for pod in self._world.objects.list("pods", service["metadata"]["namespace"])
            if selector <= (pod["metadata"].get("labels") or {}).items()
            and (pod.get("status") or {}).get("podIP")
            and not has_ended(pod)
        ]

    def _endpoints(self, service: Object) -> None:
        pods = sorted(self._pods(service), key=lambda pod: str(pod["metadata"]["name"]))
        publish = bool(service["spec"].get("publishNotReadyAddresses"))
        ports = _ports(service, pods)
        self._write_endpoints(service, pods, ports, publish=publish)
        self._write_slice(service, pods, ports, publish=publish)

    def _write_endpoints(self, service: Object, pods: list[Object], ports: list[Object], *, publish: bool) -> None:
        ready = [_address(pod) for pod in pods if (publish or is_ready(pod)) and not is_leaving(pod)]
        waiting = [_address(pod) for pod in pods if not (publish or is_ready(pod)) and not is_leaving(pod)]
        subset: Object = {}
        if ready:
            subset["addresses"] = ready
        if waiting:
            subset["notReadyAddresses"] = waiting
        if subset and ports:
            subset["ports"] = ports
        labels = {
            **(service["metadata"].get("labels") or {}),
            "endpoints.kubernetes.io/managed-by": "endpoint-controller",
        }
        if service["spec"].get("clusterIP") == "None":
            labels["service.kubernetes.io/headless"] = ""
        metadata = {
            "name": service["metadata"]["name"],
            "namespace": service["metadata"]["namespace"],
            "labels": labels,
        }
        body: Object = {"subsets": [subset]} if subset else {}
        self._write("endpoints", {"apiVersion": "v1", "kind": "Endpoints", "metadata": metadata, **body}, ("subsets",))

    def _write_slice(self, service: Object, pods: list[Object], ports: list[Object], *, publish: bool) -> None:
        world, metadata = self._world, service["metadata"]
        mine = world.owned(metadata["uid"], SLICES)
        labels = {**(metadata.get("labels") or {}), _SERVICE_NAME: metadata["name"]}
        labels[_MANAGED_BY] = "endpointslice-controller.k8s.io"
        if service["spec"].get("clusterIP") == "None":
            labels["service.kubernetes.io/headless"] = ""
        name = mine[0]["metadata"]["name"] if mine else metadata["name"] + "-" + _slice_suffix(metadata["uid"])
        self._write(
            SLICES,
            {
                "apiVersion": "discovery.k8s.io/v1",
                "kind": "EndpointSlice",
                "metadata": {
                    "name": name,
                    "namespace": metadata["namespace"],
                    "labels": labels,
                    "ownerReferences": [owner_reference(service)],
                },
                "addressType": "IPv4",
                "endpoints": [_endpoint(pod, publish=publish) for pod in pods],
                "ports": ports,
            },
            ("endpoints", "ports"),
        )

    def _write(self, kind: str, wanted: Object, fields: tuple[str, ...]) -> None:
        world = self._world
        present = world.objects.get(kind, *key_of(wanted))
        if present is None:
            world.objects.create(kind, wanted, manager=_MANAGER)
            return

        def alter(value: Object) -> None:
            for field in fields:
                if wanted.get(field):
                    value[field] = wanted[field]
                elif value.get(field):
                    value[field] = [] if kind == SLICES else None
            value["metadata"]["labels"] = wanted["metadata"]["labels"]

        same = all((present.get(field) or []) == (wanted.get(field) or []) for field in fields)
        if not same or present["metadata"].get("labels") != wanted["metadata"]["labels"]:
            world.objects.change(kind, key_of(wanted), alter, manager=_MANAGER)


def _slice_suffix(uid: str) -> str:
    return safe_text(hashlib.sha256(uid.encode()).hexdigest()[:5])


def _reference(pod: Object) -> Object:
    metadata = pod["metadata"]
    return {"kind": "Pod", "namespace": metadata["namespace"], "name": metadata["name"], "uid": metadata["uid"]}


def _backing(pod: Object) -> Object:
    """Return what endpoints of both kinds say of the pod behind them."""
    spec = pod["spec"]
    host = {"hostname": spec["hostname"]} if spec.get("subdomain") and spec.get("hostname") else {}
    return {**host, "nodeName": spec.get("nodeName") or NODE, "targetRef": _reference(pod)}


def _address(pod: Object) -> Object:
    return {"ip": pod["status"]["podIP"], **_backing(pod)}


def _endpoint(pod: Object, *, publish: bool) -> Object:
    serving = is_ready(pod)
    ready = publish or (serving and not is_leaving(pod))
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": ready, "serving": serving, "terminating": is_leaving(pod)},
        **_backing(pod),
    }


def _ports(service: Object, pods: list[Object]) -> list[Object]:
    found = []
    for port in service["spec"].get("ports") or ():
        number = _number(port.get("targetPort", port.get("port")), port, pods)
        if number is not None:
            name = {"name": port["name"]} if port.get("name") else {}
            found.append({**name, "port": number, "protocol": port.get("protocol", "TCP")})
    return found


def _number(target: YamlValue, port: Object, pods: list[Object]) -> int | None:
    """Return the number of a port that may be named after a container's."""
    if isinstance(target, int):
        return target or int(port["port"])
    if str(target).isdecimal():
        return int(target)
    for pod in pods:
        for container in pod["spec"]["containers"]:
            for each in container.get("ports") or ():
                if each.get("name") == target and each.get("protocol", "TCP") == port.get("protocol", "TCP"):
                    return int(each["containerPort"])
    return None


class Ingresses:
    """Gives Ingresses an address."""

    def __init__(self, world: World) -> None:
        self._world = world

    def reconcile(self, ingress: Object) -> float | None:
        """Set the address once a little time has passed."""
        world, status = self._world, ingress.get("status") or {}
        if is_leaving(ingress) or (status.get("loadBalancer") or {}).get("ingress"):
            return None
        left = world.timings["address"] - world.marks.elapsed(ingress["metadata"]["uid"], "address")
        if left > 0:
            return left
        address = {"ip": outside_address("ingress")}
        kind = "ingresses.networking.k8s.io"
        world.set_status(
            kind, ingress, {**status, "loadBalancer": {"ingress": [address]}}, manager="ingress-controller"
        )
        return None
