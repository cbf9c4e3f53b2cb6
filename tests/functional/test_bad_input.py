"""Bad charts, bad values, bad clusters, interruptions: ours says what real Helm 4 says and leaves what it leaves.

Every case runs through the ``helm`` command as a process. Where real Helm has a text, it is compared in the same run,
on the same cluster; exit codes, stored records and objects as well.
"""

from __future__ import annotations

import gzip
import importlib
import io
import json
import signal
import subprocess
import tarfile
import time
from pathlib import Path
from typing import Any

import pytest

_shared = importlib.import_module("functional.side_by_side")
side, write_chart, OURS = _shared.side, _shared.write_chart, _shared.OURS

pytestmark = pytest.mark.oracle

GOOD = """apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}-good}
data: {a: b}
"""
SCHEMA = '{"type":"object","required":["port"],"properties":{"port":{"type":"integer","maximum":10},"name":{"type":"string"}}}'
WORKLOAD = """apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: 1
  selector: {matchLabels: {app: {{ .Values.app | default "web" }}}}
  template:
    metadata:
      labels: {app: {{ .Values.app | default "web" }}}
      annotations: {node-player/outcome: {{ .Values.outcome | default "" | quote }}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: main, image: nginx}]
"""


def manifest(text: str) -> dict[str, str]:
    """Return the files of a chart with a good object and this one."""
    return {"templates/bad.yaml": text, "templates/good.yaml": GOOD}


