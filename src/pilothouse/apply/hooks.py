"""Running a release's hooks (``action.Configuration.execHook``)."""

from __future__ import annotations

from functools import partial

from pilothouse.apply.changes import create_resource, delete_resource
from pilothouse.apply.errors import ApplyFailed, BadManifest, HookFailed, joined_errors
from pilothouse.apply.logs import container_logs
from pilothouse.apply.manifests import build_resources
from pilothouse.apply.waiting import Waiter
from pilothouse.errors import NotFound, PilothouseError
from pilothouse.releases.hooks import (
    BEFORE_HOOK_CREATION,
    FAILED,
    HOOK_FAILED,
    HOOK_SUCCEEDED,
    RUNNING,
    SUCCEEDED,
    UNKNOWN_PHASE,
    delete_policies,
    is_deleted_at,
    logs_at,
)
from pilothouse.releases.release import HookExecution
from pilothouse.releases.times import timestamp

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pilothouse.apply.cluster import Cluster
    from pilothouse.clock import Clock
    from pilothouse.plan.operations import ApplySettings
    from pilothouse.progress import Reporter
    from pilothouse.releases.release import Hook, Release


class HookRun:
    """What running the hooks of an event came to.

    Attributes:
        release: The release with the hooks' last runs.
        clean_up: Outputs logs and deletes objects as the hooks' policies ask.
        error: Why a hook failed, ``None`` when all succeeded.
    """

    __slots__ = ("clean_up", "error", "release")

    def __init__(self, release: Release, clean_up: Callable[[], None], error: PilothouseError | None = None) -> None:
        self.release = release
        self.clean_up = clean_up
        self.error = error


