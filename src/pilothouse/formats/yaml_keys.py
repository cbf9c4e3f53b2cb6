"""Keys of mappings as sigs.k8s.io/yaml turns them into JSON."""

from __future__ import annotations

from pilothouse.formats.scalars import INT64_MAX, float_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import YamlValue


def key_text(value: YamlValue) -> tuple[str, str | None]:
    """Return the text of a scalar key, and the complaint of sigs.k8s.io/yaml when a map cannot have it."""
    if type(value) is str:
        return value, None
    if value is None:
        return "", "%!s(<nil>), key: <nil>"
    if isinstance(value, bool):
        return ("true" if value else "false"), None
    if isinstance(value, float):
        return float_key(value), None
    if value > INT64_MAX:
        return str(value), f"uint64, key: {hex(value)}"
    return str(value), None
