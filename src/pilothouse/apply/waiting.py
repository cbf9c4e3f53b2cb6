"""Waiting for objects: the strategies of Helm 4 and the older polling of Helm 3 (``kube.Waiter``)."""

from __future__ import annotations

from functools import partial

from pilothouse.apply.errors import HookFailed, NotReady
from pilothouse.apply.explanation import Explainer
from pilothouse.apply.lookout import looking_out
from pilothouse.apply.observe import live_objects
from pilothouse.apply.waiting_report import WaitingReport
from pilothouse.errors import PilothouseError, Unreachable
from pilothouse.objects import readiness, selectors
from pilothouse.objects.replica_sets import newest_replica_set

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pilothouse.apply.cluster import Cluster, Object
    from pilothouse.apply.lookout import Lookout
    from pilothouse.clock import Clock
    from pilothouse.plan.resources import Resource
    from pilothouse.progress import Reporter

#: What a watcher waits when no time is given (``DefaultStatusWatcherTimeout``).
DEFAULT_TIMEOUT = 30.0
_ENDLESS = 10 * 365 * 86400.0
#: Errors that the older polling forgives for each object.
FORGIVEN_ERRORS = 30
#: Seconds between two looks: short at first, since most objects are ready soon.
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0
#: Kinds whose readiness Helm 3 asks the server for; objects of others are ready when they are there.
_ASKED = frozenset(
    (
        *("Pod", "Job", "Deployment", "PersistentVolumeClaim", "Service", "DaemonSet", "CustomResourceDefinition"),
        *("StatefulSet", "ReplicationController", "ReplicaSet"),
    )
)
_GONE = readiness.Readiness(status="Current", message="")
_LEAVING = readiness.Readiness(status="Terminating", message="")


