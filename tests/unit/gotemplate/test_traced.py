"""The traced back end: the same text as the fast one, and for every line the places and values that made it."""

from __future__ import annotations

import pytest

from pilothouse.clock import FixedClock
from pilothouse.golang.functions import Function
from pilothouse.golang.kinds import GoValue
from pilothouse.gotemplate.template import Template
from pilothouse.gotemplate.traced import Origin, TracedOutput
from pilothouse.sprig.table import function_map

INCLUDE = Function(lambda *_: "", "string, interface {}", role="include", result="string")
HELPERS = """{{- define "labels" -}}
app: {{ .Chart.Name }}
{{ include "selector" . }}
{{- end }}
{{ define "selector" }}
version: {{ .Values.version }}
{{- $tag := .Values.image.tag | default "latest" }}
tag: {{ $tag | quote }}
{{ end }}"""
MAIN = """kind: X
metadata:
  name: {{ .Values.name }}-{{ .Chart.Name }}
  labels:
    {{- include "labels" . | nindent 4 }}
spec:
{{- range $i, $p := .Values.ports }}
  - port: {{ $p.port }}
    index: {{ $i }}
{{- end }}
{{- with .Values.image }}
  image: {{ .tag }}
{{- end }}
{{- if .Values.name }}
  plain: text
{{- end }}
"""
DATA: GoValue = {
    "Chart": {"Name": "c"},
    "Values": {"name": "n", "version": 1.0, "image": {"tag": "t"}, "ports": [{"port": 80.0}, {"port": 81.0}]},
}


def traced() -> TracedOutput:
    """The example, traced."""
    functions = {**function_map(clock=FixedClock(0), entropy=bytes), "include": INCLUDE}
    template = Template("set", functions, missing_key="zero")
    template.parse("c/_helpers.tpl", HELPERS)
    template.parse("c/main.yaml", MAIN)
    output = template.execute_traced("c/main.yaml", DATA)
    assert output.text == template.execute("c/main.yaml", DATA)
    return output


def origin_of(text: str) -> Origin:
    """The origin of the line that reads so, blanks aside."""
    output = traced()
    lines = [line.strip() for line in output.text.split("\n")]
    found = output.origin_of(lines.index(text) + 1)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("line", "place", "chain", "values"),
    [
        ("kind: X", ("c/main.yaml", 1, 0), [], {}),
        ("name: n-c", ("c/main.yaml", 3, 11), [], {".Values.name": "'n'", ".Chart.Name": "'c'"}),
        ("app: c", ("c/_helpers.tpl", 2, 8), [("c/main.yaml", 5)], {".Chart.Name": "'c'"}),
        (
            "version: 1",
            ("c/_helpers.tpl", 6, 12),
            [("c/main.yaml", 5), ("c/_helpers.tpl", 3)],
            {".Values.version": "1"},
        ),
        (
            'tag: "t"',
            ("c/_helpers.tpl", 8, 8),
            [("c/main.yaml", 5), ("c/_helpers.tpl", 3)],
            {"$tag": "'t'", ".Values.image.tag": "'t'"},
        ),
        ("- port: 81", ("c/main.yaml", 8, 13), [], {".Values.ports[1].port": "81"}),
        ("index: 1", ("c/main.yaml", 9, 14), [], {"$i": "1"}),
        ("image: t", ("c/main.yaml", 12, 12), [], {".Values.image.tag": "'t'"}),
        ("plain: text", ("c/main.yaml", 15, 2), [], {}),
    ],
)
def test_every_line_has_its_origin(
    line: str, place: tuple[str, int, int], chain: list[tuple[str, int]], values: dict[str, str]
) -> None:
    """A line of output names template, line, column, the includes around it and the values read, by absolute path."""
    origin = origin_of(line)
    assert (origin.place.template, origin.place.line, origin.place.column) == place
    assert [(outer.template, outer.line) for outer in origin.chain] == chain
    assert origin.values == values


def test_a_column_chooses_among_the_actions_of_a_line() -> None:
    """With a column, the fragment that stands there is told."""
    output = traced()
    line = output.text.split("\n").index("  name: n-c") + 1
    origin = output.origin_of(line, 10)
    assert origin is not None
    assert origin.place.column == len("  name: {{ .Values.name }}-{{ ")


def test_lines_that_say_nothing_have_no_origin() -> None:
    """Blank lines and lines beyond the end come from nowhere."""
    output = traced()
    assert output.origin_of(0) is None
    assert output.origin_of(10_000) is None
