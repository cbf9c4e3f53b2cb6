"""Charts in registries: finding a version, pulling, pushing (``pkg/registry`` ``Client``)."""

from __future__ import annotations

from pilothouse.charts.load import load_archive
from pilothouse.charts.metadata import decode_metadata
from pilothouse.errors import NotFound, PilothouseError
from pilothouse.formats import json_text
from pilothouse.records import Record
from pilothouse.semver.constraints import Constraints
from pilothouse.semver.errors import InvalidVersion
from pilothouse.semver.versions import Version
from pilothouse.sources.oci import manifests
from pilothouse.sources.oci.client import INDEX, Descriptor
from pilothouse.sources.oci.errors import ManifestInvalid, ReferenceInvalid, VersionMissing
from pilothouse.sources.oci.references import Reference, parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pilothouse.charts.metadata import Metadata
    from pilothouse.sources.oci.client import Registry

UNDERSCORE_NOTE = """
OCI artifact references (e.g. tags) do not support the plus sign (+). To support
storing semantic versions, Helm adopts the convention of changing plus (+) to
an underscore (_) in chart version tags when pushing to a registry and back to
a plus (+) when pulling from a registry."""
_INDEXES = (INDEX, "application/vnd.docker.distribution.manifest.list.v2+json")


def _silent(_line: str) -> None:
    """Say nothing."""


class PulledChart(Record):
    """A chart's archive from a registry.

    Attributes:
        reference: Where it was.
        digest: Digest of its manifest.
        metadata: What the registry says that Chart.yaml holds.
        archive: The archive, which is what the manifest's digest says.
        provenance_layer: What names the provenance file, ``None`` when there is none.
    """

    reference: Reference
    digest: str
    metadata: Metadata
    archive: bytes
    provenance_layer: Descriptor | None = None


def tags(registry: Registry, reference: Reference) -> list[str]:
    """Return the versions among the tags of a repository, newest first (``Client.Tags``)."""
    versions = []
    for tag in registry.tags(reference):
        try:
            versions.append(Version.parse_strict(tag.replace("_", "+")))
        except InvalidVersion:
            continue
    return [str(version) for version in sorted(versions, reverse=True)]


def matching_tag(found: Sequence[str], wanted: str, *, helm: int = 4) -> str:
    """Return the first of ``found`` that is, or fits, ``wanted`` (``GetTagMatchingVersionOrConstraint``).

    Raises:
        VersionMissing: None does.
        InvalidConstraint: ``wanted`` is no constraint.
    """
    if wanted and wanted in found:
        return wanted
    constraint = Constraints.parse(wanted or "*", helm=helm)
    for tag in found:
        if constraint.check(Version.parse(tag)):
            return tag
    text = f"ould not locate a version matching provided version string {wanted}"
    raise VersionMissing(("C" if helm == 3 else "c") + text)


def resolve(registry: Registry, text: str, version: str = "", *, helm: int = 4) -> Reference:
    """Return the one artefact that a chart's reference and a version mean (``Client.ValidateReference``).

    Args:
        registry: Where to ask.
        text: ``oci://host/path/name``, perhaps with a tag or a digest.
        version: A version, a constraint, or nothing for the newest.
        helm: Helm generation, 3 or 4.

    Raises:
        ReferenceInvalid: Reference and version exclude each other.
        VersionMissing: No tag fits.
    """
    reference = parse(text)
    if not version:
        version = reference.tag.replace("_", "+")
    elif reference.tag and reference.tag not in (version, version.replace("+", "_")):
        raise _Mismatch(f"chart reference and version mismatch: {version} is not {reference.tag}")
    if reference.digest:
        _check_tagged(registry, reference, version)
        return reference.replace(tag="")
    try:
        Version.parse(version, helm=helm)
    except InvalidVersion:
        found = tags(registry, reference)
        if not found:
            address = text if text.startswith("oci://") else f"oci://{text}"
            raise VersionMissing(f"unable to locate any tags in provided repository: {address}") from None
        version = matching_tag(found, version, helm=helm)
    return parse(f"{reference.registry}/{reference.repository}:{version}")


class _Mismatch(ReferenceInvalid):
    """Reference and version exclude each other."""

    def __init__(self, message: str) -> None:
        super().__init__("")
        self.message = message
        self.args = (message,)


def _check_tagged(registry: Registry, reference: Reference, version: str) -> None:
    """Check that a digest is the tag's, when both are given and the tag exists."""
    if not version:
        return
    try:
        descriptor, _ = registry.manifest(reference.replace(tag=version.replace("+", "_"), digest=""))
    except PilothouseError:
        return  # with a digest given, nothing needs to be tagged
    if descriptor.digest != reference.digest:
        raise _Mismatch(f"chart reference digest mismatch: {descriptor.digest} is not {reference.digest}")


def file_name(reference: Reference) -> str:
    """Return the name of the file that a chart is saved as (``ChartDownloader.DownloadTo``)."""
    if reference.digest:
        return f"{reference.name}@{reference.digest.replace(':', '-')}.tgz"
    return f"{reference.name}-{reference.tag.replace('_', '+')}.tgz"


