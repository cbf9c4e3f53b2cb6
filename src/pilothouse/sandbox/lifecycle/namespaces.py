"""Namespaces: what every one holds from the start, and how it is emptied in the end. Go's ``controller/namespace``."""

from __future__ import annotations

from collections.abc import Iterable

from pilothouse.sandbox.lifecycle.world import DELETED, Key, Object, World, is_leaving, key_of

_FINALIZER = "kubernetes"
_AUTHORITY = "kube-root-ca.crt"
_MANAGER = "kube-controller-manager"
_DESCRIPTION = (
    "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the"
    " internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes"
    " clusters."
)


class Namespaces:
    """Fills and empties namespaces."""

    def __init__(self, world: World) -> None:
        self._world = world

    def related(self, kind: str, change: str, value: Object, previous: Object | None) -> Iterable[Key]:
        """Tell the namespace that lost something it had from the start or that it waits for."""
        del kind, previous
        if change == DELETED and value["metadata"].get("namespace"):
            yield "namespaces", "", value["metadata"]["namespace"]

    def reconcile(self, namespace: Object) -> float | None:
        """Fill a namespace, or empty it."""
        if is_leaving(namespace):
            return self._empty(namespace)
        name = namespace["metadata"]["name"]
        world = self._world
        if world.objects.get("serviceaccounts", name, "default") is None:
            account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}}
            world.objects.create("serviceaccounts", account, manager=_MANAGER)
        self._publish_authority(name)
        return None

    def _publish_authority(self, namespace: str) -> None:
        """Let pods know the API server's certificate. Go's ``rootcacertpublisher``."""
        world, data = self._world, {"ca.crt": self._world.authority}
        found = world.objects.get("configmaps", namespace, _AUTHORITY)
        if found is None:
            metadata = {
                "name": _AUTHORITY,
                "namespace": namespace,
                "annotations": {"kubernetes.io/description": _DESCRIPTION},
            }
            value = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}
            world.objects.create("configmaps", value, manager=_MANAGER)
        elif found.get("data") != data:

            def renew(value: Object) -> None:
                value["data"] = data

            world.objects.change("configmaps", (namespace, _AUTHORITY), renew, manager=_MANAGER)

    def _empty(self, namespace: Object) -> float | None:
        world, name = self._world, namespace["metadata"]["name"]
        left = 0
        for kind, _, _ in list(world.objects.kinds()):
            for value in list(world.objects.list(kind, name)):
                if value["metadata"].get("namespace") != name:
                    continue
                left += 1
                if not is_leaving(value):
                    world.objects.delete(kind, key_of(value), uid=value["metadata"]["uid"], propagation="Background")
        if left:
            return 0.1

        def finalize(value: Object) -> None:
            kept = [each for each in (value.get("spec") or {}).get("finalizers") or () if each != _FINALIZER]
            value.setdefault("spec", {})["finalizers"] = kept

        if _FINALIZER in ((namespace.get("spec") or {}).get("finalizers") or ()):
            world.objects.change("namespaces", ("", name), finalize, manager=_MANAGER, subresource="finalize")
        return None
