"""Garbage collection: what nobody owns any longer goes; who waits for dependents waits. Go's ``garbagecollector``."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pilothouse.sandbox.lifecycle.world import DELETED, Key, Object, World, is_leaving, key_of

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"
_MANAGER = "kube-controller-manager"


class Garbage:
    """Follows owner references."""

    def __init__(self, world: World) -> None:
        self._world = world

    def related(self, kind: str, change: str, value: Object, previous: Object | None) -> Iterable[Key]:
        """Tell the dependents of what is gone, and the owners that wait for it."""
        del kind
        if change == DELETED:
            uid = value["metadata"].get("uid", "")
            yield from self._world.index.dependents(uid)
            self._world.index.forget(uid)
        references = [*(value["metadata"].get("ownerReferences") or ())]
        if previous is not None:
            references += previous["metadata"].get("ownerReferences") or ()
        for owner in references:
            place = self._world.index.place(owner.get("uid", ""))
            if place is not None:
                yield place

    def reconcile(self, value: Object) -> float | None:
        """Let an object go that must, or its dependents first."""
        kind_key = self._world.index.place(value["metadata"].get("uid", ""))
        if kind_key is None:
            return None
        if is_leaving(value):
            finalizers = value["metadata"].get("finalizers") or ()
            if ORPHAN in finalizers:
                self._orphan(kind_key, value)
            elif FOREGROUND in finalizers:
                self._foreground(kind_key, value)
            return None
        return self._collect(kind_key, value)

    def _collect(self, key: Key, value: Object) -> float | None:
        """Delete an object whose owners are all gone."""
        world, owners = self._world, value["metadata"].get("ownerReferences") or ()
        gone = [owner for owner in owners if world.index.place(owner.get("uid", "")) is None]
        if not gone:
            return None
        uid = value["metadata"]["uid"]
        if len(gone) < len(owners):
            self._disown(key, {owner.get("uid") for owner in gone})
            return None
        world.objects.delete(key[0], key_of(value), uid=uid, propagation="Background")
        return None

    def _disown(self, key: Key, gone: Collection[str]) -> None:
        """Take references to owners out of an object."""

        def release(fresh: Object) -> None:
            kept = [each for each in fresh["metadata"].get("ownerReferences") or () if each.get("uid") not in gone]
            fresh["metadata"]["ownerReferences"] = kept

        self._world.objects.change(key[0], key[1:], release, manager=_MANAGER)

    def _orphan(self, key: Key, value: Object) -> None:
        uid = value["metadata"]["uid"]
        for place in self._world.index.dependents(uid):
            self._disown(place, {uid})
        self._world.drop_finalizer(key[0], value, ORPHAN)

    def _foreground(self, key: Key, value: Object) -> None:
        world, uid = self._world, value["metadata"]["uid"]
        blocking = 0
        for place in world.index.dependents(uid):
            dependent = world.objects.get(*place)
            if dependent is None:
                continue
            references = dependent["metadata"].get("ownerReferences") or ()
            others = [each for each in references if each.get("uid") != uid and world.index.place(each.get("uid", ""))]
            if others:
                continue
            blocking += any(each.get("uid") == uid and each.get("blockOwnerDeletion") for each in references)
            if not is_leaving(dependent):
                world.objects.delete(place[0], place[1:], uid=dependent["metadata"]["uid"], propagation="Foreground")
        left = [place for place in world.index.dependents(uid) if world.objects.get(*place) is not None]
        if not left or not blocking:
            world.drop_finalizer(key[0], value, FOREGROUND)
