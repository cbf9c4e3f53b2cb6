"""Chart and user's values into hooks, objects and notes: the pure half of every installation."""

from __future__ import annotations

from pilothouse.errors import Invalid
from pilothouse.records import Record
from pilothouse.render.documents import HookManifest, Manifest
from pilothouse.render.engine import render
from pilothouse.render.errors import IncompatibleCluster, ManifestError
from pilothouse.render.manifests import sort_manifests
from pilothouse.render.notes import take_notes
from pilothouse.values.coalesce import coalesce_values
from pilothouse.values.subcharts import is_compatible, process_dependencies

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pilothouse.charts.model import Chart
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.progress import Reporter
    from pilothouse.render.postrender import PostRenderer
    from pilothouse.render.settings import RenderSettings


class PreparedChart(Record):
    """A chart that is ready to be rendered.

    Attributes:
        chart: The chart with the subcharts that are enabled.
        values: Its values: the user's over the defaults of all charts of the tree.
    """

    chart: Chart
    values: Mapping[str, YamlValue]


class RenderedChart(Record):
    """What the templates of a chart made.

    Attributes:
        hooks: Documents that run at events, in the order of installing.
        manifests: The other documents, in the order of installing.
        notes: The chart's words to its user.
        crds: Path and text of the files under ``crds/``.
        replaced: What a post-renderer made of the whole manifest text, which only Helm 3 lets it do.
    """

    hooks: tuple[HookManifest, ...]
    manifests: tuple[Manifest, ...]
    notes: str
    crds: tuple[tuple[str, str], ...] = ()
    replaced: str | None = None

    def manifest_text(self, *, include_crds: bool = False, hide_secrets: bool = False) -> str:
        """Return the documents as one stream, each after a line that names its source.

        Args:
            include_crds: Whether the files under ``crds/`` come first.
            hide_secrets: Whether Secrets are only mentioned.
        """
        if self.replaced is not None:
            return self.replaced
        parts: list[str] = []
        if include_crds:
            parts += [f"---\n# Source: {path}\n{text}\n" for path, text in self.crds]
        for manifest in self.manifests:
            content = manifest.content
            if hide_secrets and manifest.kind == "Secret" and manifest.head.api_version == "v1":
                content = "# HIDDEN: The Secret output has been suppressed"
            parts.append(f"---\n# Source: {manifest.source}\n{content}\n")
        return "".join(parts)


def processed_for_install(chart: Chart, values: Mapping[str, YamlValue], *, helm: int, reporter: Reporter) -> Chart:
    """Return the chart with the subcharts that are enabled, or raise with the words of ``action.Install``.

    Raises:
        Invalid: Values that dependencies need are wrong.
    """
    try:
        return process_dependencies(chart, values, helm=helm, reporter=reporter)
    except Invalid as error:
        if helm == 3:
            raise
        reporter.report("error", "chart dependencies processing failed", error=error.message)
        raise Invalid(f"chart dependencies processing failed: {error.message}", hints=error.hints) from error


def prepare_chart(
    chart: Chart,
    values: Mapping[str, YamlValue],
    settings: RenderSettings,
    *,
    skip_schema: bool = False,
    twice: bool = False,
) -> PreparedChart:
    """Enable and disable subcharts, lay the values together and check them against the schemas.

    Args:
        chart: The chart as loaded.
        values: The user's values.
        settings: Whose rules to follow, and who hears of warnings.
        skip_schema: Whether schemas are left aside.
        twice: Whether what the values make is laid over the defaults once more, as ``lint`` does: nulls of the
            defaults then count as the user's.
    """
    processed = process_dependencies(chart, values, helm=settings.helm, reporter=settings.reporter)
    return prepare_processed(processed, values, settings, skip_schema=skip_schema, twice=twice)


def prepare_processed(
    processed: Chart,
    values: Mapping[str, YamlValue],
    settings: RenderSettings,
    *,
    skip_schema: bool = False,
    twice: bool = False,
) -> PreparedChart:
    """Do what is left of :func:`prepare_chart` for a chart whose dependencies are processed."""
    coalesced = coalesce_values(processed, values, helm=settings.helm, reporter=settings.reporter)
    if twice:
        coalesced = coalesce_values(processed, coalesced, helm=settings.helm, reporter=settings.reporter)
    if not skip_schema:
        _check_schemas(processed, coalesced, settings)
    return PreparedChart(chart=processed, values=coalesced)


