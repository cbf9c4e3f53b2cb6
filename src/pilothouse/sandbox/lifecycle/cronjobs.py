"""CronJobs: a job at every time of a schedule. Go's ``pkg/controller/cronjob``."""

from __future__ import annotations

import calendar
import time

from pilothouse.objects.copying import deep_copy
from pilothouse.sandbox.lifecycle.events import Recorder
from pilothouse.sandbox.lifecycle.jobs import KIND as JOBS
from pilothouse.sandbox.lifecycle.world import Object, World, is_leaving, is_true, key_of, owner_reference
from pilothouse.sandbox.schedules import Schedule, ScheduleError

KIND = "cronjobs.batch"
_SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp"
_COMPONENT = "cronjob-controller"
_MANAGER = "kube-controller-manager"
_MOST_MISSED = 100


def _seconds(text: str) -> float:
    return float(calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")))


def _stamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class CronJobs:
    """Starts jobs on time."""

    def __init__(self, world: World, events: Recorder) -> None:
        self._world = world
        self._events = events

    def reconcile(self, owner: Object) -> float | None:
        """Start the job that is due, forget old ones, and tell when the next is due."""
        world, spec = self._world, owner["spec"]
        if is_leaving(owner):
            return None
        jobs = world.owned(owner["metadata"]["uid"], JOBS)
        status = dict(owner.get("status") or {})
        active = [job for job in jobs if not (is_true(job, "Complete") or is_true(job, "Failed"))]
        self._forget(owner, jobs)
        done = [job["status"]["completionTime"] for job in jobs if (job.get("status") or {}).get("completionTime")]
        if done:
            status["lastSuccessfulTime"] = max(done)
        try:
            schedule = Schedule(spec["schedule"], spec.get("timeZone") or "")
        except ScheduleError as error:
            self._events.warning(owner, "UnparseableSchedule", f"unparseable schedule: {error.message}", _COMPONENT)
            self._store(owner, status, active)
            return None
        now = world.clock.now()
        due = None if spec.get("suspend") else self._due(owner, status, schedule, now)
        if due is not None:
            active = self._run(owner, status, active, due)
        self._store(owner, status, active)
        following = None if spec.get("suspend") else schedule.next(now)
        return None if following is None else max(following - now, 0.0) + 0.05

    def _due(self, owner: Object, status: Object, schedule: Schedule, now: float) -> float | None:
        """Return the latest time that was due and missed."""
        earliest = _seconds(status.get("lastScheduleTime") or owner["metadata"]["creationTimestamp"])
        deadline = owner["spec"].get("startingDeadlineSeconds")
        if deadline is not None:
            earliest = max(earliest, now - deadline)
        due, moment = None, schedule.next(earliest)
        for _ in range(_MOST_MISSED):
            if moment is None or moment > now:
                return due
            due, moment = moment, schedule.next(moment)
        return due

    def _run(self, owner: Object, status: Object, active: list[Object], due: float) -> list[Object]:
        world, policy = self._world, owner["spec"].get("concurrencyPolicy", "Allow")
        metadata = owner["metadata"]
        if policy == "Forbid" and active:
            message = "Not starting job because prior execution is running and concurrency policy is Forbid"
            self._events.normal(owner, "JobAlreadyActive", message, _COMPONENT)
            return active
        if policy == "Replace":
            for job in active:
                world.objects.delete(JOBS, key_of(job), uid=job["metadata"]["uid"], propagation="Background")
            active = []
        template = deep_copy(owner["spec"].get("jobTemplate") or {})
        labels = (template.get("metadata") or {}).get("labels")
        notes = {**((template.get("metadata") or {}).get("annotations") or {}), _SCHEDULED: _stamp(due)}
        name = f"{metadata['name'][:52]}-{int(due // 60)}"
        made = world.objects.create(
            JOBS,
            {
                "apiVersion": "batch/v1",
                "kind": "Job",
                "metadata": {
                    "name": name,
                    "namespace": metadata["namespace"],
                    **({"labels": labels} if labels else {}),
                    "annotations": notes,
                    "ownerReferences": [owner_reference(owner)],
                },
                "spec": template.get("spec") or {},
            },
            manager=_MANAGER,
        )
        status["lastScheduleTime"] = _stamp(due)
        if made is None:
            return active
        self._events.normal(owner, "SuccessfulCreate", f"Created job {name}", _COMPONENT)
        return [*active, made]

    def _forget(self, owner: Object, jobs: list[Object]) -> None:
        spec = owner["spec"]
        for kind, limit in (
            ("Complete", spec.get("successfulJobsHistoryLimit", 3)),
            ("Failed", spec.get("failedJobsHistoryLimit", 1)),
        ):
            ended = [job for job in jobs if is_true(job, kind) and not is_leaving(job)]
            for job in ended[: max(len(ended) - limit, 0)]:
                self._world.objects.delete(JOBS, key_of(job), uid=job["metadata"]["uid"], propagation="Background")

    def _store(self, owner: Object, status: Object, active: list[Object]) -> None:
        status.pop("active", None)
        if active:
            status["active"] = [
                {
                    "apiVersion": "batch/v1",
                    "kind": "Job",
                    "name": job["metadata"]["name"],
                    "namespace": job["metadata"]["namespace"],
                    "uid": job["metadata"]["uid"],
                    "resourceVersion": job["metadata"].get("resourceVersion", ""),
                }
                for job in active
            ]
        before = (owner.get("status") or {}).get("active") or []
        if active and [each["uid"] for each in before] == [each["uid"] for each in status["active"]]:
            status["active"] = before
        self._world.set_status(KIND, owner, status)
