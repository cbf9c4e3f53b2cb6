"""The Kubernetes client against a real API server and against the sandbox."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pilothouse.clock import FixedClock
from pilothouse.environment import Environment
from pilothouse.errors import Conflict, NotFound, Unreachable
from pilothouse.kube import config
from pilothouse.kube.client import KubeClient
from pilothouse.kube.errors import (
    AlreadyExists,
    Forbidden,
    KindNotFound,
    ObjectConflict,
    ObjectInvalid,
    ObjectNotFound,
    Unauthorized,
)
from pilothouse.kube.resources import (
    CONFIG_MAPS,
    NAMESPACES,
    PODS,
    SECRETS,
    KubeObject,
    ResourceMapping,
    group_resource_of,
)

NAMESPACE = "kube-client"


def connect(kubeconfig: Path, cache: Path | None = None, *, token: str = "", as_user: str = "") -> KubeClient:
    """Return a client of the cluster with some of Helm's flags set."""
    overrides = config.Overrides(kubeconfig=str(kubeconfig), token=token, as_user=as_user)
    return KubeClient(config.load(Environment(), overrides), cache_folder=str(cache or ""))


@pytest.fixture
def client(any_kubeconfig: Path) -> Iterator[KubeClient]:
    """A client with every right, and an empty namespace to use."""
    with connect(any_kubeconfig) as client:
        with contextlib.suppress(AlreadyExists):
            client.create(NAMESPACES, "", {"metadata": {"name": NAMESPACE}, "kind": "Namespace", "apiVersion": "v1"})
        for mapping in (CONFIG_MAPS, PODS):
            for item in client.list(mapping, NAMESPACE, form="metadata"):
                with contextlib.suppress(NotFound):
                    client.delete(mapping, NAMESPACE, item["metadata"]["name"], grace_period=0)
        yield client


