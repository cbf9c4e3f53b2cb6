"""What is wrong with a rendered document is explained by the templates that made it."""

from __future__ import annotations

import importlib

import pytest

from pilothouse.render.errors import ManifestError
from pilothouse.render.origins import Origins, line_of_field
from pilothouse.render.pipeline import prepare_chart, render_chart

_engine = importlib.import_module("unit.render.test_engine")
chart_of, settings_of = _engine.chart_of, _engine.settings_of

HELPERS = '{{- define "pod" -}}\ncontainers:\n- name: x\n  image: {{ .Values.image }}\n{{- end }}\n'
POD = """apiVersion: v1
kind: Secret
metadata: {name: other}
---
# the pod
apiVersion: v1
kind: Pod
metadata:
  name: p
spec:
  {{- include "pod" . | nindent 2 }}
"""
FILES = {"templates/_h.tpl": HELPERS, "templates/a.yaml": POD, "values.yaml": "image: 'nginx: latest'\n"}
EXPLAINED = """line 9 of the document comes from t/templates/_h.tpl:4:12 in "pod"
     4 |   image: {{ .Values.image }}
       |             ^
  included from t/templates/a.yaml:11:6
    11 |   {{- include "pod" . | nindent 2 }}
       |       ^
  with .Values.image = 'nginx: latest'"""


def test_a_yaml_error_names_template_include_and_value() -> None:
    """The message is Helm's; the hint shows the template's line with a caret, the include chain and the value."""
    settings = settings_of(explain=True)
    with pytest.raises(ManifestError) as caught:
        render_chart(prepare_chart(chart_of(FILES), {}, settings), settings)
    error = caught.value
    assert error.message == (
        "YAML parse error on t/templates/a.yaml: error converting YAML to JSON: "
        "yaml: line 9: mapping values are not allowed in this context"
    )
    assert error.hints == (EXPLAINED,)


def test_an_object_is_made_by_its_template() -> None:
    """Where a helper gives it its name, the line that asks the helper is shown."""
    named = '{{- define "name" -}}\nx-{{ .Release.Name }}\n{{- end }}\n'
    template = 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ include "name" . }}\n'
    chart = chart_of({"templates/_h.tpl": named, "templates/a.yaml": template})
    manifest = "---\n# Source: t/templates/a.yaml\napiVersion: v1\nkind: Pod\nmetadata:\n  name: x-r\n"
    settings = settings_of(explain=True)
    prepared = prepare_chart(chart, {}, settings)
    told = Origins(prepared.chart, prepared.values, settings).of_whole(manifest, (), "Pod", "x-r")
    assert told == (
        'Pod/x-r is made by t/templates/a.yaml:4:11\n     4 |   name: {{ include "name" . }}\n       |            ^'
    )


def test_without_being_asked_nothing_is_explained() -> None:
    """Explaining renders the file again, which only happens where it is shown."""
    settings = settings_of()
    with pytest.raises(ManifestError) as caught:
        render_chart(prepare_chart(chart_of(FILES), {}, settings), settings)
    assert caught.value.hints == ()


@pytest.mark.parametrize(
    "field",
    [
        "spec.containers[0].image",
        'spec.containers[name="x"].image',
        "spec.containers.image",
        "spec.containers[0].image.deeper[3]",
    ],
)
def test_a_field_that_the_server_refuses_is_found(field: str) -> None:
    """The paths of validation, server-side apply and decoding all lead to the line of the template."""
    settings = settings_of()
    chart = chart_of({**FILES, "values.yaml": "image: nginx\n"})
    prepared = prepare_chart(chart, {}, settings)
    manifest = render_chart(prepared, settings).manifest_text()
    hints = Origins(prepared.chart, prepared.values, settings).of_object(manifest, "Pod", "p", [field])
    assert hints == (EXPLAINED.replace("nginx: latest", "nginx"),)


def test_fields_that_a_document_lacks() -> None:
    """A missing field is shown at its nearest parent; what is no path of the document is nowhere."""
    document = "a:\n  b:\n  - c: 1\n  - d: 2\n"
    assert line_of_field(document, "a.b[1].e") == 4
    assert line_of_field(document, "a.b[2].e") == 2
    assert line_of_field(document, "x.y") == 0
    assert line_of_field("a: [", "a") == 0
