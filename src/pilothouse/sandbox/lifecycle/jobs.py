"""Jobs: pods that run to their end, as often as wanted. Go's ``pkg/controller/job``."""

from __future__ import annotations

from pilothouse.sandbox.lifecycle.events import Recorder
from pilothouse.sandbox.lifecycle.workloads import has_ended, is_active, is_ready, pod_from, random_suffix
from pilothouse.sandbox.lifecycle.world import (
    Object,
    World,
    condition,
    is_leaving,
    is_true,
    key_of,
    seconds_since,
    with_condition,
)

KIND = "jobs.batch"
INDEX = "batch.kubernetes.io/job-completion-index"
_COMPONENT = "job-controller"
_MANAGER = "kube-controller-manager"


class Jobs:
    """Runs jobs."""

    def __init__(self, world: World, events: Recorder) -> None:
        self._world = world
        self._events = events

    def reconcile(self, job: Object) -> float | None:
        """Start pods, count those that ended, and tell when the job is over."""
        world, spec = self._world, job["spec"]
        if is_leaving(job):
            return None
        if is_true(job, "Complete") or is_true(job, "Failed"):
            return self._expire(job)
        pods = world.owned(job["metadata"]["uid"], "pods")
        status = self._counted(job, pods)
        active = [pod for pod in pods if is_active(pod)]
        ending = self._ending(job, status, pods)
        if ending is not None:
            self._finish(job, status, active, *ending)
            return 0.0 if spec.get("ttlSecondsAfterFinished") == 0 else spec.get("ttlSecondsAfterFinished")
        if spec.get("suspend"):
            self._suspend(job, status, active)
            return None
        if is_true(job, "Suspended"):
            reason = {"reason": "JobResumed", "message": "Job resumed"}
            now = world.stamp()
            status["conditions"] = with_condition(
                status["conditions"], "Suspended", "False", now, lastProbeTime=now, **reason
            )
            self._events.normal(job, "Resumed", "Job resumed", _COMPONENT)
        status.setdefault("startTime", world.stamp())
        wait = self._start(job, status, pods, active)
        self._store(job, status)
        deadline = spec.get("activeDeadlineSeconds")
        if deadline is not None:
            left = max(deadline - seconds_since(status["startTime"], world.clock.now()), 0.0) + 0.1
            wait = left if wait is None else min(wait, left)
        return wait

    def _counted(self, job: Object, pods: list[Object]) -> Object:
        before = job.get("status") or {}
        ended = [(pod.get("status") or {}).get("phase") for pod in pods]
        status: Object = {key: before[key] for key in ("startTime", "conditions") if key in before}
        status.setdefault("conditions", [])
        succeeded = max(ended.count("Succeeded"), before.get("succeeded", 0))
        failed = max(ended.count("Failed"), before.get("failed", 0))
        active = [pod for pod in pods if is_active(pod)]
        status.update(active=len(active), ready=sum(map(is_ready, active)), succeeded=succeeded, failed=failed)
        status["terminating"] = sum(is_leaving(pod) and not has_ended(pod) for pod in pods)
        return status

    def _ending(self, job: Object, status: Object, pods: list[Object]) -> tuple[str, str, str] | None:
        """Return condition, reason and message when a job is over."""
        spec = job["spec"]
        restarts = sum(
            each.get("restartCount", 0)
            for pod in pods
            for each in (pod.get("status") or {}).get("containerStatuses") or ()
            if pod["spec"].get("restartPolicy") == "OnFailure"
        )
        limit = spec.get("backoffLimit", 6)
        if status["failed"] > limit or (restarts and restarts >= max(limit, 1)):
            return "Failed", "BackoffLimitExceeded", "Job has reached the specified backoff limit"
        deadline, start = spec.get("activeDeadlineSeconds"), status.get("startTime")
        if deadline is not None and start and seconds_since(start, self._world.clock.now()) >= deadline:
            return "Failed", "DeadlineExceeded", "Job was active longer than specified deadline"
        completions = spec.get("completions")
        done = (
            status["succeeded"] >= completions
            if completions is not None
            else (status["succeeded"] > 0 and not status["active"])
        )
        return ("Complete", "CompletionsReached", "Reached expected number of succeeded pods") if done else None

    def _finish(self, job: Object, status: Object, active: list[Object], kind: str, reason: str, message: str) -> None:
        world, now = self._world, self._world.stamp()
        for pod in active:
            world.objects.delete("pods", key_of(pod), uid=pod["metadata"]["uid"])
        status.update(active=0, ready=0)
        first = "SuccessCriteriaMet" if kind == "Complete" else "FailureTarget"
        for each in (first, kind):
            status["conditions"] = with_condition(
                status["conditions"], each, "True", now, reason=reason, message=message, lastProbeTime=now
            )
        if kind == "Complete":
            status["completionTime"] = now
            self._events.normal(job, "Completed", "Job completed", _COMPONENT)
        else:
            self._events.warning(job, reason, message, _COMPONENT)
        self._store(job, status)

    def _suspend(self, job: Object, status: Object, active: list[Object]) -> None:
        now = self._world.stamp()
        for pod in active:
            self._world.objects.delete("pods", key_of(pod), uid=pod["metadata"]["uid"])
        status.update(active=0, ready=0)
        status.pop("startTime", None)
        if not is_true(job, "Suspended"):
            self._events.normal(job, "Suspended", "Job suspended", _COMPONENT)
        status["conditions"] = with_condition(
            status["conditions"],
            "Suspended",
            "True",
            now,
            reason="JobSuspended",
            message="Job suspended",
            lastProbeTime=(condition(job, "Suspended") or {}).get("lastProbeTime", now),
        )
        self._store(job, status)

    def _start(self, job: Object, status: Object, pods: list[Object], active: list[Object]) -> float | None:
        """Make the pods that are missing, a little later after a failure."""
        world, spec = self._world, job["spec"]
        parallelism, completions = spec.get("parallelism", 1), spec.get("completions")
        wanted = parallelism if completions is None else min(parallelism, completions - status["succeeded"])
        if completions is None and status["succeeded"]:
            wanted = len(active)
        missing = wanted - len(active)
        for pod in active[: max(-missing, 0)]:
            world.objects.delete("pods", key_of(pod), uid=pod["metadata"]["uid"])
            self._events.normal(job, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}", _COMPONENT)
        if missing <= 0:
            return None
        if status["failed"]:
            left = world.timings["retry"] - world.marks.elapsed(job["metadata"]["uid"], f"retry-{status['failed']}")
            if left > 0:
                return left
        for number in self._numbers(job, pods, missing):
            made = world.objects.create("pods", self._pod(job, number), manager=_MANAGER)
            if made is not None:
                status["active"] += 1
                self._events.normal(job, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}", _COMPONENT)
        return None

    def _numbers(self, job: Object, pods: list[Object], missing: int) -> list[int]:
        if job["spec"].get("completionMode") != "Indexed":
            return [-1] * missing
        taken = {
            (pod["metadata"].get("annotations") or {}).get(INDEX)
            for pod in pods
            if is_active(pod) or (pod.get("status") or {}).get("phase") == "Succeeded"
        }
        free = [number for number in range(job["spec"].get("completions") or 0) if str(number) not in taken]
        return free[:missing]

    def _pod(self, job: Object, number: int) -> Object:
        metadata = job["metadata"]
        pod = pod_from(job, job["spec"].get("template") or {})
        base = metadata["name"][:57] + ("" if number < 0 else f"-{number}") + "-"
        pod["metadata"].update(generateName=base, name=base + random_suffix(self._world))
        labels = pod["metadata"].setdefault("labels", {})
        labels.update({"batch.kubernetes.io/job-name": metadata["name"], "job-name": metadata["name"]})
        labels.update({"batch.kubernetes.io/controller-uid": metadata["uid"], "controller-uid": metadata["uid"]})
        if number >= 0:
            labels[INDEX] = str(number)
            pod["metadata"].setdefault("annotations", {})[INDEX] = str(number)
            pod["spec"].setdefault("hostname", f"{metadata['name']}-{number}")
            for container in pod["spec"]["containers"]:
                container.setdefault("env", []).append({"name": "JOB_COMPLETION_INDEX", "value": str(number)})
        return pod

    def _store(self, job: Object, status: Object) -> None:
        if not status["conditions"]:
            del status["conditions"]
        for name in ("active", "succeeded", "failed"):
            if not status[name]:
                del status[name]
        status["uncountedTerminatedPods"] = {}
        self._world.set_status(KIND, job, status)

    def _expire(self, job: Object) -> float | None:
        """Delete a job whose time after its end is over."""
        ttl = job["spec"].get("ttlSecondsAfterFinished")
        if ttl is None:
            return None
        ended = condition(job, "Complete") or condition(job, "Failed") or {}
        left = ttl - seconds_since(ended.get("lastTransitionTime", ""), self._world.clock.now())
        if left > 0:
            return float(left)
        self._world.objects.delete(KIND, key_of(job), uid=job["metadata"]["uid"], propagation="Foreground")
        return None
