"""Post-rendering: a program of the user's that changes manifests before they are used.

Helm 3 hands over the finished manifest. Helm 4 hands over every document, hooks included, with an annotation that says
which file it came from, and sorts what comes back into files again. Both ways the documents are written anew, see
:mod:`pilothouse.render.node_layout`.
"""

from __future__ import annotations

from pilothouse.formats.documents import split_documents
from pilothouse.render.errors import ManifestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    from pilothouse.render.node_layout import Node

    class PostRenderer(Protocol):
        """Changes rendered manifests."""

        def run(self, manifests: str) -> str:
            """Return ``manifests``, a stream of YAML documents, as it should be."""


ANNOTATION = "postrenderer.helm.sh/postrender-filename"


def annotate(files: Mapping[str, str]) -> str:
    """Return all documents of rendered files as one stream, each with the annotation (``annotateAndMerge``).

    Raises:
        ManifestError: A document is no YAML.
    """
    from pilothouse.render.node_layout import write

    merged: list[str] = []
    for path in sorted(files):
        if path.rpartition("/")[2].startswith("_"):
            continue
        for document in split_documents(files[path], whole_lines=False):
            root = _read(document, path, files)
            if root is not None:
                _annotate(root, path)
                merged.append(write(root, document))
    return "---\n".join(merged)


def regroup(stream: str) -> dict[str, str]:
    """Return the documents of a post-rendered stream by file, without the annotation (``splitAndDeannotate``).

    Raises:
        ManifestError: A document is no YAML.
    """
    from pilothouse.render.node_layout import write

    files: dict[str, list[str]] = {}
    number = 0
    for document in split_documents(stream, whole_lines=False):
        root = _read(document, "post-rendered output", {})
        if root is None:
            continue
        path = _take_annotation(root) or f"generated-by-postrender-{number}.yaml"
        files.setdefault(path, []).append(write(root, document))
        number += 1
    return {path: "---\n".join(documents) for path, documents in files.items()}


def _read(text: str, path: str, files: Mapping[str, str]) -> Node | None:
    """Return the root of a document, ``None`` for one that is no mapping."""
    import yaml

    from pilothouse.render.node_layout import read

    try:
        root = read(text)
    except yaml.YAMLError as error:
        reason = str(error).replace("\n", " ")
        raise ManifestError(
            f"error while running post render on files: parsing {path}: {reason}", path=path, files=files
        ) from error
    return root if root is not None and root.is_mapping else None


def _annotate(root: Node, path: str) -> None:
    from pilothouse.render.node_layout import mapping, scalar

    node = root
    for name in ("metadata", "annotations"):
        found = node.get(name)
        if found is None or not found.items:
            node.drop(name)
            found = mapping()
            node.put(name, found)
        node = found
    node.put(ANNOTATION, scalar(path, "'"))


def _take_annotation(root: Node) -> str:
    """Take the annotation out, and what it leaves empty, and return what it said."""
    metadata = root.get("metadata")
    annotations = metadata.get("annotations") if metadata is not None else None
    found = annotations.get(ANNOTATION) if annotations is not None else None
    if metadata is None or annotations is None or found is None:
        return ""
    annotations.drop(ANNOTATION)
    if not annotations.items:
        metadata.drop("annotations")
    if not metadata.items:
        root.drop("metadata")
    return found.text
