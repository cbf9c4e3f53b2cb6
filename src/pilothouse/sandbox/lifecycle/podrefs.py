"""What a pod refers to: config maps, secrets and claims that must exist before its containers can start."""

from __future__ import annotations

from collections.abc import Iterator

from pilothouse.sandbox.lifecycle.world import Object, World

_KINDS = {"configmaps": "configmap", "secrets": "secret", "persistentvolumeclaims": "persistentvolumeclaim"}


def missing_reference(world: World, pod: Object) -> tuple[str, str, str] | None:
    """Return what keeps a pod from starting: the containers' waiting reason, and reason and message of an event."""
    namespace = pod["metadata"]["namespace"]
    for volume, kind, name in _volumes(pod):
        found = world.objects.get(kind, namespace, name)
        if kind == "persistentvolumeclaims":
            if found is None or (found.get("status") or {}).get("phase") != "Bound":
                what = f'persistentvolumeclaim "{name}" not found' if found is None else "claim is not bound"
                return "", "FailedMount", f'Unable to attach or mount volume "{volume}": {what}'
        elif found is None:
            return (
                "",
                "FailedMount",
                f'MountVolume.SetUp failed for volume "{volume}" : {_KINDS[kind]} "{name}" not found',
            )
    for kind, name, key in _environment(pod):
        found = world.objects.get(kind, namespace, name)
        if found is None:
            return "CreateContainerConfigError", "Failed", f'Error: {_KINDS[kind]} "{name}" not found'
        if key and key not in {**(found.get("data") or {}), **(found.get("binaryData") or {})}:
            word = "ConfigMap" if kind == "configmaps" else "Secret"
            return (
                "CreateContainerConfigError",
                "Failed",
                f"Error: couldn't find key {key} in {word} {namespace}/{name}",
            )
    return None


def claims_of(pod: Object) -> Iterator[str]:
    """Yield the names of the claims that a pod mounts."""
    for volume in pod["spec"].get("volumes") or ():
        if volume.get("persistentVolumeClaim"):
            yield volume["persistentVolumeClaim"].get("claimName", "")


def _volumes(pod: Object) -> Iterator[tuple[str, str, str]]:
    for volume in pod["spec"].get("volumes") or ():
        name = volume.get("name", "")
        for source in (volume, *((volume.get("projected") or {}).get("sources") or ())):
            config, secret = source.get("configMap"), source.get("secret")
            if config and not config.get("optional"):
                yield name, "configmaps", config.get("name", "")
            if secret and not secret.get("optional"):
                yield name, "secrets", secret.get("secretName") or secret.get("name", "")
        if volume.get("persistentVolumeClaim"):
            yield name, "persistentvolumeclaims", volume["persistentVolumeClaim"].get("claimName", "")


def _environment(pod: Object) -> Iterator[tuple[str, str, str]]:
    for container in (*(pod["spec"].get("initContainers") or ()), *pod["spec"]["containers"]):
        for source in container.get("envFrom") or ():
            for field, kind in (("configMapRef", "configmaps"), ("secretRef", "secrets")):
                reference = source.get(field)
                if reference and not reference.get("optional"):
                    yield kind, reference.get("name", ""), ""
        for variable in container.get("env") or ():
            source = variable.get("valueFrom") or {}
            for field, kind in (("configMapKeyRef", "configmaps"), ("secretKeyRef", "secrets")):
                reference = source.get(field)
                if reference and not reference.get("optional"):
                    yield kind, reference.get("name", ""), reference.get("key", "")
