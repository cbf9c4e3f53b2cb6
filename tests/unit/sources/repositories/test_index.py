"""Indexes are read, checked, sorted, merged and written as Helm does it."""

from __future__ import annotations

import json

import pytest

from pilothouse.clock import FixedClock
from pilothouse.errors import PilothouseError
from pilothouse.progress import Event, Reporter
from pilothouse.sources.repositories.generate import empty_index, merge
from pilothouse.sources.repositories.index import encode_index, order_key, read_index, tell_skipped


def versions(text: str, chart: str = "a") -> list[str]:
    """Return the versions of a chart in an index."""
    return [one["version"] for one in read_index(text.encode()).entries[chart]]


def listed(*found: str) -> str:
    """Return an index of one chart with versions."""
    return "apiVersion: v1\nentries:\n  a:\n" + "".join(f"  - name: a\n    version: {one}\n" for one in found)


def test_versions_come_newest_first() -> None:
    """By precedence, pre-releases below releases, equal ones in the order of the index."""
    given = ("1.0.0", "1.10.0", "v1.9.0", "1.9.0-rc.10", "1.9.0-rc.2", "2.0.0-alpha", "1.0.0+b", "1.0.0-1")
    wanted = ["2.0.0-alpha", "1.10.0", "v1.9.0", "1.9.0-rc.10", "1.9.0-rc.2", "1.0.0", "1.0.0+b", "1.0.0-1"]
    assert versions(listed(*given)) == wanted
    assert order_key("none") < order_key("0.0.0-0") < order_key("0.0.0")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "empty index.yaml file"),
        ("entries: {}", "no API version specified"),
        ("{}", "no API version specified"),
        ("null", "no API version specified"),
        ("- 1", "cannot unmarshal array into Go value of type repo.IndexFile"),
        ("apiVersion: v1\nfoo: 1", 'json: unknown field "foo"'),
        ("apiVersion: v1\nentries: [a]", "cannot unmarshal array into Go struct field .entries of type"),
        ("apiVersion: v1\nentries: {a: 3}", "number into Go struct field .entries.a of type repo.ChartVersions"),
        ("apiVersion: v1\nentries: {a: [b]}", "string into .entries.a.0 of type repo.ChartVersion"),
        ("apiVersion: v1\nentries:\n  a:\n  - version: 1.10\n", "Go struct field .entries.a.0.version of type string"),
        ("apiVersion: v1\nentries:\n  a:\n  - created: x\n", 'parsing time "x" as'),
        ("apiVersion: v1\nentries:\n  a:\n  - name: a\n    name: b\n", 'line 5: key "name" already set in map'),
        ("apiVersion: v1\nentries: {\n", "error converting YAML to JSON: yaml:"),
        ('{"apiVersion":"v1","entries":{"a":[{"version":1}]}}', "field IndexFile.entries.a.0.version of type string"),
    ],
)
def test_what_is_no_index_is_refused_in_go_s_words(text: str, fault: str) -> None:
    """The texts are those of Helm 4."""
    with pytest.raises(PilothouseError) as caught:
        read_index(text.encode())
    assert fault in caught.value.message


def test_json_is_read_loosely() -> None:
    """Unknown fields and repeated keys do not matter in JSON, as in Go."""
    text = '{"apiVersion":"v1","x":1,"entries":{"a":[{"name":"a","version":"1","Version":"2","y":2}]}}'
    assert versions(text) == ["2"]


def test_invalid_entries_are_passed_over_and_told() -> None:
    """From the last to the first, each with its reason; the others stay."""
    text = (
        "apiVersion: v1\nentries:\n  a:\n  - null\n  - {name: a, version: bad}\n  - {name: a/b, version: 1.0.0}\n"
        "  - {name: a, version: 1.0.0, type: odd}\n  - {version: 1.0.0}\n  - {name: a, version: 2.0.0}\n"
        "  - {name: a, version: 3.0.0, dependencies: [{name: q}, {name: q}]}\n"
        "  - {name: a, version: 4.0.0, maintainers: [null]}\n"
    )
    index = read_index(text.encode())
    assert [one["version"] for one in index.entries["a"]] == ["3.0.0", "2.0.0"]
    assert index.entries["a"][0]["apiVersion"] == "v1"
    told: list[Event] = []
    tell_skipped(Reporter(told.append), index.skipped, "SRC")
    assert [dict(event.fields).get("error", "") for event in told] == [
        "validation: maintainers must not contain empty or null nodes",
        "validation: chart.metadata.name is required",
        "validation: chart.metadata.type must be application or library",
        'validation: chart.metadata.name "a/b" is invalid',
        'validation: chart.metadata.version "bad" is invalid',
        "",
    ]
    told.clear()
    tell_skipped(Reporter(told.append), index.skipped[4:], "SRC", helm=3)
    assert [event.message for event in told] == [
        (
            'index.go:370: skipping loading invalid entry for chart "a" "bad" from SRC: '
            'validation: chart.metadata.version "bad" is invalid'
        ),
        'index.go:359: skipping loading invalid entry for chart "a" from SRC: empty entry',
    ]


def test_texts_are_made_harmless() -> None:
    """CVE-2021-21303: white space becomes blanks, what cannot be printed goes."""
    text = 'apiVersion: v1\nentries:\n  a:\n  - name: a\n    version: 1.0.0\n    description: "x\\ty\\e[2Jz"\n'
    assert read_index(text.encode()).entries["a"][0]["description"] == "x y[2Jz"


def test_an_index_is_written_in_go_s_order() -> None:
    """YAML is sorted; JSON has the fields of Go's structs, and what is not there is null."""
    text = '{"apiVersion":"v1","entries":{"a":[{"name":"a","version":"1.0.0","digest":"d","home":"h<"}],"b":[]}}'
    index = read_index(text.encode())
    index.generated = "2020-01-01T00:00:00Z"
    shown = json.loads(encode_index(index, json=True))
    assert list(shown) == ["apiVersion", "generated", "entries"]
    assert list(shown["entries"]["a"][0]) == ["name", "home", "version", "apiVersion", "urls", "created", "digest"]
    assert shown["entries"]["b"] is None
    assert b"h\\u003c" in encode_index(index, json=True)
    assert encode_index(index).startswith(b"apiVersion: v1\nentries:\n  a:\n  - apiVersion: v1\n")


def test_merging_keeps_what_is_there() -> None:
    """Entries of the other index are taken when no version is there that they mean."""
    one = read_index(listed("1.0.0", "1.1.0").encode())
    other = read_index(listed("1.0.0", "'1.1'", "2.0.0").replace("name: a", "name: a\n    home: x").encode())
    merge(one, other)
    one.sort()
    assert [(item["version"], item.get("home")) for item in one.entries["a"]] == [
        ("2.0.0", "x"),
        ("1.1.0", None),
        ("1.0.0", None),
    ]
    assert empty_index(FixedClock(0)).entries == {}
