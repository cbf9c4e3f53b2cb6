"""How late `--wait` notices that Deployments are available, and how many requests it makes, beside real Helm.

A real API server with a node that is played; commands go through a proxy that counts. Usage, in the repository:
``.venv/bin/python benchmarks/waiting.py [DEPLOYMENTS [ROUNDS]]``.
"""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import mean
from typing import Any

from cluster import running_cluster
from turns import REAL, ROOT, SHARED

sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]
KubeClient: Any = importlib.import_module("pilothouse.kube.client").KubeClient
config: Any = importlib.import_module("pilothouse.kube.config")
environment: Any = importlib.import_module("pilothouse.environment")
FaultProxy: Any = importlib.import_module("functional.fault_proxy").FaultProxy

PROGRAMS = {"pilothouse": [sys.executable, "-m", "pilothouse"], "Helm 4.3.1": [str(REAL)]}
DEPLOYMENT = """{{ range until (int .Values.count) }}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web-{{ . }}}
spec:
  selector: {matchLabels: {app: web-{{ . }}}}
  template:
    metadata: {labels: {app: web-{{ . }}}, annotations: {node-player/outcome: slow}}
    spec: {containers: [{name: web, image: web}]}
{{ end }}
"""


def main() -> None:
    """Print a table."""
    count, rounds = map(int, (sys.argv[1:] + ["1", "5"][len(sys.argv) - 1 :])[:2])
    print(f"{count} Deployments, {rounds} rounds\n\n| | late, s | requests |\n|---|---|---|")
    with running_cluster() as folder, tempfile.TemporaryDirectory() as home:
        (folder / "kubeconfig").chmod(0o600)
        node = subprocess.Popen([sys.executable, str(SHARED / "envtest" / "realcluster"), "node", str(folder)])
        try:
            write_chart(Path(home) / "web", count)
            runs = [(name, run(folder / "kubeconfig", Path(home), name)) for _ in range(rounds) for name in PROGRAMS]
        finally:
            node.terminate()
            node.wait()
    for name in PROGRAMS:
        found = [one for who, one in runs if who == name]
        print(f"| {name} | {mean(late for late, _ in found):.2f} | {mean(asked for _, asked in found):.0f} |")


def write_chart(folder: Path, count: int) -> None:
    """Write a chart of Deployments whose pods take five seconds."""
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 1.0.0\n")
    (folder / "values.yaml").write_text(f"count: {count}\n")
    (folder / "templates" / "web.yaml").write_text(DEPLOYMENT)


def run(kubeconfig: Path, home: Path, name: str) -> tuple[float, int]:
    """Install with a program and return how late it ended, and how many requests it made."""
    client = KubeClient(config.load(environment.Environment(), config.Overrides(kubeconfig=str(kubeconfig))))
    namespace = f"late-{time.time_ns()}"
    spaces = client.mapping("v1", "Namespace")
    client.create(spaces, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    available: dict[str, float] = {}
    watch = client.watch(client.mapping("apps/v1", "Deployment"), namespace)

    def look() -> None:
        for event in watch:
            if event.object.get("status", {}).get("availableReplicas"):
                available.setdefault(event.object["metadata"]["name"], time.monotonic())

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    proxy = FaultProxy(kubeconfig)
    through = home / "kubeconfig"
    through.write_text(proxy.kubeconfig())
    through.chmod(0o600)
    places = {"HOME": str(home), "KUBECONFIG": str(through), "PYTHONPATH": str(ROOT / "src")}
    line = [*PROGRAMS[name], "install", "web", str(home / "web"), "--wait", "-n", namespace]
    subprocess.run(line, env={"PATH": os.defpath, **places}, check=True, stdout=subprocess.DEVNULL, timeout=300)
    late = time.monotonic() - max(available.values())
    watch.close()
    looking.join()
    proxy.close()
    client.delete(spaces, "", namespace)
    client.close()
    return late, proxy.requests


if __name__ == "__main__":
    main()
