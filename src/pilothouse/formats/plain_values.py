"""What Go's encoders see in values that are no plain dict, list, str, number, bool or None."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from pilothouse.golang.kinds import GoValue, YamlValue


class FieldName(str):
    """The key that a field of a Go struct becomes: such keys keep their order."""

    __slots__ = ()


def json_value(value: GoValue) -> YamlValue:
    """Return the plain value that ``encoding/json`` shows for ``value``.

    A class of the Go kinds struct and pointer shows itself through a method ``go_json() -> plain value``; its dict
    keeps the order of the fields if it is no sorted map.

    Raises:
        TypeError: Go cannot show it; the text is that of ``encoding/json``.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, (bytes, bytearray)):
        from base64 import b64encode

        return b64encode(value).decode("ascii")
    method = getattr(value, "go_json", None)
    if method is not None:
        return method()
    return _container(value)


def _container(value: Any) -> YamlValue:
    if isinstance(value, dict):
        return dict(value)
    if isinstance(value, (list, tuple)):
        return list(value)
    if hasattr(value, "keys") and hasattr(value, "__getitem__"):
        return {key: value[key] for key in value.keys()}  # noqa: SIM118 - a mapping that may not iterate
    raise TypeError(f"json: unsupported type: {go_type_name(value)}")


def json_kind(value: YamlValue) -> str:
    """Return what ``encoding/json`` calls the kind of a value."""
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "array"
    if isinstance(value, str):
        return "string"
    return "bool" if isinstance(value, bool) else "number"


def go_type_name(value: GoValue) -> str:
    """Return the Go type that a value without JSON form is named by."""
    if callable(value) and not hasattr(value, "go_type"):
        return "func()"
    name = getattr(value, "go_type", None) or {"complex": "complex128"}.get(type(value).__name__)
    return name if isinstance(name, str) else type(value).__name__


def field_place(path: Sequence[str | int]) -> str:
    """Return how Go 1.27 names a field in the errors of ``encoding/json``: its JSON pointer, with dots for slashes."""
    where = "" if isinstance(path[-1], int) else "Go struct field "
    return where + "".join("." + str(part).replace("~", "~0").replace("/", "~1") for part in path)
