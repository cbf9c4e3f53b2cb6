"""Strings that are met most, against the module that knows all."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilothouse.formats import yaml_strings, yaml_styles

_MEANING = "a0.1-+: #'\"?[&~_e%\\"


def _in_general(text: str) -> str:
    return text if text and yaml_styles.is_plain(text) else yaml_styles.quoted(text)


@pytest.mark.parametrize("length", range(4))
def test_every_short_text_is_written_as_in_general(length: int) -> None:
    """All texts of the characters that mean something to YAML."""
    for characters in itertools.product(_MEANING, repeat=length):
        text = "".join(characters)
        assert yaml_strings.style(text) == _in_general(text)


@given(st.one_of(st.text(_MEANING), st.text("0123456789-:.+eTZ ", max_size=24), st.text(max_size=12)))
def test_a_text_is_written_as_in_general(text: str) -> None:
    """Longer ones: words, numbers, dates and anything else on one line."""
    if "\n" not in text:
        assert yaml_strings.style(text) == _in_general(text)


def test_the_special_characters_are_those_that_go_yaml_escapes() -> None:
    """``is_printable`` of go-yaml, over all of Unicode."""
    plain = [(0x0A, 0x0A), (0x20, 0x7E), (0xA0, 0xD7FF), (0xE000, 0xFEFE), (0xFF00, 0xFFFD)]
    expected = {code for first, last in plain for code in range(first, last + 1)}
    found = {code for code in range(0x110000) if not yaml_styles._SPECIAL(chr(code))}
    assert found == expected
