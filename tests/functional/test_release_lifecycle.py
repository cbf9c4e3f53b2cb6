"""The life of a release on a real API server and on the sandbox: ours beside real Helm 4, step by step.

Each scenario is a list of commands. Both programs run them on one cluster, each in a namespace of its own; after every
step what they print must be equal, and at the end so must be the stored records and the objects with their managers.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

_shared = importlib.import_module("functional.side_by_side")
side, write_chart, OURS = _shared.side, _shared.write_chart, _shared.OURS

pytestmark = pytest.mark.oracle

CONFIG = """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-config
  labels: {app: demo}
data:
  greeting: {{ .Values.greeting | quote }}
  revision: {{ .Release.Revision | quote }}
  upgrade: {{ .Release.IsUpgrade | quote }}
{{- range $key, $value := .Values.more }}
  {{ $key }}: {{ $value | quote }}
{{- end }}
"""
DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .Release.Name }}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
      annotations: {{- .Values.podAnnotations | toYaml | nindent 8 }}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: main
        image: {{ .Values.image }}
        ports: [{containerPort: 80}]
        {{- with .Values.env }}
        env: {{- toYaml . | nindent 8 }}
        {{- end }}
"""
SERVICE = """apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
spec:
  selector: {app: {{ .Release.Name }}}
  ports: [{name: http, port: 80, targetPort: 80, protocol: TCP}]
"""
OPTIONAL = """{{- if .Values.optional }}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-optional
  annotations: {{- .Values.optional | toYaml | nindent 4 }}
data: {a: b}
{{- end }}
"""
HOOK = """apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .Release.Name }}-%(name)s
  annotations:
    helm.sh/hook: %(events)s
    helm.sh/hook-weight: "%(weight)s"
    helm.sh/hook-delete-policy: %(policies)s
spec:
  backoffLimit: 0
  template:
    metadata:
      annotations: {node-player/outcome: {{ .Values.hookOutcome | quote }}}
    spec:
      terminationGracePeriodSeconds: 0
      restartPolicy: Never
      containers: [{name: work, image: busybox}]
"""
TEST = """apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  annotations: {helm.sh/hook: test, node-player/outcome: {{ .Values.testOutcome | quote }}}
spec:
  terminationGracePeriodSeconds: 0
  restartPolicy: Never
  containers: [{name: work, image: busybox}]
"""
VALUES = """greeting: hello
replicas: 1
image: nginx:1.27
more: {}
env: []
optional: {}
podAnnotations: {}
hookOutcome: ''
testOutcome: ''
"""
NOTES = "Greeting: {{ .Values.greeting }}\nRevision: {{ .Release.Revision }}\n"

BASIC = {
    "values.yaml": VALUES,
    "templates/config.yaml": CONFIG,
    "templates/deployment.yaml": DEPLOYMENT,
    "templates/service.yaml": SERVICE,
    "templates/optional.yaml": OPTIONAL,
    "templates/NOTES.txt": NOTES,
    "templates/tests/test.yaml": TEST,
}
SMALL = {name: BASIC[name] for name in ("values.yaml", "templates/config.yaml", "templates/optional.yaml")}
HOOKED = {
    **SMALL,
    "templates/first.yaml": HOOK
    % {"name": "first", "events": "pre-install,pre-upgrade", "weight": "-5", "policies": "before-hook-creation"},
    "templates/second.yaml": HOOK
    % {"name": "second", "events": "pre-install,pre-upgrade", "weight": "5", "policies": "hook-succeeded"},
    "templates/last.yaml": HOOK
    % {"name": "last", "events": "post-install,post-rollback", "weight": "0", "policies": "hook-failed"},
    "templates/bye.yaml": HOOK % {"name": "bye", "events": "pre-delete", "weight": "0", "policies": "hook-succeeded"},
}

