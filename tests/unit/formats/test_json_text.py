"""JSON as Go reads and writes it."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.formats import json_text
from pilothouse.formats.errors import JsonError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1.0, "a": [None, True, "<é&>"]}, '{"a":[null,true,"\\u003cé\\u0026\\u003e"],"b":1}'),
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (1e-7, "1e-7"),
        (0.000001, "0.000001"),
        (-0.0, "-0"),
        ("\x01\x7f\b\f\u2028", '"\\u0001\x7f\\b\\f\\u2028"'),
        ("a\udcffb", '"a\ufffdb"'),
        (b"hello", '"aGVsbG8="'),
        ([], "[]"),
    ],
)
def test_encoding(value: Any, text: str) -> None:
    """Keys are sorted, HTML characters escaped and floats written as in Go."""
    assert json_text.encode(value) == text


def test_indented_and_raw() -> None:
    """``MarshalIndent`` keeps empty collections on one line; raw text keeps HTML characters."""
    assert json_text.encode([1, {"a": []}], indent="  ") == '[\n  1,\n  {\n    "a": []\n  }\n]'
    assert json_text.encode("<&>", escape_html=False) == '"<&>"'


def test_decoding() -> None:
    """Numbers are floats unless integers are wanted, and lone surrogates become U+FFFD."""
    assert json_text.decode('{"a": 1, "b": "\\ud83d\\ude00\\ud800"}') == {"a": 1.0, "b": "😀\ufffd"}
    assert json_text.decode("[1, 1.5]", integers=True) == [1, 1.5]
    assert json_text.decode_prefix('1,b="x"') == (1.0, 1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "unexpected end of JSON input"),
        ("{", "unexpected end of JSON input"),
        ('{"a":1,}', "invalid character '}' looking for beginning of object key string"),
        ("x", "invalid character 'x' looking for beginning of value"),
        ('{"a": 1} x', "invalid character 'x' after top-level value"),
        ('{"a" 1}', "invalid character '1' after object key"),
        ("[1 2]", "invalid character '2' after array element"),
        ("trux", "invalid character 'x' in literal true (expecting 'e')"),
        ('"\\q"', "invalid character 'q' in string escape code"),
        ("NaN", "invalid character 'N' looking for beginning of value"),
        ("1.x", "invalid character 'x' after decimal point in numeric literal"),
    ],
)
def test_errors_have_go_text(text: str, message: str) -> None:
    """A wrong text is refused in the words of ``encoding/json``."""
    with pytest.raises(JsonError) as caught:
        json_text.decode(text, helm=3)
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("trux", "invalid character 'x' in literal true (expecting 'e')"),
        ('"\\q"', "invalid escape sequence `\\q` in string"),
        ('"\\u12"', 'invalid escape sequence `\\u12"` in string'),
        ('"\\\n"', 'invalid escape sequence "\\\\\\n" in string'),
        ('"\n"', "invalid character '\\n' in string"),
        ("1.x", "invalid character 'x' in numeric literal"),
        ("[\udcff]", "invalid character '\\xff' looking for beginning of value"),
    ],
)
def test_errors_have_the_text_of_newer_go(text: str, message: str) -> None:
    """Helm 4's Go names whole characters and whole escapes."""
    with pytest.raises(JsonError) as caught:
        json_text.decode(text)
    assert caught.value.message == message


def test_wrong_kinds() -> None:
    """A value of another kind than the one wanted is named as Go names it."""
    with pytest.raises(JsonError, match="cannot unmarshal array into Go value of type map"):
        json_text.decode_mapping("[1]")
    with pytest.raises(JsonError, match="cannot unmarshal object into Go value of type"):
        json_text.decode_list("{}")
    assert json_text.decode_mapping("null") == {}


def test_numbers_out_of_range() -> None:
    """A number that float64 cannot hold is named, and the rest is there all the same."""
    with pytest.raises(JsonError) as caught:
        json_text.decode('{"a": 1e400, "b": 1}')
    assert caught.value.message == "json: cannot unmarshal number 1e400 into Go struct field .a of type float64"
    assert caught.value.partial == {"a": 0.0, "b": 1.0}


def test_older_go_tries_a_blank_at_the_end() -> None:
    """Helm 3 complains of a blank that is not there."""
    with pytest.raises(JsonError, match="invalid character ' ' in literal true"):
        json_text.decode("tru", helm=3)


def test_bytes_that_are_no_text() -> None:
    """They become U+FFFD, which older Go writes as an escape."""
    assert json_text.encode({"\udcff": "a\udcfeb\ufffd"}) == '{"\ufffd":"a\ufffdb\ufffd"}'
    assert json_text.encode({"\udcff": "a\udcfeb\ufffd"}, go="1.22") == '{"\\ufffd":"a\\ufffdb\ufffd"}'
