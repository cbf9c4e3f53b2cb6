"""Which subcharts take part."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.charts.metadata import Dependency, Metadata
from pilothouse.charts.model import Chart
from pilothouse.progress import Event, Reporter
from pilothouse.values.coalesce import coalesce_values
from pilothouse.values.subcharts import is_compatible, process_dependencies


def chart(
    name: str, *dependencies: Dependency, values: dict[str, Any] | None = None, below: tuple[Chart, ...] = ()
) -> Chart:
    """Return a chart made for a test."""
    metadata = Metadata(name=name, version="0.1.0", api_version="v2", dependencies=dependencies)
    return Chart(metadata=metadata, values=values or {}, subcharts=below)


def names(tree: Chart) -> list[str]:
    """Return the names of the subcharts."""
    return [subchart.name for subchart in tree.subcharts]


def test_undeclared_subcharts_stay_and_come_first() -> None:
    """A subchart that is not declared, or has another version, keeps its name and takes part."""
    tree = chart("t", Dependency(name="b", version="*"), Dependency(name="c", version="9"),
                 below=(chart("b"), chart("c"), chart("a")))  # fmt: skip
    assert names(process_dependencies(tree, {})) == ["c", "a", "b"]


def test_aliases() -> None:
    """One subchart may take part under several names."""
    tree = chart(
        "t", Dependency(name="b", version="*", alias="x"), Dependency(name="b", version="*"), below=(chart("b"),)
    )
    assert names(process_dependencies(tree, {})) == ["x", "b"]


@pytest.mark.parametrize(
    ("user", "kept"),
    [({}, ["b"]), ({"b": {"enabled": False}}, []), ({"tags": {"t": False}}, []),
     ({"tags": {"t": False}, "b": {"enabled": True}}, ["b"]), ({"tags": {"t": False, "u": True}}, ["b"]),
     ({"first": False, "b": {"enabled": True}}, [])],
)  # fmt: skip
def test_conditions_win_over_tags(user: dict[str, Any], kept: list[str]) -> None:
    """The first condition path that holds a bool decides, or else any true tag."""
    entry = Dependency(name="b", version="*", condition="first,b.enabled", tags=("t", "u"))
    tree = process_dependencies(chart("t", entry, below=(chart("b"),)), user)
    assert names(tree) == kept
    assert [dependency.name for dependency in tree.metadata.dependencies] == kept


def test_warnings_in_the_words_of_each_helm() -> None:
    """A condition that is no bool is reported."""
    heard: list[Event] = []
    tree = chart("t", Dependency(name="b", version="*", condition="b.on"), below=(chart("b"),))
    for helm in (3, 4):
        process_dependencies(tree, {"b": {"on": "yes"}}, helm=helm, reporter=Reporter(heard.append))
    assert [(event.message, event.fields) for event in heard] == [
        ("dependencies.go:63: Warning: Condition path 'b.on' for chart b returned non-bool value", ()),
        ("returned non-bool value", (("path", "b.on"), ("chart", "b"))),
    ]


def test_imported_values_are_defaults() -> None:
    """Tables are handed up, below what the parent says itself."""
    entry = Dependency(name="b", version="*", import_values=("data", {"child": "w", "parent": "in.to"}))
    below = chart("b", values={"exports": {"data": {"p": 1.0, "q": 2.0}}, "w": {"r": 3.0}})
    tree = process_dependencies(chart("t", entry, values={"q": 9.0}, below=(below,)), {})
    found = coalesce_values(tree, {})
    assert (found["p"], found["q"], found["in"]) == (1.0, 9.0, {"to": {"r": 3.0}})


def test_ranges_that_cannot_be_read_fit_nothing() -> None:
    """A bad range or version is incompatible, not an error."""
    assert is_compatible("^1.0", "1.2.3")
    assert not is_compatible("not a range", "1.2.3")
    assert not is_compatible("*", "x")
