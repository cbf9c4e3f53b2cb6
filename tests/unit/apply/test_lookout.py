"""A lookout believes watches while they speak, and asks where they do not."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from typing import Any

import pytest

from pilothouse.apply.lookout import CHECK_EVERY, Lookout, looking_out
from pilothouse.clock import Clock, FixedClock
from pilothouse.errors import PilothouseError
from pilothouse.kube.errors import Forbidden, ObjectNotFound
from pilothouse.plan.resources import Resource
from pilothouse.records import Record

Object = dict[str, Any]


class Kind(Record):
    """How objects of one kind are addressed."""

    group: str = "apps"
    version: str = "v1"
    kind: str = "Deployment"
    plural: str = "deployments"
    namespaced: bool = True


class Told(Record):
    """A change."""

    type: str
    object: Object


class Changes:
    """Changes that a test tells; an error ends them."""

    def __init__(self) -> None:
        self.told: queue.Queue[Told | PilothouseError | None] = queue.Queue()
        self.closed = False

    def __iter__(self) -> Iterator[Told]:
        while (change := self.told.get(timeout=20)) is not None:
            if isinstance(change, PilothouseError):
                raise change
            yield change

    def close(self) -> None:
        """End them."""
        self.closed = True
        self.told.put(None)


class Cluster:
    """Objects by name, the requests for them, and the changes of each watch that was begun."""

    def __init__(self) -> None:
        self.objects = {name: item(name, "old") for name in "ab"}
        self.asked: list[str] = []
        self.watches: dict[str, Changes] = {}

    def get(self, _mapping: Any, _namespace: str, name: str) -> Object:
        """Return an object."""
        self.asked.append(name)
        if name not in self.objects:
            raise ObjectNotFound({"code": 404, "message": "not found"})
        return self.objects[name]

    def watch(self, _mapping: Any, _namespace: str, *, field_selector: str) -> Changes:
        """Begin to tell."""
        return self.watches.setdefault(field_selector, Changes())


def item(name: str, state: str) -> Object:
    """Return an object."""
    return {"metadata": {"name": name}, "status": state}


def resources(names: str) -> list[Resource]:
    """Return addresses of objects."""
    return [Resource(mapping=Kind(), namespace="ns", name=name, object={}) for name in names]


def states(lookout: Lookout, wanted: list[Resource]) -> list[Any]:
    """Return how objects are."""
    return [one["status"] if isinstance(one, dict) else one for one in lookout.look(wanted)]


def until(lookout: Lookout, wanted: list[Resource], expected: list[Any]) -> None:
    """Wait until objects are as expected."""
    for _ in range(200):
        if states(lookout, wanted) == expected:
            return
        lookout.wait(wanted, 0.1)
    assert states(lookout, wanted) == expected


def test_changes_are_believed() -> None:
    """Objects that a watch spoke of are not asked for; others are, until it speaks of them."""
    cluster, wanted = Cluster(), resources("ab")
    with looking_out(cluster, Clock(), wanted) as lookout:  # type: ignore[arg-type]
        assert states(lookout, wanted) == ["old", "old"]
        assert cluster.watches == {}
        lookout.wait(wanted[:1], 0.0)
        changes = cluster.watches[""]  # two of a kind: the collection
        changes.told.put(Told(type="ADDED", object=item("a", "new")))
        changes.told.put(Told(type="ADDED", object=item("somebody else's", "new")))
        until(lookout, wanted, ["new", "old"])
        assert lookout.sees(wanted[0])
        assert not lookout.sees(wanted[1])
        cluster.asked.clear()
        states(lookout, wanted)
        assert cluster.asked == ["b"]
        changes.told.put(Told(type="DELETED", object=item("a", "new")))
        changes.told.put(Told(type="MODIFIED", object=item("b", "newer")))
        until(lookout, wanted, [None, "newer"])
    assert changes.closed


@pytest.mark.parametrize(
    "end", [Forbidden({"code": 403, "message": "no"}), None], ids=["the watch is forbidden", "the watch ends"]
)
def test_without_a_watch_objects_are_asked_for(end: PilothouseError | None) -> None:
    """When a watch ends, what it said is forgotten and objects are asked for."""
    cluster, wanted = Cluster(), resources("a")
    with looking_out(cluster, Clock(), wanted) as lookout:  # type: ignore[arg-type]
        lookout.wait(wanted, 0.0)
        changes = cluster.watches["metadata.name=a"]
        changes.told.put(Told(type="ADDED", object=item("a", "new")))
        until(lookout, wanted, ["new"])
        changes.told.put(end)
        until(lookout, wanted, ["old"])
        assert not lookout.sees(wanted[0])
        assert len(cluster.watches) == 1


def test_a_watch_that_is_held_up() -> None:
    """Now and then, and in the end, the objects themselves are looked at, and what was found there stays."""
    cluster, wanted, clock = Cluster(), resources("a"), FixedClock(0)
    with looking_out(cluster, clock, wanted) as lookout:  # type: ignore[arg-type]
        states(lookout, wanted)
        lookout.wait(wanted, 0.0)
        told = cluster.watches["metadata.name=a"].told
        told.put(Told(type="ADDED", object=item("a", "new")))
        while not lookout.sees(wanted[0]):
            Clock().sleep(0.01)
        cluster.objects["a"] = item("a", "ready")
        assert states(lookout, wanted) == ["new"]
        assert lookout.look(wanted, closely=True) == [item("a", "ready")]
        assert states(lookout, wanted) == ["ready"]
        cluster.objects.clear()
        assert states(lookout, wanted) == ["ready"]
        clock.sleep(CHECK_EVERY)
        assert states(lookout, wanted) == [None]
