"""What real Helm makes of hundreds of generated cases, and ours: printf, YAML in and out, ``--set`` and versions."""

from __future__ import annotations

import importlib
import random
import re
from pathlib import Path

import pytest
from hypothesis import strategies as st

from pilothouse.clock import FixedClock
from pilothouse.errors import PilothouseError
from pilothouse.golang.kinds import YamlValue
from pilothouse.sprig.table import function_map
from pilothouse.values.assignments import assign

pytestmark = pytest.mark.oracle

_batch, strategies = importlib.import_module("property.batch"), importlib.import_module("property.strategies")
_snippets = importlib.import_module("property.snippets")
answers, assigned, batch_of, linted = _batch.answers, _batch.assigned, _batch.batch_of, _batch.linted

_OPERAND = (
    '{{{{ ${0} := index $case {1} 0 }}}}{{{{ if eq (index $case {1} 1) "int" }}}}{{{{ ${0} = int ${0} }}}}'
    '{{{{ else if eq (index $case {1} 1) "int64" }}}}{{{{ ${0} = int64 ${0} }}}}{{{{ end }}}}'
)
_PRINTF = _OPERAND.format("a", 1) + _OPERAND.format("b", 2) + "{{ printf (index $case 0) $a $b | b64enc }}"


#: So many differences of a batch are shown.
_SHOWN = 10
_REFUSED = "error converting YAML to JSON: yaml: "


def _check(real: list[str], ours: list[str], cases: list[YamlValue]) -> None:
    assert len(real) == len(ours) == len(cases)
    different = [
        f"{case!r}\n  helm: {wanted}\n  ours: {got}"
        for case, wanted, got in zip(cases, real, ours, strict=True)
        if got != wanted
    ]
    assert not different, "\n".join(different[:_SHOWN])


def test_printf(helm4: str, tmp_path: Path) -> None:
    """Every format prints every pair of values as Go does; pointers, whose addresses are chance, left aside."""
    triples = batch_of(st.tuples(strategies.FORMATS, strategies.OPERANDS, strategies.OPERANDS))
    cases: list[YamlValue] = [case for case in triples if "p" not in case[0]]
    real, ours = answers(helm4, tmp_path, _PRINTF, cases)
    _check(real, ours, cases)


def test_yaml_out(helm4: str, tmp_path: Path) -> None:
    """Every value is written as YAML and JSON as Helm writes it, and printed as Go prints it."""
    cases = batch_of(strategies.VALUES)
    template = '{{ printf "%s|%s|%v" (toYaml $case) (toJson $case) $case | b64enc }}'
    real, ours = answers(helm4, tmp_path, template, cases)
    _check(real, ours, cases)


def test_yaml_in(helm4: str, tmp_path: Path) -> None:
    """Every text is read as Helm reads it, or refused; of the refusals nearly all have the same words."""
    cases: list[YamlValue] = batch_of(strategies.YAML_TEXTS)
    template = "{{ printf `%s|%s` (fromYaml $case | toJson) (fromYamlArray $case | toJson) | b64enc }}"
    real, ours = answers(helm4, tmp_path, template, cases)
    refused = [number for number, answer in enumerate(real) if _REFUSED in answer and _REFUSED in ours[number]]
    # Two faults in one text: libyaml may come upon the other one first.
    assert sum(real[number] != ours[number] for number in refused) <= len(refused) * 0.03
    others = [number for number in range(len(cases)) if number not in set(refused)]
    _check([real[number] for number in others], [ours[number] for number in others], [cases[n] for n in others])


def test_versions(helm4: str, tmp_path: Path) -> None:
    """Every constraint accepts the versions that Masterminds accepts, of those that both can read."""
    compare = function_map(clock=FixedClock(0), entropy=bytes)["semverCompare"].call

    def readable(case: tuple[str, str]) -> bool:
        try:
            compare(*case)
        except PilothouseError:
            return False
        return True

    pairs = batch_of(st.tuples(strategies.CONSTRAINTS, strategies.VERSIONS))
    cases: list[YamlValue] = [list(pair) for pair in pairs if readable(pair)]
    template = (
        "{{ $v := semver (index $case 1) }}"
        "{{ printf `%v %v %s` (semverCompare (index $case 0) (index $case 1)) $v $v.Original | b64enc }}"
    )
    real, ours = answers(helm4, tmp_path, template, cases)
    _check(real, ours, cases)


