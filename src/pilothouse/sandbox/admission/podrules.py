"""What makes a pod spec invalid (``pkg/apis/core/validation``)."""

from __future__ import annotations

import re

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.errors import QuantityError
from pilothouse.objects.names import dns_label_problems
from pilothouse.objects.quantities import parse
from pilothouse.sandbox import statuses
from pilothouse.sandbox.statuses import Cause

Object = dict[str, YamlValue]
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc", "sleep")
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_POLICIES = ("Always", "IfNotPresent", "Never")


def pod_spec_causes(spec: Object, path: str) -> list[Cause]:
    """Return the faults of a pod spec (``ValidatePodSpec``)."""
    causes: list[Cause] = []
    volumes = _volumes(spec, path, causes)
    names: set[str] = set()
    if not spec.get("containers"):
        causes.append(statuses.required(f"{path}.containers"))
    for group in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(group) or ()):
            where = f"{path}.{group}[{index}]"
            _container(container, where, volumes, causes)
            name = container.get("name")
            if name in names:
                causes.append(statuses.duplicate(f"{where}.name", name))
            names.add(name)
    if spec.get("restartPolicy") not in ("Always", "OnFailure", "Never"):
        causes.append(
            statuses.unsupported(f"{path}.restartPolicy", spec.get("restartPolicy"), ("Always", "OnFailure", "Never"))
        )
    field = "terminationGracePeriodSeconds"
    return causes + count_causes(spec.get(field), f"{path}.{field}")


def _not_negative(path: str, value: YamlValue) -> Cause:
    return statuses.invalid_value(path, value, "must be greater than or equal to 0")


def count_causes(value: YamlValue, path: str) -> list[Cause]:
    """Return the faults of a number that counts something; none when it is left out."""
    return [_not_negative(path, value)] if isinstance(value, int) and value < 0 else []


def label_name_causes(value: str, path: str) -> list[Cause]:
    """Return the faults of a name that must be a DNS label."""
    return [statuses.invalid_value(path, value, each) for each in dns_label_problems(value)]


def _volumes(spec: Object, path: str, causes: list[Cause]) -> set[str]:
    names: set[str] = set()
    for index, volume in enumerate(spec.get("volumes") or ()):
        where = f"{path}.volumes[{index}]"
        name = volume.get("name", "")
        if not name:
            causes.append(statuses.required(f"{where}.name"))
        else:
            causes += label_name_causes(name, f"{where}.name")
        if name in names:
            causes.append(statuses.duplicate(f"{where}.name", name))
        names.add(name)
        sources = [key for key, item in volume.items() if key != "name" and item is not None]
        causes += [
            statuses.forbidden_field(f"{where}.{key}", "may not specify more than 1 volume type") for key in sources[1:]
        ]
        for kind, field in (("persistentVolumeClaim", "claimName"), ("hostPath", "path"), ("secret", "secretName")):
            if kind in volume and not (volume[kind] or {}).get(field):
                causes.append(statuses.required(f"{where}.{kind}.{field}"))
        if "configMap" in volume and not (volume["configMap"] or {}).get("name"):
            causes.append(statuses.required(f"{where}.configMap.name"))
    return names


def _container(container: Object, path: str, volumes: set[str], causes: list[Cause]) -> None:
    name = container.get("name", "")
    if not name:
        causes.append(statuses.required(f"{path}.name"))
    else:
        causes += label_name_causes(name, f"{path}.name")
    image = container.get("image", "")
    if not image:
        causes.append(statuses.required(f"{path}.image"))
    elif image != image.strip():
        causes.append(statuses.invalid_value(f"{path}.image", image, "must not have leading or trailing whitespace"))
    if container.get("imagePullPolicy") and container["imagePullPolicy"] not in _POLICIES:
        causes.append(statuses.unsupported(f"{path}.imagePullPolicy", container["imagePullPolicy"], _POLICIES))
    _ports(container, path, causes)
    for index, variable in enumerate(container.get("env") or ()):
        _variable(variable, f"{path}.env[{index}]", causes)
    _mounts(container, path, volumes, causes)
    for probe in _PROBES:
        if container.get(probe) is not None:
            _probe(container[probe], f"{path}.{probe}", causes)
    _resources(container.get("resources") or {}, f"{path}.resources", causes)


def _ports(container: Object, path: str, causes: list[Cause]) -> None:
    names: set[str] = set()
    for index, port in enumerate(container.get("ports") or ()):
        where = f"{path}.ports[{index}]"
        name = port.get("name", "")
        if name:
            causes += port_name_causes(name, f"{where}.name")
            if name in names:
                causes.append(statuses.duplicate(f"{where}.name", name))
            names.add(name)
        number = port.get("containerPort", 0)
        if number == 0:
            causes.append(statuses.required(f"{where}.containerPort"))
        else:
            causes += port_causes(number, f"{where}.containerPort")
        if port.get("hostPort"):
            causes += port_causes(port["hostPort"], f"{where}.hostPort")
        if port.get("protocol") not in ("TCP", "UDP", "SCTP"):
            causes.append(statuses.unsupported(f"{where}.protocol", port.get("protocol"), ("SCTP", "TCP", "UDP")))


