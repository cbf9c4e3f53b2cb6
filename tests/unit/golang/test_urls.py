"""URLs are taken apart and put together as Go's net/url does."""

from __future__ import annotations

import pytest

from pilothouse.golang.urls import PATH_SEGMENT, QUERY, Url, UrlSyntaxError, escape, parse


@pytest.mark.parametrize(
    "text",
    [
        "http://u:p@h:80/a%2fb?q=1#f%20x",
        "mailto:a@b.c",
        "//h/p?",
        "http://[fe80::1%25en0]:8080/",
        "/a%20b",
        "*",
        "postgres://u@h1:80,h2:90/db",
    ],
)
def test_urls_survive(text: str) -> None:
    """A URL in its usual form is put together again as it was."""
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    ("text", "go", "message"),
    [
        ("://x", "1.27", "missing protocol scheme"),
        ("http://a b/", "1.27", 'invalid character " " in host name'),
        ("http://a%20b/", "1.27", 'invalid URL escape "%20"'),
        ("1a:b", "1.27", "first path segment in URL cannot contain colon"),
        ("http://h:x/", "1.27", 'invalid port ":x" after host'),
        ("http://h:1:2/", "1.27", 'invalid port ":1:2" after host'),
        ("http://[x]/", "1.27", 'invalid host: ParseAddr("x"): unable to parse IP'),
        ("http://[1.2.3.4]/", "1.27", "invalid IP-literal"),
        ("http://[1:2]/", "1.27", 'invalid host: ParseAddr("1:2"): address string too short'),
        ("http://[::1", "1.22", "missing ']' in host"),
        ("http://u p@h/", "1.22", "net/url: invalid userinfo"),
    ],
)
def test_errors(text: str, go: str, message: str) -> None:
    """A bad URL fails with the text of the version of Go asked for."""
    with pytest.raises(UrlSyntaxError) as failure:
        parse(text, go=go)
    assert str(failure.value) == f'parse "{text}": {message}'


def test_what_is_wrong_with_an_address_is_quoted() -> None:
    """The rest of a bad address stands in the error as a Go literal."""
    with pytest.raises(UrlSyntaxError) as failure:
        parse('http://[::"x]')
    at = r'each colon-separated field must have at least one digit (at "\"x")'
    assert str(failure.value) == r'parse "http://[::\"x]": invalid host: ParseAddr("::\"x"): ' + at


def test_older_go_is_lenient_about_hosts() -> None:
    """Before Go 1.26 hosts could have many colons and anything in brackets."""
    assert parse("http://[x]/", go="1.22").hostname == "x"
    assert parse("http://a:1:2/", go="1.22").host == "a:1:2"


def test_parts_are_escaped_by_their_own_rules() -> None:
    """A path that could be taken for a scheme gets a dot before it, and hosts a slash after."""
    assert str(Url(path="a:b")) == "./a:b"
    assert str(Url(host="h", path="p q", query="x y", fragment="a b")) == "//h/p%20q?x y#a%20b"
    assert escape("a/b c", PATH_SEGMENT) == "a%2Fb%20c"
    assert escape("a b&c", QUERY, plus=True) == "a+b%26c"
