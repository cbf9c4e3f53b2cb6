"""Charts from folders, archives and lists of files (Helm's ``loader`` package)."""

from __future__ import annotations

import os
import stat

from pilothouse.charts.archive import ensure_archive, load_archive_files
from pilothouse.charts.decoding import Decoder, Struct
from pilothouse.charts.errors import ArchiveInvalid, ChartInvalid, ChartMissing
from pilothouse.charts.files import os_error, read_file
from pilothouse.charts.folder import read_folder
from pilothouse.charts.metadata import Lock, Metadata, decode_lock, decode_metadata
from pilothouse.charts.model import Chart, ChartFile
from pilothouse.charts.validate import validated
from pilothouse.formats.errors import YamlError
from pilothouse.progress import SILENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from pilothouse.charts.parsed import ParsedCache
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.progress import Reporter

_API_VERSION = Struct(
    name="chartBase", full_names=("loader.chartBase", "loader.chartBase"), fields={"apiVersion": "string"}
)
_KNOWN_VERSIONS = ("", "v1", "v2", "v3")
_EXPERIMENTAL_VERSION = "v3"
_UNSUPPORTED_DEPENDENCIES = (
    "an error occurred while checking for chart dependencies. You may need to run 'helm dependency build' "
    "to fetch missing dependencies: unsupported chart dependency type"
)
_REQUIREMENTS_WARNING = (
    'Dependencies are handled in Chart.yaml since apiVersion "v2". We recommend migrating dependencies to Chart.yaml.'
)
_LOCK_WARNING = (
    'Dependency locking is handled in Chart.lock since apiVersion "v2". We recommend migrating to Chart.lock.'
)


def load(
    path: str,
    *,
    helm: int = 4,
    detect: bool = True,
    reporter: Reporter = SILENT,
    cache: ParsedCache | None = None,
) -> Chart:
    """Return the chart at ``path``, a folder or an archive.

    Args:
        path: Where it is.
        helm: Whose rules and texts to follow, 3 or 4.
        detect: Whether the generation of the chart is found out first, as Helm 4 does for commands that render or
            pack; ``show``, ``lint`` and ``dependency`` read at once and tell more about broken archives.
        reporter: Hears of links followed and of files that are out of date.
        cache: What was read before.

    Raises:
        ChartInvalid: It is no usable chart; the text is Helm's.
        ChartMissing: Nothing is there.
    """
    try:
        status = os.stat(path)
    except OSError as error:
        raise os_error(error, "stat", path) from error
    detect = detect and helm >= 4
    if not stat.S_ISDIR(status.st_mode):
        return _load_archive_at(path, helm=helm, detect=detect, reporter=reporter, cache=cache)
    if detect:
        _detect_folder(path, helm, cache)
    chart = load_files(read_folder(path, reporter=reporter, helm=helm), helm=helm, reporter=reporter, cache=cache)
    return refuse_experimental(chart) if detect else chart


def load_folder(path: str, *, helm: int = 4, reporter: Reporter = SILENT) -> Chart:
    """Return the chart in the folder ``path``; an archive is refused as no folder (``loader.LoadDir``)."""
    if helm >= 4:
        return load(path, helm=helm, reporter=reporter) if os.path.isdir(path) else _refuse_file(path, helm)
    if not os.path.isdir(path):
        raise os_error(NotADirectoryError(20, "Not a directory"), "lstat", os.path.abspath(path) + "/")
    return load_files(read_folder(path, reporter=reporter, helm=helm), helm=helm, reporter=reporter)


def _refuse_file(path: str, helm: int) -> Chart:
    _detect_folder(path, helm)
    raise ChartInvalid(f"{path} is no folder")


def _load_archive_at(path: str, *, helm: int, detect: bool, reporter: Reporter, cache: ParsedCache | None) -> Chart:
    data = read_file(path)
    ensure_archive(path, data[:512])
    try:
        files = load_archive_files(data)
    except ArchiveInvalid as error:
        if not detect:
            raise
        raise ArchiveInvalid("unable to load chart archive", hints=(error.message,)) from error
    if detect:
        detect_files(files, helm, cache)
    chart = load_files(files, helm=helm, reporter=reporter, cache=cache)
    return refuse_experimental(chart) if detect else chart


def load_archive(data: bytes, *, helm: int = 4, reporter: Reporter = SILENT, cache: ParsedCache | None = None) -> Chart:
    """Return the chart in the bytes of an archive (``LoadArchive``)."""
    return load_files(load_archive_files(data), helm=helm, reporter=reporter, cache=cache)


