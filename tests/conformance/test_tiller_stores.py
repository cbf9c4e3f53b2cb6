"""What Tiller's actions expect of a store, for every driver."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("google.protobuf")

from pilothouse.assembly import Assembly
from pilothouse.environment import Environment
from pilothouse.errors import Exists, Invalid, NotFound
from pilothouse.hapi.convert import TillerRelease, release_from, release_message
from pilothouse.hapi.messages import ReleaseMessage, serialize
from pilothouse.kube.resources import NAMESPACES
from pilothouse.storage.tiller_records import encode
from postgresql_server import dump_of_tables, fresh_database

#: Opens the same store once more.
Opener = Callable[[], Any]


def release(name: str, revision: int, status: int = 1, namespace: str = "") -> TillerRelease:
    """Return a release."""
    wire = ReleaseMessage(name=name, version=revision, namespace=namespace or NAMESPACE, manifest="a: 1\n")
    wire.info.status.code = status
    wire.info.Description = "said"
    wire.chart.metadata.name, wire.chart.metadata.version = "demo", "0.1.0"
    wire.chart.metadata.apiVersion = "v1"
    wire.chart.values.raw = wire.config.raw = "a: b\n"
    return release_from(wire)


#: Clients of Helm 2 cannot tell releases of one name apart, so it is a name that no other test has.
WEB = f"web-{uuid.uuid4().hex[:8]}"
NAMESPACE = f"stores-{uuid.uuid4().hex[:8]}"


@pytest.fixture(params=["memory", "configmap", "secret", "secret-v3", "sqlite", "postgresql"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opener]:
    """What opens an empty store."""
    if request.param in ("sqlite", "postgresql"):
        with contextlib.ExitStack() as stack:
            url = f"sqlite:///{tmp_path}/releases.db"
            if request.param == "postgresql":
                url = stack.enter_context(fresh_database(request.getfixturevalue("postgresql")))
            opened: list[Any] = []

            def opening() -> Any:
                store: Any = Assembly(Environment()).tiller_store("sql", "", url)
                opened.append(store)
                return store

            yield opening
            for store in opened:
                store._database.close()
        return
    if request.param == "memory":
        kept = Assembly(Environment()).tiller_store("memory", "")
        yield lambda: kept
        return
    kubeconfig = request.getfixturevalue("sandbox_kubeconfig")
    assembly = Assembly(Environment(variables={"HOME": str(tmp_path), "KUBECONFIG": str(kubeconfig)}))
    with assembly.client() as client:
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
        with contextlib.suppress(Exists):
            client.create(NAMESPACES, "", namespace)
        store = assembly.tiller_store(request.param, NAMESPACE)
        yield lambda: assembly.tiller_store(request.param, NAMESPACE)
        for one in store.list():
            if one.namespace == NAMESPACE:
                store.delete(one.name, one.revision)


def test_round_trip(opener: Opener) -> None:
    """What was stored is read by another store of the same place, with the same message."""
    opener().create(release(WEB, 1))
    found = opener().get(WEB, 1)
    assert serialize(release_message(found)) == serialize(release_message(release(WEB, 1)))


def test_a_revision_is_made_once(opener: Opener) -> None:
    """The second one of the same number is refused, whoever makes it."""
    opener().create(release(WEB, 1))
    with pytest.raises(Exists, match="already exists"):
        opener().create(release(WEB, 1))


def test_updates_replace(opener: Opener) -> None:
    """A known revision changes; an unknown one does not come to be."""
    store = opener()
    store.create(release(WEB, 1))
    store.update(release(WEB, 1, status=3))
    assert store.get(WEB, 1).info.status == "superseded"
    with pytest.raises(NotFound):
        store.update(release(WEB, 2))


def test_revisions_are_chosen_by_name_and_status(opener: Opener) -> None:
    """Names are whole names, and a query without an answer is an error."""
    store = opener()
    for one in (release(WEB, 1, status=3), release(WEB, 2), release(f"{WEB}2", 1)):
        store.create(one)
    assert sorted(one.revision for one in store.query(WEB)) == [1, 2]
    assert [one.revision for one in store.query(WEB, status="deployed")] == [2]
    with pytest.raises(NotFound, match='release: "we" not found'):
        store.query("we")
    mine = [one for one in store.list() if one.namespace == NAMESPACE]
    assert [(one.name, one.revision) for one in mine] == [(WEB, 1), (WEB, 2), (f"{WEB}2", 1)]


def test_deleted_ones_are_gone(opener: Opener) -> None:
    """A deletion returns what was there and leaves the others."""
    store = opener()
    store.create(release(WEB, 1))
    store.create(release(WEB, 2))
    assert store.delete(WEB, 1).revision == 1
    with pytest.raises(NotFound, match=rf'release: "{WEB}.v1" not found'):
        store.get(WEB, 1)
    with pytest.raises(NotFound):
        store.delete(WEB, 1)
    assert store.get(WEB, 2).revision == 2


def test_what_is_being_made_is_marked_until_it_is_made(opener: Opener) -> None:
    """Who makes a revision is known to every other Tiller, until it is made, removed or written by somebody else."""
    store, other = opener(), opener()
    if store.name == "Memory":
        assert store.unfinished() == []
        return
    store.mark = '{"token": "mine"}'
    store.create(release(WEB, 1))
    store.create(release(WEB, 2, status=6))
    store.create(release(f"{WEB}2", 1, status=7))

    def marked() -> list[tuple[str, int, str]]:
        mine = [(one, mark) for one, mark in other.unfinished() if one.namespace == NAMESPACE and mark]
        return sorted((one.name, one.revision, mark) for one, mark in mine)

    assert marked() == [(WEB, 2, store.mark), (f"{WEB}2", 1, store.mark)]
    assert (other.get(WEB, 2).info.status, len(other.query(WEB))) == ("pending-install", 2)
    store.update(release(WEB, 2))
    other.update(release(f"{WEB}2", 1, status=8))
    assert marked() == []
    store.update(release(WEB, 2, status=8))
    assert marked() == [(WEB, 2, store.mark)]
    store.delete(WEB, 2)
    other.create(release(WEB, 2, status=6))
    assert marked() == []


def test_only_what_is_seen_has_a_name(sandbox_kubeconfig: Path, tmp_path: Path) -> None:
    """With records of Helm 3, a release of others neither takes a name from somebody nor is it told of."""
    assembly = Assembly(Environment(variables={"HOME": str(tmp_path), "KUBECONFIG": str(sandbox_kubeconfig)}))
    mark = uuid.uuid4().hex[:8]
    name, places = f"twin-{mark}", (f"a-{mark}", f"b-{mark}")
    with assembly.client() as client:
        store: Any = assembly.tiller_store("secret-v3", "")
        for place in places:
            client.create(NAMESPACES, "", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": place}})
            store.create(release(name, 1, namespace=place))
        with pytest.raises(Invalid, match=f"namespaces {places[0]}, {places[1]}"):
            store.query(name)
        seen = store.seen_by(lambda one: one.namespace == places[1])
        assert [one.namespace for one in seen.query(name)] == [places[1]]
        assert seen.get(name, 1).namespace == places[1]
        with pytest.raises(NotFound):
            store.seen_by(lambda _one: False).query(name)


def test_a_mark_is_of_one_record(tmp_path: Path) -> None:
    """A row that another program wrote over a marked one is that program's."""
    store: Any = Assembly(Environment()).tiller_store("sql", "", f"sqlite:///{tmp_path}/releases.db")
    store.mark = "mine"
    store.create(release(WEB, 1, status=6))
    assert [mark for _, mark in store.unfinished()] == ["mine"]
    with store._database.transaction() as run:
        run("UPDATE releases SET body = ? WHERE name = ?", encode(release(WEB, 1, status=7)), WEB)
    assert store.unfinished() == []
    store._database.close()


def test_postgresql_has_the_table_of_2_17(postgresql: str) -> None:
    """Columns, keys, indexes and the bookkeeping of migrations are those of Helm 2's driver."""
    with fresh_database(postgresql) as url:
        store: Any = Assembly(Environment()).tiller_store("sql", "", url)
        store.create(release(WEB, 1))
        dumped = dump_of_tables(url)
        store._database.close()
    for text in (
        "key character varying(67) NOT NULL",
        "body text NOT NULL",
        "name character varying(64) NOT NULL",
        "version integer NOT NULL",
        "status text NOT NULL",
        "owner text NOT NULL",
        "created_at integer NOT NULL",
        "modified_at integer DEFAULT 0 NOT NULL",
        "PRIMARY KEY (key)",
        "('init',)",
    ):
        assert text in dumped