def tell_schemas(chart: Chart, values: Mapping[str, YamlValue], reporter: Reporter) -> None:
    """Tell which schemas are looked at, as Helm 4 does with ``--debug`` while it checks."""
    if chart.schema is not None:
        reporter.debug("chart name", **{"chart-name": chart.name})
        text = chart.schema.decode("utf-8", "surrogateescape")
        reporter.debug("unmarshalled JSON schema", schema=text)
    count = str(len(chart.subcharts))
    reporter.debug("number of dependencies in the chart", chart=chart.name, dependencies=count)
    for subchart in chart.subcharts:
        section = values.get(subchart.name)
        if isinstance(section, dict):
            tell_schemas(subchart, section, reporter)


def _check_schemas(chart: Chart, values: Mapping[str, YamlValue], settings: RenderSettings) -> None:
    """Check values against the schemas of the tree, unless the same ones were found good before.

    The library that checks takes longer to import than most charts take to render.
    """
    if settings.helm >= 4:
        tell_schemas(chart, values, settings.reporter)
    schemas = list(_schemas(chart, chart.name))
    if not schemas:
        return

    def check() -> bool:
        from pilothouse.values.schema import validate

        validate(chart, values, helm=settings.helm)
        return True

    if settings.cache is None:
        check()
        return
    seen = repr((schemas, values)).encode("utf-8", "surrogateescape")
    settings.cache.read(b"schema%d" % settings.helm, seen, check)


def _schemas(chart: Chart, path: str) -> Iterator[tuple[str, bytes]]:
    if chart.schema is not None:
        yield path, chart.schema
    for subchart in chart.subcharts:
        yield from _schemas(subchart, f"{path}/{subchart.name}")


def render_chart(
    prepared: PreparedChart,
    settings: RenderSettings,
    *,
    with_subchart_notes: bool = False,
    post_renderer: PostRenderer | None = None,
    include_crds: bool = False,
) -> RenderedChart:
    """Render a chart and sort what its templates made (``Configuration.renderResources``).

    Args:
        prepared: The chart and its values.
        settings: Everything from outside.
        with_subchart_notes: Whether the notes of subcharts are kept as well.
        post_renderer: Changes the documents before they are sorted; with Helm 3, the manifest text after that.
        include_crds: Whether the text that Helm 3 hands over has the files under ``crds/`` in it.

    Raises:
        IncompatibleCluster: The chart is for other versions of Kubernetes.
        RenderError: A template does not parse or fails.
        ManifestError: What a template made is no stream of objects.
    """
    chart = prepared.chart
    check_kube_version(chart, settings)
    files = render(chart, prepared.values, settings)
    notes = take_notes(files, chart.name, with_subcharts=with_subchart_notes)
    if post_renderer is not None and settings.helm >= 4:
        files = _post_rendered(files, post_renderer)
    try:
        hooks, manifests = sort_manifests(files, helm=settings.helm, reporter=settings.reporter, cache=settings.cache)
    except ManifestError as error:
        if settings.explain and (post_renderer is None or settings.helm == 3):
            from pilothouse.render.origins import Origins

            error.hints += Origins(chart, prepared.values, settings).of_manifest_error(error)
        raise
    crds = tuple((path, file.data.decode("utf-8", "surrogateescape")) for path, file in chart.crd_objects())
    rendered = RenderedChart(hooks=tuple(hooks), manifests=tuple(manifests), notes=notes, crds=crds)
    if post_renderer is not None and settings.helm == 3:
        return rendered.replace(replaced=post_renderer.run(rendered.manifest_text(include_crds=include_crds)))
    return rendered


def _post_rendered(files: dict[str, str], post_renderer: PostRenderer) -> dict[str, str]:
    from pilothouse.render.postrender import annotate, regroup

    return regroup(post_renderer.run(annotate(files)))


def check_kube_version(chart: Chart, settings: RenderSettings) -> None:
    """Refuse a chart that is for other versions of Kubernetes than the cluster's."""
    wanted = chart.metadata.kube_version
    version = settings.capabilities.kube_version
    if wanted and not is_compatible(wanted, version.normalized, helm=settings.helm):
        raise IncompatibleCluster(
            f"chart requires kubeVersion: {wanted} which is incompatible with Kubernetes {version.version}"
        )
