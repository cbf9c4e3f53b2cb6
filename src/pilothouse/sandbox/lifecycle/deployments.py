"""Deployments: one ReplicaSet for each template, replaced little by little. Go's ``pkg/controller/deployment``."""

from __future__ import annotations

from collections.abc import Iterable

from pilothouse.objects.copying import deep_copy
from pilothouse.objects.progressing import share_of
from pilothouse.sandbox.lifecycle.deploymentstatus import deployment_status
from pilothouse.sandbox.lifecycle.events import Recorder
from pilothouse.sandbox.lifecycle.workloads import HASH_LABEL, adopt, selector_of, template_hash
from pilothouse.sandbox.lifecycle.world import (
    DELETED,
    Key,
    Object,
    World,
    controller_of,
    controller_uid,
    is_leaving,
    key_of,
    owner_reference,
)

KIND = "deployments.apps"
SETS = "replicasets.apps"
REVISION = "deployment.kubernetes.io/revision"
REVISION_HISTORY = "deployment.kubernetes.io/revision-history"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MAXIMUM = "deployment.kubernetes.io/max-replicas"
_NOT_COPIED = {"kubectl.kubernetes.io/last-applied-configuration", REVISION, REVISION_HISTORY, DESIRED, MAXIMUM,
               "deprecated.deployment.rollback.to"}  # fmt: skip
_COMPONENT = "deployment-controller"
_MANAGER = "kube-controller-manager"


def plain_template(template: Object) -> Object:
    """Return a template without the label that tells ReplicaSets apart."""
    made: Object = deep_copy(template)
    labels = (made.get("metadata") or {}).get("labels")
    if labels:
        labels.pop(HASH_LABEL, None)
    (made.get("metadata") or {}).pop("creationTimestamp", None)
    return made


def revision_of(replica_set: Object) -> int:
    """Return the revision that a ReplicaSet was made for."""
    text = (replica_set["metadata"].get("annotations") or {}).get(REVISION, "0")
    return int(text) if text.isdecimal() else 0


def limits(deployment: Object) -> tuple[int, int]:
    """Return how many pods may be surplus and how many missing. Go's ``ResolveFenceposts``."""
    strategy = deployment["spec"].get("strategy") or {}
    if strategy.get("type", "RollingUpdate") != "RollingUpdate":
        return 0, 0
    wanted = deployment["spec"].get("replicas", 1)
    rolling = strategy.get("rollingUpdate") or {}
    surge = share_of(rolling.get("maxSurge", "25%"), wanted, up=True)
    missing = share_of(rolling.get("maxUnavailable", "25%"), wanted, up=False)
    return surge, (1 if not surge and not missing else missing)


def _available_share(replica_set: Object) -> float:
    available: float = (replica_set.get("status") or {}).get("availableReplicas", 0)
    return available / (replica_set["spec"].get("replicas") or 1)


