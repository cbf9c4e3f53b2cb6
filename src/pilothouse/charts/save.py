"""Charts as archives and folders (``chartutil.Save`` and ``SaveDir``).

The archive is the same for the same chart: times come from the files, or from one given time.
"""

from __future__ import annotations

import os
import zlib

from pilothouse.charts.archive import quoted
from pilothouse.charts.errors import ChartInvalid, MetadataInvalid
from pilothouse.charts.files import make_folder, write_file
from pilothouse.charts.metadata import encode_lock, encode_metadata
from pilothouse.charts.validate import base_name, validated

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pilothouse.charts.metadata import Metadata
    from pilothouse.charts.model import Chart

_EXTRA = b"rr(\x00aHR0cHM6Ly95b3V0dS5iZS96OVV6MWljandyTQo="
_SECOND = 1_000_000_000
_BLOCK = 512
_FILE_MODE = 0o644


def save(chart: Chart, folder: str, *, now: float, source_date: int | None = None, helm: int = 4) -> str:
    """Write ``NAME-VERSION.tgz`` into ``folder``, which is made when missing, and return its path.

    The file appears only when it is complete.

    Args:
        chart: What to pack.
        folder: Where to put it.
        now: Time in seconds for entries whose own time is unknown.
        source_date: Time in seconds for every entry (``SOURCE_DATE_EPOCH``).
        helm: Whose rules and texts to follow.

    Raises:
        ChartInvalid: The chart is not valid or cannot be written.
    """
    if helm == 2:
        from pilothouse.charts.helm2 import check_for_saving

        check_for_saving(chart.metadata)
    try:
        chart = chart if helm == 2 else chart.replace(metadata=validated(chart.metadata, helm=helm))
    except MetadataInvalid as error:
        raise ChartInvalid(f"chart validation: {error.message}") from error
    path = os.path.join(folder, f"{chart.name}-{chart.metadata.version}.tgz")
    data = pack(chart, now=now, source_date=source_date, helm=helm)
    _make_folder(os.path.dirname(path) or ".")
    write_file(path, data)
    return path


