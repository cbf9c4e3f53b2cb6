"""Sets of templates: parsing, executing, cloning, limits."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.golang.functions import Function, FunctionError
from pilothouse.golang.kinds import StringList
from pilothouse.gotemplate.errors import ExecutionError, ParseError, UnknownTemplate
from pilothouse.gotemplate.template import Template


def _refuse(text: str) -> str:
    raise FunctionError(text)


def _tpl(running: Template, text: str, data: Any) -> str:
    own = running.clone()
    own.parse("gotpl", text)
    return own.execute("gotpl", data)


FUNCTIONS = {
    "include": Function(_refuse, "string, interface {}", role="include", result="string"),
    "tpl": Function(_tpl, "string, interface {}", role="context", result="string"),
    "upper": Function(str.upper, "string", result="string"),
    "repeat": Function(lambda count, text: text * count, "int, string", result="string"),
    "list": Function(lambda *values: list(values), "...interface {}"),
    "refuse": Function(_refuse, "string"),
}


def render(text: str, data: Any = None, **options: Any) -> str:
    """Execute one template text with Helm's options."""
    template = Template("set", FUNCTIONS, **{"missing_key": "zero", **options})
    template.parse("t", text)
    return template.execute("t", {} if data is None else data)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a{{ .s }}b", "ahellob"),
        ("{{ .m.a.b }}{{ .m.nope }}", "1<no value>"),
        ("{{ if .e }}x{{ else if .s }}y{{ end }}", "y"),
        ("{{ with .m }}{{ .a.b }}{{ end }}{{ with .e }}{{ else }}z{{ end }}", "1z"),
        ("{{ with .e }}{{ else with .s }}{{ . }}{{ end }}", "hello"),
        ("{{ range $i, $v := .l }}{{ $i }}{{ $v }};{{ end }}", "0a;1b;"),
        ("{{ range $k, $v := .m }}{{ $k }}{{ end }}{{ range 3 }}{{ . }}{{ end }}", "ac012"),
        ('{{ range .l }}{{ if eq . "b" }}{{ break }}{{ end }}{{ . }}{{ end }}', "a"),
        ('{{ range .l }}{{ if eq . "a" }}{{ continue }}{{ end }}{{ . }}{{ else }}no{{ end }}', "b"),
        ("{{ $x := 1 }}{{ range .l }}{{ $x = . }}{{ end }}{{ $x }}", "b"),
        ('{{ define "d" }}[{{ . }}]{{ end }}{{ template "d" .s }}{{ include "d" 1 | upper }}', "[hello][1]"),
        ('{{ block "d" .s }}<{{ . }}>{{ end }}', "<hello>"),
        ('{{ len .u }} {{ index .l 1 }} {{ .s | printf "%s-%d%%" | upper }}', "2 b HELLO-%!D(MISSING)%"),
        ("{{ or .e .s }} {{ and .s .e }} {{ not .e }}", "hello  true"),
        ("{{ (.nope).x }}{{ $n := .nope }}{{ $n.a.b }}", "<no value><no value>"),
        ('{{ repeat 2.0 "ab" }}', "abab"),
        ('{{ tpl "{{ .s }}" . }}', "hello"),
    ],
)
def test_language(text: str, expected: str) -> None:
    """The actions and functions of the language do what Go's do."""
    data = {"s": "hello", "e": "", "u": "é", "l": ["a", "b"], "m": {"a": {"b": 1.0}, "c": 2}}
    assert render(text, data) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n {{ .a.b.c }}", 't:2:6: executing "t" at <.a.b.c>: nil pointer evaluating interface {}.b'),
        ("é{{ .s.x }}", 't:1:7: executing "t" at <.s.x>: can\'t evaluate field x in type interface {}'),
        ("{{ upper .n }}", 't:1:9: executing "t" at <.n>: wrong type for value; expected string; got float64'),
        ("{{ upper nil }}", 't:1:9: executing "t" at <nil>: cannot assign nil to string'),
        ("{{ upper 1 }}", 't:1:9: executing "t" at <1>: expected string; found 1'),
        ("{{ upper }}", 't:1:3: executing "t" at <upper>: wrong number of args for upper: want 1 got 0'),
        ('{{ refuse "no" }}', 't:1:3: executing "t" at <refuse "no">: error calling refuse: no'),
        ('{{ template "x" }}', 't:1:12: executing "t" at <{{template "x"}}>: template "x" not defined'),
        (
            '{{ include "x" . }}',
            (
                't:1:3: executing "t" at <include "x" .>: error calling include: template: no template "x" associated '
                'with template "set"'
            ),
        ),
        (
            '{{ define "d" }}{{ .a.b }}{{ end }}{{ include "d" . }}',
            (
                't:1:38: executing "t" at <include "d" .>: error calling include: template: t:1:21: executing "d" at '
                "<.a.b>: nil pointer evaluating interface {}.b"
            ),
        ),
        ("{{ range .tl }}{{ .x }}{{ end }}", 't:1:18: executing "t" at <.x>: can\'t evaluate field x in type string'),
    ],
)
def test_execution_errors(text: str, expected: str) -> None:
    """An error names the template, the place, the node and the cause in Go's words."""
    with pytest.raises(ExecutionError) as raised:
        render(text, {"s": "hello", "n": 1.5, "tl": StringList(["q"])})
    assert str(raised.value) == "template: " + expected


