"""When an object is ready by Helm's own rules, as ``--wait`` of Helm 3 asks. Go's ``helm/pkg/kube/ready.go``."""

from __future__ import annotations

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.identity import group_of, kind_of, name_of, namespace_of, version_of
from pilothouse.objects.progressing import (
    Readiness,
    at,
    current,
    failed,
    holds,
    number,
    share_of,
    waiting,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def legacy(
    target: Mapping[str, YamlValue],
    *,
    wait_for_jobs: bool = False,
    replica_set: Mapping[str, YamlValue] | None = None,
    pods: Iterable[Mapping[str, YamlValue]] = (),
) -> Readiness:
    """Return how far an object is by the rules of Helm's legacy waiter. Go's ``kube.ReadyChecker.IsReady``.

    Args:
        target: The object as it is.
        wait_for_jobs: Whether Jobs count.
        replica_set: The newest ReplicaSet of a Deployment.
        pods: The pods that a ReplicaSet or ReplicationController selects.

    Returns:
        ``Current``, ``InProgress``, or ``Failed`` with the error that ends the wait.
    """
    rule = (group_of(target), version_of(target), kind_of(target))
    if rule == ("batch", "v1", "Job"):
        return _legacy_job(target) if wait_for_jobs else current("")
    if rule == ("apps", "v1", "Deployment"):
        return _legacy_deployment(target, replica_set)
    if rule in {("apps", "v1", "ReplicaSet"), ("", "v1", "ReplicationController")}:
        if not _is_observed(target):
            return waiting(f"{_named(target)} status has not been observed")
        late = [pod for pod in pods if not holds(pod, "Ready")]
        return waiting(f"Pod is not ready: {_named(late[0])}") if late else current("")
    check = _LEGACY.get(rule)
    return check(target) if check is not None else current("")


def _named(target: YamlValue) -> str:
    return f"{namespace_of(target)}/{name_of(target)}"


def _is_observed(target: YamlValue) -> bool:
    return number(target, "metadata", "generation") == number(target, "status", "observedGeneration")


def _legacy_pod(target: YamlValue) -> Readiness:
    return current("") if holds(target, "Ready") else waiting(f"Pod is not ready: {_named(target)}")


def _legacy_job(target: YamlValue) -> Readiness:
    limit = number(target, "spec", "backoffLimit", default=6)
    if number(target, "status", "failed") > limit:
        return failed(f"job is failed: {_named(target)}")
    wanted = at(target, "spec", "completions")
    if wanted is not None and number(target, "status", "succeeded") < wanted:
        return waiting(f"Job is not completed: {_named(target)}")
    return current("")


def most_missing(target: YamlValue) -> int:
    """Return how many pods of a Deployment may be missing. Go's ``deploymentutil.MaxUnavailable``."""
    want = number(target, "spec", "replicas", default=1)
    strategy = at(target, "spec", "strategy", default={})
    if strategy.get("type") != "RollingUpdate" or not want:
        return 0
    rolling = strategy.get("rollingUpdate") or {}
    surge = share_of(rolling.get("maxSurge"), want, up=True)
    missing = share_of(rolling.get("maxUnavailable"), want, up=False)
    return min(1 if not surge and not missing else missing, want)


def _legacy_deployment(target: YamlValue, replica_set: YamlValue) -> Readiness:
    if at(target, "spec", "paused"):
        return current("")
    if replica_set is None:
        return waiting(f"Deployment is not ready: {_named(target)}. no ReplicaSet found")
    if not _is_observed(replica_set):
        return waiting(f"ReplicaSet is not ready: {_named(replica_set)}. observedGeneration does not match")
    if not _is_observed(target):
        return waiting(f"Deployment is not ready: {_named(target)}. observedGeneration does not match")
    expected = number(target, "spec", "replicas", default=1) - most_missing(target)
    ready = number(replica_set, "status", "readyReplicas")
    if ready < expected:
        return waiting(f"Deployment is not ready: {_named(target)}. {ready} out of {expected} expected pods are ready")
    return current("")


def _legacy_claim(target: YamlValue) -> Readiness:
    bound = at(target, "status", "phase") == "Bound"
    return current("") if bound else waiting(f"PersistentVolumeClaim is not bound: {_named(target)}")


def _legacy_service(target: YamlValue) -> Readiness:
    kind = at(target, "spec", "type", default="")
    if kind == "ExternalName":
        return current("")
    if not at(target, "spec", "clusterIP", default=""):
        return waiting(f"Service does not have cluster IP address: {_named(target)}")
    outside = at(target, "spec", "externalIPs") or at(target, "status", "loadBalancer", "ingress") is not None
    if kind == "LoadBalancer" and not outside:
        return waiting(f"Service does not have load balancer ingress IP address: {_named(target)}")
    return current("")


def _legacy_daemon_set(target: YamlValue) -> Readiness:
    if not _is_observed(target):
        return waiting(f"DaemonSet is not ready: {_named(target)}. observedGeneration does not match")
    if at(target, "spec", "updateStrategy", "type") != "RollingUpdate":
        return current("")
    want = number(target, "status", "desiredNumberScheduled")
    updated = number(target, "status", "updatedNumberScheduled")
    if updated != want:
        return waiting(
            f"DaemonSet is not ready: {_named(target)}. {updated} out of {want} expected pods have been scheduled"
        )
    rolling = at(target, "spec", "updateStrategy", "rollingUpdate", "maxUnavailable")
    expected = want - share_of(rolling, want, up=True)
    ready = number(target, "status", "numberReady")
    if ready < expected:
        return waiting(f"DaemonSet is not ready: {_named(target)}. {ready} out of {expected} expected pods are ready")
    return current("")


def _legacy_stateful_set(target: YamlValue) -> Readiness:
    if not _is_observed(target):
        return waiting(f"StatefulSet is not ready: {_named(target)}. observedGeneration does not match")
    if at(target, "spec", "updateStrategy", "type") != "RollingUpdate":
        return current("")
    partition = number(target, "spec", "updateStrategy", "rollingUpdate", "partition")
    want = number(target, "spec", "replicas", default=1)
    updated, ready = number(target, "status", "updatedReplicas"), number(target, "status", "readyReplicas")
    if updated < want - partition:
        return waiting(
            f"StatefulSet is not ready: {_named(target)}. {updated} out of {want - partition}"
            " expected pods have been scheduled"
        )
    if ready != want:
        return waiting(f"StatefulSet is not ready: {_named(target)}. {ready} out of {want} expected pods are ready")
    present, wanted = (at(target, "status", field, default="") for field in ("currentRevision", "updateRevision"))
    if partition == 0 and present != wanted:
        return waiting(
            f"StatefulSet is not ready: {_named(target)}. currentRevision {present} does not yet match"
            f" updateRevision {wanted}"
        )
    return current("")


def _legacy_definition(target: YamlValue) -> Readiness:
    ready = holds(target, "Established") or holds(target, "NamesAccepted", "False")
    return current("") if ready else waiting(f"CustomResourceDefinition is not ready: {name_of(target)}")


_LEGACY: dict[tuple[str, str, str], Callable[[YamlValue], Readiness]] = {
    ("", "v1", "Pod"): _legacy_pod,
    ("", "v1", "PersistentVolumeClaim"): _legacy_claim,
    ("", "v1", "Service"): _legacy_service,
    ("apps", "v1", "DaemonSet"): _legacy_daemon_set,
    ("apps", "v1", "StatefulSet"): _legacy_stateful_set,
    ("apiextensions.k8s.io", "v1", "CustomResourceDefinition"): _legacy_definition,
    ("apiextensions.k8s.io", "v1beta1", "CustomResourceDefinition"): _legacy_definition,
}
