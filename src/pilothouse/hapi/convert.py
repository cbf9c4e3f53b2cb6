"""Between Helm 2's messages and Pilothouse's records.

A :class:`TillerRelease` keeps the message that it was read from: what our records have no place for (the texts of
values, results of tests, fields of later versions) goes through unchanged, and charts are only taken apart when they
are rendered.
"""

from __future__ import annotations

from pilothouse.charts.metadata import Maintainer, Metadata
from pilothouse.charts.model import Chart, ChartFile
from pilothouse.hapi.messages import ChartMessage, HookMessage, ReleaseMessage, StatusMessage, enum_name
from pilothouse.releases import release as statuses
from pilothouse.releases.release import Hook, HookExecution, Release, ReleaseInfo
from pilothouse.releases.times import format_time, parse_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.hapi.messages import Message

#: Statuses by the numbers of ``hapi.release.Status.Code``.
STATUSES = (
    statuses.UNKNOWN,
    statuses.DEPLOYED,
    statuses.UNINSTALLED,
    statuses.SUPERSEDED,
    statuses.FAILED,
    statuses.UNINSTALLING,
    statuses.PENDING_INSTALL,
    statuses.PENDING_UPGRADE,
    statuses.PENDING_ROLLBACK,
)
CODES = {status: code for code, status in enumerate(STATUSES)}
#: Events of hooks by the numbers of ``hapi.release.Hook.Event``.
EVENTS = (
    *("unknown", "pre-install", "post-install", "pre-delete", "post-delete", "pre-upgrade", "post-upgrade"),
    *("pre-rollback", "post-rollback", "test-success", "test-failure", "crd-install"),
)
#: Policies by the numbers of ``hapi.release.Hook.DeletePolicy``.
POLICIES = ("hook-succeeded", "hook-failed", "before-hook-creation")


class TillerHook(Hook):
    """A hook with what only Helm 2 knows of it.

    Attributes:
        delete_timeout: Seconds that the deletion of its object may take, 0 for not waiting.
        wire: The message it was read from.
    """

    delete_timeout: int = 0
    wire: Message = None


class TillerRelease(Release):
    """A release with the message it was read from; ``chart`` and ``config`` are only there.

    Attributes:
        wire: A ``hapi.release.Release``; never changed.
    """

    wire: Message = None

    @property
    def config_text(self) -> str:
        """The user's values as text."""
        return str(self.wire.config.raw)

    @property
    def chart_name(self) -> str:
        """Name of the chart."""
        return str(self.wire.chart.metadata.name)


def status_name(status: str) -> str:
    """Return what Helm 2 calls a status, such as ``PENDING_INSTALL``."""
    return enum_name(StatusMessage, "Code", CODES.get(status, 0))


# ── reading ────────────────────────────────────────────────────────────────────────────────────────────────────────


def release_from(message: Message) -> TillerRelease:
    """Return the release in a ``hapi.release.Release``."""
    info = message.info
    return TillerRelease(
        name=message.name,
        namespace=message.namespace,
        revision=message.version,
        info=ReleaseInfo(
            first_deployed=_time(info, "first_deployed"),
            last_deployed=_time(info, "last_deployed"),
            deleted=_time(info, "deleted"),
            description=info.Description,
            status=_name(STATUSES, info.status.code),
            notes=info.status.notes,
        ),
        manifest=message.manifest,
        hooks=tuple(map(_hook, message.hooks)),
        wire=message,
    )


def _time(owner: Message, field: str) -> str:
    if not owner.HasField(field):
        return ""
    stamp = getattr(owner, field)
    return format_time(stamp.seconds * 1_000_000_000 + stamp.nanos)


def _name(names: tuple[str, ...], number: int) -> str:
    return names[number] if 0 <= number < len(names) else names[0]


def _hook(message: Message) -> TillerHook:
    return TillerHook(
        name=message.name,
        kind=message.kind,
        path=message.path,
        manifest=message.manifest,
        events=tuple(_name(EVENTS, event) for event in message.events),
        last_run=HookExecution(completed=_time(message, "last_run")),
        weight=message.weight,
        delete_policies=tuple(POLICIES[policy] for policy in message.delete_policies if policy < len(POLICIES)),
        delete_timeout=message.delete_timeout,
        wire=message,
    )


