"""The library does what the commands do: with live objects, computed values, logs, long histories and with a Tiller."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("uvicorn")

from pilothouse import Chart, Denied, Event, Exists, Invalid, NotFound, OperationFailed, PilothouseError, Releases
from pilothouse.testing import SandboxCluster, sandbox_cluster

REPOSITORY = Path(__file__).resolve().parents[2]
FILES = {
    "Chart.yaml": "apiVersion: v1\nname: demo\nversion: 0.1.0\n",
    "values.yaml": "greeting: hello\nport: 80\noutcome: succeed\nreplicas: 2\n",
    "templates/config.yaml": """apiVersion: v1
kind: ConfigMap
metadata: {name: {{ .Release.Name }}}
data: {greeting: {{ .Values.greeting | quote }}}
""",
    "templates/deployment.yaml": """apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}}
    spec: {containers: [{name: main, image: demo, ports: [{containerPort: {{ .Values.port }}}]}]}
""",
    "templates/tests/test.yaml": """apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  annotations:
    helm.sh/hook: test-success
    sandbox.pilothouse.dev/logs: all is well
    sandbox.pilothouse.dev/outcome: {{ .Values.outcome }}
spec: {restartPolicy: Never, containers: [{name: main, image: demo}]}
""",
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[SandboxCluster]:
    """A sandbox of its own."""
    with sandbox_cluster() as found:
        yield found


@pytest.fixture
def chart(tmp_path: Path) -> Chart:
    """A chart with a test, which Helm 2 knows as well."""
    for name, text in FILES.items():
        (tmp_path / "demo" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "demo" / name).write_text(text)
    return Chart.load(tmp_path / "demo")


def test_status_values_and_history(cluster: SandboxCluster, chart: Chart) -> None:
    """Live objects with the pods of workloads, computed values, and histories that are longer than Helm shows."""
    with cluster.releases(namespace="whole") as releases:
        releases.install("web", chart, values={"greeting": "bye"}, create_namespace=True, wait="watcher")
        found = releases.status("web")
        names = [(one["kind"], one["metadata"]["name"]) for one in found.objects]
        assert names[:2] == [("ConfigMap", "web"), ("Deployment", "web")]
        assert [kind for kind, _ in names[2:]] == ["Pod", "Pod"]
        assert (found.release.revision, found.interruption) == (1, None)
        assert releases.values("web") == {"greeting": "bye"}
        computed = releases.values("web", computed=True)
        assert computed == {"greeting": "bye", "port": 80, "outcome": "succeed", "replicas": 2}
        small = {"replicas": 0}
        for _ in range(3):
            releases.upgrade("web", chart, values=small, history_max=0)
        assert [one.revision for one in releases.history("web")] == [1, 2, 3, 4]
        assert [one.revision for one in releases.history("web", maximum=2)] == [3, 4]
        with pytest.raises(NotFound):
            releases.status("none")
        with pytest.raises(Exists):
            releases.install("web", chart)


def test_tests_with_logs(cluster: SandboxCluster, chart: Chart) -> None:
    """Tests bring their logs; one that fails is raised, unless that is not wanted."""
    with cluster.releases(namespace="tested") as releases:
        releases.install("web", chart, create_namespace=True)
        result = releases.test("web", logs=True)
        assert result.error is None
        assert result.logs == (("web-test", "main", "all is well\n"),)
        releases.upgrade("web", chart, values={"outcome": "fail"})
        with pytest.raises(OperationFailed, match="web-test"):
            releases.test("web")
        assert releases.test("web", check=False).error is not None


def test_progress_of_one_call(cluster: SandboxCluster, chart: Chart) -> None:
    """A call may have a listener of its own, which hears how the objects are."""
    heard: list[Event] = []
    with cluster.releases(namespace="heard") as releases:
        releases.install("web", chart, create_namespace=True, wait=True, on_progress=heard.append)
        states = [state for event in heard for state in event.objects if state.kind == "Deployment"]
        assert states[0].status in ("InProgress", "Current")
        before = len(heard)
        releases.upgrade("web", chart, wait=True)
        assert len(heard) == before


def test_databases_and_users(cluster: SandboxCluster, chart: Chart, tmp_path: Path) -> None:
    """Variables choose where records are kept, and options of the connection who acts."""
    url = f"sqlite:///{tmp_path}/releases.db"
    variables = {"HELM_DRIVER": "sql", "HELM_DRIVER_SQL_CONNECTION_STRING": url}
    with cluster.releases(namespace="stored", variables=variables) as releases:
        releases.install("web", chart, create_namespace=True)
        releases.close()
        assert [one.name for one in releases.list()] == ["web"]
    with cluster.releases(namespace="stored") as releases:
        assert releases.list() == []
    somebody = Releases.from_kubeconfig(cluster.kubeconfig, as_user="somebody", variables=cluster.variables)
    with somebody as releases, pytest.raises(Denied, match="forbidden"):
        releases.list()


PROGRAM = """import sys
from pilothouse import Chart
from pilothouse.testing import SandboxCluster

