"""What controllers act on: the store's objects, an index of owners, the time, and a way to come back later."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeAlias

from pilothouse.clock import Clock
from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.progressing import seconds
from pilothouse.sandbox.metadata import timestamp

Object: TypeAlias = dict[str, YamlValue]
Key: TypeAlias = tuple[str, str, str]
Listener: TypeAlias = Callable[[str, str, Object, Object | None], None]

ADDED = "ADDED"
MODIFIED = "MODIFIED"
DELETED = "DELETED"


class Objects(Protocol):
    """The store as controllers see it.

    Kinds are named ``plural.group``, as in ``deployments.apps`` and ``pods``. Objects that are read are shared: they
    are not to be changed.
    """

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        """Return an object, or None."""

    def list(self, kind: str, namespace: str = "") -> Iterable[Object]:
        """Return the objects of a kind, in one namespace or in all."""

    def create(self, kind: str, value: Object, *, manager: str) -> Object | None:
        """Store a new object; return None when it exists or cannot be made."""

    def change(
        self,
        kind: str,
        key: tuple[str, str],
        alter: Callable[[Object], None],
        *,
        manager: str,
        subresource: str = "",
    ) -> Object | None:
        """Let ``alter`` change a fresh copy of an object and store it; return None when it is gone."""

    def delete(
        self, kind: str, key: tuple[str, str], *, uid: str = "", now: bool = False, propagation: str = ""
    ) -> None:
        """Delete an object, without grace when ``now``; nothing happens when it is gone."""

    def may_create(self, kind: str, namespace: str, account: str) -> bool:
        """Tell whether a service account of a namespace may create objects of a kind there."""

    def kinds(self) -> Iterable[tuple[str, str, str]]:
        """Return name, API version and kind of everything that is stored."""

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with kind, type, object and previous object of every change; return how to end that."""


class Index:
    """Where objects are by unique id and by owner, always up to date."""

    def __init__(self) -> None:
        self._places: dict[str, Key] = {}
        self._owned: dict[str, dict[str, Key]] = {}

    def note(self, kind: str, change: str, value: Object, previous: Object | None) -> None:
        """Take a change in."""
        uid = value["metadata"].get("uid", "")
        for owner in (previous or {}).get("metadata", {}).get("ownerReferences") or ():
            self._owned.get(owner.get("uid", ""), {}).pop(uid, None)
        if change == DELETED:
            self._places.pop(uid, None)
            return
        key = (kind, value["metadata"].get("namespace", ""), value["metadata"]["name"])
        self._places[uid] = key
        for owner in value["metadata"].get("ownerReferences") or ():
            self._owned.setdefault(owner.get("uid", ""), {})[uid] = key

    def place(self, uid: str) -> Key | None:
        """Return where the object with a unique id is, or None."""
        return self._places.get(uid)

    def dependents(self, uid: str) -> list[Key]:
        """Return the objects that name an owner."""
        return list(self._owned.get(uid, {}).values())

    def forget(self, uid: str) -> None:
        """Drop what is known of an owner without dependents."""
        if not self._owned.get(uid):
            self._owned.pop(uid, None)


class Marks:
    """When something was first seen: stages last some time that no stored field tells."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._times: dict[str, dict[str, float]] = {}

    def elapsed(self, uid: str, mark: str) -> float:
        """Return the seconds since this was first asked."""
        now = self._clock.monotonic()
        return now - self._times.setdefault(uid, {}).setdefault(mark, now)

    def clear(self, uid: str, mark: str) -> None:
        """Start anew."""
        self._times.get(uid, {}).pop(mark, None)

    def forget(self, uid: str) -> None:
        """Drop all marks of an object that is gone."""
        self._times.pop(uid, None)


class World:
    """What a controller is handed.

    Args:
        objects: The store.
        clock: The time.
        entropy: Random bytes, for names.
        timings: Seconds, by name (``stages/timings.json``).
        authority: The certificate, in PEM, by which pods know the API server.
    """

    def __init__(
        self,
        objects: Objects,
        clock: Clock,
        entropy: Callable[[int], bytes],
        timings: dict[str, float],
        authority: str = "",
    ) -> None:
        self.objects = objects
        self.clock = clock
        self.entropy = entropy
        self.timings = timings
        self.authority = authority
        self.index = Index()
        self.marks = Marks(clock)

    def stamp(self) -> str:
        """Return the time as objects write it."""
        return timestamp(self.clock)

    def owned(self, uid: str, kind: str) -> list[Object]:
        """Return the objects of a kind that an owner controls."""
        found = []
        for place in self.index.dependents(uid):
            value = self.objects.get(*place) if place[0] == kind else None
            if value is not None and controller_uid(value) == uid:
                found.append(value)
        return sorted(
            found, key=lambda value: (value["metadata"].get("creationTimestamp", ""), value["metadata"]["name"])
        )

    def set_status(self, kind: str, value: Object, status: Object, *, manager: str = "kube-controller-manager") -> None:
        """Store a status if it differs from what ``value`` has."""
        if value.get("status") == status:
            return

        def alter(fresh: Object) -> None:
            fresh["status"] = status

        self.objects.change(kind, key_of(value), alter, manager=manager, subresource="status")

    def drop_finalizer(self, kind: str, value: Object, name: str) -> None:
        """Let an object go as far as a finalizer held it."""

        def alter(fresh: Object) -> None:
            kept = [each for each in fresh["metadata"].get("finalizers") or () if each != name]
            fresh["metadata"]["finalizers"] = kept

        self.objects.change(kind, key_of(value), alter, manager="kube-controller-manager")


def key_of(value: Object) -> tuple[str, str]:
    """Return namespace and name."""
    return value["metadata"].get("namespace", ""), value["metadata"]["name"]


def controller_of(value: Object) -> Object | None:
    """Return the owner reference of the controller, or None."""
    for owner in value["metadata"].get("ownerReferences") or ():
        if owner.get("controller"):
            return dict(owner)
    return None


def controller_uid(value: Object) -> str:
    """Return the unique id of the controller, empty without one."""
    return str((controller_of(value) or {}).get("uid", ""))


def owner_reference(owner: Object, *, blocks: bool = True) -> Object:
    """Return the reference by which a controller owns what it makes."""
    return {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": blocks,
    }


def is_leaving(value: Object) -> bool:
    """Tell whether an object is being deleted."""
    return "deletionTimestamp" in value["metadata"]


def condition(value: Object, kind: str) -> Object | None:
    """Return a condition of an object's status, or None."""
    for each in (value.get("status") or {}).get("conditions") or ():
        if each.get("type") == kind:
            return dict(each)
    return None


def is_true(value: Object, kind: str) -> bool:
    """Tell whether a condition holds."""
    return (condition(value, kind) or {}).get("status") == "True"


def with_condition(
    conditions: Iterable[Object], kind: str, state: str, now: str, *, reason: str = "", message: str = "", **more: str
) -> list[Object]:
    """Return conditions with one set; its transition time moves only when its state does."""
    made: Object = {"type": kind, "status": state}
    if reason:
        made["reason"] = reason
    if message:
        made["message"] = message
    made["lastTransitionTime"] = now
    made.update(more)
    result = []
    for each in conditions:
        if each.get("type") != kind:
            result.append(each)
        elif each.get("status") == state:
            made["lastTransitionTime"] = each.get("lastTransitionTime", now)
    return [*result, made]


def seconds_since(text: str, now: float) -> float:
    """Return how long ago a stored time is."""
    moment = seconds(text)
    return now - moment if moment else 0.0
