"""What a template sees as ``.``: one map per chart with Values, Release, Chart, Files, Capabilities and Subcharts.

Types and fields are those of Helm's Go values, since templates can print, compare and range over them.
"""

from __future__ import annotations

from pilothouse.golang.functions import Function, FunctionError
from pilothouse.golang.kinds import StringList, StringMap
from pilothouse.version import HELM3_VERSION, HELM_VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pilothouse.charts.metadata import Dependency, Metadata
    from pilothouse.charts.model import ChartFile
    from pilothouse.golang.kinds import GoValue
    from pilothouse.render.capabilities import Capabilities, KubeVersion
    from pilothouse.render.settings import ReleaseFacts


class _Values(dict[str, "GoValue"]):
    """A table of values with the methods that Helm's type has.

    Attributes:
        twin: The same map without methods, once a template function has returned it.
    """

    __slots__ = ("twin",)
    go_kind = "map"
    go_underlying = "map[string]interface {}"
    go_type = "common.Values"

    def __init__(self, *tables: Mapping[str, GoValue], **entries: GoValue) -> None:
        super().__init__(*tables, **entries)
        self.twin: GoValue = None


def _as_map(values: _Values) -> GoValue:
    return dict(values)


def _yaml(values: _Values) -> str:
    from pilothouse.formats.yaml_text import encode

    return encode(values)


def _table(values: _Values, name: str) -> GoValue:
    from pilothouse.golang.quoting import quote

    found: GoValue = values
    for part in name.split("."):
        found = found.get(part)
        if not isinstance(found, dict):
            raise FunctionError(f"{quote(part)} is not a table")
    return found if isinstance(found, _Values) else type(values)(found)


def _path_value(values: _Values, path: str) -> GoValue:
    from pilothouse.golang.quoting import quote

    if not path:
        raise FunctionError("YAML path cannot be empty")
    *tables, last = path.split(".")
    found: GoValue = values
    for part in tables:
        found = found.get(part)
        if not isinstance(found, dict):
            raise FunctionError(f"{quote(path)} is not a value")
    value = found.get(last)
    if value is None or isinstance(value, dict):
        raise FunctionError(f"{quote(path)} is not a value")
    return value


_VALUES_METHODS = {
    "AsMap": Function(_as_map),
    "YAML": Function(_yaml, result="string"),
    "Table": Function(_table, "string"),
    "PathValue": Function(_path_value, "string"),
}


class Values4(_Values):
    """``common.Values`` of Helm 4."""

    __slots__ = ()
    go_methods = _VALUES_METHODS


class Values3(_Values):
    """``chartutil.Values`` of Helm 3."""

    __slots__ = ()
    go_type = "chartutil.Values"
    go_methods = _VALUES_METHODS


def values_type(helm: int) -> type[_Values]:
    """Return the class of ``.Values`` for Helm ``helm``."""
    return Values3 if helm <= 3 else Values4


class _VersionSet(list[str]):
    """``.Capabilities.APIVersions``."""

    __slots__ = ("_known",)
    go_kind = "slice"
    go_type = "common.VersionSet"
    go_underlying = "[]string"
    go_element = "string"
    go_methods = {"Has": Function(lambda served, version: version in served, "string", result="bool")}


class _VersionSet3(_VersionSet):
    """``.Capabilities.APIVersions`` of Helm 3."""

    __slots__ = ()
    go_type = "chartutil.VersionSet"


class _KubeVersion:
    """``.Capabilities.KubeVersion``."""

    __slots__ = ("major", "minor", "normalized", "version")
    go_kind = "struct"
    go_type = "common.KubeVersion"
    go_fields = {"Version": "version", "normalizedVersion": "normalized", "Major": "major", "Minor": "minor"}
    go_addressed_methods = frozenset({"String"})
    go_methods = {
        "String": Function(lambda own: own.normalized, result="string"),
        "GitVersion": Function(lambda own: own.version, result="string"),
    }

    def __init__(self, version: KubeVersion) -> None:
        self.version = version.version
        self.major = version.major
        self.minor = version.minor
        self.normalized = version.normalized

    def go_json(self) -> GoValue:
        return {"Version": self.version, "Major": self.major, "Minor": self.minor}


class _KubeVersion3(_KubeVersion):
    """``.Capabilities.KubeVersion`` of Helm 3."""

    __slots__ = ()
    go_type = "chartutil.KubeVersion"
    go_fields = {"Version": "version", "Major": "major", "Minor": "minor"}


class _HelmVersion4:
    """``.Capabilities.HelmVersion``: what the released executable says of itself."""

    __slots__ = ()
    go_kind = "struct"
    go_type = "version.BuildInfo"
    go_fields = {
        "Version": "version",
        "GitCommit": "git_commit",
        "GitTreeState": "git_tree_state",
        "GoVersion": "go_version",
        "KubeClientVersion": "kube_client_version",
    }
    version = HELM_VERSION
    git_commit = "c0d08d0d6d9424d4a14febb5e8a3e51b0dd00dff"
    git_tree_state = "clean"
    go_version = "go1.27.2"
    kube_client_version = "v1.37"

    def go_json(self) -> GoValue:
        """Return the JSON object, named as in Go's tags."""
        return {name: getattr(self, name) for name in self.go_fields.values()}


class _HelmVersion3(_HelmVersion4):
    """``.Capabilities.HelmVersion`` of Helm 3."""

    __slots__ = ()
    go_fields = {name: field for name, field in _HelmVersion4.go_fields.items() if name != "KubeClientVersion"}
    version = HELM3_VERSION
    git_commit = "7877b45b63f95635153b29a42c0c2f4273ec45ca"
    go_version = "go1.22.7"


