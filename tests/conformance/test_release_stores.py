"""Every driver keeps the promises of the ``ReleaseStore`` protocol."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pilothouse.charts.metadata import Metadata
from pilothouse.charts.model import Chart, ChartFile
from pilothouse.clock import FixedClock
from pilothouse.environment import Environment
from pilothouse.errors import Exists, NotFound
from pilothouse.kube import config
from pilothouse.kube.client import KubeClient
from pilothouse.kube.errors import AlreadyExists, ObjectNotFound
from pilothouse.kube.resources import CONFIG_MAPS, NAMESPACES, SECRETS, KubeObject
from pilothouse.objects import selectors
from pilothouse.objects.mapping import Mapping
from pilothouse.releases import history
from pilothouse.releases.errors import RecordTaken
from pilothouse.releases.journal import Journal, Owner
from pilothouse.releases.release import DEPLOYED, FAILED, PENDING_UPGRADE, SUPERSEDED, Hook, Release, ReleaseInfo
from pilothouse.releases.store import ReleaseStore
from pilothouse.storage.configmaps import ConfigMapStore
from pilothouse.storage.databases import Database, open_database
from pilothouse.storage.memory import MemoryStore
from pilothouse.storage.secrets import SecretStore
from pilothouse.storage.sql import MIGRATIONS, SqlStore

CHART = Chart(
    metadata=Metadata(name="web", version="1.2.3", api_version="v2", app_version="9"),
    templates=(ChartFile(name="templates/a.yaml", data=b"a: {{ .Values.x }}\n"),),
    values={"x": 1.0, "list": [1.5, "<b>", None, True], "nested": {"z": 1.0, "a": {}}},
)


def release(name: str, revision: int, status: str = DEPLOYED, *, namespace: str = "stores") -> Release:
    """Return a release with something in every field."""
    return Release(
        name=name,
        namespace=namespace,
        revision=revision,
        chart=CHART,
        config={"replicas": 2.0, "text": "für ☃"},
        info=ReleaseInfo(
            first_deployed="2026-01-01T10:00:00.5+01:00",
            last_deployed=f"2026-01-01T10:00:0{revision % 10}Z",
            status=status,
            description="done",
            notes="hello",
        ),
        manifest="---\n# Source: web/templates/a.yaml\na: 1\n",
        hooks=(
            Hook(name="h", kind="Job", path="web/templates/h.yaml", manifest="x", events=("pre-install",), weight=-5),
        ),
        labels={"team": "a"},
        apply_method="ssa",
    )


class StoredObjects:
    """Create, replace, get, list and delete as an API server does them; everything else it cannot do.

    Attributes:
        calls: Verb and form of every call, to see how much was asked for.
    """

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str, str], KubeObject] = {}
        self.calls: list[str] = []

    def get(self, mapping: Mapping, namespace: str, name: str) -> KubeObject:
        """Return one object."""
        self.calls.append("get")
        return copy.deepcopy(self._find(mapping, namespace, name))

    def list(
        self, mapping: Mapping, namespace: str = "", *, label_selector: str = "", limit: int = 0, form: str = "object"
    ) -> list[KubeObject]:
        """Return the objects that a selector chooses."""
        del limit
        self.calls.append(f"list {form}")
        wanted = selectors.parse(label_selector)
        found = []
        for (kind, where, _), item in sorted(self.objects.items()):
            if kind != mapping.kind or (namespace and where != namespace):
                continue
            if wanted.matches(item["metadata"].get("labels") or {}):
                whole = copy.deepcopy(item)
                found.append({"metadata": whole["metadata"]} if form == "metadata" else whole)
        return found

    def create(self, mapping: Mapping, namespace: str, object: KubeObject) -> KubeObject:  # noqa: A002
        """Create an object."""
        self.calls.append("create")
        key = (mapping.kind, namespace, object["metadata"]["name"])
        if key in self.objects:
            raise AlreadyExists({"message": f'{mapping.plural} "{key[2]}" already exists', "code": 409})
        self.objects[key] = copy.deepcopy(object)
        return object

    def replace(self, mapping: Mapping, namespace: str, object: KubeObject) -> KubeObject:  # noqa: A002
        """Replace an object."""
        self.calls.append("replace")
        self._find(mapping, namespace, object["metadata"]["name"])
        self.objects[mapping.kind, namespace, object["metadata"]["name"]] = copy.deepcopy(object)
        return object

    def delete(self, mapping: Mapping, namespace: str, name: str) -> None:
        """Delete an object."""
        self.calls.append("delete")
        self._find(mapping, namespace, name)
        del self.objects[mapping.kind, namespace, name]

    def _find(self, mapping: Mapping, namespace: str, name: str) -> KubeObject:
        item = self.objects.get((mapping.kind, namespace, name))
        if item is None:
            raise ObjectNotFound({"message": f'{mapping.plural} "{name}" not found', "code": 404})
        return item


Opener = Callable[[str], ReleaseStore]


def _cleared(client: KubeClient) -> None:
    """Make the namespaces and empty them."""
    for namespace in ("stores", "other"):
        with contextlib.suppress(Exists):
            client.create(NAMESPACES, "", {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": namespace}})
        for mapping in (SECRETS, CONFIG_MAPS):
            for item in client.list(mapping, namespace, label_selector="owner=helm", form="metadata"):
                client.delete(mapping, namespace, item["metadata"]["name"])


def _memory() -> Opener:
    kept: dict[str, MemoryStore] = {}

    def opened(namespace: str) -> MemoryStore:
        store = MemoryStore(namespace)
        first = kept.setdefault("first", store)
        store._kept = first._kept
        return store

    return opened


def _database(request: pytest.FixtureRequest) -> Database:
    """Return an empty database."""
    if request.param == "sqlite":
        folder: Path = request.getfixturevalue("tmp_path")
        return open_database(f"sqlite:///{folder}/releases.db", MIGRATIONS)
    database = open_database(request.getfixturevalue("postgresql"), MIGRATIONS)
    with database.transaction() as run:
        run("DELETE FROM releases_v1")
        run("DELETE FROM custom_labels_v1")
    return database


@pytest.fixture(
    params=[
        "memory",
        "secrets",
        "configmaps",
        pytest.param("live secrets", marks=pytest.mark.cluster),
        pytest.param("live configmaps", marks=pytest.mark.cluster),
        "sandbox secrets",
        "postgresql",
        "sqlite",
    ]
)
def opener(request: pytest.FixtureRequest) -> Iterator[Opener]:
    """What opens the store of a namespace."""
    if request.param in {"postgresql", "sqlite"}:
        with contextlib.closing(_database(request)) as database:
            yield lambda namespace: SqlStore(database, namespace, clock=FixedClock(1_700_000_000))
        return
    kind = SecretStore if request.param.endswith("secrets") else ConfigMapStore
    if request.param == "memory":
        yield _memory()
    elif " " in request.param:
        kubeconfig: Path = request.getfixturevalue(f"{request.param.split()[0]}_kubeconfig")
        with KubeClient(config.load(Environment(), config.Overrides(kubeconfig=str(kubeconfig)))) as client:
            _cleared(client)
            yield lambda namespace: kind(client, namespace)
    else:
        objects = StoredObjects()
        yield lambda namespace: kind(objects, namespace, clock=FixedClock(1_700_000_000))


@pytest.fixture
def store(opener: Opener) -> ReleaseStore:
    """The store of the namespace ``stores``."""
    return opener("stores")


def test_round_trip(store: ReleaseStore) -> None:
    """What was stored comes back with every field."""
    wanted = release("web", 1)
    store.create(wanted)
    found = store.get("web", 1)
    assert found.chart is not None
    assert found.chart.metadata == CHART.metadata
    assert found.chart.values == CHART.values
    assert found.chart.templates == CHART.templates
    assert found.replace(chart=None) == wanted.replace(chart=None)


def test_create_twice(store: ReleaseStore) -> None:
    """A revision cannot be created twice, and the first one stays."""
    store.create(release("web", 1))
    with pytest.raises(Exists, match=r"^release: already exists$"):
        store.create(release("web", 1, FAILED))
    assert store.get("web", 1).info.status == DEPLOYED


def under_way(token: str, *, claimed: bool = True) -> Journal:
    """Return the journal of an operation."""
    return Journal(owner=Owner(token=token, host="h", place="p", pid=7), verb="upgrade", renewed=5.0, claimed=claimed)


def test_a_journal_is_kept_until_the_operation_ends(store: ReleaseStore) -> None:
    """It is read with the record, by every way of reading, and goes with the last write; listings do not show it."""
    store.create(release("web", 1))
    store.create(release("web", 2, PENDING_UPGRADE).replace(journal=under_way("a")))
    assert store.get("web", 2).journal == under_way("a")
    assert [one.journal for one in store.history("web")] == [None, under_way("a")]
    assert store.get("web", 2).replace(chart=None, journal=None) == release("web", 2, PENDING_UPGRADE).replace(
        chart=None
    )
    store.update(release("web", 2).replace(journal=under_way("a").replace(stage=3)))
    assert history.newest(store, "web").journal == under_way("a").replace(stage=3)
    store.update(release("web", 2).replace(journal=under_way("a").close()))
    assert store.get("web", 2).journal is None
    store.delete("web", 2)
    store.create(release("web", 2))
    assert store.get("web", 2).journal is None


def test_who_lost_a_record_cannot_write_it(store: ReleaseStore) -> None:
    """Another operation took the record over, or ended it, and nothing of it changes."""
    store.create(release("web", 1, PENDING_UPGRADE).replace(journal=under_way("a")))
    store.update(release("web", 1).replace(journal=under_way("b", claimed=False)))
    with pytest.raises(RecordTaken):
        store.update(release("web", 1, FAILED).replace(journal=under_way("a").close()))
    assert store.get("web", 1).journal == under_way("b")
    store.update(release("web", 1, SUPERSEDED))
    with pytest.raises(RecordTaken):
        store.update(release("web", 1, FAILED).replace(journal=under_way("b")))
    assert store.get("web", 1).info.status == SUPERSEDED


def test_missing(store: ReleaseStore) -> None:
    """What is not stored cannot be read, replaced or removed."""
    with pytest.raises(NotFound, match=r"^release: not found$"):
        store.get("web", 1)
    with pytest.raises(NotFound, match=r"^release: not found$"):
        store.delete("web", 1)
    with pytest.raises(NotFound):
        store.update(release("web", 1))
    assert store.history("web") == []
    assert store.list() == []
    assert store.summaries(name="web") == []


def test_update(store: ReleaseStore) -> None:
    """An update replaces the record and what its labels say."""
    store.create(release("web", 1))
    store.update(release("web", 1).with_info(status=SUPERSEDED, description="old"))
    assert store.get("web", 1).info.description == "old"
    (summary,) = store.summaries(name="web")
    assert (summary.status, summary.labels["team"], summary.labels["owner"]) == (SUPERSEDED, "a", "helm")


def test_history_is_one_release(store: ReleaseStore) -> None:
    """A history holds the revisions of one release, by number and not by text."""
    for revision in (10, 9, 1, 2):
        store.create(release("web", revision, SUPERSEDED))
    store.create(release("web-2", 1))
    assert [found.revision for found in store.history("web")] == [1, 2, 9, 10]


def test_list_keeps_to_its_namespace(opener: Opener) -> None:
    """A store lists its own namespace, or all of them when asked."""
    opener("stores").create(release("web", 1))
    opener("other").create(release("web", 1, namespace="other"))
    opener("other").create(release("db", 1, namespace="other"))
    store = opener("stores")
    assert [(found.name, found.namespace) for found in store.list()] == [("web", "stores")]
    wanted = [("db", "other"), ("web", "other"), ("web", "stores")]
    everywhere = [(found.name, found.namespace) for found in store.list(all_namespaces=True)]
    assert [pair for pair in everywhere if pair in wanted] == wanted
    loaded = store.load(store.summaries(all_namespaces=True))
    assert [(found.name, found.namespace) for found in loaded] == everywhere


def test_selector(store: ReleaseStore) -> None:
    """A selector chooses by the user's labels and by Helm's own."""
    store.create(release("web", 1, SUPERSEDED))
    store.create(release("db", 1).replace(labels={"team": "b"}))
    assert [found.name for found in store.list(selector="team=a")] == ["web"]
    assert [found.name for found in store.list(selector="status in (deployed)")] == ["db"]


def test_delete(store: ReleaseStore) -> None:
    """Removing a revision returns it and leaves the others."""
    store.create(release("web", 1))
    store.create(release("web", 2))
    assert store.delete("web", 1).revision == 1
    assert [found.revision for found in store.history("web")] == [2]


def test_many_are_loaded(store: ReleaseStore) -> None:
    """More records than are read one by one are read as well."""
    for revision in range(1, 12):
        store.create(release("web", revision, DEPLOYED if revision == 11 else SUPERSEDED))
    assert [found.revision for found in store.load(store.summaries(name="web"))] == list(range(1, 12))


def test_history_limit(store: ReleaseStore) -> None:
    """Old revisions make room for the next one, but never the newest deployed one."""
    statuses = {1: SUPERSEDED, 2: DEPLOYED, 3: FAILED, 4: FAILED}
    for revision, status in statuses.items():
        store.create(release("web", revision, status))
    history.remove_all(store, history.surplus(store, "web", 0))
    assert len(store.history("web")) == 4
    history.remove_all(store, history.surplus(store, "web", 3))
    assert [found.revision for found in store.history("web")] == [2, 4]
    history.remove_all(store, history.surplus(store, "web", 1))
    assert [found.revision for found in store.history("web")] == [2]


def test_newest_and_deployed(store: ReleaseStore) -> None:
    """The newest and the deployed revisions are found."""
    for revision, status in ((1, SUPERSEDED), (2, DEPLOYED), (3, FAILED)):
        store.create(release("web", revision, status))
    assert history.newest(store, "web").revision == 3
    assert [found.revision for found in history.deployed_revisions(store, "web")] == [2]
    assert history.deployed_revisions(store, "db") == []
    with pytest.raises(NotFound, match=r"^release: not found$"):
        history.newest(store, "db")


def test_newest_of_each(store: ReleaseStore) -> None:
    """A listing shows the newest revision of each release, chosen after it was found."""
    for revision, status in ((1, DEPLOYED), (2, FAILED)):
        store.create(release("web", revision, status))
    store.create(release("db", 1))
    assert [(found.name, found.revision) for found in history.newest_of_each(store)] == [("db", 1), ("web", 2)]
    deployed = history.newest_of_each(store, wanted=lambda summary: summary.status == DEPLOYED)
    assert [found.name for found in deployed] == ["db"]
