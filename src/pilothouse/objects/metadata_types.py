"""Metadata whose types are wrong, told as Go's JSON decoder does when it reads ``ObjectMeta``.

kubectl's machinery, which Helm uses, decodes the head of every object before anything is sent
(``resource.metadataValidatingDecoder``).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pilothouse.golang.kinds import YamlValue

_TEXTS = ("generateName", "name", "namespace", "resourceVersion", "selfLink")
_INTEGERS = ("deletionGracePeriodSeconds", "generation")
_TIMES = ("creationTimestamp", "deletionTimestamp")
_MAPS = ("annotations", "labels")
_RFC3339 = "2006-01-02T15:04:05Z07:00"
_OWNER = {
    "apiVersion": "string",
    "blockOwnerDeletion": "bool",
    "controller": "bool",
    "kind": "string",
    "name": "string",
    "uid": "types.UID",
}


def metadata_problem(document: Mapping[str, YamlValue]) -> str:
    """Return what is wrong with the types in an object's head, the first thing only; empty when nothing is."""
    version = document.get("apiVersion")
    if version is not None and not isinstance(version, str):
        return _wrong(version, "metadataOnlyObject", "TypeMeta.apiVersion", "string")
    metadata = document.get("metadata")
    if metadata is None:
        return ""
    if not isinstance(metadata, dict):
        return _wrong(metadata, "metadataOnlyObject", "metadata", "v1.ObjectMeta")
    return next(_problems(metadata), "")


def _problems(metadata: Mapping[str, YamlValue]) -> Iterator[str]:
    """Yield problems in the order of the keys, which is that of the JSON that Go reads."""
    for key in sorted(metadata):
        value = metadata[key]
        if value is None:
            continue
        if key in _TEXTS and not isinstance(value, str):
            yield _of_metadata(value, key, "string")
        elif key == "uid" and not isinstance(value, str):
            yield _of_metadata(value, key, "types.UID")
        elif key in _INTEGERS and (isinstance(value, bool) or not isinstance(value, int)):
            yield _of_metadata(value, key, "int64")
        elif key in _TIMES:
            yield from _in_time(key, value)
        elif key in _MAPS:
            yield from _in_map(key, value)
        elif key == "finalizers":
            yield from _in_list(key, value)
        elif key == "ownerReferences":
            yield from _in_owners(value)


def _in_map(key: str, value: YamlValue) -> Iterator[str]:
    if not isinstance(value, dict):
        yield _of_metadata(value, key, "map[string]string")
        return
    for _, item in sorted(value.items()):
        if item is not None and not isinstance(item, str):
            yield _of_metadata(item, key, "string")


def _in_time(key: str, value: YamlValue) -> Iterator[str]:
    if not isinstance(value, str):
        yield _of_metadata(value, key, "string")
        return
    from pilothouse.golang.functions import FunctionError
    from pilothouse.golang.timeparsing import parse_fields

    try:
        parse_fields(_RFC3339, value)
    except FunctionError as error:
        yield str(error)


def _in_list(key: str, value: YamlValue) -> Iterator[str]:
    if not isinstance(value, list):
        yield _of_metadata(value, key, "[]string")
        return
    for item in value:
        if item is not None and not isinstance(item, str):
            yield _of_metadata(item, key, "string")


def _in_owners(value: YamlValue) -> Iterator[str]:
    if not isinstance(value, list):
        yield _of_metadata(value, "ownerReferences", "[]v1.OwnerReference")
        return
    for owner in value:
        if not isinstance(owner, dict):
            if owner is not None:
                yield _of_metadata(owner, "ownerReferences", "v1.OwnerReference")
            continue
        for key, kind in _OWNER.items():
            item = owner.get(key)
            if item is not None and not isinstance(item, bool if kind == "bool" else str):
                yield _wrong(item, "OwnerReference", f"metadata.ownerReferences.{key}", kind)


def _of_metadata(value: YamlValue, key: str, kind: str) -> str:
    return _wrong(value, "ObjectMeta", f"metadata.{key}", kind)


def _wrong(value: YamlValue, struct: str, field: str, kind: str) -> str:
    """Return Go's ``json.UnmarshalTypeError``."""
    return f"json: cannot unmarshal {_called(value, kind)} into Go struct field {struct}.{field} of type {kind}"


def _called(value: YamlValue, kind: str) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, float) and kind == "int64":
        return f"number {value!r}"
    for type_, name in ((int, "number"), (float, "number"), (str, "string"), (list, "array")):
        if isinstance(value, type_):
            return name
    return "object"
