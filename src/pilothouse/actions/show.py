"""Showing what a chart says of itself (``helm show``)."""

from __future__ import annotations

from pilothouse.charts.load import load
from pilothouse.charts.metadata import encode_metadata
from pilothouse.progress import SILENT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.charts.model import Chart
    from pilothouse.progress import Reporter

ALL = "all"
CHART = "chart"
VALUES = "values"
README = "readme"
CRDS = "crds"

_README_NAMES = ("readme.md", "readme.txt", "readme")


def show(path: str, part: str = ALL, *, jsonpath: str = "", helm: int = 4, reporter: Reporter = SILENT) -> str:
    """Return the text of one part of the chart at ``path``, or of all parts.

    Args:
        path: Folder or archive of the chart.
        part: :data:`ALL`, :data:`CHART`, :data:`VALUES`, :data:`README` or :data:`CRDS`.
        jsonpath: For the values: an expression that picks some of them.
        helm: Whose rules to follow.
        reporter: Hears of links and outdated files.

    Raises:
        PilothouseError: There is no chart, or the expression is wrong.
    """
    return show_chart(load(path, helm=helm, detect=False, reporter=reporter), part, jsonpath=jsonpath, helm=helm)


def show_chart(chart: Chart, part: str = ALL, *, jsonpath: str = "", helm: int = 4) -> str:
    """Return the text of one part of a loaded chart, or of all parts."""
    text = ""
    if part in {CHART, ALL}:
        text += _chart(chart)
    if part in {VALUES, ALL}:
        text += _values(chart, jsonpath, separate=part == ALL)
    if part in {README, ALL}:
        text += _readme(chart, separate=part == ALL)
    if part in {CRDS, ALL}:
        text += _crds(chart) if helm != 3 else _crds_of_helm_3(chart, separate=part == ALL)
    return text


def _chart(chart: Chart) -> str:
    from pilothouse.formats.yaml_text import encode

    return encode(encode_metadata(chart.metadata)) + "\n"


def _values(chart: Chart, jsonpath: str, *, separate: bool) -> str:
    found = [file for file in chart.raw if file.name == "values.yaml"]
    if not found:
        return ""
    start = "---\n" if separate else ""
    if jsonpath:
        from pilothouse.actions.jsonpath import evaluate

        return start + evaluate(jsonpath, chart.values)
    return start + "".join(_text(file.data) + "\n" for file in found)


def _readme(chart: Chart, *, separate: bool) -> str:
    for file in chart.files:
        if file.name.lower() in _README_NAMES:
            return ("---\n" if separate else "") + _text(file.data) + "\n"
    return ""


def _crds(chart: Chart) -> str:
    texts = [_text(file.data) for file in chart.crd_files()]
    return "".join((text if text.startswith("---") else f"---\n{text}") + "\n" for text in texts)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _crds_of_helm_3(chart: Chart, *, separate: bool) -> str:
    """Return the definitions as Helm 3 writes them, which parts them from what stands before and not from another."""
    texts = [_text(file.data) for file in chart.crd_files()]
    start = "---\n" if separate and texts and not texts[0].startswith("---") else ""
    return start + "".join(f"{text}\n" for text in texts)
