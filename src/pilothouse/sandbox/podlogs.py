"""Logs of pods: what a process prints; of simulated ones, what an annotation says, or a line on what they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox import statuses
from pilothouse.sandbox.cluster import Cluster
from pilothouse.sandbox.podrunner import PodRunner
from pilothouse.sandbox.requests import Answer, Request, Stream
from pilothouse.sandbox.resources import Resource

Object = dict[str, YamlValue]
LOGS = "sandbox.pilothouse.dev/logs"
_POLL = 0.25


def answer(cluster: Cluster, runner: PodRunner, request: Request, resource: Resource) -> Answer | Stream:
    """Answer a request for a pod's log.

    Raises:
        StatusError: 404: there is no such pod; 400: no such container, or it has not started.
    """
    pod = cluster.get(resource, request.namespace, request.name)
    container = _container(pod, request)
    if not _has_started(pod, container):
        why = f'container "{container}" in pod "{request.name}" is waiting to start: {_waiting_reason(pod, container)}'
        raise statuses.bad_request(why)
    previous = request.flag("previous")
    path = runner.log(pod["metadata"]["uid"], previous=previous)
    if previous and path is None:
        why = f'previous terminated container "{container}" in pod "{request.name}" not found'
        raise statuses.bad_request(why)
    if path is not None:
        printed, end = _read(path, 0)
        text = _cut(printed.decode("utf-8", "replace"), pod, container, request)
        if request.flag("follow") and not previous:
            return Stream(_follow_file(cluster, request, resource, text, path, end), "text/plain")
        return Answer(text, 200, "text/plain")
    text = _cut(_simulated(pod, container), pod, container, request)
    if request.flag("follow"):
        return Stream(_follow(cluster, request, resource, text), "text/plain")
    return Answer(text, 200, "text/plain")


def _container(pod: Object, request: Request) -> str:
    spec = pod["spec"]
    names = [each["name"] for each in spec.get("containers") or ()]
    others = [each["name"] for each in spec.get("initContainers") or ()]
    wanted = request.text("container")
    if wanted:
        if wanted not in names + others:
            raise statuses.bad_request(f"container {wanted} is not valid for pod {request.name}")
        return wanted
    if len(names) > 1:
        listed = f"a container name must be specified for pod {request.name}, choose one of: [{' '.join(names)}]"
        if others:
            listed += f" or one of the init containers: [{' '.join(others)}]"
        raise statuses.bad_request(listed)
    return str(names[0])


def _state(pod: Object, container: str) -> Object:
    status = pod.get("status") or {}
    for group in ("containerStatuses", "initContainerStatuses"):
        for each in status.get(group) or ():
            if each.get("name") == container:
                return dict(each)
    return {}


def _has_started(pod: Object, container: str) -> bool:
    found = _state(pod, container)
    state = found.get("state") or {}
    return "running" in state or "terminated" in state or bool(found.get("lastState"))


def _waiting_reason(pod: Object, container: str) -> str:
    waiting = (_state(pod, container).get("state") or {}).get("waiting") or {}
    return str(waiting.get("reason") or "ContainerCreating")


def _simulated(pod: Object, container: str) -> str:
    annotations = pod["metadata"].get("annotations") or {}
    text = annotations.get(f"{LOGS}.{container}", annotations.get(LOGS))
    if text is None:
        return f"{container}: simulated by the sandbox\n"
    return str(text)


def _cut(text: str, pod: Object, container: str, request: Request) -> bytes:
    """Return the part of a log that is asked for."""
    if text and not text.endswith("\n"):
        text += "\n"
    lines = text.splitlines(keepends=True)
    tail = request.number("tailLines")
    if tail is not None:
        lines = lines[-tail:] if tail else []
    if request.flag("timestamps"):
        started = (_state(pod, container).get("state") or {}).get("running", {}).get("startedAt", "")
        lines = [f"{started} {line}" for line in lines]
    data = "".join(lines).encode()
    return data[: request.number("limitBytes")]


def _read(path: str, start: int) -> tuple[bytes, int]:
    """Return what a log has from an offset on, and where it ends."""
    try:
        with open(path, "rb") as file:
            file.seek(start)
            data = file.read()
    except OSError:
        return b"", start
    return data, start + len(data)


async def _follow_file(
    cluster: Cluster, request: Request, resource: Resource, text: bytes, path: str, end: int
) -> AsyncIterator[bytes]:
    yield text
    container = request.text("container")
    while True:
        pod = cluster.find(resource, request.namespace, request.name)
        data, end = _read(path, end)
        if data:
            yield data
        if pod is None or not _is_running(pod, container):
            return
        await asyncio.sleep(_POLL)


def _is_running(pod: Object, container: str) -> bool:
    statuses = (pod.get("status") or {}).get("containerStatuses") or ()
    return any("running" in each.get("state", {}) for each in statuses if container in ("", each.get("name")))


async def _follow(cluster: Cluster, request: Request, resource: Resource, text: bytes) -> AsyncIterator[bytes]:
    yield text
    while True:
        pod = cluster.find(resource, request.namespace, request.name)
        if pod is None or (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
            return
        await asyncio.sleep(_POLL)
