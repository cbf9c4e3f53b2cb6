"""A cluster in memory whose time passes as fast as it can: what the tests of lifecycles act on."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable

from pilothouse.clock import FixedClock
from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.copying import deep_copy
from pilothouse.sandbox.lifecycle.engine import Engine
from pilothouse.sandbox.lifecycle.world import ADDED, DELETED, MODIFIED, Listener, Object

KINDS = {
    "pods": ("v1", "Pod"),
    "services": ("v1", "Service"),
    "endpoints": ("v1", "Endpoints"),
    "events": ("v1", "Event"),
    "nodes": ("v1", "Node"),
    "namespaces": ("v1", "Namespace"),
    "configmaps": ("v1", "ConfigMap"),
    "secrets": ("v1", "Secret"),
    "serviceaccounts": ("v1", "ServiceAccount"),
    "persistentvolumes": ("v1", "PersistentVolume"),
    "persistentvolumeclaims": ("v1", "PersistentVolumeClaim"),
    "replicationcontrollers": ("v1", "ReplicationController"),
    "deployments.apps": ("apps/v1", "Deployment"),
    "replicasets.apps": ("apps/v1", "ReplicaSet"),
    "statefulsets.apps": ("apps/v1", "StatefulSet"),
    "daemonsets.apps": ("apps/v1", "DaemonSet"),
    "controllerrevisions.apps": ("apps/v1", "ControllerRevision"),
    "jobs.batch": ("batch/v1", "Job"),
    "cronjobs.batch": ("batch/v1", "CronJob"),
    "storageclasses.storage.k8s.io": ("storage.k8s.io/v1", "StorageClass"),
    "leases.coordination.k8s.io": ("coordination.k8s.io/v1", "Lease"),
    "endpointslices.discovery.k8s.io": ("discovery.k8s.io/v1", "EndpointSlice"),
    "ingresses.networking.k8s.io": ("networking.k8s.io/v1", "Ingress"),
    "poddisruptionbudgets.policy": ("policy/v1", "PodDisruptionBudget"),
    "horizontalpodautoscalers.autoscaling": ("autoscaling/v2", "HorizontalPodAutoscaler"),
}
_FINALIZERS = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}


class FakeObjects:
    """Objects in memory, with unique ids, generations, graceful deletion of pods and finalizers."""

    def __init__(self, stamp: Callable[[], str]) -> None:
        self._stamp = stamp
        self._serial = 0
        self._objects: dict[tuple[str, str, str], Object] = {}
        self._listeners: list[Listener] = []
        self.rights: set[tuple[str, str, str]] = set()

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        """Return an object, or None."""
        return self._objects.get((kind, namespace, name))

    def list(self, kind: str, namespace: str = "") -> list[Object]:
        """Return the objects of a kind."""
        return [value for key, value in self._objects.items() if key[0] == kind and namespace in ("", key[1])]

    def create(self, kind: str, value: Object, *, manager: str = "") -> Object | None:
        """Store a new object."""
        del manager
        made: Object = deep_copy(value)
        metadata = made.setdefault("metadata", {})
        made["apiVersion"], made["kind"] = KINDS[kind]
        key = (kind, metadata.get("namespace", ""), metadata["name"])
        if key in self._objects:
            return None
        self._serial += 1
        metadata.update(uid=f"uid-{self._serial}", creationTimestamp=self._stamp(), generation=1)
        return self._store(key, ADDED, made)

    def _store(self, key: tuple[str, str, str], change: str, value: Object) -> Object:
        previous = self._objects.get(key)
        if change == DELETED:
            del self._objects[key]
        else:
            self._objects[key] = value
        for listener in self._listeners:
            listener(key[0], change, value, previous)
        return value

    def change(
        self,
        kind: str,
        key: tuple[str, str],
        alter: Callable[[Object], None],
        *,
        manager: str = "",
        subresource: str = "",
    ) -> Object | None:
        """Change an object."""
        del manager, subresource
        place = (kind, *key)
        previous = self._objects.get(place)
        if previous is None:
            return None
        value: Object = deep_copy(previous)
        alter(value)
        if value == previous:
            return value
        if value.get("spec") != previous.get("spec"):
            value["metadata"]["generation"] += 1
        metadata = value["metadata"]
        if "deletionTimestamp" in metadata and not metadata.get("finalizers") and kind != "pods":
            return self._store(place, DELETED, value)
        return self._store(place, MODIFIED, value)

    def delete(
        self, kind: str, key: tuple[str, str], *, uid: str = "", now: bool = False, propagation: str = ""
    ) -> None:
        """Delete an object, later when it has finalizers or is a pod that runs."""
        place = (kind, *key)
        value = self._objects.get(place)
        if value is None or uid not in ("", value["metadata"]["uid"]):
            return
        made: Object = deep_copy(value)
        if propagation in _FINALIZERS:
            made["metadata"].setdefault("finalizers", []).append(_FINALIZERS[propagation])
        runs = kind == "pods" and made["spec"].get("nodeName") and not now
        if not runs and not made["metadata"].get("finalizers"):
            self._store(place, DELETED, made)
        elif "deletionTimestamp" not in made["metadata"]:
            made["metadata"]["deletionTimestamp"] = self._stamp()
            self._store(place, MODIFIED, made)

    def may_create(self, kind: str, namespace: str, account: str) -> bool:
        """Tell whether a service account may create objects of a kind."""
        return (kind, namespace, account) in self.rights

    def kinds(self) -> Iterable[tuple[str, str, str]]:
        """Return what there is."""
        return [(name, version, kind) for name, (version, kind) in KINDS.items()]

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Tell every change."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def names(self, kind: str) -> YamlValue:
        """Return the names of all objects of a kind."""
        return sorted(value["metadata"]["name"] for value in self.list(kind))


START = 1_700_000_000.0


class Simulation:
    """A cluster whose time passes as fast as it can."""

    def __init__(self) -> None:
        self.clock = FixedClock(START)
        self.objects = FakeObjects(self.stamp)
        self._count = 0
        self.engine = self.begin()

    def stamp(self) -> str:
        """Return the time."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.clock.now()))

    def entropy(self, size: int) -> bytes:
        """Return bytes that differ each time and are the same in every run."""
        self._count += 1
        return hashlib.sha256(str(self._count).encode()).digest()[:size]

    def begin(self) -> Engine:
        """Start an engine."""
        engine = Engine(self.objects, self.clock, self.entropy)
        engine.attach()
        return engine

    def add(self, kind: str, name: str, **parts: YamlValue) -> Object:
        """Create an object."""
        metadata = {"name": name, "namespace": "n", **parts.pop("metadata", {})}
        made = self.objects.create(kind, {"metadata": metadata, **parts})
        assert made is not None
        return made

    def at(self, kind: str, name: str) -> Object:
        """Return an object."""
        found = self.objects.get(kind, "n", name)
        assert found is not None
        return found

    def run(self, seconds: float = 60.0) -> None:
        """Let time pass."""
        self.engine.settle(seconds)

    def edit(self, kind: str, name: str, **spec: YamlValue) -> None:
        """Change an object's spec."""

        def alter(value: Object) -> None:
            value["spec"].update(spec)

        self.objects.change(kind, ("n", name), alter)
