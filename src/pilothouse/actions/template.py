"""Rendering a chart without installing it (``helm template``)."""

from __future__ import annotations

import os

from pilothouse.charts.files import make_folder, os_error
from pilothouse.charts.ignore import fits
from pilothouse.charts.load import load
from pilothouse.errors import Invalid, PilothouseError
from pilothouse.progress import SILENT
from pilothouse.records import Record, field
from pilothouse.render.capabilities import Capabilities, KubeVersion, default_capabilities, parse_kube_version
from pilothouse.render.errors import IncompatibleCluster, ManifestError, RenderError, VersionInvalid
from pilothouse.render.manifests import SPACES, split_documents
from pilothouse.render.pipeline import RenderedChart, prepare_processed, processed_for_install, render_chart
from pilothouse.render.settings import ReleaseFacts, RenderSettings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pilothouse.charts.model import Chart
    from pilothouse.charts.parsed import ParsedCache
    from pilothouse.clock import Clock
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.progress import Reporter
    from pilothouse.render.postrender import PostRenderer

DEFAULT_NAME = "release-name"
_DEBUG_HINT = "\n\nUse --debug flag to render out invalid YAML"
_SOURCE = r"# Source: [^/\n]+/(.+)"


class TemplateOptions(Record):
    """What to render, and how to show it.

    Attributes:
        chart: The chart, as :func:`load_installable` returns it.
        name: Release name.
        namespace: Release namespace.
        values: The user's values, already merged from files and flags.
        kube_version: ``--kube-version``.
        api_versions: ``--api-versions``, beside those that are known.
        show_only: ``--show-only``: patterns of paths inside the chart; only documents from those are shown.
        output_dir: ``--output-dir``: folder to write to in place of showing.
        use_release_name: ``--release-name``: whether files go below a folder named after the release.
        debug: Whether what could be rendered is shown in spite of an error.
        post_renderer: Changes what was rendered.
    """

    chart: Chart
    name: str = DEFAULT_NAME
    namespace: str = "default"
    values: Mapping[str, YamlValue] = field(default_factory=dict)
    kube_version: str = ""
    api_versions: tuple[str, ...] = ()
    is_upgrade: bool = False
    show_only: tuple[str, ...] = ()
    output_dir: str = ""
    use_release_name: bool = False
    include_crds: bool = False
    skip_tests: bool = False
    no_hooks: bool = False
    skip_schema_validation: bool = False
    debug: bool = False
    post_renderer: PostRenderer | None = None


class TemplateResult(Record):
    """What is shown.

    Attributes:
        text: Standard output.
        error: What went wrong after something was rendered; only with ``debug``, otherwise it is raised.
    """

    text: str
    error: PilothouseError | None = None


class Surroundings(Record):
    """What rendering reaches outside; :class:`RenderSettings` says more about each.

    Attributes:
        capabilities: The cluster's, when there is one.
        check: Refuses a manifest that the cluster would not take.
        working_directory: What a relative output folder is relative to.
    """

    clock: Clock
    entropy: Callable[[int], bytes]
    helm: int = 4
    capabilities: Capabilities | None = None
    lookup: Callable[[str, str, str, str], dict[str, YamlValue]] | None = None
    check: Callable[[str], None] | None = None
    resolve_host: Callable[[str], Sequence[str]] | None = None
    local_zone: str = ""
    cache_folder: str = ""
    working_directory: str = "."
    reporter: Reporter = SILENT


def check_kube_version_flag(text: str, *, helm: int = 4) -> None:
    """Refuse a ``--kube-version`` that cannot be read, which Helm does before anything else."""
    if text:
        kube_version_of(text, helm)


def kube_version_of(text: str, helm: int = 4) -> KubeVersion:
    """Return the version that ``--kube-version`` names.

    Raises:
        VersionInvalid: It is none; the text is Helm's.
    """
    try:
        return parse_kube_version(text, helm=helm)
    except VersionInvalid as error:
        raise VersionInvalid(f"invalid kube version '{text}': {error.message}") from error


