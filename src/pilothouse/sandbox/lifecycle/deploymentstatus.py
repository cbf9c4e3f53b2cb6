"""What a Deployment's status says of its rollout. Go's ``deployment/sync.go`` and ``progress.go``."""

from __future__ import annotations

from pilothouse.sandbox.lifecycle.world import Object, World, condition, seconds_since, with_condition

_NO_DEADLINE = 2147483647


def deployment_status(
    world: World, deployment: Object, new: Object | None, sets: list[Object], missing: int
) -> tuple[Object, float | None]:
    """Return the status of a Deployment, and in how many seconds its deadline may pass.

    Args:
        world: For the time.
        deployment: The Deployment.
        new: The ReplicaSet of its template.
        sets: All its ReplicaSets.
        missing: How many pods may be unavailable.
    """
    wanted = deployment["spec"].get("replicas", 1)
    new_name = new["metadata"]["name"] if new else ""

    def total(field: str, *, only_new: bool = False) -> int:
        return sum(
            (each.get("status") or {}).get(field, 0)
            for each in sets
            if not only_new or each["metadata"]["name"] == new_name
        )

    available = total("availableReplicas")
    numbers = {
        "replicas": total("replicas"),
        "updatedReplicas": total("replicas", only_new=True),
        "readyReplicas": total("readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(sum(each["spec"].get("replicas", 0) for each in sets) - available, 0),
    }
    before = deployment.get("status") or {}
    status: Object = {
        "observedGeneration": deployment["metadata"].get("generation", 1),
        **{key: value for key, value in numbers.items() if value},
    }
    if "collisionCount" in before:
        status["collisionCount"] = before["collisionCount"]
    now = world.stamp()
    conditions = list(before.get("conditions") or [])
    if available >= wanted - missing:
        state, reason, message = "True", "MinimumReplicasAvailable", "Deployment has minimum availability."
    else:
        state, reason = "False", "MinimumReplicasUnavailable"
        message = "Deployment does not have minimum availability."
    conditions = _set(conditions, deployment, "Available", (state, reason, message), now)
    progress, wait = _progress(world, deployment, new, numbers)
    if progress is not None:
        conditions = _set(conditions, deployment, "Progressing", progress, now)
    if conditions:
        status["conditions"] = sorted(conditions, key=lambda each: each["type"])
    return status, wait


def _set(conditions: list[Object], owner: Object, kind: str, wanted: tuple[str, str, str], now: str) -> list[Object]:
    state, reason, message = wanted
    present = condition(owner, kind) or {}
    same = (present.get("status"), present.get("reason")) == (state, reason)
    moved = present.get("lastUpdateTime", now) if same and present.get("message") == message else now
    return with_condition(conditions, kind, state, now, reason=reason, message=message, lastUpdateTime=moved)


def _is_complete(deployment: Object, numbers: dict[str, int]) -> bool:
    wanted = deployment["spec"].get("replicas", 1)
    return all(numbers[field] == wanted for field in ("replicas", "updatedReplicas", "availableReplicas"))


def _progress(  # noqa: PLR0911 - one answer a case
    world: World, deployment: Object, new: Object | None, numbers: dict[str, int]
) -> tuple[tuple[str, str, str] | None, float | None]:
    """Return status, reason and message of the condition Progressing, and when its deadline may pass."""
    deadline = deployment["spec"].get("progressDeadlineSeconds", 600)
    if deadline == _NO_DEADLINE:
        return None, None
    present = condition(deployment, "Progressing") or {}
    if deployment["spec"].get("paused"):
        return ("Unknown", "DeploymentPaused", "Deployment is paused"), None
    if new is None:
        return (present["status"], present["reason"], present["message"]) if present else None, None
    name = new["metadata"]["name"]
    if _is_complete(deployment, numbers):
        return ("True", "NewReplicaSetAvailable", f'ReplicaSet "{name}" has successfully progressed.'), None
    if not present or present.get("reason") == "DeploymentPaused":
        return ("True", "NewReplicaSetCreated", f'Created new replica set "{name}"'), deadline
    before = deployment.get("status") or {}
    moved = (
        numbers["updatedReplicas"] > before.get("updatedReplicas", 0)
        or numbers["readyReplicas"] > before.get("readyReplicas", 0)
        or numbers["availableReplicas"] > before.get("availableReplicas", 0)
        or numbers["replicas"] - numbers["updatedReplicas"]
        < before.get("replicas", 0) - before.get("updatedReplicas", 0)
    )
    other_set = f'"{name}"' not in present.get("message", "")
    if moved or other_set:
        return ("True", "ReplicaSetUpdated", f'ReplicaSet "{name}" is progressing.'), deadline
    left = deadline - seconds_since(present.get("lastUpdateTime", ""), world.clock.now())
    timed_out = present.get("reason") == "ProgressDeadlineExceeded"
    if timed_out or (left <= 0 and present.get("reason") != "NewReplicaSetAvailable"):
        return ("False", "ProgressDeadlineExceeded", f'ReplicaSet "{name}" has timed out progressing.'), None
    return (present["status"], present["reason"], present["message"]), max(left, 0.0) + 1
