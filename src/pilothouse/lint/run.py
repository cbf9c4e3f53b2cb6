"""All rules on one chart, in Helm's order (``lint.RunAll``)."""

from __future__ import annotations

from pilothouse.lint.findings import Findings
from pilothouse.lint.rules.chart_file import check_chart_file
from pilothouse.lint.rules.crds import check_crds
from pilothouse.lint.rules.dependencies import check_dependencies
from pilothouse.lint.rules.templates import check_templates
from pilothouse.lint.rules.values_file import check_values_file

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.golang.kinds import YamlValue
    from pilothouse.lint.findings import Finding
    from pilothouse.lint.source import ChartSource
    from pilothouse.render.settings import RenderSettings


def run_rules(
    source: ChartSource, values: Mapping[str, YamlValue], settings: RenderSettings, *, skip_schema: bool = False
) -> list[Finding]:
    """Return what the rules find in a chart.

    Args:
        source: The chart.
        values: The user's values.
        settings: How to render; ``lint`` should be set.
        skip_schema: Whether schemas are left aside.
    """
    findings = Findings()
    check_chart_file(source, findings)
    check_values_file(source, findings, values, skip_schema=skip_schema, reporter=settings.reporter)
    check_templates(source, findings, values, settings, skip_schema=skip_schema)
    check_dependencies(source, findings)
    if source.helm >= 4:
        check_crds(source, findings)
    return findings.found