def pull(registry: Registry, reference: Reference, *, tell: Callable[[str], None] = _silent) -> PulledChart:
    """Return the chart that a reference names, checked against its digests (``Client.Pull``).

    Args:
        registry: Where to ask.
        reference: Which artefact, from :func:`resolve`.
        tell: Takes the lines that Helm prints about it.

    Raises:
        ArtefactMissing: There is none.
        ManifestInvalid: It is no chart, or not as its digest says.
    """
    descriptor, found = _graph(registry, reference)
    kinds = {manifests.CONFIG, manifests.CHART, manifests.LEGACY_CHART}
    count = 1 + sum(layer.media_type in kinds for layer in found)  # Helm counts the manifest as well
    if count < 2:
        raise ManifestInvalid(
            f"manifest does not contain minimum number of descriptors (2), descriptors found: {count}"
        )
    layers = {layer.media_type: layer for layer in found}
    if manifests.LEGACY_CHART in layers:
        tell(f"Warning: chart media type {manifests.LEGACY_CHART} is deprecated")
    config = layers.get(manifests.CONFIG)
    if config is None:
        raise ManifestInvalid(f"could not load config with mediatype {manifests.CONFIG}")
    chart = next((layer for layer in reversed(found) if layer.media_type in kinds - {manifests.CONFIG}), None)
    if chart is None:
        raise ManifestInvalid(f"manifest does not contain a layer with mediatype {manifests.CHART}")
    metadata = decode_metadata(json_text.decode_mapping(registry.blob(reference, config)))
    archive = registry.blob(reference, chart)
    _tell_done(tell, "Pulled", reference, descriptor.digest, underscore="_" in str(reference))
    return PulledChart(
        reference=reference,
        digest=descriptor.digest,
        metadata=metadata,
        archive=archive,
        provenance_layer=layers.get(manifests.PROVENANCE),
    )


def provenance(registry: Registry, pulled: PulledChart, *, tell: Callable[[str], None] = _silent) -> bytes:
    """Return the provenance file of a chart, from the manifest that the chart itself came from.

    Raises:
        NotFound: The chart has none.
    """
    if pulled.provenance_layer is None:
        raise NotFound(f"manifest does not contain a layer with mediatype {manifests.PROVENANCE}")
    content = registry.blob(pulled.reference, pulled.provenance_layer)
    _tell_done(tell, "Pulled", pulled.reference, pulled.digest, underscore="_" in str(pulled.reference))
    return content


def push(
    registry: Registry,
    archive: bytes,
    remote: str,
    *,
    created: str,
    provenance_file: bytes | None = None,
    tell: Callable[[str], None] = _silent,
) -> str:
    """Put a chart below a remote path, tagged with its version, and return the digest of its manifest.

    Args:
        registry: Where to put it.
        archive: The chart's archive.
        remote: ``oci://host/path``.
        created: When the archive was made, in RFC 3339.
        provenance_file: The file that proves who made it.
        tell: Takes the lines that Helm prints about it.

    Raises:
        ReferenceInvalid: No registry can have that name or version.
    """
    metadata = load_archive(archive).metadata
    path = "/".join(part for part in remote.removeprefix("oci://").split("/") if part)
    reference = parse(f"{path}/{metadata.name}:{metadata.version}")
    if (reference.name, reference.tag) != (metadata.name, metadata.version.replace("+", "_")):
        raise _Mismatch("strict mode enabled, ref basename and tag must match the chart name and version")
    config = manifests.encode_config(metadata)
    contents = [(manifests.CHART, archive)]
    if provenance_file is not None:
        contents.append((manifests.PROVENANCE, provenance_file))
    layers = [manifests.describe(kind, content) for kind, content in contents]
    annotations = manifests.annotations_of(metadata, created)
    manifest = manifests.encode_manifest(manifests.describe(manifests.CONFIG, config), layers, annotations)
    descriptor = manifests.describe("application/vnd.oci.image.manifest.v1+json", manifest)
    try:
        if not registry.exists(reference, descriptor):
            for content in (config, *(content for _, content in contents)):
                registry.upload(reference, content)
    except PilothouseError as error:
        raise error.prefixed('failed to perform "Exists" on destination: ') from error
    registry.put_manifest(reference, manifest)
    _tell_done(tell, "Pushed", reference, descriptor.digest, underscore="_" in reference.tag)
    return descriptor.digest


def _graph(registry: Registry, reference: Reference) -> tuple[Descriptor, list[Descriptor]]:
    """Return the manifest's descriptor and those of its content, through an index where there is one."""
    try:
        top, content = registry.manifest(reference)
    except PilothouseError as error:
        if registry.helm == 3:
            raise
        raise error.prefixed('failed to perform "FetchReference" on source: ') from error
    manifest = manifests.decode_manifest(content)
    children = manifests.descriptors_in(manifest.get("manifests")) if top.media_type in _INDEXES else []
    found: list[Descriptor] = []
    for child in children[:16]:
        if child.media_type == "application/vnd.oci.image.manifest.v1+json":
            _, inner = registry.manifest(reference.replace(digest=child.digest))
            found += _content(manifests.decode_manifest(inner))
    return top, found or _content(manifest)


def _content(manifest: manifests.YamlObject) -> list[Descriptor]:
    return [*manifests.descriptors_in(manifest.get("config")), *manifests.descriptors_in(manifest.get("layers"))]


def _tell_done(tell: Callable[[str], None], verb: str, reference: Reference, digest: str, *, underscore: bool) -> None:
    tell(f"{verb}: {reference}")
    tell(f"Digest: {digest}")
    if underscore:
        tell(f"{reference} contains an underscore.")
        tell(UNDERSCORE_NOTE)
