"""The ``--set`` family, against what real Helm printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pilothouse.charts.metadata import Metadata
from pilothouse.charts.model import Chart
from pilothouse.formats import json_text
from pilothouse.golang.kinds import Int64, type_name
from pilothouse.values.assignments import assign, assign_json, assign_literal, assign_strings
from pilothouse.values.coalesce import coalesce_values
from pilothouse.values.errors import AssignmentError, ValuesError
from pilothouse.values.layers import ValueOptions, merge_user_values

FLAGS = {
    "--set": "assignments",
    "--set-string": "strings",
    "--set-json": "json",
    "--set-literal": "literals",
}


CHART = Chart(metadata=Metadata(name="t"), values={"l": [1.0, 2.0], "m": {"k": "v"}, "s": "str"})


def outcome(groups: dict[str, tuple[str, ...]], helm: int) -> str:
    """Set values over those of a chart, and show what changed as the recorded results do."""
    try:
        user = merge_user_values(ValueOptions(**groups), read_file=lambda _: b"", helm=helm)
    except ValuesError as error:
        return f"ERR Error: {error.message}"
    found = coalesce_values(CHART, user, helm=helm)
    changed = {key: value for key, value in found.items() if CHART.values.get(key, ...) != value}
    shown = json_text.encode(changed, escape_html=False)
    return f"{shown} <{type_name(found['a'])}>" if found.get("a") else shown


def test_recorded_arguments(shared: Path) -> None:
    """Every recorded argument sets what Helm 3 and Helm 4 set, or fails in their words."""
    rows = json.loads((shared / "reference" / "helm4" / "vectors" / "set.json").read_text())["cases"]
    checked = 0
    for row in rows:
        arguments = row["args"]
        if len(arguments) % 2 or any(flag not in FLAGS for flag in arguments[::2]):
            continue
        groups: dict[str, tuple[str, ...]] = {}
        for flag, argument in zip(arguments[::2], arguments[1::2], strict=True):
            groups[FLAGS[flag]] = (*groups.get(FLAGS[flag], ()), argument)
        for helm in (3, 4):
            wanted = row.get("v4", row["v3"]) if helm == 4 else row["v3"]
            found = outcome(groups, helm)
            if wanted.startswith("{"):
                value, _, kind = wanted.partition("} <")
                value = value + "}" if kind else value
                shown = json_text.encode(json_text.decode(value), escape_html=False)
                wanted = f"{shown} <{kind}" if kind else shown
                found = found if kind else found.partition("} <")[0] + "}" * ("} <" in found)
            assert found.rstrip() == wanted.rstrip(), arguments
            checked += 1
    assert checked > 200


@pytest.mark.parametrize(
    ("argument", "values"),
    [
        ("a=1,b=x,c=null,d=TRUE,e=1.5,f=01", {"a": 1, "b": "x", "c": None, "d": True, "e": "1.5", "f": "01"}),
        ("a.b.c=1,a.b.d={x,2,null}", {"a": {"b": {"c": 1, "d": ["x", 2, None]}}}),
        ("a[1].b=1,a[0][1]=x", {"a": [[None, "x"], {"b": 1}]}),
        (r"a\.b=x\,y\\z", {"a.b": "x,y\\z"}),
        ("l[0].x=", {"l": []}),
        ("a=9223372036854775808", {"a": "9223372036854775808"}),
        ("", {}),
    ],
)
def test_set(argument: str, values: dict[str, Any]) -> None:
    """Paths make maps and lists, and texts become booleans, null and integers."""
    found: dict[str, Any] = {}
    assign(argument, found)
    assert found == values


def test_integers_are_int64() -> None:
    """Integers of ``--set`` are int64, unlike those of files."""
    values: dict[str, Any] = {}
    assign("a=5", values)
    assert type(values["a"]) is Int64


def test_the_other_flags() -> None:
    """Strings stay strings, JSON is read as JSON, literals keep all characters."""
    values: dict[str, Any] = {}
    assign_strings("a=1,b={true,x}", values)
    assign_json('c=[1, {"d": null}],e=', values)
    assign_literal("f.g=x,y=\\z", values)
    assert values == {"a": "1", "b": ["true", "x"], "c": [1.0, {"d": None}], "e": None, "f": {"g": "x,y=\\z"}}


def test_setting_below_a_scalar_is_go_s_panic() -> None:
    """Helm recovers from a failed type assertion and prints it."""
    values: dict[str, Any] = {"a": Int64(1)}
    with pytest.raises(AssignmentError) as caught:
        assign("a.b=2", values)
    assert caught.value.message == (
        "unable to parse key: interface conversion: interface {} is int64, not map[string]interface {}"
    )
