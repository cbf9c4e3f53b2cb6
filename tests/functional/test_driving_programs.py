"""Programs that drive ``helm`` drive ours on the sandbox: helmfile, pyhelm3, Ansible's kubernetes.core and cdk8s."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

_shared = importlib.import_module("functional.side_by_side")
side, write_chart, OURS = _shared.side, _shared.write_chart, _shared.OURS

CLIENTS = Path(__file__).resolve().parents[2] / ".cache" / "clients"
CHART = {
    "values.yaml": "greeting: hello\n",
    "templates/config.yaml": """apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data: {greeting: {{ .Values.greeting }}}
""",
}
HELMFILE = """helmDefaults: {historyMax: 5}
releases:
- {name: web, namespace: NAMESPACE, chart: ./demo, values: [{greeting: GREETING}]}
"""
#: Stands for helm-diff, which no registry has: compares what is rendered with what is stored, as that plugin is called.
DIFF_PLUGIN = "name: diff\nversion: 3.9.0\nusage: diff\ncommand: $HELM_PLUGIN_DIR/diff.sh\n"
DIFF_SCRIPT = """#!/bin/sh
echo "$@" >> "$HELM_PLUGIN_DIR/calls"
[ "$1" = upgrade ] || exit 1
shift
while [ $# -gt 0 ]; do
  case "$1" in
    --values | -f) values=$2; shift ;;
    --context | --color | --kube-context) shift ;;
    -*) ;;
    *) if [ -z "$name" ]; then name=$1; else chart=$1; fi ;;
  esac
  shift
done
helm get manifest "$name" --namespace "$HELM_NAMESPACE" 2> /dev/null | sed '/^$/d' > "$HELM_PLUGIN_DIR/old"
helm template "$name" "$chart" --namespace "$HELM_NAMESPACE" --values "$values" | sed '/^$/d' > "$HELM_PLUGIN_DIR/new"
diff -u "$HELM_PLUGIN_DIR/old" "$HELM_PLUGIN_DIR/new" || exit 2
"""
CDK8S = """
import sys
from cdk8s import App, Chart, Helm

app = App(outdir="out")
chart = Chart(app, "demo")
Helm(chart, "web", chart=sys.argv[1], release_name="web", namespace=sys.argv[2], values={"greeting": "one"},
     helm_executable="helm")
app.synth()
"""
PYHELM3 = """
import asyncio, json, sys
from pyhelm3 import Client

async def main(chart_path, namespace):
    client = Client(executable="helm")
    chart = await client.get_chart(chart_path)
    found = {"chart": [chart.metadata.name, chart.metadata.version], "revisions": []}
    for greeting in ("one", "one", "two"):
        values = {"greeting": greeting}
        revision = await client.install_or_upgrade_release(
            "web", chart, values, namespace=namespace, wait=True, timeout="60s"
        )
        found["revisions"].append([revision.revision, revision.status.value])
    current = await client.get_current_revision("web", namespace=namespace)
    found["values"] = await current.values()
    found["resources"] = [one["kind"] for one in await current.resources()]
    found["history"] = [one.revision for one in await current.release.history()]
    found["listed"] = [one.name for one in await client.list_releases(namespace=namespace)]
    await client.uninstall_release("web", namespace=namespace, wait=True)
    found["left"] = [one.name for one in await client.list_releases(namespace=namespace)]
    print(json.dumps(found))

asyncio.run(main(*sys.argv[1:]))
"""
PLAYBOOK = """
- hosts: localhost
  connection: local
  gather_facts: false
  vars: {ansible_python_interpreter: "{{ ansible_playbook_python }}"}
  module_defaults:
    kubernetes.core.helm: {name: web, release_namespace: NAMESPACE}
  tasks:
  - kubernetes.core.helm: {chart_ref: CHART, release_values: {greeting: one}, wait: true}
    register: first
  - kubernetes.core.helm: {chart_ref: CHART, release_values: {greeting: one}, wait: true}
    register: again
  - kubernetes.core.helm: {chart_ref: CHART, release_values: {greeting: two}, wait: true}
    register: changed
  - kubernetes.core.helm_info: {name: web, release_namespace: NAMESPACE}
    register: info
  - kubernetes.core.helm_template: {chart_ref: CHART, release_name: web, release_values: {greeting: three}}
    register: rendered
  - kubernetes.core.helm: {state: absent, wait: true}
    register: gone
  - kubernetes.core.helm: {state: absent, wait: true}
    register: away
  - copy:
      dest: RESULT
      content: "{{ [first.changed, again.changed, changed.changed, info.status['values'], info.status.revision,
        'greeting: three' in rendered.stdout, gone.changed, away.changed] | to_json }}"
