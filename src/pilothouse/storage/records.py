"""Release records: a release as the JSON text that Helm 3 and Helm 4 store, and the packed form of that text.

Field order and omissions are those of Go's ``encoding/json`` over Helm's structs. What a reader does not know is kept
and written again.
"""

from __future__ import annotations

import base64
import binascii

from pilothouse.charts.metadata import decode_lock, decode_metadata, encode_lock, encode_metadata
from pilothouse.charts.model import Chart, ChartFile
from pilothouse.errors import Invalid
from pilothouse.formats import json_text
from pilothouse.records import field
from pilothouse.releases.errors import RecordInvalid
from pilothouse.releases.release import Hook, HookExecution, Release, ReleaseInfo
from pilothouse.releases.times import format_time, parse_time
from pilothouse.storage.packing import pack, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pilothouse.golang.kinds import YamlValue

    Document = dict[str, YamlValue]

ZERO_TIME = "0001-01-01T00:00:00Z"

_RELEASE_FIELDS = frozenset(
    ("name", "info", "chart", "config", "manifest", "hooks", "version", "namespace", "apply_method"),
)
_INFO_FIELDS = frozenset(
    ("first_deployed", "last_deployed", "deleted", "description", "status", "rollback_revision", "notes"),
)
_HOOK_FIELDS = frozenset(
    (
        "name",
        "kind",
        "path",
        "manifest",
        "events",
        "last_run",
        "weight",
        "delete_policies",
        "output_log_policies",
    ),
)
_RUN_FIELDS = frozenset(("started_at", "completed_at", "phase"))


class Struct(dict[str, "YamlValue"]):
    """A JSON object whose fields keep their order, where maps are sorted."""

    go_kind = "struct"

    def go_json(self) -> Document:
        """Return the fields."""
        return dict(self)


class StoredChart(Chart):
    """A chart out of a record, written again as it was read, with what Pilothouse does not know of it.

    Attributes:
        document: The chart's part of the record.
    """

    document: Mapping[str, YamlValue] = field(default_factory=dict)

    def replace(self, **changes: YamlValue) -> Chart:  # type: ignore[override]  # a changed chart is no longer the stored one
        """Return a chart with ``changes``; it is written from its fields."""
        values = {name: getattr(self, name) for name in Chart._fields}
        values.update(changes)
        return Chart(**values)


# ── the stored form ──────────────────────────────────────────────────────────────────────────────────────────────────


def encode_packed(release: Release, *, compatibility: int = 4) -> str:
    """Return a release as it is stored."""
    return pack(encode(release, compatibility=compatibility))


def decode_packed(packed: str | bytes, labels: Mapping[str, str] | None = None, *, compatibility: int = 4) -> Release:
    """Return a stored release as a Helm generation knows it.

    Raises:
        RecordInvalid: It cannot be understood.
    """
    release = decode(unpack(packed), labels)
    return release if compatibility == 4 else as_known_to_helm3(release)


def as_known_to_helm3(release: Release) -> Release:
    """Return a release without what only Helm 4 records; Helm 3 does not see it, and writes its records without it."""
    return release.replace(apply_method="").with_info(rollback_revision=0)


# ── writing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def encode(release: Release, *, compatibility: int = 4) -> str:
    """Return the JSON of a release.

    Args:
        release: The release; its labels and subcharts are not part of the record.
        compatibility: The Helm generation whose form is written, 3 or 4.
    """
    return json_text.encode(document(release, compatibility=compatibility))


def document(release: Release, *, compatibility: int = 4) -> Document:
    """Return the record of a release as JSON values."""
    helm3 = compatibility == 3
    record = Struct()
    _add(record, "name", release.name)
    record["info"] = _info_document(release.info, helm3=helm3)
    if release.chart is not None:
        record["chart"] = chart_document(release.chart, compatibility=compatibility)
    _add(record, "config", dict(release.config))
    _add(record, "manifest", release.manifest)
    _add(record, "hooks", [_hook_document(hook, helm3=helm3) for hook in release.hooks])
    _add(record, "version", release.revision)
    _add(record, "namespace", release.namespace)
    _add(record, "apply_method", release.apply_method)
    record.update(release.extra)
    return record


def _add(record: Document, key: str, value: YamlValue) -> None:
    """Set a field unless it is empty (``omitempty``)."""
    if value:
        record[key] = value


def _add_time(record: Document, key: str, text: str, *, always: bool) -> None:
    if text or always:
        record[key] = text


