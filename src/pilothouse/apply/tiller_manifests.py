"""Manifest text → objects with addresses, with Helm 2's words for what is wrong (``Client.BuildUnstructured``)."""

from __future__ import annotations

from pilothouse.apply.errors import BadManifest
from pilothouse.formats import json_text
from pilothouse.formats.documents import split_documents
from pilothouse.formats.errors import YamlError
from pilothouse.formats.yaml_text import decode
from pilothouse.kube.errors import KindNotFound
from pilothouse.plan.resources import Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pilothouse.apply.cluster import Cluster, Object


def build(cluster: Cluster, manifest: str, namespace: str) -> list[Resource]:
    """Return the objects of a manifest in its order; lists are taken apart (``Client.BuildUnstructured``).

    Raises:
        BadManifest: A document is no object, or the server does not know its kind.
    """
    resources: list[Resource] = []
    problems: list[str] = []
    for found in _objects(manifest, problems):
        try:
            resources.append(_resource(cluster, found, namespace))
        except KindNotFound as error:
            problems.append(f'unable to recognize "": {error.message}')
    if problems:
        distinct = list(dict.fromkeys(problems))
        raise BadManifest(distinct[0] if len(distinct) == 1 else f"[{', '.join(distinct)}]")
    return resources


def _objects(manifest: str, problems: list[str]) -> Iterator[Object]:
    for text in split_documents(manifest):
        try:
            document = decode(text, integers=True)
        except YamlError as error:
            raise BadManifest(f"error parsing : {error.message}") from error
        if document is None:
            continue
        if not isinstance(document, dict) or not document.get("kind"):
            shown = json_text.encode(document)
            problems.append(f"unable to decode \"\": Object 'Kind' is missing in '{shown}'")
            continue
        yield from _flattened(document)


def _flattened(document: Object) -> Iterator[Object]:
    items = document.get("items")
    if str(document.get("kind")).endswith("List") and isinstance(items, list):
        for item in items:
            if isinstance(item, dict):
                yield from _flattened(item)
        return
    yield document


def _resource(cluster: Cluster, found: Object, namespace: str) -> Resource:
    mapping = cluster.mapping(str(found.get("apiVersion") or ""), str(found.get("kind")))
    metadata = found.get("metadata")
    metadata = dict(metadata) if isinstance(metadata, dict) else {}
    place = ""
    if mapping.namespaced:
        place = str(metadata.get("namespace") or namespace)
        metadata["namespace"] = place
    name = str(metadata.get("name") or "")
    return Resource(mapping=mapping, namespace=place, name=name, object={**found, "metadata": metadata})
