"""Rendered text → objects with addresses (``kube.Client.Build``)."""

from __future__ import annotations

from pilothouse.apply.errors import BadManifest
from pilothouse.formats import json_text
from pilothouse.formats.documents import split_documents
from pilothouse.formats.errors import YamlError
from pilothouse.formats.yaml_text import decode
from pilothouse.kube.errors import KindNotFound
from pilothouse.objects.identity import metadata_of
from pilothouse.objects.metadata_types import metadata_problem
from pilothouse.plan.resources import Resource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pilothouse.apply.cluster import Cluster
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.objects.mapping import Mapping


_UNTYPED = (
    'unable to get type info from the object "*unstructured.Unstructured": '
    "Object 'apiVersion' is missing in 'object has no apiVersion field'"
)


def build_resources(cluster: Cluster, manifest: str, namespace: str, *, validate: bool = False) -> list[Resource]:
    """Return the objects of a manifest in its order.

    Args:
        cluster: Says how kinds are addressed.
        manifest: YAML documents; lists are taken apart.
        namespace: Namespace of objects that name none.
        validate: Whether objects are compared with the server's schemas.

    Raises:
        BadManifest: A document is no object, or the server does not know its kind.
    """
    resources: list[Resource] = []
    problems: list[str] = []
    for document in _documents(manifest):
        try:
            _require_kind(document, validate=validate)
            for found in flattened(document) if validate else ():
                _require_kind(found, validate=True)
                _require_schema(cluster, found)
        except BadManifest as error:
            raise BadManifest(joined([*problems, error.message]), hints=error.hints) from error
        problem = metadata_problem(document)
        if problem:
            problems.append(f'unable to decode "": {problem}')
            continue
        for found in flattened(document):
            problem = _problem_in_list(found) if found is not document else ""
            if problem:
                problems.append(problem)
                continue
            try:
                mapping = cluster.mapping(str(found.get("apiVersion") or "v1"), str(found.get("kind")))
            except KindNotFound as error:
                metadata = metadata_of(found)
                place = str(metadata.get("namespace") or "")
                problems.append(error.for_resource(str(metadata.get("name") or ""), place).message)
            else:
                resources.append(addressed(mapping, found, namespace))
    if problems:
        raise BadManifest(joined(problems))
    return resources


def _problem_in_list(found: dict[str, YamlValue]) -> str:
    """Return what is wrong with an object of a list, empty for nothing."""
    if not found.get("apiVersion"):
        return _UNTYPED
    if any(not isinstance(metadata_of(found).get(key) or {}, dict) for key in ("labels", "annotations")):
        return f'unable to decode "": {metadata_problem(found)}'
    return ""


def joined(problems: Iterable[str]) -> str:
    """Return several problems as one text, each said once (``errors.NewAggregate``)."""
    distinct = list(dict.fromkeys(problems))
    return distinct[0] if len(distinct) == 1 else f"[{', '.join(distinct)}]"


def _documents(manifest: str) -> Iterator[dict[str, YamlValue]]:
    for text in split_documents(manifest):
        try:
            document = decode(text, integers=True)
        except YamlError as error:
            raise BadManifest(f"error parsing : {error.message}") from error
        if document is None:
            continue
        if not isinstance(document, dict):
            raise BadManifest(f"error validating data: invalid object to validate: {type(document).__name__}")
        yield document


def flattened(document: dict[str, YamlValue]) -> Iterator[dict[str, YamlValue]]:
    """Yield an object, or the items of a list (``resource.FlattenListVisitor``)."""
    items = document.get("items")
    if document.get("kind") == "List" and document.get("apiVersion") == "v1" and not isinstance(items, list):
        raise BadManifest('error validating "": error validating data: invalid object to validate')
    if str(document.get("kind", "")).endswith("List") and isinstance(items, list):
        for item in items:
            if not isinstance(item, dict):
                raise BadManifest('error validating "": error validating data: invalid object to validate')
            yield from flattened(item)
        return
    yield document


def _require_kind(found: dict[str, YamlValue], *, validate: bool) -> None:
    """Check that an object says what it is (``validation.SchemaValidation`` and ``unstructuredJSONScheme``)."""
    missing = []
    for key in ("apiVersion", "kind"):
        value = found.get(key)
        if value is not None and not isinstance(value, str):
            missing.append(f"{key} isn't string type")
        elif not value:
            missing.append(f"{key} not set")
    if validate and missing:
        raise _not_valid(missing)
    if not isinstance(found.get("kind"), str) or not found["kind"]:
        text = json_text.encode(found, escape_html=False)
        raise BadManifest(f"unable to decode \"\": Object 'Kind' is missing in '{text}'")


def _require_schema(cluster: Cluster, found: dict[str, YamlValue]) -> None:
    problems = cluster.schema_problems(found)
    if problems:
        raise _not_valid(problems)


def _not_valid(problems: list[str]) -> BadManifest:
    return BadManifest(f'error validating "": error validating data: {joined(problems)}')


def addressed(mapping: Mapping, found: dict[str, YamlValue], namespace: str) -> Resource:
    """Return an object with its address; where it names no namespace, it gets ``namespace``."""
    metadata = found.get("metadata")
    metadata = dict(metadata) if isinstance(metadata, dict) else {}
    place = ""
    if mapping.namespaced:
        place = metadata.get("namespace") or namespace
        metadata["namespace"] = place
    return Resource(
        mapping=mapping,
        namespace=str(place),
        name=str(metadata.get("name") or ""),
        object={**found, "metadata": metadata},
    )
