"""URLs of repositories and charts: joined, resolved and compared as Helm does it (``internal/urlutil``)."""

from __future__ import annotations

from pilothouse.charts.archive import clean_path
from pilothouse.golang.urls import PATH, Url, UrlSyntaxError, escape, parse, unescape
from pilothouse.sources.errors import ReferenceInvalid

REGISTRY = "oci://"
LOCAL = "file://"


def is_registry(reference: str) -> bool:
    """Return whether a reference names a registry (``registry.IsOCI``)."""
    return reference.startswith(REGISTRY)


def scheme_of(url: str) -> str:
    """Return the scheme of a URL, empty for a path or for what is no URL."""
    try:
        return parse(url).scheme
    except UrlSyntaxError:
        return ""


def resolved(base: str, reference: str) -> str:
    """Return the URL that ``reference`` means below ``base``, whose query stays (``repo.ResolveReferenceURL``).

    Raises:
        ReferenceInvalid: One of them is no URL.
    """
    found = _parsed(reference)
    if found.scheme:
        return reference
    start = _parsed(base)
    query = start.query
    start.path = start.path.removesuffix("/") + "/"
    start.raw_path = start.raw_path.removesuffix("/") + "/"
    if found.host or found.user is not None:
        result = found
        result.scheme = start.scheme
        _set_path(result, _without_dots(found.escaped_path, ""))
    else:
        result = start
        result.fragment, result.raw_fragment = found.fragment, found.raw_fragment
        _set_path(result, _without_dots(start.escaped_path, found.escaped_path))
    result.query = query
    return str(result)


def _parsed(text: str) -> Url:
    try:
        return parse(text)
    except UrlSyntaxError as error:
        raise ReferenceInvalid(f"failed to parse {text} as URL: {error}") from error


def _set_path(url: Url, escaped: str) -> None:
    url.path = unescape(escaped, PATH)
    url.raw_path = "" if escape(url.path, PATH) == escaped else escaped


def _without_dots(base: str, reference: str) -> str:
    """Return a path below another, ``.`` and ``..`` taken out (``net/url resolvePath``)."""
    if not reference:
        full = base
    elif reference.startswith("/"):
        full = reference
    else:
        full = base[: base.rfind("/") + 1] + reference
    if not full:
        return ""
    kept: list[str] = []
    last = ""
    for last in full.split("/"):
        if last == ".":
            continue
        if last == "..":
            kept = kept[:-1]
        else:
            kept.append(last)
    path = "/" + "/".join(kept) + ("/" if last in (".", "..") else "")
    return path[1:] if path.startswith("//") else path


def joined(base: str, *parts: str) -> str:
    """Return ``base`` with path elements added to it (``urlutil.URLJoin``); what is no URL is joined as a path."""
    try:
        url = parse(base)
    except UrlSyntaxError:
        return _joined_paths(base, *parts)
    url.path = _joined_paths(url.path, *parts)
    return str(url)


def _joined_paths(*parts: str) -> str:
    present = [part for part in parts if part]
    return clean_path("/".join(present)) if present else ""


def equal(first: str, second: str) -> bool:
    """Return whether two URLs mean the same place but for slashes and dots (``urlutil.Equal``)."""
    return first == second or normal(first) == normal(second)


def normal(url: str) -> str:
    """Return a URL with a clean path, by which it can be compared."""
    try:
        found = parse(url)
    except UrlSyntaxError:
        return clean_path(url)
    found.path = clean_path(found.path) if found.path else "/"
    return str(found)


def same_host(first: str, second: str) -> bool:
    """Return whether two URLs name scheme, host and port alike: Helm's rule for sending a repository's password."""
    try:
        one, other = parse(first), parse(second)
    except UrlSyntaxError:
        return False
    return (one.scheme, one.host) == (other.scheme, other.host)


def file_name(url: str) -> str:
    """Return the last element of a URL's path, decoded (``filepath.Base``)."""
    path = parse(url).path.rstrip("/")
    return path.rpartition("/")[2] or "/" if path else "."
