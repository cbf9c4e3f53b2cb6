"""``.Chart`` of Helm 3: Go structs in place of Helm 4's map."""

from __future__ import annotations

from pilothouse.charts.metadata import encode_dependency, encode_maintainer, encode_metadata
from pilothouse.golang.kinds import StringList, StringMap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.charts.metadata import Dependency, Maintainer, Metadata
    from pilothouse.golang.kinds import GoValue


class _Maintainer:
    """``*chart.Maintainer``."""

    __slots__ = ("_record", "email", "name", "url")
    go_kind = "ptr"
    go_type = "*chart.Maintainer"
    go_fields = {"Name": "name", "Email": "email", "URL": "url"}

    def __init__(self, record: Maintainer) -> None:
        self._record = record
        self.name = record.name
        self.email = record.email
        self.url = record.url

    def go_json(self) -> GoValue:
        return encode_maintainer(self._record)


class _Dependency:
    """``*chart.Dependency``."""

    __slots__ = ("_record", "alias", "condition", "enabled", "import_values", "name", "repository", "tags", "version")
    go_kind = "ptr"
    go_type = "*chart.Dependency"
    go_fields = {
        "Name": "name",
        "Version": "version",
        "Repository": "repository",
        "Condition": "condition",
        "Tags": "tags",
        "Enabled": "enabled",
        "ImportValues": "import_values",
        "Alias": "alias",
    }

    def __init__(self, record: Dependency) -> None:
        self._record = record
        for name in self.go_fields.values():
            setattr(self, name, getattr(record, name))
        self.tags = StringList(record.tags)
        self.import_values = list(record.import_values)

    def go_json(self) -> GoValue:
        return encode_dependency(self._record)


class _MaintainerList(list[_Maintainer]):
    """``[]*chart.Maintainer``."""

    __slots__ = ()
    go_kind = "slice"
    go_type = "[]*chart.Maintainer"
    go_element = "*chart.Maintainer"


class _DependencyList(list[_Dependency]):
    """``[]*chart.Dependency``."""

    __slots__ = ()
    go_kind = "slice"
    go_type = "[]*chart.Dependency"
    go_element = "*chart.Dependency"


class _NilStrings(StringList):
    """A ``[]string`` that is nil."""

    __slots__ = ()
    go_nil = True

    def go_json(self) -> None:
        """Return the JSON null."""


class _NilStringMap(StringMap):
    """A ``map[string]string`` that is nil."""

    __slots__ = ()
    go_nil = True

    def go_json(self) -> None:
        """Return the JSON null."""


class _NilMaintainers(_MaintainerList):
    """A ``[]*chart.Maintainer`` that is nil."""

    __slots__ = ()
    go_nil = True

    def go_json(self) -> None:
        """Return the JSON null."""


class _NilDependencies(_DependencyList):
    """A ``[]*chart.Dependency`` that is nil."""

    __slots__ = ()
    go_nil = True

    def go_json(self) -> None:
        """Return the JSON null."""


class _Metadata:
    """``chart.Metadata``."""

    __slots__ = (
        *("_record", "annotations", "api_version", "app_version", "condition", "dependencies", "deprecated"),
        *("description", "home", "icon", "keywords", "kube_version", "maintainers", "name", "sources"),
        *("tags", "type", "version"),
    )
    go_kind = "struct"
    go_type = "chart.Metadata"
    go_comparable = False
    go_fields = {
        "Name": "name",
        "Home": "home",
        "Sources": "sources",
        "Version": "version",
        "Description": "description",
        "Keywords": "keywords",
        "Maintainers": "maintainers",
        "Icon": "icon",
        "APIVersion": "api_version",
        "Condition": "condition",
        "Tags": "tags",
        "AppVersion": "app_version",
        "Deprecated": "deprecated",
        "Annotations": "annotations",
        "KubeVersion": "kube_version",
        "Dependencies": "dependencies",
        "Type": "type",
    }

    def __init__(self, metadata: Metadata) -> None:
        self._record = metadata
        for name in _Metadata.go_fields.values():
            setattr(self, name, getattr(metadata, name))
        self.sources = StringList(metadata.sources) if metadata.sources else _NilStrings()
        self.keywords = StringList(metadata.keywords) if metadata.keywords else _NilStrings()
        self.annotations = StringMap(metadata.annotations) if metadata.annotations else _NilStringMap()
        self.maintainers = _MaintainerList(map(_Maintainer, metadata.maintainers)) or _NilMaintainers()
        self.dependencies = _DependencyList(map(_Dependency, metadata.dependencies)) or _NilDependencies()


class ChartStruct(_Metadata):
    """The metadata of a chart, and whether it is the root."""

    __slots__ = ("is_root",)
    go_type = "struct { chart.Metadata; IsRoot bool }"
    go_fields = {**_Metadata.go_fields, "IsRoot": "is_root"}
    go_printed = {"Metadata": "embedded", "IsRoot": "is_root"}

    def __init__(self, metadata: Metadata, *, is_root: bool) -> None:
        super().__init__(metadata)
        self.is_root = is_root

    @property
    def embedded(self) -> _Metadata:
        """The metadata alone."""
        return _Metadata(self._record)

    def go_json(self) -> GoValue:
        """Return the JSON object, empty fields left out."""
        encoded: dict[str, GoValue] = {**encode_metadata(self._record), "IsRoot": self.is_root}
        for name, held in (("maintainers", self.maintainers), ("dependencies", self.dependencies)):
            if name in encoded:
                encoded[name] = list(held)
        return encoded
