"""What may stand in an index, and in which words Go refuses the rest (``repo.IndexFile``, ``repo.ChartVersion``)."""

from __future__ import annotations

from pilothouse.charts.decoding import Struct, folded, text_of
from pilothouse.charts.metadata import METADATA
from pilothouse.charts.timestamps import normal_time
from pilothouse.charts.validate import sanitize
from pilothouse.formats.plain_values import field_place, json_kind
from pilothouse.golang.functions import FunctionError
from pilothouse.golang.quoting import quote
from pilothouse.sources.errors import IndexInvalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from pilothouse.golang.kinds import YamlValue

    _Path = tuple[str | int, ...]

CHART_VERSION = Struct(
    name="ChartVersion",
    full_names=("repo.ChartVersion", "repo.ChartVersion"),
    fields={
        **METADATA.fields,
        "urls": "[]string",
        "created": "time",
        "removed": "bool",
        "digest": "string",
        "checksum": "string",
        "engine": "string",
        "tillerVersion": "string",
        "url": "string",
    },
)
INDEX = Struct(
    name="IndexFile",
    full_names=("repo.IndexFile", "repo.IndexFile"),
    fields={
        "serverInfo": "map[string]interface {}",
        "apiVersion": "string",
        "generated": "time",
        "entries": "entries",
        "publicKeys": "[]string",
        "annotations": "map[string]string",
    },
)
#: Fields whose texts are made harmless: what could move a terminal's cursor is taken out (CVE-2021-21303).
SANITIZED = frozenset(
    ("name", "description", "home", "icon", "condition", "tags", "appVersion", "kubeVersion", "sources", "keywords")
)
_FROM_YAML = "error unmarshaling JSON: while decoding JSON: "


def sanitize_texts(version: dict[str, YamlValue]) -> None:
    """Make the texts of a chart version harmless."""
    for name in SANITIZED & version.keys():
        value = version[name]
        version[name] = list(map(sanitize, value)) if isinstance(value, list) else sanitize(value)


