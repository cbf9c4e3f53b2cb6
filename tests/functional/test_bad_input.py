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
SCHEMA = (
    '{"type":"object","required":["port"],'
    '"properties":{"port":{"type":"integer","maximum":10},"name":{"type":"string"}}}'
)
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
            "install web {chart} --set port=1,name=1",
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
        manifest(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMap\n"
            "metadata: {name: a}\n"
        ),
        INSTALL_UPGRADE,
    ),
    "an invalid object": (
        manifest("apiVersion: v1\nkind: Service\nmetadata: {name: bad}\nspec: {ports: [{port: 99999}]}\n"),
        INSTALL_UPGRADE,
    ),
    "an unknown field": (
        {"templates/workload.yaml": WORKLOAD.replace("replicas: 1", "replica: 1"), "templates/good.yaml": GOOD},
        [
            "install web {chart}",
            "list",
            "install web2 {chart} --disable-openapi-validation",
            "install web3 {chart} --server-side=false",
            "install web4 {chart} --server-side=false --disable-openapi-validation",
            "install other {good}",
            "upgrade other {chart}",
            "upgrade other {chart} --disable-openapi-validation",
            "upgrade other {chart} --disable-openapi-validation --server-side=false",
        ],
    ),
    "a field twice": (
        {"templates/workload.yaml": WORKLOAD.replace("replicas: 1", "replicas: 1\n  replicas: 2")},
        ["install web {chart}", "install web2 {chart} --server-side=false"],
    ),
    "a field of the wrong type": (
        {"templates/workload.yaml": WORKLOAD.replace("replicas: 1", "replicas: two"), "templates/good.yaml": GOOD},
        [
            "install web {chart}",
            "install web3 {chart} --server-side=false",
            "install web4 {chart} --server-side=false --disable-openapi-validation",
            "install other {good}",
            "upgrade other {chart}",
            "upgrade other {chart} --server-side=false",
        ],
    ),
    "a deprecated version": (
        manifest(
            "apiVersion: v1\nkind: Endpoints\nmetadata: {name: old}\n---\n"
            '{{ if .Capabilities.APIVersions.Has "networking.k8s.io/v1beta1/Ingress" }}'
            "apiVersion: networking.k8s.io/v1beta1\nkind: Ingress\nmetadata: {name: old}\n"
            "spec: {backend: {serviceName: a, servicePort: 80}}{{ end }}\n"
        ),
        ["install web {chart}", "upgrade web {chart}", "status web", "uninstall web"],
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
            "apiVersion: v1\nkind: Service\n"
            "metadata: {name: bad, annotations: {helm.sh/hook: 'pre-install,pre-upgrade'}}\n"
            "spec: {ports: [{port: 99999}]}\n"
        ),
        INSTALL_UPGRADE,
    ),
    "hooks of no kind": (
        manifest(
            "apiVersion: example.com/v1\nkind: Wheel\n"
            "metadata: {name: bad, annotations: {helm.sh/hook: post-install}}\n"
        ),
        [*INSTALL, "status web", "uninstall web"],
    ),
    "a bad definition of a kind": (
        {
            "crds/bad.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
            "metadata: {name: bad.example.com}\nspec: {group: example.com}\n",
            "templates/good.yaml": GOOD,
        },
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
            'kubectl patch secret sh.helm.release.v1.web.v1 --type merge -p \'{{"data":{{"release":"aGVsbG8="}}}}\'',
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


# ── archives ─────────────────────────────────────────────────────────────────────────────────────────────────────────

CHART_FILE = b"apiVersion: v2\nname: demo\nversion: 0.1.0\n"
Member = tuple[str, bytes, bytes, str]


def archived(members: list[Member]) -> bytes:
    """Return a gzipped archive of members: name, content, type and target of links."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", format=tarfile.USTAR_FORMAT) as archive:
        for name, content, kind, target in members:
            member = tarfile.TarInfo(name)
            member.size, member.type, member.linkname = len(content), kind, target
            archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


FILE, LINK, HARD_LINK = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE
CHART_MEMBER: Member = ("demo/Chart.yaml", CHART_FILE, FILE, "")
TEMPLATE_MEMBER: Member = ("demo/templates/good.yaml", GOOD.encode(), FILE, "")
ARCHIVES = {
    "up.tgz": archived([CHART_MEMBER, ("demo/../../evil.yaml", b"a: b", FILE, "")]),
    "further-up.tgz": archived([("../demo/Chart.yaml", CHART_FILE, FILE, ""), TEMPLATE_MEMBER]),
    "absolute.tgz": archived([CHART_MEMBER, ("/etc/evil.yaml", b"a: b", FILE, "")]),
    "windows.tgz": archived([CHART_MEMBER, ("demo/C:\\evil.yaml", b"a: b", FILE, "")]),
    "linked.tgz": archived([CHART_MEMBER, ("demo/templates/passwd", b"", LINK, "/etc/passwd")]),
    "hard-linked.tgz": archived([CHART_MEMBER, TEMPLATE_MEMBER, ("demo/templates/b", b"", HARD_LINK, "/etc/passwd")]),
    "flat.tgz": archived([("Chart.yaml", CHART_FILE, FILE, "")]),
    "no-chart.tgz": archived([TEMPLATE_MEMBER]),
    "empty.tgz": archived([]),
    "nothing.tgz": b"",
    "text.tgz": b"hello, this is no archive at all",
    "no-tar.tgz": gzip.compress(b"hello" * 300),
    "cut.tgz": archived([CHART_MEMBER, ("demo/big", bytes(range(256)) * 500, FILE, "")])[:400],
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_archives_are_refused_as_helm_4_refuses_them(
    name: str, sandbox_kubeconfig: Path, helm4: str, kubectl: str, tmp_path: Path
) -> None:
    """An archive that is broken or wants out of its folder is refused in Helm's words, and nothing is written."""
    archive = tmp_path / name
    archive.write_bytes(ARCHIVES[name])
    ours = side(OURS, sandbox_kubeconfig, tmp_path / "a", kubectl, word="ours")
    real = side([helm4], sandbox_kubeconfig, tmp_path / "b", kubectl, word="real")
    for step in ("install web {archive}", "list", "template web {archive}"):
        assert ours(step, archive=str(archive)) == real(step, archive=str(archive))
    assert not list(tmp_path.rglob("*evil*"))


# ── servers that are not there ───────────────────────────────────────────────────────────────────────────────────────

UNREACHABLE = [
    "install web {chart}",
    "upgrade web {chart}",
    "upgrade web {chart} --install",
    "uninstall web",
    "rollback web",
    "list",
    "status web",
    "history web",
    "get values web",
    "test web",
]


@pytest.mark.parametrize("step", UNREACHABLE)
def test_a_server_that_is_not_there(step: str, helm4: str, tmp_path: Path) -> None:
    """Every command says which server does not answer, in Helm's words, and ends with exit code 1."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "gone",
        "clusters": [{"name": "gone", "cluster": {"server": "https://127.0.0.1:9"}}],
        "users": [{"name": "me", "user": {"token": "x"}}],
        "contexts": [{"name": "gone", "context": {"cluster": "gone", "user": "me"}}],
    }
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(json.dumps(config))
    kubeconfig.chmod(0o600)
    chart = write_chart(tmp_path, {"templates/good.yaml": GOOD})
    for path in (kubeconfig, tmp_path / "none"):
        sides = [
            side(program, path, tmp_path / word, "", word=word, create=False)
            for program, word in ((OURS, "ours"), ([helm4], "real"))
        ]
        ours, real = (one(step, chart=str(chart)) for one in sides)
        assert ours == real
        assert ours.exit_code == 1


# ── interruptions ────────────────────────────────────────────────────────────────────────────────────────────────────


def started(one: Any, *words: str) -> subprocess.Popen[str]:
    """Start a command of one side and return its process."""
    return subprocess.Popen(
        [*one.program, *words],
        env=one.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=one.home,
    )


def stopped(one: Any, number: int, *words: str) -> tuple[int, str, str]:
    """Start a command, wait until its objects are there, send a signal, and return how it ended."""
    process = started(one, *words)
    deadline = time.monotonic() + 120
    while not one.raw("list", "-q", "--pending").stdout:
        assert time.monotonic() < deadline
        assert process.poll() is None, process.communicate()
    while not one.kubectl("get deployment web -o name --ignore-not-found"):
        assert time.monotonic() < deadline
    time.sleep(0.3)
    process.send_signal(number)
    out, err = process.communicate(timeout=180)
    return process.returncode, one.masked(out), one.masked(_shared.without_hints(err))


@pytest.fixture
def sides(any_kubeconfig: Path, helm4: str, kubectl: str, tmp_path: Path) -> tuple[Any, Any]:
    """Both programs, each with a chart whose pods never become ready when the value ``outcome`` asks for that."""
    made = (
        side(OURS, any_kubeconfig, tmp_path / "a", kubectl, word="ours"),
        side([helm4], any_kubeconfig, tmp_path / "b", kubectl, word="real"),
    )
    for one in made:
        write_chart(one.home, {"templates/workload.yaml": WORKLOAD, "templates/good.yaml": GOOD})
    return made


def lines(one: Any, *steps: str) -> list[Any]:
    """Return what came of some commands."""
    return [one(step, chart=str(one.home / "demo")) for step in steps]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_installation_is_recorded_as_failed(number: int, sides: tuple[Any, Any]) -> None:
    """The record says so, the exit code is 1, and the release can be upgraded or removed afterwards."""
    words = ("install", "web", "./demo", "--wait", "--set", "outcome=never-ready")
    ours, real = ((stopped(one, number, *words), lines(one, "history web", "list")) for one in sides)
    assert ours == real
    assert ours[0][:2] == (1, "Release web has been cancelled.\n")
    assert ours[0][2] == "Error: INSTALLATION FAILED: context canceled\n"
    after = ("upgrade web {chart} --wait --reset-values", "history web", "uninstall web", "list")
    assert lines(sides[0], *after) == lines(sides[1], *after)


def test_an_interrupted_upgrade_is_recorded_as_failed(sides: tuple[Any, Any]) -> None:
    """The last good revision stays deployed, and a rollback brings it back."""
    for one in sides:
        lines(one, "install web {chart} --wait")
    words = ("upgrade", "web", "./demo", "--wait", "--set", "outcome=never-ready")
    ours, real = ((stopped(one, signal.SIGINT, *words), lines(one, "history web")) for one in sides)
    assert ours == real
    assert ours[0][0] == 1
    after = ("rollback web 1 --wait", "history web", "uninstall web")
    assert lines(sides[0], *after) == lines(sides[1], *after)


def test_an_interrupted_installation_is_undone_where_that_was_asked(sides: tuple[Any, Any]) -> None:
    """With ``--rollback-on-failure`` the release is removed before the command ends."""
    words = ("install", "web", "./demo", "--rollback-on-failure", "--set", "outcome=never-ready")
    ours, real = ((stopped(one, signal.SIGINT, *words), lines(one, "list")) for one in sides)
    assert ours == real
    assert sides[0].objects() == sides[1].objects() == {}


def test_a_killed_installation_is_gone_on_with(sides: tuple[Any, Any]) -> None:
    """Helm shows the pending record as its own; what was under way is told, and an upgrade needs no repair."""
    words = ("install", "web", "./demo", "--wait", "--set", "outcome=never-ready")
    steps = ("list", "history web", "install web {chart}")
    ours, real = ((stopped(one, signal.SIGKILL, *words), lines(one, *steps)) for one in sides)
    assert ours == real
    assert "in progress" in sides[1].raw("upgrade", "web", "./demo").stderr
    shown = sides[0].raw("status", "web")
    assert shown.exit_code == 0
    assert "helm upgrade" in shown.stderr
    assert sides[0].raw("upgrade", "web", "./demo", "--install", "--wait", "--reset-values").exit_code == 0
    assert [one["status"] for one in json.loads(sides[0].raw("history", "web", "-o", "json").stdout)] == [
        "superseded",
        "deployed",
    ]
    assert lines(sides[0], "uninstall web --wait", "list") == lines(sides[1], "uninstall web --wait", "list")
    assert sides[0].records() == sides[1].records()


def test_a_killed_upgrade_can_be_rolled_back(sides: tuple[Any, Any]) -> None:
    """The deployed revision is still there, and a rollback makes the release whole."""
    for one in sides:
        lines(one, "install web {chart} --wait")
    words = ("upgrade", "web", "./demo", "--wait", "--set", "outcome=never-ready")
    ours, real = ((stopped(one, signal.SIGKILL, *words), lines(one, "list", "history web")) for one in sides)
    assert ours == real
    assert "helm rollback web" in sides[0].raw("status", "web").stderr
    went_on, plain = (lines(one, "rollback web --wait")[0] for one in sides)
    assert went_on.stdout == plain.stdout
    assert "the upgrade of revision 2 was interrupted" in went_on.stderr
    after = ("upgrade web {chart} --wait --reset-values", "uninstall web")
    assert lines(sides[0], *after) == lines(sides[1], *after)
