"""Which texts given to ``tpl`` are the chart's own."""

from __future__ import annotations

import pytest

from pilothouse.charts.metadata import Metadata
from pilothouse.charts.model import Chart, ChartFile
from pilothouse.render.chart_texts import ChartTexts

VALUES = b"""
host: "{{ .Release.Name }}.example.com"
labels:
  - a: '{{ .Values.host }}'
    b: plain
"""


@pytest.fixture
def texts() -> ChartTexts:
    """Those of a chart with one subchart."""
    inner = Chart(
        metadata=Metadata(name="inner"), raw=(ChartFile(name="values.yaml", data=b"note: |\n  {{ .x }} of inner\n"),)
    )
    return ChartTexts(
        Chart(metadata=Metadata(name="outer"), raw=(ChartFile(name="values.yaml", data=VALUES),), subcharts=(inner,))
    )


@pytest.mark.parametrize(
    "text",
    [
        "{{ .Release.Name }}.example.com",
        "labels:\n- a: '{{ .Values.host }}'\n  b: plain",
        'b: plain\na: "{{ .Values.host }}"\n',
        "{{ .x }} of inner",
        "",
    ],
)
def test_a_text_of_the_charts_lines_is_its_own(texts: ChartTexts, text: str) -> None:
    """In any order, indentation and style of quotes."""
    assert texts.hold(text)


@pytest.mark.parametrize(
    "text", ["{{ .Release.Name }}.example.org", "labels:\n- a: '{{ .Values.host }}'\n  b: hunter2"]
)
def test_a_text_with_a_line_of_the_user_is_not(texts: ChartTexts, text: str) -> None:
    """One such line is enough."""
    assert not texts.hold(text)
