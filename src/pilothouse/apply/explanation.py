"""What keeps objects from being ready: their pods, events and logs, asked for when something fails or is watched."""

from __future__ import annotations

from pilothouse.errors import PilothouseError
from pilothouse.objects import selectors
from pilothouse.objects.diagnosis import causes_in_pod, causes_of_owner, newest_event, printable
from pilothouse.objects.identity import metadata_of
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pilothouse.apply.cluster import Cluster, Object
    from pilothouse.objects.diagnosis import Cause
    from pilothouse.plan.resources import Resource

#: How much is told of a failure: objects, pods of each, lines of a log.
OBJECTS, PODS, LINES = 3, 2, 10
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job")


class Finding(Record):
    """Why an object is not ready.

    Attributes:
        text: It in words, with the pod it is about.
        log: The last lines of the log that says more.
        source: Whose log that is.
    """

    text: str
    log: tuple[str, ...] = ()
    source: str = ""


class Explainer:
    """Finds out why objects are not ready; what cannot be asked is left out.

    Args:
        cluster: Where they live.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def hints(self, resources: Sequence[Resource]) -> tuple[str, ...]:
        """Return hints about objects that are not ready: the causes and the last lines of logs."""
        told: list[str] = []
        for resource in resources[:OBJECTS]:
            for finding in self.findings(resource):
                told.append(f"{resource.kind}/{resource.name}: {finding.text}")
                if finding.log:
                    told.append(
                        f"the last lines of {finding.source}:" + "".join(f"\n  | {line}" for line in finding.log)
                    )
        return tuple(dict.fromkeys(told))

    def findings(self, resource: Resource, *, lines: int = LINES) -> list[Finding]:
        """Return why an object is not ready.

        Args:
            resource: The object.
            lines: How many lines of logs are read, 0 for none.
        """
        try:
            live = self._cluster.get(resource.mapping, resource.namespace, resource.name)
            found = list(self._of_pods(live, resource.namespace, lines))
            if not found:
                events = self._events(live, resource.namespace)
                found = [Finding(text=cause.text) for cause in causes_of_owner(live, events)]
        except PilothouseError:
            # What only explains a failure must not become one.
            return []
        return found

    def newest_event(self, resource: Resource) -> str:
        """Return the newest event of an object or of its pods, empty when there is none."""
        try:
            live = self._cluster.get(resource.mapping, resource.namespace, resource.name)
            events = self._events(live, resource.namespace)
            for pod in self._pods(live, resource.namespace):
                events += self._events(pod, resource.namespace)
        except PilothouseError:
            return ""
        event = newest_event(events)
        return printable(str(event.get("message") or "")) if event is not None else ""

    def _of_pods(self, live: Object, namespace: str, lines: int) -> Iterator[Finding]:
        told: set[str] = set()
        for pod in self._pods(live, namespace):
            for cause in causes_in_pod(pod, self._events(pod, namespace)):
                if cause.text in told:
                    continue
                told.add(cause.text)
                name = str(metadata_of(pod).get("name"))
                text = cause.text if live.get("kind") == "Pod" else f"{cause.text} (pod {name})"
                source = f"container {cause.container} of pod {name}"
                yield Finding(text=text, log=self._log(namespace, name, cause, lines), source=source)

    def _pods(self, live: Object, namespace: str) -> list[Object]:
        """Return the newest pods of a workload that are not ready."""
        kind = live.get("kind")
        if kind == "Pod":
            return [live]
        selector = (live.get("spec") or {}).get("selector")
        if kind not in _WORKLOADS or not selector:
            return []
        chosen = selectors.from_labels(selector) if kind == "ReplicationController" else selectors.from_object(selector)
        pods = self._cluster.list(self._cluster.mapping("v1", "Pod"), namespace, label_selector=str(chosen))
        pods = [pod for pod in pods if not _is_ready(pod)]
        pods.sort(key=lambda pod: str(metadata_of(pod).get("creationTimestamp")), reverse=True)
        return pods[:PODS]

    def _events(self, item: Object, namespace: str) -> list[Object]:
        uid = str(metadata_of(item).get("uid") or "")
        if not uid:
            return []
        mapping = self._cluster.mapping("v1", "Event")
        return self._cluster.list(mapping, namespace, field_selector=f"involvedObject.uid={uid}")

    def _log(self, namespace: str, pod: str, cause: Cause, lines: int) -> tuple[str, ...]:
        if not cause.container or not lines:
            return ()
        for previous in (True, False) if cause.previous else (False,):
            try:
                pieces = self._cluster.logs(namespace, pod, container=cause.container, tail=lines, previous=previous)
                text = "".join(pieces)
            except PilothouseError:
                continue
            if text.strip():
                return tuple(printable(line)[:500] for line in text.splitlines()[-lines:])
        return ()


def _is_ready(pod: Object) -> bool:
    status = pod.get("status") or {}
    if status.get("phase") == "Succeeded":
        return True
    return any(
        condition.get("type") == "Ready" and condition.get("status") == "True"
        for condition in status.get("conditions") or ()
    )
