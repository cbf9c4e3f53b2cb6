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
DEPLOYMENT = _lifecycle.DEPLOYMENT.replace("{app: {{ .Release.Name }}}", "{app: {{ .Values.app }}}")
WIDE = """{{ if .Values.wide }}
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: {{ .Release.Name }}-wide, labels: {{ .Values.wide | toJson }}}
{{ end }}
"""
FILES = {
    **_lifecycle.SMALL,
    "values.yaml": _lifecycle.VALUES.replace("replicas: 1", "replicas: 0")
    + "labels: {}\nip: None\nport: 80\nwheel: false\napp: web\nwide: ''\n",
    "templates/service.yaml": SERVICE,
    "templates/deployment.yaml": DEPLOYMENT,
    "templates/wide.yaml": WIDE,
    "templates/wheel.yaml": "{{ if .Values.wheel }}\n" + _lifecycle.WHEEL + "{{ end }}",
    "templates/hook.yaml": "{{ if .Values.hookOutcome }}\n"
    + _lifecycle.HOOK % {"name": "first", "events": "pre-upgrade,pre-delete", "weight": "0", "policies": "hook-failed"}
    + "{{ end }}",
    "templates/tests/test.yaml": "{{ if .Values.testOutcome }}\n" + _lifecycle.TEST + "{{ end }}",
}
READS = ("status web", "history web", *(f"get {what} web" for what in ("all", "hooks", "manifest", "notes", "values")))
JSON = tuple(f"{line} -o json" for line in ("status web", "history web", "get values web", "get metadata web"))
CHANGES = ("upgrade web {chart}", "rollback web", "test web", "uninstall web")
STATE = ("list -o json", "history web -o json")
NEVER = "--set podAnnotations.node-player/outcome=never-ready,replicas=1"
#: What goes wrong, and the steps that show it.
CASES: dict[str, tuple[str, ...]] = {
    "taken name": (
        "install web {chart}",
        "install web {chart}",
        "install web {chart} -o json",
        "install web {chart} --dry-run=server",
        "install Bad_Name {chart}",
        "uninstall web --keep-history",
        "install web {chart}",
    ),
    "missing release": (*READS, *JSON, *CHANGES, "upgrade web {chart} -o json", "get metadata web", "list"),
    "failed hook": (
        "install web {chart}",
        "upgrade web {chart} --set hookOutcome=fail",
        *STATE,
        "upgrade web {chart} --set hookOutcome=fail -o json",
        "upgrade web {chart} --set testOutcome=fail",
        "test web --timeout 20s",
        "status web -o json",
        "install other {chart} --set hookOutcome=fail",
        "uninstall other",
        "history other -o json",
    ),
    "timeout": (
        f"install web {{chart}} --wait --timeout 2s {NEVER}",
        *STATE,
        f"upgrade web {{chart}} --wait --timeout 2s {NEVER} -o json",
        "upgrade web {chart} --set hookOutcome=slow --timeout 1s",
        "history web",
    ),
    "conflict with another manager": (
        "install web {chart} --set replicas=1",
        "kubectl scale deployment web --replicas=3",
        "upgrade web {chart} --set replicas=2",
        *STATE,
        "upgrade web {chart} --set replicas=2 -o json",
        "rollback web 1",
        "kubectl get deployment web -o jsonpath={{.spec.replicas}}",
    ),
    "not owned object": (
        "kubectl create configmap web-config",
        "install web {chart}",
        "install web {chart} -o json",
        "list -o json",
        "kubectl delete configmap web-config",
        "install web {chart}",
        "kubectl create configmap web-optional",
        "upgrade web {chart} --set optional.a=b",
        *STATE,
    ),
    "immutable field": (
        "install web {chart}",
        "upgrade web {chart} --set ip=10.0.0.77",
        "upgrade web {chart} --set app=other",
        "upgrade web {chart} --set app=other,ip=10.0.0.77 -o json",
        "upgrade web {chart} --force --set ip=10.0.0.77",
        *STATE,
        "rollback web 1",
        "upgrade web {chart} --set labels.version=1.5",
        "upgrade web {chart} --set wide.version=1.5",
        "upgrade web {chart} --set port=0",
        "history web -o json",
    ),
    "forbidden": (
        "install web {chart}",
        *(
            f"{line} --kube-context NOBODY"
            for line in (
                "list",
                "list -A -o json",
                "status web",
                "history web",
                "get all web",
                "get values web -o json",
            )
        ),
        *(
            f"{line} --kube-context NOBODY"
            for line in (*CHANGES, "install other {chart}", "install other {chart} -o json")
        ),
        *STATE,
    ),
    "namespace missing": tuple(
        f"{line} -n {{ns}}-none"
        for line in ("install web {chart}", "install web {chart} -o json", "list", *READS[:3], *CHANGES)
    ),
    "kind missing": (
        "install web {chart} --set wheel=true",
        "install web {chart} --set wheel=true --dry-run=server",
        "install web {chart}",
        "upgrade web {chart} --set wheel=true",
        "upgrade web {chart} --set wheel=true -o json",
        *STATE,
    ),
    "history empty": (
        "history web",
        "history web -o json",
        "install web {chart}",
        "history web --max 0",
        "history web --max 0 -o json",
        *(f"{line} --revision 9" for line in ("status web", "get values web", "get all web", "get metadata web")),
        "rollback web",
        "rollback web 9",
        "uninstall web",
        "history web",
    ),
    "pending operation": (
        "install web {chart}",
        "upgrade web {chart}",
        "record web 2 pending-upgrade",
        "install web {chart}",
        "upgrade web {chart}",
        "upgrade web {chart} -o json",
        "upgrade web {chart} --install",
        "list",
        "list --pending -o json",
        "status web",
        "rollback web 1",
        "record web 3 pending-rollback",
        "upgrade web {chart}",
        "uninstall web",
        "history web",
    ),
}


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


