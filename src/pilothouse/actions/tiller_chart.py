"""What a client of Tiller makes of a chart and of values before it sends them.

The wire types are imported where they are used: what is done on this machine alone needs no package for gRPC.
"""

from __future__ import annotations

import re

from pilothouse.charts.errors import ChartInvalid
from pilothouse.charts.helm2 import chart_document, requirements
from pilothouse.errors import Invalid
from pilothouse.formats import yaml_text
from pilothouse.progress import SILENT
from pilothouse.values.helm2 import coalesce_values, read_values
from pilothouse.values.subcharts import process_requirements

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.charts.model import Chart
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.hapi.messages import Message
    from pilothouse.progress import Reporter

_ALIAS = re.compile(r"[a-zA-Z0-9-_]+")


def missing_requirements(chart: Chart) -> tuple[str, ...]:
    """Return the names in requirements.yaml that are not in charts/ (``renderutil.CheckDependencies``).

    Raises:
        Invalid: The file cannot be read.
    """
    try:
        requirements(chart)
    except ChartInvalid as error:
        raise Invalid(f"cannot load requirements: {error.message}") from error
    present = {subchart.name for subchart in chart.subcharts}
    return tuple(entry.name for entry in chart.metadata.dependencies if entry.name not in present)


def check_requirements(chart: Chart) -> None:
    """Refuse a chart that lacks charts which it requires.

    Raises:
        Invalid: It does; the text is Helm's.
    """
    missing = missing_requirements(chart)
    if missing:
        raise Invalid(f"found in requirements.yaml, but missing in charts/ directory: {', '.join(missing)}")


def processed(chart: Chart, values: Mapping[str, YamlValue], *, reporter: Reporter = SILENT) -> Chart:
    """Return the chart with only the subcharts that are enabled, renamed by alias, and with imported values.

    Raises:
        Invalid: An alias is no name.
        CoalesceError: Values are no table.
    """
    _check_aliases(chart)
    return process_requirements(chart, values, reporter=reporter)


def _check_aliases(chart: Chart) -> None:
    """Refuse aliases that are no names, those of subcharts as well: they become part of paths."""
    for entry in chart.metadata.dependencies:
        if entry.alias and not _ALIAS.fullmatch(entry.alias):
            from pilothouse.golang.quoting import quote

            raise Invalid(f"illegal alias name in {quote(entry.name)}")
    for subchart in chart.subcharts:
        _check_aliases(subchart)


def chart_to_send(chart: Chart) -> Message:
    """Return the ``hapi.chart.Chart`` of a processed chart."""
    from pilothouse.hapi.convert import chart_message

    return chart_message(chart)


def values_to_send(values: Mapping[str, YamlValue]) -> Message:
    """Return the ``hapi.chart.Config`` of the user's values."""
    from pilothouse.hapi.messages import ConfigMessage

    return ConfigMessage(raw=yaml_text.encode(dict(values)))


def computed_values(release: Message, reporter: Reporter = SILENT) -> dict[str, YamlValue]:
    """Return the values that a release was rendered with: the user's over the chart's.

    Raises:
        Invalid: They cannot be read, or do not fit.
    """
    from pilothouse.hapi.convert import chart_from

    return coalesce_values(chart_from(release.chart), read_values(release.config.raw), reporter=reporter)


def given_values(release: Message) -> dict[str, YamlValue]:
    """Return the values that a user gave for a release.

    Raises:
        Invalid: They cannot be read.
    """
    return read_values(release.config.raw)


def inspect(chart: Chart, part: str = "") -> str:
    """Return the text of a part of a chart, or of all of them (``helm inspect``).

    Args:
        chart: The chart.
        part: ``chart``, ``values``, ``readme``, or empty.
    """
    from pilothouse.actions.show import README, show_chart

    text = ""
    if part in ("", "chart"):
        text += yaml_text.encode(chart_document(chart.metadata)) + "\n"
    values = next((file.data for file in chart.raw if file.name == "values.yaml"), None)
    if part in ("", "values") and values is not None:
        text += ("" if part else "---\n") + values.decode("utf-8", "surrogateescape") + "\n"
    if part in ("", "readme"):
        readme = show_chart(chart, README)
        text += readme if part else f"---\n{readme}"
    return text
