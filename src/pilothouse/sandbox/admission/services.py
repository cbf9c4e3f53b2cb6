"""Addresses and node ports for services (``pkg/registry/core/service/ipallocator`` and ``portallocator``)."""

from __future__ import annotations

import ipaddress
import secrets

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox import statuses
from pilothouse.sandbox.errors import StatusError
from pilothouse.sandbox.resources import Resource
from pilothouse.sandbox.store import Store

Object = dict[str, YamlValue]
RANGE = ipaddress.ip_network("10.96.0.0/16")
FIRST_PORT, LAST_PORT = 30000, 32767
_PREFIX = "/services/"


def allocate(store: Store, resource: Resource, value: Object, old: Object | None) -> None:
    """Give a service the addresses and node ports that its type needs, and take back what it needs no longer."""
    spec = value["spec"]
    before = (old or {}).get("spec") or {}
    kind = spec.get("type")
    if kind == "ExternalName":
        for name in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"):
            spec.pop(name, None)
        _drop_node_ports(spec)
        return
    _address(store, resource, value, before)
    spec["clusterIPs"] = [spec["clusterIP"]]
    spec.setdefault("ipFamilies", ["IPv4"])
    spec.setdefault("ipFamilyPolicy", "SingleStack")
    if kind in ("NodePort", "LoadBalancer") and spec.get("allocateLoadBalancerNodePorts", True):
        _node_ports(store, resource, value, before)
    elif kind == "ClusterIP":
        _drop_node_ports(spec)
        if before.get("type") in ("NodePort", "LoadBalancer"):
            for name in ("externalTrafficPolicy", "allocateLoadBalancerNodePorts", "healthCheckNodePort"):
                spec.pop(name, None)


def keep_addresses(value: Object, old: Object) -> None:
    """Put back addresses and node ports that an update leaves out (``patchAllocatedValues``)."""
    spec, before = value.get("spec") or {}, old.get("spec") or {}
    if spec.get("type") == "ExternalName" or before.get("type") == "ExternalName":
        return
    for name in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
        if not spec.get(name) and before.get(name):
            spec[name] = before[name]
    if spec.get("type") in ("NodePort", "LoadBalancer") and before.get("type") in ("NodePort", "LoadBalancer"):
        known = {(port.get("protocol"), port.get("port")): port.get("nodePort") for port in before.get("ports") or ()}
        for port in spec.get("ports") or ():
            number = known.get((port.get("protocol"), port.get("port")))
            if number and not port.get("nodePort"):
                port["nodePort"] = number


def _drop_node_ports(spec: Object) -> None:
    for port in spec.get("ports") or ():
        port.pop("nodePort", None)


def _used(store: Store, own: str) -> tuple[set[str], set[int]]:
    addresses: set[str] = set()
    ports: set[int] = set()
    for entry in store.list(_PREFIX):
        if entry.object["metadata"]["uid"] == own:
            continue
        spec = entry.object.get("spec") or {}
        addresses.update(spec.get("clusterIPs") or ())
        ports.update(port["nodePort"] for port in spec.get("ports") or () if port.get("nodePort"))
    return addresses, ports


def _address(store: Store, resource: Resource, value: Object, before: Object) -> None:
    spec = value["spec"]
    wanted = spec.get("clusterIP") or (spec.get("clusterIPs") or [""])[0]
    if wanted == "None" or (wanted and wanted == before.get("clusterIP")):
        spec["clusterIP"] = wanted
        return
    used, _ = _used(store, value["metadata"]["uid"])
    if wanted:
        spec["clusterIP"] = wanted
        problem = _address_problem(wanted, used)
        if problem:
            cause = statuses.invalid_value("spec.clusterIPs", [wanted], f"failed to allocate IP {wanted}: {problem}")
            raise statuses.invalid(resource, value["metadata"]["name"], [cause])
        return
    while True:
        # The first 256 addresses are left to those that ask for a fixed one.
        offset = 256 + secrets.randbelow(RANGE.num_addresses - 257)
        address = str(RANGE[offset])
        if address not in used:
            spec["clusterIP"] = address
            return


def _address_problem(wanted: str, used: set[str]) -> str:
    try:
        address = ipaddress.ip_address(wanted)
    except ValueError:
        return "not a valid IP address"
    if address not in RANGE:
        return f"the provided IP ({wanted}) is not in the valid range. The range of valid IPs is {RANGE}"
    return "provided IP is already allocated" if wanted in used else ""


def _node_ports(store: Store, resource: Resource, value: Object, before: Object) -> None:
    _, used = _used(store, value["metadata"]["uid"])
    held = {port.get("nodePort") for port in before.get("ports") or ()}
    for index, port in enumerate(value["spec"].get("ports") or ()):
        number = port.get("nodePort")
        if number and number not in held:
            problem = ""
            if not FIRST_PORT <= number <= LAST_PORT:
                problem = (
                    f"provided port is not in the valid range. The range of valid ports is {FIRST_PORT}-{LAST_PORT}"
                )
            elif number in used:
                problem = "provided port is already allocated"
            if problem:
                cause = statuses.invalid_value(f"spec.ports[{index}].nodePort", number, problem)
                raise statuses.invalid(resource, value["metadata"]["name"], [cause])
        if not number:
            number = _free_port(used)
            port["nodePort"] = number
        used.add(number)


def _free_port(used: set[int]) -> int:
    for _ in range(LAST_PORT - FIRST_PORT):
        number = FIRST_PORT + secrets.randbelow(LAST_PORT - FIRST_PORT + 1)
        if number not in used:
            return number
    raise StatusError(500, "InternalError", "Internal error occurred: failed to allocate a nodePort: range is full")