#: Cases that run with both Helms on the embedded cluster each time; on the real one all of them run with Helm 4.
BOTH = ("taken name", "missing release", "kind missing", "pending operation")


def _marked(cluster: str, generation: str, case: str) -> Any:
    usual = generation == "4" if cluster == "real" else case in BOTH
    marks = [] if usual else [pytest.mark.slow]
    if cluster == "real":
        marks.append(pytest.mark.cluster)
    return pytest.param(cluster, generation, case, marks=marks, id=f"{cluster}-{case}, {generation}")


@pytest.mark.parametrize(
    ("any_kubeconfig", "generation", "case"),
    [
        _marked(cluster, generation, case)
        for cluster in ("real", "sandbox")
        for case in CASES
        for generation in ("4", "3")
    ],
    indirect=["any_kubeconfig"],
)
def test_errors_are_those_of_helm(
    generation: str, case: str, any_kubeconfig: Path, kubectl: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Text, JSON, exit codes and what is recorded of failures are real Helm's."""
    ours = side(OURS, any_kubeconfig, tmp_path / "a", kubectl, word="ours")
    ours.variables["HELM_COMPAT"] = generation
    real = side([request.getfixturevalue(f"helm{generation}")], any_kubeconfig, tmp_path / "b", kubectl, word="real")
    for one in (ours, real):
        write_chart(one.home, FILES)
    for step in CASES[case]:
        assert (step, taken(ours, step)) == (step, taken(real, step))
    assert ours.records() == real.records()
    assert ours.objects() == real.objects()


def test_texts_for_labels_in_lists_are_refused(sandbox_kubeconfig: Path, kubectl: str, tmp_path: Path) -> None:
    """An object in a list whose labels are no map is refused in words, before anything is touched."""
    one = side(OURS, sandbox_kubeconfig, tmp_path, kubectl, word="list")
    write_chart(one.home, FILES)
    ran = one("install web {chart} --set wide=text", chart=str(one.home / "demo"))
    assert ran.exit_code == 1
    assert 'unable to decode "": json: cannot unmarshal string into Go struct field' in ran.stderr
    assert one.records() == []
