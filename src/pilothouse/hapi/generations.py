"""Between the releases of Helm 2 and those of Helm 3 and 4.

What only one side knows is kept where it can be: Helm 2's hook events and timeouts in Helm 3's record, and all of a
Helm 3 release in the :class:`AdoptedRelease` that Helm 2's clients see. Subcharts are lost on the way to Helm 3, whose
records never hold them; manifest and hooks are whole on either side.
"""

from __future__ import annotations

from pilothouse.charts.load import decode_file
from pilothouse.charts.metadata import decode_lock, decode_metadata
from pilothouse.charts.model import Chart
from pilothouse.errors import Invalid
from pilothouse.formats.yaml_text import encode
from pilothouse.hapi.convert import TillerHook, TillerRelease, chart_from, chart_message, set_time
from pilothouse.hapi.messages import ReleaseMessage, TestSuiteMessage, copy_of
from pilothouse.releases.release import Hook, HookExecution, Release
from pilothouse.releases.times import format_time
from pilothouse.values.helm2 import read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.hapi.messages import Message

#: The one event that the generations call by different names.
_TEST_2, _TEST_3 = "test-success", "test"
_TESTS = frozenset((_TEST_3, "test-failure"))
#: Phases of Helm 3's hooks by the numbers of ``hapi.release.TestRun.Status``.
_PHASES = ("Unknown", "Succeeded", "Failed", "Running")
#: A field of a hook in Helm 3's record that Helm itself passes over.
_DELETE_TIMEOUT = "delete_timeout"


class AdoptedRelease(TillerRelease):
    """A release of Helm 3 as Helm 2's clients see it.

    Attributes:
        origin: The release as Helm 3 has it.
    """

    origin: Release


# ── from Helm 2 ────────────────────────────────────────────────────────────────────────────────────────────────────


def to_helm3(release: TillerRelease) -> Release:
    """Return a release as Helm 3 keeps it.

    Raises:
        Invalid: Its values or requirements cannot be read.
    """
    if isinstance(release, AdoptedRelease):
        return _continued(release, release.origin)
    try:
        return Release(
            name=release.name,
            namespace=release.namespace,
            revision=release.revision,
            info=release.info,
            chart=_chart_of_helm3(chart_from(release.wire.chart)),
            config=read_values(release.config_text),
            manifest=release.manifest,
            hooks=_hooks_of_helm3(release),
        )
    except Invalid as error:
        raise error.prefixed(f"release {release.name}.v{release.revision}: ") from error


def _continued(release: AdoptedRelease, origin: Release) -> Release:
    """Return a release of Helm 3 with what Helm 2's side did to it: all that it does not know stays."""
    told = release.info
    hooks = _hooks_of_helm3(release)
    if len(hooks) == len(origin.hooks):
        hooks = tuple(ours.replace(last_run=theirs.last_run) for ours, theirs in zip(origin.hooks, hooks, strict=True))
    return origin.replace(
        name=release.name,
        namespace=release.namespace,
        revision=release.revision,
        manifest=release.manifest,
        hooks=hooks,
        journal=None,  # whatever another command had begun, Tiller has gone on
        # what Tiller makes is never applied by the server, and Helm 4 goes on as the last revision was applied
        apply_method=origin.apply_method if release.revision == origin.revision else "",
        info=origin.info.replace(
            first_deployed=told.first_deployed,
            last_deployed=told.last_deployed,
            deleted=told.deleted,
            description=told.description,
            status=told.status,
            notes=told.notes,
        ),
    )


def _chart_of_helm3(chart: Chart) -> Chart:
    """Return a chart as Helm 3 loads it: with its version of the API, its requirements in its metadata, its values."""
    metadata, lock = chart.metadata, None
    if not metadata.api_version:
        metadata = metadata.replace(api_version="v1")
    for file in chart.files:
        if file.name == "requirements.yaml":
            metadata = decode_metadata(decode_file(file.data), base=metadata)
        elif file.name == "requirements.lock":
            lock = decode_lock(decode_file(file.data))
    values = read_values(chart.raw[0].data.decode()) if chart.raw else {}
    return chart.replace(metadata=metadata, lock=lock, values=values, subcharts=())


def _hooks_of_helm3(release: TillerRelease) -> tuple[Hook, ...]:
    results = {result.name: result for result in release.wire.info.status.last_test_suite_run.results}
    return tuple(_hook_of_helm3(hook, results.get(hook.name)) for hook in release.hooks)


def _hook_of_helm3(hook: Hook, result: Message) -> Hook:
    timeout = getattr(hook, "delete_timeout", 0)
    last_run = hook.last_run
    if result is not None:
        phase = _PHASES[result.status] if 0 <= result.status < len(_PHASES) else _PHASES[0]
        last_run = HookExecution(
            started=_time(result, "started_at"), completed=_time(result, "completed_at"), phase=phase
        )
    return Hook(
        name=hook.name,
        kind=hook.kind,
        path=hook.path,
        manifest=hook.manifest,
        events=tuple(_TEST_3 if event == _TEST_2 else event for event in hook.events),
        last_run=last_run,
        weight=hook.weight,
        delete_policies=hook.delete_policies,
        extra={_DELETE_TIMEOUT: float(timeout)} if timeout else {},
    )


def _time(result: Message, field: str) -> str:
    if not result.HasField(field):
        return ""
    stamp = getattr(result, field)
    return format_time(stamp.seconds * 1_000_000_000 + stamp.nanos)


# ── from Helm 3 ────────────────────────────────────────────────────────────────────────────────────────────────────


def to_helm2(release: Release) -> AdoptedRelease:
    """Return a release as Helm 2's clients see it."""
    wire = ReleaseMessage()
    if release.chart is not None:
        wire.chart.CopyFrom(chart_message(release.chart))
        wire.chart.values.raw = encode(dict(release.chart.values)) if release.chart.values else ""
    wire.config.raw = encode(dict(release.config)) if release.config else ""
    wire.info.SetInParent()
    suite = _suite(release)
    if suite is not None:
        wire.info.status.last_test_suite_run.CopyFrom(suite)
    return AdoptedRelease(
        name=release.name,
        namespace=release.namespace,
        revision=release.revision,
        info=release.info,
        manifest=release.manifest,
        hooks=tuple(map(_hook_of_helm2, release.hooks)),
        wire=copy_of(wire),
        origin=release,
    )


def _hook_of_helm2(hook: Hook) -> TillerHook:
    return TillerHook(
        name=hook.name,
        kind=hook.kind,
        path=hook.path,
        manifest=hook.manifest,
        events=tuple(_TEST_2 if event == _TEST_3 else event for event in hook.events),
        last_run=hook.last_run,
        weight=hook.weight,
        delete_policies=hook.delete_policies,
        delete_timeout=int(hook.extra.get(_DELETE_TIMEOUT) or 0),
    )


def _suite(release: Release) -> Message | None:
    """Return what the last runs of test hooks say, none when no test ran."""
    suite = TestSuiteMessage()
    for hook in release.hooks:
        if not _TESTS.isdisjoint(hook.events) and hook.last_run.phase in _PHASES:
            result = suite.results.add(name=hook.name, status=_PHASES.index(hook.last_run.phase))
            set_time(result, "started_at", hook.last_run.started)
            set_time(result, "completed_at", hook.last_run.completed)
    if not suite.results:
        return None
    ran = [hook.last_run for hook in release.hooks if hook.last_run.phase]
    set_time(suite, "started_at", min(run.started for run in ran))
    set_time(suite, "completed_at", max(run.completed for run in ran))
    return suite
