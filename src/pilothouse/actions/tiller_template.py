"""Rendering a chart here by Helm 2's rules, without a Tiller (``helm template`` of Helm 2)."""

from __future__ import annotations

import os
import re

from pilothouse.actions.tiller_chart import chart_to_send, check_requirements, processed, values_to_send
from pilothouse.charts import helm2
from pilothouse.charts.files import make_folder, os_error, write_file
from pilothouse.errors import Invalid, NotFound
from pilothouse.objects.ordering import install_order
from pilothouse.progress import SILENT
from pilothouse.records import Record, field
from pilothouse.render.engine import render
from pilothouse.render.manifests import SPACES
from pilothouse.render.settings import RenderSettings
from pilothouse.render.tiller_capabilities import default_capabilities
from pilothouse.render.tiller_context import TillerRelease
from pilothouse.semver.errors import SemverError
from pilothouse.semver.versions import Version
from pilothouse.values.helm2 import coalesce_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pilothouse.charts.model import Chart
    from pilothouse.clock import Clock
    from pilothouse.environment import Environment
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.hapi.messages import Message
    from pilothouse.progress import Reporter
    from pilothouse.render.tiller_context import TillerCapabilities

_KIND = re.compile(r"kind:(.*)\n")


class TemplateOptions(Record):
    """What to render, and how to show it.

    Attributes:
        chart: Path of the chart.
        name: Name of the release.
        namespace: Its namespace.
        values: The user's values, merged.
        files: ``--execute``: only these files, relative to the chart or absolute.
        notes: Whether notes are shown as well.
        kube_version: ``--kube-version``.
        api_versions: ``--api-versions``, in place of those that are assumed.
        output_folder: Where to write in place of showing, empty for nowhere.
    """

    chart: str
    name: str = "release-name"
    namespace: str = "default"
    values: Mapping[str, YamlValue] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    notes: bool = False
    is_upgrade: bool = False
    kube_version: str = "1.14"
    api_versions: tuple[str, ...] = ()
    output_folder: str = ""


def template(
    environment: Environment,
    options: TemplateOptions,
    *,
    clock: Clock,
    tell: Callable[[str], None],
    on_release: Callable[[Message], None] | None = None,
    reporter: Reporter = SILENT,
) -> None:
    """Render a chart and tell what it makes, or write it into files.

    Args:
        environment: Says what relative paths are relative to.
        options: What to render.
        clock: Tells the time.
        tell: Hears what is shown.
        on_release: Is handed the release that the chart would become, before anything is told.
        reporter: Hears of warnings.

    Raises:
        PilothouseError: There is no chart, it cannot be rendered, or a file is not in it; the texts are Helm's.
    """
    here = environment.working_directory
    path = os.path.join(here, options.chart)
    try:
        os.stat(path)
    except OSError as error:
        raise os_error(error, "stat", options.chart) from error
    folder = options.output_folder
    if folder and not os.path.exists(os.path.join(here, folder)):
        raise NotFound(f"output-dir '{folder}' does not exist")
    chart = helm2.load(path, reporter=reporter)
    check_requirements(chart)
    chart = processed(chart, options.values, reporter=reporter)
    capabilities = _capabilities(options)
    values = coalesce_values(chart, options.values, reporter=reporter)
    settings = _settings(environment, options, capabilities, clock, reporter)
    rendered = render(chart, values, settings)
    if on_release is not None:
        on_release(_release(chart, options, clock))
    for source in _wanted(rendered, options, path, chart.name):
        text = rendered[source]
        if not folder:
            tell(f"---\n# Source: {source}\n{text}\n")
        elif text.strip(SPACES):
            _write(os.path.join(here, folder, source), source, text)
            tell(f"wrote {os.path.join(folder, source)}\n")


def _release(chart: Chart, options: TemplateOptions, clock: Clock) -> Message:
    from pilothouse.hapi.messages import ReleaseMessage

    made = ReleaseMessage(name=options.name, namespace=options.namespace, version=1)
    made.info.last_deployed.seconds = clock.now_ns() // 1_000_000_000
    made.chart.CopyFrom(chart_to_send(chart))
    made.config.CopyFrom(values_to_send(options.values))
    return made


def _capabilities(options: TemplateOptions) -> TillerCapabilities:
    try:
        version = Version.parse(options.kube_version, helm=3)
    except SemverError as error:
        raise Invalid(f"could not parse a kubernetes version: {error.message}") from error
    return default_capabilities(str(version.major), str(version.minor), api_versions=options.api_versions)


def _settings(
    environment: Environment,
    options: TemplateOptions,
    capabilities: TillerCapabilities,
    clock: Clock,
    reporter: Reporter,
) -> RenderSettings:
    return RenderSettings(
        release=TillerRelease(
            name=options.name,
            namespace=options.namespace,
            revision=0,
            is_install=not options.is_upgrade,
            is_upgrade=options.is_upgrade,
            time=clock.now_ns(),
        ),
        capabilities=capabilities,
        clock=clock,
        entropy=os.urandom,
        helm=2,
        local_zone=environment.get("TZ"),
        cache_folder=environment.own_cache,
        reporter=reporter,
    )


def _wanted(rendered: Mapping[str, str], options: TemplateOptions, path: str, name: str) -> list[str]:
    """Return the files that are shown, in their order."""
    order = install_order(2)
    kinds = {source: _kind(text) for source, text in rendered.items()}
    ranked = sorted(rendered, key=lambda source: (order.rank(kinds[source]), kinds[source], source))
    shown = [source for source in ranked if options.notes or not source.endswith("NOTES.txt")]
    if not options.files:
        return shown
    root = os.path.abspath(path)
    chosen = []
    for given in options.files:
        full = os.path.normpath(given if os.path.isabs(given) else os.path.join(root, given))
        source = os.path.join(name, os.path.relpath(full, root))
        if not os.path.exists(full):
            raise NotFound(f"could not find template {full} in chart")
        chosen.append(source)
    return [source for source in shown if source in chosen]


def _kind(text: str) -> str:
    found = _KIND.search(text)
    return found[1].strip() if found else "Unknown"


def _write(path: str, source: str, text: str) -> None:
    make_folder(os.path.dirname(path))
    write_file(path, f"---\n# Source: {source}\n{text}".encode("utf-8", "surrogateescape"))
