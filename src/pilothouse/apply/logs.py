"""Logs of the pods behind hooks (``Configuration.outputLogsByPolicy``)."""

from __future__ import annotations

from pilothouse.errors import PilothouseError
from pilothouse.formats.yaml_text import decode
from pilothouse.objects.identity import namespace_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pilothouse.apply.cluster import Cluster
    from pilothouse.releases.release import Hook


def container_logs(cluster: Cluster, hook: Hook, namespace: str) -> Iterator[str]:
    """Yield the logs of a hook's pods, container by container."""
    document = decode(hook.manifest)
    place = (namespace_of(document) if isinstance(document, dict) else "") or namespace
    pods = cluster.mapping("v1", "Pod")
    if hook.kind == "Job":
        found = cluster.list(pods, place, label_selector=f"job-name={hook.name}")
    else:
        found = cluster.list(pods, place, field_selector=f"metadata.name={hook.name}")
    for pod in found:
        for container in pod["spec"]["containers"]:
            yield _text(cluster.logs(place, pod["metadata"]["name"], container=container["name"]))


def pod_logs(cluster: Cluster, namespace: str, pod_name: str) -> Iterator[tuple[str, str | PilothouseError]]:
    """Yield name and log of each container of a pod, init containers first (``ReleaseTesting.getContainerLogs``).

    In the place of a log that cannot be read stands the error.

    Raises:
        PilothouseError: The pod cannot be read.
    """
    try:
        pod = cluster.get(cluster.mapping("v1", "Pod"), namespace, pod_name)
    except PilothouseError as error:
        raise error.prefixed(f"unable to get pod {pod_name}: ") from error
    for container in [*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]]:
        name = container["name"]
        try:
            yield name, _text(cluster.logs(namespace, pod_name, container=name))
        except PilothouseError as error:
            yield name, error.prefixed(f"unable to get logs for pod {pod_name}, container {name}: ")


def single_pod_log(cluster: Cluster, namespace: str, pod_name: str) -> str:
    """Return the log of a pod's only container, as Helm 3 asks for it (``ReleaseTesting.GetPodLogs``).

    Raises:
        PilothouseError: It cannot be read, or there are several containers.
    """
    try:
        return _text(cluster.logs(namespace, pod_name))
    except PilothouseError as error:
        raise error.prefixed(f"unable to get pod logs for {pod_name}: ") from error


def _text(pieces: Iterator[str]) -> str:
    return "".join(pieces)