def _info_document(info: ReleaseInfo, *, helm3: bool) -> Document:
    record = Struct()
    _add_time(record, "first_deployed", info.first_deployed, always=helm3)
    _add_time(record, "last_deployed", info.last_deployed, always=helm3)
    _add_time(record, "deleted", info.deleted, always=helm3)
    _add(record, "description", info.description)
    _add(record, "status", info.status)
    _add(record, "rollback_revision", info.rollback_revision)
    _add(record, "notes", info.notes)
    record.update(info.extra)
    return record


def _hook_document(hook: Hook, *, helm3: bool) -> Document:
    record = Struct()
    for key in ("name", "kind", "path", "manifest"):
        _add(record, key, getattr(hook, key))
    _add(record, "events", list(hook.events))
    run = record["last_run"] = Struct()
    _add_time(run, "started_at", hook.last_run.started, always=helm3)
    _add_time(run, "completed_at", hook.last_run.completed, always=helm3)
    run["phase"] = hook.last_run.phase
    run.update(hook.last_run.extra)
    _add(record, "weight", hook.weight)
    _add(record, "delete_policies", list(hook.delete_policies))
    _add(record, "output_log_policies", list(hook.output_log_policies))
    record.update(hook.extra)
    return record


def chart_document(chart: Chart, *, compatibility: int = 4) -> Document:
    """Return a chart as JSON values (``chart.Chart``); a chart that was read from a record as it was read."""
    helm3 = compatibility == 3
    if isinstance(chart, StoredChart):
        return _as_read(chart.document, helm3=helm3)
    record = Struct()
    record["metadata"] = _ordered(encode_metadata(chart.metadata))
    record["lock"] = None if chart.lock is None else _ordered(encode_lock(chart.lock))
    record["templates"] = _files_document(chart.templates, helm3=helm3)
    has_values_file = any(file.name == "values.yaml" for file in chart.raw)
    record["values"] = dict(chart.values) if chart.values or has_values_file else None
    record["schema"] = None if chart.schema is None else base64.b64encode(chart.schema).decode("ascii")
    if not helm3:
        record["schemamodtime"] = format_time(chart.schema_modified) if chart.schema_modified else ZERO_TIME
    record["files"] = _files_document(chart.files, helm3=helm3)
    modified = next((file.modified for file in chart.raw if file.name == "Chart.yaml"), 0)
    if modified and not helm3:
        record["modtime"] = format_time(modified)
    return record


_MAPS = ("annotations",)
#: Fields of a chart that only Helm 4 knows, and those with files, whose times only Helm 4 knows.
_TIMES = ("schemamodtime", "modtime")
_FILES = ("templates", "files")


def _ordered(value: YamlValue) -> YamlValue:
    """Return JSON values whose objects keep their order, but for those that are maps in Go."""
    if isinstance(value, dict):
        return Struct(
            (key, item if key in _MAPS or key == "import-values" else _ordered(item)) for key, item in value.items()
        )
    if isinstance(value, list):
        return [_ordered(item) for item in value]
    return value


def _as_read(stored: Mapping[str, YamlValue], *, helm3: bool) -> Document:
    """Return a chart's part of a record with its fields in the order they had, its values being sorted as maps are.

    What one generation does not know of the other's charts goes, and what it always writes comes.
    """
    record = Struct()
    for key, item in stored.items():
        if helm3 and key in _TIMES:
            continue
        record[key] = item if key == "values" else _ordered(_untimed(item) if helm3 and key in _FILES else item)
        if key == "schema" and not helm3 and "schemamodtime" not in stored:
            record["schemamodtime"] = ZERO_TIME
    return record


def _untimed(files: YamlValue) -> YamlValue:
    """Return files without the times at which they were changed, which only Helm 4 records."""
    if not isinstance(files, list):
        return files
    return [
        {key: value for key, value in file.items() if key != "modtime"} if isinstance(file, dict) else file
        for file in files
    ]


def _files_document(files: Sequence[ChartFile], *, helm3: bool) -> list[YamlValue] | None:
    if not files:
        return None
    records: list[YamlValue] = []
    for file in files:
        record = Struct(name=file.name, data=base64.b64encode(file.data).decode("ascii"))
        if file.modified and not helm3:
            record["modtime"] = format_time(file.modified)
        records.append(record)
    return records


# ── reading ────────────────────────────────────────────────────────────────────────────────────────────────────────


def decode(text: str | bytes, labels: Mapping[str, str] | None = None) -> Release:
    """Return the release in a record of Helm 3 or Helm 4; numbers in values are float64, as for Helm.

    Args:
        text: The JSON.
        labels: Labels of the record.

    Raises:
        RecordInvalid: It is no record.
    """
    try:
        record = json_text.decode(text)
    except Invalid as error:
        raise RecordInvalid(error.message) from error
    return from_document(record, labels)