class Waiter:
    """Waits for objects of a cluster.

    Args:
        cluster: Where they live.
        clock: Time and waiting.
        reporter: Hears which objects are waited for.
        strategy: ``hookOnly``, ``watcher`` or ``legacy``.
        compatibility: The Helm generation to follow where they differ: to Helm 3, no time is no time to get ready.
    """

    def __init__(
        self, cluster: Cluster, clock: Clock, reporter: Reporter, strategy: str, *, compatibility: int = 4
    ) -> None:
        self._cluster = cluster
        self._clock = clock
        self._reporter = reporter
        self._strategy = strategy
        self._helm3 = compatibility == 3
        self._explainer = Explainer(cluster)

    def wait_until_ready(self, resources: Sequence[Resource], timeout: float, *, jobs: bool) -> None:
        """Wait until all are ready; with ``jobs`` until Jobs are complete.

        Raises:
            NotReady: They were not in time, or cannot become ready any more.
        """
        if self._strategy == "hookOnly":
            return
        deadline = self._deadline(timeout)
        if self._strategy == "legacy":
            self._poll_legacy(resources, deadline, jobs=jobs)
            return
        watched = [resource for resource in resources if not _is_paused(resource)]
        report = self._report("waiting for objects to be ready", watched)
        self._watch(watched, deadline, partial(readiness.kstatus, wait_for_jobs=jobs), report)

    def wait_for_hook(self, resources: Sequence[Resource], timeout: float) -> None:
        """Wait until Jobs and Pods of a hook have succeeded; other kinds count as done (``WatchUntilReady``).

        Raises:
            NotReady: They did not end in time.
            HookFailed: One failed, by the older rules.
        """
        if self._strategy == "legacy":
            self._watch_legacy_hook(resources, timeout)
        else:
            report = self._report("waiting for a hook", resources)
            self._watch(resources, self._deadline(timeout), readiness.hook_status, report)

    def wait_until_gone(self, resources: Sequence[Resource], timeout: float) -> None:
        """Wait until none exists any more.

        Raises:
            NotReady: Some still do.
        """
        if self._strategy == "hookOnly":
            return
        deadline = self._deadline(timeout)
        with looking_out(self._cluster, self._clock, resources) as lookout:
            self._await_end(resources, lookout, deadline)

    def _await_end(self, resources: Sequence[Resource], lookout: Lookout, deadline: float) -> None:
        left = list(resources)
        pause = FIRST_PAUSE
        report = self._report("waiting for objects to be gone", resources)
        while True:
            expired = self._clock.monotonic() >= deadline
            states = lookout.look(left, closely=expired)
            for one, state in zip(left, states, strict=True):
                report.note(one, state, _GONE if state is None else _LEAVING)
            left = [one for one, state in zip(left, states, strict=True) if state is not None]
            if not left:
                return
            if expired:
                raise self._still_there(left)
            report.tell()
            pause = self._pause(pause, deadline, lookout, left)

    def _still_there(self, left: Sequence[Resource]) -> NotReady:
        if self._strategy == "legacy":
            return NotReady("context deadline exceeded")
        lines = []
        for resource, state in zip(left, live_objects(self._cluster, left), strict=True):
            status = readiness.kstatus(state, now=self._clock.now()) if isinstance(state, dict) else None
            word, message = (status.status, status.message) if status else ("Unknown", "")
            lines.append(f"resource {_identity(resource)} still exists. status: {word}, message: {message}")
        return NotReady("\n".join([*lines, "context deadline exceeded"]))

    def _deadline(self, timeout: float, *, hook: bool = False) -> float:
        """Return when the time is over: less than no time has no end (``ContextWithOptionalTimeout``).

        To Helm 3 it is no time, but for hooks.
        """
        if timeout == 0 and self._strategy != "legacy":
            timeout = DEFAULT_TIMEOUT
        if timeout <= 0 and (hook or not self._helm3):
            if timeout < 0:
                self._reporter.report(
                    "client-error", "Timeout for context shall not be negative", source="until.go:159"
                )
            timeout = _ENDLESS
        return self._clock.monotonic() + timeout

    def _pause(
        self, pause: float, deadline: float, lookout: Lookout | None = None, unready: Sequence[Resource] = ()
    ) -> float:
        seconds = max(0.0, min(pause, deadline - self._clock.monotonic()))
        if lookout is None:
            self._clock.sleep(seconds)
        else:
            lookout.wait(unready, seconds)
        return min(LONGEST_PAUSE, pause * 1.5)

    def _report(self, message: str, resources: Sequence[Resource]) -> WaitingReport:
        return WaitingReport(self._reporter, self._explainer, self._clock, message, resources)

    def _not_ready(self, message: str, resources: Sequence[Resource]) -> NotReady:
        """Return the error about objects that are not ready, with what keeps them."""
        return NotReady(message, hints=self._explainer.hints(resources), objects=_names(resources))

    def _watch(
        self,
        resources: Sequence[Resource],
        deadline: float,
        judge: Callable[..., readiness.Readiness],
        report: WaitingReport,
    ) -> None:
        """Wait as kstatus' status watcher does: until all are current, failed ones aside."""
        with looking_out(self._cluster, self._clock, resources) as lookout:
            self._await_all(resources, lookout, deadline, judge, report)

    def _await_all(
        self,
        resources: Sequence[Resource],
        lookout: Lookout,
        deadline: float,
        judge: Callable[..., readiness.Readiness],
        report: WaitingReport,
    ) -> None:
        pause = FIRST_PAUSE
        left = list(resources)
        failed: dict[int, readiness.Readiness] = {}
        while True:
            expired = self._clock.monotonic() >= deadline
            states = lookout.look(left, closely=expired)
            statuses = [self._judged(state, judge) for state in states]
            waiting = []
            for resource, state, status in zip(left, states, statuses, strict=True):
                report.note(resource, state, status)
                if status.status == "Failed":
                    failed[id(resource)] = status
                    waiting.append(resource)
                elif status.status != "Current":
                    failed.pop(id(resource), None)
                    waiting.append(resource)
                else:
                    failed.pop(id(resource), None)
            if all(id(resource) in failed for resource in waiting) or expired:
                break
            report.tell()
            # all must be ready at once; what needs no request is looked at again
            unready = set(map(id, waiting))
            left = [resource for resource in left if id(resource) in unready or lookout.sees(resource)]
            pause = self._pause(pause, deadline, lookout, waiting)
        by_resource = {id(resource): status for resource, status in zip(left, statuses, strict=True)}
        lines = [
            f"resource {_identity(resource)} not ready. status: {by_resource[id(resource)].status}, "
            f"message: {by_resource[id(resource)].message}"
            for resource in waiting
        ]
        if not lines:
            return
        if expired and len(failed) < len(waiting):
            lines.append("context deadline exceeded")
        raise self._not_ready("\n".join(lines), waiting)

    def _judged(
        self, state: Object | PilothouseError | None, judge: Callable[..., readiness.Readiness]
    ) -> readiness.Readiness:
        if state is None:
            return readiness.Readiness(status="NotFound", message="Resource not found")
        if isinstance(state, PilothouseError):
            if not isinstance(state, Unreachable):
                raise state
            return readiness.Readiness(status="Unknown", message=state.message)
        return judge(state, now=self._clock.now())

    def _poll_legacy(self, resources: Sequence[Resource], deadline: float, *, jobs: bool) -> None:
        """Poll as Helm 3 does: one object after the other, errors of the server forgiven for a while."""
        expired = self._clock.monotonic() >= deadline
        if self._helm3 and expired and any(resource.kind in _ASKED for resource in resources):
            raise self._not_ready("context deadline exceeded", self._unready(resources, jobs=jobs))
        errors = dict.fromkeys(range(len(resources)), 0)
        pause = FIRST_PAUSE
        report = self._report("waiting for objects to be ready", resources)
        while not self._all_ready(resources, errors, jobs=jobs):
            if self._clock.monotonic() >= deadline:
                raise self._not_ready("context deadline exceeded", self._unready(resources, jobs=jobs))
            if self._reporter.watched:
                self._note_all(report, resources, jobs=jobs)
            report.tell()
            pause = self._pause(pause, deadline)

    def _note_all(self, report: WaitingReport, resources: Sequence[Resource], *, jobs: bool) -> None:
        """Look at all objects for those who watch; the older rules stop at the first that is not ready."""
        judge = partial(readiness.kstatus, wait_for_jobs=jobs)
        for resource, state in zip(resources, live_objects(self._cluster, resources), strict=True):
            if not isinstance(state, PilothouseError):
                report.note(resource, state, self._judged(state, judge))

    def _unready(self, resources: Sequence[Resource], *, jobs: bool) -> list[Resource]:
        found = []
        for resource in resources:
            try:
                ready = self._is_ready(resource, jobs=jobs)
            except PilothouseError:
                ready = False
            if not ready:
                found.append(resource)
        return found

    def _all_ready(self, resources: Sequence[Resource], errors: dict[int, int], *, jobs: bool) -> bool:
        for index, resource in enumerate(resources):
            try:
                ready = self._is_ready(resource, jobs=jobs)
            except PilothouseError as error:
                if isinstance(error, NotReady):
                    raise
                errors[index] += 1
                if errors[index] > FORGIVEN_ERRORS or not _forgivable(error):
                    raise
                return False
            errors[index] = 0
            if not ready:
                return False
        return True

    def _is_ready(self, resource: Resource, *, jobs: bool) -> bool:
        live = self._cluster.get(resource.mapping, resource.namespace, resource.name)

        replica_set: Object | None = None
        pods: list[Object] = []
        if resource.kind == "Deployment":
            candidates = selected(self._cluster, "apps/v1", "ReplicaSet", live, resource.namespace)
            replica_set = newest_replica_set(live, candidates)
        elif resource.kind in ("ReplicaSet", "ReplicationController"):
            pods = selected(self._cluster, "v1", "Pod", live, resource.namespace)
        found = readiness.legacy(live, wait_for_jobs=jobs, replica_set=replica_set, pods=pods)
        if found.status == readiness.FAILED:
            raise self._not_ready(found.message, [resource])
        return found.status == readiness.CURRENT

    def _watch_legacy_hook(self, resources: Sequence[Resource], timeout: float) -> None:
        for resource in resources:
            if resource.kind not in ("Job", "Pod"):
                continue
            deadline = self._deadline(timeout, hook=True)
            with looking_out(self._cluster, self._clock, [resource]) as lookout:
                self._await_hook(resource, lookout, deadline)

    def _await_hook(self, resource: Resource, lookout: Lookout, deadline: float) -> None:
        pause = FIRST_PAUSE
        report = self._report("waiting for a hook", [resource])
        while not self._hook_ended(resource, lookout.look([resource])[0]):
            if self._clock.monotonic() >= deadline:
                raise self._not_ready("timed out waiting for the condition", [resource])
            report.tell()
            pause = self._pause(pause, deadline, lookout, [resource])

    def _hook_ended(self, resource: Resource, live: Object | PilothouseError | None) -> bool:
        if isinstance(live, PilothouseError):
            raise live
        if live is None:
            return True
        state = live.get("status") or {}
        if resource.kind == "Pod":
            if state.get("phase") == "Failed":
                raise self._hook_failed(f"pod {resource.name} failed", resource)
            return bool(state.get("phase") == "Succeeded")
        try:
            return has_job_ended(live, f"job {resource.name}")
        except HookFailed as error:
            raise self._hook_failed(error.message, resource) from error

    def _hook_failed(self, message: str, resource: Resource) -> HookFailed:
        return HookFailed(message, hints=self._explainer.hints([resource]), objects=_names([resource]))


