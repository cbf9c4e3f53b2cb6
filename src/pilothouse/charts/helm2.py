"""Charts as Helm 2 reads and writes them (``chartutil`` of 2.17).

Of a chart's files only Chart.yaml is read when it is loaded: the default values are a text until they are laid
together, requirements.yaml is read by those who need it, and no file of later Helms means anything.
"""

from __future__ import annotations

import os
import stat

from pilothouse.charts.archive import ensure_archive, load_archive_files, quoted
from pilothouse.charts.errors import ArchiveInvalid, ChartInvalid, MetadataInvalid
from pilothouse.charts.files import os_error, read_file
from pilothouse.charts.folder import read_folder
from pilothouse.charts.metadata import Lock, Metadata, decode_lock, decode_metadata, encode_metadata
from pilothouse.charts.model import Chart, ChartFile
from pilothouse.charts.validate import base_name, sanitized, sanitized_dependency
from pilothouse.formats.errors import YamlError
from pilothouse.formats.yaml_text import decode
from pilothouse.progress import SILENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pilothouse.charts.metadata import Dependency
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.progress import Reporter

#: Fields of Chart.yaml that Helm 2 does not know.
_LATER = ("dependencies", "type")
_REQUIREMENTS, _LOCK = "requirements.yaml", "requirements.lock"
_MISSING = "chart metadata (Chart.yaml) missing"
_NAMELESS = "invalid chart (Chart.yaml): name must not be empty"


def load(path: str, *, reporter: Reporter = SILENT) -> Chart:
    """Return the chart at ``path``, a folder or an archive (``Load``).

    Raises:
        ChartInvalid: It is no chart of Helm 2.
        ChartMissing: Nothing is there.
    """
    try:
        status = os.stat(path)
    except OSError as error:
        raise os_error(error, "stat", path) from error
    if not stat.S_ISDIR(status.st_mode):
        return _load_archive_at(path)
    _check_folder(os.path.abspath(path))
    return load_folder(path, reporter=reporter)


def load_folder(path: str, *, reporter: Reporter = SILENT) -> Chart:
    """Return the chart in a folder (``LoadDir``), as :func:`load` does; where no folder is, there is no Chart.yaml."""
    if not os.path.isdir(path):
        raise ChartInvalid(_MISSING)
    return load_files(read_folder(path, reporter=reporter, helm=3))


def _check_folder(folder: str) -> None:
    """Refuse a folder without a Chart.yaml that names the chart (``IsChartDir``)."""
    path = os.path.join(folder, "Chart.yaml")
    if not os.path.exists(path):
        raise ChartInvalid(f"no Chart.yaml exists in directory {quoted(folder)}")
    if not _metadata(read_file(path, what=f"cannot read Chart.Yaml in directory {quoted(folder)}: ")).name:
        raise ChartInvalid(_NAMELESS)


def _load_archive_at(path: str) -> Chart:
    data = read_file(path)
    try:
        ensure_archive(path, data[:512])
    except ArchiveInvalid as error:
        error.message = error.message.replace(", but expected a", ", but I expected a")
        raise
    try:
        files = load_archive_files(data)
    except ArchiveInvalid as error:
        if error.message == "gzip: invalid header":
            text = f"file '{path}' does not appear to be a valid chart file (details: {error.message})"
            raise ArchiveInvalid(text) from error
        raise
    return load_files(files)


def load_files(files: Iterable[ChartFile]) -> Chart:
    """Return the chart that ``files`` make up (``LoadFiles``).

    Raises:
        ChartInvalid: Chart.yaml is missing or wrong, or a chart inside is.
    """
    raw = tuple(files)
    metadata: Metadata | None = None
    templates: list[ChartFile] = []
    others: list[ChartFile] = []
    subcharts: dict[str, list[ChartFile]] = {}
    for file in raw:
        name = file.name
        if name == "Chart.yaml":
            metadata = _checked(_metadata(file.data))
        elif name == "values.toml":
            raise ChartInvalid("values.toml is illegal as of 2.0.0-alpha.2")
        elif name.startswith("templates/"):
            templates.append(file)
        elif name.startswith("charts/") and not name.endswith(".prov"):
            inside = name[len("charts/") :]
            if inside[:1] not in (".", "_"):
                subcharts.setdefault(inside.partition("/")[0], []).append(file.replace(name=inside))
        elif name != "values.yaml":
            others.append(file)
    if metadata is None:
        raise ChartInvalid(_MISSING)
    if not metadata.name:
        raise ChartInvalid(_NAMELESS)
    chart = Chart(
        metadata=metadata,
        templates=tuple(templates),
        files=tuple(others),
        subcharts=tuple(_subchart(name, group, metadata.name) for name, group in subcharts.items()),
        raw=raw,
    )
    metadata = metadata.replace(dependencies=_readable_requirements(chart))
    return chart.replace(metadata=metadata, values=_values(chart), lock=_lock(chart))


