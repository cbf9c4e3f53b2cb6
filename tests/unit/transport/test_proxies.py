"""Proxies are chosen by Go's rules."""

from __future__ import annotations

import pytest

from pilothouse.transport.proxies import proxy_for

VARIABLES = {"HTTPS_PROXY": "proxy.example:3128", "http_proxy": "http://plain.example"}


@pytest.mark.parametrize(
    ("scheme", "host", "wanted"),
    [
        ("https", "api.example", "http://proxy.example:3128"),
        ("http", "api.example", "http://plain.example"),
        ("https", "localhost", ""),
        ("https", "127.1.2.3", ""),
        ("https", "::1", ""),
    ],
)
def test_variables(scheme: str, host: str, wanted: str) -> None:
    """Each scheme has its variable; what is on this machine needs no proxy."""
    assert proxy_for(scheme, host, "", VARIABLES) == wanted


@pytest.mark.parametrize(
    ("exceptions", "host", "port", "direct"),
    [
        ("*", "api.example", "443", True),
        ("example", "api.example", "443", True),
        ("api.example", "API.example.", "443", True),
        ("api.example", "my-api.example", "443", False),
        (".example", "example", "443", False),
        (".example", "a.example", "443", True),
        ("*.example", "a.example", "443", True),
        ("api.example:6443", "api.example", "6443", True),
        ("api.example:6443", "api.example", "443", False),
        ("10.0.0.0/8", "10.1.2.3", "443", True),
        ("10.0.0.0/8", "11.1.2.3", "443", False),
        ("10.0.0.0/8", "ten.example", "443", False),
        ("10.1.2.3", "10.1.2.3", "443", True),
        ("[fd00::1]:443, x", "fd00::1", "443", True),
        ("fd00::/8", "fd00::1", "443", True),
        ("10.0.0.0/99", "10.1.2.3", "443", False),
        (" , ", "api.example", "443", False),
    ],
)
def test_exceptions(exceptions: str, host: str, port: str, *, direct: bool) -> None:
    """NO_PROXY names hosts, domains, addresses and networks."""
    found = proxy_for("https", host, port, {**VARIABLES, "NO_PROXY": exceptions})
    assert (found == "") == direct
