"""The cells that kubectl's tables show of claims, volumes and storage classes."""

from __future__ import annotations

from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox.tabletext import UNSET, access_modes, age


def claim_cells(value: YamlValue, now: float) -> list[YamlValue]:
    """Return the cells of a PersistentVolumeClaim."""
    spec, status = (value.get("spec") or {}), (value.get("status") or {})
    phase = "Terminating" if "deletionTimestamp" in value["metadata"] else status.get("phase", "")
    bound = bool(spec.get("volumeName"))
    capacity = (status.get("capacity") or {}).get("storage", "") if bound else ""
    modes = access_modes(status.get("accessModes") or ()) if bound else ""
    kind, attributes = spec.get("storageClassName") or "", spec.get("volumeAttributesClassName") or UNSET
    mode = spec.get("volumeMode") or UNSET
    return [
        phase,
        spec.get("volumeName", ""),
        capacity,
        modes,
        kind,
        attributes,
        age(value["metadata"].get("creationTimestamp"), now),
        mode,
    ]


def volume_cells(value: YamlValue, now: float) -> list[YamlValue]:
    """Return the cells of a PersistentVolume."""
    spec, status = (value.get("spec") or {}), (value.get("status") or {})
    owner = spec.get("claimRef")
    claim = f"{owner.get('namespace', '')}/{owner.get('name', '')}" if owner else ""
    phase = "Terminating" if "deletionTimestamp" in value["metadata"] else status.get("phase", "")
    return [
        (spec.get("capacity") or {}).get("storage", ""),
        access_modes(spec.get("accessModes") or ()),
        spec.get("persistentVolumeReclaimPolicy", ""),
        phase,
        claim,
        spec.get("storageClassName", ""),
        spec.get("volumeAttributesClassName") or UNSET,
        status.get("reason", ""),
        age(value["metadata"].get("creationTimestamp"), now),
        spec.get("volumeMode") or UNSET,
    ]


def storage_class_cells(value: YamlValue, now: float) -> list[YamlValue]:
    """Return the cells of a StorageClass."""
    policy, mode = value.get("reclaimPolicy", "Delete"), value.get("volumeBindingMode", UNSET)
    grows = "true" if value.get("allowVolumeExpansion") else "false"
    return [value.get("provisioner", ""), policy, mode, grows, age(value["metadata"].get("creationTimestamp"), now)]