def load_installable(path: str, *, helm: int = 4, reporter: Reporter = SILENT, cache_folder: str = "") -> Chart:
    """Return the chart at ``path`` after checking that it can be installed.

    Args:
        path: Folder or archive of the chart.
        helm: Whose rules to follow.
        reporter: Hears of links, outdated files and deprecation.
        cache_folder: Where decoded files are kept, empty for nowhere.

    Raises:
        ChartInvalid: It is no chart.
        Invalid: It is a library, or declared subcharts are missing.
    """
    cache = _open_cache(cache_folder, os.path.abspath(path))
    chart = load(path, helm=helm, reporter=reporter, cache=cache)
    if cache is not None:
        cache.save()
    check_installable(chart, helm=helm, reporter=reporter)
    return chart


def _open_cache(folder: str, scope: str) -> ParsedCache | None:
    """Return what was read for a chart before, ``None`` without a folder."""
    if not folder:
        return None
    from pilothouse.charts.parsed import ParsedCache

    return ParsedCache(folder, scope)


def check_installable(chart: Chart, *, helm: int = 4, reporter: Reporter = SILENT) -> None:
    """Refuse a library and a chart whose declared subcharts are missing; warn about a deprecated one."""
    if chart.metadata.type not in {"", "application"}:
        raise Invalid(f"{chart.metadata.type} charts are not installable")
    if chart.metadata.deprecated:
        reporter.warning("This chart is deprecated" if helm == 3 else "this chart is deprecated")
    missing = missing_dependencies(chart)
    if missing:
        start, quote = ("An", "`") if helm == 3 else ("an", "'")
        raise Invalid(
            f"{start} error occurred while checking for chart dependencies. You may need to run "
            f"{quote}helm dependency build{quote} to fetch missing dependencies: "
            f"found in Chart.yaml, but missing in charts/ directory: {', '.join(missing)}"
        )


def missing_dependencies(chart: Chart) -> list[str]:
    """Return the names that are declared and not under charts/ (``action.CheckDependencies``)."""
    present = {subchart.name for subchart in chart.subcharts}
    return [dependency.name for dependency in chart.metadata.dependencies if dependency.name not in present]


def template(options: TemplateOptions, surroundings: Surroundings) -> TemplateResult:
    """Render a chart and return what is shown of it.

    Raises:
        PilothouseError: The chart cannot be rendered, or nothing fits ``show_only``.
    """
    cache = _open_cache(surroundings.cache_folder, f"heads {options.chart.name}")
    settings = _settings(options, surroundings).replace(cache=cache)
    processed = processed_for_install(options.chart, options.values, helm=settings.helm, reporter=surroundings.reporter)
    prepared = prepare_processed(processed, options.values, settings, skip_schema=options.skip_schema_validation)
    failure: PilothouseError | None = None
    try:
        rendered = render_chart(
            prepared, settings, post_renderer=options.post_renderer, include_crds=options.include_crds
        )
    except (RenderError, IncompatibleCluster) as error:
        failure, rendered = error, RenderedChart(hooks=(), manifests=(), notes="")
        body = ""
    except ManifestError as error:
        failure, rendered = error, RenderedChart(hooks=error.hooks, manifests=(), notes="")
        shown = {path: text for path, text in error.files.items() if text.strip(SPACES)}
        body = "".join(f"---\n# Source: {path}\n{text}\n" for path, text in shown.items())
    else:
        body = rendered.manifest_text(include_crds=options.include_crds)
    if cache is not None:
        cache.save()
    if failure is not None and not options.debug:
        failure.message += _DEBUG_HINT
        raise failure
    if surroundings.check is not None and failure is None and not options.output_dir:
        surroundings.check(rendered.manifest_text())
    return _shown(body, rendered, options, surroundings, failure)


def _shown(
    body: str,
    rendered: RenderedChart,
    options: TemplateOptions,
    surroundings: Surroundings,
    failure: PilothouseError | None,
) -> TemplateResult:
    """Return what is printed: lines about written files, and documents that went into none."""
    if options.output_dir:
        told = _write(rendered, options, surroundings)
        text = ("" if failure is None else body.strip(SPACES)) + "\n"
    else:
        told, text = "", body.strip(SPACES) + "\n" + _hooks_text(rendered, options)
    if options.show_only:
        try:
            text = _only(text, options, surroundings.helm)
        except Invalid as missing:
            if not told and failure is None:
                raise
            return TemplateResult(text=told, error=failure if failure and surroundings.helm >= 4 else missing)
    return TemplateResult(text=told + text, error=failure)


