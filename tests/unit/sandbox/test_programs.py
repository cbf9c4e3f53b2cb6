"""Pods of Tiller: which they are, what they run, and their life between starts and ends."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox.lifecycle.engine import Engine
from pilothouse.sandbox.lifecycle.programs import Program, ProgramStatus, is_run, is_tiller, program_of
from pilothouse.sandbox.lifecycle.world import Key, Object
from pilothouse.sandbox.processes import ApiAccess, Processes, _arguments
from unit.sandbox.simulation import Simulation

IMAGE = "pilothouse/tiller:0.1.0"


def pod_of(**container: YamlValue) -> Object:
    """Return a pod with one container of Tiller's image."""
    metadata = {"name": "tiller", "namespace": "n", "uid": "u1"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": metadata,
        "spec": {"containers": [{"name": "tiller", "image": IMAGE, **container}]},
    }


def finder(**objects: Object) -> Callable[[str, str, str], Object | None]:
    """Return what finds objects by ``kind_name``."""
    return lambda kind, _namespace, name: objects.get(f"{kind}_{name}")


@pytest.mark.parametrize(
    ("image", "ours"),
    [
        ("pilothouse/tiller:0.1.0", True),
        ("registry.example/pilothouse/tiller:0.1.0", True),
        ("localhost:5000/pilothouse/tiller:0.1.0@sha256:00", True),
        ("registry.example/helm/tiller:v2.17.0", True),
        ("registry.example/kubernetes-helm/tiller:v2.16.1", True),
        ("pilothouse/tiller", False),
        ("registry.example/else/pilothouse/tiller:0.1.0", False),
        ("notpilothouse/tiller:0.1.0", False),
        ("a/b/pilothouse/tiller:1", False),
        ("pilothouse/tiller-extra:1", False),
        ("tiller:1", False),
        ("", False),
    ],
)
def test_images(image: str, ours: bool) -> None:  # noqa: FBT001 - a table
    """A tagged image of the right repository, with or without a registry."""
    assert is_tiller(image) == ours


def test_only_pods_with_that_one_container_are_run() -> None:
    """A second container makes it an ordinary, simulated pod."""
    pod = pod_of()
    assert is_run(pod)
    pod["spec"]["containers"].append({"name": "other", "image": "busybox:1"})
    assert not is_run(pod)