STUCK = """apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-stuck
  finalizers: [example.com/never]
"""
WORK = """apiVersion: batch/v1
kind: Job
metadata: {name: {{ .Release.Name }}-work}
spec:
  backoffLimit: 0
  template:
    metadata:
      annotations: {{- .Values.podAnnotations | toYaml | nindent 8 }}
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 0
      containers: [{name: work, image: busybox}]
"""
STATEFUL = """apiVersion: apps/v1
kind: {{ .Values.kind }}
metadata: {name: {{ .Release.Name }}-set}
spec:
  {{- if eq .Values.kind "StatefulSet" }}
  serviceName: {{ .Release.Name }}
  replicas: 2
  {{- end }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata:
      labels: {app: {{ .Release.Name }}}
      annotations: {{- .Values.podAnnotations | toYaml | nindent 8 }}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: main, image: nginx}]
"""
CRD = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: wheels.NAMESPACE.example.com}
spec:
  group: NAMESPACE.example.com
  names: {kind: Wheel, plural: wheels, singular: wheel, listKind: WheelList}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec: {type: object, x-kubernetes-preserve-unknown-fields: true}
"""
WHEEL = """apiVersion: {{ .Release.Namespace }}.example.com/v1
kind: Wheel
metadata: {name: {{ .Release.Name }}-front}
spec:
  size: {{ .Values.size | default 26 }}
  {{- with .Values.colour }}
  colours: [{{ . }}, black]
  {{- end }}
"""
CLUSTER_WIDE = """apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: {{ .Release.Namespace }}-reader}
rules: [{apiGroups: [""], resources: [pods], verbs: [get, list]}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Namespace }}-elsewhere, namespace: kube-public}
data: {size: {{ .Values.size | default "1" | quote }}}
---
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: {{ .Release.Name }}-one}
- apiVersion: v1
  kind: Secret
  metadata: {name: {{ .Release.Name }}-two}
  stringData: {a: b}
---
apiVersion: v1
kind: ConfigMapList
items:
- apiVersion: v1
  kind: ConfigMap
  metadata: {name: {{ .Release.Name }}-three}
