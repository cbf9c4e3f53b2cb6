"""Charts render as in Helm: parse order, data, functions, and errors laid out by generation."""

from __future__ import annotations

import pytest

from pilothouse.charts.load import load_files
from pilothouse.charts.model import Chart, ChartFile
from pilothouse.clock import FixedClock
from pilothouse.errors import PilothouseError
from pilothouse.golang.kinds import YamlValue
from pilothouse.progress import Event, Reporter
from pilothouse.render.capabilities import default_capabilities
from pilothouse.render.pipeline import prepare_chart, render_chart
from pilothouse.render.settings import ReleaseFacts, RenderSettings

CHART = "apiVersion: v2\nname: t\nversion: 1.0.0\n"


def chart_of(files: dict[str, str], helm: int = 4) -> Chart:
    """Return the chart ``t`` with these files."""
    whole = {"Chart.yaml": CHART, **files}
    return load_files([ChartFile(name=name, data=text.encode()) for name, text in whole.items()], helm=helm)


def settings_of(helm: int = 4, **changes: YamlValue) -> RenderSettings:
    """Return settings with fixed time and chance."""
    return RenderSettings(
        **{
            "release": ReleaseFacts(name="rel", namespace="ns"),
            "capabilities": default_capabilities(helm),
            "clock": FixedClock(0),
            "entropy": bytes,
            "helm": helm,
            **changes,
        }
    )


def rendered(files: dict[str, str], helm: int = 4, **changes: YamlValue) -> str:
    """Return the documents that the chart makes, joined."""
    settings = settings_of(helm, **changes)
    return render_chart(prepare_chart(chart_of(files, helm), {}, settings), settings).manifest_text()


def failure(text: str, helm: int = 4, files: dict[str, str] | None = None) -> str:
    """Return the error of a chart whose one template is ``text``."""
    with pytest.raises(PilothouseError) as caught:
        rendered({"templates/a.yaml": text, **(files or {})}, helm)
    return caught.value.message


def test_definitions_of_the_parent_win() -> None:
    """A define of the root chart replaces a subchart's, and of two files the first by name."""
    files = {
        "charts/s/Chart.yaml": CHART.replace("name: t", "name: s"),
        "charts/s/templates/_h.tpl": '{{ define "x" }}sub{{ end }}',
        "templates/_a.tpl": '{{ define "x" }}first{{ end }}',
        "templates/_b.tpl": '{{ define "x" }}second{{ end }}',
        "templates/a.yaml": 'a: {{ include "x" . }}',
    }
    assert rendered(files) == "---\n# Source: t/templates/a.yaml\na: first\n"


def test_each_chart_has_its_own_data() -> None:
    """A subchart sees its values, files, name and template path; the parent sees the subchart's data."""
    files = {
        "charts/s/Chart.yaml": CHART.replace("name: t", "name: s"),
        "charts/s/values.yaml": "v: 1\n",
        "charts/s/f.txt": "inner",
        "charts/s/templates/a.yaml": (
            'a: {{ .Values.v }} {{ .Files.Get "f.txt" }} {{ .Chart.Name }} {{ .Template.Name }}'
            " {{ .Template.BasePath }} {{ .Chart.IsRoot }}"
            " {{ .Release.Name }}/{{ .Release.Namespace }}/{{ .Release.Revision }}"
        ),
        "templates/b.yaml": "b: {{ .Subcharts.s.Chart.Name }} {{ .Values.s.v }} {{ .Chart.IsRoot }} {{ .Nope }}",
    }
    assert rendered(files) == (
        "---\n# Source: t/charts/s/templates/a.yaml\n"
        "a: 1 inner s t/charts/s/templates/a.yaml t/charts/s/templates false rel/ns/1\n"
        "---\n# Source: t/templates/b.yaml\nb: s 1 true \n"
    )


def test_what_a_subchart_sets_is_seen_by_its_parent() -> None:
    """Values are shared as Go's maps are: subcharts run first, and the parent finds what they set."""
    files = {
        "charts/s/Chart.yaml": CHART.replace("name: t", "name: s"),
        "charts/s/templates/a.yaml": '{{ $_ := set .Values "new" "seen" }}',
        "templates/b.yaml": "b: {{ .Values.s.new }}",
    }
    assert rendered(files) == "---\n# Source: t/templates/b.yaml\nb: seen\n"


def test_libraries_only_share_partials() -> None:
    """Of a library chart, files that do not begin with an underscore are left out."""
    files = {
        "charts/lib/Chart.yaml": CHART.replace("name: t", "name: lib") + "type: library\n",
        "charts/lib/templates/_h.tpl": '{{ define "x" }}ok{{ end }}',
        "charts/lib/templates/a.yaml": "{{ broken",
        "templates/b.yaml": 'b: {{ include "x" . }}',
    }
    assert rendered(files) == "---\n# Source: t/templates/b.yaml\nb: ok\n"


def test_types_of_the_data() -> None:
    """Templates see Helm's Go types, which differ by generation."""
    text = "a: {{ typeOf . }} {{ typeOf .Values }} {{ typeOf .Files }} {{ typeOf .Capabilities }} {{ kindOf .Chart }}"
    four = "common.Values common.Values engine.files *common.Capabilities map"
    three = "chartutil.Values chartutil.Values engine.files *chartutil.Capabilities struct"
    assert rendered({"templates/a.yaml": text}).endswith(f"a: {four}\n")
    assert rendered({"templates/a.yaml": text}, 3).endswith(f"a: {three}\n")


