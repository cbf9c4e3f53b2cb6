"""Rendering a chart for a release: the cluster's capabilities in, hooks, manifest and notes out."""

from __future__ import annotations

from pilothouse.errors import NotFound
from pilothouse.records import Record
from pilothouse.releases.release import Hook, Release
from pilothouse.render.capabilities import Capabilities, default_capabilities, parse_kube_version
from pilothouse.render.pipeline import PreparedChart, render_chart, tell_schemas
from pilothouse.render.settings import ReleaseFacts, RenderSettings
from pilothouse.values.coalesce import coalesce_values
from pilothouse.values.schema import validate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pilothouse.actions.context import Context
    from pilothouse.charts.model import Chart
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.render.origins import Origins
    from pilothouse.render.postrender import PostRenderer


class RenderOptions(Record):
    """What a release operation says about rendering.

    Attributes:
        client_only: Whether the cluster is left alone: default capabilities, ``lookup`` finds nothing.
        lookup: Whether ``lookup`` asks the cluster.
        hide_secret: Whether Secrets are only mentioned in the manifest.
        post_renderer: Changes what was rendered.
    """

    name: str
    namespace: str
    revision: int
    is_upgrade: bool = False
    client_only: bool = False
    lookup: bool = True
    skip_schema_validation: bool = False
    render_subchart_notes: bool = False
    enable_dns: bool = False
    hide_secret: bool = False
    post_renderer: PostRenderer | None = None


class RenderedRelease(Record):
    """What becomes part of a release record."""

    hooks: tuple[Hook, ...]
    manifest: str
    notes: str


def render_release(
    context: Context, chart: Chart, values: Mapping[str, YamlValue], options: RenderOptions
) -> RenderedRelease:
    """Render a chart whose dependencies are processed (``Configuration.renderResources``).

    Raises:
        Invalid: Values, templates or what they make are wrong.
    """
    helm = context.compatibility
    settings = _settings(context, options)
    coalesced = coalesce_values(chart, values, helm=helm, reporter=context.reporter)
    if not options.skip_schema_validation:
        if helm >= 4 and options.client_only:
            tell_schemas(chart, coalesced, context.reporter)
        validate(chart, coalesced, helm=helm)
    rendered = render_chart(
        PreparedChart(chart=chart, values=coalesced),
        settings,
        with_subchart_notes=options.render_subchart_notes,
        post_renderer=options.post_renderer,
    )
    hooks = tuple(
        Hook(
            name=hook.name,
            kind=hook.kind,
            path=hook.path,
            manifest=hook.manifest,
            events=hook.events,
            weight=hook.weight,
            delete_policies=hook.delete_policies,
            output_log_policies=hook.output_log_policies,
        )
        for hook in rendered.hooks
    )
    return RenderedRelease(
        hooks=hooks, manifest=rendered.manifest_text(hide_secrets=options.hide_secret), notes=rendered.notes
    )


def origins_of(context: Context, release: Release) -> Origins:
    """Return what explains faults in the documents of a release that is being made."""
    from pilothouse.render.origins import Origins

    options = RenderOptions(
        name=release.name,
        namespace=release.namespace,
        revision=release.revision,
        is_upgrade=release.revision > 1,
    )
    chart = release.chart
    assert chart is not None
    coalesced = coalesce_values(chart, release.config, helm=context.compatibility)
    return Origins(chart, coalesced, _settings(context, options))


def _settings(context: Context, options: RenderOptions) -> RenderSettings:
    helm = context.compatibility
    return RenderSettings(
        release=ReleaseFacts(
            name=options.name,
            namespace=options.namespace,
            revision=options.revision,
            is_install=not options.is_upgrade,
            is_upgrade=options.is_upgrade,
        ),
        capabilities=default_capabilities(helm) if options.client_only else cluster_capabilities(context),
        clock=context.clock,
        entropy=context.entropy,
        helm=helm,
        lookup=cluster_lookup(context) if options.lookup and not options.client_only else None,
        resolve_host=context.resolve_host if options.enable_dns else None,
        local_zone=context.environment.get("TZ"),
        cache_folder=context.environment.own_cache,
        reporter=context.reporter,
        explain=True,
    )


def cluster_capabilities(context: Context) -> Capabilities:
    """Return what the cluster can do (``Configuration.getCapabilities``)."""
    answer = context.cluster.server_version()
    version = parse_kube_version(str(answer.get("gitVersion") or "v0.0"), helm=context.compatibility)
    version = version.replace(major=str(answer.get("major") or ""), minor=str(answer.get("minor") or ""))
    return Capabilities(kube_version=version, api_versions=context.cluster.api_versions(), helm=context.compatibility)


def cluster_lookup(context: Context) -> Callable[[str, str, str, str], dict[str, YamlValue]]:
    """Return what templates call to look at the cluster."""

    def lookup(api_version: str, kind: str, namespace: str, name: str) -> dict[str, YamlValue]:
        """Return an object, or a list of them when no name is given (``engine.newLookupFunction``)."""
        mapping = context.cluster.mapping(api_version, kind)
        if name:
            try:
                return context.cluster.get(mapping, namespace, name)
            except NotFound:
                return {}
        items = context.cluster.list(mapping, namespace)
        return {"apiVersion": api_version, "kind": f"{kind}List", "items": items, "metadata": {}}

    return lookup
