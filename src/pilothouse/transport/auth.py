"""Credentials for HTTP, and to whom they may be sent."""

from __future__ import annotations

import base64


def basic(user: str, password: str) -> str:
    """Return the ``Authorization`` value of basic authentication."""
    pair = f"{user}:{password}".encode("utf-8", "surrogateescape")
    return "Basic " + base64.b64encode(pair).decode("ascii")


def same_origin(first: str, second: str) -> bool:
    """Return whether two URLs have scheme, host and port in common: Helm's rule for a repository's password."""
    return _origin(first) == _origin(second)


def same_site(first: str, second: str) -> bool:
    """Return whether credentials survive a redirect: to the same host or below it (``shouldCopyHeaderOnRedirect``)."""
    (scheme, host, _), (following, target, _) = _origin(first), _origin(second)
    if scheme == "https" and following != "https":
        return False  # stricter than Go: a redirect must not uncover what was encrypted
    return host == target or target.endswith("." + host)


def _origin(url: str) -> tuple[str, str, int]:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = -1
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), port or {"http": 80, "https": 443}.get(scheme, 0)
