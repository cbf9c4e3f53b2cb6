"""Coalescing: a chart's default values under the user's, globals handed down, for a whole tree of charts.

Follows ``CoalesceValues`` and ``MergeValues`` of Helm. The rules of Helm 3 and 4 for nulls differ: Helm 4 does not let
a chart's own null reach anything.
"""

from __future__ import annotations

from pilothouse.progress import SILENT
from pilothouse.values.errors import CoalesceError
from pilothouse.values.tables import copy_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.charts.model import Chart
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.progress import Reporter

GLOBAL = "global"
"""The key whose values every subchart sees."""


def coalesce_values(
    chart: Chart, values: Mapping[str, YamlValue] | None, *, helm: int = 4, reporter: Reporter = SILENT
) -> dict[str, YamlValue]:
    """Return the values of ``chart`` and its subcharts; nulls of the user remove defaults (``CoalesceValues``).

    Args:
        chart: The chart; only its subcharts as they are in the tree take part.
        values: What the user gives.
        helm: Whose rules about nulls, 3 or 4.
        reporter: Hears of values that do not fit, as ``info``.

    Raises:
        CoalesceError: The values of a subchart are no map.
    """
    return _Coalescer(reporter, helm, merge=False).tree(chart, copy_values(values), "")


def merge_values(
    chart: Chart, values: Mapping[str, YamlValue] | None, *, helm: int = 4, reporter: Reporter = SILENT
) -> dict[str, YamlValue]:
    """Return the values of ``chart`` and its subcharts with nulls kept (``MergeValues``)."""
    return _Coalescer(reporter, helm, merge=True).tree(chart, copy_values(values), "")


def coalesce_tables(
    above: dict[str, YamlValue], below: Mapping[str, YamlValue], *, helm: int = 4, reporter: Reporter = SILENT
) -> dict[str, YamlValue]:
    """Fill ``above`` with what only ``below`` has, and return it; nulls above remove (``CoalesceTables``)."""
    return _Coalescer(reporter, helm, merge=False).tables(above, copy_values(below), "", merge=False)


def merge_tables(
    above: dict[str, YamlValue], below: Mapping[str, YamlValue], *, helm: int = 4, reporter: Reporter = SILENT
) -> dict[str, YamlValue]:
    """Fill ``above`` with what only ``below`` has, nulls kept, and return it (``MergeTables``)."""
    return _Coalescer(reporter, helm, merge=True).tables(above, copy_values(below), "", merge=True)


def _join(prefix: str, key: str) -> str:
    return f"{prefix}.{key}" if prefix else key


def _boolean_verb(value: YamlValue) -> str:
    """Write a value as Go's ``%t`` does."""
    from pilothouse.golang.printf import sprintf

    return sprintf("%t", value)


def _shown(value: YamlValue) -> str:
    """Write a value as Go's ``%v`` does."""
    from pilothouse.golang.printf import show

    return show(value)


class _Coalescer:
    """One run over a tree of charts: who hears of trouble, whose rules, and whether nulls stay."""

    def __init__(self, reporter: Reporter, helm: int, *, merge: bool) -> None:
        self._reporter = reporter
        self._helm = helm
        self._merge = merge

    def _say(self, message: str, line: int) -> None:
        """Report a warning; Helm 3 puts a line of its source before it."""
        self._reporter.report("info", message if self._helm >= 4 else f"coalesce.go:{line}: {message}")

    def tree(self, chart: Chart, values: dict[str, YamlValue], prefix: str) -> dict[str, YamlValue]:
        """Coalesce one chart and then its subcharts (``coalesce``)."""
        inner = _join(prefix, chart.name)
        self._defaults(chart, values, inner)
        for subchart in chart.subcharts:
            name = subchart.name
            if name not in values:
                values[name] = {}
            section = values[name]
            if not isinstance(section, dict):
                raise CoalesceError(f"type mismatch on {name}: {_boolean_verb(section)}", key=name)
            self._globals(section, values, inner)
            self.tree(subchart, section, inner)
        return values

    def _defaults(self, chart: Chart, values: dict[str, YamlValue], prefix: str) -> None:
        """Fill ``values`` with the chart's defaults (``coalesceValues``)."""
        subcharts = {subchart.name for subchart in chart.subcharts}
        for key, default in copy_values(chart.values).items():
            if key not in values:
                self._add(values, key, default, merge=self._merge)
                continue
            value = values[key]
            if value is None and not self._merge:
                del values[key]
            elif isinstance(value, dict):
                if isinstance(default, dict):
                    keeps = self._merge or (self._helm >= 4 and key in subcharts)
                    if self._helm >= 4 and not keeps:
                        _drop_nulls(default)
                    self.tables(value, default, _join(prefix, key), merge=keeps)
                elif default is not None:
                    self._say(f"warning: skipped value for {prefix}.{key}: Not a table.", 237)

    def _add(self, values: dict[str, YamlValue], key: str, default: YamlValue, *, merge: bool) -> None:
        """Take a default that the values do not have; Helm 4 leaves nulls out unless it merges."""
        if self._helm == 4 and not merge:
            if default is None:
                return
            if isinstance(default, dict):
                _drop_nulls(default)
        values[key] = default

    def tables(
        self, above: dict[str, YamlValue], below: dict[str, YamlValue], prefix: str, *, merge: bool
    ) -> dict[str, YamlValue]:
        """Fill a nested map with the defaults for it (``coalesceTablesFullKey``)."""
        for key, default in below.items():
            if key not in above:
                self._add(above, key, default, merge=merge)
                continue
            value = above[key]
            if value is None and not merge:
                if self._helm < 4 or default is not None:
                    del above[key]
            elif isinstance(default, dict):
                if isinstance(value, dict):
                    self.tables(value, default, _join(prefix, key), merge=merge)
                elif self._helm < 4 or value is not None:
                    shown = _shown(default)
                    place = _join(prefix, key)
                    self._say(f"warning: cannot overwrite table with non table for {place} ({shown})", 286)
            elif isinstance(value, dict) and default is not None:
                shown = _shown(default)
                place = _join(prefix, key)
                self._say(f"warning: destination for {place} is a table. Ignoring non-table value ({shown})", 289)
        return above

    def _globals(self, section: dict[str, YamlValue], values: dict[str, YamlValue], prefix: str) -> None:
        """Hand the globals of ``values`` down to a subchart's section, over its own (``coalesceGlobals``)."""
        own = section.get(GLOBAL, {})
        if not isinstance(own, dict):
            self._say(f"warning: skipping globals because destination {GLOBAL} is not a table.", 138)
            return
        given = values.get(GLOBAL, {})
        if not isinstance(given, dict):
            self._say(f"warning: skipping globals because source {GLOBAL} is not a table.", 145)
            return
        for key, value in given.items():
            old = own.get(key)
            if isinstance(value, dict):
                if key not in own:
                    own[key] = dict(value)
                elif isinstance(old, dict):
                    own[key] = self.tables(dict(value), old, _join(prefix, key), merge=True)
                else:
                    self._say(f'Conflict: cannot merge map onto non-map for "{key}". Skipping.', 161)
            elif isinstance(old, dict):
                self._say(f"key {key} is table. Skipping", 175)
            else:
                own[key] = value
        section[GLOBAL] = own


def _drop_nulls(table: dict[str, YamlValue]) -> None:
    """Remove the nulls of a map and of the maps in it."""
    for key in [key for key, value in table.items() if value is None]:
        del table[key]
    for value in table.values():
        if isinstance(value, dict):
            _drop_nulls(value)