def _settings(options: TemplateOptions, surroundings: Surroundings) -> RenderSettings:
    helm = surroundings.helm
    capabilities = surroundings.capabilities or default_capabilities(helm)
    if options.kube_version:
        capabilities = capabilities.replace(kube_version=kube_version_of(options.kube_version, helm))
    if options.api_versions:
        capabilities = capabilities.replace(api_versions=capabilities.api_versions + options.api_versions)
    return RenderSettings(
        release=ReleaseFacts(
            name=options.name,
            namespace=options.namespace,
            is_install=not options.is_upgrade,
            is_upgrade=options.is_upgrade,
        ),
        capabilities=capabilities,
        clock=surroundings.clock,
        entropy=surroundings.entropy,
        helm=helm,
        lookup=surroundings.lookup,
        resolve_host=surroundings.resolve_host,
        local_zone=surroundings.local_zone,
        cache_folder=surroundings.cache_folder,
        reporter=surroundings.reporter,
        explain=options.debug,
    )


def _hooks_text(rendered: RenderedChart, options: TemplateOptions) -> str:
    if options.no_hooks:
        return ""
    return "".join(
        f"---\n# Source: {hook.path}\n{hook.manifest}\n"
        for hook in rendered.hooks
        if not (options.skip_tests and "test" in hook.events)
    )


def _only(text: str, options: TemplateOptions, helm: int) -> str:
    """Return the documents that come from the files the user asked for, flag by flag."""
    import re

    documents = split_documents(text, helm=helm)
    sources = [found[1] if (found := re.search(_SOURCE, document)) else None for document in documents]
    shown: list[str] = []
    for pattern in options.show_only:
        fitting = [
            document
            for document, source in zip(documents, sources, strict=True)
            if source is not None and fits(pattern, source)
        ]
        if not fitting:
            raise Invalid(f"could not find template {pattern} in chart")
        shown += fitting
    return "".join(f"---\n{document}\n" for document in shown)


def _make_folder(working_directory: str, shown: str, *, debug: bool) -> None:
    """Make a folder for documents, named in errors as the user named it (``ensureDirectoryForFile``)."""
    folder = os.path.join(working_directory, shown)
    try:
        try:
            os.stat(folder)
        except FileNotFoundError:
            make_folder(folder)
        except OSError as error:
            raise os_error(error, "stat", shown) from error
    except PilothouseError as error:
        error.message = error.message.replace(folder, shown) + ("" if debug else _DEBUG_HINT)
        raise


def _write(rendered: RenderedChart, options: TemplateOptions, surroundings: Surroundings) -> str:
    """Write every document below the output folder and return what is shown meanwhile."""
    folder = options.output_dir
    below = os.path.join(folder, options.name) if options.use_release_name else folder
    documents = [(folder, path, text) for path, text in rendered.crds] if options.include_crds else []
    documents += [(below, manifest.source, manifest.content) for manifest in rendered.manifests]
    written: set[tuple[str, str]] = set()
    lines: list[str] = []

    def put(where: str, path: str, text: str, *, append: bool) -> None:
        shown = os.path.join(where, path)
        target = os.path.join(surroundings.working_directory, shown)
        _make_folder(surroundings.working_directory, os.path.dirname(shown), debug=options.debug)
        try:
            with open(target, "ab" if append else "wb") as file:
                file.write(f"---\n# Source: {path}\n{text}\n".encode("utf-8", "surrogateescape"))
        except OSError as error:
            raise os_error(error, "open", shown) from error
        lines.append(f"wrote {shown}\n")

    for where, path, text in documents:
        put(where, path, text, append=(where, path) in written)
        written.add((where, path))
    if not options.no_hooks:
        for hook in rendered.hooks:
            if options.skip_tests and "test" in hook.events:
                continue
            exists = os.path.exists(os.path.join(surroundings.working_directory, below, hook.path))
            put(below, hook.path, hook.manifest, append=exists)
    return "".join(lines)
