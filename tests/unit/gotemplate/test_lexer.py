"""Tokens."""

from __future__ import annotations

import pytest

from pilothouse.gotemplate import lexer
from pilothouse.gotemplate.lexer import tokenize


def test_positions_and_kinds() -> None:
    """Each token knows its kind, its place and its text; spaces in actions are tokens."""
    assert tokenize('a{{ .x | f "s" }}b') == [
        (lexer.TEXT, 0, "a"),
        (lexer.LEFT, 1, "{{"),
        (lexer.SPACE, 3, " "),
        (lexer.FIELD, 4, ".x"),
        (lexer.SPACE, 6, " "),
        (lexer.PIPE, 7, "|"),
        (lexer.SPACE, 8, " "),
        (lexer.IDENTIFIER, 9, "f"),
        (lexer.SPACE, 10, " "),
        (lexer.STRING, 11, '"s"'),
        (lexer.SPACE, 14, " "),
        (lexer.RIGHT, 15, "}}"),
        (lexer.TEXT, 17, "b"),
        (lexer.EOF, 18, ""),
    ]


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        ("a \n{{- 1 -}}\n b", ["a", "b"]),
        ("a {{-1}} b", ["a ", " b"]),
        ("a {{/* c */}} b", ["a ", " b"]),
        ("a {{- /* c */ -}} b", ["a", "b"]),
    ],
)
def test_trimming(text: str, texts: list[str]) -> None:
    """A trim marker eats the white space beside it, and only with a blank on its other side."""
    assert [value for kind, _, value in tokenize(text) if kind == lexer.TEXT] == texts


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{{", "unclosed action"),
        ('{{"a', "unterminated quoted string"),
        ("{{`a", "unterminated raw quoted string"),
        ("{{'a", "unterminated character constant"),
        ("{{/* a", "unclosed comment"),
        ("{{/* a */ b}}", "comment ends before closing delimiter"),
        ("{{(}}", "unclosed left paren"),
        ("{{)}}", "unexpected right paren"),
        ("{{a:b}}", "expected :="),
        ("{{1a}}", 'bad number syntax: "1a"'),
        ("{{.a#}}", "bad character U+0023 '#'"),
        ("{{\x01}}", "unrecognized character in action: U+0001"),
    ],
)
def test_errors(text: str, message: str) -> None:
    """The last token of a faulty text is an error with Go's message."""
    assert tokenize(text)[-1][::2] == (lexer.ERROR, message)


def test_other_delimiters() -> None:
    """Delimiters may be any text."""
    tokens = tokenize("{{a}}<<- .b ->>c", ("<<", ">>"))
    assert [value for _, _, value in tokens] == ["{{a}}", "<<", ".b", ">>", "c", ""]
