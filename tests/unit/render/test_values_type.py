"""``.Values`` and the other named types, as template functions hand them on."""

from __future__ import annotations

import importlib

import pytest

rendered = importlib.import_module("unit.render.test_engine").rendered
failure = importlib.import_module("unit.render.test_engine").failure


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{{ typeOf .Values }} {{ set .Values "a" 1 | typeOf }}', "common.Values map[string]interface {}"),
        (
            '{{ merge .Values (dict "a" 1) | typeOf }} {{ typeOf (deepCopy .Values) }}',
            "map[string]interface {} common.Values",
        ),
        (
            '{{ $m := set .Values "a" 1 }}{{ $_ := set $m "b" 2 }}{{ $_ := set .Values "c" 3 }}{{ toJson $m }}',
            '{"a":1,"b":2,"c":3}',
        ),
        ('{{ dig "a" "b" "none" (merge .Values (dict)) }}', "none"),
        (
            '{{ printf "%#v %#v" (fromJson "null") .Chart.Annotations }}',
            "map[string]interface {}(nil) map[string]string(nil)",
        ),
        ('{{ printf "%#v" (rest (list)) }}', "[]interface {}(nil)"),
        ("{{ toJson .Capabilities.KubeVersion }}", '{"Version":"v1.37.0","Major":"1","Minor":"37"}'),
        (
            '{{ printf "%#v" (semver "1.2.3-a") }}',
            '&semver.Version{major:0x1, minor:0x2, patch:0x3, pre:"a", metadata:"", original:"1.2.3-a"}',
        ),
        ('{{ (toDate "2006-01-02" "2020-01-02").AppendFormat nil "2006" }}', "[50 48 50 48]"),
        ('{{ (toDate "2006-01-02" "2020-01-02").MarshalBinary }}', "[1 0 0 0 14 213 159 41 128 0 0 0 0 0 0]"),
        ('{{ (toDate "2006-01-02" "2020-01-02").Location }}', "Local"),
        ('{{ toToml (dict "a" (semver "1.2.3")) }}', 'a = "1.2.3"'),
        ('{{ snakecase "a\\xffB" }} {{ snakecase "A\\ufffdB" }}', "a_\ufffdb a\ufffdb"),
    ],
)
def test_results(text: str, expected: str) -> None:
    """Functions that take a plain map return one: the same map, without methods."""
    assert f"\n  {expected}\n" in rendered({"templates/a.yaml": f"r: |\n  {text}\n"})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{{ (semver "1").Compare "2" }}', 'can\'t handle "2" for arg of type *semver.Version'),
        (
            '{{ (semver "1").Compare nil }}',
            "error calling Compare: runtime error: invalid memory address or nil pointer dereference",
        ),
        ('{{ (semver "1").major }}', "major is an unexported field of struct type *semver.Version"),
        ('{{ (toDate "2006" "2020").Clock }}', "function Clock has 3 return values; should be 1 or 2"),
        (
            '{{ (toDate "2006" "2020").ISOWeek }}',
            "invalid function signature for ISOWeek: second return value should be error; is int",
        ),
        ('{{ (toDate "2006" "2020").Clock 1 }}', "wrong number of args for Clock: want 0 got 1"),
        ('{{ (toDate "2006" "2020").wall }}', "wall is an unexported field of struct type time.Time"),
        ("{{ index (list 1) 1 }}", "error calling index: reflect: slice index out of range"),
        ('{{ index "a" 1 }}', "error calling index: reflect: string index out of range"),
    ],
)
def test_failures(text: str, expected: str) -> None:
    """What fails, fails with Go's words."""
    assert failure(text).endswith(expected)


def test_several_results_in_older_go() -> None:
    """Helm 3 says it in the words of Go 1.22."""
    assert failure('{{ (toDate "2006" "2020").Clock }}', 3).endswith(
        'can\'t call method/function "Clock" with 3 results'
    )


def test_a_map_is_not_merged_into_a_struct() -> None:
    """Helm 3, where ``.Chart`` is a struct, fails as reflection does."""
    text = '{{ merge . (dict "Chart" (dict "Name" "x")) }}'
    assert failure(text, 3).endswith("error calling merge: reflect: call of reflect.Value.Field on map Value")
