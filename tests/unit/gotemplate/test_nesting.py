"""Blocks that nest deeper than Python's own can."""

from __future__ import annotations

import pytest

from pilothouse.golang.functions import Function
from pilothouse.golang.kinds import GoValue
from pilothouse.gotemplate.errors import ExecutionError
from pilothouse.gotemplate.template import Template

INCLUDE = Function(lambda *_: "", "string, interface {}", role="include", result="string")


def render(text: str, data: GoValue = None) -> str:
    """Execute one text."""
    template = Template("set", {"include": INCLUDE}, missing_key="zero")
    template.parse("t", text)
    result = template.execute("t", data)
    assert template.execute_traced("t", data).text == result
    return result


@pytest.mark.parametrize("depth", [13, 14, 15, 30, 31, 100, 400])
@pytest.mark.parametrize("block", ["range 1", "if 1", "with $", "range $i, $e := $.l"])
def test_blocks_nest_as_deep_as_one_likes(block: str, depth: int) -> None:
    """Ranges and conditions nest far beyond what Python compiles, and see dot as they should."""
    text = f"{{{{ {block} }}}}" * depth + "x{{ $.a }}" + "{{ end }}" * depth
    assert render(text, {"a": "y", "l": ["e"]}) == "xy"


def test_variables_cross_the_borders_of_functions() -> None:
    """What a deep block assigns is seen outside of it, at every level."""
    depth = 40
    text = '{{ $x := "a" }}{{ $n := 0 }}'
    text += "{{ range 1 }}{{ $n = len $x }}" * depth + '{{ $x = printf "%s%d" $x $n }}' + "{{ end }}" * depth
    assert render(text + "{{ $x }}|{{ $n }}") == "a1|1"


@pytest.mark.parametrize("word", ["break", "continue"])
def test_a_loop_is_left_from_deep_inside(word: str) -> None:
    """Break and continue reach the loop that they belong to, whatever functions lie between."""
    inner = "{{ if eq $i 1 }}" + "{{ if 1 }}" * 35 + "{{ " + word + " }}" + "{{ end }}" * 36
    text = "{{ range 2 }}" * 12 + "[{{ range $i := 3 }}" + inner + "{{ $i }}{{ end }}]" + "{{ end }}" * 12
    shown = {"break": "[0]", "continue": "[02]"}[word]
    assert render(text) == shown * 2**12


def test_errors_name_the_node_at_any_depth() -> None:
    """A failure in a block that became a function has the same text as anywhere else."""
    text = (
        '{{ define "d" }}' + "{{ range .l }}" * 30 + "{{ $.a.b.c }}" + "{{ end }}" * 30 + '{{ end }}{{ include "d" . }}'
    )
    data: list[GoValue] = [1]
    for _ in range(30):
        data = [{"l": data}]
    with pytest.raises(ExecutionError) as caught:
        render(text.replace("range .l", "range .l", 1), {"a": {}, "l": data})
    assert str(caught.value).endswith('executing "d" at <$.a.b.c>: nil pointer evaluating interface {}.c')
    assert len(caught.value.levels) == 2
