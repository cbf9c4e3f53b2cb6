"""Claims and volumes: claims are bound to a volume that is there or made for them. Go's ``controller/volume``."""

from __future__ import annotations

from collections.abc import Iterable

from pilothouse.objects.errors import QuantityError
from pilothouse.objects.quantities import Quantity, parse
from pilothouse.objects.selectors import EVERYTHING
from pilothouse.sandbox.lifecycle.events import Recorder
from pilothouse.sandbox.lifecycle.podrefs import claims_of
from pilothouse.sandbox.lifecycle.workloads import has_ended, selector_of
from pilothouse.sandbox.lifecycle.world import Key, Object, World, is_leaving, key_of

CLAIMS, VOLUMES, CLASSES = "persistentvolumeclaims", "persistentvolumes", "storageclasses.storage.k8s.io"
PROVISIONER = "sandbox.pilothouse.dev/hostpath"
_PROTECTIONS = {CLAIMS: "kubernetes.io/pvc-protection", VOLUMES: "kubernetes.io/pv-protection"}
_BIND_DONE, _BOUND_BY = "pv.kubernetes.io/bind-completed", "pv.kubernetes.io/bound-by-controller"
_COMPONENT = "persistentvolume-controller"
_MANAGER = "kube-controller-manager"


def _size(value: Object) -> Quantity:
    try:
        return parse(value.get("storage", "0"))
    except QuantityError:
        return Quantity(0)


