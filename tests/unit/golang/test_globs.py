"""File patterns match as gobwas/glob and filepath.Match do."""

from __future__ import annotations

import time

import pytest

from pilothouse.golang.globs import GlobSyntaxError, compile_glob, path_match


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*.yaml", "a.yaml", True),
        ("*.yaml", "d/a.yaml", False),
        ("**.yaml", "d/a.yaml", True),
        ("conf/*", "conf/a/b", False),
        ("{a,b}/?.txt", "b/x.txt", True),
        ("[!a-c]x", "dx", True),
        ("[abc]x", "dx", False),
        ("{a,b{c,d}}", "bd", True),
        ("a\\*", "a*", True),
        ("a,b", "a,b", True),
        ("?", "/", False),
        ("", "", True),
        ("a/**/b", "a/b", True),
        ("a/**/b", "a/x/y/b", True),
        ("a/**/b*", "a/b", False),
        ("{x,a/**/b}", "a/b", False),
    ],
)
def test_globs(pattern: str, name: str, *, expected: bool) -> None:
    """Stars stay between slashes, double stars do not."""
    assert compile_glob(pattern).match(name) is expected


@pytest.mark.parametrize("pattern", ["[", "[a", "[a-", "[b-a]", "[a-cx]"])
def test_bad_globs(pattern: str) -> None:
    """A range that is not closed or runs backwards is refused."""
    with pytest.raises(GlobSyntaxError):
        compile_glob(pattern)


@pytest.mark.parametrize(
    ("pattern", "name", "expected"),
    [
        ("*", "a", True),
        ("*", "a/b", False),
        ("a*c", "abbc", True),
        ("[^a]b", "cb", True),
        ("[a-c]*", "beta", True),
        ("\\*", "*", True),
        ("a[", "b", None),
        ("[]a]", "a", None),
        ("[a-]", "a", None),
        ("\\", "a", None),
    ],
)
def test_path_match(pattern: str, name: str, *, expected: bool | None) -> None:
    """Shell patterns match one element of a path; malformed ones are refused."""
    if expected is None:
        with pytest.raises(GlobSyntaxError, match=r"^syntax error in pattern$"):
            path_match(pattern, name)
    else:
        assert path_match(pattern, name) is expected


def test_hostile_patterns_are_quick() -> None:
    """Many stars take no more than linear time each."""
    start = time.process_time()
    assert not compile_glob("**a" * 60 + "b").match("a" * 2_000)
    assert not path_match("*a" * 60 + "b", "a" * 2_000)
    assert time.process_time() - start < 5