class HookRunner:
    """Runs hooks of a release, one after the other.

    Args:
        cluster: Where they run.
        waiter: Waits for their end.
        clock: Dates their runs.
        reporter: Hears of them, and of their logs.
        settings: How their objects are created.
        remember: Takes each new state of the release and stores it where it has a record.
        compatibility: Helm generation to follow where they differ.
    """

    def __init__(
        self,
        *,
        cluster: Cluster,
        waiter: Waiter,
        clock: Clock,
        reporter: Reporter,
        settings: ApplySettings,
        remember: Callable[[Release, bool], None],
        compatibility: int,
    ) -> None:
        self._cluster = cluster
        # Helm 3 watches hooks, and waits until they are deleted, whether or not --wait is given.
        if compatibility == 3:
            waiter = Waiter(cluster, clock, reporter, "legacy", compatibility=3)
        self._waiter = waiter
        self._clock = clock
        self._reporter = reporter
        self._settings = settings
        self._remember = remember
        self._compatibility = compatibility

    def run(self, release: Release, event: str) -> HookRun:
        """Run the hooks of an event until one fails.

        The clean-up that the delete policies ask for is left to the caller, who may want the logs first
        (``execHookWithDelayedShutdown``).

        Raises:
            PilothouseError: A hook's objects of an earlier run could not be deleted, or not be made.
        """
        chosen = [index for index, hook in enumerate(release.hooks) for one in hook.events if one == event]
        chosen.sort(key=lambda index: (release.hooks[index].weight, release.hooks[index].name))
        done: list[Hook] = []
        for index in chosen:
            hook = release.hooks[index]
            hook = hook.replace(delete_policies=delete_policies(hook))
            self._delete_by_policy(hook, BEFORE_HOOK_CREATION, release.namespace)
            release, error = self._run_one(_with_hook(release, index, hook), index, event)
            if error is not None:
                clean_up = partial(self._clean_up_failed, release.hooks[index], done, release.namespace)
                return HookRun(release, clean_up, error)
            done.append(release.hooks[index])
        return HookRun(release, partial(self._clean_up_succeeded, done, release.namespace))

    def clear(self, release: Release, events: Sequence[str]) -> None:
        """Delete the objects of hooks that were interrupted, where their policies want them gone after they ran.

        Raises:
            PilothouseError: Some could not be deleted.
        """
        for hook in release.hooks:
            if any(event in events for event in hook.events):
                policy = HOOK_SUCCEEDED if is_deleted_at(hook, HOOK_SUCCEEDED) else HOOK_FAILED
                self._delete_by_policy(hook, policy, release.namespace)

    def _run_one(self, release: Release, index: int, event: str) -> tuple[Release, PilothouseError | None]:
        """Create one hook's objects and wait for their end; only a failure to end well is returned."""
        hook = release.hooks[index]
        try:
            resources = build_resources(self._cluster, hook.manifest, release.namespace, validate=True)
        except BadManifest as error:
            text = f"unable to build kubernetes object for {event} hook {hook.path}: {error.message}"
            raise BadManifest(text, hints=error.hints) from error
        started = timestamp(self._clock)
        self._reporter.report("progress", "running hook", hook=hook.path, event=event)
        release = _with_run(release, index, HookExecution(started=started, phase=RUNNING))
        self._remember(release, True)
        try:
            for resource in resources:
                create_resource(self._cluster, resource, self._settings, force=False)
        except PilothouseError as error:
            self._remember(self._ended(release, index, started, FAILED), False)
            reason = joined_errors([error.message], compatibility=self._compatibility)
            text = f"warning: Hook {event} {hook.path} failed: {reason}"
            raise HookFailed(text, hints=error.hints) from error
        phase, failure = SUCCEEDED, None
        try:
            self._waiter.wait_for_hook(resources, self._settings.timeout)
        except PilothouseError as error:
            phase, failure = FAILED, self._listed(error)
        except KeyboardInterrupt:
            self._remember(self._ended(release, index, started, UNKNOWN_PHASE), False)
            raise
        release = self._ended(release, index, started, phase)
        self._remember(release, False)
        return release, failure

    def _listed(self, error: PilothouseError) -> PilothouseError:
        """Return why a hook failed; Helm 3 makes a list of it."""
        if self._compatibility != 3:
            return error
        text = joined_errors([error.message], compatibility=3)
        listed = HookFailed(text, hints=error.hints, objects=getattr(error, "objects", ()))
        listed.__cause__ = error
        return listed

    def _ended(self, release: Release, index: int, started: str, phase: str) -> Release:
        run = HookExecution(started=started, completed=timestamp(self._clock), phase=phase)
        return _with_run(release, index, run)

    def _clean_up_failed(self, failed: Hook, before: Sequence[Hook], namespace: str) -> None:
        self._output_logs(failed, HOOK_FAILED, namespace)
        try:
            self._delete_by_policy(failed, HOOK_FAILED, namespace)
        except PilothouseError as error:
            self._reporter.warning("error deleting the hook resource on hook failure", error=error.message)
        if self._compatibility > 3:
            for hook in before:
                self._delete_by_policy(hook, HOOK_SUCCEEDED, namespace)

    def _clean_up_succeeded(self, done: Sequence[Hook], namespace: str) -> None:
        for hook in reversed(done):
            self._output_logs(hook, HOOK_SUCCEEDED, namespace)
            self._delete_by_policy(hook, HOOK_SUCCEEDED, namespace)

    def _delete_by_policy(self, hook: Hook, policy: str, namespace: str) -> None:
        """Delete a hook's objects if its policy says so; CRDs never (``deleteHookByPolicy``)."""
        if not is_deleted_at(hook, policy):
            return
        try:
            resources = build_resources(self._cluster, hook.manifest, namespace)
        except BadManifest as error:
            text = f"unable to build kubernetes object for deleting hook {hook.path}: {error.message}"
            raise BadManifest(text) from error
        problems = []
        for resource in resources:
            try:
                delete_resource(self._cluster, resource, "Background")
            except NotFound:
                continue
            except PilothouseError as error:
                problems.append(error.message)
        if problems:
            raise ApplyFailed("; ".join(problems))
        self._waiter.wait_until_gone(resources, self._settings.timeout)

    def _output_logs(self, hook: Hook, policy: str, namespace: str) -> None:
        if not logs_at(hook, policy) or hook.kind not in ("Job", "Pod"):
            return
        try:
            for text in container_logs(self._cluster, hook, namespace):
                self._reporter.report("log", text)
        except PilothouseError as error:
            self._reporter.warning("error outputting logs for hook", error=error.message)


def _with_hook(release: Release, index: int, hook: Hook) -> Release:
    hooks = list(release.hooks)
    hooks[index] = hook
    return release.replace(hooks=tuple(hooks))


def _with_run(release: Release, index: int, run: HookExecution) -> Release:
    return _with_hook(release, index, release.hooks[index].replace(last_run=run))
