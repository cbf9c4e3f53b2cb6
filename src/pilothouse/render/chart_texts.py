"""Whether a text that a template handed to ``tpl`` is the chart's own, so that its code may be kept on disk.

What a user's values say, passwords above all, must not lie in a cache because a template was made of it.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pilothouse.charts.model import Chart

_EDGES = b" \t\r-:,"
#: What a text may gain or lose when YAML writes it in another style.
_QUOTES = b"\"'\\"
#: Lines that are looked for one by one; each takes as long as reading through all files.
_FEW = 60


class ChartTexts:
    """The texts that consist of lines of a chart's files, quotes and indentation aside.

    Args:
        chart: The chart with its subcharts.
    """

    __slots__ = ("_chart", "_content", "_lines")

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._content: bytes | None = None
        self._lines: set[bytes] = set()

    def hold(self, text: str) -> bool:
        """Whether each line of ``text`` stands somewhere in the chart's files; a long text, as a line of its own."""
        if self._content is None:
            self._content = b"\n".join(_contents(self._chart))
        content = self._content
        plain = text.encode("utf-8", "surrogateescape").translate(None, _QUOTES)
        lines = [line.strip(_EDGES) for line in plain.splitlines()]
        if len(lines) <= _FEW:
            return all(line in content for line in lines)
        if not self._lines:
            self._lines = {line.strip(_EDGES) for line in content.splitlines()} | {b""}
        return self._lines.issuperset(lines)


def _contents(chart: Chart) -> Iterator[bytes]:
    for file in chart.raw:
        yield file.data.translate(None, _QUOTES)
    for subchart in chart.subcharts:
        yield from _contents(subchart)