def from_document(record: YamlValue, labels: Mapping[str, str] | None = None) -> Release:
    """Return the release in a record's JSON values.

    Raises:
        RecordInvalid: It is no record.
    """
    fields = _object(record, "release")
    chart = fields.get("chart")
    return Release(
        name=_text(fields, "name"),
        namespace=_text(fields, "namespace"),
        revision=_integer(fields, "version"),
        info=_info(_object(fields.get("info"), "info")),
        chart=None if chart is None else _chart(_object(chart, "chart")),
        config=_object(fields.get("config"), "config"),
        manifest=_text(fields, "manifest"),
        hooks=tuple(_hook(_object(hook, "hook")) for hook in _items(fields, "hooks")),
        labels=dict(labels or {}),
        apply_method=_text(fields, "apply_method"),
        extra=_unknown(fields, _RELEASE_FIELDS),
    )


def _unknown(fields: Document, known: frozenset[str]) -> Document:
    return {key: value for key, value in fields.items() if key not in known}


def _object(value: YamlValue, what: str) -> Document:
    if value is None:
        return {}
    if isinstance(value, dict):
        return value
    raise RecordInvalid(f"the {what} of a release record is no JSON object")


def _items(fields: Document, key: str) -> list[YamlValue]:
    value = fields.get(key)
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise RecordInvalid(f'the field "{key}" of a release record is no JSON array')


def _text(fields: Document, key: str) -> str:
    value = fields.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    raise RecordInvalid(f'the field "{key}" of a release record is no JSON string')


def _integer(fields: Document, key: str) -> int:
    value = fields.get(key)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, float | int) or int(value) != value:
        raise RecordInvalid(f'the field "{key}" of a release record is no whole number')
    return int(value)


def _time(fields: Document, key: str) -> str:
    """Return a time; the zero time of either generation is the empty text."""
    text = _text(fields, key)
    return "" if text == ZERO_TIME else text


def _texts(fields: Document, key: str) -> tuple[str, ...]:
    items = _items(fields, key)
    if not all(isinstance(item, str) for item in items):
        raise RecordInvalid(f'the field "{key}" of a release record holds something other than JSON strings')
    return tuple(items)


def _info(fields: Document) -> ReleaseInfo:
    return ReleaseInfo(
        first_deployed=_time(fields, "first_deployed"),
        last_deployed=_time(fields, "last_deployed"),
        deleted=_time(fields, "deleted"),
        description=_text(fields, "description"),
        status=_text(fields, "status"),
        rollback_revision=_integer(fields, "rollback_revision"),
        notes=_text(fields, "notes"),
        extra=_unknown(fields, _INFO_FIELDS),
    )


def _hook(fields: Document) -> Hook:
    run = _object(fields.get("last_run"), "last_run")
    return Hook(
        name=_text(fields, "name"),
        kind=_text(fields, "kind"),
        path=_text(fields, "path"),
        manifest=_text(fields, "manifest"),
        events=_texts(fields, "events"),
        last_run=HookExecution(
            started=_time(run, "started_at"),
            completed=_time(run, "completed_at"),
            phase=_text(run, "phase"),
            extra=_unknown(run, _RUN_FIELDS),
        ),
        weight=_integer(fields, "weight"),
        delete_policies=_texts(fields, "delete_policies"),
        output_log_policies=_texts(fields, "output_log_policies"),
        extra=_unknown(fields, _HOOK_FIELDS),
    )


def _chart(fields: Document) -> StoredChart:
    lock = fields.get("lock")
    try:
        metadata = decode_metadata(_object(fields.get("metadata"), "chart's metadata"))
        decoded_lock = None if lock is None else decode_lock(_object(lock, "chart's lock"))
    except Invalid as error:
        raise RecordInvalid(error.message) from error
    return StoredChart(
        metadata=metadata,
        lock=decoded_lock,
        templates=_files(fields, "templates"),
        values=_object(fields.get("values"), "chart's values"),
        schema=_bytes(fields, "schema") if fields.get("schema") is not None else None,
        files=_files(fields, "files"),
        schema_modified=parse_time(_time(fields, "schemamodtime")),
        document=fields,
    )


def _files(fields: Document, key: str) -> tuple[ChartFile, ...]:
    records = [_object(item, "chart's file") for item in _items(fields, key)]
    return tuple(
        ChartFile(
            name=_text(record, "name"),
            data=_bytes(record, "data"),
            modified=parse_time(_time(record, "modtime")),
        )
        for record in records
    )


def _bytes(fields: Document, key: str) -> bytes:
    try:
        return base64.b64decode(_text(fields, key), validate=True)
    except (binascii.Error, ValueError) as error:
        raise RecordInvalid(f'the field "{key}" of a release record is no base64') from error