def config_map(name: str, **data: str) -> KubeObject:
    """Return a ConfigMap."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": {"t": "1"}}, "data": data}


def test_version(client: KubeClient) -> None:
    """The server says which version it is, and answers a ping."""
    assert str(client.server_version()["gitVersion"]).startswith("v1.")
    client.ping()


def test_throttled(any_kubeconfig: Path) -> None:
    """Requests beyond the burst wait their turn."""
    clock = FixedClock(0)
    overrides = config.Overrides(kubeconfig=str(any_kubeconfig), qps=0.5, burst=2)
    with KubeClient(config.load(Environment(), overrides), clock=clock) as client:
        for _ in range(5):
            client.get(NAMESPACES, "", "default")
    assert clock.monotonic() == 6


def test_life_of_an_object(client: KubeClient) -> None:
    """An object can be created, read, replaced, listed and deleted."""
    made = client.create(CONFIG_MAPS, NAMESPACE, config_map("a", x="1"))
    assert made["metadata"]["managedFields"][0]["manager"] == "helm"
    assert client.get(CONFIG_MAPS, NAMESPACE, "a")["data"] == {"x": "1"}
    made["data"] = {"x": "ü <&> 2"}
    assert client.replace(CONFIG_MAPS, NAMESPACE, made)["data"] == {"x": "ü <&> 2"}
    found = client.list(CONFIG_MAPS, NAMESPACE, label_selector="t=1")
    assert [(item["kind"], item["metadata"]["name"]) for item in found] == [("ConfigMap", "a")]
    client.delete(CONFIG_MAPS, NAMESPACE, "a", propagation="Background")
    with pytest.raises(ObjectNotFound, match=r'^configmaps "a" not found$'):
        client.get(CONFIG_MAPS, NAMESPACE, "a")


def test_refusals(client: KubeClient) -> None:
    """Failures are told apart, and read as client-go prints them."""
    made = client.create(CONFIG_MAPS, NAMESPACE, config_map("a"))
    with pytest.raises(AlreadyExists, match=r'^configmaps "a" already exists$'):
        client.create(CONFIG_MAPS, NAMESPACE, config_map("a"))
    with pytest.raises(ObjectInvalid) as caught:
        client.create(CONFIG_MAPS, NAMESPACE, config_map("A_b"))
    assert caught.value.message.startswith('ConfigMap "A_b" is invalid: metadata.name: Invalid value: "A_b": a ')
    assert caught.value.causes[0]["field"] == "metadata.name"
    client.replace(CONFIG_MAPS, NAMESPACE, {**made, "data": {"x": "1"}})
    with pytest.raises(ObjectConflict, match="the object has been modified"):
        client.replace(CONFIG_MAPS, NAMESPACE, {**made, "data": {"x": "2"}})
    with pytest.raises(ObjectConflict, match=r"UID in (the )?precondition"):
        client.delete(CONFIG_MAPS, NAMESPACE, "a", uid="other")
    with pytest.raises(ObjectNotFound, match="the server could not find the requested resource"):
        client.request("GET", "/apis/none/v1")


def test_dry_run(client: KubeClient) -> None:
    """A dry run answers as if, and leaves nothing behind."""
    client.create(CONFIG_MAPS, NAMESPACE, config_map("a"), dry_run=True)
    assert client.list(CONFIG_MAPS, NAMESPACE, field_selector="metadata.name=a") == []


@pytest.mark.parametrize(
    ("kind", "patch", "wanted"),
    [
        ("merge", {"data": {"x": None, "y": "2"}}, {"y": "2"}),
        ("json", [{"op": "add", "path": "/data/y", "value": "2"}], {"x": "1", "y": "2"}),
        ("strategic", {"data": {"$patch": "replace", "y": "2"}}, {"y": "2"}),
        ("apply", {"apiVersion": "v1", "kind": "ConfigMap", "data": {"y": "2"}}, {"x": "1", "y": "2"}),
    ],
)
def test_patches(client: KubeClient, kind: str, patch: object, wanted: dict[str, str]) -> None:
    """All four kinds of patches reach the server as what they are."""
    client.create(CONFIG_MAPS, NAMESPACE, config_map("a", x="1"))
    assert client.patch(CONFIG_MAPS, NAMESPACE, "a", patch, patch_type=kind)["data"] == wanted


def test_apply_conflict(client: KubeClient) -> None:
    """Server-side apply creates, reports who owns a field, and takes it over when forced."""
    wanted = config_map("new", x="1")
    client.patch(CONFIG_MAPS, NAMESPACE, "new", wanted, patch_type="apply", field_manager="other")
    changed = {**wanted, "data": {"x": "2"}}
    with pytest.raises(Conflict, match='conflict with "other"'):
        client.patch(CONFIG_MAPS, NAMESPACE, "new", changed, patch_type="apply")
    forced = client.patch(CONFIG_MAPS, NAMESPACE, "new", changed, patch_type="apply", force=True)
    assert forced["data"] == {"x": "2"}


def test_pages_and_metadata(client: KubeClient) -> None:
    """Lists are read in pages without a gap, and metadata comes without the content."""
    for number in range(7):
        client.create(CONFIG_MAPS, NAMESPACE, config_map(f"p{number}", big="x" * 1000))
    paged = client.list(CONFIG_MAPS, NAMESPACE, label_selector="t=1", limit=3)
    assert [item["metadata"]["name"] for item in paged] == [f"p{number}" for number in range(7)]
    assert all("data" not in item for item in client.list(CONFIG_MAPS, NAMESPACE, form="metadata"))
    assert len(client.list(CONFIG_MAPS, NAMESPACE, label_selector="t=1", limit=0)) == 7


def test_large_answers(client: KubeClient) -> None:
    """An answer that the server compresses arrives whole."""
    text = "0123456789abcdef" * 20000
    client.create(CONFIG_MAPS, NAMESPACE, config_map("big", text=text))
    assert client.get(CONFIG_MAPS, NAMESPACE, "big")["data"]["text"] == text


def test_tables(client: KubeClient) -> None:
    """Objects come as the tables that kubectl prints."""
    client.create(CONFIG_MAPS, NAMESPACE, config_map("a", x="1"))
    table = client.get_table(CONFIG_MAPS, NAMESPACE, "a")
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Data", "Age"]
    assert table["rows"][0]["cells"][:2] == ["a", 1]
    assert client.list_table(CONFIG_MAPS, NAMESPACE, label_selector="t=1")["kind"] == "Table"


def test_discovery(client: KubeClient, any_kubeconfig: Path, tmp_path: Path) -> None:
    """Kinds are found, kept on disk for the next process, and asked for again when one is missing."""
    mapping = client.mapping("apps/v1", "Deployment")
    assert (mapping.plural, mapping.namespaced, group_resource_of(mapping)) == ("deployments", True, "deployments.apps")
    assert not client.mapping("v1", "Namespace").namespaced
    assert client.mapping_for_resource("deploy").api_version == "apps/v1"
    assert client.mapping_for_resource("ing").plural == "ingresses"
    versions = client.api_versions()
    assert {"v1", "apps/v1", "v1/Pod", "apps/v1/Deployment", "apps/v1/Scale"} <= set(versions)
    with pytest.raises(KindNotFound, match=r'^no matches for kind "Nope" in version "example.com/v1"$'):
        client.mapping("example.com/v1", "Nope")
    with connect(any_kubeconfig, tmp_path) as first:
        first.mapping("apps/v1", "Deployment")
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    with connect(any_kubeconfig, tmp_path) as second:
        crd_kind("Widget", client)
        assert wait_for_kind(second, "example.com/v1", "Widget").plural == "widgets"


def crd_kind(kind: str, client: KubeClient) -> None:
    """Define a kind."""
    plural = kind.lower() + "s"
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    body = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"kind": kind, "plural": plural},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }
    with contextlib.suppress(AlreadyExists):
        client.create(client.mapping("apiextensions.k8s.io/v1", "CustomResourceDefinition"), "", body)


def wait_for_kind(client: KubeClient, api_version: str, kind: str) -> ResourceMapping:
    """Return the mapping of a kind that is about to be served."""
    for _ in range(1000):
        with contextlib.suppress(KindNotFound):
            return client.mapping(api_version, kind)
        client.forget_discovery()
        time.sleep(0.1)
    raise AssertionError(f"{kind} is not served")


def test_identities(any_kubeconfig: Path) -> None:
    """Users without rights, impersonated users and bad tokens are told apart in client-go's words."""
    forbidden = r'^secrets is forbidden: User "bob" cannot list resource "secrets" in API group "" in the namespace'
    with connect(any_kubeconfig, as_user="bob") as bob, pytest.raises(Forbidden, match=forbidden):
        bob.list(SECRETS, "default")
    with connect(any_kubeconfig, token="wrong") as stranger:
        with pytest.raises(Unreachable, match="the server has asked for the client to provide credentials"):
            stranger.ping()
        with pytest.raises(Unauthorized):
            stranger.list(SECRETS, "default")
    flags = config.Overrides(kubeconfig=str(any_kubeconfig), as_user="bob", as_groups=("a", "system:masters"))
    with KubeClient(config.load(Environment(), flags)) as masters:
        assert masters.list(NAMESPACES)


