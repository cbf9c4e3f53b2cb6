"""Why workloads do not become ready, in words, from what pods, their owners and events say."""

from __future__ import annotations

from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pilothouse.golang.kinds import YamlValue

    Object = Mapping[str, YamlValue]

_PULL_REASONS = ("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable")
_START_REASONS = ("CreateContainerConfigError", "CreateContainerError", "RunContainerError")
_STUCK_REASONS = ("FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox", "FailedCreate")


class Cause(Record):
    """One reason why something is not ready.

    Attributes:
        text: It in words.
        container: The container whose log may say more, empty when none can.
        previous: Whether that is the log of the container's last run, not of this one.
    """

    text: str
    container: str = ""
    previous: bool = False


def newest_event(events: Sequence[Object], *, warning: bool = False) -> Object | None:
    """Return the event that happened last.

    Args:
        events: Events about one object.
        warning: Whether only warnings count.
    """
    chosen = [event for event in events if not warning or event.get("type") == "Warning"]
    return max(chosen, key=_when, default=None)


def causes_in_pod(pod: Object, events: Sequence[Object]) -> list[Cause]:
    """Return why a pod is not ready or has failed; empty when nothing is wrong with it."""
    found = list(_scheduling(pod))
    for container, status in _containers(pod):
        cause = _container_cause(container, status, events)
        if cause is not None:
            found.append(cause)
    if not found:
        stuck = [event for event in events if event.get("reason") in _STUCK_REASONS]
        event = newest_event(stuck)
        if event is not None:
            found.append(Cause(text=_flat(event.get("message"))))
    return found


def causes_of_owner(item: Object, events: Sequence[Object]) -> list[Cause]:
    """Return what an object other than a pod says of itself: a claim, a service, a workload without pods, a Job."""
    kind, status = item.get("kind"), item.get("status") or {}
    for condition in status.get("conditions") or ():
        if condition.get("type") == "ReplicaFailure" and condition.get("status") == "True":
            return [Cause(text=f"no pod can be created: {_flat(condition.get('message'))}")]
    event = newest_event(events, warning=True)
    if kind == "PersistentVolumeClaim" and status.get("phase") != "Bound":
        event = newest_event(events)
        return [Cause(text=f"no volume is bound: {_flat(event.get('message'))}" if event else "no volume is bound")]
    if kind == "Service" and (item.get("spec") or {}).get("type") == "LoadBalancer" and not _addresses(status):
        return [Cause(text="the load balancer has no address yet")]
    return [Cause(text=_flat(event.get("message")))] if event is not None else []


def ready_count(item: Object) -> str:
    """Return how much of an object is ready, such as ``1/3``; empty for kinds that are not counted."""
    kind, spec, status = item.get("kind"), item.get("spec") or {}, item.get("status") or {}
    if kind in ("Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"):
        return f"{status.get('readyReplicas') or 0}/{spec.get('replicas', 1)}"
    if kind == "DaemonSet":
        return f"{status.get('numberReady') or 0}/{status.get('desiredNumberScheduled') or 0}"
    if kind == "Job":
        return f"{status.get('succeeded') or 0}/{spec.get('completions') or 1}"
    if kind == "Pod":
        ready = [each for each in status.get("containerStatuses") or () if each.get("ready")]
        return f"{len(ready)}/{len(spec.get('containers') or ())}"
    return ""


def _addresses(status: Object) -> list[YamlValue]:
    return (status.get("loadBalancer") or {}).get("ingress") or []


def _scheduling(pod: Object) -> Iterator[Cause]:
    for condition in (pod.get("status") or {}).get("conditions") or ():
        if condition.get("type") == "PodScheduled" and condition.get("status") == "False":
            message = _flat(condition.get("message")).partition(" preemption:")[0]
            yield Cause(text=f"no node fits: {message}" if message else "no node fits")


def _containers(pod: Object) -> Iterator[tuple[Object, Object]]:
    """Yield each container with its status, init containers first."""
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    for containers, statuses in (("initContainers", "initContainerStatuses"), ("containers", "containerStatuses")):
        states = {each.get("name"): each for each in status.get(statuses) or ()}
        for container in spec.get(containers) or ():
            if container.get("name") in states:
                yield container, states[container["name"]]


def _container_cause(container: Object, status: Object, events: Sequence[Object]) -> Cause | None:
    state = status.get("state") or {}
    waiting, ended = state.get("waiting") or {}, state.get("terminated")
    name, reason = str(container.get("name")), waiting.get("reason")
    if reason in _PULL_REASONS:
        return Cause(text=f'image "{container.get("image")}" cannot be pulled: {_pull_message(waiting, events)}')
    if reason in _START_REASONS:
        return Cause(text=f"container {name} cannot be started: {_flat(waiting.get('message'))}")
    previous = ended is None
    ended = ended or ((status.get("lastState") or {}).get("terminated") if not status.get("ready") else None)
    if ended is not None and (ended.get("exitCode") or 0) != 0:
        return Cause(text=_ending(container, status, ended), container=name, previous=previous)
    if "running" in state and not status.get("ready"):
        return _unready(name, events)
    return None


def _pull_message(waiting: Object, events: Sequence[Object]) -> str:
    """Return what the registry said: the event has it while the state only says that it is tried again later."""
    told = [event for event in events if str(event.get("message")).startswith("Failed to pull image")]
    event = newest_event(told)
    if event is not None:
        return _flat(event.get("message")).partition('": ')[2]
    return _flat(waiting.get("message") or waiting.get("reason"))


def _ending(container: Object, status: Object, ended: Object) -> str:
    name = container.get("name")
    if ended.get("reason") == "OOMKilled":
        limit = ((container.get("resources") or {}).get("limits") or {}).get("memory")
        return f"container {name} ran out of memory" + (f" (its limit is {limit})" if limit else "")
    restarts = status.get("restartCount") or 0
    again = f", after {restarts} restart{'' if restarts == 1 else 's'}" if restarts else ""
    message = _flat(ended.get("message"))
    return f"container {name} ended with exit code {ended.get('exitCode')}{again}" + (f": {message}" if message else "")


def _unready(name: str, events: Sequence[Object]) -> Cause:
    mine = [
        event
        for event in events
        if event.get("reason") == "Unhealthy"
        and str((event.get("involvedObject") or {}).get("fieldPath") or f"{{{name}}}").endswith(f"{{{name}}}")
    ]
    event = newest_event(mine)
    if event is not None:
        message = _flat(event.get("message"))
        return Cause(text=f"container {name} runs but is not ready: {message[:1].lower()}{message[1:]}", container=name)
    return Cause(text=f"container {name} runs but is not ready", container=name)


def _when(event: Object) -> str:
    series = event.get("series") or {}
    return str(series.get("lastObservedTime") or event.get("lastTimestamp") or event.get("eventTime") or "")


def _flat(text: YamlValue) -> str:
    """Return a text on one line, without what could play tricks on a terminal."""
    return " ".join(printable(str(text or "")).split())


def printable(text: str) -> str:
    """Return a text in which characters that steer a terminal are question marks."""
    return "".join(letter if letter.isprintable() or letter in " \t\n" else "?" for letter in text)