def _detect_folder(path: str, helm: int, cache: ParsedCache | None = None) -> None:
    name = os.path.join(os.path.abspath(path), "Chart.yaml")
    try:
        data = read_file(name)
    except (ChartInvalid, ChartMissing) as error:
        raise type(error)(f"unable to detect chart at {name}: {error.message}") from error
    _check_generation(data, helm, cache)


def detect_files(files: Iterable[ChartFile], helm: int, cache: ParsedCache | None = None) -> None:
    """Refuse files that are a chart of another generation, as Helm 4 does before it loads them."""
    for file in files:
        if file.name == "Chart.yaml":
            _check_generation(file.data, helm, cache)
            return
    raise ChartInvalid("unable to detect chart version, no Chart.yaml found")


def _check_generation(data: bytes, helm: int, cache: ParsedCache | None) -> None:
    try:
        value = decode_file(data, cache)
        fields = Decoder(helm).decode(value, _API_VERSION)
    except (YamlError, ChartInvalid) as error:
        raise _cannot_load("Chart.yaml", error) from error
    if fields.get("apiVersion", "") not in _KNOWN_VERSIONS:
        raise ChartInvalid("unsupported chart version")


def refuse_experimental(chart: Chart) -> Chart:
    """Return the chart unless it is of the generation that Helm 4 knows and cannot install.

    Raises:
        ChartInvalid: It is; the text depends on the subcharts, as Helm's does.
    """
    if chart.metadata.api_version != _EXPERIMENTAL_VERSION:
        return chart
    if len(chart.subcharts) > len(chart.metadata.dependencies):
        raise ChartInvalid(_UNSUPPORTED_DEPENDENCIES)
    raise ChartInvalid("invalid chart apiVersion")


def decode_file(data: bytes, cache: ParsedCache | None = None) -> YamlValue:
    """Return the first document of a file of a chart, whole numbers as integers.

    Raises:
        YamlError: It is no YAML.
    """
    from pilothouse.formats.yaml_text import decode

    if cache is not None:
        return cache.read(b"exact", data, lambda: decode(data, integers=True))
    return decode(data, integers=True)


def _cannot_load(name: str, error: YamlError | ChartInvalid) -> ChartInvalid:
    return ChartInvalid(f"cannot load {name}: {error.message}")


class _Parts:
    """What has been gathered from a chart's files so far."""

    def __init__(self, *, helm: int, reporter: Reporter, cache: ParsedCache | None) -> None:
        self.helm = helm
        self.reporter = reporter
        self.cache = cache
        self.metadata: Metadata | None = None
        self.lock: Lock | None = None
        self.values: dict[str, YamlValue] = {}
        self.schema: ChartFile | None = None
        self.templates: list[ChartFile] = []
        self.files: list[ChartFile] = []
        self.subcharts: dict[str, list[ChartFile]] = {}

    def add(self, file: ChartFile) -> None:
        """Put one file where it belongs; Chart.yaml was read before."""
        name = file.name
        special = _SPECIAL.get(name)
        if special is not None:
            try:
                special(self, file)
            except (YamlError, ChartInvalid) as error:
                raise _cannot_load(name, error) from error
        elif name.startswith("templates/"):
            self.templates.append(file)
        elif name.startswith("charts/") and not name.endswith(".prov"):
            inside = name[len("charts/") :]
            self.subcharts.setdefault(inside.partition("/")[0], []).append(file.replace(name=inside))
        else:
            self.files.append(file)

    def read_metadata(self, file: ChartFile) -> None:
        """Read Chart.yaml; without an apiVersion it is a chart of Helm 2."""
        metadata = decode_metadata(decode_file(file.data, self.cache), helm=self.helm, base=self.metadata)
        self.metadata = metadata if metadata.api_version else metadata.replace(api_version="v1")

    def read_lock(self, file: ChartFile) -> None:
        """Read Chart.lock."""
        self.lock = decode_lock(decode_file(file.data, self.cache), helm=self.helm)

    def read_values(self, file: ChartFile) -> None:
        """Read values.yaml."""
        data, helm = file.data, self.helm
        if self.cache is None:
            self.values = load_values(data, helm=helm)
        else:
            self.values = self.cache.read(b"values%d" % helm, data, lambda: load_values(data, helm=helm))

    def read_schema(self, file: ChartFile) -> None:
        """Keep values.schema.json."""
        self.schema = file

    def read_requirements(self, file: ChartFile) -> None:
        """Lay requirements.yaml over the metadata."""
        self._keep_if_old(file, _REQUIREMENTS_WARNING)
        self.metadata = decode_metadata(decode_file(file.data, self.cache), helm=self.helm, base=self.metadata)

    def read_requirements_lock(self, file: ChartFile) -> None:
        """Read requirements.lock."""
        self.read_lock(file)
        self._keep_if_old(file, _LOCK_WARNING)

    def _keep_if_old(self, file: ChartFile, warning: str) -> None:
        if self.metadata is not None and self.metadata.api_version == "v1":
            self.files.append(file)
        else:
            place = "" if self.helm >= 4 else "load.go:138: " if warning is _LOCK_WARNING else "load.go:120: "
            self.reporter.report("info", f"{place}Warning: {warning}")


