"""Releases on an API server that refuses, forgets to answer, hangs up and takes its time: no record is lost or wrong.

Each run makes a few changes of a release through a proxy that injects faults as a seeded dice says; then the faults
end, and what is stored must be whole, and the next command must succeed and leave exactly its objects.
``PILOTHOUSE_FAULT_RUNS`` says how many runs there are, ``PILOTHOUSE_FAULT_SEED`` where they begin.
"""

from __future__ import annotations

import importlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pilothouse.actions.context import Context
from pilothouse.actions.history import history
from pilothouse.actions.install import InstallOptions, install
from pilothouse.actions.rollback import RollbackOptions, rollback
from pilothouse.actions.uninstall import UninstallOptions, uninstall
from pilothouse.actions.upgrade import UpgradeOptions, upgrade
from pilothouse.charts.metadata import Metadata
from pilothouse.charts.model import Chart, ChartFile
from pilothouse.clock import Clock, Signal
from pilothouse.environment import Environment
from pilothouse.errors import NotFound, PilothouseError
from pilothouse.kube import config
from pilothouse.kube.client import KubeClient
from pilothouse.kube.resources import CONFIG_MAPS, NAMESPACES, SECRETS
from pilothouse.progress import Reporter
from pilothouse.releases.journal import ANNOTATION
from pilothouse.releases.release import DEPLOYED, UNINSTALLED, UNINSTALLING
from pilothouse.storage.secrets import SecretStore

FaultProxy = importlib.import_module("functional.fault_proxy").FaultProxy
_shared = importlib.import_module("functional.side_by_side")

RUNS = int(os.environ.get("PILOTHOUSE_FAULT_RUNS", "12"))
SEED = int(os.environ.get("PILOTHOUSE_FAULT_SEED", "1"))
CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\ndata: {by: '%s'}\n"
HOOK = (
    "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hook\n  annotations:\n"
    "    helm.sh/hook: pre-install,post-upgrade,pre-rollback,pre-delete\n"
    "    helm.sh/hook-delete-policy: hook-succeeded,before-hook-creation\n"
)
WORK = """apiVersion: apps/v1
kind: Deployment
metadata: {name: %(name)s}
spec:
  replicas: %(version)s
  selector: {matchLabels: {app: %(name)s}}
  template:
    metadata: {labels: {app: %(name)s}, annotations: {sandbox.pilothouse.dev/delay: 150ms}}
    spec: {containers: [{name: web, image: web}]}
"""


class HastyClock(Clock):
    """A clock on which waiting takes a hundredth of its time."""

    def sleep(self, seconds: float) -> None:
        """Wait a little."""
        super().sleep(min(seconds / 100, 0.02))

    def wait(self, signal: Signal, seconds: float) -> None:
        """Wait a little."""
        super().wait(signal, min(seconds / 100, 0.02))


class Leafing(KubeClient):
    """A client that gets collections one object a page, so that there are pages whose list may have expired."""

    def list(self, *where: Any, **options: Any) -> Any:
        """List in small pages."""
        return super().list(*where, **{**options, "limit": 1})


def chart(version: int, *names: str, work: tuple[str, ...] = ()) -> Chart:
    """Return a chart of ConfigMaps with a hook, and of Deployments that take a while."""
    texts = {f"templates/{name}.yaml": CONFIG % (name, version) for name in names}
    texts["templates/hook.yaml"] = HOOK
    for name in work:
        texts[f"templates/{name}.yaml"] = WORK % {"name": name, "version": version}
    return Chart(
        metadata=Metadata(name="web", version=f"{version}.0.0", api_version="v2"),
        templates=tuple(ChartFile(name=name, data=text.encode()) for name, text in texts.items()),
    )


CHARTS = (chart(1, "a", "b"), chart(2, "a", "c", work=("one",)), chart(3, "a", "d", work=("one", "two")))
WORKING = ("one", "two")
OBJECTS = ({"a": "1", "b": "1"}, {"a": "2", "c": "2"}, {"a": "3", "d": "3"})


@pytest.fixture
def proxy(sandbox_kubeconfig: Path) -> Iterator[Any]:
    """A proxy before the embedded cluster."""
    made = FaultProxy(sandbox_kubeconfig)
    yield made
    made.close()


