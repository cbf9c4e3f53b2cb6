"""``helm template`` prints what the real one prints."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pilothouse.actions.go_templates import render_name
from pilothouse.actions.template import (
    Surroundings,
    TemplateOptions,
    check_installable,
    load_installable,
    template,
)
from pilothouse.charts.scaffold import create
from pilothouse.clock import FixedClock
from pilothouse.errors import PilothouseError
from pilothouse.golang.kinds import YamlValue

FILES = {
    "Chart.yaml": "apiVersion: v2\nname: t\nversion: 1.0.0\n",
    "crds/c.yaml": "kind: CustomResourceDefinition\n",
    "templates/a.yaml": "kind: Service\nmetadata: {name: a}\n---\nkind: Secret\n",
    "templates/h.yaml": 'kind: Job\nmetadata: {annotations: {"helm.sh/hook": test}}\n',
    "templates/v.yaml": "{{ if .Release.IsUpgrade }}v: {{ .Capabilities.KubeVersion }}{{ end }}",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A chart with CRD, objects and a test."""
    for name, text in FILES.items():
        path = tmp_path / "t" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "t"


def _run(folder: Path, helm: int = 4, **options: YamlValue) -> str:
    surroundings = Surroundings(
        clock=FixedClock(0), entropy=os.urandom, helm=helm, working_directory=str(folder.parent)
    )
    chart = load_installable(str(folder), helm=helm)
    return template(TemplateOptions(chart=chart, **{"name": "rel", **options}), surroundings).text


CASES: list[tuple[tuple[str, ...], dict[str, YamlValue]]] = [
    ((), {}),
    (("--include-crds",), {"include_crds": True}),
    (("--skip-tests",), {"skip_tests": True}),
    (("--no-hooks",), {"no_hooks": True}),
    (("--is-upgrade", "--kube-version", "1.30"), {"is_upgrade": True, "kube_version": "1.30"}),
    (("-s", "templates/a.yaml"), {"show_only": ("templates/a.yaml",)}),
    (("-s", "templates/h*", "-s", "templates/*"), {"show_only": ("templates/h*", "templates/*")}),
    (("-s", "crds/c.yaml", "--include-crds"), {"show_only": ("crds/c.yaml",), "include_crds": True}),
    (("-s", "nope"), {"show_only": ("nope",)}),
    (("--kube-version", "x"), {"kube_version": "x"}),
]


@pytest.mark.oracle
@pytest.mark.parametrize("helm", [3, 4])
@pytest.mark.parametrize(("flags", "options"), CASES)
def test_output_is_helms(
    folder: Path, helm: int, flags: tuple[str, ...], options: dict[str, YamlValue], request: pytest.FixtureRequest
) -> None:
    """The same text or the same error, for each flag and each generation."""
    program = request.getfixturevalue(f"helm{helm}")
    done = subprocess.run(
        [program, "template", "rel", str(folder), *flags], capture_output=True, text=True, check=False
    )
    try:
        text, error = _run(folder, helm, **options), ""
    except PilothouseError as raised:
        text, error = "", f"Error: {raised.message}\n"
    assert (text, error) == (done.stdout, done.stderr)


@pytest.mark.oracle
@pytest.mark.parametrize("flags", [(), ("--release-name",), ("--include-crds", "--skip-tests")])
def test_output_folder_is_helms(folder: Path, helm4: str, flags: tuple[str, ...]) -> None:
    """Files and lines are those of the real program, on a second run into the same folder as well."""
    theirs, ours = folder.parent / "theirs", folder.parent / "ours"
    switches = {flag.strip("-").replace("-", "_"): True for flag in flags}
    switches = {{"release_name": "use_release_name"}.get(name, name): value for name, value in switches.items()}
    for _ in range(2):
        command = [helm4, "template", "rel", str(folder), "--output-dir", str(theirs), *flags]
        expected = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert _run(folder, output_dir=str(ours), **switches) == expected.replace(str(theirs), str(ours))
    read = {
        base: {str(path.relative_to(base)): path.read_text() for path in base.rglob("*") if path.is_file()}
        for base in (theirs, ours)
    }
    assert read[ours] == read[theirs]


@pytest.mark.oracle
def test_a_new_chart_renders_as_in_helm(tmp_path: Path, helm4: str) -> None:
    """The scaffold, rendered by both programs."""
    path = create("demo", str(tmp_path))
    done = subprocess.run([helm4, "template", "rel", path], capture_output=True, text=True, check=True)
    assert _run(Path(path)) == done.stdout


def test_errors_point_to_debug(folder: Path) -> None:
    """After a failure in a template the user is told how to see more; with ``debug`` it is shown."""
    (folder / "templates" / "a.yaml").write_text("a: b: c")
    with pytest.raises(PilothouseError, match=r"\n\nUse --debug flag to render out invalid YAML$"):
        _run(folder)
    surroundings = Surroundings(clock=FixedClock(0), entropy=os.urandom)
    result = template(TemplateOptions(chart=load_installable(str(folder)), debug=True), surroundings)
    assert result.error is not None
    assert "# Source: t/templates/a.yaml\na: b: c\n" in result.text


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("type: library", "library charts are not installable"),
        (
            "dependencies: [{name: a, version: '1'}, {name: b, version: '1'}]",
            (
                "an error occurred while checking for chart dependencies. "
                "You may need to run 'helm dependency build' to fetch missing dependencies: "
                "found in Chart.yaml, but missing in charts/ directory: a, b"
            ),
        ),
    ],
)
def test_what_cannot_be_installed(folder: Path, line: str, message: str) -> None:
    """Libraries and incomplete charts are refused before anything is rendered."""
    (folder / "Chart.yaml").write_text(FILES["Chart.yaml"] + line + "\n")
    with pytest.raises(PilothouseError) as caught:
        load_installable(str(folder))
    assert caught.value.message == message


def test_names_come_from_templates() -> None:
    """``--name-template`` is a template with sprig's functions."""
    assert render_name('app-{{ "QX" | lower }}') == "app-qx"
    with pytest.raises(PilothouseError, match=r'template: name-template:1: function "nope" not defined'):
        render_name("{{ nope }}")


@pytest.mark.parametrize("text", ["{{ . }}", "{{ .Name }}"])
def test_name_templates_see_no_data(text: str) -> None:
    """The data of a name template is Go's nil, as in Helm."""
    assert render_name(text, clock=FixedClock(0)) == "<no value>"


def test_caches_change_nothing(folder: Path, tmp_path: Path) -> None:
    """With caches, cold and warm, the text is the same; a change of the chart is seen."""
    caches = str(tmp_path / "caches")

    def run() -> str:
        surroundings = Surroundings(clock=FixedClock(0), entropy=os.urandom, cache_folder=caches)
        chart = load_installable(str(folder), cache_folder=caches)
        check_installable(chart)
        return template(TemplateOptions(chart=chart, name="rel"), surroundings).text

    assert run() == run() == _run(folder)
    (folder / "templates" / "a.yaml").write_text("kind: Other\n")
    assert run() == _run(folder)
    (folder / "values.schema.json").write_text('{"required": ["a"]}')
    for _ in range(2):
        with pytest.raises(PilothouseError, match=r"missing property 'a'"):
            run()
    (folder / "values.yaml").write_text("a: 1\n")
    assert run() == run() == _run(folder)
