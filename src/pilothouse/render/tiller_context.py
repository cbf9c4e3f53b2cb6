"""What a template sees as ``.`` under Helm 2: Release, Chart, Files and Capabilities with Helm 2's types."""

from __future__ import annotations

from pilothouse.golang.functions import Function, FunctionError
from pilothouse.golang.kinds import Int32, Int64, StringList, StringMap
from pilothouse.golang.quoting import quote
from pilothouse.records import field
from pilothouse.render.capabilities import Capabilities
from pilothouse.render.context import Files, Values3
from pilothouse.render.settings import ReleaseFacts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pilothouse.charts.metadata import Maintainer, Metadata
    from pilothouse.charts.model import ChartFile
    from pilothouse.golang.kinds import GoValue


class TillerRelease(ReleaseFacts):
    """What ``.Release`` says under Helm 2.

    Attributes:
        time: Now, in nanoseconds since 1970.
    """

    time: int = 0


class TillerCapabilities(Capabilities):
    """What ``.Capabilities`` says under Helm 2.

    Attributes:
        server: The API server's answer to ``/version``.
        tiller_version: Version, commit and state of the source tree of Tiller.
    """

    server: Mapping[str, str] = field(default_factory=dict)
    tiller_version: tuple[str, str, str] = ("", "", "")


class _Timestamp:
    """``*timestamp.Timestamp``."""

    __slots__ = ("nanos", "seconds")
    go_kind = "ptr"
    go_type = "*timestamp.Timestamp"
    go_fields = {"Seconds": "seconds", "Nanos": "nanos"}
    go_methods = {
        "String": Function(lambda own: f"seconds:{own.seconds} nanos:{own.nanos} ", result="string"),
        "GetSeconds": Function(lambda own: own.seconds),
        "GetNanos": Function(lambda own: own.nanos),
    }

    def __init__(self, time: int) -> None:
        seconds, nanos = divmod(time, 1_000_000_000)
        self.seconds = Int64(seconds)
        self.nanos = Int32(nanos)

    def go_json(self) -> GoValue:
        return {"seconds": self.seconds, "nanos": self.nanos}


def release_value(release: ReleaseFacts) -> GoValue:
    """Return ``.Release``."""
    return {
        "Name": release.name,
        "Time": _Timestamp(release.time if isinstance(release, TillerRelease) else 0),
        "Namespace": release.namespace,
        "IsUpgrade": release.is_upgrade,
        "IsInstall": release.is_install,
        "Revision": release.revision,
        "Service": "Tiller",
    }


def _getters(fields: Mapping[str, str]) -> dict[str, Function]:
    """Return the ``Get`` methods that protobuf's Go classes have, one a field."""

    def getter(attribute: str) -> Function:
        return Function(lambda own: getattr(own, attribute))

    return {f"Get{name}": getter(attribute) for name, attribute in fields.items()}


def _proto_text(pairs: Iterable[tuple[str, GoValue]]) -> Iterator[str]:
    """Yield the fields of a message in protobuf's compact text, empty ones left out."""
    for name, value in pairs:
        if isinstance(value, list):
            for item in value:
                inner = quote(item) if isinstance(item, str) else f"<{item.text()}>"
                yield f"{name}:{inner} "
        elif isinstance(value, dict):
            for key in sorted(value):
                yield f"{name}:<key:{quote(key)} value:{quote(value[key])} > "
        elif value is True:
            yield f"{name}:true "
        elif value:
            yield f"{name}:{quote(value)} "


class _Maintainer:
    """``*chart.Maintainer``."""

    __slots__ = ("email", "name", "url")
    go_kind = "ptr"
    go_type = "*chart.Maintainer"
    go_fields = {"Name": "name", "Email": "email", "Url": "url"}
    go_methods = {**_getters(go_fields), "String": Function(lambda own: own.text(), result="string")}

    def __init__(self, record: Maintainer) -> None:
        self.name = record.name
        self.email = record.email
        self.url = record.url

    def text(self) -> str:
        """Return the message as protobuf's compact text."""
        return "".join(_proto_text((name, getattr(self, name)) for name in self.go_fields.values()))

    def go_json(self) -> GoValue:
        fields = {name: getattr(self, name) for name in self.go_fields.values()}
        return {name: value for name, value in fields.items() if value}


class _MaintainerList(list[_Maintainer]):
    """``[]*chart.Maintainer``."""

    __slots__ = ()
    go_kind = "slice"
    go_type = "[]*chart.Maintainer"
    go_element = "*chart.Maintainer"


_METADATA_FIELDS = {
    "Name": "name",
    "Home": "home",
    "Sources": "sources",
    "Version": "version",
    "Description": "description",
    "Keywords": "keywords",
    "Maintainers": "maintainers",
    "Engine": "engine",
    "Icon": "icon",
    "ApiVersion": "api_version",
    "Condition": "condition",
    "Tags": "tags",
    "AppVersion": "app_version",
    "Deprecated": "deprecated",
    "TillerVersion": "tiller_version",
    "Annotations": "annotations",
    "KubeVersion": "kube_version",
}


