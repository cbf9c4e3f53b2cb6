"""Linting finds what Helm's linter finds, in its words and order."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from pilothouse.clock import FixedClock
from pilothouse.lint.run import run_rules
from pilothouse.lint.source import ChartSource, open_source
from pilothouse.render.capabilities import default_capabilities
from pilothouse.render.settings import ReleaseFacts, RenderSettings

CHART = "apiVersion: v2\nname: t\nversion: 1.0.0\nicon: https://a/b\n"
OBJECT = "kind: ConfigMap\nmetadata: {name: a}\n"


def _findings(folder: Path, files: dict[str, str], helm: int = 4) -> list[str]:
    whole = {"Chart.yaml": CHART, "values.yaml": "", "templates/a.yaml": OBJECT, **files}
    for name, text in whole.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    settings = RenderSettings(
        release=ReleaseFacts(name="test-release", revision=0, is_install=False),
        capabilities=default_capabilities(helm),
        clock=FixedClock(0),
        entropy=os.urandom,
        helm=helm,
        lint=True,
    )
    return [str(found) for found in run_rules(ChartSource(str(folder), helm=helm), {}, settings)]


def test_a_good_chart_has_no_findings(tmp_path: Path) -> None:
    """Nothing is said of a chart that is in order."""
    assert _findings(tmp_path, {}) == []


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        (
            "apiVersion: v7\nname: a\nversion: 1.2\nicon: x\n",
            [
                '[ERROR] Chart.yaml: apiVersion \'v7\' is not valid. The value must be either "v1" or "v2"',
                "[ERROR] Chart.yaml: version should be of type string but it's of type float64",
                "[ERROR] Chart.yaml: invalid icon URL 'x'",
                "[WARNING] Chart.yaml: version '1.2' is not a valid SemVerV2",
            ],
        ),
        (
            CHART + "bogus: 1\nmaintainers: [{name: x, email: bad}]\nsources: [/x]\n",
            [
                (
                    "[WARNING] Chart.yaml: failed to strictly parse chart metadata file\n"
                    '\terror unmarshaling JSON: while decoding JSON: json: unknown field "bogus"'
                ),
                "[ERROR] Chart.yaml: invalid email 'bad' for maintainer 'x'",
                "[ERROR] Chart.yaml: invalid source URL '/x'",
            ],
        ),
        (
            CHART + "name: u\nannotations: {a: b, a: c}\n",
            [
                (
                    "[WARNING] Chart.yaml: failed to strictly parse chart metadata file\n"
                    "\terror converting YAML to JSON: yaml: unmarshal errors:\n"
                    '  line 5: key "name" already set in map\n  line 6: key "a" already set in map'
                )
            ],
        ),
    ],
)
def test_chart_file(tmp_path: Path, text: str, findings: list[str]) -> None:
    """Each fault of Chart.yaml is told once, in Helm's order."""
    assert _findings(tmp_path, {"Chart.yaml": text}) == findings


@pytest.mark.parametrize(
    ("files", "findings"),
    [
        (
            {"templates/a.json": "x"},
            [
                (
                    "[ERROR] templates/a.json: file extension '.json' not valid. "
                    "Valid extensions are .yaml, .yml, .tpl, or .txt"
                )
            ],
        ),
        (
            {"templates/a.yaml": "\n  kind: X\n  metadata: {name: x}\n"},
            [
                (
                    '[WARNING] templates/a.yaml: document starts with an illegal indent: "  kind: X", '
                    "which may cause parsing problems"
                )
            ],
        ),
        (
            {"templates/a.yaml": "kind: Deployment\nmetadata: {name: x}\n"},
            ['[ERROR] templates/a.yaml: a Deployment must contain matchLabels or matchExpressions, and "x" does not'],
        ),
        (
            {"templates/a.yaml": "apiVersion: batch/v1beta1\nkind: CronJob\nmetadata: {name: x}\n"},
            [
                (
                    "[WARNING] templates/a.yaml: batch/v1beta1 CronJob is deprecated in v1.21+, unavailable in v1.25+; "
                    "use batch/v1 CronJob"
                )
            ],
        ),
        (
            {"templates/a.yaml": "kind: Namespace\nmetadata: {name: a.b}\n"},
            [
                (
                    "[WARNING] templates/a.yaml: object name does not conform to Kubernetes naming requirements: "
                    '"a.b": '
                    'metadata.name: Invalid value: "a.b": must not contain dots'
                )
            ],
        ),
        (
            {"templates/a.yaml": "a: {{ nope }}"},
            ['[ERROR] templates/: parse error at (t/templates/a.yaml:1): function "nope" not defined'],
        ),
        (
            {"crds/a.yaml": "apiVersion: v1\nkind: X\n"},
            [
                "[ERROR] crds/a.yaml: apiVersion is not in 'apiextensions.k8s.io'",
                "[ERROR] crds/a.yaml: object kind is not 'CustomResourceDefinition'",
            ],
        ),
        (
            {"values.yaml": "a: 1\n", "values.schema.json": '{"properties": {"a": {"type": "string"}}}'},
            [
                "[ERROR] values.yaml: - at '/a': got number, want string\n",
                (
                    "[ERROR] templates/: values don't meet the specifications of the schema(s) in "
                    "the following chart(s):\n"
                    "t:\n- at '/a': got number, want string\n"
                ),
            ],
        ),
    ],
)
def test_content(tmp_path: Path, files: dict[str, str], findings: list[str]) -> None:
    """Each fault of templates, values and CRDs has Helm's text."""
    assert _findings(tmp_path, files) == findings


def test_dependencies_are_compared(tmp_path: Path) -> None:
    """What is declared and what is there must be the same."""
    files = {
        "Chart.yaml": CHART + "dependencies: [{name: q, version: '1'}]\n",
        "charts/s/Chart.yaml": CHART.replace("name: t", "name: s"),
    }
    assert _findings(tmp_path, files) == [
        f"[ERROR] {tmp_path}: chart metadata is missing these dependencies: s",
        f"[WARNING] {tmp_path}: chart directory is missing these dependencies: q",
    ]


def test_what_is_no_chart_cannot_be_opened(tmp_path: Path) -> None:
    """A folder without Chart.yaml and a broken archive are told apart."""
    with pytest.raises(Exception, match=r"unable to check Chart.yaml file in chart: stat .*Chart.yaml: no such file"):
        open_source(str(tmp_path))
    (tmp_path / "x.tgz").write_bytes(b"")
    with pytest.raises(Exception, match=r"unable to extract tarball: EOF"):
        open_source(str(tmp_path / "x.tgz"))
