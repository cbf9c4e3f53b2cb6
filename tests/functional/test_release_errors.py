"""What goes wrong with releases: ours says what real Helm of the same generation says, in the same run."""

from __future__ import annotations

import base64
import gzip
import importlib
import json
from pathlib import Path
from typing import Any

import pytest

_shared = importlib.import_module("functional.side_by_side")
_lifecycle = importlib.import_module("functional.test_release_lifecycle")
side, write_chart, OURS = _shared.side, _shared.write_chart, _shared.OURS

pytestmark = pytest.mark.oracle

SERVICE = """apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}, labels: {{ .Values.labels | toJson }}}
spec:
  clusterIP: {{ .Values.ip }}
  ports: [{port: {{ .Values.port }}}]
"""
FILES = {
    **_lifecycle.SMALL,
    "values.yaml": _lifecycle.VALUES + "labels: {}\nip: None\nport: 80\nwheel: false\nbye: false\n",
    "templates/service.yaml": SERVICE,
    "templates/wheel.yaml": "{{ if .Values.wheel }}\n" + _lifecycle.WHEEL + "{{ end }}",
    "templates/hook.yaml": "{{ if .Values.hookOutcome }}\n"
    + _lifecycle.HOOK % {"name": "first", "events": "pre-upgrade,test", "weight": "0", "policies": "hook-failed"}
    + "{{ end }}",
    "templates/bye.yaml": "{{ if .Values.bye }}\n"
    + _lifecycle.HOOK % {"name": "bye", "events": "pre-delete", "weight": "0", "policies": "before-hook-creation"}
    + "{{ end }}",
}
STEPS = [
    # nothing is there
    *(f"{verb} web" for verb in ("status", "history", "get values", "get all", "rollback", "uninstall", "test")),
    "upgrade web {chart}",
    "install web {chart} -n {ns}-none",
    # what the API server or its schemas refuse
    "install web {chart} --set labels.version=1.5",
    "install web {chart} --set port=0",
    "uninstall web",
    "install web {chart} --set wheel=true",
    "install web {chart} --set wheel=true --dry-run=server",
    "kubectl create configmap web-config",
    "install web {chart}",
    "kubectl delete configmap web-config",
    "install web {chart}",
    # the name is taken, the revision is none, the field cannot change
    "install web {chart}",
    "rollback web 9",
    "status web --revision 9",
    "upgrade web {chart} --set ip=10.0.0.77",
    "upgrade web {chart} --set hookOutcome=fail",
    "history web",
    # not allowed
    *(
        f"{step} --kube-context NOBODY"
        for step in ("list", "status web", "install other {chart}", "upgrade web {chart}")
    ),
    # an operation that has not ended
    "record web 3 pending-upgrade",
    "upgrade web {chart}",
    "list",
    "uninstall web",
    "history web",
    # a hook before the deletion
    "install web {chart} --set bye=true --set hookOutcome=fail",
    "uninstall web",
    "list",
    "uninstall web --no-hooks",
]


def set_status(one: Any, name: str, revision: str, status: str) -> None:
    """Change the status of a record, as an operation leaves it that was killed."""
    item = json.loads(one.kubectl(f"get secret sh.helm.release.v1.{name}.v{revision} -o json"))
    record = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(item["data"]["release"]))))
    record["info"]["status"] = status
    packed = base64.b64encode(gzip.compress(json.dumps(record).encode()))
    item["data"]["release"] = base64.b64encode(packed).decode()
    item["metadata"]["labels"]["status"] = status
    one.kubectl("replace -f -", stdin=json.dumps(item))


def taken(one: Any, step: str) -> Any:
    """Take a step and return what came of it."""
    verb, *words = step.split()
    if verb == "record":
        return set_status(one, *words)
    nobody = "nobody" if "nobody" in one.kubectl("config get-contexts nobody -o name", check=False) else ""
    return _lifecycle.taken(one, step.replace("NOBODY", nobody or "pilothouse-sandbox-nobody"))


@pytest.mark.parametrize("generation", ["3", "4"])
def test_errors_are_those_of_helm(
    generation: str, any_kubeconfig: Path, kubectl: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Text, exit codes and what is recorded of failures are real Helm's."""
    ours = side(OURS, any_kubeconfig, tmp_path / "a", kubectl, word="ours")
    ours.variables["HELM_COMPAT"] = generation
    real = side([request.getfixturevalue(f"helm{generation}")], any_kubeconfig, tmp_path / "b", kubectl, word="real")
    for one in (ours, real):
        write_chart(one.home, FILES)
    for step in STEPS:
        assert (step, taken(ours, step)) == (step, taken(real, step))
        if step == "list":
            assert ours.records() == real.records()
    assert ours.objects() == real.objects()
