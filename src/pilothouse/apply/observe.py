"""Reading live objects before a plan is built."""

from __future__ import annotations

from pilothouse.apply.parallel import run_all
from pilothouse.errors import NotFound, PilothouseError
from pilothouse.plan.errors import InvalidPlan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.apply.cluster import Cluster, Object
    from pilothouse.plan.resources import Resource


def live_objects(cluster: Cluster, resources: Sequence[Resource]) -> list[Object | PilothouseError | None]:
    """Return each resource's live object: ``None`` when there is none, the error when it cannot be read."""

    def read(resource: Resource) -> Object | None:
        try:
            return cluster.get(resource.mapping, resource.namespace, resource.name)
        except NotFound:
            return None

    return run_all(resources, read)


def existing_objects(cluster: Cluster, resources: Sequence[Resource]) -> list[tuple[Resource, Object]]:
    """Return the resources that exist already with their live objects (``existingResourceConflict``).

    Raises:
        InvalidPlan: An object has both a name and a generateName.
        PilothouseError: An object cannot be read.
    """
    named = [resource for resource in resources if _has_fixed_name(resource)]
    found = []
    for resource, live in zip(named, live_objects(cluster, named), strict=True):
        if isinstance(live, PilothouseError):
            raise live.prefixed(f"could not get information about the resource {resource.described()}: ") from live
        if live is not None:
            found.append((resource, live))
    return found


def _has_fixed_name(resource: Resource) -> bool:
    generated = (resource.object.get("metadata") or {}).get("generateName")
    if generated and resource.name:
        raise InvalidPlan("metadata.name and metadata.generateName cannot both be set")
    return not generated
