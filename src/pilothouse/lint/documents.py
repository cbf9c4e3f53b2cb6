"""The objects in a stream, as far as linting looks at them (Helm's ``k8sYamlStruct``)."""

from __future__ import annotations

import json

from pilothouse.charts.decoding import Decoder, DecodingError, Struct
from pilothouse.formats.documents import split_documents
from pilothouse.formats.errors import JsonError, YamlError
from pilothouse.formats.yaml_text import decode
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pilothouse.golang.kinds import YamlValue

#: So far into a stream is looked for what tells its kind.
_PEEKED = 4096
_SPACES = "\t\n\v\f\r \x85\xa0"
_BLANKS = " \t\r\n"


class LintedObject(Record):
    """One document.

    Attributes:
        name: ``metadata.name``.
    """

    api_version: str
    kind: str
    name: str


def _structs(helm: int) -> Struct:
    """Return what is decoded; Helm 3's fields have no JSON names of their own, which its errors show."""
    names = {"name": "string", "namespace": "string"} if helm >= 4 else {"Name": "string", "Namespace": "string"}
    metadata = Struct(
        name="k8sYamlMetadata", full_names=("rules.k8sYamlMetadata", "rules.k8sYamlMetadata"), fields=names
    )
    top = {"apiVersion": "string", "kind": "string", "metadata": metadata}
    if helm == 3:
        top = {"apiVersion": "string", "Kind": "string", "Metadata": metadata}
    return Struct(name="K8sYamlStruct", full_names=("rules.K8sYamlStruct", "rules.k8sYamlStruct"), fields=top)


def decode_objects(text: str, helm: int) -> Iterator[LintedObject]:
    """Yield the documents of a stream that are not empty (``yaml.NewYAMLOrJSONDecoder``).

    A stream that begins with a brace is read as JSON; with Helm 4 it is read as YAML from the first value on that is no
    JSON, unless two were.

    Raises:
        YamlError: One is no YAML.
        JsonError: One is no JSON, nor YAML where that is tried.
        DecodingError: One is no object.
    """
    first: JsonError | DecodingError | None = None
    position = count = 0
    if text[:_PEEKED].lstrip(_SPACES).startswith("{"):
        while position < len(text) and first is None:
            position += len(text[position:]) - len(text[position:].lstrip(_BLANKS))
            if position == len(text):
                return
            try:
                value, end = _json_value(text, position, helm)
                found = _linted(value, helm)
            except (JsonError, DecodingError) as error:
                if helm < 4 or count > 1:
                    raise _in_json(error, text, position, shown=helm < 4 or count < 2) from error
                first = error
                continue
            position, count = end, count + 1
            if found is not None:
                yield found
        if first is None:
            return
    yield from _yaml_objects(text, position, helm, first)


def _yaml_objects(text: str, start: int, helm: int, first: JsonError | DecodingError | None) -> Iterator[LintedObject]:
    """Yield the documents from somewhere on; the first fault is that of JSON where that was tried before."""
    rest = text[start:]
    for number, document in enumerate(split_documents(rest)):
        try:
            found = _linted(decode(document, integers=True), helm)
        except (YamlError, DecodingError) as error:
            if first is None or number:
                raise
            raise _in_json(first, text, start, shown=True) from error
        if found is not None:
            yield found


def _linted(value: YamlValue, helm: int) -> LintedObject | None:
    if value is None:
        return None
    found = {key.lower(): item for key, item in Decoder(helm).decode(value, _structs(helm)).items()}
    metadata = {key.lower(): item for key, item in found.get("metadata", {}).items()}
    return LintedObject(
        api_version=found.get("apiversion", ""), kind=found.get("kind", ""), name=metadata.get("name", "")
    )


def _json_value(text: str, position: int, helm: int) -> tuple[YamlValue, int]:
    """Return the JSON value somewhere in a text, and where it ends.

    Raises:
        JsonError: There is none; the column is that of the whole text.
    """

    def refuse(name: str) -> None:
        raise ValueError(name)

    try:
        value, end = json.JSONDecoder(parse_constant=refuse).raw_decode(text, position)
    except (ValueError, RecursionError):
        from pilothouse.formats.json_errors import explain

        raise explain(text[position:], helm=helm) from None
    return value, end


def _in_json(error: JsonError | DecodingError, text: str, start: int, *, shown: bool) -> JsonError:
    """Return a fault with the words of the reader of JSON streams (``JSONSyntaxError``)."""
    if isinstance(error, DecodingError):
        return JsonError(error.message.removeprefix("error unmarshaling JSON: while decoding JSON: "))
    if error.message == "unexpected end of JSON input":
        return JsonError("unexpected EOF")
    lines = text[start:].split("\n")
    before = text[:start] + "".join(f"{line}\n" for line in lines[: (error.line or 1) - 1])
    before += lines[(error.line or 1) - 1][: (error.column or 1) - 1]
    offset = len(before.encode("utf-8", "surrogateescape")) + 1
    return JsonError(f"json: offset {offset}: {error.message}" if shown else error.message)
