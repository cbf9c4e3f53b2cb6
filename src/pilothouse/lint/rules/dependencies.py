"""What is declared and what is under charts/ (Helm's ``rules.Dependencies``)."""

from __future__ import annotations

from pilothouse.errors import PilothouseError
from pilothouse.lint.findings import ERROR, WARNING

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.charts.model import Chart
    from pilothouse.lint.findings import Findings
    from pilothouse.lint.source import ChartSource


def check_dependencies(source: ChartSource, findings: Findings) -> None:
    """Compare the declared dependencies with the subcharts."""
    try:
        chart = source.load()
    except PilothouseError as error:
        findings.add(ERROR, "", f"unable to load chart\n\t{error.message}")
        return
    declared = [dependency.name for dependency in chart.metadata.dependencies]
    present = [subchart.name for subchart in chart.subcharts]
    undeclared = [name for name in present if name not in declared]
    findings.add(ERROR, source.path, _listed("chart metadata is missing these dependencies", undeclared))
    findings.add(ERROR, source.path, _listed("multiple dependencies with name or alias", _shadowing(chart)))
    absent = [name for name in declared if name not in present]
    findings.add(WARNING, source.path, _listed("chart directory is missing these dependencies", absent))


def _listed(text: str, names: list[str]) -> str | None:
    return f"{text}: {','.join(names)}" if names else None


def _shadowing(chart: Chart) -> list[str]:
    seen: set[str] = set()
    twice = []
    for dependency in chart.metadata.dependencies:
        name = dependency.alias or dependency.name
        if name in seen:
            twice.append(name)
        seen.add(name)
    return twice
