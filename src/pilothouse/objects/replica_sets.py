"""Which replica set belongs to a deployment's present template."""

from __future__ import annotations

from pilothouse.objects.identity import metadata_of, uid_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pilothouse.golang.kinds import YamlValue

_HASH_LABEL = "pod-template-hash"


def newest_replica_set(
    deployment: Mapping[str, YamlValue], candidates: Iterable[dict[str, YamlValue]]
) -> dict[str, YamlValue] | None:
    """Return the replica set that has the deployment's template, the oldest if several do.

    Go's ``deploymentutil.GetNewReplicaSet`` with ``EqualIgnoreHash``.
    """
    owner = uid_of(deployment)
    wanted = _without_hash((deployment.get("spec") or {}).get("template") or {})
    fitting = [
        candidate
        for candidate in candidates
        if any(each.get("uid") == owner for each in metadata_of(candidate).get("ownerReferences") or ())
        and _without_hash((candidate.get("spec") or {}).get("template") or {}) == wanted
    ]
    return min(fitting, key=_age, default=None)


def _age(candidate: Mapping[str, YamlValue]) -> tuple[str, str]:
    metadata = metadata_of(candidate)
    return str(metadata.get("creationTimestamp") or ""), str(metadata.get("name") or "")


def _without_hash(template: Mapping[str, YamlValue]) -> dict[str, YamlValue]:
    metadata = dict(template.get("metadata") or {})
    labels = metadata.get("labels") or {}
    metadata["labels"] = {key: value for key, value in labels.items() if key != _HASH_LABEL}
    return {**template, "metadata": metadata}
