"""Documents go through a post-renderer and come back to their files, laid out as kyaml lays them out."""

from __future__ import annotations

import pytest

from pilothouse.formats.yaml_text import decode_documents
from pilothouse.render.errors import ManifestError
from pilothouse.render.postrender import ANNOTATION, annotate, regroup

#: Documents as they are written and as Helm 4.3.1 writes them.
DOCUMENTS = [
    (
        "# head\nkind: A # trailing\nmetadata:\n    name: a   # n\ndata:\n    x: |\n      text\n",
        "# head\nkind: A # trailing\nmetadata:\n  name: a # n\ndata:\n  x: |\n    text\n",
    ),
    ("kind: A\n", "kind: A\n"),
    ("kind: A\nmetadata: {name: x, annotations: {q: r}}\n", "kind: A\nmetadata: {name: x, annotations: {q: r}}\n"),
    ("kind: A\nspec:\n  - a: 1\n\n  # two\n  - b\n", "kind: A\nspec:\n- a: 1\n# two\n- b\n"),
    ("kind: A\na: one\n  two\n\n  three\n", "kind: A\na: |-\n  one two\n  three\n"),
    ("kind: A\nb: >\n  folded\n  text\nc: d\n", "kind: A\nb: >\n  folded text\n\nc: d\n"),
]


@pytest.mark.parametrize(("document", "laid_out"), DOCUMENTS)
def test_a_document_comes_back_laid_out(document: str, laid_out: str) -> None:
    """The annotation leaves no trace; the layout is kyaml's, the styles and comments are the author's."""
    stream = annotate({"t/templates/a.yaml": document})
    (decoded,) = decode_documents(stream)
    assert decoded["metadata"]["annotations"][ANNOTATION] == "t/templates/a.yaml"
    assert regroup(stream) == {"t/templates/a.yaml": laid_out}


@pytest.mark.parametrize("document", [laid_out for _, laid_out in DOCUMENTS])
def test_the_layout_is_settled(document: str) -> None:
    """What is laid out already stays as it is."""
    assert regroup(annotate({"f": document})) == {"f": document}


@pytest.mark.parametrize(
    "document", ["kind: A\nmetadata: {}\n", "kind: A\nmetadata:\n", "metadata:\n  annotations: {}\n  name: x\n"]
)
def test_empty_maps_are_filled(document: str) -> None:
    """Where there is no entry to stand beside, the annotation still fits in."""
    (decoded,) = decode_documents(annotate({"f": document}))
    assert decoded["metadata"]["annotations"] == {ANNOTATION: "f"}


def test_files_are_told_apart() -> None:
    """Documents are gathered by the file they say they are from; new ones get a file of their own."""
    files = {"b": "kind: B\n---\nkind: C\n", "a": "kind: A\n---\n# nothing\n", "_p": "kind: P\n", "e": " \n"}
    stream = annotate(files) + "---\nkind: New\n"
    assert regroup(stream) == {
        "a": "kind: A\n",
        "b": "kind: B\n---\nkind: C\n",
        "generated-by-postrender-3.yaml": "kind: New\n",
    }


def test_a_reordered_annotation_is_found() -> None:
    """A post-renderer may sort keys and change quotes."""
    stream = f"kind: A\nmetadata:\n  annotations:\n    a: b\n    {ANNOTATION}: f.yaml\n  name: x\n"
    assert regroup(stream) == {"f.yaml": "kind: A\nmetadata:\n  annotations:\n    a: b\n  name: x\n"}


def test_what_is_no_yaml_is_refused() -> None:
    """A document that cannot be read cannot be handed over."""
    with pytest.raises(ManifestError, match=r"^error while running post render on files: parsing f: "):
        annotate({"f": "a: b: c"})
