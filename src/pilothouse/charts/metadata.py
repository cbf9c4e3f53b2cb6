"""What Chart.yaml says: Go's ``chart.Metadata``, ``chart.Dependency`` and ``chart.Maintainer``."""

from __future__ import annotations

from pilothouse.charts.decoding import Decoder, Struct
from pilothouse.records import Record

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
    dependencies: tuple[Dependency, ...] = ()


#: What a null entry of ``maintainers`` is read as; validation refuses it by identity.
NULL_MAINTAINER = Maintainer()
#: What a null entry of ``dependencies`` is read as; validation refuses it by identity.
NULL_DEPENDENCY = Dependency()

_MAINTAINER = Struct(
    name="Maintainer",
    full_names=("chart.Maintainer", "v2.Maintainer"),
    fields={"name": "string", "email": "string", "url": "string"},
)
_DEPENDENCY = Struct(
    name="Dependency",
    full_names=("chart.Dependency", "v2.Dependency"),
    fields={
        "name": "string",
        "version": "string",
        "repository": "string",
        "condition": "string",
        "tags": "[]string",
        "enabled": "bool",
        "import-values": "[]any",
        "alias": "string",
    },
)
METADATA = Struct(
    name="Metadata",
    full_names=("chart.Metadata", "v2.Metadata"),
    fields={
        "name": "string",
        "home": "string",
        "sources": "[]string",
        "version": "string",
        "description": "string",
        "keywords": "[]string",
        "maintainers": (_MAINTAINER,),
        "icon": "string",
        "apiVersion": "string",
        "condition": "string",
        "tags": "string",
        "appVersion": "string",
        "deprecated": "bool",
        "annotations": "map[string]string",
        "kubeVersion": "string",
        "dependencies": (_DEPENDENCY,),
        "type": "string",
    },
)
_LOCK = Struct(
    name="Lock",
    full_names=("chart.Lock", "v2.Lock"),
    fields={"generated": "time", "digest": "string", "dependencies": (_DEPENDENCY,)},
)
_ATTRIBUTES = {
    "apiVersion": "api_version",
    "appVersion": "app_version",
    "kubeVersion": "kube_version",
    "import-values": "import_values",
}


def decode_metadata(value: YamlValue, *, helm: int = 4, base: Metadata | None = None) -> Metadata:
    """Return the metadata that decoded YAML gives.

    Args:
        value: What Chart.yaml or requirements.yaml holds.
        helm: Whose error texts to use.
        base: Metadata that ``value`` is laid over.
    """
    fields = _plain(Decoder(helm).decode(value, METADATA))
    return (base or Metadata()).replace(**fields)


def decode_lock(value: YamlValue, *, helm: int = 4) -> Lock:
    """Return the lock that decoded YAML gives."""
    return Lock(**_plain(Decoder(helm).decode(value, _LOCK)))


def _plain(found: Mapping[str, YamlValue]) -> dict[str, YamlValue]:
    """Return decoded fields by attribute name, lists as tuples of records."""
    plain: dict[str, YamlValue] = {}
    for name, value in found.items():
        made = tuple(value) if isinstance(value, list) else value
        if name == "maintainers":
            made = tuple(NULL_MAINTAINER if item is None else Maintainer(**item) for item in value)
        elif name == "dependencies":
            made = tuple(NULL_DEPENDENCY if item is None else Dependency(**_plain(item)) for item in value)
        plain[_ATTRIBUTES.get(name, name)] = made
    return plain


def encode_metadata(metadata: Metadata) -> dict[str, YamlValue]:
    """Return the JSON object of ``metadata``: Go's field order, empty fields left out."""
    encoded: dict[str, YamlValue] = {}
    for name in METADATA.fields:
        value = getattr(metadata, _ATTRIBUTES.get(name, name))
        if name == "maintainers":
            value = [encode_maintainer(item) for item in value]
        elif name == "dependencies":
            value = [encode_dependency(item) for item in value]
        elif isinstance(value, tuple):
            value = list(value)
        elif name == "annotations" and value is not None:
            value = dict(value)
        if value:
            encoded[name] = value
    return encoded


def encode_maintainer(maintainer: Maintainer) -> dict[str, YamlValue]:
    """Return the JSON object of a maintainer."""
    fields = {"name": maintainer.name, "email": maintainer.email, "url": maintainer.url}
    return {name: value for name, value in fields.items() if value}


def encode_dependency(dependency: Dependency) -> dict[str, YamlValue]:
    """Return the JSON object of a dependency; name and repository are always there."""
    encoded: dict[str, YamlValue] = {}
    for name in _DEPENDENCY.fields:
        value = getattr(dependency, _ATTRIBUTES.get(name, name))
        if isinstance(value, tuple):
            value = list(value)
        if value or name in {"name", "repository"}:
            encoded[name] = value
    return encoded


def encode_lock(lock: Lock) -> dict[str, YamlValue]:
    """Return the JSON object of a lock."""
    return {
        "generated": lock.generated or "0001-01-01T00:00:00Z",
        "digest": lock.digest,
        "dependencies": [encode_dependency(item) for item in lock.dependencies],
    }
