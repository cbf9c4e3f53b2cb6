"""Every release command with every flag of it, one at a time: ours beside real Helm of either generation.

The flags are those that the table of flags names for that Helm, so none can be forgotten. Each is given good values and
bad ones; what is printed must be equal each time, and records and objects at the end of each command's turn.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_shared = importlib.import_module("functional.side_by_side")
_lifecycle = importlib.import_module("functional.test_release_lifecycle")
side, write_chart, OURS = _shared.side, _shared.write_chart, _shared.OURS

pytestmark = pytest.mark.oracle

TABLE = json.loads((_shared.REPOSITORY / "docs" / "reference" / "flags-of-helm.json").read_text())
VERSIONS = {"3": "3.16", "4": "4.3"}
SECRET = """apiVersion: v1
kind: Secret
metadata: {name: {{ .Release.Name }}-secret}
stringData: {password: {{ .Values.greeting | quote }}}
"""
ODD = """{{ if .Values.odd }}
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}-odd}
spec: {ports: [{port: 80, color: red}], selector: {a: b}}
{{ end }}
"""
SCHEMA = '{"type": "object", "properties": {"replicas": {"type": "integer"}}}'
FILES = {
    **_lifecycle.BASIC,
    "templates/secret.yaml": SECRET,
    "templates/odd.yaml": ODD,
    "templates/host.yaml": "# {{ getHostByName .Values.host }}\n",
    "templates/hook.yaml": _lifecycle.HOOK
    % {"name": "first", "events": "pre-install,pre-upgrade", "weight": "0", "policies": "before-hook-creation"},
    "values.yaml": _lifecycle.VALUES.replace("replicas: 1", "replicas: 0") + "odd: false\nhost: localhost\n",
    "values.schema.json": SCHEMA,
    "crds/wheel.yaml": _lifecycle.CRD.replace("NAMESPACE", "flags"),
}
#: What comes before the flag; ``{new}`` is a name that was not used yet.
COMMANDS = {
    "install": "install {new} {chart}",
    "upgrade": "upgrade web {chart} --set more.number={number}",
    "rollback": "rollback web",
    "test": "test web",
    "list": "list",
    "status": "status web",
    "history": "history web",
    "get all": "get all web",
    "get hooks": "get hooks web",
    "get manifest": "get manifest web",
    "get metadata": "get metadata web",
    "get notes": "get notes web",
    "get values": "get values web",
    "uninstall": "uninstall web",
}
_NO_FILE = "{home}/none.pem"
#: The values that a flag is given, for one command or for all; a flag that is not here is given alone.
VALUES: dict[str, list[str]] = {
    "ca-file": [f"--ca-file {_NO_FILE}"],
    "cert-file": [f"--cert-file {_NO_FILE}"],
    "key-file": [f"--key-file {_NO_FILE}"],
    "keyring": [f"--keyring {_NO_FILE} --verify"],
    "username": ["--username me"],
    "password": ["--password secret"],
    "repo": ["--repo http://127.0.0.1:1/charts", "--repo nothing"],
    "version": ["--version 9.9.9", "--version ^1"],
    "description": ["--description why", "--description ''"],
    "dry-run": ["--dry-run=client", "--dry-run=server", "--dry-run=none", "--dry-run=other", "--dry-run"],
    "rollback dry-run": ["--dry-run", "--dry-run=server", "--dry-run=other"],
    "uninstall dry-run": ["--dry-run", "--dry-run=false --no-hooks"],
    "hide-secret": ["--hide-secret", "--hide-secret --dry-run=client"],
    "labels": ["--labels a=b,c=d", "--labels name=x", "--labels a", "-l a=null"],
    "name-template": ["--name-template other-{number} --generate-name", "--name-template other-{number}"],
    "generate-name": ["--generate-name --dry-run=client"],
    "install output": [f"-o {name} --set more.a=b" for name in ("json", "yaml", "table", "other")],
    "upgrade output": [f"-o {name}" for name in ("json", "yaml", "table", "other")],
    "output": ["-o json", "-o yaml", "-o table", "-o other"],
    "post-renderer": ["--post-renderer nothing-of-this-name", "--post-renderer cat"],
    "post-renderer-args": ["--post-renderer-args -n --post-renderer nothing-of-this-name"],
    "set": ["--set greeting=set", "--set greeting=", "--set a[", "--set replicas=x"],
    "set-file": ["--set-file greeting={chart}/Chart.yaml", "--set-file greeting={home}/none"],
    "set-json": ["--set-json 'more={{\"a\":1}}'", "--set-json more={{"],
    "set-literal": ["--set-literal greeting=a,b=c"],
    "set-string": ["--set-string greeting=1"],
    "values": ["-f {chart}/values.yaml", "-f {home}/none.yaml"],
    "skip-schema-validation": ["--skip-schema-validation --set-string replicas=1"],
    "disable-openapi-validation": ["--set odd=true", "--disable-openapi-validation --set odd=true"],
    "timeout": ["--timeout 40s", "--timeout 0s --wait", "--timeout -5s --wait", "--timeout x"],
    "rollback timeout": ["--timeout 40s", "--timeout x"],
    "test timeout": ["--timeout 40s", "--timeout -5s", "--timeout x"],
    "uninstall timeout": ["--timeout x"],
    "wait": ["--wait", "--wait=watcher", "--wait=legacy", "--wait=other", "--wait=false"],
    "uninstall wait": ["--wait=other"],
    "wait-for-jobs": ["--wait --wait-for-jobs", "--wait-for-jobs"],
    "atomic": ["--atomic --timeout 30s", "--atomic --set replicas=-1"],
    "rollback-on-failure": ["--rollback-on-failure --timeout 30s", "--rollback-on-failure --set replicas=-1"],
    "cleanup-on-fail": ["--cleanup-on-fail --set optional.a=b,replicas=-1"],
    "rollback cleanup-on-fail": ["--cleanup-on-fail"],
    "force": ["--force"],
    "force-replace": ["--force-replace", "--force-replace --server-side=false"],
    "install server-side": ["--server-side=false", "--server-side=other"],
    "server-side": ["--server-side=true", "--server-side=false", "--server-side=auto", "--server-side=other"],
    "history-max": ["--history-max 3", "--history-max -1"],
    "install": ["--install", "--install --dry-run=server"],
    "reset-values": ["--reset-values", "--reset-values --reuse-values"],
    "create-namespace": ["--create-namespace", "--create-namespace -n {ns}-more"],
    "upgrade create-namespace": ["--create-namespace"],
    "enable-dns": ["--enable-dns"],
    "replace": ["--replace"],
    "revision": ["--revision 1", "--revision 99", "--revision -1", "--revision x"],
    "template": ["--template '{{{{.Release.Name}}}} {{{{.Release.Version}}}}'", "--template '{{{{'"],
    "filter": ["--filter name=web-test", "--filter !name=web-test", "--filter x=y", "--filter nothing"],
    "list filter": ["--filter ^w", "--filter ["],
    "max": ["--max 1", "--max 0", "--max -1", "--max x"],
    "offset": ["--offset 1", "--offset 99"],
    "selector": ["-l a=b", "-l a==", "-l 'a in (b)'"],
    "time-format": ["--time-format 2006", "--time-format ''"],
    "all": ["--all", "-a"],
    "cascade": ["--cascade background --dry-run", "--cascade other"],
    "ignore-not-found": ["--ignore-not-found --dry-run"],
    "all-namespaces": ["-A --filter none-of-all"],
    "keep-history": ["--dry-run --keep-history"],
    "no-hooks": ["--no-hooks"],
    "uninstall no-hooks": ["--no-hooks --dry-run"],
    "uninstall description": ["--description why --dry-run"],
}
GLOBAL = {
    "burst-limit": ["--burst-limit 1", "--burst-limit x"],
    "color": ["--color always", "--color other"],
    "colour": ["--colour never"],
    "content-cache": ["--content-cache {home}/content"],
    "debug": [],
    "kube-apiserver": ["--kube-apiserver 127.0.0.1:1", "--kube-apiserver a:b"],
    "kube-as-group": ["--kube-as-group g --kube-as-user u"],
    "kube-as-user": ["--kube-as-user somebody"],
    "kube-ca-file": [f"--kube-ca-file {_NO_FILE}"],
    "kube-context": ["--kube-context none"],
    "kube-insecure-skip-tls-verify": ["--kube-insecure-skip-tls-verify"],
    "kube-tls-server-name": ["--kube-tls-server-name wrong.example.com"],
    "kube-token": ["--kube-token wrong"],
    "kubeconfig": ["--kubeconfig {home}/none"],
    "namespace": ["-n {ns}-none", "-n Bad_Name"],
    "qps": ["--qps 1", "--qps x"],
    "registry-config": ["--registry-config {home}/none"],
    "repository-cache": ["--repository-cache {home}/none"],
    "repository-config": ["--repository-config {home}/none"],
}


def cases(command: str, generation: str) -> Iterator[str]:
    """Yield the flags to give to a command, after the command alone."""
    yield ""
    for flag in TABLE[VERSIONS[generation]].get(f"helm {command}", {}):
        yield from VALUES.get(f"{command} {flag}") or VALUES.get(flag) or [f"--{flag}"]


def lines(command: str, generation: str) -> Iterator[str]:
    """Yield the command lines of a command's turn."""
    for number, flags in enumerate(cases(command, generation)):
        line = COMMANDS[command]
        if "generate-name" in flags or "name-template" in flags:
            line = line.replace("{new} ", "")
        new = f"new{number}"
        yield f"{line} {flags}".replace("{new}", new).replace("{number}", str(number)).rstrip()