"""
GENERATED = """apiVersion: v1
kind: ConfigMap
metadata: {generateName: {{ .Release.Name }}-x-}
data: {a: b}
"""

ALL_GETS = [f"get {what} web" for what in ("values", "manifest", "notes", "hooks", "all", "metadata")]
STATES = ["list", "list -o json", "status web", "history web", "history web -o json"]

SCENARIOS: dict[str, tuple[dict[str, str], list[str]]] = {
    "whole life": (
        BASIC,
        [
            "install web {chart} --wait",
            *STATES,
            *ALL_GETS,
            "get values web -o json",
            "get values web --all",
            "get metadata web -o json",
            "install web {chart}",
            "upgrade web {chart} --set greeting=bye --wait",
            *STATES,
            "get values web --revision 1",
            "upgrade web {chart} --reuse-values --set more.colour=red",
            "get values web",
            "upgrade web {chart} --reset-then-reuse-values --set more.size=big",
            "get values web",
            "upgrade web {chart}",
            "get values web",
            "upgrade web {chart} --reset-values",
            "get values web",
            "upgrade nothere {chart}",
            "upgrade other {chart} --install --set optional.a=b",
            "upgrade other {chart} --install",
            "list",
            "test web",
            "status web",
            "test web --logs",
            "rollback web 2 --wait",
            "history web",
            "get values web",
            "rollback web",
            "rollback web 99",
            "get metadata web",
            "uninstall web --keep-history",
            "list",
            "list --uninstalled",
            "status web",
            "history web",
            "uninstall web --keep-history",
            "upgrade web {chart}",
            "rollback web 1 --wait",
            "history web",
            "uninstall web --wait",
            "uninstall web",
            "uninstall web --ignore-not-found",
            "uninstall other --cascade foreground --description gone",
            "list",
        ],
    ),
    "options of recording": (
        SMALL,
        [
            "install web {chart} --description first --labels team=a,stage=test",
            "list -l team=a",
            "list -l team=b",
            "get metadata web",
            "upgrade web {chart} --labels stage=null,size=big --description second",
            "history web",
            "list -l size=big",
            "get metadata web -o json",
            "install bad {chart} --labels owner=me",
            "upgrade web {chart} --labels owner=me",
            "upgrade web {chart} --history-max 3",
            "upgrade web {chart} --history-max 3",
            "upgrade web {chart} --history-max 3",
            "history web",
            "rollback web --history-max 2",
            "history web",
            "rollback web --description back",
            "history web",
            "history web --max 1",
            "uninstall web --keep-history --description closed",
            "history web",
            "status web",
        ],
    ),
    "names used again": (
        SMALL,
        [
            "install web {chart}",
            "install web {chart} --replace",
            "uninstall web --keep-history",
            "install web {chart}",
            "install web {chart} --replace --set greeting=again",
            "history web",
            "get values web",
            "uninstall web --keep-history",
            "upgrade web {chart} --install --set greeting=third",
            "history web",
            "status web",
            "install Bad_Name {chart}",
            "install {chart}",
            "install --name-template fixed-name {chart}",
            "list",
        ],
    ),
    "dry runs": (
        BASIC,
        [
            "install web {chart} --dry-run=client",
            "install web {chart} --dry-run=server",
            "install web {chart} --dry-run=server -o json --hide-notes",
            "install web {chart} --hide-secret",
            "list --all-namespaces --filter nothing",
            "install web {chart}",
            "install web {chart} --dry-run=server",
            "upgrade web {chart} --dry-run=client --set greeting=dry",
            "upgrade web {chart} --dry-run=server --set greeting=dry --description why",
            "upgrade web {chart} --dry-run=server --set optional.a=b --hide-secret",
            "rollback web 1 --dry-run=server",
            "rollback web --dry-run=client",
            "uninstall web --dry-run",
            "uninstall nothere --dry-run",
            "history web",
        ],
    ),
    "hooks": (
        HOOKED,
        [
            "install web {chart}",
            "get hooks web",
            "status web",
            "upgrade web {chart}",
            "upgrade web {chart} --no-hooks --set greeting=quiet",
            "rollback web 1",
            "upgrade web {chart} --set hookOutcome=fail --timeout 20s",
            "history web",
            "status web -o json",
            "install other {chart} --set hookOutcome=fail --timeout 20s",
            "history other",
            "upgrade other {chart} --install",
            "uninstall other",
            "uninstall web",
            "list",
        ],
    ),
    "failing tests": (
        BASIC,
        [
            "install web {chart} --set testOutcome=fail",
            "test web --timeout 20s",
            "status web",
            "test web --filter name=nothing",
            "test web --filter !name=web-test",
            "test nothere",
            "test Bad_Name",
        ],
    ),
    "kept objects": (
        SMALL,
        [
            "install web {chart} --set optional.helm\\.sh/resource-policy=keep",
            "upgrade web {chart} --reset-values",
            "kubectl get configmap web-optional -o name",
            "upgrade web {chart} --set optional.helm\\.sh/resource-policy=keep",
            "uninstall web --dry-run",
            "uninstall web",
            "kubectl get configmap web-optional -o name",
            "install web {chart} --set optional.a=b",
            "upgrade web {chart} --reset-values",
            "uninstall web",
        ],
    ),
    "ownership": (
        SMALL,
        [
            "kubectl create configmap web-config --from-literal=mine=yes",
            "install web {chart}",
            "list",
            "install web {chart} --take-ownership",
            "status web",
            "kubectl create configmap web-optional --from-literal=mine=yes",
            "upgrade web {chart} --set optional.a=b",
            "upgrade web {chart} --set optional.a=b --take-ownership",
            "install other {chart} --take-ownership --set-string greeting=x",
            "kubectl annotate configmap web-config meta.helm.sh/release-name=thief --overwrite",
            "upgrade web {chart}",
            "kubectl annotate configmap web-config meta.helm.sh/release-name=thief --overwrite",
            "uninstall web",
            "kubectl get configmap -l app=demo -o name",
        ],
    ),
    "client-side apply": (
        BASIC,
        [
            "install web {chart} --server-side=false",
            "get metadata web",
            "upgrade web {chart} --set replicas=2 --set more.a=b",
            "kubectl scale deployment web --replicas=3",
            "kubectl label deployment web mine=yes",
            "upgrade web {chart} --set replicas=2,image=nginx:1.28,env[0].name=A --set-string env[0].value=1",
            "upgrade web {chart} --set replicas=2 --set env[0].name=B --set-string env[0].value=2",
            "upgrade web {chart} --force-replace",
            "upgrade web {chart} --force-conflicts",
            "rollback web 2",
            "upgrade web {chart} --server-side=true --set replicas=1 --force-conflicts",
            "get metadata web",
            "upgrade web {chart} --server-side=true --force-replace",
            "upgrade web {chart} --force-conflicts --set more.c=d",
            "rollback web 1 --server-side=false",
            "get metadata web",
            "uninstall web",
        ],
    ),
    "conflicts of managers": (
        BASIC,
        [
            "install web {chart}",
            "kubectl scale deployment web --replicas=3",
            "upgrade web {chart} --set replicas=2",
            "history web",
            "upgrade web {chart} --set replicas=2 --force-conflicts",
            "history web",
            "status web",
        ],
    ),
    "waiting for workloads": (
        {
            "values.yaml": "kind: StatefulSet\npodAnnotations: {}\nreplicas: 1\nimage: nginx\nenv: []\n",
            "templates/set.yaml": STATEFUL,
            "templates/service.yaml": SERVICE,
            "templates/deployment.yaml": DEPLOYMENT,
        },
        [
            "install web {chart} --wait",
            "upgrade web {chart} --set podAnnotations.a=b --wait=legacy",
            "upgrade web {chart} --set podAnnotations.a=c --wait=watcher --wait-for-jobs",
            "upgrade web {chart} --set podAnnotations.a=d --wait=hookOnly",
            "upgrade web {chart} --set podAnnotations.a=d --wait=other",
            "upgrade web {chart} --set podAnnotations.node-player/outcome=never-ready --wait=legacy --timeout 2s",
            "history web",
            "install other {chart} --set podAnnotations.node-player/outcome=never-ready --wait --timeout 2s",
            "history other",
            "upgrade other {chart} --set kind=DaemonSet --wait --timeout 30s",
            "uninstall web --wait=legacy --timeout 30s",
            "uninstall other --cascade orphan --wait",
        ],
    ),
    "waiting for jobs": (
        {"values.yaml": VALUES, "templates/work.yaml": WORK, "templates/config.yaml": CONFIG},
        [
            "install web {chart} --wait",
            "uninstall web --wait",
            "install web {chart} --wait --wait-for-jobs",
            "uninstall web --wait=legacy",
            "install web {chart} --wait=legacy --wait-for-jobs",
            "uninstall web",
            "install failing {chart} --wait --wait-for-jobs --set podAnnotations.node-player/outcome=fail",
            "history failing",
            "uninstall failing",
        ],
    ),
    "objects that do not go": (
        {**SMALL, "templates/stuck.yaml": STUCK},
        [
            "install web {chart} --wait",
            "uninstall web --wait --timeout 2s",
            "status web",
            "history web",
            "list",
            "install other {chart} --wait=legacy",
            "uninstall other --wait=legacy --timeout 2s --keep-history",
            "history other",
            "install third {chart}",
            "uninstall third",
            "list",
        ],
    ),
    "definitions of kinds": (
        {"crds/wheel.yaml": CRD, "templates/wheel.yaml": WHEEL},
        [
            "install web {chart} --dry-run=server",
            "install web {chart} --skip-crds",
            "install web {chart} --wait",
            "status web",
            "kubectl get wheels.{ns}.example.com -o name",
            "upgrade web {chart} --set size=28,colour=red",
            'kubectl patch wheels.{ns}.example.com web-front --type merge -p \'{{"spec":{{"mine":true}}}}\'',
            "upgrade web {chart} --set size=29",
            "upgrade web {chart} --set size=30,colour=blue --server-side=false",
            "upgrade web {chart} --server-side=false",
            "kubectl get wheels.{ns}.example.com web-front -o jsonpath={{.spec}}",
            "rollback web 1",
            "install other {chart} --wait",
            "uninstall web --wait",
            "uninstall other",
            "kubectl get crd wheels.{ns}.example.com -o name",
            "kubectl delete crd wheels.{ns}.example.com",
            "install late {chart} --wait --dry-run=client",
        ],
    ),
    "lists and other places": (
        {"templates/wide.yaml": CLUSTER_WIDE},
        [
            "install web {chart}",
            "get manifest web",
            "status web",
            "kubectl get configmap,secret -l app.kubernetes.io/managed-by=Helm -o name",
            "kubectl -n kube-public get configmap {ns}-elsewhere -o jsonpath={{.data.size}}",
            "upgrade web {chart} --set size=2",
            "kubectl -n kube-public get configmap {ns}-elsewhere -o jsonpath={{.data.size}}",
            "rollback web",
            "upgrade web {chart} --server-side=false --set size=3",
            "uninstall web --wait",
            "kubectl get clusterrole {ns}-reader",
            "kubectl -n kube-public get configmap {ns}-elsewhere",
        ],
    ),
    "generated names": (
        {"templates/generated.yaml": GENERATED},
        [
            "install web {chart}",
            "history web",
            "install other {chart} --server-side=false",
            "history other",
            "upgrade other {chart}",
            "uninstall other",
        ],
    ),
    "removed objects": (
        {**BASIC, "templates/wheel.yaml": "{{ if .Values.more.wheel }}\n" + WHEEL + "{{ end }}"},
        [
            "install web {chart} --set optional.a=b",
            "kubectl delete configmap web-optional",
            "upgrade web {chart} --set more.a=b",
            "upgrade web {chart} --set optional.a=b",
            "kubectl delete deployment web",
            "upgrade web {chart} --set optional.a=c",
            "kubectl get deployment web -o name",
            "upgrade web {chart} --set more.wheel=yes",
            "history web",
            "kubectl delete configmap,service,deployment --all",
            "uninstall web --wait",
        ],
    ),
    "rollback on failure": (
        BASIC,
        [
            (
                "install web {chart} --rollback-on-failure --timeout 3s"
                " --set podAnnotations.node-player/outcome=never-ready"
            ),
            "list",
            "install web {chart} --wait",
            (
                "upgrade web {chart} --rollback-on-failure --timeout 3s"
                " --set podAnnotations.node-player/outcome=never-ready"
            ),
            "history web",
            "upgrade web {chart} --wait --timeout 3s --set podAnnotations.node-player/outcome=never-ready",
            "history web",
            (
                "upgrade web {chart} --atomic --cleanup-on-fail --timeout 3s --set optional.a=b"
                " --set podAnnotations.node-player/outcome=never-ready"
            ),
            (
                "upgrade web {chart} --cleanup-on-fail --wait --timeout 3s --set optional.a=b"
                " --set podAnnotations.node-player/outcome=never-ready"
            ),
            "kubectl get configmaps -l app.kubernetes.io/managed-by=Helm -o name",
            "rollback web 1 --wait --timeout 60s",
            "history web",
        ],
    ),
}


SLOW = ("whole life", "hooks", "rollback on failure", "waiting for workloads")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in SLOW else ()) for name in SCENARIOS]
)
def test_every_step_is_that_of_helm_4(
    name: str, any_kubeconfig: Path, helm4: str, kubectl: str, tmp_path: Path
) -> None:
    """Output, records and objects equal real Helm's after the same commands."""
    files, steps = SCENARIOS[name]
    ours = side(OURS, any_kubeconfig, tmp_path / "a", kubectl, word="ours")
    real = side([helm4], any_kubeconfig, tmp_path / "b", kubectl, word="real")
    for one in (ours, real):
        write_chart(one.home, {path: text.replace("NAMESPACE", one.namespace) for path, text in files.items()})
    for step in steps:
        assert (step, taken(ours, step)) == (step, taken(real, step))
    assert ours.records() == real.records()
    assert ours.objects() == real.objects()


def taken(one: Any, step: str) -> Any:
    """Take a step and return what came of it."""
    if step.startswith("kubectl "):
        return one.masked(one.kubectl(step.removeprefix("kubectl "), check=False))
    return one(step, chart=str(one.home / "demo"))