def test_levels_are_fields() -> None:
    """The levels of a nested failure can be read without taking the text apart."""
    with pytest.raises(ExecutionError) as raised:
        render('{{ define "d" }}\n{{ refuse "no" }}{{ end }}{{ include "d" . }}')
    outer, inner = raised.value.levels
    assert (outer.line, outer.executing, outer.function) == (2, "t", "include")
    assert (inner.line, inner.column, inner.node, inner.function) == (2, 3, 'refuse "no"', "refuse")
    assert isinstance(raised.value.error, FunctionError)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n{{ nope }}", 'template: t:2: function "nope" not defined'),
        ("{{ if }}{{ end }}", "template: t:1: missing value for if"),
        ("{{ if 1 }}", "template: t:1: unexpected EOF"),
        ("{{ $x }}", 'template: t:1: undefined variable "$x"'),
        ("{{ end }}", "template: t:1: unexpected {{end}}"),
        ("{{ 1 | 2 }}", "template: t:1: non executable command in pipeline stage 2"),
        ("{{ break }}", "template: t:1: {{break}} outside {{range}}"),
        ("{{ .x\n\n", "template: t:3: unclosed action started at t:1"),
    ],
)
def test_parse_errors(text: str, expected: str) -> None:
    """A text that is no template is refused with Go's words and line."""
    with pytest.raises(ParseError) as raised:
        render(text)
    assert str(raised.value) == expected


def test_missing_keys() -> None:
    """The option decides what a missing key is."""
    assert render("{{ .a.b }}", missing_key="default") == "<no value>"
    with pytest.raises(ExecutionError, match='map has no entry for key "a"'):
        render("{{ .a }}", missing_key="error")


def test_older_go() -> None:
    """Go 1.22 knows neither ranges over numbers nor else with, and says less about comparisons."""
    with pytest.raises(ExecutionError, match="range can't iterate over 3"):
        render("{{ range 3 }}{{ end }}", go="1.22")
    with pytest.raises(ParseError):
        render("{{ with 1 }}{{ else with 2 }}{{ end }}", go="1.22")
    with pytest.raises(ExecutionError, match=r"incompatible types for comparison$"):
        render("{{ eq 1 1.0 }}", go="1.22")


def test_clone_keeps_its_additions_to_itself() -> None:
    """What is defined in a clone is seen by the templates it shares, and not by the original."""
    template = Template("set", FUNCTIONS, missing_key="zero")
    template.parse("t", '{{ define "d" }}old{{ end }}{{ include "d" . }}')
    copy = template.clone()
    copy.parse("u", '{{ define "d" }}new{{ end }}')
    assert copy.execute("t", None) == "new"
    assert template.execute("t", None) == "old"
    assert not template.has("u")


def test_blank_definitions_replace_nothing() -> None:
    """A define with nothing but white space does not hide another one."""
    template = Template("set", FUNCTIONS)
    template.parse("a", '{{ define "d" }}full{{ end }}')
    template.parse("b", '{{ define "d" }} \n {{ end }}')
    assert template.execute("d", None) == "full"


def test_unknown_template() -> None:
    """Executing what is not there names it and the set."""
    with pytest.raises(UnknownTemplate, match='no template "x" associated with template "set"'):
        Template("set", FUNCTIONS).execute("x", None)


def test_endless_include_stops_as_in_helm() -> None:
    """A name may be active a thousand times; the error has a level for each."""
    with pytest.raises(ExecutionError, match="nested reference name: d: unable to execute template") as raised:
        render('{{ define "d" }}{{ include "d" . }}{{ end }}{{ include "d" . }}')
    assert len(raised.value.levels) == 1002


def test_endless_template_stops() -> None:
    """Templates that call each other without end fail with Go's limit."""
    with pytest.raises(ExecutionError, match=r"exceeded maximum template depth \(100000\)"):
        render('{{ define "d" }}{{ template "d" . }}{{ end }}{{ template "d" . }}')


@pytest.mark.parametrize(
    "text",
    ["{{" + "(" * 5000 + "1" + ")" * 5000 + "}}", "{{ if 1 }}" * 9000 + "{{ end }}" * 9000, "{{ range . }}" * 40],
)
def test_hostile_nesting_is_a_clean_error(text: str) -> None:
    """What nests deeper than can be compiled is refused without a crash."""
    with pytest.raises((ParseError, ExecutionError)):
        render(text)


def test_a_variable_that_was_not_reached() -> None:
    """An operand that and or or has skipped declares nothing."""
    with pytest.raises(ExecutionError, match=r"at <\$q>: undefined variable: \$q"):
        render("{{ and .e ($q := 1) }}{{ $q }}")
    assert render("{{ or .e ($q := 1) }}{{ $q }}") == "11"


def test_results_that_break_their_promise() -> None:
    """A function that does not return the string it promised is an error, not a crash."""
    template = Template("set", {"odd": Function(lambda: 1, result="string")})
    template.parse("t", "a{{ odd }}b")
    with pytest.raises(ExecutionError, match="TypeError"):
        template.execute("t", None)


def test_faults_of_functions_are_errors_of_the_template() -> None:
    """A function that fails in an unforeseen way does not break out of the rendering."""
    template = Template("set", {"broken": Function(lambda: 1 // 0)})
    template.parse("t", "{{ broken }}")
    with pytest.raises(ExecutionError, match="error calling broken: ZeroDivisionError"):
        template.execute("t", None)
