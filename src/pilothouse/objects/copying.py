"""A deep copy of YAML values that is several times faster than ``copy.deepcopy``."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import YamlValue


def deep_copy(value: YamlValue) -> YamlValue:
    """Return a copy that shares no dictionary and no list with ``value``."""
    if isinstance(value, dict):
        return {key: deep_copy(item) if isinstance(item, (dict, list)) else item for key, item in value.items()}
    if isinstance(value, list):
        return [deep_copy(item) if isinstance(item, (dict, list)) else item for item in value]
    return value