def chart_from(message: Message) -> Chart:
    """Return the chart in a ``hapi.chart.Chart``; the text of its values is in ``raw``, and not read yet."""
    raw = (ChartFile(name="values.yaml", data=message.values.raw.encode()),) if message.HasField("values") else ()
    return Chart(
        metadata=_metadata(message.metadata),
        templates=tuple(ChartFile(name=one.name, data=one.data) for one in message.templates),
        files=tuple(ChartFile(name=one.type_url, data=one.value) for one in message.files),
        subcharts=tuple(map(chart_from, message.dependencies)),
        raw=raw,
    )


_METADATA = {
    "name": "name",
    "home": "home",
    "version": "version",
    "description": "description",
    "engine": "engine",
    "icon": "icon",
    "apiVersion": "api_version",
    "condition": "condition",
    "tags": "tags",
    "appVersion": "app_version",
    "deprecated": "deprecated",
    "tillerVersion": "tiller_version",
    "kubeVersion": "kube_version",
}


def _metadata(message: Message) -> Metadata:
    return Metadata(
        sources=tuple(message.sources),
        keywords=tuple(message.keywords),
        maintainers=tuple(Maintainer(name=one.name, email=one.email, url=one.url) for one in message.maintainers),
        annotations=dict(message.annotations) or None,
        **{ours: getattr(message, theirs) for theirs, ours in _METADATA.items()},
    )


# ── writing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def release_message(release: Release) -> Message:
    """Return the ``hapi.release.Release`` of a release.

    Args:
        release: A :class:`TillerRelease`; its message is the base, its fields go over it.
    """
    message = ReleaseMessage()
    before: Release | None = None
    if isinstance(release, TillerRelease) and release.wire is not None:
        message.CopyFrom(release.wire)
        before = release_from(release.wire)
    message.name = release.name
    message.namespace = release.namespace
    message.version = release.revision
    message.manifest = release.manifest
    if before is None or before.info != release.info:
        _set_info(message.info, release.info)
    if before is None or before.hooks != release.hooks:
        del message.hooks[:]
        message.hooks.extend(map(hook_message, release.hooks))
    return message


def _set_info(message: Message, info: ReleaseInfo) -> None:
    message.status.code = CODES.get(info.status, 0)
    message.status.notes = info.notes
    message.Description = info.description
    for name in ("first_deployed", "last_deployed", "deleted"):
        set_time(message, name, getattr(info, name))


def set_time(owner: Message, field: str, text: str) -> None:
    """Set a field of the type Timestamp to a record's time, none for the empty text."""
    if not text:
        owner.ClearField(field)
        return
    stamp = getattr(owner, field)
    stamp.seconds, stamp.nanos = divmod(parse_time(text), 1_000_000_000)
    stamp.SetInParent()


def hook_message(hook: Hook) -> Message:
    """Return the ``hapi.release.Hook`` of a hook."""
    message = HookMessage()
    if isinstance(hook, TillerHook):
        if hook.wire is not None:
            message.CopyFrom(hook.wire)
        message.delete_timeout = hook.delete_timeout
    message.name, message.kind, message.path, message.manifest = hook.name, hook.kind, hook.path, hook.manifest
    message.weight = hook.weight
    message.events[:] = [EVENTS.index(event) for event in hook.events if event in EVENTS]
    message.delete_policies[:] = [POLICIES.index(policy) for policy in hook.delete_policies if policy in POLICIES]
    set_time(message, "last_run", hook.last_run.completed)
    return message


def chart_message(chart: Chart) -> Message:
    """Return the ``hapi.chart.Chart`` of a chart, as a client sends it."""
    message = ChartMessage()
    metadata = chart.metadata
    for theirs, ours in _METADATA.items():
        setattr(message.metadata, theirs, getattr(metadata, ours))
    message.metadata.sources[:] = metadata.sources
    message.metadata.keywords[:] = metadata.keywords
    for one in metadata.maintainers:
        message.metadata.maintainers.add(name=one.name, email=one.email, url=one.url)
    message.metadata.annotations.update(metadata.annotations or {})
    for file in chart.templates:
        message.templates.add(name=file.name, data=file.data)
    for file in chart.files:
        message.files.add(type_url=file.name, value=file.data)
    for file in chart.raw:
        if file.name == "values.yaml":
            message.values.raw = file.data.decode()
            message.values.SetInParent()
    message.dependencies.extend(map(chart_message, chart.subcharts))
    return message
