"""Whether a text that a template handed to ``tpl`` is the chart's own, so that its code may be kept on disk.

What a user's values say, passwords above all, must not lie in a cache because a template was made of it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pilothouse.charts.model import Chart

_EDGES = " \t\r-:,"


class ChartTexts:
    """The texts that consist of lines of a chart's files, quotes and indentation aside.

    Args:
        chart: The chart with its subcharts.
    """

    __slots__ = ("_chart", "_content")

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._content: str | None = None

    def hold(self, text: str) -> bool:
        """Whether each line of ``text`` stands somewhere in the chart's files."""
        if self._content is None:
            self._content = _unquoted("\n".join(_contents(self._chart)))
        content = self._content
        return all(line.strip(_EDGES) in content for line in _unquoted(text).splitlines())


def _unquoted(text: str) -> str:
    """Return a text without what it may gain or lose when YAML writes it in another style."""
    return text.replace('"', "").replace("'", "").replace("\\", "")


def _contents(chart: Chart) -> Iterator[str]:
    for file in chart.raw:
        yield file.data.decode("utf-8", "surrogateescape")
    for subchart in chart.subcharts:
        yield from _contents(subchart)
