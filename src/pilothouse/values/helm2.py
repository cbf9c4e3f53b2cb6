"""Laying values together as Helm 2 does (``chartutil.CoalesceValues`` of 2.15 and later)."""

from __future__ import annotations

from pilothouse.errors import Invalid
from pilothouse.formats.yaml_text import decode
from pilothouse.progress import SILENT
from pilothouse.values.errors import CoalesceError
from pilothouse.values.tables import copy_values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.charts.model import Chart
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.progress import Reporter

_GLOBAL = "global"


def read_values(text: str) -> dict[str, YamlValue]:
    """Return the table in a text of YAML, empty for an empty text (``chartutil.ReadValues``).

    Raises:
        Invalid: It is no YAML, or something other than a table.
    """
    found = decode(text)
    if found is None:
        return {}
    if not isinstance(found, dict):
        kind = _json_kind(found)
        raise Invalid(f"error unmarshaling JSON: json: cannot unmarshal {kind} into Go value of type chartutil.Values")
    return found


def _json_kind(value: YamlValue) -> str:
    """Return what ``encoding/json`` calls a value's kind."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    return "string" if isinstance(value, str) else "array"


def default_values(chart: Chart) -> dict[str, YamlValue]:
    """Return the table in a chart's values.yaml.

    Raises:
        CoalesceError: It is no table.
    """
    text = next((file.data for file in chart.raw if file.name == "values.yaml"), b"").decode("utf-8", "surrogateescape")
    try:
        return read_values(text)
    except Invalid as error:
        raise CoalesceError(
            f"Error: Reading chart '{chart.name}' default values ({text}): {error.message}", key=""
        ) from error


def coalesce_values(
    chart: Chart, values: Mapping[str, YamlValue], *, reporter: Reporter = SILENT
) -> dict[str, YamlValue]:
    """Return the values of ``chart`` and its subcharts, the user's over the charts' own.

    Raises:
        CoalesceError: The values of a subchart are no table, or default values cannot be read.
    """
    own = coalesce_tables(copy_values(values), default_values(chart), chart.name, reporter=reporter)
    for subchart in chart.subcharts:
        name = subchart.name
        section = own.setdefault(name, {})
        if not isinstance(section, dict):
            from pilothouse.golang.printf import sprintf

            raise CoalesceError(f"type mismatch on {name}: {sprintf('%t', section)}", key=name)
        _hand_down_globals(own, section, chart.name, reporter)
        own[name] = coalesce_values(subchart, section, reporter=reporter)
    return own


def coalesce_tables(
    above: Mapping[str, YamlValue], below: Mapping[str, YamlValue], chart: str, *, reporter: Reporter = SILENT
) -> dict[str, YamlValue]:
    """Return ``above`` filled with what only ``below`` has; a null above takes the key away."""
    made: dict[str, YamlValue] = {}
    for key, value in above.items():
        if value is None:
            continue
        default = below.get(key)
        if isinstance(value, dict) and isinstance(default, dict):
            made[key] = coalesce_tables(value, default, chart, reporter=reporter)
            continue
        made[key] = value
        _warn(reporter, chart, key, value, default)
    for key, default in below.items():
        if key not in above:
            made[key] = copy_values({key: default})[key]
    return made


def _warn(reporter: Reporter, chart: str, key: str, value: YamlValue, default: YamlValue) -> None:
    from pilothouse.golang.printf import show

    start = f"Warning: Merging destination map for chart '{chart}'."
    if isinstance(default, dict):
        reporter.report("log", f"{start} Overwriting table item '{key}', with non table value: {show(value)}")
    elif isinstance(value, dict) and default is not None:
        reporter.report(
            "log",
            f"{start} The destination item '{key}' is a table and ignoring the source '{key}' as it has a non-table "
            f"value of: {show(default)}",
        )


def _hand_down_globals(
    values: Mapping[str, YamlValue], section: dict[str, YamlValue], chart: str, reporter: Reporter
) -> None:
    """Put the parent's globals over those of a subchart's section (``coalesceGlobals``)."""
    own, given = section.get(_GLOBAL, {}), values.get(_GLOBAL, {})
    if not isinstance(own, dict):
        reporter.report(
            "log", f"Warning: Skipping globals for chart '{chart}' because destination 'global' is not a table."
        )
        return
    if not isinstance(given, dict):
        reporter.report("log", f"Warning: Skipping globals for chart '{chart}' because source 'global' is not a table.")
        return
    section[_GLOBAL] = coalesce_tables(given, own, chart, reporter=reporter)
