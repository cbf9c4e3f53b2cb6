"""Running a release's tests by Helm 2's rules (``ReleaseServer.RunReleaseTest``)."""

from __future__ import annotations

import queue
import threading

from pilothouse.actions.errors import InvalidOptions
from pilothouse.actions.tiller_context import TillerContext, check_name
from pilothouse.apply.logs import pod_logs
from pilothouse.apply.tiller_manifests import build
from pilothouse.charts.decoding import DecodingError
from pilothouse.errors import PilothouseError
from pilothouse.formats.errors import YamlError
from pilothouse.hapi.convert import TillerRelease, set_time
from pilothouse.hapi.messages import TestRunMessage, TestSuiteMessage, copy_of
from pilothouse.records import Record
from pilothouse.releases.times import timestamp
from pilothouse.render.manifests import HOOK_ANNOTATION, decode_head, split_documents

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pilothouse.hapi.messages import Message

UNKNOWN, SUCCESS, FAILURE, RUNNING = range(4)
DEFAULT_PARALLEL = 20
_SUCCESS_EVENT, _FAILURE_EVENT = "test-success", "test-failure"


class TillerTestOptions(Record):
    """How to test; fields of ``TestReleaseRequest``."""

    name: str
    timeout: float = 300.0
    cleanup: bool = False
    parallel: bool = False
    max_parallel: int = 0
    logs: bool = False


class TestMessage(Record):
    """One line of the stream and what it means."""

    __test__ = False

    text: str
    status: int


class _Test:
    """One pod, what is expected of it, and what became of it."""

    __slots__ = ("expects_success", "manifest", "name", "result")

    def __init__(self, manifest: str) -> None:
        self.manifest = manifest
        try:
            head = decode_head(manifest, helm=3)
        except (YamlError, DecodingError) as error:
            raise InvalidOptions(error.message) from error
        if head.kind != "Pod":
            raise InvalidOptions(f"{head.name} is not a pod")
        self.name = head.name.rstrip("/")
        events = [event.strip().lower() for event in (head.annotations or {}).get(HOOK_ANNOTATION, "").split(",")]
        known = [event for event in events if event in (_SUCCESS_EVENT, _FAILURE_EVENT)]
        if not known:
            raise InvalidOptions(f"No {HOOK_ANNOTATION} type found for resource: {head.name}")
        self.expects_success = known[0] == _SUCCESS_EVENT
        self.result = TestRunMessage(name=self.name)


def run_tests(context: TillerContext, options: TillerTestOptions) -> Iterator[TestMessage]:
    """Run the tests of the newest revision, yield what happens, and store the results.

    Raises:
        NotFound: There is no such release.
        InvalidOptions: A test is not a pod.
    """
    check_name(options.name)
    release = context.last(options.name)
    context.log(f"running tests for release {release.name}")
    suite = TestSuiteMessage()
    set_time(suite, "started_at", timestamp(context.clock))
    manifests = [
        text
        for hook in release.hooks
        for event in hook.events
        if event in (_SUCCESS_EVENT, _FAILURE_EVENT)
        for text in split_documents(hook.manifest, helm=3)
    ]
    if not manifests:
        yield TestMessage(text="No Tests Found", status=UNKNOWN)
    tests = [_Test(manifest) for manifest in manifests]
    if options.parallel:
        yield from _run_parallel(context, release, tests, options)
    else:
        for test in tests:
            yield from _run(context, release, test, options)
    suite.results.extend(test.result for test in tests)
    set_time(suite, "completed_at", timestamp(context.clock))
    if options.logs:
        yield from _logs(context, release, tests)
    if options.cleanup:
        yield from _clean_up(context, release, tests)
    _store(context, release, suite)


def _run(
    context: TillerContext, release: TillerRelease, test: _Test, options: TillerTestOptions
) -> Iterator[TestMessage]:
    result = test.result
    set_time(result, "started_at", timestamp(context.clock))
    yield TestMessage(text=f"RUNNING: {test.name}", status=RUNNING)
    result.status = RUNNING
    yield _ended(context, release, test, options)
    set_time(result, "completed_at", timestamp(context.clock))


def _ended(context: TillerContext, release: TillerRelease, test: _Test, options: TillerTestOptions) -> TestMessage:
    result = test.result
    objects = context.objects()
    try:
        objects.create(test.manifest, release.namespace)
    except PilothouseError as error:
        result.info, result.status = error.message, FAILURE
        return TestMessage(text=f"ERROR: {error.message}", status=FAILURE)
    try:
        (resource,) = build(context.cluster, test.manifest, release.namespace)
        phase = objects.waiter.wait_for_pod(resource, options.timeout)
    except PilothouseError as error:
        result.info, result.status = error.message, UNKNOWN
        return TestMessage(text=f"ERROR: {error.message}", status=FAILURE)
    if (phase == "Succeeded") == test.expects_success:
        result.status = SUCCESS
        return TestMessage(text=f"PASSED: {test.name}", status=SUCCESS)
    result.status = FAILURE
    more = f"run `kubectl logs {test.name} --namespace {release.namespace}` for more info"
    return TestMessage(text=f"FAILED: {test.name}, {more}", status=FAILURE)


def _run_parallel(
    context: TillerContext, release: TillerRelease, tests: list[_Test], options: TillerTestOptions
) -> Iterator[TestMessage]:
    """Run up to ``max_parallel`` tests at once; their messages come as they happen."""
    messages: queue.SimpleQueue[TestMessage | BaseException | None] = queue.SimpleQueue()
    waiting = iter(tests)
    lock = threading.Lock()

    def work() -> None:
        try:
            while True:
                with lock:
                    test = next(waiting, None)
                if test is None:
                    break
                for message in _run(context, release, test, options):
                    messages.put(message)
        except BaseException as error:  # noqa: BLE001 - raised again by the thread that reads
            messages.put(error)
        messages.put(None)

    count = min(options.max_parallel or DEFAULT_PARALLEL, len(tests))
    for _ in range(count):
        threading.Thread(target=work, daemon=True).start()
    left = count
    while left:
        message = messages.get()
        if message is None:
            left -= 1
        elif isinstance(message, BaseException):
            raise message
        else:
            yield message


def _logs(context: TillerContext, release: TillerRelease, tests: list[_Test]) -> Iterator[TestMessage]:
    for test in tests:
        try:
            logs = [log for _, log in pod_logs(context.cluster, release.namespace, test.name)]
        except PilothouseError as error:
            logs = [error]
        failed = next((log for log in logs if isinstance(log, PilothouseError)), None)
        if failed is not None:
            yield TestMessage(text=f"ERROR: {failed.message}", status=FAILURE)
            continue
        text = "".join(map(str, logs))
        doubled = text.replace("%", "%%")
        yield TestMessage(text=f"\nPOD LOGS: {test.name}\n{doubled}", status=RUNNING)


def _clean_up(context: TillerContext, release: TillerRelease, tests: list[_Test]) -> Iterator[TestMessage]:
    for test in tests:
        try:
            context.objects().delete(test.manifest, release.namespace)
        except PilothouseError as error:
            yield TestMessage(text=f"ERROR: {error.message}", status=FAILURE)


def _store(context: TillerContext, release: TillerRelease, suite: Message) -> None:
    wire = copy_of(release.wire)
    wire.info.status.last_test_suite_run.CopyFrom(suite)
    try:
        context.store.update(release.replace(wire=wire))
    except PilothouseError as error:
        context.log(f"test: Failed to store updated release: {error.message}")
