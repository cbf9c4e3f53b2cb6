"""The sandbox as a process: real kubectl and real Helm against it, restarts, sudden death."""

from __future__ import annotations

import http.client
import json
import os
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pilothouse.environment import Environment
from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox import control
from pilothouse.sandbox.control import ControlStatus

REPOSITORY = Path(__file__).resolve().parents[2]
PROCESS = Environment.of_process()
DEPLOYMENT = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": {"app": "web"}},
    "spec": {
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "c", "image": "nginx:1.25"}]},
        },
    },
}
Run = Callable[..., subprocess.CompletedProcess[str]]


class Sandbox:
    """A running sandbox and what is needed to talk to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = str(folder)
        self.status = control.start(self.folder)

    def call(self, method: str, path: str, body: YamlValue = None) -> tuple[int, YamlValue]:
        """Return status and object of an answer."""
        config = json.loads(Path(self.status.kubeconfig).read_text(encoding="utf-8"))
        context = ssl.create_default_context(cafile=os.path.join(self.folder, "server.crt"))
        connection = http.client.HTTPSConnection("127.0.0.1", self.status.port, timeout=180, context=context)
        headers = {"Authorization": f"Bearer {config['users'][0]['user']['token']}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A sandbox for the tests of this module."""
    made = Sandbox(tmp_path_factory.mktemp("sandbox"))
    yield made
    control.stop(made.folder)