class Claims:
    """Binds claims, makes volumes, frees them again."""

    def __init__(self, world: World, events: Recorder) -> None:
        self._world = world
        self._events = events

    def related(self, kind: str, change: str, value: Object, previous: Object | None) -> Iterable[Key]:
        """Tell the claims that a pod or volume concerns."""
        del change, previous
        if kind == "pods":
            namespace = value["metadata"].get("namespace", "")
            yield from ((CLAIMS, namespace, name) for name in claims_of(value))
        elif kind == CLAIMS and value["spec"].get("volumeName"):
            yield VOLUMES, "", value["spec"]["volumeName"]
        elif kind == VOLUMES:
            claim = value["spec"].get("claimRef")
            if claim:
                yield CLAIMS, claim.get("namespace", ""), claim.get("name", "")
            else:
                for each in self._world.objects.list(CLAIMS):
                    if not each["spec"].get("volumeName"):
                        yield (CLAIMS, *key_of(each))

    def reconcile(self, value: Object) -> float | None:
        """Bring a claim or a volume on."""
        return self._volume(value) if value["kind"] == "PersistentVolume" else self._claim(value)

    def _users(self, claim: Object) -> list[Object]:
        namespace, name = key_of(claim)
        return [pod for pod in self._world.objects.list("pods", namespace) if name in claims_of(pod)]

    def _release(self, kind: str, value: Object) -> None:
        if _PROTECTIONS[kind] in (value["metadata"].get("finalizers") or ()):
            self._world.drop_finalizer(kind, value, _PROTECTIONS[kind])

    def _claim(self, claim: Object) -> float | None:
        world = self._world
        if is_leaving(claim):
            if all(map(has_ended, self._users(claim))):
                self._release(CLAIMS, claim)
            return None
        status = claim.get("status") or {}
        if status.get("phase") == "Bound":
            return None
        if not status.get("phase"):
            world.set_status(CLAIMS, claim, {**status, "phase": "Pending"})
        volume = self._find(claim)
        if volume is None and self._can_make(claim):
            left = world.timings["binding"] - world.marks.elapsed(claim["metadata"]["uid"], "binding")
            if left > 0:
                return left
            volume = self._make(claim)
        if volume is not None:
            self._bind(claim, volume)
        return None

    def _can_make(self, claim: Object) -> bool:
        name = claim["spec"].get("storageClassName")
        kind = self._world.objects.get(CLASSES, "", name) if name else None
        if kind is None:
            if name:
                message = f'storageclass.storage.k8s.io "{name}" not found'
                self._events.warning(claim, "ProvisioningFailed", message, _COMPONENT)
            else:
                message = "no persistent volumes available for this claim and no storage class is set"
                self._events.normal(claim, "FailedBinding", message, _COMPONENT)
            return False
        if kind.get("volumeBindingMode") == "WaitForFirstConsumer" and not self._users(claim):
            message = "waiting for first consumer to be created before binding"
            self._events.normal(claim, "WaitForFirstConsumer", message, _COMPONENT)
            return False
        return kind.get("provisioner") != "kubernetes.io/no-provisioner"

    def _find(self, claim: Object) -> Object | None:
        """Return the smallest volume that a claim may have: the one it names, that is kept for it, or that fits."""
        spec, (namespace, name) = claim["spec"], key_of(claim)
        if spec.get("volumeName"):
            return self._world.objects.get(VOLUMES, "", spec["volumeName"])
        wanted = _size((spec.get("resources") or {}).get("requests") or {})
        selector = selector_of(claim) if spec.get("selector") else EVERYTHING
        fitting = []
        for volume in self._world.objects.list(VOLUMES):
            owner = volume["spec"].get("claimRef")
            if owner:
                if (owner.get("namespace"), owner.get("name")) == (namespace, name) and owner.get("uid", "") in (
                    "",
                    claim["metadata"]["uid"],
                ):
                    return volume
                continue
            if (
                volume["spec"].get("storageClassName", "") == (spec.get("storageClassName") or "")
                and set(spec.get("accessModes") or ()) <= set(volume["spec"].get("accessModes") or ())
                and _size(volume["spec"].get("capacity") or {}) >= wanted
                and selector.matches(volume["metadata"].get("labels") or {})
                and not is_leaving(volume)
            ):
                fitting.append(volume)
        return min(fitting, key=lambda each: _size(each["spec"].get("capacity") or {}), default=None)

    def _make(self, claim: Object) -> Object | None:
        metadata, spec = claim["metadata"], claim["spec"]
        kind = self._world.objects.get(CLASSES, "", spec["storageClassName"]) or {}
        name = f"pvc-{metadata['uid']}"
        made = self._world.objects.create(
            VOLUMES,
            {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {
                    "name": name,
                    "annotations": {"pv.kubernetes.io/provisioned-by": kind.get("provisioner", PROVISIONER)},
                    "finalizers": [_PROTECTIONS[VOLUMES]],
                },
                "spec": {
                    "capacity": {
                        "storage": ((spec.get("resources") or {}).get("requests") or {}).get("storage", "1Gi")
                    },
                    "accessModes": list(spec.get("accessModes") or ["ReadWriteOnce"]),
                    "claimRef": self._reference(claim),
                    "persistentVolumeReclaimPolicy": kind.get("reclaimPolicy", "Delete"),
                    "storageClassName": spec["storageClassName"],
                    "volumeMode": spec.get("volumeMode", "Filesystem"),
                    "hostPath": {"path": f"/var/lib/sandbox/{metadata['namespace']}/{metadata['name']}", "type": ""},
                },
            },
            manager=_MANAGER,
        )
        if made is not None:
            message = f"Successfully provisioned volume {name}"
            self._events.normal(claim, "ProvisioningSucceeded", message, kind.get("provisioner", PROVISIONER))
        return made or self._world.objects.get(VOLUMES, "", name)

    def _reference(self, claim: Object) -> Object:
        metadata = claim["metadata"]
        return {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "name": metadata["name"],
            "namespace": metadata["namespace"],
            "uid": metadata["uid"],
            "resourceVersion": metadata.get("resourceVersion", ""),
        }

    def _bind(self, claim: Object, volume: Object) -> None:
        world, name = self._world, volume["metadata"]["name"]
        owner = volume["spec"].get("claimRef") or {}
        if owner.get("uid") != claim["metadata"]["uid"]:
            if owner.get("uid"):
                return
            reference = self._reference(claim)

            def keep(value: Object) -> None:
                value["spec"]["claimRef"] = reference

            world.objects.change(VOLUMES, ("", name), keep, manager=_MANAGER)

        def note(value: Object) -> None:
            value["metadata"].setdefault("annotations", {}).update({_BIND_DONE: "yes", _BOUND_BY: "yes"})
            value["spec"]["volumeName"] = name

        bound = world.objects.change(CLAIMS, key_of(claim), note, manager=_MANAGER)
        if bound is not None:
            status = {
                "phase": "Bound",
                "accessModes": list(volume["spec"].get("accessModes") or ()),
                "capacity": dict(volume["spec"].get("capacity") or {}),
            }
            world.set_status(CLAIMS, bound, status)

    def _volume(self, volume: Object) -> float | None:
        world, owner = self._world, volume["spec"].get("claimRef")
        phase = (volume.get("status") or {}).get("phase", "")
        claim = world.objects.get(CLAIMS, owner.get("namespace", ""), owner.get("name", "")) if owner else None
        alive = claim is not None and owner.get("uid", claim["metadata"]["uid"]) == claim["metadata"]["uid"]
        if is_leaving(volume):
            if not alive:
                self._release(VOLUMES, volume)
            return None
        if not owner or (not owner.get("uid") and claim is None):
            wanted = "Available"
        elif alive:
            wanted = "Bound"
        else:
            wanted = "Released"
        reclaimed = volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete"
        if wanted == "Released" and phase in ("Bound", "Released") and reclaimed:
            self._release(VOLUMES, volume)
            world.objects.delete(VOLUMES, ("", volume["metadata"]["name"]), uid=volume["metadata"]["uid"])
            return None
        if phase != wanted:
            status = {**(volume.get("status") or {}), "phase": wanted, "lastPhaseTransitionTime": world.stamp()}
            world.set_status(VOLUMES, volume, status)
        return None
