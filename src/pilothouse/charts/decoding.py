"""YAML values into typed fields, with the faults that Go's JSON decoder finds.

Helm reads Chart.yaml and the heads of manifests by turning YAML into JSON and that into structs. What a struct accepts
is written down as a table; the texts are those of ``encoding/json`` (Helm 3) and of its successor in Go 1.27 (Helm 4).
"""

from __future__ import annotations

from pilothouse.charts.errors import ChartInvalid
from pilothouse.formats.plain_values import field_place, json_kind
from pilothouse.golang.functions import FunctionError
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.golang.kinds import YamlValue

    _Path = tuple[str | int, ...]

_DECODING = "error unmarshaling JSON: while decoding JSON: "
_PREFIX = _DECODING + "json: cannot unmarshal "


class Struct(Record):
    """A Go struct that YAML is decoded into.

    Attributes:
        name: Its Go name, without the package.
        fields: JSON name to kind: ``string``, ``bool``, ``time``, ``any``, ``[]string``, ``[]any``,
            ``map[string]string``, another struct, or a list of them as a one-element tuple.
        full_names: Go's name with the package, in Helm 3 and in Helm 4.
    """

    name: str
    full_names: tuple[str, str]
    fields: Mapping[str, YamlValue]


class DecodingError(ChartInvalid):
    """A value has another shape than its field."""

    reference = "wrong-type"


class Decoder:
    """Decodes values into structs; remembers the first fault, as Go does.

    Args:
        helm: Whose texts to use, 3 or 4.
    """

    def __init__(self, helm: int = 4) -> None:
        self._helm = helm

    def decode(self, value: YamlValue, struct: Struct) -> dict[str, YamlValue]:
        """Return the fields of ``struct`` that ``value`` gives, by JSON name.

        Raises:
            DecodingError: With the text of the first fault.
        """
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise DecodingError(f"{_PREFIX}{json_kind(value)} into Go value of type {self._full_name(struct)}")
        return self._struct(value, struct, ())

    def _full_name(self, struct: Struct) -> str:
        return struct.full_names[0 if self._helm == 3 else 1]

    def _struct(self, value: Mapping[str, YamlValue], struct: Struct, path: _Path) -> dict[str, YamlValue]:
        found: dict[str, YamlValue] = {}
        for key in sorted(value):
            name = key if key in struct.fields else folded(key, struct)
            item = value[key]
            if name and item is not None:
                # Go 1.27 names a field as the text has it, older Go as the struct has it.
                shown = name if self._helm == 3 else key
                found[name] = self._item(item, struct.fields[name], (*path, shown), struct)
        return found

    def _item(  # noqa: PLR0911 - a table of kinds
        self, value: YamlValue, kind: YamlValue, path: _Path, owner: Struct
    ) -> YamlValue:
        if isinstance(kind, Struct):
            if isinstance(value, dict):
                return self._struct(value, kind, path)
            return self._wrong(value, self._full_name(kind), path, owner)
        if kind == "string":
            text = text_of(value)
            return self._wrong(value, kind, path, owner) if text is None else text
        if kind == "time":
            return self._time(value, path, owner)
        if kind == "map[string]string":
            return self._texts(value, path, owner)
        if kind == "any" or (kind == "bool" and isinstance(value, bool)):
            return value
        return self._wrong(value, kind, path, owner) if kind == "bool" else self._list(value, kind, path, owner)

    def _time(self, value: YamlValue, path: _Path, owner: Struct) -> YamlValue:
        """Return a time of RFC 3339 as Go writes it again."""
        if isinstance(value, str):
            from pilothouse.charts.timestamps import normal_time

            try:
                return normal_time(value)
            except FunctionError as error:
                raise DecodingError(_DECODING + error.message) from error
        if self._helm == 3:
            raise DecodingError(_DECODING + "Time.UnmarshalJSON: input is not a JSON string")
        return self._wrong(value, "time.Time", path, owner)

    def _texts(self, value: YamlValue, path: _Path, owner: Struct) -> YamlValue:
        if not isinstance(value, dict):
            return self._wrong(value, "map[string]string", path, owner)
        return {
            key: "" if value[key] is None else self._item(value[key], "string", (*path, key), owner)
            for key in sorted(value)
        }

    def _list(self, value: YamlValue, kind: YamlValue, path: _Path, owner: Struct) -> YamlValue:
        inner = kind[0] if isinstance(kind, tuple) else kind[2:]
        if not isinstance(value, list):
            shown = f"[]*{self._full_name(inner)}" if isinstance(inner, Struct) else kind.replace("any", "interface {}")
            return self._wrong(value, shown, path, owner)
        empty = "" if inner == "string" else None
        return [
            empty if item is None else self._item(item, inner, (*path, number), owner)
            for number, item in enumerate(value)
        ]

    def _wrong(self, value: YamlValue, kind: str, path: _Path, owner: Struct) -> YamlValue:
        found = json_kind(value)
        if self._helm == 3:
            names = [part for part in path if isinstance(part, str)]
            if "annotations" in names:
                names = names[: names.index("annotations") + 1]
            struct = "" if owner.full_names[0].startswith("struct {") else owner.name
            raise DecodingError(f"{_PREFIX}{found} into Go struct field {struct}.{'.'.join(names)} of type {kind}")
        raise DecodingError(f"{_PREFIX}{found} into {field_place(path)} of type {kind}")


def folded(key: str, struct: Struct) -> str:
    """Return the field that a key names when case does not count, empty when there is none."""
    lower = key.lower()
    return next((name for name in struct.fields if name.lower() == lower), "")


def text_of(value: YamlValue) -> str | None:
    """Return the text that a scalar becomes where a string is wanted, ``None`` for lists and maps.

    Follows ``convertToJSONableObject`` of sigs.k8s.io/yaml.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        from pilothouse.formats.floats import format_shortest

        return format_shortest(value)
    return None
