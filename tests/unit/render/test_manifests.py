"""Rendered files are split, told apart and sorted as each Helm does it."""

from __future__ import annotations

import pytest

from pilothouse.progress import Event, Reporter
from pilothouse.render.documents import HookManifest
from pilothouse.render.errors import ManifestError
from pilothouse.render.manifests import sort_manifests, split_documents


@pytest.mark.parametrize(
    ("text", "four", "three"),
    [
        ("a: 1\n---\nb: 2\n", ["a: 1\n", "b: 2\n"], ["a: 1", "b: 2"]),
        ("a: 1\r\n---\r\nb: 2\r\n", ["a: 1\r\n", "b: 2\r\n"], ["a: 1", "b: 2"]),
        ("a: 1\n\n\n---   \n   \n  b: 2\n", ["a: 1\n\n\n", "b: 2\n"], ["a: 1", "b: 2"]),
        ("a: 1\n--- # c\nb: 2\n---b: 2\n", ["a: 1\n", "# c\nb: 2\n", "b: 2\n"], ["a: 1", "# c\nb: 2", "b: 2"]),
        ("---\n---\n\n---\na: 1\n", ["a: 1\n"], ["---", "a: 1"]),
        ("a: 1\n  ---\nb: 2\n", ["a: 1\n  ---\nb: 2\n"], ["a: 1\n  ---\nb: 2"]),
        ("a: 1\n----\n", ["a: 1\n", "-\n"], ["a: 1", "-"]),
        ("\u00a0\v a: 1", ["a: 1"], ["a: 1"]),
        ("a: 1\n\n---", ["a: 1\n\n"], ["a: 1"]),
        ("\x1ca", ["\x1ca"], ["\x1ca"]),
    ],
)
def test_splitting(text: str, four: list[str], three: list[str]) -> None:
    """Helm 4 keeps what follows a document, Helm 3 trims it."""
    assert split_documents(text) == four
    assert split_documents(text, helm=3) == three


def test_order_is_by_kind_then_path() -> None:
    """Kinds go in the order of installing; unknown ones last; within a kind by path, then by place."""
    files = {
        "t/templates/b.yaml": "kind: Zebra\n---\nkind: Service\nmetadata: {name: b}\n---\nkind: Namespace\n",
        "t/templates/a.yaml": "kind: Service\nmetadata: {name: a}\n---\na: 1\n",
        "t/templates/_x.tpl": "kind: [",
        "t/templates/empty.yaml": " \n",
    }
    _, manifests = sort_manifests(files)
    assert [(item.kind, item.name) for item in manifests] == [
        ("Namespace", ""),
        ("Service", "a"),
        ("Service", "b"),
        ("", ""),
        ("Zebra", ""),
    ]


def _hook(annotations: str) -> HookManifest:
    text = f"kind: Job\nmetadata: {{name: x, annotations: {{{annotations}}}}}\n"
    hooks, manifests = sort_manifests({"t/templates/h.yaml": text})
    assert manifests == []
    return hooks[0]


def test_hooks_are_taken_apart() -> None:
    """Events, weight and policies come out of the annotations, whatever their case and blanks."""
    hook = _hook(
        '"helm.sh/hook": " Pre-Install , test-success", "helm.sh/hook-weight": "-05", '
        '"helm.sh/hook-delete-policy": "hook-succeeded, Before-Hook-Creation", '
        '"helm.sh/hook-output-log-policy": hook-failed'
    )
    assert hook.events == ("pre-install", "test")
    assert hook.weight == -5
    assert hook.delete_policies == ("hook-succeeded", "before-hook-creation")
    assert hook.output_log_policies == ("hook-failed",)


@pytest.mark.parametrize("weight", ["x", "1.5", "", "99999999999999999999", "9" * 5000])
def test_weights_that_are_no_integers_are_zero(weight: str) -> None:
    """A bad weight is no error."""
    assert _hook(f'"helm.sh/hook": test, "helm.sh/hook-weight": "{weight}"').weight == 0


def test_unknown_events_drop_the_hook() -> None:
    """A hook with one unknown event is left out, and that is told."""
    heard: list[Event] = []
    text = 'metadata: {annotations: {"helm.sh/hook": "pre-install, nope"}}\n'
    assert sort_manifests({"t/a.yaml": text}, reporter=Reporter(heard.append)) == ([], [])
    assert (heard[0].message, heard[0].fields) == ("skipping unknown hooks", (("hookTypes", "pre-install, nope"),))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: b: c", "error converting YAML to JSON: yaml: mapping values are not allowed in this context"),
        (
            "foo",
            (
                "error unmarshaling JSON: while decoding JSON: json: "
                "cannot unmarshal string into Go value of type util.SimpleHead"
            ),
        ),
        (
            "kind: [1]",
            (
                "error unmarshaling JSON: while decoding JSON: json: "
                "cannot unmarshal array into Go struct field .kind of type string"
            ),
        ),
        (
            "metadata: {annotations: {a: [1]}}",
            (
                "error unmarshaling JSON: while decoding JSON: json: "
                "cannot unmarshal array into Go struct field .metadata.annotations.a of type string"
            ),
        ),
        (
            "metadata: 5",
            (
                "error unmarshaling JSON: while decoding JSON: json: "
                "cannot unmarshal number into Go struct field .metadata "
                'of type struct { Name string "json:\\"name\\""; '
                'Annotations map[string]string "json:\\"annotations\\"" }'
            ),
        ),
    ],
)
def test_what_is_no_object(text: str, message: str) -> None:
    """The file is named, and everything rendered is kept for showing."""
    files = {"t/templates/a.yaml": text}
    with pytest.raises(ManifestError) as caught:
        sort_manifests(files)
    assert caught.value.message == f"YAML parse error on t/templates/a.yaml: {message}"
    assert caught.value.files == files
