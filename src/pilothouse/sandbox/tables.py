"""Objects as tables, for ``kubectl get``: the columns and rows that the API server answers with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pilothouse.golang.kinds import YamlValue
from pilothouse.objects.identity import split_api_version
from pilothouse.sandbox import jsonpaths
from pilothouse.sandbox.tablerows import DEFAULT, EVENTS, ROWS
from pilothouse.sandbox.tabletext import age

_NAME = (
    "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a"
    " client to request the generation of an appropriate name automatically. Name is primarily intended for creation"
    " idempotence and configuration definition. Cannot be updated. More info:"
    " https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names"
)
_EVENTS = {"events", "events.events.k8s.io"}
_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"
_AGE_COLUMN = {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}


def _column(name: str, *, kind: str = "string", form: str = "", priority: int = 0, text: str = "") -> YamlValue:
    return {"name": name, "type": kind, "format": form, "description": text, "priority": priority}


def _columns(names: str) -> list[YamlValue]:
    found = []
    for name in names.split("|"):
        form = "date-time" if name == "Created At" else ""
        found.append(_column(name.rstrip("*"), form=form, priority=int(name.endswith("*"))))
    return found


def _name_of(kind: str, value: YamlValue) -> str:
    name = str(value["metadata"].get("name", ""))
    is_default = (value["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) == "true"
    return f"{name} (default)" if kind == "storageclasses.storage.k8s.io" and is_default else name


def _wanted(custom: Iterable[Mapping[str, YamlValue]]) -> list[Mapping[str, YamlValue]]:
    return list(custom) or [_AGE_COLUMN]


def _custom_columns(custom: Iterable[Mapping[str, YamlValue]]) -> list[YamlValue]:
    return [
        _column(
            each["name"],
            kind=each.get("type", "string"),
            form=each.get("format", ""),
            priority=each.get("priority", 0),
            text=each.get("description")
            or f"Custom resource definition column (in JSONPath format): {each.get('jsonPath', '')}",
        )
        for each in _wanted(custom)
    ]


def _custom_cell(value: YamlValue, column: Mapping[str, YamlValue], now: float) -> YamlValue:
    found = jsonpaths.find(value, column.get("jsonPath", ""))
    kind = column.get("type", "string")
    if not found or found[0] is None:
        return None
    first = found[0]
    if kind == "date":
        return age(first, now)
    if kind == "string":
        return first if isinstance(first, str) and len(found) == 1 else ",".join(map(_text, found))
    if kind == "integer" and isinstance(first, (int, float)) and not isinstance(first, bool):
        return int(first)
    return first


def _text(value: YamlValue) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        import orjson

        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    return str(value)


def _rows(
    kind: str, values: Iterable[YamlValue], now: float, custom: Iterable[Mapping[str, YamlValue]] | None
) -> list[list[YamlValue]]:
    if kind in _EVENTS:
        return [EVENTS[1](value, now) for value in values]
    if custom is not None:
        wanted = _wanted(custom)
        return [[_name_of(kind, value), *(_custom_cell(value, each, now) for each in wanted)] for value in values]
    cells = ROWS.get(kind, DEFAULT)[1]
    return [[_name_of(kind, value), *cells(value, now)] for value in values]


def _headers(kind: str, custom: Iterable[Mapping[str, YamlValue]] | None) -> list[YamlValue]:
    if kind in _EVENTS:
        return _columns(EVENTS[0])
    name = _column("Name", form="name", text=_NAME)
    return [name, *(_columns(ROWS.get(kind, DEFAULT)[0]) if custom is None else _custom_columns(custom))]


def _resource(group: str, kind: str) -> str:
    """Return ``plural.group``. Go's ``meta.UnsafeGuessKindToResource``."""
    lower = kind.lower()
    if lower != "endpoints":
        lower = lower + "es" if lower.endswith("s") else lower[:-1] + "ies" if lower.endswith("y") else lower + "s"
    return f"{lower}.{group}" if group else lower


def columns(group: str, kind: str, custom: Sequence[Mapping[str, YamlValue]] | None = None) -> list[YamlValue]:
    """Return the columns of a kind.

    Args:
        group: The API group.
        kind: The kind.
        custom: ``additionalPrinterColumns`` of a custom resource; None for a built-in one.
    """
    return _headers(_resource(group, kind), custom)


def rows(
    values: Iterable[YamlValue], now: float, custom: Sequence[Mapping[str, YamlValue]] | None = None
) -> list[list[YamlValue]]:
    """Return the cells of each object, in the order of the columns.

    Args:
        values: Objects, with ``apiVersion`` and ``kind``.
        now: The time in seconds since 1970, for ages.
        custom: ``additionalPrinterColumns`` of a custom resource; None for a built-in one.
    """
    found = []
    for value in values:
        group = split_api_version(value.get("apiVersion", ""))[0]
        found += _rows(_resource(group, value.get("kind", "")), [value], now, custom)
    return found
