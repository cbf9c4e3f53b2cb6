"""Release records in ConfigMaps."""

from __future__ import annotations

from pilothouse.kube.resources import CONFIG_MAPS
from pilothouse.storage.objects import ObjectStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.kube.resources import KubeObject


class InConfigMaps:
    """Where a record stands in a ConfigMap."""

    name = "ConfigMap"
    _mapping = CONFIG_MAPS

    def _body(self, packed: str) -> KubeObject:
        return {"data": {"release": packed}}

    def _packed(self, item: KubeObject) -> str:
        return str((item.get("data") or {}).get("release") or "")


class ConfigMapStore(InConfigMaps, ObjectStore):
    """Keeps releases in ConfigMaps (``driver.ConfigMaps``)."""