def runner(binary: str, sandbox: Sandbox, home: Path) -> Run:
    """Return a function that runs a program against the sandbox."""

    def run(*arguments: str, stdin: YamlValue = None, fails: bool = False) -> subprocess.CompletedProcess[str]:
        text = stdin if isinstance(stdin, str) or stdin is None else json.dumps(stdin)
        environment = {"HOME": str(home), "KUBECONFIG": sandbox.status.kubeconfig, "PATH": PROCESS.get("PATH")}
        done = subprocess.run(
            [binary, *arguments], input=text, capture_output=True, text=True, timeout=180, env=environment, check=False
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done

    return run


@pytest.fixture(params=["kubectl", "kubectl28"])
def cli(request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path: Path) -> Iterator[Run]:
    """Each real kubectl, in a namespace of its own."""
    plain = runner(request.getfixturevalue(request.param), sandbox, tmp_path)
    namespace = f"t{time.monotonic_ns()}"
    plain("create", "namespace", namespace)

    def run(*arguments: str, **options: YamlValue) -> subprocess.CompletedProcess[str]:
        return plain("--namespace", namespace, *arguments, **options)

    yield run
    plain("delete", "namespace", namespace)


@pytest.mark.oracle
def test_apply_on_the_client(cli: Run) -> None:
    """Client-side apply creates, leaves alone, changes and shows differences."""
    assert cli("apply", "-f", "-", stdin=DEPLOYMENT).stdout == "deployment.apps/web created\n"
    assert cli("apply", "-f", "-", stdin=DEPLOYMENT).stdout == "deployment.apps/web unchanged\n"
    changed = json.loads(json.dumps(DEPLOYMENT))
    changed["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:1.26"
    assert "+      - image: nginx:1.26" in cli("diff", "-f", "-", stdin=changed, fails=True).stdout
    assert cli("apply", "-f", "-", stdin=changed).stdout == "deployment.apps/web configured\n"
    assert cli("delete", "deployment", "web").returncode == 0
    assert "No resources found" in cli("get", "deployments").stderr


@pytest.mark.oracle
def test_apply_on_the_server(cli: Run) -> None:
    """Server-side apply takes over kubectl's own earlier apply and finds conflicts with others."""
    cli("apply", "-f", "-", stdin=DEPLOYMENT)
    assert "serverside-applied" in cli("apply", "--server-side", "-f", "-", stdin=DEPLOYMENT).stdout
    changed = json.loads(json.dumps(DEPLOYMENT))
    changed["spec"]["template"]["spec"]["containers"][0]["image"] = "nginx:1.27"
    other = ("apply", "--server-side", "--field-manager=other", "-f", "-")
    refused = cli(*other, stdin=changed, fails=True)
    assert 'conflict with "kubectl": .spec.template.spec.containers[name="c"].image' in refused.stderr
    cli(*other, "--force-conflicts", stdin=changed)
    shown = cli("get", "deployment", "web", "-o", "json", "--show-managed-fields").stdout
    owners = {(each["manager"], each["operation"]) for each in json.loads(shown)["metadata"]["managedFields"]}
    assert {("other", "Apply"), ("kubectl", "Apply")} <= owners


@pytest.mark.oracle
def test_changes(cli: Run) -> None:
    """scale, label, annotate, set image and the three patches each change what they say."""
    cli("create", "-f", "-", stdin=DEPLOYMENT)
    cli("scale", "deployment/web", "--replicas=3")
    cli("label", "deployment/web", "tier=front")
    cli("annotate", "deployment/web", "note=here")
    cli("set", "image", "deployment/web", "c=nginx:1.28")
    cli("patch", "deployment", "web", "-p", '{"spec":{"minReadySeconds":1}}')
    cli("patch", "deployment", "web", "--type=merge", "-p", '{"spec":{"paused":false}}')
    cli("patch", "deployment", "web", "--type=json", "-p", '[{"op":"remove","path":"/metadata/labels/app"}]')
    value = json.loads(cli("get", "deployment", "web", "-o", "json").stdout)
    assert value["spec"]["replicas"] == 3
    assert value["spec"]["minReadySeconds"] == 1
    assert value["metadata"]["labels"] == {"tier": "front"}
    assert value["metadata"]["annotations"]["note"] == "here"
    assert value["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.28"


@pytest.mark.oracle
def test_refusals(cli: Run) -> None:
    """A refusal is printed with a real cluster's words for unknown fields, wrong types and faults."""
    wrong = json.loads(json.dumps(DEPLOYMENT))
    wrong["spec"]["foo"] = 1
    refused = cli("create", "-f", "-", stdin=wrong, fails=True).stderr
    assert 'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error' in refused
    assert 'unknown field "spec.foo"' in refused
    assert 'Warning: unknown field "spec.foo"' in cli("create", "--validate=warn", "-f", "-", stdin=wrong).stderr
    wrong = json.loads(json.dumps(DEPLOYMENT))
    wrong["metadata"]["name"] = "other"
    wrong["spec"]["replicas"] = "three"
    assert "cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32" in (
        cli("create", "-f", "-", stdin=wrong, fails=True).stderr
    )
    wrong["spec"] = {**DEPLOYMENT["spec"], "selector": {"matchLabels": {"app": "z"}}}  # type: ignore[dict-item]
    assert cli("create", "-f", "-", stdin=wrong, fails=True).stderr == (
        'The Deployment "other" is invalid: spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector`'
        " does not match template `labels`\n"
    )
    assert "AlreadyExists" in cli("create", "-f", "-", stdin=DEPLOYMENT, fails=True).stderr


@pytest.mark.oracle
def test_looking(cli: Run) -> None:
    """The commands get all, describe, explain, api-resources, wait, auth, logs and events work."""
    cli("create", "-f", "-", stdin=DEPLOYMENT)
    cli("wait", "--for=condition=Available", "deployment/web", "--timeout=20s")
    everything = cli("get", "all").stdout
    assert "deployment.apps/web" in everything
    assert "1/1     Running" in everything
    described = cli("describe", "deployment", "web").stdout
    assert "nginx:1.25" in described
    assert "ScalingReplicaSet" in described
    assert "Number of desired pods" in cli("explain", "deployment.spec.replicas").stdout
    assert "deployments" in cli("api-resources", "--api-group=apps").stdout
    assert cli("auth", "can-i", "delete", "nodes").stdout == "yes\n"
    assert cli("logs", "deployment/web").stdout
    assert "exec is not supported" in cli("exec", "deployment/web", "--", "ls", fails=True).stderr
    assert cli("--context", "pilothouse-sandbox-nobody", "auth", "can-i", "get", "pods", fails=True).stdout == "no\n"


@pytest.mark.oracle
def test_watching(cli: Run) -> None:
    """A watch shows what comes and goes while it runs."""
    cli("create", "configmap", "before")
    result: list[str] = []

    def watch() -> None:
        done = cli("wait", "--for=delete", "configmap/before", "--timeout=20s")
        result.append(done.stdout)

    thread = threading.Thread(target=watch)
    thread.start()
    time.sleep(0.5)  # the watch has to be open before the deletion
    cli("delete", "configmap", "before")
    thread.join(timeout=180)
    assert result == ["configmap/before condition met\n"]


@pytest.mark.oracle
def test_custom_resources(cli: Run) -> None:
    """A definition is served, applied to, explained and removed."""
    schema = {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "properties": {"size": {"type": "integer", "minimum": 1, "description": "How big it is"}},
            }
        },
    }
    version = {
        "name": "v1",
        "served": True,
        "storage": True,
        "schema": {"openAPIV3Schema": schema},
        "additionalPrinterColumns": [{"name": "Size", "type": "integer", "jsonPath": ".spec.size"}],
    }
    names = {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"]}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version]},
    }
    widget = {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}, "spec": {"size": 2}}
    cli("apply", "-f", "-", stdin=definition)
    cli("wait", "--for=condition=Established", "crd/widgets.example.com", "--timeout=10s")
    cli("apply", "-f", "-", stdin=widget)
    cli("apply", "-f", "-", stdin={**widget, "spec": {"size": 3}})
    assert cli("get", "wd").stdout.split() == ["NAME", "SIZE", "w", "3"]
    assert "How big it is" in cli("explain", "widget.spec.size").stdout
    refused = cli("apply", "-f", "-", stdin={**widget, "spec": {"size": 0}}, fails=True)
    assert "spec.size in body should be greater than or equal to 1" in refused.stderr
    cli("delete", "crd", "widgets.example.com")
    cli("get", "wd", fails=True)


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["helm4", "helm3"])
def test_helm(name: str, request: pytest.FixtureRequest, sandbox: Sandbox, tmp_path: Path) -> None:
    """Real Helm installs, upgrades, rolls back, lists and uninstalls its starter chart, and waits for it."""
    helm = runner(request.getfixturevalue(name), sandbox, tmp_path)
    chart = str(tmp_path / "demo")
    helm("create", chart)
    release = name.replace(".", "-")
    assert "STATUS: deployed" in helm("install", release, chart, "--wait", "--timeout", "30s").stdout
    helm("upgrade", release, chart, "--set", "replicaCount=2", "--wait", "--timeout", "30s")
    helm("rollback", release, "1", "--wait", "--timeout", "30s")
    history = json.loads(helm("history", release, "-o", "json").stdout)
    assert [each["status"] for each in history] == ["superseded", "superseded", "deployed"]
    assert release in helm("list").stdout
    assert "Succeeded" in helm("test", release).stdout
    assert "uninstalled" in helm("uninstall", release, "--wait").stdout
    assert release not in helm("list").stdout