def test_what_a_pod_runs() -> None:
    """Flags with variables filled in, variables from everywhere, mounted files, ports and probes."""
    secret = {"kind": "Secret", "data": {"tls.key": base64.b64encode(b"KEY").decode(), "word": "c2VjcmV0"}}
    settings = {"kind": "ConfigMap", "data": {"TILLER_HISTORY_MAX": "7", "PYTHONPATH": "/etc/certs"}}
    pod = pod_of(
        command=["/tiller"],
        args=["--listen", ":9999", "--storage=$(TILLER_STORE)", "$$(X)", "$(UNKNOWN)"],
        envFrom=[{"configMapRef": {"name": "settings"}}],
        env=[
            {"name": "STORE", "value": "secret"},
            {"name": "TILLER_STORE", "value": "$(STORE)"},
            {"name": "TILLER_WORD", "valueFrom": {"secretKeyRef": {"name": "certs", "key": "word"}}},
            {"name": "TILLER_POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        ],
        ports=[{"name": "http", "containerPort": 44135}],
        readinessProbe={"httpGet": {"path": "/readiness", "port": "http"}},
        volumeMounts=[{"name": "certs", "mountPath": "/etc/certs"}],
    )
    pod["spec"]["volumes"] = [{"name": "certs", "secret": {"secretName": "certs", "items": [
        {"key": "tls.key", "path": "own/key"}]}}]  # fmt: skip
    account: Object = {}
    program = program_of(
        pod, finder(secrets_certs=secret, configmaps_settings=settings, serviceaccounts_default=account)
    )
    assert program.arguments == ("--listen", ":9999", "--storage=secret", "$(X)", "$(UNKNOWN)")
    assert program.variables == {
        "TILLER_NAMESPACE": "n",
        "TILLER_HISTORY_MAX": "7",
        "TILLER_STORE": "secret",
        "TILLER_WORD": "secret",
        "TILLER_POD": "tiller",
    }
    assert program.files == {"/etc/certs/own/key": b"KEY"}
    assert (program.listen, program.probes, program.account) == (9999, 44135, "default")
    assert program.readiness is not None
    assert (program.readiness.path, program.readiness.port) == ("/readiness", 44135)
    pod["spec"]["automountServiceAccountToken"] = False
    assert program_of(pod, finder(serviceaccounts_default=account)).account == ""


def test_other_commands_are_refused() -> None:
    """The image has no shell, and no file or server outside the sandbox is a store of releases."""
    with pytest.raises(ValueError, match='exec: "/bin/sh": executable file not found'):
        program_of(pod_of(command=["/bin/sh", "-c", "true"]), finder())
    for words in (["--sql-connection-string=sqlite:////x"], ["-sql-connection-string", "sqlite:////x"]):
        with pytest.raises(ValueError, match="would reach out of it"):
            program_of(pod_of(args=["--storage=sql", *words]), finder())


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (["--listen=0.0.0.0:1", "-listen", "0.0.0.0:2", "--probe-listen=:3"], []),
        (["--tls-key", "/etc/certs/k", "--tls-cert=../../x"], ["--tls-key=/r/etc/certs/k", "--tls-cert=/r/x"]),
        (["--insecure", "x", "--v", "-1"], ["--insecure=x", "--v", "-1"]),
        (["--tls-ca-cert", "--listen=0.0.0.0:1"], ["--tls-ca-cert"]),
        (["--", "--listen=0.0.0.0:1"], ["--"]),
        (["/../../etc/passwd"], ["/r/etc/passwd"]),
    ],
)
def test_flags_cannot_leave_loopback_or_the_private_folder(given: list[str], passed: list[str]) -> None:
    """Addresses are the sandbox's, and paths are those of the pod."""
    program = program_of(pod_of(args=given), finder()).replace(listen=44134, probes=44135)
    made = list(_arguments(program, "/r", {44134: 5, 44135: 6}))
    assert made == ["--listen=127.0.0.1:5", "--probe-listen=127.0.0.1:6", *passed]


def test_at_most_sixteen_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chart with a thousand replicas does not start a thousand processes."""
    processes = Processes(str(tmp_path / "pods"), ApiAccess("https://127.0.0.1:1", "", lambda *_: ""))
    monkeypatch.setattr("pilothouse.sandbox.processes._MOST", 0)
    processes.start(program_of(pod_of(), finder()))
    status = processes.status("u1")
    assert status is not None
    assert (status.running, status.problem) == (False, "the sandbox runs at most 0 processes")


class FakePrograms:
    """Programs that do what a test says."""

    def __init__(self) -> None:
        self.on_change: Callable[[Key], None] = lambda _key: None
        self.started: list[str] = []
        self.ended: list[str] = []
        self.forgotten: list[str] = []
        self.renewed: list[dict[str, bytes]] = []
        self.known: dict[str, ProgramStatus] = {}

    def start(self, program: Program) -> None:
        """Take note of a start."""
        self.started.append(program.name)
        self.known[program.uid] = ProgramStatus(running=True)

    def renew(self, program: Program) -> None:
        """Take note of new files."""
        self.renewed.append(program.files)

    def refuse(self, uid: str, problem: str) -> None:
        """Take note of a refusal."""
        self.known[uid] = ProgramStatus(running=False, exit_code=128, problem=problem)

    def status(self, uid: str) -> ProgramStatus | None:
        """Return what the test says."""
        return self.known.get(uid)

    def end(self, uid: str, grace: float) -> None:
        """End at once."""
        assert grace == 30.0
        self.ended.append(uid)
        self.known[uid] = ProgramStatus(running=False)

    def forget(self, uid: str) -> None:
        """Take note of it."""
        self.forgotten.append(uid)
        self.known.pop(uid, None)


class Running(Simulation):
    """A cluster that runs a pod of Tiller."""

    def __init__(self, policy: str = "Always") -> None:
        self.programs = FakePrograms()
        super().__init__()
        self.add("pods", "tiller", spec={"containers": [{"name": "c", "image": IMAGE}], "restartPolicy": policy})

    def begin(self) -> Engine:
        """Start an engine that has programs."""
        engine = Engine(self.objects, self.clock, self.entropy, programs=self.programs)
        engine.attach()
        return engine

    def becomes(self, **status: YamlValue) -> Object:
        """Let the program change and time pass; return the pod's status."""
        uid = self.at("pods", "tiller")["metadata"]["uid"]
        self.programs.known[uid] = ProgramStatus(**status)
        self.programs.on_change(("pods", "n", "tiller"))
        self.run(0.1)
        return self.status()

    def status(self) -> Object:
        """Return the pod's status."""
        found: Object = self.at("pods", "tiller")["status"]
        return found


