"""Logs of the pods behind hooks (``Configuration.outputLogsByPolicy``)."""

from __future__ import annotations

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


def pod_logs(cluster: Cluster, namespace: str, pod_name: str) -> Iterator[tuple[str, str]]:
    """Yield name and log of each container of a pod, init containers first (``ReleaseTesting.getContainerLogs``)."""
    pod = cluster.get(cluster.mapping("v1", "Pod"), namespace, pod_name)
    for container in [*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]]:
        yield container["name"], _text(cluster.logs(namespace, pod_name, container=container["name"]))


def _text(pieces: Iterator[str]) -> str:
    return "".join(pieces)
