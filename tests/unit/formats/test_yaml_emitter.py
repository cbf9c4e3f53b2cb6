"""Writing YAML as Helm does, against what real Helm printed."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pilothouse.formats import yaml_text
from pilothouse.formats.errors import YamlError
from pilothouse.golang.kinds import Int64, StringMap

SHAPES: dict[str, Any] = {
    "top": lambda text: text,
    "value": lambda text: {"k": text},
    "key": lambda text: {text: 1},
    "item": lambda text: [text],
    "item_in_map": lambda text: {"k": [text]},
    "nested": lambda text: {"k": {"j": text}},
}


def vectors(shared: Path, name: str) -> Any:
    """Return recorded results of the real Helm."""
    return json.loads((shared / "reference" / "helm4" / "vectors" / name).read_text())


def to_yaml(value: Any) -> str:
    """Behave as the template function ``toYaml``."""
    try:
        return yaml_text.encode(value)[:-1]
    except YamlError:
        return ""


def test_strings_are_written_as_in_helm(shared: Path) -> None:
    """Every recorded string has Helm's style in every place, in both writers."""
    for row in vectors(shared, "yaml-strings.json"):
        for place, shape in SHAPES.items():
            if place in row:
                assert to_yaml(shape(row["string"])) == row[place], (place, row["string"])
            if place in row.get("pretty", {}):
                pretty = yaml_text.encode_pretty(shape(row["string"]))[:-1]
                assert pretty == row["pretty"][place], (place, row["string"])


def test_nesting_is_laid_out_as_in_helm(shared: Path) -> None:
    """Every recorded structure has Helm's layout in both writers."""
    for row in vectors(shared, "yaml-nesting.json"):
        assert to_yaml(row["value"]) == row["toYaml"]
        assert yaml_text.encode_pretty(row["value"])[:-1] == row["toYamlPretty"]


def test_keys_are_ordered_as_in_helm(shared: Path) -> None:
    """Keys that Helm itself always writes in one order are written in that order."""
    for row in vectors(shared, "yaml-keys.json"):
        if row["toYaml_v3_run"] == row["toYaml_v4_run"]:
            assert to_yaml(dict.fromkeys(row["keys"], 1)) == row["toYaml_v4_run"]


@pytest.mark.parametrize(
    ("value", "standard", "pretty"),
    [
        (100.0, "100", "100"),
        (1e6, "1000000", "1e+06"),
        (1e20, "1e+20", "1e+20"),
        (-0.0, "0", "-0"),
        (1234567.5, "1.2345675e+06", "1.2345675e+06"),
        (9223372036854775807.0, "9223372036854776000", "9.223372036854776e+18"),
        (Int64(9223372036854775807), "9223372036854775807", "9223372036854775807"),
        (True, "true", "true"),
        (None, "null", "null"),
    ],
)
def test_numbers(value: Any, standard: str, pretty: str) -> None:
    """Numbers take the detour over JSON in ``toYaml``, and not in ``toYamlPretty``."""
    assert yaml_text.encode(value) == standard + "\n"
    assert yaml_text.encode_pretty(value) == pretty + "\n"


def test_folding_at_eighty_columns() -> None:
    """A text is broken at the first lone blank after column 80."""
    assert yaml_text.encode({"k": "x" * 78 + " y z"}) == f"k: {'x' * 78}\n  y z\n"
    assert yaml_text.encode({"k": "x" * 77 + " y z"}) == f"k: {'x' * 77} y\n  z\n"
    assert yaml_text.encode({"a": [{"b": "word " * 20 + "end"}]}).splitlines()[2].startswith("    word")


def test_typed_values() -> None:
    """Maps and bytes of other Go types show what JSON shows of them."""
    assert yaml_text.encode(StringMap({"b": "1", "a": "x"})) == 'a: x\nb: "1"\n'
    assert yaml_text.encode(b"hello") == "aGVsbG8=\n"


@pytest.mark.parametrize("value", [math.inf, math.nan, {"k": "\x7f"}, {"k": object()}])
def test_what_yaml_cannot_show_is_an_error(value: Any) -> None:
    """Infinity, control characters and foreign objects are refused."""
    with pytest.raises(YamlError):
        yaml_text.encode(value)


def test_cycles_are_an_error() -> None:
    """A map that contains itself is refused."""
    value: dict[str, Any] = {}
    value["self"] = value
    with pytest.raises(YamlError, match="cycle"):
        yaml_text.encode(value)


_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff\x85\u2028\u2029"))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(_VALUES)
def test_what_is_written_reads_back(value: Any) -> None:
    """Decoding undoes encoding."""
    assert yaml_text.decode(yaml_text.encode(value)) == value
