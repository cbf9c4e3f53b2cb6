"""Errors on rendered documents: first the words of Helm, then the template, the includes and the values."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src"
Run = Callable[..., "subprocess.CompletedProcess[str]"]

FILES = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 0.1.0\n",
    "values.yaml": "image: ''\n",
    "templates/_pod.tpl": '{{- define "pod" -}}\ncontainers:\n- name: web\n  image: {{ .Values.image }}\n{{- end }}\n',
    "templates/deployment.yaml": """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      {{- include "pod" . | nindent 6 }}
""",
}
PLACE = """web/templates/_pod.tpl:4:12 in "pod"
     4 |   image: {{ .Values.image }}
       |             ^
  included from web/templates/deployment.yaml:12:10
    12 |       {{- include "pod" . | nindent 6 }}
       |           ^
  with .Values.image = """


@pytest.fixture(scope="module")
def helm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Our command beside a chart, on a sandbox that is stopped at the end."""
    place = tmp_path_factory.mktemp("origins")
    for name, text in FILES.items():
        path = place / "web" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    variables = {
        "HOME": str(place),
        "PATH": os.defpath,
        "PYTHONPATH": str(SOURCE),
        "PILOTHOUSE_SANDBOX_HOME": str(place / "sandbox"),
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pilothouse", *words],
            cwd=place,
            env=variables,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    yield run
    run("sandbox", "stop")


def test_a_yaml_error_shows_where_it_comes_from(helm: Run) -> None:
    """With --debug the template's line, the include chain and the value stand below Helm's error."""
    ran = helm("template", "r", "web", "--set-string", "image=nginx: latest", "--debug")
    error = (
        "Error: YAML parse error on web/templates/deployment.yaml: error converting YAML to JSON: "
        "yaml: line 14: mapping values are not allowed in this context\n"
    )
    assert ran.returncode == 1
    assert f"{error}hint: line 14 of the document comes from {PLACE}'nginx: latest'\n" in ran.stderr
    plain = helm("template", "r", "web", "--set-string", "image=nginx: latest")
    assert plain.stderr == f"{error}\nUse --debug flag to render out invalid YAML\n"


@pytest.mark.parametrize("method", ["true", "false"])
def test_a_refused_field_shows_where_it_comes_from(helm: Run, method: str) -> None:
    """A validation error of the API server is followed by the template's line, the include chain and the value."""
    ran = helm("install", f"r{method}", "web", "--sandbox", f"--server-side={method}", "--set-string", "image=")
    assert ran.returncode == 1
    first, _, rest = ran.stderr.partition("\nhint: ")
    assert first.startswith("Error: INSTALLATION FAILED: ")
    assert "spec.template.spec.containers[0].image: Required value" in first
    assert rest == f"line 14 of the document comes from {PLACE}''\n"