class Runs:
    """Changes of one release through a proxy.

    Attributes:
        helm: The real Helm, none to do without.
    """

    def __init__(self, proxy: Any, folder: Path, helm: str = "") -> None:
        self.proxy = proxy
        self.folder = folder
        self.helm = helm
        kubeconfig = folder / "kubeconfig"
        kubeconfig.write_text(proxy.kubeconfig())
        kubeconfig.chmod(0o600)
        self.clock = HastyClock()
        settings = config.load(Environment(), config.Overrides(kubeconfig=str(kubeconfig)))
        self.client = Leafing(settings, clock=self.clock)
        self.errors: list[str] = []

    def context(self, namespace: str) -> Context:
        """Return the ports as a process of its own has them."""
        return Context(
            cluster=self.client,
            store=SecretStore(self.client, namespace, clock=self.clock),
            namespace=namespace,
            environment=Environment(),
            clock=self.clock,
            entropy=os.urandom,
            reporter=Reporter(),
        )

    def change(self, namespace: str) -> None:
        """Make one change that the dice chooses; it may fail."""
        dice = self.proxy.dice
        what = dice.choice(("upgrade", "upgrade", "upgrade", "atomic", "rollback", "uninstall", "keep"))
        number = dice.randrange(3)
        context = self.context(namespace)
        try:
            if what in ("upgrade", "atomic"):
                self.upgrade(context, number, rollback_on_failure=what == "atomic", history_max=dice.choice((2, 10)))
            elif what == "rollback":
                rollback(context, RollbackOptions(name="web"))
            else:
                uninstall(context, UninstallOptions(name="web", keep_history=what == "keep"))
        except PilothouseError as error:
            self.errors.append(error.message)

    def upgrade(self, context: Context, number: int, *, rollback_on_failure: bool, history_max: int) -> None:
        """Install or upgrade, as ``upgrade --install`` does."""
        try:
            newest = history(context, "web")[-1].info.status
        except NotFound:
            newest = UNINSTALLED
        more: Any = {"wait": "watcher", "timeout": 20.0, "rollback_on_failure": rollback_on_failure}
        if newest == UNINSTALLED:
            install(context, InstallOptions(name="web", chart=CHARTS[number], reuse_name=True, **more))
        else:
            upgrade(context, UpgradeOptions(name="web", chart=CHARTS[number], history_max=history_max, **more))

    def check_records(self, namespace: str) -> None:
        """See that every record is whole: readable, and its labels telling what it holds."""
        items = self.client.list(SECRETS, namespace, label_selector="owner=helm")
        releases = SecretStore(self.client, namespace).history("web")
        assert len(items) == len(releases)
        labels = {
            (item["metadata"]["name"], item["metadata"]["labels"]["status"], item["metadata"]["labels"]["version"])
            for item in items
        }
        assert labels == {
            (f"sh.helm.release.v1.web.v{release.revision}", release.info.status, str(release.revision))
            for release in releases
        }
        assert all(release.manifest for release in releases)
        assert sum(release.info.status == DEPLOYED for release in releases) <= 1

    def check_end(self, namespace: str) -> None:
        """See that the next command succeeds, and that exactly its objects are there."""
        context = self.context(namespace)
        try:
            self.upgrade(context, 2, rollback_on_failure=False, history_max=10)
        except NotFound as error:
            self.finish_removal(context, error)
            self.upgrade(context, 2, rollback_on_failure=False, history_max=10)
        found = {
            item["metadata"]["name"]: item.get("data", {}).get("by", "")
            for item in self.client.list(CONFIG_MAPS, namespace)
            if item["metadata"]["name"] != "kube-root-ca.crt"
        }
        assert {name: found[name] for name in OBJECTS[2]} == OBJECTS[2]
        live = [self.client.get(self.client.mapping("apps/v1", "Deployment"), namespace, name) for name in WORKING]
        assert [item["status"]["readyReplicas"] for item in live] == [3, 3]
        newest = history(self.context(namespace), "web")[-1]
        assert newest.info.status == DEPLOYED
        items = self.client.list(SECRETS, namespace, label_selector="owner=helm", form="metadata")
        assert not any(ANNOTATION in item["metadata"].get("annotations", {}) for item in items)

    def check_with_helm(self, namespace: str) -> None:
        """See that the real Helm tells the same history."""
        real = _shared.Side((self.helm,), self.folder / "kubeconfig", namespace, self.folder)
        ran = real.raw("history", "web", "-o", "json", "--max", "1000")
        assert ran.exit_code == 0, ran.stderr
        found = [(entry["revision"], entry["status"]) for entry in json.loads(ran.stdout)]
        ours = history(self.context(namespace), "web", maximum=1000)
        assert found == [(release.revision, release.info.status) for release in ours]

    @staticmethod
    def finish_removal(context: Context, error: NotFound) -> None:
        """Do what the hint says after a removal that failed: it is to be finished, as with Helm."""
        assert history(context, "web")[-1].info.status == UNINSTALLING
        assert error.hints == ("its removal was begun: helm uninstall web finishes it",)
        uninstall(context, UninstallOptions(name="web"))


def run_all(runs: Runs, count: int, seed: int) -> None:
    """Do runs, each in a namespace of its own."""
    for number in range(seed, seed + count):
        namespace = f"faults-{os.getpid()}-{number}"
        runs.proxy.chance = 0.0
        namespace_object = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        runs.client.create(NAMESPACES, "", namespace_object)
        runs.proxy.dice.seed(number)
        for _ in range(runs.proxy.dice.choice((2, 3, 4))):
            runs.proxy.chance = runs.proxy.dice.choice((0.03, 0.1, 0.3))
            runs.change(namespace)
            runs.proxy.chance = 0.0
            runs.check_records(namespace)
        runs.check_end(namespace)
        if runs.helm:
            runs.check_with_helm(namespace)
        runs.client.delete(NAMESPACES, "", namespace)
        if (number + 1 - seed) % 25 == 0:
            print(f"{number + 1 - seed} runs, {runs.proxy.requests} requests", flush=True)


@pytest.fixture
def real_helm(request: pytest.FixtureRequest) -> str:
    """The real Helm 4, nothing where it is not there."""
    try:
        found: str = request.getfixturevalue("helm4")
    except pytest.skip.Exception:
        return ""
    return found


def test_no_record_is_lost_or_wrong(proxy: Any, tmp_path: Path, real_helm: str) -> None:
    """Whatever the server does, records are whole, and the next command that the server lets pass succeeds."""
    runs = Runs(proxy, tmp_path, real_helm)
    try:
        run_all(runs, RUNS, SEED)
    finally:
        runs.client.close()
    assert proxy.faults.total() > RUNS
    counts = f"{proxy.requests} requests, {proxy.watches} watches, {len(runs.errors)} changes failed"
    print(f"\n{RUNS} runs from seed {SEED}: {counts}, {dict(proxy.faults)}")