def _metadata(data: bytes) -> Metadata:
    """Return what a Chart.yaml says, with what only Helm 2 knows of it."""
    try:
        found = decode(data, integers=True)
        given: Mapping[str, YamlValue] = found if isinstance(found, dict) else {}
        metadata = decode_metadata(found, helm=3).replace(dependencies=())
    except YamlError as error:
        raise ChartInvalid(error.message) from error
    return sanitized(metadata).replace(
        engine=str(given.get("engine") or ""), tiller_version=str(given.get("tillerVersion") or "")
    )


def _checked(metadata: Metadata) -> Metadata:
    if metadata.api_version not in ("", "v1"):
        raise ChartInvalid(f"apiVersion '{metadata.api_version}' is not valid. The value must be \"v1\"")
    if metadata.name and base_name(metadata.name) != metadata.name:
        # A name is part of paths; Helm 2 would follow it anywhere.
        raise MetadataInvalid(f"validation: chart.metadata.name {quoted(metadata.name)} is invalid")
    return metadata


def _values(chart: Chart) -> dict[str, YamlValue]:
    """Return the default values as far as they are a table; laying them together tells what is wrong with others."""
    try:
        found = decode(_file(chart, "values.yaml"))
    except YamlError:
        return {}
    return found if isinstance(found, dict) else {}


def _subchart(name: str, files: list[ChartFile], parent: str) -> Chart:
    """Return the chart in one entry of charts/."""
    if name.endswith(".tgz") and files[0].name != name:
        raise ChartInvalid(f"error unpacking tar in {parent}: expected {name}, got {files[0].name}")
    try:
        if name.endswith(".tgz"):
            return load_files(load_archive_files(files[0].data))
        return load_files(file.replace(name=file.name.partition("/")[2]) for file in files if "/" in file.name)
    except ChartInvalid as error:
        raise type(error)(f"error unpacking {name} in {parent}: {error.message}") from error


# ── requirements.yaml ──────────────────────────────────────────────────────────────────────────────────────────────


def requirements(chart: Chart) -> tuple[Dependency, ...] | None:
    """Return what a chart's requirements.yaml declares, ``None`` without that file (``LoadRequirements``).

    Raises:
        ChartInvalid: It cannot be read.
    """
    data = _file(chart, _REQUIREMENTS)
    if not data:
        return None
    try:
        found = decode(data, integers=True)
    except YamlError as error:
        raise ChartInvalid(error.message) from error
    if found is not None and not isinstance(found, dict):
        decode_metadata(found, helm=3)  # tells what else it is
    given = {"dependencies": found.get("dependencies")} if isinstance(found, dict) else {}
    return tuple(map(sanitized_dependency, decode_metadata(given, helm=3).dependencies))


def _readable_requirements(chart: Chart) -> tuple[Dependency, ...]:
    try:
        return requirements(chart) or ()
    except ChartInvalid:
        return ()


def _lock(chart: Chart) -> Lock | None:
    """Return the lock; one that cannot be read counts as none (``Manager.Build``)."""
    data = _file(chart, _LOCK)
    try:
        return decode_lock(decode(data, integers=True), helm=3) if data else None
    except (YamlError, ChartInvalid):
        return None


def _file(chart: Chart, name: str) -> bytes:
    return next((file.data for file in chart.raw if file.name == name), b"")


# ── writing ────────────────────────────────────────────────────────────────────────────────────────────────────────


def chart_document(metadata: Metadata) -> dict[str, YamlValue]:
    """Return the JSON object of a Chart.yaml of Helm 2."""
    found = {name: value for name, value in encode_metadata(metadata).items() if name not in _LATER}
    if metadata.engine:
        found["engine"] = metadata.engine
    if metadata.tiller_version:
        found["tillerVersion"] = metadata.tiller_version
    return {name: found[name] for name in sorted(found)}


def check_for_saving(metadata: Metadata) -> None:
    """Refuse a chart without a name or a version (``chartutil.Save``).

    Raises:
        ChartInvalid: It lacks one.
    """
    if not metadata.name:
        raise ChartInvalid("no chart name specified (Chart.yaml)")
    if not metadata.version:
        raise ChartInvalid("no chart version specified (Chart.yaml)")
    if os.path.basename(metadata.name) != metadata.name:
        raise ChartInvalid(f"chart name {metadata.name!r} is no name of a file")
