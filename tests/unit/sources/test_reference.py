"""URLs are joined, resolved and compared as Helm does it."""

from __future__ import annotations

import pytest

from pilothouse.errors import Invalid
from pilothouse.sources.reference import equal, file_name, is_registry, joined, resolved, same_host, scheme_of


@pytest.mark.parametrize(
    ("base", "reference", "wanted"),
    [
        ("http://h/charts", "a-1.tgz", "http://h/charts/a-1.tgz"),
        ("http://h/charts/", "a-1.tgz", "http://h/charts/a-1.tgz"),
        ("http://h", "index.yaml", "http://h/index.yaml"),
        ("http://h/a/b?token=x", "c.tgz", "http://h/a/b/c.tgz?token=x"),
        ("http://h/a", "/c.tgz", "http://h/c.tgz"),
        ("http://h/a/b", "../c.tgz", "http://h/a/c.tgz"),
        ("http://h/a", "http://other/c.tgz?q=1", "http://other/c.tgz?q=1"),
        ("https://h/a", "//other/c.tgz", "https://other/c.tgz"),
        ("http://h/a%2Fb", "c.tgz", "http://h/a%2Fb/c.tgz"),
        ("http://h/a", "c+1.tgz", "http://h/a/c+1.tgz"),
        ("http://h/a", "./d/./c.tgz", "http://h/a/d/c.tgz"),
        ("http://h/a", "../../../c.tgz", "http://h/c.tgz"),
    ],
)
def test_references_are_resolved(base: str, reference: str, wanted: str) -> None:
    """A chart's URL is taken relative to its repository, whose query stays."""
    assert resolved(base, reference) == wanted


def test_what_is_no_url_is_refused() -> None:
    """The error says which text it was."""
    with pytest.raises(Invalid, match=r"failed to parse http://h\[ as URL"):
        resolved("http://h[", "a")


def test_urls_are_joined() -> None:
    """Parts are cleaned; what is no URL is joined as a path."""
    assert joined("http://h/a/", "b.tgz") == "http://h/a/b.tgz"
    assert joined("http://h/a?x=1", "b.tgz") == "http://h/a/b.tgz?x=1"
    assert joined("", "sub", "b.tgz") == "sub/b.tgz"
    assert joined("", "") == ""


def test_urls_are_compared() -> None:
    """Slashes and dots do not tell repositories apart; hosts and schemes do."""
    assert equal("http://h/a", "http://h/a/")
    assert equal("http://h", "http://h/")
    assert equal("http://h/a/../b", "http://h/b")
    assert not equal("http://h/a", "https://h/a")
    assert not equal("http://h/a", "http://h:80/a")
    assert same_host("http://h:1/a", "http://h:1/b")
    assert not same_host("http://h:1/a", "http://h:2/a")


def test_the_rest() -> None:
    """Schemes, registries and file names are told."""
    assert scheme_of("HTTP://h") == "http"
    assert scheme_of("a/b") == ""
    assert is_registry("oci://h/a")
    assert not is_registry("http://h/a")
    assert file_name("http://h/a/b-1%2B2.tgz?x") == "b-1+2.tgz"
