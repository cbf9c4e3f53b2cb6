"""What Helm writes about a chart into a registry, and how it is read back."""

from __future__ import annotations

from pilothouse.charts.metadata import encode_metadata
from pilothouse.formats import json_text
from pilothouse.formats.errors import JsonError
from pilothouse.sources.oci.client import Descriptor, digest_of
from pilothouse.sources.oci.errors import ManifestInvalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pilothouse.charts.metadata import Metadata
    from pilothouse.golang.kinds import YamlValue

    YamlObject = dict[str, YamlValue]
    _Base = YamlObject
else:
    _Base = dict

CONFIG = "application/vnd.cncf.helm.config.v1+json"
CHART = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
PROVENANCE = "application/vnd.cncf.helm.chart.provenance.v1.prov"
LEGACY_CHART = "application/tar+gzip"
PLUGIN = "application/vnd.helm.plugin.v1+json"

_PREFIX = "org.opencontainers.image."
TITLE = f"{_PREFIX}title"
_VERSION = f"{_PREFIX}version"


class _Struct(_Base):
    """A JSON object whose keys keep their order, as the fields of a Go struct do."""

    __slots__ = ()
    go_type = go_kind = "struct"


def encode_config(metadata: Metadata) -> bytes:
    """Return the configuration of a chart's artefact: its metadata as Go writes it."""
    return json_text.encode(_structs(encode_metadata(metadata), top=True)).encode("utf-8", "surrogateescape")


def _structs(value: YamlValue, *, top: bool = False) -> YamlValue:
    """Return ``value`` with the objects that are structs in Go marked as such; annotations are a map."""
    if isinstance(value, list):
        return [_structs(item, top=True) for item in value]
    if isinstance(value, dict):
        inner = {
            key: item if key in ("annotations", "import-values") else _structs(item) for key, item in value.items()
        }
        return _Struct(inner) if top else inner
    return value


def describe(media_type: str, content: bytes) -> Descriptor:
    """Return what names ``content``."""
    return Descriptor(media_type=media_type, digest=digest_of(content), size=len(content))


def encode_manifest(config: Descriptor, layers: Iterable[Descriptor], annotations: Mapping[str, str]) -> bytes:
    """Return the manifest of a chart (``registry.Client.Push``)."""
    content = _Struct(
        schemaVersion=2,
        config=_descriptor(config),
        layers=[_descriptor(layer) for layer in sorted(layers, key=lambda layer: layer.digest)],
    )
    if annotations:
        content["annotations"] = dict(annotations)
    return json_text.encode(content).encode("utf-8", "surrogateescape")


def _descriptor(descriptor: Descriptor) -> YamlValue:
    return _Struct(mediaType=descriptor.media_type, digest=descriptor.digest, size=descriptor.size)


def annotations_of(metadata: Metadata, created: str) -> dict[str, str]:
    """Return the annotations of a chart's manifest (``registry.generateOCIAnnotations``).

    Args:
        metadata: The chart's; its own annotations win but for title and version.
        created: When the archive was made, in RFC 3339.
    """
    authors = ", ".join(
        f"{maintainer.name} ({maintainer.email})" if maintainer.email else maintainer.name
        for maintainer in metadata.maintainers
    )
    wanted = {
        "description": metadata.description,
        "title": metadata.name,
        "version": metadata.version,
        "url": metadata.home,
        "created": created,
        "source": metadata.sources[0] if metadata.sources else "",
        "authors": authors,
    }
    found = {_PREFIX + name: text for name, text in wanted.items() if text.strip()}
    own = metadata.annotations or {}
    return {**found, **{name: text for name, text in own.items() if name not in (TITLE, _VERSION)}}


def decode_manifest(content: bytes) -> YamlObject:
    """Return a manifest as the object that it is.

    Raises:
        ManifestInvalid: It is none.
    """
    try:
        return json_text.decode_mapping(content)
    except JsonError as error:
        raise ManifestInvalid(f"unable to parse manifest: {error.message}") from error


def descriptors_in(value: YamlValue) -> list[Descriptor]:
    """Return the descriptors in a field of a manifest, which is one of them or a list.

    Raises:
        ManifestInvalid: One has no valid digest.
    """
    from pilothouse.sources.oci.errors import ReferenceInvalid
    from pilothouse.sources.oci.references import check_digest

    found = []
    for entry in value if isinstance(value, list) else [value]:
        if not isinstance(entry, dict):
            continue
        digest, size = str(entry.get("digest") or ""), entry.get("size")
        try:
            check_digest(digest)
        except ReferenceInvalid as error:
            raise ManifestInvalid(error.message) from error
        count = int(size) if isinstance(size, int | float) else -1
        found.append(Descriptor(media_type=str(entry.get("mediaType") or ""), digest=digest, size=count))
    return found
