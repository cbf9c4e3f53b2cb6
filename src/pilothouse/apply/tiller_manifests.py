"""Manifest text → objects with addresses, with Helm 2's words for what is wrong (``Client.BuildUnstructured``)."""

from __future__ import annotations

from pilothouse.apply.errors import BadManifest
from pilothouse.apply.manifests import addressed, flattened, joined
from pilothouse.formats import json_text
from pilothouse.formats.documents import split_documents
from pilothouse.formats.errors import YamlError
from pilothouse.formats.yaml_text import decode
from pilothouse.kube.errors import KindNotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from pilothouse.apply.cluster import Cluster, Object
    from pilothouse.plan.resources import Resource


def build(cluster: Cluster, manifest: str, namespace: str) -> list[Resource]:
    """Return the objects of a manifest in its order; lists are taken apart (``Client.BuildUnstructured``).

    Raises:
        BadManifest: A document is no object, or the server does not know its kind.
    """
    resources: list[Resource] = []
    problems: list[str] = []
    for found in _objects(manifest, problems):
        try:
            mapping = cluster.mapping(str(found.get("apiVersion") or ""), str(found.get("kind")))
            resources.append(addressed(mapping, found, namespace))
        except KindNotFound as error:
            problems.append(f'unable to recognize "": {error.message}')
    if problems:
        raise BadManifest(joined(problems))
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
        yield from flattened(document)