@pytest.mark.oracle
def test_scaling_is_told_in_conflicts(cli: Run) -> None:
    """Who scaled a deployment owns its replicas, through the subresource."""
    wanted = json.loads(json.dumps(DEPLOYMENT))
    wanted["spec"]["replicas"] = 0
    cli("apply", "--server-side", "-f", "-", stdin=wanted)
    cli("scale", "deployment/web", "--replicas=1")
    refused = cli("apply", "--server-side", "-f", "-", stdin=wanted, fails=True)
    assert 'with subresource "scale" using apps/v1: .spec.replicas' in refused.stderr


def until(check: Callable[[], bool], seconds: float = 10) -> bool:
    """Tell whether something becomes true in time."""
    end = time.monotonic() + seconds
    while not check():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def test_pods_know_the_server(sandbox: Sandbox) -> None:
    """Every namespace has the certificate of the server."""
    path = "/api/v1/namespaces/default/configmaps/kube-root-ca.crt"
    assert until(lambda: sandbox.call("GET", path)[0] == 200)
    certificate = Path(sandbox.folder, "server.crt").read_text(encoding="ascii")
    assert sandbox.call("GET", path)[1]["data"] == {"ca.crt": certificate}


def test_a_workload_makes_only_what_it_may(sandbox: Sandbox) -> None:
    """A pod waits for a secret until the workload that is told to make it may do so; a misspelt name stays missing."""
    sandbox.call("POST", "/api/v1/namespaces", {"metadata": {"name": "made"}})
    pods, rbac = "/api/v1/namespaces/made/pods", "/apis/rbac.authorization.k8s.io/v1/namespaces/made"

    def pod(name: str, **spec: YamlValue) -> None:
        container = {"name": "c", "image": "x", **spec.pop("container", {})}
        body = {"metadata": {"name": name}, "spec": {"containers": [container], **spec}}
        status, answer = sandbox.call("POST", pods, body)
        assert status == 201, answer

    def phase(name: str) -> str:
        found: str = sandbox.call("GET", f"{pods}/{name}")[1]["status"].get("phase", "")
        return found

    for name in ("cert", "cret"):
        pod(f"waits-{name}", volumes=[{"name": "v", "secret": {"secretName": f"web-{name}"}}])
    pod("maker", container={"args": ["--secret=web-cert"]}, serviceAccountName="maker")
    assert until(lambda: phase("maker") == "Running")
    assert not until(lambda: phase("waits-cert") == "Running", 1.5)
    rules = [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]}]
    sandbox.call("POST", f"{rbac}/roles", {"metadata": {"name": "maker"}, "rules": rules})
    reference = {"kind": "Role", "name": "maker", "apiGroup": "rbac.authorization.k8s.io"}
    subjects = [{"kind": "ServiceAccount", "name": "maker"}]
    body = {"metadata": {"name": "maker"}, "roleRef": reference, "subjects": subjects}
    assert sandbox.call("POST", f"{rbac}/rolebindings", body)[0] == 201
    assert until(lambda: phase("waits-cert") == "Running")
    secret = sandbox.call("GET", "/api/v1/namespaces/made/secrets/web-cert")[1]
    assert secret["metadata"]["annotations"] == {"sandbox.pilothouse.dev/made-by": "maker"}
    assert secret["type"] == "kubernetes.io/tls"
    assert phase("waits-cret") == "Pending"