def config_map(data: str) -> dict[str, str]:
    """Return the files of a chart with a ConfigMap that has these lines."""
    return manifest(f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: bad\n{data}\n")


INSTALL = ["install web {chart}", "list"]
INSTALL_UPGRADE = ["install web {chart}", "list", "install other {good}", "upgrade other {chart}", "history other"]

#: Name → files of the chart and the commands.
CASES: dict[str, tuple[dict[str, str], list[str]]] = {
    # templates and values
    "a missing value's field": (config_map("data: {a: {{ .Values.a.b.c }}}"), INSTALL_UPGRADE),
    "an unknown template": (config_map('data: {a: {{ include "nothing" . }}}'), INSTALL),
    "an unknown function": (config_map("data: {a: {{ nothing }}}"), INSTALL),
    "an unclosed action": (config_map("data: {a: {{ if }}}"), INSTALL_UPGRADE),
    "a required value": (config_map('data: {a: {{ required "a must be set" .Values.a }}}'), INSTALL_UPGRADE),
    "a failing chart": (config_map('data: {a: {{ fail "never" }}}'), INSTALL_UPGRADE),
    "text that is no YAML": (config_map("data: {a: b"), INSTALL_UPGRADE),
    "notes that fail": ({**config_map(""), "templates/NOTES.txt": "{{ .Values.a.b }}"}, INSTALL),
    "a broken values file": (
        {**config_map(""), "bad.yaml": "a: [b\n", "list.yaml": "- a\n", "tab.yaml": "a:\n\tb: c\n"},
        [
            "install web {chart} -f {chart}/bad.yaml",
            "install web {chart} -f {chart}/list.yaml",
            "install web {chart} -f {chart}/tab.yaml",
            "install web {chart} -f {chart}/none.yaml",
            "install web {chart} --set a",
            "install web {chart} --set a[x]=b",
            "install web {chart} --set-json a=b",
            "install web {chart} --set-file a={chart}/none",
            "install web {good}",
            "upgrade web {chart} -f {chart}/bad.yaml",
            "history web",
        ],
    ),
    "a chart's own broken values": ({**config_map(""), "values.yaml": "a: [b\n"}, INSTALL),
    "values against the schema": (
        {**config_map(""), "values.schema.json": SCHEMA},
        [
            "install web {chart}",
            "install web {chart} --set port=11",
            "install web {chart} --set port=x,name=1",
            "install web {chart} --set port=x --skip-schema-validation",
            "upgrade web {chart} --set port=x",
            "upgrade web {chart} --reset-values",
            "history web",
        ],
    ),
    "a broken schema": ({**config_map(""), "values.schema.json": "{"}, INSTALL),
    "no Chart.yaml": ({"Chart.yaml": ""}, INSTALL),
    "a broken Chart.yaml": ({"Chart.yaml": "a: [b\n"}, INSTALL),
    "a chart without a version": ({"Chart.yaml": "apiVersion: v2\nname: demo\n"}, INSTALL),
    "a library": ({"Chart.yaml": "apiVersion: v2\nname: demo\nversion: 1.0.0\ntype: library\n"}, INSTALL),
    "a chart for another Kubernetes": (
        {**config_map(""), "Chart.yaml": "apiVersion: v2\nname: demo\nversion: 1.0.0\nkubeVersion: '>=9'\n"},
        INSTALL_UPGRADE,
    ),
    "missing dependencies": (
        {
            **config_map(""),
            "Chart.yaml": "apiVersion: v2\nname: demo\nversion: 1.0.0\n"
            "dependencies: [{name: db, version: 1.0.0, repository: 'file://../db'}]\n",
        },
        INSTALL_UPGRADE,
    ),
    # manifests that the API does not take
    "an unknown kind": (manifest("apiVersion: example.com/v1\nkind: Wheel\nmetadata: {name: bad}\n"), INSTALL_UPGRADE),
    "several unknown kinds": (
        manifest(
            "apiVersion: example.com/v1\nkind: Wheel\nmetadata: {name: bad}\n---\n"
            "apiVersion: example.com/v2\nkind: Door\nmetadata: {name: worse, namespace: x}\n---\n"
            "apiVersion: example.com/v1\nkind: Wheel\nmetadata: {name: again}\n"
        ),
        INSTALL_UPGRADE,
    ),
    "no kind": (manifest("apiVersion: v1\nmetadata: {name: bad}\n"), INSTALL_UPGRADE),
    "no apiVersion": (manifest("kind: ConfigMap\nmetadata: {name: bad}\n"), INSTALL_UPGRADE),
    "no name": (manifest("apiVersion: v1\nkind: ConfigMap\n"), INSTALL_UPGRADE),
    "no object": (manifest("hello\n"), INSTALL_UPGRADE),
    "a list": (manifest("- a\n- b\n"), INSTALL_UPGRADE),
    "a bad name": (manifest("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_Name}\n"), INSTALL_UPGRADE),
    "two names": (
        manifest("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, generateName: b}\n"),
        INSTALL_UPGRADE,
    ),
    "a bad label": (
        manifest("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, labels: {b: 'c d'}}\n"),
        INSTALL_UPGRADE,
    ),
    "another namespace that is missing": (
        manifest("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: not-there}\n"),
        INSTALL_UPGRADE,
    ),
    "one object twice": (
        manifest("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\n"
                 "metadata: {name: a}\n"),
        INSTALL_UPGRADE,
    ),
    "an invalid object": (
        manifest("apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {ports: [{port: 99999}]}\n"),
        INSTALL_UPGRADE,
    ),
    "an immutable field": (
        {"templates/workload.yaml": WORKLOAD},
        [
            "install web {chart}",
            "upgrade web {chart} --set app=other",
            "history web",
            "upgrade web {chart} --set app=other --server-side=false",
            "upgrade web {chart} --set app=other --server-side=false --force-replace",
            "upgrade web {chart} --set app=other --rollback-on-failure",
            "upgrade web {chart} --reset-values",
            "history web",
        ],
    ),
    "hooks that cannot be made": (
        manifest(
            "apiVersion: v1\nkind: Service\nmetadata: {name: bad, annotations: {helm.sh/hook: 'pre-install,pre-upgrade'}}\n"
            "spec: {ports: [{port: 99999}]}\n"
        ),
        INSTALL_UPGRADE,
    ),
    "hooks of no kind": (
        manifest(
            "apiVersion: example.com/v1\nkind: Wheel\nmetadata: {name: bad, annotations: {helm.sh/hook: post-install}}\n"
        ),
        [*INSTALL, "status web", "uninstall web"],
    ),
    "a bad definition of a kind": (
        {"crds/bad.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
         "metadata: {name: bad.example.com}\nspec: {group: example.com}\n", "templates/good.yaml": GOOD},
        INSTALL,
    ),
    "an empty definition of a kind": ({"crds/bad.yaml": "", "templates/good.yaml": GOOD}, INSTALL),
    "text in the place of a definition": ({"crds/bad.yaml": "a: [\n", "templates/good.yaml": GOOD}, INSTALL),
    # names, places and rights
    "names": (
        manifest(GOOD.replace("good", "more")),
        [
            "install web {chart}",
            "install web {chart}",
            "install We_b {chart}",
            "install " + 54 * "a" + " {chart}",
            "install web2 {chart} -n Not_A_Namespace",
            "install web3 {chart} -n not-there-{ns}",
            "upgrade web3 {chart} --install -n not-there-{ns}",
            "list -n not-there-{ns}",
            "install web4 {chart} -n made-{ns} --create-namespace",
            "install web5 {chart} -n made-{ns} --create-namespace",
            "kubectl get namespace made-{ns} -o jsonpath={{.metadata.labels.name}}",
            "uninstall web4 -n made-{ns}",
            "uninstall nothere",
            "rollback nothere",
            "rollback web x",
            "rollback web -- -1",
            "status nothere",
            "history nothere",
            "get values nothere",
            "test nothere",
            "install web6 {chart}-nothere",
            "install web6 nothere/chart",
            "install web6 ./nothere",
        ],
    ),
    "no rights": (
        manifest(GOOD.replace("good", "more")),
        [
            "install web {good}",
            "list --kube-as-user somebody",
            "install web2 {chart} --kube-as-user somebody",
            "upgrade web {chart} --kube-as-user somebody",
            "uninstall web --kube-as-user somebody",
            "uninstall web --kube-as-user somebody --ignore-not-found",
            "rollback web --kube-as-user somebody",
            "status web --kube-as-user somebody",
            "history web --kube-as-user somebody",
            "list",
        ],
    ),
    "some rights": (
        {"templates/workload.yaml": WORKLOAD, "templates/good.yaml": GOOD},
        [
            "kubectl create role keeper --verb=* --resource=secrets,configmaps",
            "kubectl create rolebinding keeper --role=keeper --user=somebody",
            "install web {chart} --kube-as-user somebody",
            "list",
            "install other {good}",
            "upgrade other {chart} --kube-as-user somebody",
            "history other",
            "upgrade other {chart}",
            "uninstall other --kube-as-user somebody",
            "list",
        ],
    ),
    # records
    "records that cannot be read": (
        manifest(GOOD.replace("good", "more")),
        [
            "install web {chart}",
            "kubectl patch secret sh.helm.release.v1.web.v1 --type merge -p "
            "'{{\"data\":{{\"release\":\"aGVsbG8=\"}}}}'",
            "list",
            "status web",
            "get values web --revision 1",
            "history web",
            "upgrade web {chart}",
            "upgrade web {chart} --install",
            "rollback web",
            "uninstall web",
            "install web {chart}",
        ],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_every_answer_is_that_of_helm_4(
    name: str, any_kubeconfig: Path, helm4: str, kubectl: str, tmp_path: Path
) -> None:
    """Text, exit code, records and objects are real Helm's, and there is no traceback."""
    files, steps = CASES[name]
    ours = side(OURS, any_kubeconfig, tmp_path / "a", kubectl, word="ours")
    real = side([helm4], any_kubeconfig, tmp_path / "b", kubectl, word="real")
    for step in steps:
        found, wanted = taken(ours, step, files), taken(real, step, files)
        assert (step, found) == (step, wanted)
        assert "Traceback" not in str(found)
    assert ours.records() == real.records()
    assert ours.objects() == real.objects()


def taken(one: Any, step: str, files: dict[str, str]) -> Any:
    """Take a step and return what came of it."""
    if step.startswith("kubectl "):
        return one.masked(one.kubectl(step.removeprefix("kubectl "), check=False))
    chart, good = one.home / "demo", one.home / "good"
    if not good.exists():
        write_chart(one.home, {"templates/good.yaml": GOOD}, name="good")
        write_chart(one.home, files)
        if files.get("Chart.yaml") == "":
            (chart / "Chart.yaml").unlink()
    return one(step, chart=str(chart), good=str(good))
