"""Running a release's tests (``action.ReleaseTesting``)."""

from __future__ import annotations

from pilothouse.actions.apply_method import SERVER_SIDE
from pilothouse.actions.errors import OperationFailed
from pilothouse.apply.hooks import HookRun, HookRunner
from pilothouse.apply.logs import pod_logs, single_pod_log
from pilothouse.apply.waiting import Waiter
from pilothouse.errors import Invalid, PilothouseError
from pilothouse.plan.operations import ApplySettings
from pilothouse.records import Record
from pilothouse.releases.history import newest
from pilothouse.releases.names import is_valid_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.context import Context
    from pilothouse.releases.release import Hook, Release


class ReleaseTestOptions(Record):
    """How to test.

    Attributes:
        include: Names of the test hooks to run, empty for all (``--filter name=x``).
        exclude: Names of those to leave out (``--filter '!name=x'``).
        logs: Whether the logs of the tests' pods are read.
    """

    name: str
    timeout: float = 300.0
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    logs: bool = False


class ReleaseTestResult(Record):
    """What the tests came to.

    Attributes:
        release: The release with the hooks' last runs.
        error: Why the tests failed, ``None`` when they did not.
        logs: Pod, container and text of each log.
    """

    release: Release
    error: PilothouseError | None = None
    logs: tuple[tuple[str, str, str], ...] = ()


def test(context: Context, options: ReleaseTestOptions) -> ReleaseTestResult:
    """Run the test hooks of a release and store their runs; failing tests are part of the result.

    Raises:
        NotFound: There is no such release.
    """
    context.require_cluster()
    if not is_valid_name(options.name):
        raise Invalid(f"releaseTest: Release name is invalid: {options.name}")
    release = newest(context.store, options.name)
    chosen = [hook for hook in release.hooks if _is_chosen(hook, options)]
    skipped = [hook for hook in release.hooks if not _is_chosen(hook, options)]
    latest = release.replace(hooks=tuple(chosen))

    def remember(state: Release, stored: bool) -> None:  # noqa: FBT001
        nonlocal latest
        latest = state
        if stored:
            context.store.update(_with_skipped(state, skipped))

    strategy = "legacy" if context.helm3 else "watcher"
    waiter = Waiter(context.cluster, context.clock, context.reporter, strategy)
    runner = HookRunner(
        cluster=context.cluster,
        waiter=waiter,
        clock=context.clock,
        reporter=context.reporter,
        settings=ApplySettings(server_side=release.apply_method == SERVER_SIDE, timeout=options.timeout),
        remember=remember,
        compatibility=context.compatibility,
    )
    error: PilothouseError | None
    run: HookRun | None = None
    try:
        run = runner.run(latest, "test")
        error = run.error
    except PilothouseError as failure:
        error = failure
    except KeyboardInterrupt as stop:
        context.store.update(_with_skipped(latest, skipped))
        raise OperationFailed("context canceled", release=latest) from stop
    latest = _with_skipped(latest, skipped)
    try:
        context.store.update(latest)
    except PilothouseError as failure:
        error = error or failure
    logs, problem = _logs(context, latest, options) if options.logs else ((), None)
    error = _both(error, problem)
    if run is not None:
        try:
            run.clean_up()
        except PilothouseError as failure:
            error = error or failure
    return ReleaseTestResult(release=latest, error=error, logs=logs)


def _both(first: PilothouseError | None, second: PilothouseError | None) -> PilothouseError | None:
    """Return the errors that there are as one (``errors.Join``)."""
    if first is None or second is None:
        return first or second
    return OperationFailed(f"{first.message}\n{second.message}", hints=first.hints)


def _is_chosen(hook: Hook, options: ReleaseTestOptions) -> bool:
    return hook.name not in options.exclude and (not options.include or hook.name in options.include)


def _with_skipped(release: Release, skipped: list[Hook]) -> Release:
    return release.replace(hooks=(*skipped, *release.hooks))


def _logs(
    context: Context, release: Release, options: ReleaseTestOptions
) -> tuple[tuple[tuple[str, str, str], ...], PilothouseError | None]:
    """Read the logs of the tests' pods, in order of weight, until a pod's cannot be read (``GetPodLogs``)."""
    found: list[tuple[str, str, str]] = []
    for hook in sorted(release.hooks, key=lambda hook: (hook.weight, hook.name)):
        if "test" not in hook.events or hook.kind != "Pod" or not _is_chosen(hook, options):
            continue
        problems: list[str] = []
        try:
            if context.helm3:
                found.append((hook.name, "", single_pod_log(context.cluster, context.namespace, hook.name)))
                continue
            for container, log in pod_logs(context.cluster, context.namespace, hook.name):
                if isinstance(log, PilothouseError):
                    problems.append(log.message)
                else:
                    found.append((hook.name, container, log))
        except PilothouseError as error:
            problems.append(error.message)
        if problems:
            return tuple(found), OperationFailed("\n".join(problems), release=release)
    return tuple(found), None