def test_a_killed_server_loses_nothing(tmp_path: Path) -> None:
    """What was acknowledged is there after kill -9, with the same revisions, on the same port."""
    folder = tmp_path / "sandbox"
    sandbox = Sandbox(folder)
    maps = "/api/v1/namespaces/default/configmaps"
    try:
        made = [
            sandbox.call("POST", maps, {"metadata": {"name": f"m{number}"}, "data": {"n": str(number)}})[1]
            for number in range(50)
        ]
        os.kill(sandbox.status.pid, signal.SIGKILL)
        before = sandbox.status
        sandbox.status = control.start(str(folder))
        assert sandbox.status.pid != before.pid
        assert sandbox.status.port == before.port
        status, found = sandbox.call("GET", maps)
        assert status == 200
        kept = {each["metadata"]["name"]: each for each in found["items"]}
        assert all(kept[each["metadata"]["name"]] == each for each in made)
        revision = int(made[-1]["metadata"]["resourceVersion"])
        _, created = sandbox.call("POST", maps, {"metadata": {"name": "later"}})
        assert int(created["metadata"]["resourceVersion"]) > revision
    finally:
        control.stop(str(folder))


def test_two_starts_make_one_server(tmp_path: Path) -> None:
    """Starts at the same time, and again later, end with one and the same server; stop and reset leave nothing."""
    folder = str(tmp_path / "sandbox")
    command = [sys.executable, "-m", "pilothouse.sandbox", "start", "--home", folder]
    environment = {**PROCESS.variables, "PYTHONPATH": str(REPOSITORY / "src")}
    starts = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    try:
        printed = [process.communicate(timeout=180) for process in starts]
        assert [out for out, _ in printed] == [f"{folder}/kubeconfig\n"] * 3, printed
        found = control.status(folder)
        assert found.running
        assert control.start(folder) == found
        assert os.stat(found.kubeconfig).st_mode & 0o777 == 0o600
    finally:
        assert control.stop(folder)
    assert not _is_alive(found)
    assert not control.status(folder).running
    assert not control.stop(folder)
    control.reset(folder)
    assert not os.path.exists(folder)


def _is_alive(found: ControlStatus) -> bool:
    try:
        os.kill(found.pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{found.pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"