def test_tpl_keeps_its_definitions_to_itself() -> None:
    """A define inside ``tpl`` is seen there and nowhere else."""
    files = {
        "templates/a.yaml": """a: {{ tpl `{{ define "q" }}in{{ end }}{{ include "q" . }}` . }}{{ include "q" . }}"""
    }
    with pytest.raises(PilothouseError, match=r'no template "q" associated with template "gotpl"'):
        rendered(files)


def test_reaching_outside_needs_leave() -> None:
    """Without a cluster ``lookup`` finds nothing, without DNS no host has an address (CVE-2020-11013, -2023-25165)."""
    text = {"templates/a.yaml": 'a: {{ lookup "v1" "Pod" "" "" }}{{ getHostByName "localhost" | quote }}'}
    assert rendered(text).endswith('a: map[]""\n')
    found = rendered(text, lookup=lambda *_: {"x": "y"}, resolve_host=lambda _: ["1.2.3.4"])
    assert found.endswith('a: map[x:y]"1.2.3.4"\n')


def test_lint_only_reports_what_is_missing() -> None:
    """With ``lint`` set, ``required`` and ``fail`` go on."""
    heard: list[Event] = []
    text = {"templates/a.yaml": 'a: "{{ required "need" .Values.x }}{{ required "more" "" }}{{ fail "boo" }}"'}
    assert rendered(text, lint=True, reporter=Reporter(heard.append)).endswith('a: ""\n')
    assert [(event.message, event.fields) for event in heard if event.kind != "debug"] == [
        ("missing required value", (("message", "need"),)),
        ("missing required values", (("message", "more"),)),
        ("funcMap fail", (("message", "boo"),)),
    ]


def test_errors_name_the_place() -> None:
    """Parse errors, refusals and failures have the layout of the generation."""
    assert failure("a: 1\nb: {{ nofunc }}") == 'parse error at (t/templates/a.yaml:2): function "nofunc" not defined'
    assert failure('a: {{ fail "no: way" }}') == "execution error at (t/templates/a.yaml:1:6): no: way"
    reason = "nil pointer evaluating interface {}.y"
    assert failure("a: {{ .Values.x.y }}") == (
        f't/templates/a.yaml:1:13\n  executing "t/templates/a.yaml" at <.Values.x.y>:\n    {reason}'
    )
    assert failure("a: {{ .Values.x.y }}", 3) == (
        f'template: t/templates/a.yaml:1:13: executing "t/templates/a.yaml" at <.Values.x.y>: {reason}'
    )


def test_errors_in_includes_are_traced() -> None:
    """Helm 4 shows every level; a function's own error keeps the form of one line."""
    helper = '{{ define "h" }}{{ .Values.x.y }}{{ end }}{{ define "i" }}{{ index (list) 5 }}{{ end }}'
    assert failure('a: {{ include "h" . }}', files={"templates/_h.tpl": helper}) == (
        't/templates/a.yaml:1:6\n  executing "t/templates/a.yaml" at <include "h" .>:\n    error calling include:\n'
        't/templates/_h.tpl:1:26\n  executing "h" at <.Values.x.y>:\n    nil pointer evaluating interface {}.y'
    )
    assert failure('a: {{ include "i" . }}', files={"templates/_h.tpl": helper}) == (
        'template: t/templates/a.yaml:1:6: executing "t/templates/a.yaml" at <include "i" .>: error calling include: '
        'template: t/templates/_h.tpl:1:61: executing "i" at <index (list) 5>: '
        "error calling index: index out of range: 5"
    )


def test_refusals_inside_tpl_are_the_authors_words() -> None:
    """``fail`` under ``include`` and ``tpl`` is reported at the outermost call, with nothing around it."""
    message = failure('a: {{ tpl `{{ required "need it" .Values.x }}` . }}')
    assert message == "execution error at (t/templates/a.yaml:1:6): need it"


def test_required_in_helm_3_is_a_format() -> None:
    """Helm 3 mangles per cent signs; Helm 4 does not."""
    text = 'a: {{ required "a %d b" .Values.x }}'
    assert failure(text) == "execution error at (t/templates/a.yaml:1:6): a %d b"
    assert failure(text, 3) == "execution error at (t/templates/a.yaml:1:6): a %!d(MISSING) b"


def test_charts_for_other_clusters_are_refused() -> None:
    """``kubeVersion`` is checked before anything is rendered."""
    with pytest.raises(PilothouseError) as caught:
        rendered({"Chart.yaml": CHART + "kubeVersion: '>=99'\n", "templates/a.yaml": "{{ broken"})
    assert caught.value.message == "chart requires kubeVersion: >=99 which is incompatible with Kubernetes v1.37.0"


def test_notes_are_the_root_charts() -> None:
    """NOTES.txt is no object; subcharts' notes are only kept when asked for."""
    chart = chart_of(
        {
            "charts/s/Chart.yaml": CHART.replace("name: t", "name: s"),
            "charts/s/templates/NOTES.txt": "sub",
            "templates/NOTES.txt": "root {{ .Release.Name }}",
        }
    )
    prepared = prepare_chart(chart, {}, settings_of())
    assert render_chart(prepared, settings_of()).notes == "root rel"
    assert set(render_chart(prepared, settings_of(), with_subchart_notes=True).notes.split("\n")) == {"sub", "root rel"}


def test_secrets_can_be_hidden() -> None:
    """Hidden secrets are only mentioned."""
    settings = settings_of()
    chart = chart_of({"templates/a.yaml": "apiVersion: v1\nkind: Secret\n"})
    text = render_chart(prepare_chart(chart, {}, settings), settings).manifest_text(hide_secrets=True)
    assert text == "---\n# Source: t/templates/a.yaml\n# HIDDEN: The Secret output has been suppressed\n"
