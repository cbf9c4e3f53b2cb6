"""What a pod refers to: config maps, secrets and claims that must exist before its containers can start."""

from __future__ import annotations

from collections.abc import Iterator

from pilothouse.records import Record
from pilothouse.sandbox.lifecycle.world import Object, World

_WORDS = {"configmaps": "configmap", "secrets": "secret", "persistentvolumeclaims": "persistentvolumeclaim"}
_KINDS = {"configmaps": "ConfigMap", "secrets": "Secret"}


class Reference(Record):
    """One object that a pod names.

    Attributes:
        kind: As in ``secrets``.
        name: The object's name.
        volume: The volume that shows it; empty when it is taken for the environment.
        keys: The keys that must be in it; none when all are taken as they are.
        optional: Whether the pod also starts without it.
    """

    kind: str
    name: str
    volume: str = ""
    keys: tuple[str, ...] = ()
    optional: bool = False


class Missing(Record):
    """What keeps a pod from starting.

    Attributes:
        reference: What is not there.
        waiting: The reason for which its containers wait; empty when they are still being created.
        reason: The reason of the event that tells it.
        message: The message of that event.
    """

    reference: Reference
    waiting: str
    reason: str
    message: str


def missing_reference(world: World, pod: Object) -> Missing | None:
    """Return what keeps a pod from starting, or None."""
    namespace = pod["metadata"]["namespace"]
    for each in references(pod):
        if each.optional:
            continue
        found = world.objects.get(each.kind, namespace, each.name)
        problem = _mount_problem(each, found) if each.volume else _environment_problem(each, found, namespace)
        if problem and each.volume:
            return Missing(reference=each, waiting="", reason="FailedMount", message=problem)
        if problem:
            waiting = "CreateContainerConfigError"
            return Missing(reference=each, waiting=waiting, reason="Failed", message=f"Error: {problem}")
    return None


def _mount_problem(wanted: Reference, found: Object | None) -> str:
    if wanted.kind != "persistentvolumeclaims":
        what = f'{_WORDS[wanted.kind]} "{wanted.name}" not found'
        return f'MountVolume.SetUp failed for volume "{wanted.volume}" : {what}' if found is None else ""
    if found is not None and (found.get("status") or {}).get("phase") == "Bound":
        return ""
    what = f'persistentvolumeclaim "{wanted.name}" not found' if found is None else "claim is not bound"
    return f'Unable to attach or mount volume "{wanted.volume}": {what}'


def _environment_problem(wanted: Reference, found: Object | None, namespace: str) -> str:
    if found is None:
        return f'{_WORDS[wanted.kind]} "{wanted.name}" not found'
    for key in wanted.keys:
        if key not in {**(found.get("data") or {}), **(found.get("binaryData") or {})}:
            return f"couldn't find key {key} in {_KINDS[wanted.kind]} {namespace}/{wanted.name}"
    return ""


def claims_of(pod: Object) -> Iterator[str]:
    """Yield the names of the claims that a pod mounts."""
    for each in _volumes(pod):
        if each.kind == "persistentvolumeclaims":
            yield each.name


def references(pod: Object) -> Iterator[Reference]:
    """Yield everything that a pod names, what its volumes show first."""
    yield from _volumes(pod)
    yield from _environment(pod)


def _volumes(pod: Object) -> Iterator[Reference]:
    for volume in pod["spec"].get("volumes") or ():
        for source in (volume, *((volume.get("projected") or {}).get("sources") or ())):
            for field, kind in (("configMap", "configmaps"), ("secret", "secrets")):
                shown = source.get(field)
                if shown:
                    yield Reference(
                        kind=kind,
                        name=shown.get("secretName") or shown.get("name", ""),
                        volume=volume.get("name", ""),
                        keys=tuple(item["key"] for item in shown.get("items") or ()),
                        optional=bool(shown.get("optional")),
                    )
        claim = volume.get("persistentVolumeClaim")
        if claim:
            name = claim.get("claimName", "")
            yield Reference(kind="persistentvolumeclaims", name=name, volume=volume.get("name", ""))


def _environment(pod: Object) -> Iterator[Reference]:
    for container in containers_of(pod):
        for source in container.get("envFrom") or ():
            for field, kind in (("configMapRef", "configmaps"), ("secretRef", "secrets")):
                if source.get(field):
                    yield _taken(kind, source[field])
        for variable in container.get("env") or ():
            source = variable.get("valueFrom") or {}
            for field, kind in (("configMapKeyRef", "configmaps"), ("secretKeyRef", "secrets")):
                if source.get(field):
                    yield _taken(kind, source[field])


def _taken(kind: str, source: Object) -> Reference:
    keys = (source["key"],) if source.get("key") else ()
    return Reference(kind=kind, name=source.get("name", ""), keys=keys, optional=bool(source.get("optional")))


def containers_of(pod: Object) -> Iterator[Object]:
    """Yield the containers of a pod, those that initialize it first."""
    yield from pod["spec"].get("initContainers") or ()
    yield from pod["spec"]["containers"]
