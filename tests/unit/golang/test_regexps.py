"""Patterns are parsed, refused and matched as Go's regexp does, and never take more than linear time."""

from __future__ import annotations

import sys
import time

import pytest

from pilothouse.golang.regexp_cost import estimate
from pilothouse.golang.regexp_machine import Machine
from pilothouse.golang.regexp_syntax import parse
from pilothouse.golang.regexps import RegexpSyntaxError, compile_pattern, quote_meta


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("[", "missing closing ]: `[`"),
        ("(", "missing closing ): `(`"),
        ("a)b", "unexpected ): `a)b`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("*a", "missing argument to repetition operator: `*`"),
        ("a|*", "missing argument to repetition operator: `*`"),
        ("a\\", "trailing backslash at end of expression: ``"),
        ("a(?=b)", "invalid or unsupported Perl syntax: `(?=`"),
        ("(a)\\1", "invalid escape sequence: `\\1`"),
        ("x{1001}", "invalid repeat count: `{1001}`"),
        ("(a{100}){11}", "invalid repeat count: `{11}`"),
        ("[z-a]", "invalid character class range: `z-a`"),
        ("[[:foo:]]", "invalid character class range: `[:foo:]`"),
        ("\\pX", "invalid character class range: `\\pX`"),
        ("(?P<a b>x)", "invalid named capture: `(?P<a b>`"),
        ("a\udcff", "invalid UTF-8: `\udcff`"),
    ],
)
def test_errors_have_gos_text(pattern: str, message: str) -> None:
    """A bad pattern fails with the text of regexp/syntax."""
    with pytest.raises(RegexpSyntaxError) as failure:
        compile_pattern(pattern)
    assert str(failure.value) == f"error parsing regexp: {message}"


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a$", "a\n", False),
        ("(?m)a$", "a\n", True),
        ("\\s", "\v", False),
        ("[[:space:]]", "\v", True),
        ("\\d", "\u0663", False),
        ("(?i)k", "\u212a", True),
        ("(?i)i", "\u0130", False),
        ("\\p{Greek}", "\u03b1", True),
        ("\\PL", "\u03b1", False),
        ("^\ufffd$", "\udcff", True),
        ("^[^\ufffd]$", "\udcff", False),
        ("a{,3}", "a{,3}", True),
        ("\\Qa.b\\E+", "a.bb", True),
    ],
)
def test_matching_follows_go(pattern: str, text: str, *, expected: bool) -> None:
    """Anchors, classes, folding and bytes mean what they mean to Go."""
    assert compile_pattern(pattern).matches(text) is expected


@pytest.mark.parametrize(
    ("pattern", "text", "template", "expected"),
    [
        ("a(x*)b", "-ab-axxb-", "${1}W", "-W-xxW-"),
        ("a(x*)b", "-ab-axxb-", "$1W", "---"),
        ("a*", "baaac", "-", "-b-c-"),
        ("(?P<x>a)?(?P<x>b)", "b", "[${x}]", "[b]"),
        ("(a)", "a", "$10 ${1}0 $2 $ $a ${ ${a $-", " a0  $  ${ ${a $-"),
        ("", "\u00e9b", "-", "-\u00e9-b-"),
        ("\u00e9", "\udcc3\u00e9", "x", "\udcc3x"),
        ("(a*)+", "b", "[$1]", "[]b[]"),
    ],
)
def test_replacement_templates(pattern: str, text: str, template: str, expected: str) -> None:
    """Groups stand in templates by number and name, and empty matches count once."""
    assert compile_pattern(pattern).replace_all(text, template) == expected


@pytest.mark.parametrize(
    ("pattern", "text", "limit", "expected"),
    [
        ("a*", "baac", -1, ["b", "c"]),
        (",", ",a,,", 2, ["", "a,,"]),
        ("", "abc", 2, ["a", "bc"]),
        ("x", "", -1, [""]),
        ("x", "x", 0, None),
    ],
)
def test_splitting(pattern: str, text: str, limit: int, expected: list[str] | None) -> None:
    """Splitting keeps empty pieces and respects the limit."""
    assert compile_pattern(pattern).split(text, limit) == expected


PATTERNS = ["(a|ab)(c|bcd)(d*)", "(a+|b)*?b", "((a)|(b))*", "(|a|b)*(c|)", "(?:(?:(?:[^a])??)*)+?", "x{2,}?|(b|c)+$"]


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_machine_agrees_with_a_backtracking_matcher(pattern: str) -> None:
    """Whatever finds the match, match and groups are the same."""
    compiled = compile_pattern(pattern)
    machine = Machine(parse(pattern).root, len(compiled.names)).search
    for text in ("abcd", "aab", "aba", "abc", "xxxx", "", "xcc", "bcb"):
        assert machine(text, 0) == compiled.find(text)


@pytest.mark.parametrize("without_re2", [False, True])
@pytest.mark.parametrize("pattern", ["^(a+)+$", "(x+x+)+y", "^(a|aa)*$", "a*a*a*a*a*b", "(a?){30}a{30}b", ".*.*.*x"])
def test_no_pattern_takes_long(pattern: str, *, without_re2: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Patterns that ruin backtracking matchers take linear time here, with and without google-re2."""
    compile_pattern.cache_clear()
    if without_re2:
        monkeypatch.setitem(sys.modules, "re2", None)
    start = time.process_time()
    compile_pattern(pattern).matches("a" * 300 + "!")
    assert time.process_time() - start < 5


def test_common_patterns_run_on_the_standard_library() -> None:
    """Patterns without open choices are left to the quick matcher."""
    for pattern in ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", "^v?(\\d+)\\.(\\d+)$", "(?i)^(true|yes)$", "[^a-z]+"):
        assert not estimate(parse(pattern).root).exponential


def test_deep_patterns_fail_politely() -> None:
    """Nesting beyond what can be handled is Go's error, not a crash."""
    with pytest.raises(RegexpSyntaxError, match="expression nests too deeply"):
        compile_pattern("(" * 2000 + ")" * 2000)


def test_quoting() -> None:
    """Quoting escapes what has a meaning."""
    assert quote_meta("1.2+[a]-b") == "1\\.2\\+\\[a\\]-b"