class IndexDecoder:
    """Checks the shape of an index.

    Args:
        strict: Whether the index is YAML: unknown fields are refused then, and some scalars become texts.
        helm: Whose texts to use.
    """

    def __init__(self, *, strict: bool, helm: int = 4) -> None:
        self._strict = strict
        self._helm = helm

    def decode(self, value: YamlValue) -> dict[str, YamlValue]:
        """Return the fields of an index.

        Raises:
            IndexInvalid: With Go's text for the first fault.
        """
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._error(f"json: cannot unmarshal {json_kind(value)} into Go value of type repo.IndexFile")
        return self._struct(value, INDEX, ())

    def entry(self, value: Mapping[str, YamlValue], path: _Path = ()) -> dict[str, YamlValue]:
        """Return the fields of a chart version."""
        return self._struct(value, CHART_VERSION, path)

    def _struct(self, value: Mapping[str, YamlValue], struct: Struct, path: _Path) -> dict[str, YamlValue]:
        fields = struct.fields
        found: dict[str, YamlValue] = {}
        for key in sorted(value) if self._strict else value:
            name = key if key in fields else folded(key, struct)
            item = value[key]
            if not name:
                if self._strict:
                    raise self._error(f"json: unknown field {quote(key)}")
                continue
            if item is None:
                continue
            kind = fields[name]
            if kind == "string" and item.__class__ is str:
                found[name] = item
            else:
                found[name] = self._item(item, kind, (*path, name), struct)
        return found

    def _item(  # noqa: PLR0911 - a table of kinds
        self, value: YamlValue, kind: YamlValue, path: _Path, owner: Struct
    ) -> YamlValue:
        if isinstance(kind, tuple):
            return self._structs(value, kind[0], path, owner)
        if kind == "string":
            return self._text(value, path[-1], path, owner)
        if kind == "bool":
            return value if isinstance(value, bool) else self._wrong(value, kind, path, owner)
        if kind == "time":
            return self._time(value)
        if kind == "entries":
            return self._entries(value, path, owner)
        if kind.startswith("[]"):
            return self._list(value, kind, path, owner)
        return value if kind == "any" else self._map(value, kind, path, owner)

    def _text(self, value: YamlValue, field: str | int, path: _Path, owner: Struct) -> YamlValue:
        """Return a text in a field; YAML's other scalars become one only outside of what Chart.yaml holds."""
        if isinstance(value, str):
            return value
        shown = text_of(value) if self._strict and not _of_chart_file(field, owner) else None
        return self._wrong(value, "string", path, owner) if shown is None else shown

    def _time(self, value: YamlValue) -> str:
        if not isinstance(value, str):
            raise self._error("Time.UnmarshalJSON: input is not a JSON string")
        try:
            return normal_time(value)
        except FunctionError as error:
            raise self._error(error.message) from error

    def _list(self, value: YamlValue, kind: str, path: _Path, owner: Struct) -> YamlValue:
        if not isinstance(value, list):
            return self._wrong(value, kind.replace("any", "interface {}"), path, owner)
        if kind == "[]any":
            return value
        inner = path if self._helm == 3 else None
        return [
            "" if item is None else self._text(item, path[-1], inner or (*path, number), owner)
            for number, item in enumerate(value)
        ]

    def _structs(self, value: YamlValue, struct: Struct, path: _Path, owner: Struct, kind: str = "") -> YamlValue:
        """Return a list of structs, whose Go type is ``kind`` unless it is a plain list of pointers."""
        if not isinstance(value, list):
            return self._wrong(value, kind or f"[]*{self._full_name(struct)}", path, owner)
        made: list[YamlValue] = []
        for number, item in enumerate(value):
            inner = (*path, number)
            if item is None or isinstance(item, dict):
                made.append(None if item is None else self._struct(item, struct, inner))
            else:
                made.append(self._wrong(item, self._full_name(struct), inner, owner))
        return made

    def _map(self, value: YamlValue, kind: str, path: _Path, owner: Struct) -> YamlValue:
        if not isinstance(value, dict):
            return self._wrong(value, kind, path, owner)
        if kind != "map[string]string":
            return value
        keys = sorted(value) if self._strict else list(value)
        return {
            key: "" if value[key] is None else self._text(value[key], path[-1], (*path, key), owner) for key in keys
        }

    def _entries(self, value: YamlValue, path: _Path, owner: Struct) -> YamlValue:
        if not isinstance(value, dict):
            return self._wrong(value, "map[string]repo.ChartVersions", path, owner)
        return {key: self._versions(value[key], (*path, key), owner) for key in sorted(value)}

    def _versions(self, value: YamlValue, path: _Path, owner: Struct) -> YamlValue:
        if value is None:
            return []
        if not isinstance(value, list):
            return self._wrong(value, "repo.ChartVersions", path, owner)
        made: list[YamlValue] = []
        for number, item in enumerate(value):
            inner = (*path, number)
            if item is None or isinstance(item, dict):
                made.append(None if item is None else self._struct(item, CHART_VERSION, inner))
            else:
                made.append(self._wrong(item, "repo.ChartVersion", inner, owner))
        return made

    def _full_name(self, struct: Struct) -> str:
        return struct.full_names[0 if self._helm == 3 else 1]

    def _wrong(self, value: YamlValue, kind: str, path: _Path, owner: Struct) -> YamlValue:
        return self._refuse(f"json: cannot unmarshal {json_kind(value)} into {self._place(path, owner)} of type {kind}")

    def _place(self, path: _Path, owner: Struct) -> str:
        if self._helm == 3:
            names = [str(part) for number, part in enumerate(path) if isinstance(part, str) and number != 1]
            if "annotations" in names:
                names = names[: names.index("annotations") + 1]
            return f"Go struct field {owner.name}.{'.'.join(names)}"
        place = field_place(path)
        return place if self._strict else place.replace(".", f"{INDEX.name}.", 1)

    def _refuse(self, text: str) -> YamlValue:
        raise self._error(text)

    def _error(self, text: str) -> IndexInvalid:
        return IndexInvalid(_FROM_YAML + text if self._strict else text)


def _of_chart_file(name: str | int, owner: Struct) -> bool:
    """Return whether a field belongs to what Chart.yaml holds."""
    return name in METADATA.fields if owner is CHART_VERSION else owner is not INDEX
