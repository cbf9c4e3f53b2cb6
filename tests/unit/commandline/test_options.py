"""Kinds of flag values."""

from __future__ import annotations

import pytest

from pilothouse.commandline.errors import ValueRefused
from pilothouse.commandline.options import (
    BOOL,
    DURATION,
    FLOAT32,
    INT,
    TEXT,
    TEXT_ARRAY,
    TEXT_MAP,
    TEXT_SLICE,
    UINT,
    Choice,
    Kind,
    Option,
)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (BOOL, "T", True),
        (BOOL, "0", False),
        (INT, "-7", -7),
        (INT, "0x10", 16),
        (INT, "010", 8),
        (INT, "1_000", 1000),
        (UINT, "80", 80),
        (FLOAT32, "1.5", 1.5),
        (DURATION, "1h2m3.5s", 3723.5),
        (DURATION, "-1m", -60.0),
        (TEXT, " a ", " a "),
    ],
)
def test_a_text_becomes_the_value_that_go_reads(kind: Kind, text: str, value: object) -> None:
    """Flags take what Go's strconv and time packages take."""
    assert kind.read(text, None) == value


@pytest.mark.parametrize(
    ("kind", "text", "message"),
    [
        (BOOL, "yes", 'strconv.ParseBool: parsing "yes": invalid syntax'),
        (INT, "x", 'strconv.ParseInt: parsing "x": invalid syntax'),
        (INT, "99999999999999999999", 'strconv.ParseInt: parsing "99999999999999999999": value out of range'),
        (UINT, "-1", 'strconv.ParseUint: parsing "-1": invalid syntax'),
        (FLOAT32, "1e50", 'strconv.ParseFloat: parsing "1e50": value out of range'),
        (FLOAT32, "one", 'strconv.ParseFloat: parsing "one": invalid syntax'),
        (DURATION, "5", 'time: missing unit in duration "5"'),
        (TEXT_MAP, "a", "a must be formatted as key=value"),
        (TEXT_MAP, "a=b,c=d,e", "e must be formatted as key=value"),
        (TEXT_SLICE, 'a"b', 'parse error on line 1, column 2: bare " in non-quoted-field'),
        (TEXT_SLICE, '"a', 'parse error on line 1, column 3: extraneous or missing " in quoted-field'),
    ],
)
def test_a_wrong_text_is_refused_in_the_words_of_go(kind: Kind, text: str, message: str) -> None:
    """The message is what Go's parser of that type says."""
    with pytest.raises(ValueRefused) as caught:
        kind.read(text, None)
    assert caught.value.message == message


def test_occurrences_of_a_repeatable_flag_add_up() -> None:
    """An array keeps each occurrence whole, a slice splits it as one CSV record, a map merges."""
    assert TEXT_ARRAY.read("b,c", ("a",)) == ("a", "b,c")
    assert TEXT_SLICE.read('b,"c,d"', ("a",)) == ("a", "b", "c,d")
    assert TEXT_SLICE.read("", None) == ()
    assert TEXT_MAP.read("a=2,b=3", {"a": "1"}) == {"a": "2", "b": "3"}
    assert TEXT_MAP.read("a=1,2", None) == {"a": "1,2"}


def test_a_choice_names_the_text_it_refuses() -> None:
    """The message of a choice may hold the text in Go's quotes."""
    kind = Choice("mode", ("a", "b"), "bad mode %s")
    assert kind.read("a", None) == "a"
    with pytest.raises(ValueRefused, match='bad mode "c"'):
        kind.read("c", None)


def test_a_deprecated_flag_is_hidden_and_a_switch_needs_no_value() -> None:
    """Deprecation hides a flag; a switch stands for true when nothing follows it."""
    assert Option("old", "", deprecated="use --new").hidden
    assert Option("switch", "", BOOL).bare == "true"
    assert Option("text", "").bare == ""