chart = Chart.load(sys.argv[1])
with SandboxCluster(folder=sys.argv[2]).releases(namespace="closed") as releases:
    releases.install("web", chart, create_namespace=True, wait=True)
    releases.uninstall("web", wait=True)
"""


def test_nothing_is_left_open(cluster: SandboxCluster, chart: Chart, tmp_path: Path) -> None:
    """After the block no socket and no file is open that Python would complain about."""
    assert chart.name == "demo"
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", PROGRAM, str(tmp_path / "demo"), cluster.folder],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY / "src")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_words: object) -> None:
        pass


def test_charts_are_fetched(chart: Chart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chart comes from a URL or a repository, as for ``helm install``."""
    for name in ("CACHE", "CONFIG", "DATA"):
        monkeypatch.setenv(f"HELM_{name}_HOME", str(tmp_path / name))
    served = tmp_path / "served"
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(served)))
    url = f"http://127.0.0.1:{server.server_port}"
    for words in (["package", str(tmp_path / "demo"), "-d", str(served)], ["repo", "index", str(served), "--url", url]):
        command = [sys.executable, "-m", "pilothouse", *words]
        environment = {**os.environ, "PYTHONPATH": str(REPOSITORY / "src")}
        subprocess.run(command, env=environment, check=True, capture_output=True, timeout=180)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        for found in (
            Chart.fetch(str(tmp_path / "demo")),
            Chart.fetch(f"{url}/demo-0.1.0.tgz"),
            Chart.fetch("demo", repository=url, version="^0.1"),
        ):
            assert (found.name, found.version) == (chart.name, "0.1.0")
        with pytest.raises(PilothouseError, match="demo"):
            Chart.fetch("demo", repository=url, version="9.9.9")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


# ── with a Tiller ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def tiller(cluster: SandboxCluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The releases of a Tiller that ``helm init`` installs, reached through its pod, with its certificates."""
    pytest.importorskip("grpc")
    home = tmp_path_factory.mktemp("home")
    variables = {**cluster.variables, "HELM_HOME": str(home), "HELM_COMPAT": "2"}
    done = subprocess.run(
        [sys.executable, "-m", "pilothouse", "init", "--wait", "--skip-repos"],
        env={**os.environ, **variables, "PYTHONPATH": str(REPOSITORY / "src")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with Releases.tiller(path=cluster.kubeconfig, namespace="old", variables=variables, timeout=60) as releases:
        yield releases


def test_releases_of_a_tiller(tiller: Any, chart: Chart) -> None:
    """Installed, upgraded, rolled back, tested, listed and removed by a Tiller, as types of the library."""
    made = tiller.install("web", chart, values={"greeting": "bye"}, wait=True)
    assert (made.revision, made.info.status, made.namespace) == (1, "deployed", "old")
    assert made.config == {"greeting": "bye"}
    changed = tiller.upgrade("web", chart, values={"greeting": "again"}, description="second")
    assert (changed.revision, changed.info.description) == (2, "second")
    assert tiller.rollback("web", 1).revision == 3
    assert [(one.revision, one.info.status) for one in tiller.history("web")] == [
        (1, "superseded"),
        (2, "superseded"),
        (3, "deployed"),
    ]
    assert tiller.values("web", computed=True)["port"] == 80
    status = tiller.status("web")
    assert (status.release.revision, status.release.info.status) == (3, "deployed")
    assert "==> v1/Deployment" in status.resources
    assert "PASSED: web-test" in tiller.test("web", cleanup=True)
    assert [one.name for one in tiller.list()] == ["web"]
    assert tiller.get("web", revision=2).config == {"greeting": "again"}
    assert tiller.uninstall("web", keep_history=True).info.status == "uninstalled"
    assert (tiller.list(), [one.name for one in tiller.list(states=("uninstalled",))]) == ([], ["web"])
    tiller.uninstall("web")
    with pytest.raises(NotFound):
        tiller.get("web")


def test_failures_of_a_tiller(tiller: Any, chart: Chart, tmp_path: Path) -> None:
    """What fails is undone where that is wanted; charts of later Helms are refused before anything is sent."""
    with pytest.raises(OperationFailed):
        tiller.upgrade("bad", chart, values={"port": 0}, install=True, rollback_on_failure=True, timeout=30)
    with pytest.raises(NotFound):
        tiller.history("bad")
    with pytest.raises(NotFound, match="no deployed releases"):
        tiller.upgrade("bad", chart)
    tiller.upgrade("bad", chart, install=True)
    with pytest.raises(OperationFailed):
        tiller.upgrade("bad", chart, values={"port": 0}, rollback_on_failure=True, timeout=30)
    assert tiller.history("bad")[-1].info.description == "Rollback to 1"
    tiller.uninstall("bad")
    (tmp_path / "demo" / "Chart.yaml").write_text(FILES["Chart.yaml"].replace("v1", "v2"))
    with pytest.raises(Invalid, match="apiVersion"):
        tiller.install("new", Chart.load(tmp_path / "demo"))
