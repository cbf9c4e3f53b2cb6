"""Generated Python."""

from __future__ import annotations

from pilothouse.golang.functions import Function
from pilothouse.gotemplate.builtins import builtins
from pilothouse.gotemplate.codegen.module import generate
from pilothouse.gotemplate.codegen.values import simple_format
from pilothouse.gotemplate.parser import parse

OWN = builtins("1.27")
INCLUDE = Function(lambda *_: "", "string, interface {}", role="include", result="string")


def _source(text: str) -> str:
    tree, _ = parse("t", text, lambda name: name in OWN or name == "include")
    return generate(tree, lambda name: (INCLUDE, False) if name == "include" else (OWN[name], True), "zero").source


def test_constants_are_computed_when_compiling() -> None:
    """Constant actions and neighbouring texts become one string."""
    assert _source('a{{ "b" }}c{{ 1.50 }}{{/* d */}}e') == "def t0(run, dot):\n return ('abc1.5e')\n"


def test_include_of_a_literal_name_is_a_direct_call() -> None:
    """No lookup through a function stands between a template and the one it includes."""
    assert "run['x'](run, dot)" in _source('{{ include "x" . }}')


def test_the_same_text_gives_the_same_python() -> None:
    """Generated source is stable."""
    text = '{{ range $k, $v := .a }}{{ if eq $k "x" }}{{ $v.b.c }}{{ end }}{{ end }}'
    assert _source(text) == _source(text)


def test_simple_formats() -> None:
    """Formats of plain verbs are known when compiling; others are left to printf."""
    assert simple_format("a%s%%%d", 2) == ["a", "s", "%", "d", ""]
    assert simple_format("%5s", 1) is None
    assert simple_format("%s", 2) is None
    assert simple_format("%", 0) is None
