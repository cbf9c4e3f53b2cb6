"""YAML as Helm reads and writes it: ``sigs.k8s.io/yaml`` over go-yaml v2, and go-yaml v3 for ``toYamlPretty``."""

from __future__ import annotations

from pilothouse.formats.errors import YamlError

__all__ = [
    "YamlError",
    "decode",
    "decode_documents",
    "decode_list",
    "decode_mapping",
    "encode",
    "encode_pretty",
]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pilothouse.golang.kinds import GoValue, YamlValue

_DECODING = "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal"


def decode(text: str | bytes, *, integers: bool = False) -> YamlValue:
    """Return the value of the first document (``yaml.Unmarshal``).

    Args:
        text: UTF-8 text; a str may hold surrogate escapes for bytes that are no UTF-8.
        integers: Whether whole numbers become ``int`` (as objects for Kubernetes have them) in place of ``float``.

    Raises:
        YamlError: The text is no YAML, or no YAML that JSON can show.
    """
    from pilothouse.formats.scalars import resolve_exact, resolve_json

    return _first(text, resolve_exact if integers else resolve_json)


def _first(text: str | bytes, number: Callable[[str], YamlValue]) -> YamlValue:
    """Read the first document with the quick reader, or with all of YAML when that one declines."""
    from pilothouse.formats.yaml_keys import Unusual
    from pilothouse.formats.yaml_reader import prepare, read

    try:
        return read(prepare(text), number) if text else None
    except Unusual:
        from pilothouse.formats.yaml_events import read_document

        return read_document(text, number)


def decode_mapping(text: str | bytes, *, integers: bool = False) -> dict[str, YamlValue]:
    """Return the first document, which must be a mapping or nothing (``Unmarshal`` into ``map[string]interface{}``)."""
    value = decode(text, integers=integers)
    if isinstance(value, dict):
        return value
    if value is None:
        return {}
    raise _misfit(value, "map[string]interface {}")


def decode_list(text: str | bytes) -> list[YamlValue]:
    """Return the first document, which must be a list or nothing (``Unmarshal`` into ``[]interface{}``)."""
    value = decode(text)
    if isinstance(value, list):
        return value
    if value is None:
        return []
    raise _misfit(value, "[]interface {}")


def _misfit(value: YamlValue, wanted: str) -> YamlError:
    from pilothouse.formats.plain_values import json_kind

    return YamlError(f"{_DECODING} {json_kind(value)} into Go value of type {wanted}")


def encode(value: GoValue) -> str:
    """Return ``value`` as YAML text that ends with a line feed (``yaml.Marshal``; ``toYaml`` cuts the line feed).

    Raises:
        YamlError: Go's JSON cannot show the value, or go-yaml cannot read what JSON shows.
    """
    from pilothouse.formats.yaml_emitter import encode as write

    return write(value)


def encode_pretty(value: GoValue) -> str:
    """Return ``value`` as go-yaml v3 writes it (``toYamlPretty``): lists are indented, lines are never folded."""
    from pilothouse.formats.yaml_emitter import encode_pretty as write

    return write(value)


def decode_documents(text: str | bytes, *, integers: bool = False) -> Iterator[YamlValue]:
    """Yield the value of each document of a stream as Kubernetes' and Helm's readers split it."""
    from pilothouse.formats.documents import split_documents

    for part in split_documents(text):
        yield decode(part, integers=integers)