class _Capabilities:
    """``.Capabilities``."""

    __slots__ = ("api_versions", "helm_version", "kube_version")
    go_kind = "ptr"
    go_type = "*common.Capabilities"
    go_fields = {"KubeVersion": "kube_version", "APIVersions": "api_versions", "HelmVersion": "helm_version"}

    def __init__(self, kube_version: _KubeVersion, api_versions: _VersionSet, helm_version: _HelmVersion4) -> None:
        self.kube_version = kube_version
        self.api_versions = api_versions
        self.helm_version = helm_version

    def go_json(self) -> GoValue:
        return {
            "KubeVersion": self.kube_version,
            "APIVersions": list(self.api_versions),
            "HelmVersion": self.helm_version,
        }


class _Capabilities3(_Capabilities):
    """``.Capabilities`` of Helm 3."""

    __slots__ = ()
    go_type = "*chartutil.Capabilities"


def capabilities_value(capabilities: Capabilities) -> GoValue:
    """Return ``.Capabilities``."""
    if capabilities.helm == 3:
        return _Capabilities3(
            _KubeVersion3(capabilities.kube_version), _VersionSet3(capabilities.api_versions), _HelmVersion3()
        )
    return _Capabilities(
        _KubeVersion(capabilities.kube_version), _VersionSet(capabilities.api_versions), _HelmVersion4()
    )


def release_value(release: ReleaseFacts) -> GoValue:
    """Return ``.Release``."""
    return {
        "IsInstall": release.is_install,
        "IsUpgrade": release.is_upgrade,
        "Name": release.name,
        "Namespace": release.namespace,
        "Revision": release.revision,
        "Service": "Helm",
    }


class Files(dict[str, bytes]):
    """``.Files``: path to content, with the methods of ``engine.files``."""

    __slots__ = ()
    go_kind = "map"
    go_type = "engine.files"
    go_underlying = "map[string][]uint8"
    go_element = "[]uint8"
    go_methods: Mapping[str, Function] = {}


class Files3(Files):
    """``.Files`` of Helm 3, whose ``Lines`` fails on an empty file."""

    __slots__ = ()


def files_value(files: Iterable[ChartFile], helm: int = 4) -> Files:
    """Return ``.Files`` of a chart."""
    return (Files3 if helm == 3 else Files)({file.name: file.data for file in files})


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _get(files: Files, path: str) -> str:
    return _text(files.get(path, b""))


def _get_bytes(files: Files, path: str) -> bytes:
    return files.get(path, b"")


def _glob(files: Files, pattern: str) -> Files:
    from pilothouse.golang.globs import GlobSyntaxError, compile_glob

    try:
        matches = compile_glob(pattern).match
    except GlobSyntaxError:
        return files
    return type(files)({path: data for path, data in files.items() if matches(path)})


def _lines(files: Files, path: str) -> StringList:
    data = files.get(path)
    if not data:
        return StringList()
    return StringList(_text(data.removesuffix(b"\n")).split("\n"))


def _lines_3(files: Files, path: str) -> StringList:
    if path in files and not files[path]:
        raise FunctionError("runtime error: index out of range [-1]")
    return _lines(files, path)


def _as_config(files: Files) -> str:
    from pilothouse.formats.yaml_text import encode

    found = {path.rpartition("/")[2]: files[path].decode("utf-8", "replace") for path in sorted(files)}
    return encode(found).removesuffix("\n")


def _as_secrets(files: Files) -> str:
    from base64 import b64encode

    from pilothouse.formats.yaml_text import encode

    found = {path.rpartition("/")[2]: b64encode(files[path]).decode() for path in sorted(files)}
    return encode(found).removesuffix("\n")


Files.go_methods = {
    "Get": Function(_get, "string", result="string"),
    "GetBytes": Function(_get_bytes, "string"),
    "Glob": Function(_glob, "string"),
    "Lines": Function(_lines, "string"),
    "AsConfig": Function(_as_config, result="string"),
    "AsSecrets": Function(_as_secrets, result="string"),
}
Files3.go_methods = {**Files.go_methods, "Lines": Function(_lines_3, "string")}


class _NilStringMap(StringMap):
    """A ``map[string]string`` that was never made: prints as an empty map, shows as null in JSON."""

    __slots__ = ()
    go_nil = True

    def go_json(self) -> GoValue:
        return None


def _annotations(metadata: Metadata) -> StringMap:
    return _NilStringMap() if metadata.annotations is None else StringMap(metadata.annotations)


def chart_map(metadata: Metadata, *, is_root: bool) -> GoValue:
    """Return ``.Chart`` of Helm 4: a plain map with the names of Go's fields (``MetadataAsMap``)."""
    return {
        "Name": metadata.name,
        "Home": metadata.home,
        "Sources": list(metadata.sources),
        "Version": metadata.version,
        "Description": metadata.description,
        "Keywords": list(metadata.keywords),
        "Maintainers": [{"Name": item.name, "Email": item.email, "URL": item.url} for item in metadata.maintainers],
        "Icon": metadata.icon,
        "APIVersion": metadata.api_version,
        "Condition": metadata.condition,
        "Tags": metadata.tags,
        "AppVersion": metadata.app_version,
        "Deprecated": metadata.deprecated,
        "Annotations": _annotations(metadata),
        "KubeVersion": metadata.kube_version,
        "Dependencies": [_dependency_map(item) for item in metadata.dependencies],
        "Type": metadata.type,
        "IsRoot": is_root,
    }


def _dependency_map(dependency: Dependency) -> GoValue:
    return {
        "Name": dependency.name,
        "Version": dependency.version,
        "Repository": dependency.repository,
        "Condition": dependency.condition,
        "Tags": list(dependency.tags),
        "Enabled": dependency.enabled,
        "ImportValues": list(dependency.import_values),
        "Alias": dependency.alias,
    }
