"""Watches as clients see them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox.errors import StatusError
from pilothouse.sandbox.requests import Request, Stream

MAPS = "/api/v1/namespaces/default/configmaps"
MERGE = "application/merge-patch+json"


def config(name: str, **labels: str) -> YamlValue:
    """Return a config map with labels."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "labels": labels}}


def watch(client: Any, query: str, act: Callable[[], None], count: int, accept: str = "") -> list[YamlValue]:
    """Return the first events of a watch, ``act`` being done once it is open."""

    async def run() -> list[YamlValue]:
        headers = {"authorization": "Bearer admin", "accept": accept}
        answer = client.server.answer(Request("GET", MAPS, f"watch=true&{query}", headers))
        assert isinstance(answer, Stream), answer.body
        lines: list[bytes] = []
        started = False
        async for piece in answer.pieces:
            lines += piece.splitlines()
            if not started:
                started = True
                act()
            if len(lines) >= count:
                break
        client.server.watchers.close()
        return [orjson.loads(line) for line in lines]

    return asyncio.run(asyncio.wait_for(run(), 10))


def brief(events: list[YamlValue]) -> list[tuple[str, str]]:
    """Return type and name of each event."""
    return [(event["type"], event["object"]["metadata"].get("name", "")) for event in events]


def test_what_is_there_comes_first(client: Any) -> None:
    """Without a revision a watch begins with all objects, then tells what happens."""
    client.ok("POST", MAPS, config("a"))

    def act() -> None:
        client.ok("POST", MAPS, config("b"))
        client.ok("DELETE", f"{MAPS}/a")

    assert brief(watch(client, "", act, 3)) == [("ADDED", "a"), ("ADDED", "b"), ("DELETED", "a")]


def test_a_revision_continues_a_list(client: Any) -> None:
    """A watch from a list's revision tells exactly what the list did not."""
    client.ok("POST", MAPS, config("a"))
    revision = client.ok("GET", MAPS)["metadata"]["resourceVersion"]
    client.ok("POST", MAPS, config("b"))

    def act() -> None:
        client.ok("PATCH", f"{MAPS}/a", {"data": {"x": "1"}}, kind=MERGE)

    assert brief(watch(client, f"resourceVersion={revision}", act, 2)) == [("ADDED", "b"), ("MODIFIED", "a")]


def test_a_selection_is_entered_and_left(client: Any) -> None:
    """To who watches a selection, an object that comes to fit is added, one that ceases to is deleted."""
    client.ok("POST", MAPS, config("a", app="x"))
    revision = client.ok("GET", MAPS)["metadata"]["resourceVersion"]

    def act() -> None:
        client.ok("PATCH", f"{MAPS}/a", {"metadata": {"labels": {"app": "y"}}}, kind=MERGE)
        client.ok("PATCH", f"{MAPS}/a", {"metadata": {"labels": {"app": "x"}}}, kind=MERGE)

    events = watch(client, f"labelSelector=app%3Dx&resourceVersion={revision}", act, 2)
    assert brief(events) == [("DELETED", "a"), ("ADDED", "a")]
    assert events[0]["object"]["metadata"]["labels"] == {"app": "x"}
    assert int(events[0]["object"]["metadata"]["resourceVersion"]) > int(revision)


def test_the_end_of_the_beginning_is_marked(client: Any) -> None:
    """With ``sendInitialEvents`` a bookmark says that everything was sent."""
    client.ok("POST", MAPS, config("a"))
    query = "sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan"
    events = watch(client, query, lambda: None, 2)
    assert [event["type"] for event in events] == ["ADDED", "BOOKMARK"]
    metadata = events[1]["object"]["metadata"]
    assert metadata["annotations"] == {"k8s.io/initial-events-end": "true"}
    assert metadata["resourceVersion"] == str(client.server.cluster.store.revision)


def test_tables_name_their_columns_once(client: Any) -> None:
    """A watch of tables gives the columns with the first row alone."""
    client.ok("POST", MAPS, config("a"))
    accept = "application/json;as=Table;v=v1;g=meta.k8s.io"
    events = watch(client, "", lambda: client.ok("POST", MAPS, config("b")), 2, accept)
    assert events[0]["object"]["columnDefinitions"]
    assert events[1]["object"]["columnDefinitions"] is None
    assert events[1]["object"]["rows"][0]["cells"][0] == "b"


@pytest.mark.parametrize(("asked", "code"), [("1", 410), ("999999", 504), ("x", 400)])
def test_impossible_revisions_are_refused(client: Any, asked: str, code: int) -> None:
    """A revision that is forgotten, to come or no number cannot be watched from."""
    store = client.server.cluster.store
    store.compact(store.revision)
    request = Request("GET", MAPS, f"watch=true&resourceVersion={asked}", {})
    resource = client.server.cluster.resource("", "configmaps")

    async def run() -> None:
        with pytest.raises(StatusError) as refused:
            client.server.watchers.open(request, resource, None)
        assert refused.value.code == code

    asyncio.run(run())
