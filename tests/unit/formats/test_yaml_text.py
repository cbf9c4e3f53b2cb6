"""Reading YAML as Helm does, against what real Helm printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pilothouse.formats import json_text, yaml_text
from pilothouse.formats.errors import YamlError


def vectors(shared: Path, name: str) -> Any:
    """Return recorded results of the real Helm."""
    return json.loads((shared / "reference" / "helm4" / "vectors" / name).read_text())


def from_yaml(text: str) -> dict[str, Any]:
    """Behave as the template function ``fromYaml``."""
    try:
        return yaml_text.decode_mapping(text)
    except YamlError as error:
        return {"Error": error.message}


def from_yaml_array(text: str) -> list[Any]:
    """Behave as the template function ``fromYamlArray``."""
    try:
        return yaml_text.decode_list(text)
    except YamlError as error:
        return [error.message]


def test_documents_read_as_in_helm(shared: Path) -> None:
    """Every recorded document gives the value, or the error text, that Helm gives."""
    for row in vectors(shared, "yaml-documents.json"):
        text, wanted = row["document"], row["fromYaml_toJson"]
        if text == '1: a\n"1": b':
            continue  # which of the two values wins is random in Helm
        assert json_text.encode(from_yaml(text)) == wanted, text
        if "fromYamlArray_toJson" in row:
            assert json_text.encode(from_yaml_array(text)) == row["fromYamlArray_toJson"], text


def test_plain_scalars_read_as_in_helm(shared: Path) -> None:
    """Every recorded scalar has Helm's type and value, and is written again as Helm writes it."""
    for row in vectors(shared, "yaml-scalars.json"):
        value = from_yaml(f"k: {row['text']}")
        wanted = row.get("json", "")
        if wanted.startswith('"ERROR '):
            assert value["Error"] == json.loads(wanted).removeprefix("ERROR "), row
        elif wanted:
            assert json_text.encode(value["k"]) == wanted, row
            assert yaml_text.encode(value["k"])[:-1] == row["yaml"], row


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: b: c", "error converting YAML to JSON: yaml: mapping values are not allowed in this context", 1),
        ("x: 1\na:\n  b: 1\n  - c\n", "error converting YAML to JSON: yaml: line 3: did not find expected key", 4),
        ("x: 1\ny: [a, b\nz: 1\n", "error converting YAML to JSON: yaml: line 2: did not find expected ',' or ']'", 3),
        ("a: *b", "error converting YAML to JSON: yaml: unknown anchor 'b' referenced", 0),
        ("a: [b?c]", "error converting YAML to JSON: yaml: did not find expected ',' or ']'", 1),
    ],
)
def test_errors_have_go_text_and_a_place(text: str, message: str, line: int) -> None:
    """A wrong text is refused in go-yaml's words, with the line as a field."""
    with pytest.raises(YamlError) as caught:
        yaml_text.decode(text)
    assert caught.value.message == message
    assert caught.value.line == line


def test_numbers_are_floats_unless_integers_are_wanted() -> None:
    """Values have float64 numbers; objects for Kubernetes keep integers."""
    text = "a: 1\nb: 1.5\nc: 1e3\nd: 0x10\n"
    assert [type(item) for item in yaml_text.decode(text).values()] == [float] * 4
    assert yaml_text.decode(text, integers=True) == {"a": 1, "b": 1.5, "c": 1000, "d": 16}
    assert type(yaml_text.decode("1000", integers=True)) is int


def test_aliases_are_copies() -> None:
    """Changing a value behind an alias leaves the anchored value alone."""
    value = yaml_text.decode("a: &a {b: 1}\nc: *a\n")
    value["c"]["b"] = 2.0
    assert value["a"] == {"b": 1.0}


def test_alias_bombs_are_refused() -> None:
    """A small text that would expand to millions of nodes is refused."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 9)]
    with pytest.raises(YamlError, match="document contains excessive aliasing"):
        yaml_text.decode("\n".join(lines))


def test_deep_nesting_is_an_error_not_a_crash() -> None:
    """A text nested ten thousand levels deep gives an error."""
    with pytest.raises(YamlError):
        yaml_text.decode("[" * 20_000)


def test_bytes_that_are_no_utf_8_are_refused() -> None:
    """Invalid bytes are named as go-yaml names them."""
    with pytest.raises(YamlError, match="yaml: invalid leading UTF-8 octet"):
        yaml_text.decode(b"a: \xff")


def test_documents_of_a_stream() -> None:
    """A stream is split at separator lines, with or without comments."""
    assert list(yaml_text.decode_documents("a: 1\n---\nb: 2\n--- # c\n- 3\n")) == [{"a": 1.0}, {"b": 2.0}, [3.0]]
