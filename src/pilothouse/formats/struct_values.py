"""What go-yaml v3 sees in values of Go types other than the plain ones: it goes by Go's structs, not by their JSON."""

from __future__ import annotations

from pilothouse.formats.plain_values import FieldName, json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import GoValue, YamlValue


class Verbatim(str):
    """A scalar that is written as it is."""

    __slots__ = ()


def yaml_value(value: GoValue) -> YamlValue:  # noqa: PLR0911 - one return a type
    """Return the plain value that stands for a value of another type (``yaml.Marshal`` of gopkg.in/yaml.v3)."""
    own = type(value)
    if isinstance(value, (bytes, bytearray)):
        return list(value)
    if getattr(own, "go_nil", False) and isinstance(value, (dict, list)):
        return {} if isinstance(value, dict) else []
    go_type = getattr(own, "go_type", "")
    if go_type == "time.Time":
        return Verbatim(value.format("2006-01-02T15:04:05.999999999Z07:00"))
    if go_type == "time.Duration":
        return str(value)
    fields = getattr(own, "go_fields", None)
    if fields and not isinstance(value, dict) and "MarshalText" not in getattr(own, "go_methods", ()):
        return {FieldName(name.lower()): getattr(value, fields[name]) for name in fields if name[:1].isupper()}
    plain = json_value(value)
    if type(plain) is dict and any(type(key) is not str for key in plain):
        return {str(int(key)) if isinstance(key, int) else str(key): item for key, item in plain.items()}
    return plain
