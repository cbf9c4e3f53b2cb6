"""What real Helm makes of hundreds of generated cases, and ours: printf, YAML in and out, ``--set`` and versions."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property import strategies
from property.batch import BATCHES, answers, assigned

from pilothouse.clock import FixedClock
from pilothouse.errors import PilothouseError
from pilothouse.golang.kinds import YamlValue
from pilothouse.sprig.table import function_map
from pilothouse.values.assignments import assign

pytestmark = pytest.mark.oracle

_OPERAND = (
    '{{{{ ${0} := index $case {1} 0 }}}}{{{{ if eq (index $case {1} 1) "int" }}}}{{{{ ${0} = int ${0} }}}}'
    '{{{{ else if eq (index $case {1} 1) "int64" }}}}{{{{ ${0} = int64 ${0} }}}}{{{{ end }}}}'
)
_PRINTF = _OPERAND.format("a", 1) + _OPERAND.format("b", 2) + "{{ printf (index $case 0) $a $b | b64enc }}"


#: So many differences of a batch are shown.
_SHOWN = 10


def _check(real: list[str], ours: list[str], cases: list[YamlValue]) -> None:
    assert len(real) == len(ours) == len(cases)
    different = [
        f"{case!r}\n  helm: {wanted}\n  ours: {got}"
        for case, wanted, got in zip(cases, real, ours, strict=True)
        if got != wanted
    ]
    assert not different, "\n".join(different[:_SHOWN])


@BATCHES
@given(
    cases=st.lists(st.tuples(strategies.FORMATS, strategies.OPERANDS, strategies.OPERANDS), min_size=150, max_size=400)
)
def test_printf(helm4: str, tmp_path_factory: pytest.TempPathFactory, cases: list[YamlValue]) -> None:
    """Every format prints every pair of values as Go does."""
    cases = [case for case in cases if "p" not in case[0]]
    _check(*answers(helm4, tmp_path_factory.mktemp("printf"), _PRINTF, cases), cases)


@BATCHES
@given(cases=st.lists(strategies.VALUES, min_size=100, max_size=300))
def test_yaml_out(helm4: str, tmp_path_factory: pytest.TempPathFactory, cases: list[YamlValue]) -> None:
    """Every value is written as YAML and JSON as Helm writes it, and printed as Go prints it."""
    template = '{{ printf "%s|%s|%v" (toYaml $case) (toJson $case) $case | b64enc }}'
    _check(*answers(helm4, tmp_path_factory.mktemp("out"), template, cases), cases)


@BATCHES
@given(cases=st.lists(strategies.YAML_TEXTS, min_size=150, max_size=400))
def test_yaml_in(helm4: str, tmp_path_factory: pytest.TempPathFactory, cases: list[str]) -> None:
    """Every text is read, or refused, as Helm does, error text included."""
    template = "{{ printf `%s|%s` (fromYaml $case | toJson) (fromYamlArray $case | toJson) | b64enc }}"
    _check(*answers(helm4, tmp_path_factory.mktemp("in"), template, cases), cases)


@BATCHES
@given(cases=st.lists(st.tuples(strategies.CONSTRAINTS, strategies.VERSIONS), min_size=200, max_size=400))
def test_versions(helm4: str, tmp_path_factory: pytest.TempPathFactory, cases: list[tuple[str, str]]) -> None:
    """Every constraint accepts the versions that Masterminds accepts; what one refuses ends the batch of the other."""
    compare = function_map(clock=FixedClock(0), entropy=bytes)["semverCompare"].call

    def readable(case: tuple[str, str]) -> bool:
        try:
            compare(*case)
        except PilothouseError:
            return False
        return True

    kept: list[YamlValue] = [list(case) for case in cases if readable(case)]
    template = (
        "{{ $v := semver (index $case 1) }}"
        "{{ printf `%v %v %s` (semverCompare (index $case 0) (index $case 1)) $v $v.Original | b64enc }}"
    )
    _check(*answers(helm4, tmp_path_factory.mktemp("semver"), template, kept), kept)


@BATCHES
@given(cases=st.lists(strategies.ASSIGNMENTS, min_size=100, max_size=300))
def test_set(helm4: str, tmp_path_factory: pytest.TempPathFactory, cases: list[tuple[str, str]]) -> None:
    """Assignments make the same values; what ours accepts, the real one accepts."""
    arguments: list[str] = []
    for number, (path, text) in enumerate(cases):
        argument = f"case{number}{path}={text}"
        try:
            assign(argument, {})
        except PilothouseError:
            continue
        arguments.append(argument)
    real, ours = assigned(helm4, tmp_path_factory.mktemp("set"), arguments)
    assert ours == real