def pack(chart: Chart, *, now: float, source_date: int | None = None, helm: int = 4) -> bytes:
    """Return the bytes of the chart's archive; the parameters are those of :func:`save`."""
    parts: list[bytes] = []
    for name, data, modified in _entries(chart, "", source_date, helm):
        nanoseconds = int(now * _SECOND) if helm < 4 or modified == 0 else modified
        seconds = source_date if source_date is not None else (nanoseconds + _SECOND // 2) // _SECOND
        parts += (_header(name, len(data), seconds), data, bytes(-len(data) % _BLOCK))
    parts.append(bytes(2 * _BLOCK))
    return _gzip(b"".join(parts))


def encode_chart_file(metadata: Metadata, *, helm: int = 4) -> str:
    """Return ``metadata`` as the text of a Chart.yaml; charts of Helm 2 keep dependencies elsewhere."""
    from pilothouse.formats.yaml_text import encode

    if helm == 2:
        from pilothouse.charts.helm2 import chart_document

        return encode(chart_document(metadata))
    if metadata.api_version == "v1":
        metadata = metadata.replace(dependencies=())
    return encode(encode_metadata(metadata))


def _entries(chart: Chart, prefix: str, source_date: int | None, helm: int) -> Iterator[tuple[str, bytes, int]]:
    """Yield path, content and time of every file, in Helm's order (``writeTarContents``)."""
    _check_name(chart.name)
    base = f"{prefix}{chart.name}/"
    times = {file.name: file.modified for file in chart.raw}
    yield (
        f"{base}Chart.yaml",
        encode_chart_file(chart.metadata, helm=helm).encode("utf-8", "surrogateescape"),
        times.get("Chart.yaml", 0),
    )
    if chart.metadata.api_version == "v2" and chart.lock is not None:
        from pilothouse.formats.yaml_text import encode

        lock = chart.lock if source_date is None else chart.lock.replace(generated=_date(source_date))
        fields = encode_lock(lock)
        if not lock.dependencies and not any(
            b"dependencies:" in file.data for file in chart.raw if "lock" in file.name
        ):
            fields["dependencies"] = None
        text = encode(fields).encode("utf-8", "surrogateescape")
        yield f"{base}Chart.lock", text, _time_of(lock.generated)
    for file in chart.raw:
        if file.name == "values.yaml":
            yield base + file.name, file.data, file.modified
    if chart.schema is not None and helm != 2:
        _check_schema(chart.schema, helm)
        yield f"{base}values.schema.json", chart.schema, chart.schema_modified
    for file in (*chart.templates, *chart.files):
        yield base + file.name, file.data, file.modified
    for subchart in chart.subcharts:
        yield from _entries(subchart, f"{base}charts/", source_date, helm)


def _date(seconds: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _check_name(name: str) -> None:
    """Refuse a name that would lead out of the folder (CVE-2024-25620)."""
    if base_name(name) != name:
        raise ChartInvalid(f"{quoted(name)} is not a valid chart name")


def _check_schema(schema: bytes, helm: int) -> None:
    from pilothouse.formats.errors import JsonError
    from pilothouse.formats.json_text import decode

    try:
        decode(schema.decode("utf-8", "replace"))
    except JsonError as error:
        word = "Invalid" if helm == 3 else "invalid"
        raise ChartInvalid(f"{word} JSON in values.schema.json") from error


def _time_of(text: str) -> int:
    """Return an RFC 3339 time in nanoseconds, 0 when there is none."""
    from datetime import datetime

    whole, _, fraction = text.partition(".")
    digits = fraction[: len(fraction) - len(fraction.lstrip("0123456789"))]
    zone = fraction[len(digits) :] if fraction else ""
    try:
        moment = datetime.fromisoformat(whole + zone)
    except ValueError:
        return 0
    return int(moment.timestamp()) * _SECOND + int((digits + "0" * 9)[:9])


def _header(name: str, size: int, seconds: int) -> bytes:
    """Return the header of a tar entry as Go's ``archive/tar`` writes it."""
    raw = name.encode("utf-8", "surrogateescape")
    place = _ustar_split(raw)
    if place is None:
        record = _posix_record(b"path", raw)
        folder, _, base = raw.rpartition(b"/")
        special = _ascii(folder + b"/PaxHeaders.0/" + base)[:100].rstrip(b"/")
        start = _block(special, len(record), 0, b"x", b"")
        return start + record + bytes(-len(record) % _BLOCK) + _block(_ascii(raw)[:100], size, seconds, b"0", b"")
    return _block(raw[place + 1 :] if place else raw, size, seconds, b"0", raw[:place])


def _ustar_split(raw: bytes) -> int | None:
    """Return where a name is cut into prefix and rest, 0 for nowhere, ``None`` when it cannot be."""
    if not raw.isascii():
        return None
    if len(raw) <= 100:
        return 0
    place = raw[:156].rfind(b"/")
    if place <= 0 or len(raw) - place - 1 > 100 or place == len(raw) - 1:
        return None
    return place


def _ascii(raw: bytes) -> bytes:
    return bytes(byte for byte in raw if byte < 0x80)


def _posix_record(key: bytes, value: bytes) -> bytes:
    rest = b" " + key + b"=" + value + b"\n"
    size = len(rest)
    while size != len(rest) + len(str(size)):
        size = len(rest) + len(str(size))
    return str(size).encode() + rest


def _block(name: bytes, size: int, seconds: int, kind: bytes, prefix: bytes) -> bytes:
    start = (
        name.ljust(100, b"\x00")
        + (b"%07o\x00" % (_FILE_MODE if kind == b"0" else 0))
        + b"0000000\x000000000\x00"
        + (b"%011o\x00" % size)
        + (b"%011o\x00" % max(seconds, 0))
    )
    device = b"0000000\x000000000\x00" if kind == b"0" else bytes(16)
    end = kind + bytes(100) + b"ustar\x0000" + bytes(64) + device + prefix.ljust(155, b"\x00") + bytes(12)
    total = sum(start) + sum(end) + 8 * 32
    return start + (b"%06o\x00 " % total) + end


def _gzip(data: bytes) -> bytes:
    """Return ``data`` compressed, with the header that marks an archive as made by Helm."""
    deflate = zlib.compressobj(-1, zlib.DEFLATED, -15)
    body = deflate.compress(data) + deflate.flush()
    extra = len(_EXTRA).to_bytes(2, "little") + _EXTRA
    head = b"\x1f\x8b\x08\x14\x00\x00\x00\x00\x00\xff" + extra + b"Helm\x00"
    return head + body + zlib.crc32(data).to_bytes(4, "little") + (len(data) & 0xFFFFFFFF).to_bytes(4, "little")


def _make_folder(folder: str) -> None:
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise ChartInvalid(f"is not a directory: {folder}")
    make_folder(folder)


def save_folder(chart: Chart, parent: str, *, now: float, helm: int = 4) -> str:
    """Write the chart as a folder below ``parent``, subcharts as archives, and return its path (``SaveDir``)."""
    _check_name(chart.name)
    folder = os.path.join(parent, chart.name)
    if os.path.exists(folder) and not os.path.isdir(folder):
        raise ChartInvalid(f"file {folder} already exists and is not a directory")
    make_folder(folder)
    chart_file = encode_chart_file(chart.metadata, helm=helm).encode("utf-8", "surrogateescape")
    _write_below(folder, "Chart.yaml", chart_file)
    for file in chart.raw:
        if file.name == "values.yaml":
            _write_below(folder, file.name, file.data)
    if chart.schema is not None:
        _write_below(folder, "values.schema.json", chart.schema)
    for file in (*chart.templates, *chart.files):
        _write_below(folder, file.name, file.data)
    for subchart in chart.subcharts:
        save(subchart, os.path.join(folder, "charts"), now=now, helm=helm)
    return folder


def _write_below(folder: str, name: str, data: bytes) -> None:
    path = os.path.join(folder, name)
    make_folder(os.path.dirname(path))
    write_file(path, data)
