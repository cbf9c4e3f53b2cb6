"""Releases on a real API server: installing 100 objects, listing thousands of releases, asking for one.

The API server is the one that the tests use; ``PILOTHOUSE_LIVE_CLUSTER`` names a folder where one runs already.
"""

from __future__ import annotations

import base64
import gzip
import http.client
import json
import os
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from turns import REAL, SHARED, Turns, heading, row

OBJECTS, RELEASES, REVISIONS, NAMESPACES = 100, 2000, 5, 20


def measure(turns: Turns) -> None:
    """Print the rows."""
    with running_cluster() as folder:
        own = Turns(turns.folder, turns.rounds, {"KUBECONFIG": str(folder / "kubeconfig")})
        heading()
        _install(own)
        _fill(own, folder / "kubeconfig")
        few = max(3, own.rounds // 5)
        row(f"`helm list -A`, {RELEASES} releases of {REVISIONS} revisions", own.pair(["list", "-A"], rounds=few))
        row("`helm list -A --max 0`", own.pair(["list", "-A", "--max", "0"], rounds=few))
        for command in (["status"], ["history"], ["get", "values"], ["get", "manifest"]):
            row(f"`helm {' '.join(command)}`", own.pair([*command, "r7", "-n", "many7"]))


@contextmanager
def running_cluster() -> Iterator[Path]:
    """Give the folder of a real API server that runs."""
    running = os.environ.get("PILOTHOUSE_LIVE_CLUSTER", "")
    if running:
        yield Path(running)
        return
    program = str(SHARED / "envtest" / "realcluster")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, program, "up", folder], check=True, stdout=subprocess.DEVNULL)
        try:
            yield Path(folder)
        finally:
            subprocess.run([sys.executable, program, "down", folder], check=True, stdout=subprocess.DEVNULL)


def _install(turns: Turns) -> None:
    """Time the installation of a chart of many objects; what is installed is removed each time."""
    kinds = {
        "ConfigMap": "apiVersion: v1\nkind: ConfigMap\ndata: {size: '{{ .Values.size }}'}\n",
        "Secret": "apiVersion: v1\nkind: Secret\nstringData: {word: open}\n",
        "ServiceAccount": "apiVersion: v1\nkind: ServiceAccount\n",
        "Service": "apiVersion: v1\nkind: Service\nspec: {selector: {app: many}, ports: [{port: 80, protocol: TCP}]}\n",
        "Role": "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n"
        "rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]\n",
    }
    chart = turns.folder / "hundred"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: hundred\nversion: 0.1.0\n")
    (chart / "values.yaml").write_text("size: 1\n")
    for kind, text in kinds.items():
        for number in range(OBJECTS // len(kinds)):
            path = chart / "templates" / f"{kind.lower()}{number}.yaml"
            path.write_text(f"{text}metadata: {{name: '{{{{ .Release.Name }}}}-{kind.lower()}{number}'}}\n")
    pair = turns.pair(
        ["install", "many", "hundred"],
        before=lambda: None,
        after=lambda: _uninstall(turns),
        rounds=max(3, turns.rounds // 3),
    )
    row(f"`helm install` of {OBJECTS} objects", pair)


def _uninstall(turns: Turns) -> None:
    turns.once(REAL, ["uninstall", "many", "--wait"])


def _fill(turns: Turns, kubeconfig: Path) -> None:
    """Store many releases of the chart that `helm create` makes, as copies of one that real Helm installed."""
    api = _Api(kubeconfig)
    if api.call("GET", "/api/v1/namespaces/many0", missing=True):
        return
    turns.once(REAL, ["create", "shop"])
    turns.once(REAL, ["install", "model", "shop"])
    secret = api.call("GET", "/api/v1/namespaces/default/secrets/sh.helm.release.v1.model.v1")
    turns.once(REAL, ["uninstall", "model"])
    record = json.loads(gzip.decompress(base64.b64decode(base64.b64decode(secret["data"]["release"]))))
    for number in range(NAMESPACES):
        api.call("POST", "/api/v1/namespaces", {"metadata": {"name": f"many{number}"}})
    for number in range(RELEASES):
        for revision in range(1, REVISIONS + 1):
            api.call(
                "POST",
                f"/api/v1/namespaces/many{number % NAMESPACES}/secrets",
                _record(record, number, revision),
            )


def _record(model: dict[str, Any], number: int, revision: int) -> dict[str, Any]:
    name, namespace = f"r{number}", f"many{number % NAMESPACES}"
    status = "deployed" if revision == REVISIONS else "superseded"
    release = {
        **model,
        "name": name,
        "namespace": namespace,
        "version": revision,
        "info": {**model["info"], "status": status},
    }
    packed = base64.b64encode(base64.b64encode(gzip.compress(json.dumps(release).encode()))).decode()
    labels = {"name": name, "owner": "helm", "status": status, "version": str(revision), "modifiedAt": "1700000000"}
    return {
        "metadata": {"name": f"sh.helm.release.v1.{name}.v{revision}", "labels": labels},
        "type": "helm.sh/release.v1",
        "data": {"release": packed},
    }


class _Api:
    """One connection to the API server, with the token of the kubeconfig."""

    def __init__(self, kubeconfig: Path) -> None:
        config = yaml.safe_load(kubeconfig.read_text())
        server = config["clusters"][0]["cluster"]["server"].removeprefix("https://")
        self._headers = {
            "Authorization": f"Bearer {config['users'][0]['user']['token']}",
            "Content-Type": "application/json",
        }
        self._connection = http.client.HTTPSConnection(server, context=ssl._create_unverified_context())  # noqa: SLF001

    def call(self, method: str, path: str, body: object = None, *, missing: bool = False) -> dict[str, Any]:
        """Return the answer; nothing for what may be ``missing`` and is."""
        content = None if body is None else json.dumps(body)
        self._connection.request(method, path, content, self._headers)
        response = self._connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
        if response.status == http.client.NOT_FOUND and missing:
            return {}
        if response.status >= http.client.BAD_REQUEST:
            sys.exit(f"{method} {path}: {answer}")
        return answer