def test_watch(client: KubeClient) -> None:
    """A watch tells what is there, then every change, and ends in time or when it is closed."""
    client.create(CONFIG_MAPS, NAMESPACE, config_map("a", x="1"))
    watch = client.watch(CONFIG_MAPS, NAMESPACE, label_selector="t=1", seconds=20)
    seen: list[tuple[str, str]] = []
    for event in watch:
        seen.append((event.type, event.object["metadata"]["name"]))
        if len(seen) == 1:
            client.patch(CONFIG_MAPS, NAMESPACE, "a", {"data": {"x": "2"}}, patch_type="merge")
        elif len(seen) == 2:
            client.delete(CONFIG_MAPS, NAMESPACE, "a")
        else:
            watch.close()
    assert seen == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]
    start = time.monotonic()
    assert list(client.watch(CONFIG_MAPS, NAMESPACE, label_selector="t=1", seconds=1)) == []
    assert time.monotonic() - start > 0.5


def test_watch_closed_by_another_thread(client: KubeClient) -> None:
    """Closing a watch ends the thread that waits for it."""
    watch = client.watch(CONFIG_MAPS, NAMESPACE, label_selector="t=1")
    ended = threading.Event()

    def wait() -> None:
        list(watch)
        ended.set()

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.5)
    watch.close()
    thread.join(5)
    assert ended.is_set()


def test_watch_survives_expiry(client: KubeClient) -> None:
    """A resource version that is too old costs nothing but a new list."""
    watch = client.watch(CONFIG_MAPS, NAMESPACE, label_selector="t=1", resource_version="1", seconds=2)
    client.create(CONFIG_MAPS, NAMESPACE, config_map("a"))
    assert ("ADDED", "a") in [(event.type, event.object["metadata"]["name"]) for event in watch]


def test_threads(client: KubeClient) -> None:
    """Many threads share one client."""
    faults: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(5):
                name = f"w{number}-{turn}"
                client.create(CONFIG_MAPS, NAMESPACE, config_map(name, x=name))
                assert client.get(CONFIG_MAPS, NAMESPACE, name)["data"]["x"] == name
                client.delete(CONFIG_MAPS, NAMESPACE, name)
        except BaseException as error:  # noqa: BLE001 - it is looked at below
            faults.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []


def test_logs_of_a_missing_pod(client: KubeClient) -> None:
    """Logs that cannot be read are an error with the server's words."""
    with pytest.raises(ObjectNotFound, match=r'^pods "none" not found$'):
        list(client.logs(NAMESPACE, "none"))