_SPECIAL = {
    "Chart.lock": _Parts.read_lock,
    "values.yaml": _Parts.read_values,
    "values.schema.json": _Parts.read_schema,
    "requirements.yaml": _Parts.read_requirements,
    "requirements.lock": _Parts.read_requirements_lock,
}


def load_values(data: bytes, *, helm: int = 4) -> dict[str, YamlValue]:
    """Return the map in a values.yaml: in Helm 4 all its documents merged, in Helm 3 the first (``LoadValues``).

    Raises:
        YamlError: It is no YAML or no map.
    """
    from pilothouse.formats.yaml_text import decode_mapping

    if helm < 4:
        return decode_mapping(data)
    from pilothouse.formats.documents import split_documents

    merged: dict[str, YamlValue] = {}
    try:
        documents = list(split_documents(data))
    except YamlError as error:
        raise YamlError(f"error reading yaml document: {error.message}", error.line, error.column) from error
    for document in documents:
        try:
            merged = merge_maps(merged, decode_mapping(document))
        except YamlError as error:
            raise YamlError(f"cannot unmarshal yaml document: {error.message}", error.line, error.column) from error
    return merged


def merge_maps(below: dict[str, YamlValue], above: dict[str, YamlValue]) -> dict[str, YamlValue]:
    """Return two maps as one, deeply: the second wins, lists are replaced, nulls stay (``loader.MergeMaps``)."""
    if not below:
        return above
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = merge_maps(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def load_files(
    files: Iterable[ChartFile],
    *,
    helm: int = 4,
    reporter: Reporter = SILENT,
    cache: ParsedCache | None = None,
) -> Chart:
    """Return the chart that ``files`` make up (``LoadFiles``).

    Raises:
        ChartInvalid: Something is missing or wrong.
    """
    raw = tuple(files)
    parts = _Parts(helm=helm, reporter=reporter, cache=cache)
    for file in raw:
        if file.name == "Chart.yaml":
            try:
                parts.read_metadata(file)
            except (YamlError, ChartInvalid) as error:
                raise _cannot_load(file.name, error) from error
    for file in raw:
        if file.name != "Chart.yaml":
            parts.add(file)
    if parts.metadata is None:
        raise ChartInvalid("Chart.yaml file is missing")
    metadata = validated(parts.metadata, helm=helm)
    subcharts = [_subchart(name, group, metadata.name, parts) for name, group in parts.subcharts.items()]
    return Chart(
        metadata=metadata,
        lock=parts.lock,
        templates=tuple(parts.templates),
        values=parts.values,
        schema=parts.schema.data if parts.schema else None,
        files=tuple(parts.files),
        subcharts=tuple(subchart for subchart in subcharts if subchart is not None),
        raw=raw,
        schema_modified=parts.schema.modified if parts.schema else 0,
    )


def _subchart(name: str, files: list[ChartFile], parent: str, parts: _Parts) -> Chart | None:
    """Return the chart in one entry of charts/, ``None`` for an entry that is passed over."""
    if name[:1] in {"_", "."}:
        return None
    word = "" if parts.helm == 3 else "subchart "
    if name.endswith(".tgz") and files[0].name != name:
        raise ChartInvalid(f"error unpacking {word}tar in {parent}: expected {name}, got {files[0].name}")
    try:
        if name.endswith(".tgz"):
            return load_archive(files[0].data, helm=parts.helm, reporter=parts.reporter, cache=parts.cache)
        inner = [file.replace(name=file.name.partition("/")[2]) for file in files if "/" in file.name]
        return load_files(inner, helm=parts.helm, reporter=parts.reporter, cache=parts.cache)
    except ChartInvalid as error:
        raise ChartInvalid(f"error unpacking {word}{name} in {parent}: {error.message}") from error