class Deployments:
    """Rolls templates out."""

    def __init__(self, world: World, events: Recorder) -> None:
        self._world = world
        self._events = events

    def related(self, kind: str, change: str, value: Object, previous: Object | None) -> Iterable[Key]:
        """Tell the Deployment whose pod is gone: with the strategy Recreate it waits for that."""
        del previous
        if kind != "pods" or change != DELETED:
            return
        place = self._world.index.place(controller_uid(value))
        replica_set = self._world.objects.get(*place) if place is not None else None
        owner = controller_of(replica_set) if replica_set is not None else None
        if owner is not None and owner["kind"] == "Deployment":
            yield KIND, value["metadata"]["namespace"], owner["name"]

    def reconcile(self, deployment: Object) -> float | None:
        """Take the next steps of a rollout."""
        sets = adopt(self._world, deployment, SETS, selector_of(deployment))
        wanted = plain_template(deployment["spec"].get("template") or {})
        new = next((each for each in sets if plain_template(each["spec"].get("template") or {}) == wanted), None)
        if not is_leaving(deployment):
            new = self._roll(deployment, new, [each for each in sets if each is not new])
            sets = self._world.owned(deployment["metadata"]["uid"], SETS)
        status, wait = deployment_status(self._world, deployment, new, sets, limits(deployment)[1])
        self._world.set_status(KIND, deployment, status)
        return wait

    def _roll(self, deployment: Object, new: Object | None, old: list[Object]) -> Object | None:
        spec = deployment["spec"]
        if spec.get("paused"):
            if new is not None and not any(each["spec"].get("replicas") for each in old):
                new = self._scale(deployment, new, spec.get("replicas", 1))
            return new
        if (spec.get("strategy") or {}).get("type") == "Recreate":
            for each in [each for each in old if each["spec"].get("replicas", 0)]:
                self._scale(deployment, each, 0)
            if any(each.get("status", {}).get("replicas") or self._has_pods(each) for each in old):
                return new
        new = self._new_set(deployment, new, old)
        if new is not None:
            new = self._grow(deployment, new, old)
            self._shrink(deployment, new, old)
            self._forget_history(deployment, old)
        return new

    def _has_pods(self, replica_set: Object) -> bool:
        return bool(self._world.owned(replica_set["metadata"]["uid"], "pods"))

    def _new_set(self, deployment: Object, new: Object | None, old: list[Object]) -> Object | None:
        """Return the ReplicaSet of the wanted template, made if need be, with its revision noted."""
        revision = max([revision_of(each) for each in old], default=0) + 1
        if new is not None and revision_of(new) >= revision:
            revision = revision_of(new)
        metadata = deployment["metadata"]
        surge, _ = limits(deployment)
        wanted = deployment["spec"].get("replicas", 1)
        notes = {key: value for key, value in (metadata.get("annotations") or {}).items() if key not in _NOT_COPIED}
        notes.update({DESIRED: str(wanted), MAXIMUM: str(wanted + surge), REVISION: str(revision)})
        if new is None:
            new = self._make_set(deployment, notes, self._room(deployment, 0, old))
        elif not notes.items() <= (new["metadata"].get("annotations") or {}).items() or new["spec"].get(
            "minReadySeconds", 0
        ) != deployment["spec"].get("minReadySeconds", 0):
            new = self._note(deployment, new, notes)
        if new is not None and (metadata.get("annotations") or {}).get(REVISION) != str(revision):

            def note(value: Object) -> None:
                value["metadata"].setdefault("annotations", {})[REVISION] = str(revision)

            self._world.objects.change(KIND, key_of(deployment), note, manager=_MANAGER, subresource="status")
        return new

    def _note(self, deployment: Object, new: Object, notes: dict[str, str]) -> Object | None:
        def note(value: Object) -> None:
            annotations = value["metadata"].setdefault("annotations", {})
            before = annotations.get(REVISION)
            if before and before != notes[REVISION]:
                history = annotations.get(REVISION_HISTORY)
                annotations[REVISION_HISTORY] = f"{history},{before}" if history else before
            annotations.update(notes)
            value["spec"]["minReadySeconds"] = deployment["spec"].get("minReadySeconds", 0)
            if not value["spec"]["minReadySeconds"]:
                del value["spec"]["minReadySeconds"]

        return self._world.objects.change(SETS, key_of(new), note, manager=_MANAGER)

    def _make_set(self, deployment: Object, notes: dict[str, str], replicas: int) -> Object | None:
        template = deep_copy(deployment["spec"].get("template") or {})
        mark = template_hash(plain_template(template), (deployment.get("status") or {}).get("collisionCount", 0))
        template.setdefault("metadata", {}).setdefault("labels", {})[HASH_LABEL] = mark
        selector = deep_copy(deployment["spec"].get("selector") or {})
        selector.setdefault("matchLabels", {})[HASH_LABEL] = mark
        metadata = deployment["metadata"]
        spec: Object = {"replicas": replicas, "selector": selector, "template": template}
        if deployment["spec"].get("minReadySeconds"):
            spec["minReadySeconds"] = deployment["spec"]["minReadySeconds"]
        made = self._world.objects.create(
            SETS,
            {
                "apiVersion": "apps/v1",
                "kind": "ReplicaSet",
                "metadata": {
                    "name": f"{metadata['name']}-{mark}",
                    "namespace": metadata["namespace"],
                    "labels": dict(template["metadata"]["labels"]),
                    "annotations": notes,
                    "ownerReferences": [owner_reference(deployment)],
                },
                "spec": spec,
            },
            manager=_MANAGER,
        )
        if made is not None and replicas:
            self._tell(deployment, made, "up", 0, replicas)
        return made

    def _tell(self, deployment: Object, replica_set: Object, way: str, before: int, after: int) -> None:
        name = replica_set["metadata"]["name"]
        message = f"Scaled {way} replica set {name} from {before} to {after}"
        self._events.normal(deployment, "ScalingReplicaSet", message, _COMPONENT)

    def _room(self, deployment: Object, present: int, old: list[Object]) -> int:
        """Return how many replicas the new ReplicaSet may have now. Go's ``NewRSNewReplicas``."""
        wanted = int(deployment["spec"].get("replicas", 1))
        if (deployment["spec"].get("strategy") or {}).get("type") == "Recreate":
            return wanted
        total: int = present + sum(each["spec"].get("replicas", 0) for each in old)
        surge, _ = limits(deployment)
        return min(wanted, max(present, present + wanted + surge - total))

    def _grow(self, deployment: Object, new: Object, old: list[Object]) -> Object:
        present = new["spec"].get("replicas", 0)
        wanted = deployment["spec"].get("replicas", 1)
        target = wanted if present > wanted else self._room(deployment, present, old)
        return self._scale(deployment, new, target)

    def _scale(self, deployment: Object, replica_set: Object, replicas: int) -> Object:
        before = replica_set["spec"].get("replicas", 0)
        surge, _ = limits(deployment)
        wanted = deployment["spec"].get("replicas", 1)
        notes = {DESIRED: str(wanted), MAXIMUM: str(wanted + surge)}
        if before == replicas:
            return replica_set

        def alter(value: Object) -> None:
            value["spec"]["replicas"] = replicas
            value["metadata"].setdefault("annotations", {}).update(notes)

        changed = self._world.objects.change(SETS, key_of(replica_set), alter, manager=_MANAGER)
        if changed is not None:
            self._tell(deployment, replica_set, "up" if replicas > before else "down", before, replicas)
        return changed or replica_set

    def _shrink(self, deployment: Object, new: Object, old: list[Object]) -> None:
        """Take replicas from old ReplicaSets as far as enough pods stay available. Go's ``reconcileOldReplicaSets``."""
        wanted = deployment["spec"].get("replicas", 1)
        running = [each for each in old if each["spec"].get("replicas", 0)]
        _, missing = limits(deployment)
        if (deployment["spec"].get("strategy") or {}).get("type") == "Recreate":
            return
        total = new["spec"].get("replicas", 0) + sum(each["spec"]["replicas"] for each in running)
        not_available = new["spec"].get("replicas", 0) - (new.get("status") or {}).get("availableReplicas", 0)
        spare = total - (wanted - missing) - not_available
        for each in sorted(running, key=_available_share):
            take = min(each["spec"]["replicas"], spare)
            if take > 0:
                self._scale(deployment, each, each["spec"]["replicas"] - take)
                spare -= take

    def _forget_history(self, deployment: Object, old: list[Object]) -> None:
        limit = deployment["spec"].get("revisionHistoryLimit", 10)
        empty = [
            each
            for each in old
            if not each["spec"].get("replicas")
            and not (each.get("status") or {}).get("replicas")
            and not is_leaving(each)
        ]
        for each in sorted(empty, key=revision_of)[: max(len(old) - limit, 0)]:
            self._world.objects.delete(SETS, key_of(each), uid=each["metadata"]["uid"])
