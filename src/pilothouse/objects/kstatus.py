"""When an object is ready by kstatus, as Helm 4's watcher asks. Go's ``sigs.k8s.io/cli-utils/pkg/kstatus/status``."""

from __future__ import annotations

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.identity import group_of, kind_of, name_of
from pilothouse.objects.progressing import (
    TERMINATING,
    UNKNOWN,
    Readiness,
    at,
    conditions,
    current,
    failed,
    holds,
    number,
    seconds,
    waiting,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_SCHEDULE_WINDOW = 15.0
_NO_DEADLINE = 2147483647


def kstatus(target: Mapping[str, YamlValue], *, now: float, wait_for_jobs: bool = False) -> Readiness:
    """Return how kstatus sees an object. Go's ``status.Compute``.

    Args:
        target: The object.
        now: The time in seconds since 1970: a pod may be unschedulable for a while.
        wait_for_jobs: A Job is ready only when it is complete.
    """
    generic = _generic(target)
    if generic is not None:
        return generic
    group, kind = group_of(target), kind_of(target)
    if wait_for_jobs and (group, kind) == ("batch", "Job"):
        return _job_to_the_end(target)
    if kind == "Pod" and not group:
        return _pod(target, now)
    rule = _RULES.get(f"{group}/{kind}" if group else kind)
    return rule(target) if rule is not None else _by_ready_condition(target)


def hook_status(target: Mapping[str, YamlValue], *, now: float) -> Readiness:
    """Return how far an object is as a hook: Jobs and Pods must end, everything else counts as done."""
    group, kind = group_of(target), kind_of(target)
    if (group, kind) not in {("batch", "Job"), ("", "Pod")}:
        return current("Resource is current")
    generic = _generic(target)
    if generic is not None:
        return generic
    del now
    if kind == "Job":
        return _job_to_the_end(target)
    phase = at(target, "status", "phase", default="")
    if phase == "Succeeded":
        return current(f"pod {name_of(target)} succeeded")
    return failed(f"pod {name_of(target)} failed") if phase == "Failed" else waiting("Pod in progress")


def _generic(target: Mapping[str, YamlValue]) -> Readiness | None:
    """Return what holds for every kind. Go's ``checkGenericProperties``."""
    if at(target, "metadata", "deletionTimestamp"):
        return Readiness(status=TERMINATING, message="Resource scheduled for deletion")
    generation, observed = at(target, "metadata", "generation"), at(target, "status", "observedGeneration")
    if generation is not None and observed is not None and generation != observed:
        return waiting(f"{kind_of(target)} generation is {generation}, but latest observed generation is {observed}")
    for each in conditions(target):
        if each.get("status") == "True" and each.get("type") in {"Reconciling", "Stalled"}:
            found = waiting if each["type"] == "Reconciling" else failed
            return found(each.get("message", ""))
    return None


def _by_ready_condition(target: YamlValue) -> Readiness:
    for each in conditions(target):
        if each.get("type") == "Ready":
            if each.get("status") == "True":
                return current("Resource is Ready")
            if each.get("status") in {"False", "Unknown"}:
                return waiting(each.get("message", ""))
    return current("Resource is current")


def _first_lack(*rules: tuple[int, int, str]) -> Readiness | None:
    """Return the first count that is below what is wanted, as ``Word: have/want``."""
    for want, have, word in rules:
        if want > have:
            return waiting(f"{word}: {have}/{want}")
    return None


def _always(_target: YamlValue) -> Readiness:
    return current("Resource is always ready")


def _stateful_set(target: YamlValue) -> Readiness:  # noqa: PLR0911 - one answer a rule
    if at(target, "spec", "updateStrategy", "type") == "OnDelete":
        return current("StatefulSet is using the ondelete update strategy")
    want = number(target, "spec", "replicas", default=1)
    have, ready = number(target, "status", "replicas"), number(target, "status", "readyReplicas")
    updated = number(target, "status", "updatedReplicas")
    lack = _first_lack((want, have, "Replicas"), (want, ready, "Ready"))
    if lack is not None:
        return lack
    if have > want:
        return waiting(f"Pending termination: {have - want}")
    partition = number(target, "spec", "updateStrategy", "rollingUpdate", "partition", default=-1)
    if partition != -1:
        if updated < want - partition:
            return waiting(f"updated: {updated}/{want - partition}")
        return current(f"Partition rollout complete. updated: {updated}")
    at_current = number(target, "status", "currentReplicas")
    if want > at_current:
        return waiting(f"current: {at_current}/{want}")
    if at(target, "status", "currentRevision", default="") != at(target, "status", "updateRevision", default=""):
        return waiting("Waiting for updated revision to match current")
    return current(f"All replicas scheduled as expected. Replicas: {have}")


def _deployment(target: YamlValue) -> Readiness:  # noqa: PLR0911 - one answer a rule
    progressing = number(target, "spec", "progressDeadlineSeconds", default=_NO_DEADLINE) == _NO_DEADLINE
    for each in conditions(target):
        if each.get("type") == "Progressing":
            if each.get("reason") == "ProgressDeadlineExceeded":
                return failed("Progress deadline exceeded")
            progressing |= each.get("status") == "True" and each.get("reason") == "NewReplicaSetAvailable"
    want = number(target, "spec", "replicas", default=1)
    have, updated = number(target, "status", "replicas"), number(target, "status", "updatedReplicas")
    lack = _first_lack((want, have, "Replicas"), (want, updated, "Updated"))
    if lack is not None:
        return lack
    if have > want:
        return waiting(f"Pending termination: {have - want}")
    lack = _first_lack(
        (updated, number(target, "status", "availableReplicas"), "Available"),
        (want, number(target, "status", "readyReplicas"), "Ready"),
    )
    if lack is not None:
        return lack
    if not progressing:
        return waiting("ReplicaSet not Available")
    if not holds(target, "Available"):
        return waiting("Deployment not Available")
    return current(f"Deployment is available. Replicas: {have}")


def _replica_set(target: YamlValue) -> Readiness:
    if holds(target, "ReplicaFailure"):
        return waiting("Replica Failure condition. Check Pods")
    want, have = number(target, "spec", "replicas", default=1), number(target, "status", "replicas")
    lack = _first_lack(
        (want, number(target, "status", "fullyLabeledReplicas"), "Labelled"),
        (want, number(target, "status", "availableReplicas"), "Available"),
        (want, number(target, "status", "readyReplicas"), "Ready"),
    )
    if lack is not None:
        return lack
    if have > want:
        return waiting(f"Pending termination: {have - want}")
    return current(f"ReplicaSet is available. Replicas: {have}")


def _daemon_set(target: YamlValue) -> Readiness:
    if at(target, "metadata", "generation") is None:
        return waiting(f"{kind_of(target)} metadata.generation not found")
    if at(target, "status", "observedGeneration") is None:
        return waiting(f"{kind_of(target)} status.observedGeneration not found")
    want = number(target, "status", "desiredNumberScheduled", default=-1)
    if want == -1:
        return waiting("Missing .status.desiredNumberScheduled")
    lack = _first_lack(
        (want, number(target, "status", "currentNumberScheduled"), "Current"),
        (want, number(target, "status", "updatedNumberScheduled"), "Updated"),
        (want, number(target, "status", "numberAvailable"), "Available"),
        (want, number(target, "status", "numberReady"), "Ready"),
    )
    return lack or current(f"All replicas scheduled as expected. Replicas: {want}")


def _claim(target: YamlValue) -> Readiness:
    phase = at(target, "status", "phase", default="unknown")
    return current("PVC is Bound") if phase == "Bound" else waiting(f"PVC is not Bound. phase: {phase}")


def _pod(target: YamlValue, now: float) -> Readiness:  # noqa: PLR0911 - one answer a rule
    phase = at(target, "status", "phase", default="")
    if phase in {"Succeeded", "Failed"}:
        well = "successfully" if phase == "Succeeded" else "but not successfully"
        return current(f"Pod has completed {well}" if phase == "Succeeded" else f"Pod has completed, {well}")
    if phase == "Running":
        if holds(target, "Ready"):
            return current("Pod is Ready")
        looping = [
            each.get("name", "")
            for each in at(target, "status", "containerStatuses", default=[])
            if at(each, "state", "waiting", "reason") == "CrashLoopBackOff"
        ]
        if looping:
            return failed(f"Containers in CrashLoop state: {','.join(looping)}")
        return waiting("Pod is running but is not Ready")
    if phase == "Pending":
        unscheduled = any(
            each.get("type") == "PodScheduled"
            and each.get("status") == "False"
            and each.get("reason") == "Unschedulable"
            for each in conditions(target)
        )
        if not unscheduled:
            return waiting("Pod is in the Pending phase")
        age = now - seconds(at(target, "metadata", "creationTimestamp", default=""))
        return waiting("Pod has not been scheduled") if age < _SCHEDULE_WINDOW else failed("Pod could not be scheduled")
    return Readiness(status=UNKNOWN, message=f"unknown phase {phase}") if phase else waiting("Pod phase not available")


def _budget(_target: YamlValue) -> Readiness:
    return current("AllowedDisruptions has been computed.")


def _completions(target: YamlValue) -> int:
    return number(target, "spec", "completions", default=number(target, "spec", "parallelism", default=1))


def _job_ended(target: YamlValue) -> Readiness | None:
    succeeded, broken = number(target, "status", "succeeded"), number(target, "status", "failed")
    for each in conditions(target):
        if each.get("status") == "True" and each.get("type") == "Complete":
            return current(f"Job Completed. succeeded: {succeeded}/{_completions(target)}")
        if each.get("status") == "True" and each.get("type") == "Failed":
            return failed(f"Job Failed. failed: {broken}/{_completions(target)}")
    return None


def _job(target: YamlValue) -> Readiness:
    ended = _job_ended(target)
    if ended is not None:
        return ended
    if holds(target, "Suspended"):
        return current("Job is suspended")
    if not at(target, "status", "startTime"):
        return waiting("Job not started")
    done, active, broken = (number(target, "status", field) for field in ("succeeded", "active", "failed"))
    return current(f"Job in progress. success:{done}, active: {active}, failed: {broken}")


def _job_to_the_end(target: YamlValue) -> Readiness:
    """Return how far a Job is that must complete. Helm's ``statusreaders.NewCustomJobStatusReader``."""
    return _job_ended(target) or waiting("Job in progress")


def _service(target: YamlValue) -> Readiness:
    if at(target, "spec", "type") == "LoadBalancer" and not at(target, "spec", "clusterIP"):
        return waiting("ClusterIP not set. Service type: LoadBalancer")
    return current("Service is ready")


def _definition(target: YamlValue) -> Readiness:
    for each in conditions(target):
        state = each.get("status")
        if each.get("type") == "NamesAccepted" and state == "False":
            return failed(each.get("message", ""))
        if each.get("type") == "Established":
            if state == "False" and each.get("reason") != "Installing":
                return failed(each.get("message", ""))
            if state == "True":
                return current("CRD is established")
    return waiting("Install in progress")


_RULES: dict[str, Callable[[YamlValue], Readiness]] = {
    "Service": _service,
    "Secret": _always,
    "ConfigMap": _always,
    "PersistentVolumeClaim": _claim,
    "apps/StatefulSet": _stateful_set,
    "apps/DaemonSet": _daemon_set,
    "extensions/DaemonSet": _daemon_set,
    "apps/Deployment": _deployment,
    "extensions/Deployment": _deployment,
    "apps/ReplicaSet": _replica_set,
    "extensions/ReplicaSet": _replica_set,
    "policy/PodDisruptionBudget": _budget,
    "batch/CronJob": _always,
    "batch/Job": _job,
    "apiextensions.k8s.io/CustomResourceDefinition": _definition,
}
