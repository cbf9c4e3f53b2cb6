"""Waiting by Helm 2's rules: every two seconds, the first time after two seconds (``Client.waitForResources``)."""

from __future__ import annotations

from functools import partial

from pilothouse.apply.errors import NotReady
from pilothouse.apply.waiting import has_job_ended, selected
from pilothouse.errors import NotFound
from pilothouse.objects.legacy_readiness import most_missing
from pilothouse.objects.progressing import holds
from pilothouse.objects.replica_sets import newest_replica_set

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pilothouse.apply.cluster import Cluster, Object
    from pilothouse.clock import Clock
    from pilothouse.plan.resources import Resource
    from pilothouse.progress import Reporter

INTERVAL = 2.0
#: Seconds between two looks at a hook, which Helm 2 watches.
HOOK_INTERVAL = 0.25
TIMED_OUT = "timed out waiting for the condition"
_WITH_PODS = ("ReplicationController", "ReplicaSet", "DaemonSet", "StatefulSet")


class TillerWaiter:
    """Waits for objects of a cluster.

    Args:
        cluster: Where they live.
        clock: Time and waiting.
        reporter: Hears what is waited for.
    """

    def __init__(self, cluster: Cluster, clock: Clock, reporter: Reporter) -> None:
        self._cluster = cluster
        self._clock = clock
        self._reporter = reporter

    def wait_until_ready(self, resources: Sequence[Resource], timeout: float) -> None:
        """Wait until all are ready.

        Raises:
            NotReady: They were not in time.
            PilothouseError: One cannot be read.
        """
        self._log(f"beginning wait for {len(resources)} resources with timeout of {timeout:g}s")
        self._poll(lambda: all(self._is_ready(resource) for resource in resources), INTERVAL, timeout)

    def wait_until_gone(self, resources: Sequence[Resource], timeout: float) -> None:
        """Wait until none exists any more.

        Raises:
            NotReady: Some still do.
        """
        self._poll(lambda: not any(self._exists(resource) for resource in resources), INTERVAL, timeout)

    def wait_for_hook(self, resources: Sequence[Resource], timeout: float) -> None:
        """Wait until the Jobs of a hook have ended; other kinds are done once they are there (``WatchUntilReady``).

        Raises:
            HookFailed: A Job failed.
            NotReady: One did not end in time.
        """
        for resource in resources:
            self._log(f"Watching for changes to {resource.kind} {resource.name} in {resource.namespace}")
            self._poll(partial(self._has_ended, resource), HOOK_INTERVAL, timeout, at_once=True)

    def wait_for_definition(self, resources: Sequence[Resource], timeout: float) -> None:
        """Wait until CustomResourceDefinitions are established (``WaitUntilCRDEstablished``).

        Raises:
            NotReady: They were not in time, or their names are taken.
        """
        for resource in resources:
            self._poll(partial(self._is_established, resource), 1.0, timeout, at_once=True)

    def wait_for_pod(self, resource: Resource, timeout: float) -> str:
        """Wait until a pod has ended and return its phase (``WaitAndGetCompletedPodPhase``).

        Raises:
            NotReady: It did not end in time.
        """
        phase = ""

        def ended() -> bool:
            nonlocal phase
            live = self._cluster.get(resource.mapping, resource.namespace, resource.name)
            phase = str((live.get("status") or {}).get("phase") or "")
            return phase in ("Succeeded", "Failed")

        self._log(f"Watching pod {resource.name} for completion with timeout of {timeout:g}s")
        self._poll(ended, HOOK_INTERVAL, timeout, at_once=True)
        return phase

    def _poll(self, done: Callable[[], bool], interval: float, timeout: float, *, at_once: bool = False) -> None:
        """Ask again and again; a timeout of 0 is none (``wait.Poll``)."""
        deadline = self._clock.monotonic() + timeout if timeout > 0 else float("inf")
        if at_once and done():
            return
        while True:
            left = deadline - self._clock.monotonic()
            if left <= 0:
                raise NotReady(TIMED_OUT)
            self._clock.sleep(min(interval, left))
            if done():
                return

    def _exists(self, resource: Resource) -> bool:
        try:
            self._cluster.get(resource.mapping, resource.namespace, resource.name)
        except NotFound:
            return False
        return True

    def _has_ended(self, resource: Resource) -> bool:
        try:
            live = self._cluster.get(resource.mapping, resource.namespace, resource.name)
        except NotFound:
            return True
        return resource.kind != "Job" or has_job_ended(live, "Job")

    def _is_established(self, resource: Resource) -> bool:
        try:
            live = self._cluster.get(resource.mapping, "", resource.name)
        except NotFound as error:
            raise error.prefixed("unable to get CRD: ") from error
        for condition in (live.get("status") or {}).get("conditions") or ():
            if condition.get("type") == "Established" and condition.get("status") == "True":
                return True
            if condition.get("type") == "NamesAccepted" and condition.get("status") == "False":
                raise NotReady(f"naming conflict detected for CRD {resource.name}")
        return False

    # ── readiness ──────────────────────────────────────────────────────────────────────────────────────────────

    def _is_ready(self, resource: Resource) -> bool:
        if resource.kind not in (*_WITH_PODS, "Pod", "Deployment", "PersistentVolumeClaim", "Service"):
            return True
        live = self._cluster.get(resource.mapping, resource.namespace, resource.name)
        status = live.get("status") or {}
        if resource.kind == "Pod":
            return holds(live, "Ready")
        if resource.kind == "PersistentVolumeClaim":
            return bool(status.get("phase") == "Bound")
        if resource.kind == "Service":
            return _is_service_ready(live)
        if resource.kind == "Deployment":
            return self._is_deployment_ready(live, resource.namespace)
        return all(holds(pod, "Ready") for pod in selected(self._cluster, "v1", "Pod", live, resource.namespace))

    def _is_deployment_ready(self, live: Object, namespace: str) -> bool:
        spec = live.get("spec") or {}
        if spec.get("paused"):
            return True
        newest = newest_replica_set(live, selected(self._cluster, "apps/v1", "ReplicaSet", live, namespace))
        if newest is None:
            return False
        ready = int((newest.get("status") or {}).get("readyReplicas") or 0)
        wanted = 1 if spec.get("replicas") is None else int(spec["replicas"])
        return ready >= wanted - most_missing(live)

    def _log(self, text: str) -> None:
        self._reporter.report("kube", text)


def _is_service_ready(service: Object) -> bool:
    spec = service.get("spec") or {}
    if spec.get("type") == "ExternalName":
        return True
    if not spec.get("clusterIP"):
        return False
    balanced = (service.get("status") or {}).get("loadBalancer") or {}
    return spec.get("type") != "LoadBalancer" or bool(balanced.get("ingress"))
