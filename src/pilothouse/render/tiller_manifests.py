"""What the templates of a chart made, told apart by Helm 2's rules: hooks, manifest and notes."""

from __future__ import annotations

from pilothouse.charts.decoding import DecodingError
from pilothouse.formats.errors import YamlError
from pilothouse.golang.quoting import quote
from pilothouse.objects.ordering import install_order
from pilothouse.progress import SILENT
from pilothouse.records import Record
from pilothouse.render.documents import Head, HookManifest, Manifest
from pilothouse.render.engine import render
from pilothouse.render.errors import IncompatibleCluster, ManifestError
from pilothouse.render.manifests import HOOK_ANNOTATION, SPACES, decode_head, integer, split_documents
from pilothouse.render.notes import NOTES_NAME, take_notes
from pilothouse.values.subcharts import is_compatible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pilothouse.charts.model import Chart
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.progress import Reporter
    from pilothouse.render.settings import RenderSettings

EVENTS = frozenset(
    (
        *("pre-install", "post-install", "pre-delete", "post-delete", "pre-upgrade", "post-upgrade"),
        *("pre-rollback", "post-rollback", "test-success", "test-failure", "crd-install"),
    )
)
DELETE_POLICIES = ("hook-succeeded", "hook-failed", "before-hook-creation")
#: Seconds that the deletion of a hook's object may take when the chart does not say.
DELETE_TIMEOUT = 60


class TillerHookManifest(HookManifest):
    """A hook with the seconds that its deletion may take."""

    delete_timeout: int = 0


class TillerRendering(Record):
    """Hooks, manifest and notes of a release."""

    hooks: tuple[TillerHookManifest, ...]
    manifest: str
    notes: str


def render_chart(
    chart: Chart, values: Mapping[str, YamlValue], settings: RenderSettings, *, with_subchart_notes: bool = False
) -> TillerRendering:
    """Render a chart as Tiller does (``ReleaseServer.renderResources``).

    Args:
        chart: The chart as the client sent it.
        values: Its coalesced values.
        settings: Everything from outside; its capabilities are :class:`TillerCapabilities`.
        with_subchart_notes: Whether notes of subcharts are kept.

    Raises:
        IncompatibleCluster: The chart is for other versions of Tiller or Kubernetes.
        RenderError: A template does not parse or fails.
        ManifestError: What a template made is no object; its ``files`` are what was rendered.
    """
    _check_versions(chart, settings)
    files = render(chart, values, settings)
    notes = _take_notes(files, chart.name, with_subcharts=with_subchart_notes)
    hooks, manifests = sort_manifests(files, reporter=settings.reporter)
    text = blob((manifest.source, manifest.content) for manifest in manifests)
    return TillerRendering(hooks=tuple(hooks), manifest=text, notes=notes)


def _take_notes(files: dict[str, str], chart: str, *, with_subcharts: bool) -> str:
    """Take the notes out of rendered files and return them, the root chart's first; Tiller's order is by chance."""
    own = files.pop(f"{chart}/templates/{NOTES_NAME}", "")
    found = [own, take_notes(files, chart, with_subcharts=with_subcharts)]
    return "\n".join(text for text in found if text)


def blob(documents: Iterable[tuple[str, str]]) -> str:
    """Return documents as one stream, each after a line that names its source."""
    return "".join(f"\n---\n# Source: {source}\n{content}" for source, content in documents)


def _check_versions(chart: Chart, settings: RenderSettings) -> None:
    capabilities = settings.capabilities
    tiller: str = getattr(capabilities, "tiller_version", ("",))[0]
    wanted = chart.metadata.tiller_version
    if wanted and not is_compatible(wanted, tiller, helm=3):
        raise IncompatibleCluster(f"Chart incompatible with Tiller {tiller}")
    wanted = chart.metadata.kube_version
    kubernetes = capabilities.kube_version.version.partition("+")[0]
    if wanted and not is_compatible(wanted, kubernetes, helm=3):
        raise IncompatibleCluster(
            f"Chart requires kubernetesVersion: {wanted} which is incompatible with Kubernetes {kubernetes}"
        )


def sort_manifests(
    files: Mapping[str, str], *, reporter: Reporter = SILENT
) -> tuple[list[TillerHookManifest], list[Manifest]]:
    """Return the hooks by path, and the other documents in the order of installing (``sortManifests``).

    Raises:
        ManifestError: A document is no object.
    """
    hooks: list[TillerHookManifest] = []
    manifests: list[Manifest] = []
    for path in sorted(files):
        content = files[path]
        if path.rpartition("/")[2].startswith("_"):
            continue
        if not content.strip(SPACES):
            reporter.report("log", f"info: manifest {quote(path)} is empty. Skipping.")
            continue
        for text in split_documents(content, helm=3):
            try:
                head = decode_head(text, helm=3)
            except (YamlError, DecodingError) as error:
                raise ManifestError(f"YAML parse error on {path}: {error.message}", path=path, files=files) from error
            if not head.annotations or HOOK_ANNOTATION not in head.annotations:
                manifests.append(Manifest(source=path, content=text, head=head))
                continue
            hook = _hook(path, text, head, reporter)
            if hook is not None:
                hooks.append(hook)
    return hooks, install_order(2).sort(manifests, lambda manifest: manifest.head.kind)


def _hook(path: str, text: str, head: Head, reporter: Reporter) -> TillerHookManifest | None:
    annotations = head.annotations or {}
    named = annotations[HOOK_ANNOTATION]
    events = _listed(named)
    if not EVENTS.issuperset(events):
        reporter.report("log", f"info: skipping unknown hook: {quote(named)}")
        return None
    asked = _listed(annotations.get("helm.sh/hook-delete-policy", "")) if annotations else ()
    policies = tuple(policy for policy in asked if policy in DELETE_POLICIES)
    for policy in asked:
        if policy and policy not in DELETE_POLICIES:
            reporter.report("log", f"info: skipping unknown hook delete policy: {quote(policy)}")
    timeout = DELETE_TIMEOUT if policies else 0
    if policies and "helm.sh/hook-delete-timeout" in annotations:
        timeout = integer(annotations["helm.sh/hook-delete-timeout"].strip(SPACES), 63)
    return TillerHookManifest(
        name=head.name,
        kind=head.kind,
        path=path,
        manifest=text,
        events=events,
        weight=integer(annotations.get("helm.sh/hook-weight", ""), 31),
        delete_policies=policies,
        delete_timeout=timeout,
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(item.strip(SPACES).lower() for item in text.split(","))
