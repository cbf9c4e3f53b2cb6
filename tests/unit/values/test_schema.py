"""values.schema.json in the words of each Helm's library."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pilothouse.charts.metadata import Metadata
from pilothouse.charts.model import Chart
from pilothouse.values.errors import SchemaError
from pilothouse.values.schema import validate, validate_values

CASES = [
    (
        {"required": ["a", "b"]},
        {},
        "- at '': missing properties 'a', 'b'",
        "- (root): a is required\n- (root): b is required",
    ),
    (
        {"properties": {"a": {"type": ["string", "null"]}}},
        {"a": 1.0},
        "- at '/a': got number, want null or string",
        "- a: Invalid type. Expected: [string,null], given: integer",
    ),
    (
        {"additionalProperties": False},
        {"z": 1.0},
        "- at '': additional properties 'z' not allowed",
        "- (root): Additional property z is not allowed",
    ),
    (
        {"properties": {"n": {"maximum": 1000}}},
        {"n": 1234567.0},
        "- at '/n': maximum: got 1.234567\u00d710⁰⁶, want 1,000",
        "- n: Must be less than or equal to 1000",
    ),
    (
        {"properties": {"e": {"enum": ["x", 1, None]}}},
        {"e": "z"},
        "- at '/e': value must be one of 'x', 1, <nil>",
        '- e: e must be one of the following: "x", 1, null',
    ),
    (
        {"properties": {"s": {"pattern": "^a"}}},
        {"s": "it's"},
        "- at '/s': 'it\\'s' does not match pattern '^a'",
        "- s: Does not match pattern '^a'",
    ),
    (
        {"properties": {"x": {"oneOf": [{"type": "number"}, {"minimum": 0}]}}},
        {"x": 1.0},
        "- at '/x': 'oneOf' failed, subschemas 0, 1 matched",
        "- x: Must validate one and only one schema (oneOf)",
    ),
    (
        {
            "$defs": {"d": {"properties": {"p": {"type": "string"}, "q": {"type": "string"}}}},
            "properties": {"x": {"$ref": "#/$defs/d"}},
        },
        {"x": {"p": 1.0, "q": 2.0}},
        "- at '/x': validation failed\n  - at '/x/p': got number, want string\n  - at '/x/q': got number, want string",
        "- x.p: Invalid type. Expected: string, given: integer\n- x.q: Invalid type. Expected: string, given: integer",
    ),
]


@pytest.mark.parametrize(("schema", "values", "four", "three"), CASES)
def test_faults(schema: dict[str, Any], values: dict[str, Any], four: str, three: str) -> None:
    """Each fault is worded as the library of Helm 4 and that of Helm 3 word it."""
    for helm, wanted in ((4, four), (3, three)):
        with pytest.raises(SchemaError) as caught:
            validate_values(json.dumps(schema).encode(), values, helm=helm)
        assert caught.value.message == wanted + "\n"


def test_valid_values_pass() -> None:
    """Whole floats are integers, and formats bind only up to draft 7."""
    validate_values(b'{"properties": {"a": {"type": "integer"}, "m": {"format": "email"}}}', {"a": 1.0, "m": "x"})
    draft = '"$schema": "http://json-schema.org/draft-07/schema#"'
    schema = f'{{{draft}, "properties": {{"m": {{"format": "email"}}}}}}'.encode()
    with pytest.raises(SchemaError):
        validate_values(schema, {"m": "x"})


def test_all_charts_are_reported_at_once() -> None:
    """The error names each chart and lists its faults below."""
    schema = b'{"required": ["a"]}'
    below = Chart(metadata=Metadata(name="sub"), schema=schema)
    tree = Chart(metadata=Metadata(name="t"), schema=schema, subcharts=(below,))
    with pytest.raises(SchemaError) as caught:
        validate(tree, {"sub": {}})
    assert caught.value.message == (
        "values don't meet the specifications of the schema(s) in the following chart(s):\n"
        "t:\n- at '': missing property 'a'\nsub:\n- at '': missing property 'a'\n"
    )
    validate(tree, {"a": 1.0, "sub": None})


def test_a_schema_that_is_no_json() -> None:
    """Broken schemas are errors of the chart."""
    with pytest.raises(SchemaError, match="unexpected EOF"):
        validate_values(b"{", {})
