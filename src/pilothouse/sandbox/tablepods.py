"""The cells that kubectl's table shows of a pod. Go's ``printPod``."""

from __future__ import annotations

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox.tabletext import NONE, age, parse_time


def pod_cells(pod: YamlValue, now: float) -> list[YamlValue]:
    """Return ready, status, restarts, age, and the wide columns."""
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    statuses = status.get("containerStatuses") or ()
    ready = sum(bool(each.get("ready") and "running" in (each.get("state") or {})) for each in statuses)
    starting = _init_reason(spec, status)
    lasting = [each for each in spec.get("initContainers") or () if each.get("restartPolicy") == "Always"]
    names = {each["name"] for each in lasting}
    inits = status.get("initContainerStatuses") or ()
    ready += sum(bool(each.get("started") and each.get("ready")) for each in inits if each["name"] in names)
    total = len(spec.get("containers") or ()) + len(lasting)
    gates = spec.get("readinessGates") or ()
    held = {each["type"] for each in status.get("conditions") or () if each.get("status") == "True"}
    passed = sum(each.get("conditionType") in held for each in gates)
    shown = inits if starting else statuses
    return [
        f"{ready}/{total}",
        pod_state(pod),
        _restarts(shown, now),
        age(pod["metadata"].get("creationTimestamp"), now),
        status.get("podIP") or NONE,
        spec.get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        f"{passed}/{len(gates)}" if gates else NONE,
    ]


def _restarts(statuses: YamlValue, now: float) -> str:
    count = sum(each.get("restartCount", 0) for each in statuses)
    ends = [parse_time(((each.get("lastState") or {}).get("terminated") or {}).get("finishedAt")) for each in statuses]
    known = [end for end in ends if end is not None]
    if not count or not known:
        return str(count)
    from pilothouse.sandbox.tabletext import duration

    return f"{count} ({duration(now - max(known))} ago)"


def pod_state(pod: YamlValue) -> str:
    """Return what the column STATUS says of a pod."""
    status = pod.get("status") or {}
    reason = _waiting_reason(pod, status)
    if "deletionTimestamp" in pod["metadata"]:
        if status.get("reason") == "NodeLost":
            return "Unknown"
        if status.get("phase") not in ("Succeeded", "Failed"):
            return "Terminating"
    return reason


def _waiting_reason(pod: YamlValue, status: YamlValue) -> str:
    reason = str(status.get("reason") or status.get("phase") or "")
    conditions = {each["type"]: each for each in status.get("conditions") or ()}
    if (conditions.get("PodScheduled") or {}).get("reason") == "SchedulingGated":
        reason = "SchedulingGated"
    starting = _init_reason(pod.get("spec") or {}, status)
    if starting and (conditions.get("Initialized") or {}).get("status") != "True":
        return starting
    runs = False
    for each in reversed(status.get("containerStatuses") or ()):
        state = each.get("state") or {}
        waiting, ended = state.get("waiting") or {}, state.get("terminated")
        if waiting.get("reason"):
            reason = waiting["reason"]
        elif ended is not None:
            reason = ended.get("reason") or _exit(ended)
        elif each.get("ready") and "running" in state:
            runs = True
    if reason == "Completed" and runs:
        return "Running" if (conditions.get("Ready") or {}).get("status") == "True" else "NotReady"
    return reason


def _exit(ended: YamlValue) -> str:
    return f"Signal:{ended['signal']}" if ended.get("signal") else f"ExitCode:{ended.get('exitCode', 0)}"


def _init_reason(spec: YamlValue, status: YamlValue) -> str:
    """Return what the first unfinished init container does, empty when all are done."""
    lasting = {each["name"] for each in spec.get("initContainers") or () if each.get("restartPolicy") == "Always"}
    for place, each in enumerate(status.get("initContainerStatuses") or ()):
        state = each.get("state") or {}
        ended, waiting = state.get("terminated"), state.get("waiting") or {}
        if ended is not None and ended.get("exitCode", 0) == 0:
            continue
        if each["name"] in lasting and each.get("started"):
            continue
        if ended is not None:
            return f"Init:{ended.get('reason') or _exit(ended)}"
        if waiting.get("reason") and waiting["reason"] != "PodInitializing":
            return f"Init:{waiting['reason']}"
        return f"Init:{place}/{len(spec.get('initContainers') or ())}"
    return ""
