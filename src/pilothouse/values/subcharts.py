"""Which subcharts take part, under which names, and what they hand up: Helm's ``ProcessDependencies``."""

from __future__ import annotations

from pilothouse.charts.model import ChartFile
from pilothouse.progress import SILENT
from pilothouse.values.coalesce import coalesce_values, merge_tables, merge_values
from pilothouse.values.errors import CoalesceError, conversion_text
from pilothouse.values.tables import copy_values, find_table, find_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.charts.metadata import Dependency
    from pilothouse.charts.model import Chart
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.progress import Reporter


def process_dependencies(
    chart: Chart, values: Mapping[str, YamlValue] | None, *, helm: int = 4, reporter: Reporter = SILENT
) -> Chart:
    """Return the chart with only its enabled subcharts, renamed by alias, and with imported values.

    Args:
        chart: The chart as loaded.
        values: What the user gives; conditions and tags are looked up in it over the charts' own values.
        helm: Whose rules, 3 or 4.
        reporter: Hears of conditions and tags that are no booleans, and of tables to import that are missing.

    Raises:
        CoalesceError: The values of a subchart are no map.
    """
    run = _Run(reporter, helm)
    return run.imported(run.enabled(chart, values or {}, ""))


def process_requirements(chart: Chart, values: Mapping[str, YamlValue], *, reporter: Reporter = SILENT) -> Chart:
    """Return the chart as Helm 2 sends it to Tiller: like :func:`process_dependencies`, by its rules.

    The text of values.yaml of every chart that has a requirements.yaml is written anew, with the values of the
    subcharts and what they hand up. Below a chart without that file nothing is looked at.

    Raises:
        CoalesceError: Values are no map.
    """
    run = _RequirementsRun(reporter, 3)
    return run.imported(run.enabled(chart, values, ""))


def is_compatible(version_range: str, version: str, *, helm: int = 4) -> bool:
    """Tell whether a version lies in a range; what cannot be read does not (``IsCompatibleRange``)."""
    from pilothouse.semver.constraints import Constraints
    from pilothouse.semver.errors import InvalidConstraint, InvalidVersion
    from pilothouse.semver.versions import Version

    try:
        return Constraints.parse(version_range, helm=helm).check(Version.parse(version, helm=helm))
    except (InvalidConstraint, InvalidVersion):
        return False


