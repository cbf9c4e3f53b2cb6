"""Go's strconv quoting."""

from __future__ import annotations

import pytest

from pilothouse.golang.quoting import QuotingError, can_backquote, quote, quote_rune, unquote


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", '"plain"'),
        ('a"b\\', '"a\\"b\\\\"'),
        ("\a\n\x00\x7f", '"\\a\\n\\x00\\x7f"'),
        ("é日\u00a0", '"é日\\u00a0"'),
        ("\udcff", '"\\xff"'),
        ("\U0010ffff", '"\\U0010ffff"'),
    ],
)
def test_quote(text: str, expected: str) -> None:
    """Only what Go cannot print is escaped, and what it escapes reads back."""
    assert quote(text) == expected
    assert unquote(expected) == text


def test_ascii_and_runes() -> None:
    """ASCII output and character literals."""
    assert quote("é", ascii_only=True) == '"\\u00e9"'
    assert quote_rune(ord("'")) == "'\\''"
    assert quote_rune(0xD800) == "'\ufffd'"
    assert can_backquote("a\tb")
    assert not can_backquote("a`b")


@pytest.mark.parametrize("literal", ['"', '"a', '"\\q"', '"\\400"', '"\n"', "`a`b`", '"\\ud800"', "'a'"])
def test_bad_literals(literal: str) -> None:
    """What is no Go literal is refused."""
    with pytest.raises(QuotingError):
        unquote(literal)


def test_long_literals_take_no_longer_than_they_are_long() -> None:
    """A literal of a million characters with an escape in every line is read at once."""
    assert unquote('"' + "a\\n" * 500_000 + '"') == "a\n" * 500_000


def test_bytes_that_form_a_character() -> None:
    """Escaped bytes are bytes: two of them can be one character."""
    assert unquote('"\\xc3\\xa9"') == "é"
    assert unquote("`a\r\nb`") == "a\nb"
