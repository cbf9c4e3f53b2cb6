"""Rendering a chart on the server by Helm 2's rules."""

from __future__ import annotations

from pilothouse.charts.model import Chart
from pilothouse.errors import PilothouseError
from pilothouse.hapi.convert import chart_from
from pilothouse.records import Record
from pilothouse.render.capabilities import KubeVersion
from pilothouse.render.settings import RenderSettings
from pilothouse.render.tiller_context import TillerCapabilities, TillerRelease
from pilothouse.render.tiller_manifests import TillerRendering, render_chart
from pilothouse.values.helm2 import coalesce_values, read_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.tiller_context import TillerContext
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.hapi.messages import Message


class RenderRequest(Record):
    """What is rendered for which revision.

    Attributes:
        chart: A ``hapi.chart.Chart``.
        config: The user's values, a ``hapi.chart.Config`` or none.
        subchart_notes: Whether notes of subcharts are kept.
        time: When the operation began, in nanoseconds since 1970.
    """

    chart: Message
    config: Message
    name: str
    namespace: str
    revision: int
    time: int
    is_upgrade: bool = False
    subchart_notes: bool = False


def render_release(context: TillerContext, request: RenderRequest) -> TillerRendering:
    """Return the hooks, the manifest and the notes of a release.

    Raises:
        Invalid: Values, templates or what they make are wrong.
        PilothouseError: The cluster does not tell what it can do.
    """
    capabilities = cluster_capabilities(context)
    chart = chart_from(request.chart)
    values = coalesced_values(context, chart, request.config)
    settings = RenderSettings(
        release=TillerRelease(
            name=request.name,
            namespace=request.namespace,
            revision=request.revision,
            is_install=not request.is_upgrade,
            is_upgrade=request.is_upgrade,
            time=request.time,
        ),
        capabilities=capabilities,
        clock=context.clock,
        entropy=context.entropy,
        helm=2,
        resolve_host=context.resolve_host,
        local_zone=context.local_zone,
        cache_folder=context.cache_folder,
        reporter=context.reporter,
    )
    context.log(f"rendering {chart.name} chart using values")
    return render_chart(chart, values, settings, with_subchart_notes=request.subchart_notes)


def coalesced_values(context: TillerContext, chart: Chart, config: Message) -> dict[str, YamlValue]:
    """Return the user's values over those of the chart and its subcharts.

    Raises:
        Invalid: They cannot be read, or do not fit.
    """
    given = {} if config is None else read_values(config.raw)
    return coalesce_values(chart, given, reporter=context.reporter)


def cluster_capabilities(context: TillerContext) -> TillerCapabilities:
    """Return what the cluster can do (``capabilities``).

    Raises:
        PilothouseError: It does not say.
    """
    try:
        server = context.cluster.server_version()
        versions = context.cluster.api_versions()
    except PilothouseError as error:
        raise error.prefixed("Could not get apiVersions from Kubernetes: ") from error
    shown = str(server.get("gitVersion") or "")
    version = KubeVersion(
        version=shown,
        major=str(server.get("major") or ""),
        minor=str(server.get("minor") or ""),
        normalized=shown,
    )
    return TillerCapabilities(
        kube_version=version,
        api_versions=versions,
        helm=2,
        server={key: str(value) for key, value in server.items()},
        tiller_version=context.version,
    )