class _Run:
    """One run over a tree of charts."""

    def __init__(self, reporter: Reporter, helm: int) -> None:
        self._reporter = reporter
        self._helm = helm
        self._gone_through: set[int] = set()

    def _warn(self, line: int, old: str, new: str, **fields: str) -> None:
        """Report a warning in the words of the Helm whose rules are in force."""
        if self._helm < 4:
            self._reporter.report("info", f"dependencies.go:{line}: Warning: {old}")
        else:
            self._reporter.report("warning", new, **fields)

    # Enabling -------------------------------------------------------------------------------------------------------

    def enabled(self, chart: Chart, values: Mapping[str, YamlValue], path: str) -> Chart:
        """Leave only enabled subcharts (``processDependencyEnabled``)."""
        declared = chart.metadata.dependencies
        if not declared:
            return chart
        if self._helm == 3:
            # The copies that aliases make of one chart share what it declares, and there an alias becomes the name.
            again = id(declared) in self._gone_through
            self._gone_through.add(id(declared))
            if again:
                declared = tuple(entry.replace(name=entry.alias or entry.name) for entry in declared)
        chart = self._selected(chart, declared)
        renamed = tuple(entry.replace(name=entry.alias or entry.name, enabled=True) for entry in declared)
        coalesced = coalesce_values(chart, values, helm=self._helm, reporter=self._reporter)
        switched = self._conditions(self._tags(renamed, coalesced), coalesced, path)
        removed = {entry.name for entry in switched if not entry.enabled}
        subcharts = tuple(
            self.enabled(subchart, coalesced, f"{path}{subchart.name}.")
            for subchart in chart.subcharts
            if subchart.name not in removed
        )
        kept = tuple(entry for entry in switched if entry.name not in removed)
        return chart.replace(subcharts=subcharts, metadata=chart.metadata.replace(dependencies=kept))

    def _selected(self, chart: Chart, declared: tuple[Dependency, ...]) -> Chart:
        """Put undeclared subcharts first and then, for each declaration, the first that fits it, under its alias."""
        chosen = [
            subchart for subchart in chart.subcharts if not any(self._fits(subchart, entry) for entry in declared)
        ]
        for entry in declared:
            found = next((subchart for subchart in chart.subcharts if self._fits(subchart, entry)), None)
            if found is None:
                continue
            name = entry.alias or found.name
            chosen.append(found.replace(metadata=found.metadata.replace(name=name), copied=found))
        return chart.replace(subcharts=tuple(chosen))

    def _fits(self, subchart: Chart, entry: Dependency) -> bool:
        return subchart.name == entry.name and is_compatible(entry.version, subchart.metadata.version, helm=self._helm)

    def _tags(self, entries: tuple[Dependency, ...], values: Mapping[str, YamlValue]) -> tuple[Dependency, ...]:
        """Switch entries by the root's ``tags`` (``processDependencyTags``)."""
        tags = values.get("tags")
        if not isinstance(tags, dict):
            return entries
        return tuple(self._tagged(entry, tags) for entry in entries)

    def _tagged(self, entry: Dependency, tags: dict[str, YamlValue]) -> Dependency:
        states = set()
        for tag in entry.tags:
            if tag not in tags:
                continue
            if isinstance(tags[tag], bool):
                states.add(tags[tag])
            else:
                self._warn(
                    94,
                    f"Tag '{tag}' for chart {entry.name} returned non-bool value",
                    "returned non-bool value",
                    tag=tag,
                    chart=entry.name,
                )
        return entry.replace(enabled=True in states or not states)

    def _conditions(
        self, entries: tuple[Dependency, ...], values: Mapping[str, YamlValue], path: str
    ) -> tuple[Dependency, ...]:
        """Switch entries by the first of their condition paths that holds a bool (``processDependencyConditions``)."""
        return tuple(self._conditioned(entry, values, path) for entry in entries)

    def _conditioned(self, entry: Dependency, values: Mapping[str, YamlValue], path: str) -> Dependency:
        for condition in entry.condition.strip().split(","):
            if not condition:
                continue
            found, value = find_value(values, path + condition)
            if not found:
                continue
            if isinstance(value, bool):
                return entry.replace(enabled=value)
            self._warn(
                63,
                f"Condition path '{condition}' for chart {entry.name} returned non-bool value",
                "returned non-bool value",
                path=condition,
                chart=entry.name,
            )
        return entry

    # Importing ------------------------------------------------------------------------------------------------------

    def imported(self, chart: Chart) -> Chart:
        """Hand the tables named by ``import-values`` up, deepest charts first (``processDependencyImportValues``)."""
        subcharts = tuple(self.imported(subchart) for subchart in chart.subcharts)
        chart = chart.replace(subcharts=subcharts)
        entries = chart.metadata.dependencies
        if not entries:
            return chart
        values = merge_values(chart, None, helm=self._helm, reporter=self._reporter)
        imports: dict[str, YamlValue] = {}
        for entry in entries:
            for item in entry.import_values:
                for name, table in self._import(entry, item, values):
                    imports = merge_tables(imports, _nested(name, table), helm=self._helm, reporter=self._reporter)
        merged = merge_tables(values, imports, helm=self._helm, reporter=self._reporter)
        rewritten = tuple(entry.replace(import_values=self._rewritten(entry)) for entry in entries)
        return chart.replace(values=merged, metadata=chart.metadata.replace(dependencies=rewritten))

    def _rewritten(self, entry: Dependency) -> tuple[YamlValue, ...]:
        """Return the imports of an entry as templates and records show them: each says its child and its parent."""
        return tuple(
            {"child": self._text(item.get("child")), "parent": self._text(item.get("parent"))}
            if isinstance(item, dict)
            else {"child": f"exports.{item}", "parent": "."}
            for item in entry.import_values
            if isinstance(item, (dict, str))
        )

    def _import(
        self, entry: Dependency, item: YamlValue, values: Mapping[str, YamlValue]
    ) -> list[tuple[str, Mapping[str, YamlValue]]]:
        """Return the table that one item of ``import-values`` names and the parent path it goes to, if there is one."""
        if isinstance(item, dict):
            child, parent = self._text(item.get("child")), self._text(item.get("parent"))
            found = find_table(values, f"{entry.name}.{child}")
            message, fields = "ImportValues missing table from chart", {"chart": entry.name}
            line, old = 269, f"{message} {entry.name}: "
        elif isinstance(item, str):
            parent = "."
            found = find_table(values, f"{entry.name}.exports.{item}")
            message, fields = "ImportValues missing table", {}
            line, old = 286, f"{message}: "
        else:
            return []
        if isinstance(found, str):
            self._warn(line, old + found, message, **fields, error=found)
            return []
        return [(parent, found)]

    def _text(self, value: YamlValue) -> str:
        """Return a path of an import; Helm 3 panics on other types, Helm 4 prints them."""
        if isinstance(value, str):
            return value
        if self._helm < 4:
            raise CoalesceError(conversion_text(value, "string"))
        from pilothouse.golang.printf import show

        return show(value)


class _RequirementsRun(_Run):
    """One run by Helm 2's rules (``chartutil.ProcessRequirementsImportValues``)."""

    def imported(self, chart: Chart) -> Chart:
        """Write the values of charts with a requirements.yaml anew, deepest charts first."""
        if not any(file.name == "requirements.yaml" for file in chart.raw):
            return chart
        from pilothouse.formats.yaml_text import encode
        from pilothouse.values.helm2 import coalesce_tables
        from pilothouse.values.helm2 import coalesce_values as coalesce_helm2

        chart = chart.replace(subcharts=tuple(self.imported(subchart) for subchart in chart.subcharts))
        values = coalesce_helm2(chart, {}, reporter=self._reporter)
        made: dict[str, YamlValue] = {}
        for entry in chart.metadata.dependencies:
            for item in entry.import_values:
                for name, table in self._import(entry, item, values):
                    made = coalesce_tables(made, _nested(name, table), chart.name, reporter=self._reporter)
        merged = coalesce_tables(made, values, chart.name, reporter=self._reporter)
        text = ChartFile(name="values.yaml", data=encode(merged).encode("utf-8", "surrogateescape"))
        others = (file for file in chart.raw if file.name != "values.yaml")
        return chart.replace(values=merged, raw=(*others, text))


def _nested(path: str, table: Mapping[str, YamlValue]) -> dict[str, YamlValue]:
    """Return a copy of ``table`` below the keys of a dotted path; ``.`` is the root (``pathToMap``)."""
    nested = copy_values(table)
    if path == ".":
        return nested
    for part in reversed(path.split(".")):
        nested = {part: nested}
    return nested
