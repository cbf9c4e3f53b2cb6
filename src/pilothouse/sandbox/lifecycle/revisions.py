"""ControllerRevisions: the templates that a StatefulSet or DaemonSet had. Go's ``pkg/controller/history``."""

from __future__ import annotations

from pilothouse.objects.copying import deep_copy
from pilothouse.sandbox.lifecycle.workloads import template_hash
from pilothouse.sandbox.lifecycle.world import Object, World, key_of, owner_reference

KIND = "controllerrevisions.apps"
HASH = "controller-revision-hash"
_MANAGER = "kube-controller-manager"


def _revisions(world: World, owner: Object) -> list[Object]:
    return sorted(world.owned(owner["metadata"]["uid"], KIND), key=lambda each: int(each.get("revision", 0)))


def revision_for(world: World, owner: Object) -> str:
    """Return the name of the revision of an owner's template, made if need be."""
    template = deep_copy(owner["spec"].get("template") or {})
    data = {"spec": {"template": {**template, "$patch": "replace"}}}
    present = _revisions(world, owner)
    same = next((each for each in present if each.get("data") == data), None)
    latest = max((each.get("revision", 0) for each in present), default=0)
    if same is not None:
        if same.get("revision") != latest:

            def renew(value: Object) -> None:
                value["revision"] = latest + 1

            world.objects.change(KIND, key_of(same), renew, manager=_MANAGER)
        return str(same["metadata"]["name"])
    metadata = owner["metadata"]
    mark = template_hash(template)
    name = f"{metadata['name']}-{mark}"
    world.objects.create(
        KIND,
        {
            "apiVersion": "apps/v1",
            "kind": "ControllerRevision",
            "metadata": {
                "name": name,
                "namespace": metadata["namespace"],
                "labels": {**((template.get("metadata") or {}).get("labels") or {}), HASH: mark},
                "ownerReferences": [owner_reference(owner)],
            },
            "data": data,
            "revision": latest + 1,
        },
        manager=_MANAGER,
    )
    return name


def template_of(world: World, owner: Object, revision: str) -> Object:
    """Return the template of a revision, the owner's own when the revision is gone."""
    found = world.objects.get(KIND, owner["metadata"]["namespace"], revision)
    template = ((found or {}).get("data") or {}).get("spec", {}).get("template") or owner["spec"].get("template") or {}
    return {key: value for key, value in template.items() if key != "$patch"}


def trim(world: World, owner: Object, used: set[str]) -> None:
    """Delete the oldest revisions that nothing uses, beyond the limit."""
    spare = [each for each in _revisions(world, owner) if each["metadata"]["name"] not in used]
    limit = owner["spec"].get("revisionHistoryLimit", 10)
    for each in spare[: max(len(spare) - limit, 0)]:
        world.objects.delete(KIND, key_of(each), uid=each["metadata"]["uid"])
