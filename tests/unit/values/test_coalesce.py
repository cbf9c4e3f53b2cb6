"""Coalescing, against what real Helm printed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from pilothouse.charts.metadata import Metadata
from pilothouse.charts.model import Chart
from pilothouse.errors import PilothouseError
from pilothouse.formats import json_text, yaml_text
from pilothouse.progress import Event, Reporter
from pilothouse.values.coalesce import coalesce_tables, coalesce_values, merge_values
from pilothouse.values.errors import CoalesceError


def chart(name: str, values: dict[str, Any] | None = None, *subcharts: Chart) -> Chart:
    """Return a chart made for a test."""
    metadata = Metadata(name=name, version="0.1.0", api_version="v2")
    return Chart(metadata=metadata, values=values or {}, subcharts=subcharts)


def lines(root: Chart, values: dict[str, Any]) -> list[str]:
    """Return the values of each chart as the recorded results show them."""
    out = []
    for subchart in root.subcharts:
        out += [f"ss: {json_text.encode(values['sub']['ss'])}" for _ in subchart.subcharts]
        out.append(f"s: {json_text.encode(values['sub'])}")
    return [*out, f"r: {json_text.encode(values)}"]


@pytest.mark.parametrize("helm", [3, 4])
def test_recorded_values(shared: Path, helm: int) -> None:
    """Defaults, nulls, globals and subcharts give what Helm gives, warnings and errors included."""
    rows = json.loads((shared / "reference" / "helm4" / "vectors" / "coalesce.json").read_text())
    for row in rows:
        wanted = row.get("v4", row["v3"]) if helm == 4 else row["v3"]
        texts = [row[key] for key in ("values", "sub_values", "subsub_values", "user")]
        if "set" in row["name"].split() or any("---" in text for text in texts if text):
            continue  # --set and streams have tests of their own
        try:
            root, below, deepest, user = (yaml_text.decode_mapping(text or "") for text in texts)
        except PilothouseError:
            continue
        heard: list[Event] = []
        deep = () if texts[2] is None else (chart("ss", deepest),)
        tree = chart("t", root, chart("sub", below, *deep))
        if wanted["stderr"].startswith("Error: "):
            with pytest.raises(CoalesceError) as caught:
                coalesce_values(tree, user, helm=helm)
            assert wanted["stderr"].startswith(f"Error: {caught.value.message}"), row["name"]
            continue
        found = coalesce_values(tree, user, helm=helm, reporter=Reporter(heard.append))
        if row["user"] and "- x" not in row["user"]:
            warnings = re.findall(r"(?:coalesce\.go:\d+: )?warning: [^\n\"]*(?:\\.[^\n\"]*)*", wanted["stderr"])
            assert sorted(event.message for event in heard) == sorted(warnings), row["name"]
        if wanted["lines"]:
            assert lines(tree, found) == wanted["lines"], row["name"]


def test_nothing_given_is_changed() -> None:
    """Neither the chart's values nor the user's are touched."""
    tree = chart("t", {"a": {"b": 1.0}}, chart("sub", {"c": {"d": 2.0}}))
    user = {"a": {"e": None}, "sub": {}}
    found = coalesce_values(tree, user)
    found["a"]["b"] = found["sub"]["c"]["d"] = 9
    assert tree.values == {"a": {"b": 1.0}}
    assert tree.subcharts[0].values == {"c": {"d": 2.0}}
    assert user == {"a": {"e": None}, "sub": {}}


def test_a_subchart_s_values_are_part_of_its_parent_s() -> None:
    """What a template sets in one is seen in the other."""
    found = merge_values(chart("t", {}, chart("sub", {"a": None})), None)
    assert found == {"sub": {"a": None, "global": {}}}


def test_tables() -> None:
    """Nulls above remove what is below."""
    assert coalesce_tables({"a": None, "b": 1}, {"a": 2, "c": 3}) == {"b": 1, "c": 3}
