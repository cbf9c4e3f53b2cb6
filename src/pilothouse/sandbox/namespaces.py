"""The controller of namespaces: gives new ones what every namespace has, and empties those that are deleted."""

from __future__ import annotations

import threading

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox.bootstrap import furnish_namespace
from pilothouse.sandbox.cluster import Cluster
from pilothouse.sandbox.deletion import Deletion
from pilothouse.sandbox.errors import StatusError
from pilothouse.sandbox.store import DELETED, Change
from pilothouse.sandbox.writing import Write

_PREFIX = "/namespaces//"
_MANAGER = Write(manager="kube-controller-manager")
_RETRY = 0.2


class NamespaceController:
    """Runs in a thread of its own from :meth:`start` to :meth:`stop`."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._wake = threading.Event()
        self._stopped = False
        self._fresh: set[str] = set()
        self._leaving: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="namespaces", daemon=True)
        self._cancel = cluster.store.subscribe("", None, self._note)
        for entry in cluster.store.list(_PREFIX):
            self._see(entry.object)

    def start(self) -> None:
        """Begin."""
        self._thread.start()
        self._wake.set()

    def stop(self) -> None:
        """End, and wait for it."""
        self._stopped = True
        self._cancel()
        self._wake.set()
        self._thread.join()

    def _note(self, change: Change) -> None:
        if change.entry.key.startswith(_PREFIX):
            if change.type != DELETED:
                self._see(change.entry.object)
                self._wake.set()
        elif change.type == DELETED and self._leaving:
            self._wake.set()

    def _see(self, value: YamlValue) -> None:
        name = value["metadata"]["name"]
        if "deletionTimestamp" in value["metadata"]:
            self._leaving.add(name)
        else:
            self._fresh.add(name)

    def _run(self) -> None:
        while not self._stopped:
            self._wake.wait(_RETRY if self._leaving else None)
            self._wake.clear()
            while self._fresh and not self._stopped:
                furnish_namespace(self._cluster, self._fresh.pop())
            for name in sorted(self._leaving):
                if self._empty(name):
                    self._leaving.discard(name)

    def _empty(self, name: str) -> bool:
        """Delete what is in a namespace; return whether the namespace is gone."""
        cluster = self._cluster
        remaining = 0
        for resource in cluster.registry.storages():
            if not resource.namespaced or resource.group == "events.k8s.io":
                continue
            for entry in cluster.store.list(resource.prefix_in(name)):
                metadata = entry.object["metadata"]
                gone = False
                if "deletionTimestamp" not in metadata:
                    try:
                        _, gone = cluster.delete(resource, name, metadata["name"], Deletion(propagation="Background"))
                    except StatusError:
                        gone = True
                remaining += not gone
        if remaining:
            return False
        try:
            cluster.modify(cluster.resource("", "namespaces"), "", name, _without_finalizer, _MANAGER)
        except StatusError as error:
            return error.code == 404
        return cluster.store.get(_PREFIX + name) is None


def _without_finalizer(value: YamlValue) -> None:
    value["spec"] = {}
