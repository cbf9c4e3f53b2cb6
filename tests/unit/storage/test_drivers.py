"""Drivers are chosen by name, say what failed, and read no more than they must."""

from __future__ import annotations

from pathlib import Path

import pytest

from pilothouse.clock import FixedClock
from pilothouse.environment import Environment
from pilothouse.errors import Denied, Invalid, PilothouseError
from pilothouse.kube.errors import ConnectionFailed, error_for
from pilothouse.kube.resources import KubeObject
from pilothouse.objects.mapping import Mapping
from pilothouse.releases import history
from pilothouse.releases.release import Release, ReleaseInfo
from pilothouse.storage.memory import MemoryStore
from pilothouse.storage.opening import open_store
from pilothouse.storage.records import encode_packed
from pilothouse.storage.secrets import SecretStore


class Calls:
    """A cluster that records what it is asked for and answers from prepared lists."""

    def __init__(self, error: PilothouseError | None = None) -> None:
        self.calls: list[tuple[str, str]] = []
        self.objects: dict[str, KubeObject] = {}
        self.error = error

    def _note(self, verb: str, what: str) -> None:
        self.calls.append((verb, what))
        if self.error:
            raise self.error

    def get(self, mapping: Mapping, namespace: str, name: str) -> KubeObject:
        """Return an object."""
        del mapping, namespace
        self._note("get", name)
        return self.objects[name]

    def list(
        self, mapping: Mapping, namespace: str = "", *, label_selector: str = "", limit: int = 0, form: str = "object"
    ) -> list[KubeObject]:
        """Return all objects."""
        del mapping, namespace, limit
        self._note(f"list {form}", label_selector)
        return list(self.objects.values())

    def create(self, mapping: Mapping, namespace: str, object: KubeObject) -> KubeObject:  # noqa: A002
        """Keep an object."""
        del mapping, namespace
        self._note("create", object["metadata"]["name"])
        self.objects[object["metadata"]["name"]] = object
        return object

    def replace(self, mapping: Mapping, namespace: str, object: KubeObject) -> KubeObject:  # noqa: A002
        """Keep an object."""
        del mapping, namespace
        self._note("replace", object["metadata"]["name"])
        return object

    def delete(self, mapping: Mapping, namespace: str, name: str) -> None:
        """Forget nothing."""
        del mapping, namespace
        self._note("delete", name)


def release(revision: int, status: str = "superseded", name: str = "web") -> Release:
    """Return a release."""
    return Release(name=name, namespace="ns", revision=revision, info=ReleaseInfo(status=status), labels={"team": "a"})


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("", "Secret"),
        ("secrets", "Secret"),
        ("configmap", "ConfigMap"),
        ("configmaps", "ConfigMap"),
        ("memory", "Memory"),
        ("sql", "SQL"),
    ],
)
def test_names(name: str, wanted: str) -> None:
    """HELM_DRIVER chooses the driver."""
    assert open_store(name, Calls(), "ns", environment=Environment()).name == wanted


def test_other_names() -> None:
    """A driver that does not exist is refused."""
    with pytest.raises(Invalid, match=r'^unknown driver "x"$'):
        open_store("x", Calls(), "ns")


def test_stored_object() -> None:
    """A record is an object as Helm makes it: name, type, labels."""
    calls = Calls()
    SecretStore(calls, "ns", clock=FixedClock(1_700_000_000)).create(release(3, "deployed"))
    (stored,) = calls.objects.values()
    assert stored["metadata"] == {
        "name": "sh.helm.release.v1.web.v3",
        "namespace": "ns",
        "labels": {
            "createdAt": "1700000000",
            "name": "web",
            "owner": "helm",
            "status": "deployed",
            "team": "a",
            "version": "3",
        },
    }
    assert stored["type"] == "helm.sh/release.v1"
    assert list(stored["data"]) == ["release"]


