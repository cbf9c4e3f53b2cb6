"""Examining charts (``helm lint``)."""

from __future__ import annotations

import os

from pilothouse.clock import Clock
from pilothouse.errors import PilothouseError
from pilothouse.lint.findings import ERROR, INFO, WARNING
from pilothouse.lint.run import run_rules
from pilothouse.lint.source import open_source
from pilothouse.progress import SILENT
from pilothouse.records import Record, field
from pilothouse.render.capabilities import KubeVersion, default_capabilities
from pilothouse.render.settings import ReleaseFacts, RenderSettings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.lint.findings import Finding
    from pilothouse.progress import Reporter


#: Characters that a chart's fields must not bring to a terminal; Helm prints them (CVE-2021-21303).
_CONTROLS = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)])


class LintOptions(Record):
    """What to examine, and how strictly.

    Attributes:
        paths: Folders and archives.
        values: The user's values, already merged.
        namespace: Namespace that templates see.
        strict: Whether warnings are failures.
        with_subcharts: Whether the charts under charts/ are examined as well.
        quiet: Whether only warnings and errors are shown.
        kube_version: Version of Kubernetes for capabilities and deprecations.
        local_zone: Name of the local time zone.
    """

    paths: tuple[str, ...] = (".",)
    values: Mapping[str, YamlValue] = field(default_factory=dict)
    namespace: str = "default"
    strict: bool = False
    with_subcharts: bool = False
    quiet: bool = False
    skip_schema_validation: bool = False
    kube_version: KubeVersion | None = None
    local_zone: str = ""


class LintedChart(Record):
    """What was found in one chart.

    Attributes:
        path: As it was given.
        findings: What the rules found.
        error: Why it could not be examined, empty when it could.
        failed: Whether it counts as failed.
    """

    path: str
    findings: tuple[Finding, ...] = ()
    error: str = ""
    failed: bool = False


class LintResult(Record):
    """What was found in all charts.

    Attributes:
        charts: One entry for each path.
        text: What is printed on standard output.
        summary: The last line: how many charts were examined and how many failed. It is printed on standard output
            when none failed, and is the error otherwise.
        failed: Number of charts that failed.
        show_summary: Whether the summary is printed when none failed.
    """

    charts: tuple[LintedChart, ...]
    text: str
    summary: str
    failed: int
    show_summary: bool


def lint(
    options: LintOptions,
    *,
    entropy: Callable[[int], bytes] = os.urandom,
    clock: Clock | None = None,
    helm: int = 4,
    reporter: Reporter = SILENT,
) -> LintResult:
    """Examine charts and return what is wrong with them."""
    capabilities = default_capabilities(helm)
    if options.kube_version is not None:
        capabilities = capabilities.replace(kube_version=options.kube_version)
    settings = RenderSettings(
        release=ReleaseFacts(
            name="test-release", namespace=options.namespace, revision=0, is_install=False, is_upgrade=False
        ),
        capabilities=capabilities,
        clock=clock or Clock(),
        entropy=entropy,
        helm=helm,
        lint=True,
        local_zone=options.local_zone,
        reporter=reporter,
    )
    paths = list(options.paths)
    if options.with_subcharts:
        for path in options.paths:
            paths += _below(os.path.normpath(os.path.join(path, "charts")))
    charts = tuple(_lint_one(path, options, settings) for path in paths)
    failed = sum(chart.failed for chart in charts)
    troubled = [chart for chart in charts if chart.error or any(item.severity > INFO for item in chart.findings)]
    shown = troubled if options.quiet else charts
    return LintResult(
        charts=charts,
        text="".join(_text(chart, options) for chart in shown),
        summary=f"{len(paths)} chart(s) linted, {failed} chart(s) failed",
        failed=failed,
        show_summary=not options.quiet or bool(troubled),
    )


def _below(folder: str) -> list[str]:
    """Return the charts below a folder, folders and archives, in Go's walking order."""
    found: list[str] = []
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return found
    for name in names:
        path = os.path.join(folder, name)
        if os.path.isdir(path) and not os.path.islink(path):
            found += _below(path)
        elif name == "Chart.yaml":
            found.append(folder)
        elif path.endswith((".tgz", ".tar.gz")):
            found.append(path)
    return found


def _lint_one(path: str, options: LintOptions, settings: RenderSettings) -> LintedChart:
    try:
        source = open_source(path, helm=settings.helm, reporter=settings.reporter)
    except PilothouseError as error:
        return LintedChart(path=path, error=error.message, failed=True)
    findings = run_rules(source, options.values, settings, skip_schema=options.skip_schema_validation)
    tolerated = INFO if options.strict else WARNING
    return LintedChart(
        path=path, findings=tuple(findings), failed=any(finding.severity > tolerated for finding in findings)
    )


def _text(chart: LintedChart, options: LintOptions) -> str:
    lines = [f"==> Linting {chart.path}"]
    if chart.error:
        lines.append(f"Error {chart.error}")
    lines += [str(finding) for finding in chart.findings if not options.quiet or finding.severity > INFO]
    return ("\n".join(lines) + "\n\n").translate(_CONTROLS)


__all__ = ["ERROR", "INFO", "WARNING", "LintOptions", "LintResult", "LintedChart", "lint"]