def test_set(helm4: str, tmp_path: Path) -> None:
    """Assignments make the same values; what ours accepts, the real one accepts."""
    arguments: list[str] = []
    for number, (path, text) in enumerate(batch_of(strategies.ASSIGNMENTS)):
        argument = f"case{number}{path}={text}"
        try:
            assign(argument, {})
        except PilothouseError:
            continue
        arguments.append(argument)
    real, ours = assigned(helm4, tmp_path, arguments)
    assert ours == real


#: What chance or the time decides, takes long, or warns once for each call.
_APART = frozenset(
    (
        *("now", "ago", "date", "dateInZone", "date_in_zone", "htmlDate", "htmlDateInZone", "keys", "values", "fail"),
        *("randAlphaNum", "randAlpha", "randAscii", "randNumeric", "randBytes", "randInt", "uuidv4", "shuffle"),
        *("genCA", "genCAWithKey", "genSelfSignedCert", "genSelfSignedCertWithKey", "genSignedCert", "encryptAES"),
        *("genSignedCertWithKey",),
    )
)
#: Go would make texts and lists of these lengths, or print values that hold themselves until its stack is full.
_BOMBS = frozenset(
    (
        *("until", "untilStep", "repeat", "seq", "indent", "nindent", "chunk", "splitn", "wrap", "wrapWith", "round"),
        *("regexFindAll", "regexSplit", "mustRegexFindAll", "mustRegexSplit", "printf", "mustChunk"),
    )
)
_HOLDERS = frozenset(("set", "merge", "mustMerge", "mergeOverwrite", "mustMergeOverwrite"))


def _harmless(call: str) -> bool:
    name, *arguments = call.split(" ")
    if name in _APART or "now" in arguments or (name.endswith("eepCopy") and "semver" in call):
        return False
    if name in _HOLDERS and sum(argument in (".", ".Values") for argument in arguments) > 1:
        return False
    return name not in _BOMBS or not any(argument.lstrip("-")[:4] in ("9223", "1e9") for argument in arguments)


@pytest.mark.parametrize("generation", [4, 3])
def test_calls(request: pytest.FixtureRequest, tmp_path: Path, generation: int) -> None:
    """Every function gives what Go's gives for any arguments: type, content and JSON, or the words of the error."""
    calls = [call for call in batch_of(strategies.CALLS) if _harmless(call)]
    templates = ["{{ $x := " + call + " }}" + _batch.RESULT for call in calls]
    real, ours = linted(request.getfixturevalue(f"helm{generation}"), tmp_path, templates, generation=generation)
    _check(real, ours, templates)


#: What the time or an address decides is left aside.
_BY_CHANCE = re.compile(
    r"2562047h|9223372036854775808ns|time\.Local|\b(?:deepCopy|mustDeepCopy) .*semver|ADDRESS|1i\b"
    r"|\bset \.|merge|\b9223372036854775807\b"
    r"|(?<=[ (])[.$](?=[ )]|$)|\.Capabilities(?![.])"
    r"|printf (?s:.*)\b(?:mustToDate|toDate|dateModify|mustDateModify|date_modify|now)\b"  # shows where a zone lies
)
_FILES = {
    "values.yaml": _snippets.VALUES,
    "files/a.txt": "line 1\nline 2\n",
    "templates/_helpers.tpl": '{{ define "x" }}X{{ .a }}{{ end }}',
}


@pytest.mark.parametrize("generation", [4, 3])
@pytest.mark.parametrize("kind", ["expression", "format", "reading"])
def test_snippets(request: pytest.FixtureRequest, tmp_path: Path, generation: int, kind: str) -> None:
    """Calls whose arguments mostly fit, calls within calls, formats and damaged texts: all that shows is the same."""
    calls = [
        getattr(_snippets.Snippets(chance, generation=generation), kind)()
        for chance in batch_of(st.integers(0, 2**40).map(random.Random))
    ]
    calls = [call for call in calls if not _BY_CHANCE.search(call)]
    templates = ["{{ $x := " + call + " }}" + _batch.RESULT for call in calls]
    program = request.getfixturevalue(f"helm{generation}")
    real, ours = linted(program, tmp_path, templates, generation=generation, files=_FILES)
    kept = [number for number, answer in enumerate(real) if "ADDRESS" not in answer]
    _check([real[n] for n in kept], [ours[n] for n in kept], [templates[n] for n in kept])


@pytest.mark.parametrize("generation", [4, 3])
def test_templates(request: pytest.FixtureRequest, tmp_path: Path, generation: int) -> None:
    """Any text is a template for both or for neither, and fails in the same place with the same words."""
    templates = batch_of(strategies.TEMPLATES)
    program = request.getfixturevalue(f"helm{generation}")
    real, ours = linted(program, tmp_path, templates, generation=generation, shown=True)
    _check(real, ours, templates)