def port_causes(number: YamlValue, path: str) -> list[Cause]:
    """Return the faults of a port number."""
    if isinstance(number, int) and 1 <= number <= 65535:
        return []
    return [statuses.invalid_value(path, number, "must be between 1 and 65535, inclusive")]


def port_name_causes(name: str, path: str) -> list[Cause]:
    """Return the faults of a port's name (``validation.IsValidPortName``)."""
    problems = []
    if len(name) > 15:
        problems.append("must be no more than 15 characters")
    if not re.fullmatch(r"[-a-z0-9]+", name):
        problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    elif not re.search(r"[a-z]", name):
        problems.append("must contain at least one letter (a-z)")
    elif "--" in name:
        problems.append("must not contain consecutive hyphens")
    elif name[0] == "-" or name[-1] == "-":
        problems.append("must not begin or end with a hyphen")
    return [statuses.invalid_value(path, name, problem) for problem in problems]


def _variable(variable: Object, path: str, causes: list[Cause]) -> None:
    if not variable.get("name"):
        causes.append(statuses.required(f"{path}.name"))
    source = variable.get("valueFrom")
    if source is None:
        return
    if variable.get("value"):
        causes.append(statuses.invalid_value(f"{path}.valueFrom", "", "may not be specified when `value` is not empty"))
    kinds = [key for key, item in source.items() if item is not None]
    if not kinds:
        detail = (
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`"
        )
        causes.append(statuses.invalid_value(f"{path}.valueFrom", "", detail))
    elif len(kinds) > 1:
        causes.append(
            statuses.invalid_value(f"{path}.valueFrom", "", "may not have more than one field specified at a time")
        )
    causes += [
        statuses.required(f"{path}.valueFrom.{kind}.key")
        for kind in ("configMapKeyRef", "secretKeyRef")
        if kind in source and not (source[kind] or {}).get("key")
    ]


def _mounts(container: Object, path: str, volumes: set[str], causes: list[Cause]) -> None:
    places: set[str] = set()
    for index, mount in enumerate(container.get("volumeMounts") or ()):
        where = f"{path}.volumeMounts[{index}]"
        name = mount.get("name", "")
        if not name:
            causes.append(statuses.required(f"{where}.name"))
        if name not in volumes:
            causes.append(
                Cause(type="FieldValueNotFound", path=f"{where}.name", text=f"Not found: {statuses.show(name)}")
            )
        place = mount.get("mountPath", "")
        if not place:
            causes.append(statuses.required(f"{where}.mountPath"))
        elif place in places:
            causes.append(statuses.invalid_value(f"{where}.mountPath", place, "must be unique"))
        places.add(place)


def _probe(probe: Object, path: str, causes: list[Cause]) -> None:
    handlers = [name for name in _HANDLERS if probe.get(name) is not None]
    if not handlers:
        causes.append(statuses.required(path, "must specify a handler type"))
    causes += [
        statuses.forbidden_field(f"{path}.{name}", "may not specify more than 1 handler type") for name in handlers[1:]
    ]
    for name in ("httpGet", "tcpSocket"):
        handler = probe.get(name)
        if isinstance(handler, dict):
            port = handler.get("port", 0)
            if isinstance(port, int):
                causes += port_causes(port, f"{path}.{name}.port")
            else:
                causes += port_name_causes(port, f"{path}.{name}.port")
    for name in ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold"):
        causes += count_causes(probe.get(name), f"{path}.{name}")
    if path.rpartition(".")[2] != "readinessProbe" and probe.get("successThreshold", 1) != 1:
        causes.append(statuses.invalid_value(f"{path}.successThreshold", probe["successThreshold"], "must be 1"))


def _resources(resources: Object, path: str, causes: list[Cause]) -> None:
    limits, requests = resources.get("limits") or {}, resources.get("requests") or {}
    for field, amounts in (("limits", limits), ("requests", requests)):
        causes += [
            _not_negative(f"{path}.{field}[{name}]", amount) for name, amount in amounts.items() if _amount(amount) < 0
        ]
    for name, amount in requests.items():
        if name in limits and _amount(amount) > _amount(limits[name]):
            detail = f"must be less than or equal to {name} limit of {limits[name]}"
            causes.append(statuses.invalid_value(f"{path}.requests", amount, detail))


def _amount(text: YamlValue) -> float:
    try:
        return float(parse(text).value)
    except QuantityError:
        return 0.0
