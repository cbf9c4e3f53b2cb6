"""Waiting for workloads: watches tell when they are ready, whatever happens to watches on the way."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pilothouse.apply import lookout
from pilothouse.apply.errors import NotReady
from pilothouse.apply.waiting import Waiter
from pilothouse.clock import Clock
from pilothouse.environment import Environment
from pilothouse.kube import config
from pilothouse.kube.client import KubeClient
from pilothouse.kube.resources import NAMESPACES
from pilothouse.plan.resources import Resource
from pilothouse.progress import Reporter

_proxies = importlib.import_module("functional.fault_proxy")
NAMES = ("one", "two")


def deployment(name: str, delay: str) -> dict[str, Any]:
    """Return a Deployment whose pod takes a while."""
    template = {
        "metadata": {"labels": {"app": name}, "annotations": {"sandbox.pilothouse.dev/delay": delay}},
        "spec": {"containers": [{"name": "web", "image": "web"}]},
    }
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": spec}


class Scene:
    """A namespace, a proxy before the embedded cluster, and who waits there."""

    def __init__(self, kubeconfig: Path, folder: Path) -> None:
        self.namespace = f"waiting-{time.time_ns()}"
        self.proxy: Any = _proxies.FaultProxy(kubeconfig)
        self.through = folder / "kubeconfig"
        self.through.write_text(self.proxy.kubeconfig())
        self.through.chmod(0o600)
        self.asked: list[str] = []
        self.proxy.watcher = self._note
        self.admin = self.client("")
        self.admin.create(
            NAMESPACES, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": self.namespace}}
        )

    def _note(self, method: str, path: str, moment: str) -> bool:
        if method == "GET" and moment == "before" and "/deployments" in path:
            self.asked.append(path)
        return False

    def client(self, user: str) -> KubeClient:
        """Return a client that acts as somebody."""
        overrides = config.Overrides(kubeconfig=str(self.through), as_user=user)
        return KubeClient(config.load(Environment(), overrides))

    def begin(self, client: KubeClient, delay: str) -> list[Resource]:
        """Make the workloads and return what is to be waited for."""
        mapping = self.admin.mapping("apps/v1", "Deployment")
        made = [self.admin.create(mapping, self.namespace, deployment(name, delay)) for name in NAMES]
        client.mapping("apps/v1", "Deployment")
        self.asked.clear()
        return [
            Resource(mapping=mapping, namespace=self.namespace, name=item["metadata"]["name"], object=item)
            for item in made
        ]

    def watches(self) -> int:
        """Return how many watches of Deployments there were."""
        return sum("watch=" in path for path in self.asked)

    def allow_reading(self, user: str) -> None:
        """Let somebody get Deployments, and neither list nor watch them."""
        group = "rbac.authorization.k8s.io"
        metadata = {"name": "reader", "namespace": self.namespace}
        rules = [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get"]}]
        subjects = [{"apiGroup": group, "kind": "User", "name": user}]
        reference = {"apiGroup": group, "kind": "Role", "name": "reader"}
        for kind, parts in (("Role", {"rules": rules}), ("RoleBinding", {"roleRef": reference, "subjects": subjects})):
            mapping = self.admin.mapping(f"{group}/v1", kind)
            item = {"apiVersion": f"{group}/v1", "kind": kind, "metadata": metadata, **parts}
            self.admin.create(mapping, self.namespace, item)


@pytest.fixture
def scene(sandbox_kubeconfig: Path, tmp_path: Path) -> Iterator[Scene]:
    """A scene on the embedded cluster."""
    made = Scene(sandbox_kubeconfig, tmp_path)
    yield made
    made.admin.delete(NAMESPACES, "", made.namespace)
    made.admin.close()
    made.proxy.close()


def wait(client: KubeClient, resources: list[Resource], seconds: float) -> None:
    """Wait as ``--wait`` does."""
    Waiter(client, Clock(), Reporter(), "watcher").wait_until_ready(resources, seconds, jobs=False)


def ready(scene: Scene, resources: list[Resource]) -> list[int]:
    """Return the ready pods of each workload."""
    live = [scene.admin.get(one.mapping, scene.namespace, one.name) for one in resources]
    return [int(item["status"].get("readyReplicas") or 0) for item in live]


def test_watches_spare_requests(scene: Scene) -> None:
    """However long it takes, each workload is asked for once, and a list and a watch tell of both."""
    resources = scene.begin(scene.admin, "3s")
    wait(scene.admin, resources, 60)
    asked = list(scene.asked)
    assert ready(scene, resources) == [1, 1]
    assert scene.watches() == 1
    single = [path for path in asked if path.endswith(NAMES)]
    assert len(single) <= 4  # a second time where the list was not there yet
    assert len(asked) == len(single) + 2


@pytest.mark.parametrize("fault", _proxies.WATCH_FAULTS)
def test_whatever_happens_to_watches(scene: Scene, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Watches that expire, break, end or are held up with every event let nobody wait in vain."""
    monkeypatch.setattr(lookout, "CHECK_EVERY", 1.5)
    resources = scene.begin(scene.admin, "1s")
    scene.proxy.watch_fault = lambda: fault
    wait(scene.admin, resources, 60)
    assert ready(scene, resources) == [1, 1]
    assert scene.watches() >= 1


def test_watching_is_forbidden(scene: Scene) -> None:
    """Who may read the objects and neither list nor watch them waits all the same."""
    scene.allow_reading("reader")
    client = scene.client("reader")
    resources = scene.begin(client, "1s")
    wait(client, resources, 60)
    client.close()
    assert ready(scene, resources) == [1, 1]
    assert scene.watches() == 0


def test_the_end_of_the_time(scene: Scene) -> None:
    """What is not ready in time is told, with the state that it has then."""
    resources = scene.begin(scene.admin, "60s")
    with pytest.raises(NotReady) as caught:
        wait(scene.admin, resources, 1.5)
    *lines, last = caught.value.message.splitlines()
    assert last == "context deadline exceeded"
    assert [line.split(" ")[1] for line in lines] == [f"Deployment/{scene.namespace}/{name}" for name in NAMES]
    assert all("status: InProgress, message: Available: 0/1" in line for line in lines)
