"""A release that fails says why: the cause in words, the template, the last lines of the log."""

from __future__ import annotations

import importlib
import subprocess
from pathlib import Path
from typing import Any

import pytest

_shared = importlib.import_module("functional.side_by_side")
side, write_chart, OURS = _shared.side, _shared.write_chart, _shared.OURS

WORKLOADS = """{{- range $outcome, $name := .Values.outcomes }}
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ $name }}
spec:
  selector: {matchLabels: {app: {{ $name }}}}
  template:
    metadata:
      labels: {app: {{ $name }}}
      annotations:
        sandbox.pilothouse.dev/outcome: {{ $outcome }}
        sandbox.pilothouse.dev/logs: "starting\\nfatal: no database\\n"
    spec:
      containers:
      - name: main
        image: registry.example.com/shop:1
        resources: {limits: {memory: 64Mi}}
        readinessProbe: {httpGet: {path: /ready, port: 80}}
{{- end }}
"""
HOOK = """apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-migrate
  annotations: {helm.sh/hook: pre-install, helm.sh/hook-delete-policy: hook-failed}
spec:
  backoffLimit: 0
  template:
    metadata:
      annotations: {sandbox.pilothouse.dev/outcome: fail, sandbox.pilothouse.dev/logs: "no such table"}
    spec: {restartPolicy: Never, containers: [{name: migrate, image: shop}]}
"""
TEST = """apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-check
  annotations:
    helm.sh/hook: test
    sandbox.pilothouse.dev/outcome: fail
    sandbox.pilothouse.dev/logs: "wrong answer"
spec: {restartPolicy: Never, containers: [{name: check, image: shop}]}
"""


@pytest.fixture
def one(sandbox_kubeconfig: Path, kubectl: str, tmp_path: Path) -> Any:
    """Our helm in a namespace of its own on the sandbox."""
    return side(OURS, sandbox_kubeconfig, tmp_path / "home", kubectl, word="says")


def hints(ran: Any) -> list[str]:
    """Return the hints of a failure, each with its further lines."""
    assert ran.exit_code == 1
    assert ran.stderr.startswith("Error: ")
    return [part.rstrip("\n") for part in ran.stderr.split("\nhint: ")[1:]]


CAUSES = {
    "image-pull": 'image "registry.example.com/shop:1" cannot be pulled: failed to pull and unpack',
    "oom": "container main ran out of memory (its limit is 64Mi)",
    "unschedulable": "no node fits: 0/1 nodes are available: 1 Insufficient cpu.",
    "never-ready": "container main runs but is not ready: readiness probe failed: HTTP probe failed",
    "crash-loop": "container main ended with exit code 1",
}


@pytest.mark.parametrize(
    ("strategy", "outcomes"),
    [
        ("watcher", ["image-pull", "oom", "unschedulable"]),
        ("watcher", ["never-ready", "crash-loop"]),
        ("legacy", ["crash-loop", "unschedulable"]),
    ],
)
def test_causes(one: Any, strategy: str, outcomes: list[str]) -> None:
    """Each way in which a workload fails is told in words, with the template's line and the log that says more."""
    chart = write_chart(one.home, {"templates/all.yaml": WORKLOADS})
    chosen = ",".join(f"outcomes.{outcome}=x-{outcome}" for outcome in outcomes)
    told = hints(one.raw("install", "web", str(chart), f"--wait={strategy}", "--timeout", "3s", "--set", chosen))
    for outcome in outcomes:
        name = f"x-{outcome}"
        (index,) = (number for number, hint in enumerate(told) if hint.startswith(f"Deployment/{name}: "))
        assert told[index].startswith(f"Deployment/{name}: {CAUSES[outcome]}")
        assert f"(pod {name}-" in told[index]
        logged = outcome in {"oom", "never-ready", "crash-loop"}
        assert told[index + 1].endswith("  | starting\n  | fatal: no database") == logged
        assert any(f"Deployment/{name} is made by demo/templates/all.yaml:6:" in hint for hint in told)
    assert "     6 |   name: {{ $name }}" in told[-1]


@pytest.mark.parametrize("generation", ["3", "4"])
def test_failed_hook(one: Any, generation: str) -> None:
    """A hook that fails is explained before its policy deletes it."""
    one.variables["HELM_COMPAT"] = generation
    chart = write_chart(one.home, {"templates/hook.yaml": HOOK})
    told = hints(one.raw("install", "web", str(chart)))
    assert told[0].startswith("Job/web-migrate: container migrate ended with exit code 1 (pod web-migrate-")
    assert told[1].endswith("  | no such table")
    assert "Job/web-migrate is made by demo/templates/hook.yaml:4:" in told[2]
    assert one.kubectl("get jobs -o name") == ""


def test_failed_test(one: Any) -> None:
    """So is a test."""
    chart = write_chart(one.home, {"templates/check.yaml": TEST})
    assert one.raw("install", "web", str(chart)).exit_code == 0
    told = hints(one.raw("test", "web"))
    assert told[0] == "Pod/web-check: container check ended with exit code 1"
    assert told[1].endswith("  | wrong answer")


def test_lines_of_debugging(one: Any) -> None:
    """Off a terminal, waiting shows only with --debug, one line when something changes."""
    chart = write_chart(one.home, {"templates/all.yaml": WORKLOADS})
    words = ("--wait", "--timeout", "2s", "--set", "outcomes.never-ready=x")
    told = one.raw("install", "web", str(chart), "--debug", *words).stderr
    assert 'level=DEBUG msg="waiting for objects to be ready" objects="Deployment/x 0/1' in told
    assert "waiting for objects" not in one.raw("upgrade", "web", str(chart), *words).stderr


def test_table_on_a_terminal(one: Any) -> None:
    """On a terminal a table shows what is waited for, and is gone before the error."""
    chart = write_chart(one.home, {"templates/all.yaml": WORKLOADS})
    command = [*OURS, "install", "web", str(chart), "--wait", "--timeout", "5s", "--set", "outcomes.crash-loop=x"]
    typed = subprocess.run(
        ["script", "--quiet", "--return", "--command", " ".join(command), "/dev/null"],
        env={**one.environment(), "TERM": "xterm", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        cwd=one.home,
        stdin=subprocess.DEVNULL,
    )
    assert typed.returncode == 1
    table, _, rest = typed.stdout.partition("Error: INSTALLATION FAILED")
    assert "waiting for objects to be ready: 0 of 1" in table
    assert "Deployment/x" in table
    assert "ended with exit code 1" in table
    assert "x | fatal: no database" in table
    assert "RESOURCE" not in rest