def test_ready_when_the_probe_answers() -> None:
    """Started, but not ready until the program is, and no longer when it is not."""
    cluster = Running()
    cluster.run(5)
    assert cluster.programs.started == ["tiller"]
    assert cluster.status()["phase"] == "Running"
    assert not cluster.status()["containerStatuses"][0]["ready"]
    assert cluster.becomes(running=True, ready=True)["containerStatuses"][0]["ready"]
    status = cluster.becomes(running=True, ready=False)
    assert not status["containerStatuses"][0]["ready"]
    assert {each["type"]: each["status"] for each in status["conditions"]}["Ready"] == "False"


def test_restarted_when_it_ends() -> None:
    """It crashes, waits and is started again, and the exit code is told."""
    cluster = Running()
    cluster.run(5)
    cluster.becomes(running=True, ready=True)
    status = cluster.becomes(running=False, exit_code=137)
    cluster.run(5)
    status = cluster.status()["containerStatuses"][0]
    assert (status["restartCount"], list(status["state"])) == (1, ["running"])
    assert cluster.programs.started == ["tiller", "tiller"]


@pytest.mark.parametrize(
    ("policy", "code", "phase"), [("Never", 1, "Failed"), ("Never", 0, "Succeeded"), ("OnFailure", 0, "Succeeded")]
)
def test_ends_for_good(policy: str, code: int, phase: str) -> None:
    """The restart policy is kept."""
    cluster = Running(policy)
    cluster.run(5)
    cluster.becomes(running=True, ready=True)
    cluster.becomes(running=False, exit_code=code)
    cluster.run(5)
    assert cluster.status()["phase"] == phase
    assert cluster.status()["containerStatuses"][0]["state"]["terminated"]["exitCode"] == code
    assert cluster.programs.started == ["tiller"]


def test_started_again_after_a_restart_of_the_sandbox() -> None:
    """A pod that is ready on paper and has no process gets one."""
    cluster = Running()
    cluster.run(5)
    cluster.becomes(running=True, ready=True)
    cluster.programs = FakePrograms()
    cluster.engine = cluster.begin()
    cluster.run(5)
    assert cluster.programs.started == ["tiller"]
    assert cluster.status()["containerStatuses"][0]["restartCount"] == 1


def test_ended_with_its_pod() -> None:
    """A deleted pod waits for its program; one that vanishes takes it along."""
    cluster = Running()
    cluster.run(5)
    uid = cluster.at("pods", "tiller")["metadata"]["uid"]
    cluster.objects.delete("pods", ("n", "tiller"))
    cluster.run(5)
    assert cluster.objects.get("pods", "n", "tiller") is None
    assert (cluster.programs.ended, cluster.programs.forgotten) == ([uid], [uid])


def test_files_follow_their_secret() -> None:
    """A Secret that changes is seen by the programs that mount it."""
    cluster = Running()
    cluster.objects.delete("pods", ("n", "tiller"))
    mount = [{"name": "certs", "mountPath": "/etc/certs"}]
    volume = [{"name": "certs", "secret": {"secretName": "certs"}}]
    containers = [{"name": "c", "image": IMAGE, "volumeMounts": mount}]
    cluster.add("secrets", "certs", data={"key": "b2xk"})
    cluster.add("pods", "reader", spec={"containers": containers, "volumes": volume})
    cluster.run(5)

    def renew(secret: Object) -> None:
        secret["data"] = {"key": "bmV3"}

    cluster.objects.change("secrets", ("n", "certs"), renew)
    cluster.run(5)
    assert cluster.programs.started == ["reader"]
    assert cluster.programs.renewed == [{"/etc/certs/key": b"new"}]
