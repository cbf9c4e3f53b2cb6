"""The objects in a stream, as far as linting looks at them (Helm's ``k8sYamlStruct``)."""

from __future__ import annotations

from pilothouse.charts.decoding import Decoder, Struct
from pilothouse.formats.documents import split_documents
from pilothouse.formats.yaml_text import decode
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


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

    Raises:
        YamlError: One is no YAML.
        DecodingError: One is no object.
    """
    struct = _structs(helm)
    for document in split_documents(text):
        value = decode(document, integers=True)
        if value is None:
            continue
        found = {key.lower(): item for key, item in Decoder(helm).decode(value, struct).items()}
        metadata = {key.lower(): item for key, item in found.get("metadata", {}).items()}
        yield LintedObject(
            api_version=found.get("apiversion", ""), kind=found.get("kind", ""), name=metadata.get("name", "")
        )
