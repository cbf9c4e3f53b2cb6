"""Regular expressions. The plain functions panic on a bad pattern, but ``regexMatch``, which finds nothing then."""

from __future__ import annotations

from pilothouse.golang.functions import FunctionError
from pilothouse.golang.kinds import StringList
from pilothouse.golang.regexps import Regexp, RegexpSyntaxError, compile_pattern, quote_meta
from pilothouse.sprig.types import NilStringList

__all__ = [
    "find",
    "find_all",
    "match",
    "must_find",
    "must_find_all",
    "must_match",
    "must_replace_all",
    "must_replace_all_literal",
    "must_split",
    "quote_meta",
    "replace_all",
    "replace_all_literal",
    "split",
]


def _compiled(pattern: str) -> Regexp:
    try:
        return compile_pattern(pattern)
    except RegexpSyntaxError as error:
        raise FunctionError(str(error)) from None


def _certain(pattern: str) -> Regexp:
    """Compile as regexp.MustCompile does."""
    try:
        return compile_pattern(pattern)
    except RegexpSyntaxError as error:
        raise FunctionError(f"regexp: Compile({_shown(pattern)}): {error}") from None


def _shown(pattern: str) -> str:
    from pilothouse.golang.quoting import can_backquote, quote

    return f"`{pattern}`" if can_backquote(pattern) else quote(pattern)


def match(pattern: str, text: str) -> bool:
    """Return whether the pattern matches; a bad one does not."""
    try:
        return compile_pattern(pattern).matches(text)
    except RegexpSyntaxError:
        return False


def must_match(pattern: str, text: str) -> bool:
    """Return whether the pattern matches."""
    return _compiled(pattern).matches(text)


def find(pattern: str, text: str) -> str:
    """Return the first match."""
    return _certain(pattern).find_text(text)


def must_find(pattern: str, text: str) -> str:
    """Return the first match."""
    return _compiled(pattern).find_text(text)


def _found(regexp: Regexp, text: str, limit: int) -> StringList:
    texts = regexp.find_all_texts(text, limit) if limit else []
    return StringList(texts) if texts else NilStringList()


def find_all(pattern: str, text: str, limit: int) -> StringList:
    """Return up to ``limit`` matches, all for a negative limit."""
    return _found(_certain(pattern), text, limit)


def must_find_all(pattern: str, text: str, limit: int) -> StringList:
    """Return up to ``limit`` matches, all for a negative limit."""
    return _found(_compiled(pattern), text, limit)


def replace_all(pattern: str, text: str, template: str) -> str:
    """Replace the matches by a template with groups."""
    return _certain(pattern).replace_all(text, template)


def must_replace_all(pattern: str, text: str, template: str) -> str:
    """Replace the matches by a template with groups."""
    return _compiled(pattern).replace_all(text, template)


def replace_all_literal(pattern: str, text: str, replacement: str) -> str:
    """Replace the matches by a text."""
    return _certain(pattern).replace_all_literal(text, replacement)


def must_replace_all_literal(pattern: str, text: str, replacement: str) -> str:
    """Replace the matches by a text."""
    return _compiled(pattern).replace_all_literal(text, replacement)


def _pieces(regexp: Regexp, text: str, limit: int) -> StringList:
    pieces = regexp.split(text, limit)
    return NilStringList() if pieces is None else StringList(pieces)


def split(pattern: str, text: str, limit: int) -> StringList:
    """Cut the text at the matches into up to ``limit`` pieces."""
    return _pieces(_certain(pattern), text, limit)


def must_split(pattern: str, text: str, limit: int) -> StringList:
    """Cut the text at the matches into up to ``limit`` pieces."""
    return _pieces(_compiled(pattern), text, limit)
