"""Plugins in registries (``registry.Client.PullPlugin``)."""

from __future__ import annotations

from pilothouse.errors import PilothouseError
from pilothouse.records import Record
from pilothouse.sources.oci import manifests
from pilothouse.sources.oci.errors import ManifestInvalid, ReferenceInvalid
from pilothouse.sources.oci.references import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.sources.oci.client import Registry


class PulledPlugin(Record):
    """A plugin's archive from a registry.

    Attributes:
        archive: The archive.
        provenance: Its provenance file, ``None`` when there is none.
    """

    archive: bytes
    provenance: bytes | None = None


def pull_plugin(registry: Registry, source: str) -> PulledPlugin:
    """Return the plugin that a reference names.

    Raises:
        ReferenceInvalid: It names no tag and no digest.
        ManifestInvalid: It is no plugin.
    """
    reference = parse(source)
    start = f'failed to pull plugin from {source}: failed to perform "FetchReference" on source: '
    if not reference.tag and not reference.digest:
        raise ReferenceInvalid("").prefixed(start)
    try:
        _, content = registry.manifest(reference)
    except PilothouseError as error:
        raise error.prefixed(start) from error
    manifest = manifests.decode_manifest(content)
    _check_kind(manifest)
    archive = _layer(manifest, reference.name, ".tgz")
    if archive is None:
        raise ManifestInvalid(f"required layer matching pattern {reference.name}-VERSION.tgz not found in manifest")
    provenance = _layer(manifest, reference.name, ".tgz.prov")
    found = manifests.descriptors_in([archive, provenance] if provenance else [archive])
    return PulledPlugin(
        archive=registry.blob(reference, found[0]),
        provenance=registry.blob(reference, found[1]) if provenance else None,
    )


def _check_kind(manifest: dict[str, YamlValue]) -> None:
    kind, config = manifest.get("artifactType") or "", manifest.get("config")
    if kind and kind != manifests.PLUGIN:
        raise ManifestInvalid(f"expected artifact type {manifests.PLUGIN}, got {kind}")
    media_type = str(config.get("mediaType") or "") if isinstance(config, dict) else ""
    if not kind and media_type != manifests.PLUGIN:
        raise ManifestInvalid(
            f"expected config media type {manifests.PLUGIN} for legacy compatibility, got {media_type}"
        )


def _layer(manifest: dict[str, YamlValue], name: str, suffix: str) -> YamlValue:
    """Return the first layer whose title is ``NAME-VERSION`` with a suffix."""
    layers = manifest.get("layers")
    for layer in layers if isinstance(layers, list) else ():
        annotations = layer.get("annotations") if isinstance(layer, dict) else None
        title = annotations.get(manifests.TITLE) if isinstance(annotations, dict) else None
        if isinstance(title, str) and title.startswith(f"{name}-") and title.endswith(suffix):
            return layer
    return None
