"""Logs of simulated pods: what an annotation says they print, or a line on what they are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox import statuses
from pilothouse.sandbox.cluster import Cluster
from pilothouse.sandbox.requests import Answer, Request, Stream
from pilothouse.sandbox.resources import Resource

Object = dict[str, YamlValue]
LOGS = "sandbox.pilothouse.dev/logs"
_POLL = 0.25


def answer(cluster: Cluster, request: Request, resource: Resource) -> Answer | Stream:
    """Answer a request for a pod's log.

    Raises:
        StatusError: 404: there is no such pod; 400: no such container, or it has not started.
    """
    pod = cluster.get(resource, request.namespace, request.name)
    container = _container(pod, request)
    if not _has_started(pod, container):
        why = f'container "{container}" in pod "{request.name}" is waiting to start: {_waiting_reason(pod, container)}'
        raise statuses.bad_request(why)
    text = _text(pod, container, request)
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


def _text(pod: Object, container: str, request: Request) -> bytes:
    annotations = pod["metadata"].get("annotations") or {}
    text = annotations.get(f"{LOGS}.{container}", annotations.get(LOGS))
    if text is None:
        text = f"{container}: simulated by the sandbox\n"
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


async def _follow(cluster: Cluster, request: Request, resource: Resource, text: bytes) -> AsyncIterator[bytes]:
    yield text
    while True:
        pod = cluster.find(resource, request.namespace, request.name)
        if pod is None or (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
            return
        await asyncio.sleep(_POLL)