class ChartMetadata:
    """``*chart.Metadata``."""

    __slots__ = tuple(_METADATA_FIELDS.values())
    go_kind = "ptr"
    go_type = "*chart.Metadata"
    go_fields = _METADATA_FIELDS
    go_methods = {**_getters(_METADATA_FIELDS), "String": Function(lambda own: own.text(), result="string")}

    def __init__(self, metadata: Metadata) -> None:
        for name in self.go_fields.values():
            setattr(self, name, getattr(metadata, name))
        self.sources = StringList(metadata.sources)
        self.keywords = StringList(metadata.keywords)
        self.annotations = StringMap(metadata.annotations or {})
        self.maintainers = _MaintainerList(map(_Maintainer, metadata.maintainers))

    def _wire_fields(self) -> Iterator[tuple[str, GoValue]]:
        for name, attribute in self.go_fields.items():
            yield name[0].lower() + name[1:], getattr(self, attribute)

    def text(self) -> str:
        """Return the message as protobuf's compact text."""
        return "".join(_proto_text(self._wire_fields()))

    def go_json(self) -> GoValue:
        """Return the JSON object, empty fields left out."""
        found = dict(self._wire_fields())
        found["maintainers"] = [item.go_json() for item in self.maintainers]
        return {name: value for name, value in found.items() if value}


class TillerFiles(Files):
    """``.Files`` of Helm 2: the same methods, YAML with its last line feed."""

    __slots__ = ()
    go_type = "chartutil.Files"
    go_methods: Mapping[str, Function] = {}


def _with_line_feed(method: Function) -> Function:
    return Function(lambda files: _ended(method.call(files)), result="string")


def _ended(text: str) -> str:
    return text + "\n"


TillerFiles.go_methods = {
    **Files.go_methods,
    "AsConfig": _with_line_feed(Files.go_methods["AsConfig"]),
    "AsSecrets": _with_line_feed(Files.go_methods["AsSecrets"]),
}


def files_value(files: Iterable[ChartFile]) -> TillerFiles:
    """Return ``.Files`` of a chart."""
    return TillerFiles({file.name: file.data for file in files})


class _VersionSet(dict[str, "GoValue"]):
    """``.Capabilities.APIVersions``."""

    __slots__ = ()
    go_kind = "map"
    go_type = "chartutil.VersionSet"
    go_underlying = "map[string]interface {}"
    go_methods = {"Has": Function(lambda served, version: version in served, "string", result="bool")}


class _KubeVersion:
    """``*version.Info`` of apimachinery."""

    __slots__ = (
        *("build_date", "compiler", "git_commit", "git_tree_state", "git_version", "go_version", "major", "minor"),
        "platform",
    )
    go_kind = "ptr"
    go_type = "*version.Info"
    go_fields = {
        "Major": "major",
        "Minor": "minor",
        "GitVersion": "git_version",
        "GitCommit": "git_commit",
        "GitTreeState": "git_tree_state",
        "BuildDate": "build_date",
        "GoVersion": "go_version",
        "Compiler": "compiler",
        "Platform": "platform",
    }
    go_methods = {"String": Function(lambda own: own.git_version, result="string")}

    def __init__(self, server: Mapping[str, str]) -> None:
        for name, attribute in self.go_fields.items():
            setattr(self, attribute, str(server.get(name[0].lower() + name[1:]) or ""))

    def go_json(self) -> GoValue:
        return {name[0].lower() + name[1:]: getattr(self, attribute) for name, attribute in self.go_fields.items()}


class _TillerVersion:
    """``*version.Version`` of ``hapi``."""

    __slots__ = ("git_commit", "git_tree_state", "sem_ver")
    go_kind = "ptr"
    go_type = "*version.Version"
    go_fields = {"SemVer": "sem_ver", "GitCommit": "git_commit", "GitTreeState": "git_tree_state"}
    go_methods = {**_getters(go_fields), "String": Function(lambda own: own.text(), result="string")}

    def __init__(self, version: tuple[str, str, str]) -> None:
        self.sem_ver, self.git_commit, self.git_tree_state = version

    def text(self) -> str:
        """Return the message as protobuf's compact text."""
        return "".join(_proto_text((name, getattr(self, name)) for name in self.go_fields.values()))

    def go_json(self) -> GoValue:
        return {name: getattr(self, name) for name in self.go_fields.values()}


class _Capabilities:
    """``*chartutil.Capabilities``."""

    __slots__ = ("api_versions", "kube_version", "tiller_version")
    go_kind = "ptr"
    go_type = "*chartutil.Capabilities"
    go_fields = {"APIVersions": "api_versions", "KubeVersion": "kube_version", "TillerVersion": "tiller_version"}

    def __init__(self, capabilities: TillerCapabilities) -> None:
        self.api_versions = _VersionSet((version, {}) for version in capabilities.api_versions)
        self.kube_version = _KubeVersion(capabilities.server)
        self.tiller_version = _TillerVersion(capabilities.tiller_version)

    def go_json(self) -> GoValue:
        return {
            "APIVersions": dict(self.api_versions),
            "KubeVersion": self.kube_version.go_json(),
            "TillerVersion": self.tiller_version.go_json(),
        }


def capabilities_value(capabilities: Capabilities) -> GoValue:
    """Return ``.Capabilities``."""
    if isinstance(capabilities, TillerCapabilities):
        return _Capabilities(capabilities)
    version = capabilities.kube_version
    server = {"major": version.major, "minor": version.minor, "gitVersion": version.version}
    return _Capabilities(
        TillerCapabilities(
            kube_version=version, api_versions=capabilities.api_versions, helm=capabilities.helm, server=server
        )
    )


def path_value(values: GoValue, path: str) -> str:
    """Return the text at a path of ``.``, as ``tpl`` reads the name of the running template (``Values.PathValue``).

    Raises:
        FunctionError: There is none.
    """
    table = values if isinstance(values, Values3) else Values3(values if isinstance(values, dict) else {})
    found: GoValue = Values3.go_methods["PathValue"].call(table, path)
    if not isinstance(found, str):
        raise FunctionError(f"{quote(path)} is not a value")
    return found
