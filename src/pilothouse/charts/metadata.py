"""What Chart.yaml says: Go's ``chart.Metadata``, ``chart.Dependency`` and ``chart.Maintainer``."""

from __future__ import annotations

from pilothouse.records import Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.golang.kinds import YamlValue


class Maintainer(Record):
    """A person or team behind a chart; fields of Chart.yaml's ``maintainers``."""

    name: str = ""
    email: str = ""
    url: str = ""


class Dependency(Record):
    """A chart that another needs; fields of Chart.yaml's or requirements.yaml's ``dependencies``."""

    name: str = ""
    version: str = ""
    repository: str = ""
    condition: str = ""
    tags: tuple[str, ...] = ()
    enabled: bool = False
    import_values: tuple[YamlValue, ...] = ()
    alias: str = ""


class Metadata(Record):
    """The content of Chart.yaml."""

    name: str = ""
    home: str = ""
    sources: tuple[str, ...] = ()
    version: str = ""
    description: str = ""
    keywords: tuple[str, ...] = ()
    maintainers: tuple[Maintainer, ...] = ()
    icon: str = ""
    api_version: str = ""
    condition: str = ""
    tags: str = ""
    app_version: str = ""
    deprecated: bool = False
    annotations: Mapping[str, str] | None = None
    kube_version: str = ""
    dependencies: tuple[Dependency, ...] = ()
    type: str = ""
    engine: str = ""
    tiller_version: str = ""


class Lock(Record):
    """The content of Chart.lock or requirements.lock."""

    generated: str = ""
    digest: str = ""
    dependencies: tuple[Dependency, ...] = field(default_factory=tuple)