def selected(cluster: Cluster, api_version: str, kind: str, owner: Object, namespace: str) -> list[Object]:
    """Return the objects of a kind that a workload's selector chooses."""
    selector = (owner.get("spec") or {}).get("selector")
    if owner.get("kind") == "ReplicationController":
        text = str(selectors.from_labels(selector or {}))
    else:
        text = str(selectors.from_object(selector))
    return cluster.list(cluster.mapping(api_version, kind), namespace, label_selector=text)


def has_job_ended(job: Object, called: str) -> bool:
    """Return whether a Job is complete.

    Raises:
        HookFailed: It failed; ``called`` is what the text calls it.
    """
    for condition in (job.get("status") or {}).get("conditions") or ():
        if condition.get("status") != "True":
            continue
        if condition.get("type") == "Complete":
            return True
        if condition.get("type") == "Failed":
            raise HookFailed(f"{called} failed: {condition.get('reason', '')}")
    return False


def _names(resources: Sequence[Resource]) -> tuple[tuple[str, str], ...]:
    return tuple((resource.kind, resource.name) for resource in resources)


def _identity(resource: Resource) -> str:
    return f"{resource.kind}/{resource.namespace}/{resource.name}"


def _is_paused(resource: Resource) -> bool:
    return resource.kind == "Deployment" and bool((resource.object.get("spec") or {}).get("paused"))


def _forgivable(error: PilothouseError) -> bool:
    """Whether Helm 3 tries again after this error (``isRetryableHTTPStatusCode``)."""
    code = getattr(error, "code", 0)
    return code in (0, 429) or (code >= 500 and code != 501)
