"""TOML as BurntSushi's library reads and writes it."""

from __future__ import annotations

from typing import Any

import pytest

from pilothouse.formats import json_text, toml_text
from pilothouse.formats.errors import TomlError
from pilothouse.golang.functions import FunctionError
from pilothouse.golang.kinds import Int64


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": 1, "b": "x", "d": {"e": True}}, 'a = 1\nb = "x"\n\n[d]\n  e = true\n'),
        ({"a": [{"b": 1}, {"b": 2}]}, "[[a]]\n  b = 1\n\n[[a]]\n  b = 2\n"),
        ({"m": [1, {"a": 1}]}, "m = [1, {a = 1}]\n"),
        ({"a b": 1.5, "n": None}, '"a b" = 1.5\n'),
        ([1], "[1]"),
        ("x", '"x"'),
        ({"s": 'a"b\\c\nd\t\x7f'}, 's = "a\\"b\\\\c\\nd\\t\\u007f"\n'),
    ],
)
def test_encoding(value: Any, text: str) -> None:
    """Values come before tables, and tables are indented."""
    assert toml_text.encode(value) == text


def test_floats_differ_between_helm_3_and_4() -> None:
    """Helm 3 never writes an exponent."""
    assert toml_text.encode({"a": 1e6, "b": 1.0}, helm=4) == "a = 1e+06\nb = 1.0\n"
    assert toml_text.encode({"a": 1e6, "b": 1.0}, helm=3) == "a = 1000000.0\nb = 1.0\n"


def test_what_toml_cannot_show() -> None:
    """Nil in a list is an error, nil alone a panic of the library."""
    with pytest.raises(TomlError, match="cannot encode array with nil element"):
        toml_text.encode({"a": [None]})
    with pytest.raises(FunctionError):
        toml_text.encode(None)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('a = 1\n[b]\nc = "x" # d\n', '{"a":1,"b":{"c":"x"}}'),
        ("a.b.c = 1\n", '{"a":{"b":{"c":1}}}'),
        ("[[a]]\nb=1\n[[a]]\nb=2\n[a.c]\nd=1", '{"a":[{"b":1},{"b":2,"c":{"d":1}}]}'),
        ("a = {b = 1, # c\n c=2,}", '{"a":{"b":1,"c":2}}'),
        ("a = 0x1F\nb = 1_000\nc = 1e3\nd = +1", '{"a":31,"b":1000,"c":1000,"d":1}'),
        ('a = """\nx\\\n   y"""\nb = \'c:\\d\'', '{"a":"xy","b":"c:\\\\d"}'),
        ("a = 1979-05-27\nb = 07:32", '{"a":"1979-05-27T00:00:00Z","b":"0000-01-01T07:32:00Z"}'),
        ("a.b = 1\na = 2", '{"a":{"b":1}}'),
        ("", "{}"),
    ],
)
def test_decoding(text: str, shown: str) -> None:
    """Tables, arrays, strings, numbers and dates are read as in version 1.1."""
    assert json_text.encode(toml_text.decode(text)) == shown


def test_integers_are_int64() -> None:
    """Integers keep Go's type."""
    assert type(toml_text.decode("a = 1")["a"]) is Int64


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a =", 'toml: line 1 (last key "a"): unexpected EOF; expected value'),
        ("= 1", "toml: line 1: unexpected '=': key name appears blank"),
        ("a = tru", 'toml: line 1 (last key "a"): expected value but found "tru" instead'),
        ("a = 1.", 'toml: line 1 (last key "a"): Invalid float "1.": \'.\' must be followed by one or more digits'),
        ("a = 1\na = 2", "toml: line 2 (last key \"a\"): Key 'a' has already been defined."),
        ("[a]\n[a]", "toml: line 2: Key 'a' has already been defined."),
        ("a = 01", 'toml: line 1 (last key "a"): Invalid integer "01": cannot have leading zeroes'),
        (
            "x = 1\n\ny = [1 2]",
            "toml: line 3 (last key \"y\"): expected a comma (',') or array terminator (']'), but got '2'",
        ),
    ],
)
def test_errors_have_the_library_s_text(text: str, message: str) -> None:
    """A wrong text is refused in the library's words, with its line."""
    with pytest.raises(TomlError) as caught:
        toml_text.decode(text)
    assert caught.value.message == message
