"""Post-rendering: a program of the user's that changes manifests before they are used.

Helm 3 hands over the finished manifest. Helm 4 hands over every document, hooks included, with an annotation that says
which file it came from, and sorts what comes back into files again. Text is changed only where the annotation goes, so
that comments and layout are the author's.
"""

from __future__ import annotations

from pilothouse.formats.documents import split_documents
from pilothouse.render.errors import ManifestError
from pilothouse.render.manifests import SPACES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Protocol

    import yaml

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
    merged: list[str] = []
    for path in sorted(files):
        if path.rpartition("/")[2].startswith("_"):
            continue
        for document in split_documents(files[path]):
            root = _compose(document, path, files)
            if root is not None:
                merged.append(_annotated(document, root, path).strip(SPACES) + "\n")
    return "---\n".join(merged)


def regroup(stream: str) -> dict[str, str]:
    """Return the documents of a post-rendered stream by file, without the annotation (``splitAndDeannotate``).

    Raises:
        ManifestError: A document is no YAML.
    """
    files: dict[str, list[str]] = {}
    number = 0
    for document in split_documents(stream):
        root = _compose(document, "post-rendered output", {})
        if root is None:
            continue
        path, text = _without_annotation(document, root)
        files.setdefault(path or f"generated-by-postrender-{number}.yaml", []).append(text.strip(SPACES) + "\n")
        number += 1
    return {path: "---\n".join(documents) for path, documents in files.items()}


def _compose(text: str, path: str, files: Mapping[str, str]) -> yaml.MappingNode | None:
    """Return the nodes of a document with their places, ``None`` for one without content."""
    import yaml

    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        reason = str(error).replace("\n", " ")
        raise ManifestError(
            f"error while running post render on files: parsing {path}: {reason}", path=path, files=files
        ) from error
    return root if isinstance(root, yaml.MappingNode) else None


def _entry(node: yaml.Node, name: str) -> tuple[yaml.Node, yaml.Node] | None:
    """Return key and value of an entry of a map, ``None`` when there is no such entry or no map."""
    import yaml

    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        if key.value == name:
            return key, value
    return None


def _annotated(text: str, root: yaml.MappingNode, path: str) -> str:
    pair = f"{ANNOTATION}: '{path}'"
    metadata = _entry(root, "metadata")
    if metadata is None:
        return _with_first(text, root, "metadata", f"annotations: {{{pair}}}")
    annotations = _entry(metadata[1], "annotations")
    if annotations is None:
        if not metadata[1].value:
            return _replaced(text, metadata[1], f" {{annotations: {{{pair}}}}}")
        return _with_first(text, metadata[1], "annotations", pair)
    if not annotations[1].value:
        return _replaced(text, annotations[1], f" {{{pair}}}")
    return _with_pair(text, annotations[1], pair)


def _is_between_braces(node: yaml.Node) -> bool:
    return bool(getattr(node, "flow_style", False))


def _replaced(text: str, node: yaml.Node, new: str) -> str:
    start, end = node.start_mark.index, node.end_mark.index
    return text[:start].rstrip(" ") + new + text[end:]


def _with_first(text: str, node: yaml.Node, name: str, inner: str) -> str:
    """Put ``name: {inner}`` in front of the entries of a map."""
    return _with_pair(text, node, f"{name}: {{{inner}}}")


def _with_pair(text: str, node: yaml.Node, pair: str) -> str:
    if _is_between_braces(node):
        start = node.start_mark.index + 1
        return f"{text[:start]}{pair}, {text[start:]}"
    first = node.value[0][0].start_mark
    return f"{text[: first.index]}{pair}\n{' ' * first.column}{text[first.index :]}"


def _without_annotation(text: str, root: yaml.MappingNode) -> tuple[str, str]:
    """Return the file a document came from and the document without the annotation and what it leaves empty."""
    metadata = _entry(root, "metadata")
    annotations = _entry(metadata[1], "annotations") if metadata is not None else None
    found = _entry(annotations[1], ANNOTATION) if annotations is not None else None
    if metadata is None or annotations is None or found is None:
        return "", text
    path = str(found[1].value)
    for owner, entry in ((annotations[1], found), (metadata[1], annotations)):
        if len(owner.value) > 1:
            return path, _removed(text, owner, entry)
    return path, _removed(text, root, metadata)


def _removed(text: str, owner: yaml.Node, entry: tuple[yaml.Node, yaml.Node]) -> str:
    """Take an entry out of a map: its lines, or between braces its text and one comma."""
    start, end = entry[0].start_mark.index, entry[1].end_mark.index
    place = next(number for number, (key, _) in enumerate(owner.value) if key is entry[0])
    if place + 1 < len(owner.value):
        return text[:start] + text[owner.value[place + 1][0].start_mark.index :]
    if _is_between_braces(owner):
        return text[: owner.value[place - 1][1].end_mark.index] + text[end:]
    line = text.rfind("\n", 0, start) + 1
    rest = text[end:]
    return text[:line] + (rest.lstrip(" ").removeprefix("\n") if not text[line:start].strip(" ") else rest)
