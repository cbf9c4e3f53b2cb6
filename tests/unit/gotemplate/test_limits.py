"""Templates that would take all memory and time: each ends soon, with an error that says why and where."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from pilothouse.clock import Clock
from pilothouse.golang.functions import Function
from pilothouse.golang.kinds import GoValue
from pilothouse.gotemplate.errors import ExecutionError
from pilothouse.gotemplate.limits import Limits, Meter
from pilothouse.gotemplate.template import Template
from pilothouse.sprig.table import function_map

#: Seconds of processor time that a bomb may take: far more than it does, far less than it would without limits.
_BOUND = 20
INCLUDE = Function(lambda *_: "", "string, interface {}", role="include", result="string")


def _functions() -> Mapping[str, Function]:
    return {**function_map(clock=Clock(), entropy=bytes), "include": INCLUDE}


def render(text: str, data: GoValue = None, **limits: float) -> str:
    """Execute one text with limits."""
    chosen = Limits(**limits) if limits else Limits()  # type: ignore[arg-type]
    template = Template("set", _functions(), missing_key="zero", meter=Meter(chosen, Clock().monotonic))
    template.parse("t", text)
    return template.execute("t", data)


BOMBS = {
    "repeat": '{{ repeat 2000000000 "abc" }}',
    "repeat of repeat": '{{ repeat 90000000 "a" | repeat 90000000 }}',
    "until": "{{ until 2000000000 }}",
    "untilStep": "{{ untilStep 0 9000000000000000000 1 }}",
    "seq": "{{ seq 2000000000 }}",
    "range": "{{ range 9000000000000000000 }}{{ end }}",
    "range of ranges": "{{ range 100000 }}{{ range 100000 }}{{ end }}{{ end }}",
    "printf": '{{ printf (repeat 200 "%1000000d") }}',
    "printf with stars": '{{ printf (repeat 200 "%*d") 1000000 1 }}',
    "doubling": '{{ $x := "0123456789" }}{{ range until 60 }}{{ $x = printf "%s%s" $x $x }}{{ end }}',
    "doubling lists": '{{ $x := list "a" "b" }}{{ range until 60 }}{{ $x = concat $x $x }}{{ end }}',
    "doubling quotes": '{{ $x := "\\\\" }}{{ range until 60 }}{{ $x = quote $x }}{{ end }}',
    "doubling includes": '{{ define "d" }}{{ . }}{{ . }}{{ end }}{{ $x := "0123456789" }}'
    '{{ range until 60 }}{{ $x = include "d" $x }}{{ end }}',
    "calls": "".join(
        [
            f'{{{{ define "d{n}" }}}}{{{{ template "d{n + 1}" }}}}{{{{ template "d{n + 1}" }}}}{{{{ end }}}}'
            for n in range(60)
        ]
    )
    + '{{ define "d60" }}{{ end }}{{ template "d0" }}',
    "output": '{{ $x := repeat 1000000 "a" }}{{ range 1000 }}{{ $x }}{{ end }}',
    "copies": '{{ $x := repeat 1000000 "a" }}{{ range 1000000 }}{{ upper $x }}{{ end }}',
    "replace": '{{ $x := repeat 100000 "a" }}{{ $x | replace "a" $x }}',
    "join": '{{ $x := repeat 100000 "a" }}{{ until 100000 | join $x }}',
    "indent": '{{ repeat 1000000 "\\n" | indent 1000000 }}',
    "random": "{{ randAlphaNum 2000000000 }}",
    "shared maps": '{{ $x := dict "a" 1 }}{{ range until 40 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ toJson $x }}',
    "shared maps copied": '{{ $x := dict }}{{ range until 40 }}{{ $x = dict "a" $x "b" $x }}{{ end }}{{ deepCopy $x }}',
    "shared lists printed": "{{ $x := list }}{{ range until 40 }}{{ $x = list $x $x }}{{ end }}{{ $x }}",
    "regex": '{{ $x := repeat 100000 "a" }}{{ regexReplaceAll "a" $x $x }}',
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_defused(name: str) -> None:
    """Every bomb ends soon, with an error that names the limit and the place in the template."""
    started = time.process_time()
    with pytest.raises(
        ExecutionError, match=r"which is the limit|too large to be printed|out of memory|Repeat output length overflow"
    ) as caught:
        render(BOMBS[name], steps=1_000_000, characters=20_000_000)
    assert time.process_time() - started < _BOUND
    assert caught.value.levels[0].template == "t"


def test_time_is_limited() -> None:
    """A template that only takes long is stopped when its time is over."""
    started = time.process_time()
    with pytest.raises(ExecutionError, match=r"takes longer than 0\.2 seconds, which is the limit"):
        render(
            '{{ range until 5000 }}{{ range until 1000 }}{{ regexMatch "a.*b" "xxaxx" }}{{ end }}{{ end }}',
            seconds=0.2,
        )
    assert time.process_time() - started < _BOUND


def test_recursion_ends() -> None:
    """A template that calls itself without end fails soon, with Go's words."""
    started = time.process_time()
    with pytest.raises(ExecutionError, match="nested reference name: d: unable to execute template"):
        render('{{ define "d" }}{{ include "d" . }}{{ end }}{{ include "d" . }}')
    with pytest.raises(ExecutionError, match=r"exceeded maximum template depth \(100000\)"):
        render('{{ define "d" }}{{ template "d" . }}{{ end }}{{ template "d" . }}')
    assert time.process_time() - started < _BOUND


def test_what_is_large_but_sensible_passes() -> None:
    """Limits do not get into the way of honest charts."""
    assert len(render('{{ repeat 1000000 "0123456789" }}')) == 10_000_000
    assert len(render("{{ range until 100000 }}x{{ end }}")) == 100_000