"""


def client(*path: str) -> str:
    """Return a program that ``scripts/clients`` fetched; skip the test without it."""
    program = CLIENTS.joinpath(*path)
    if not program.exists():
        pytest.skip("scripts/clients fetches the programs that drive helm")
    return str(program)


@pytest.fixture(params=["3", "4"])
def place(request: pytest.FixtureRequest, sandbox_kubeconfig: Path, kubectl: str, tmp_path: Path) -> Any:
    """A namespace with a chart, and our ``helm`` first in the search path, in the dialect of a generation."""
    one = side(OURS, sandbox_kubeconfig, tmp_path / "home", kubectl, word="clnt")
    helm = one.home / "bin" / "helm"
    helm.parent.mkdir()
    helm.write_text(f'#!/bin/sh\nexec {sys.executable} -m pilothouse "$@"\n')
    helm.chmod(0o755)
    one.variables.update(HELM_COMPAT=request.param, PATH=f"{helm.parent}{os.pathsep}{os.environ['PATH']}")
    write_chart(one.home, CHART)
    return one


def ran(one: Any, *command: str, **variables: str) -> str:
    """Run a program that must succeed and return its standard output."""
    # The programs have an environment of their own, into which ours must not reach.
    environment = {**one.environment(), **variables}
    done = subprocess.run(
        command, env=environment, cwd=one.home, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_helmfile(place: Any) -> None:
    """Helmfile installs, upgrades, lists, renders and deletes a release; it knows no Helm 4."""
    if place.variables["HELM_COMPAT"] == "4":
        pytest.skip("helmfile 0.166 does not run with Helm 4")
    program, quiet = client("helmfile"), {"HELMFILE_UPGRADE_NOTICE_DISABLED": "1"}

    def helmfile(command: str, greeting: str = "one") -> str:
        text = HELMFILE.replace("NAMESPACE", place.namespace).replace("GREETING", greeting)
        (place.home / "helmfile.yaml").write_text(text)
        return ran(place, program, *command.split(), **quiet)

    assert "STATUS: deployed\nREVISION: 1\n" in helmfile("sync")
    assert "REVISION: 2\n" in helmfile("sync")
    assert "REVISION: 3\n" in helmfile("sync", "two")
    assert place.kubectl("get configmap web -o jsonpath={{.data.greeting}}") == "two"
    (listed,) = json.loads(helmfile("list --output json"))
    assert (listed["name"], listed["installed"]) == ("web", True)
    assert "greeting: three" in helmfile("template", "three")
    helmfile("lint")
    helmfile("destroy")
    assert place.kubectl("get configmap,secret -l owner=helm -o name") == ""
    assert "web" not in place.kubectl("get configmap -o name")


def test_helmfile_apply(place: Any) -> None:
    """Helmfile changes what differs and leaves alone what does not, with ours and its plugins."""
    if place.variables["HELM_COMPAT"] == "4":
        pytest.skip("helmfile 0.166 does not run with Helm 4")
    program = client("helmfile")
    plugin = place.home / "plugins" / "diff"
    plugin.mkdir(parents=True)
    (plugin / "plugin.yaml").write_text(DIFF_PLUGIN)
    (plugin / "diff.sh").write_text(DIFF_SCRIPT)
    (plugin / "diff.sh").chmod(0o755)
    variables = {"HELMFILE_UPGRADE_NOTICE_DISABLED": "1", "HELM_PLUGINS": str(place.home / "plugins")}

    def apply(greeting: str) -> str:
        text = HELMFILE.replace("NAMESPACE", place.namespace).replace("GREETING", greeting)
        (place.home / "helmfile.yaml").write_text(text)
        return ran(place, program, "apply", **variables)

    assert "STATUS: deployed\nREVISION: 1\n" in apply("one")
    assert "REVISION" not in apply("one")
    changed = apply("two")
    assert "-data: {greeting: one}\n+data: {greeting: two}\n" in changed
    assert "REVISION: 2\n" in changed
    assert len((plugin / "calls").read_text().splitlines()) == 3
    ran(place, program, "destroy", **variables)
    assert place.kubectl("get configmap,secret -l owner=helm -o name") == ""


def test_cdk8s(place: Any) -> None:
    """cdk8s renders a chart with ours and writes objects that the API server takes."""
    if shutil.which("node") is None:
        pytest.skip("cdk8s runs in node, which is not installed")
    python = client("venv", "bin", "python")
    ran(place, python, "-W", "ignore", "-c", CDK8S, str(place.home / "demo"), place.namespace)
    place.kubectl(f"apply -f {place.home}/out/demo.k8s.yaml")
    assert place.kubectl("get configmap web -o jsonpath={{.data.greeting}}") == "one"


def test_pyhelm3(place: Any) -> None:
    """pyhelm3 installs, upgrades, reads, lists and deletes a release."""
    python = client("venv", "bin", "python")
    found = json.loads(ran(place, python, "-W", "ignore", "-c", PYHELM3, str(place.home / "demo"), place.namespace))
    assert found == {
        "chart": ["demo", "0.1.0"],
        "revisions": [[1, "deployed"], [2, "deployed"], [3, "deployed"]],
        "values": {"greeting": "two"},
        "resources": ["ConfigMap"],
        "history": [1, 2, 3],
        "listed": ["web"],
        "left": [],
    }


@pytest.mark.parametrize("place", [pytest.param("3", marks=pytest.mark.slow), "4"], indirect=True)
def test_ansible(place: Any) -> None:
    """Ansible installs a release, finds nothing to do, upgrades, reads, renders and removes it."""
    program = client("venv", "bin", "ansible-playbook")
    text = PLAYBOOK.replace("NAMESPACE", place.namespace).replace("CHART", str(place.home / "demo"))
    result = place.home / "result.json"
    (place.home / "play.yaml").write_text(text.replace("RESULT", str(result)))
    collections = client("collections")
    ran(place, program, "play.yaml", ANSIBLE_COLLECTIONS_PATH=collections, ANSIBLE_LOCALHOST_WARNING="False")
    assert json.loads(result.read_text()) == [True, False, True, {"greeting": "two"}, "2", True, True, False]