def test_newest_is_read_alone() -> None:
    """The newest revision costs a look at the metadata and one record, however long the history."""
    calls = Calls()
    store = SecretStore(calls, "ns")
    for revision in range(1, 11):
        store.create(release(revision))
    calls.calls.clear()
    assert history.newest(store, "web").revision == 10
    assert calls.calls == [("list metadata", "name=web,owner=helm"), ("get", "sh.helm.release.v1.web.v10")]


def test_undecodable_records_are_passed_over() -> None:
    """A record that cannot be read hides no other: the one before counts as the newest."""
    calls = Calls()
    store = SecretStore(calls, "ns")
    for revision in (1, 2):
        store.create(release(revision))
    store.create(release(1, name="db"))
    calls.objects["sh.helm.release.v1.web.v2"]["data"]["release"] = "bm90IGEgcmVjb3Jk"
    assert history.newest(store, "web").revision == 1
    assert [(found.name, found.revision) for found in history.newest_of_each(store)] == [("db", 1), ("web", 1)]
    first = history.newest_of_each(store, count=1)
    assert [(found.name, found.revision) for found in first] == [("db", 1)]
    both = history.newest_of_each(store, count=2)
    assert [(found.name, found.revision) for found in both] == [("db", 1), ("web", 1)]
    with pytest.raises(Invalid, match=r'^get: failed to decode data "sh.helm.release.v1.web.v2": illegal base64'):
        store.get("web", 2)


def test_errors_say_what_was_done() -> None:
    """A refusal keeps its category and says which step failed, in Helm's words."""
    forbidden = error_for({"code": 403, "reason": "Forbidden", "message": "no"})
    store = SecretStore(Calls(forbidden), "ns")
    for action, message in (
        (store.list, "list: failed to list: no"),
        (lambda: store.history("web"), "query: failed to query with labels: no"),
        (lambda: store.get("web", 1), 'get: failed to get "sh.helm.release.v1.web.v1": no'),
        (lambda: store.create(release(1)), "create: failed to create: no"),
        (lambda: store.update(release(1)), "update: failed to update: no"),
    ):
        with pytest.raises(Denied) as caught:
            action()
        assert caught.value.message == message
    with pytest.raises(ConnectionFailed, match=r"^list: failed to list: EOF$"):
        SecretStore(Calls(ConnectionFailed("EOF")), "ns").list()


def test_names_that_are_no_labels() -> None:
    """A name that could break out of a selector never reaches the server."""
    calls = Calls()
    with pytest.raises(Invalid, match=r'^invalid label value: "a,b": '):
        SecretStore(calls, "ns").history("a,b")
    assert calls.calls == []


def test_memory_files(tmp_path: Path) -> None:
    """HELM_MEMORY_DRIVER_DATA fills the memory driver from lists of records."""
    path = tmp_path / "releases.yaml"
    path.write_text(
        "- name: web\n  version: 1\n  namespace: ns\n"
        "  info: {status: deployed, last_deployed: '2026-01-01T00:00:00Z'}\n"
        "  chart: {metadata: {name: c, version: 1.0.0}}\n- {name: web, version: 1, namespace: other}\n"
    )
    variables = {"HELM_MEMORY_DRIVER_DATA": f"{path}:"}
    store = open_store("memory", Calls(), "ns", environment=Environment(variables=variables))
    assert store.get("web", 1).info.status == "deployed"
    assert len(store.list(all_namespaces=True)) == 2
    path.write_text("name: web\n")
    with pytest.raises(Invalid, match=r"^unable to unmarshal memory driver data: "):
        open_store("memory", Calls(), "ns", environment=Environment(variables=variables))
    with pytest.raises(
        Invalid, match=r"^unable to read memory driver data: open /nonexistent: no such file or directory$"
    ):
        open_store(
            "memory", Calls(), "ns", environment=Environment(variables={"HELM_MEMORY_DRIVER_DATA": "/nonexistent"})
        )


def test_memory_keeps_no_system_labels() -> None:
    """Helm's own labels never become the user's."""
    store = MemoryStore("ns", [release(1).replace(labels={"team": "a", "status": "x", "modifiedAt": "1"})])
    assert store.get("web", 1).labels == {"team": "a"}
    assert encode_packed(store.get("web", 1))