def all_lines(generation: str) -> Iterator[str]:
    """Yield all command lines: the turns of the commands, and that of the flags that all have."""
    yield "install web {chart} --set greeting=first"
    for command in COMMANDS:
        if command == "uninstall":
            for flags in (one for flag in TABLE[VERSIONS[generation]]["helm"] for one in GLOBAL[flag]):
                yield f"status web {flags}"
                yield f"upgrade web {{chart}} {flags}"
        yield from lines(command, generation)


def taken(one: Any, line: str) -> Any:
    """Run a command line."""
    return one(line, chart=str(one.home / "demo"), home=str(one.home))


def differs(line: str, ours: Any, real: Any) -> bool:
    """Run a command line with both and return whether what came of it differs, which is shown at once."""
    one, other = taken(ours, line), taken(real, line)
    if one != other:
        print(f"\n{line}\n  ours: {one}\n  real: {other}", flush=True)
    return bool(one != other)


@pytest.mark.slow
@pytest.mark.parametrize("generation", ["3", "4"])
def test_every_flag(
    generation: str, any_kubeconfig: Path, kubectl: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Text and exit codes are real Helm's, whatever flag is given, and so is what is stored and made."""
    ours = side(OURS, any_kubeconfig, tmp_path / "a", kubectl, word="ours")
    ours.variables["HELM_COMPAT"] = generation
    real = side([request.getfixturevalue(f"helm{generation}")], any_kubeconfig, tmp_path / "b", kubectl, word="real")
    for one in (ours, real):
        write_chart(one.home, FILES)
    played = list(all_lines(generation))
    wrong = [line for line in played if differs(line, ours, real)]
    print(f"{len(played)} lines, {len(wrong)} differ")
    assert wrong == []
    assert ours.records() == real.records()
    assert ours.objects() == real.objects()
