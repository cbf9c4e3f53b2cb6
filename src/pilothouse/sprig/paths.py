"""Paths with slashes (packages path and path/filepath, which agree on Unix)."""

from __future__ import annotations


def base(path: str) -> str:
    """Return the last element; ``.`` of an empty path."""
    if not path:
        return "."
    stripped = path.rstrip("/")
    return stripped.rpartition("/")[2] if stripped else "/"


def dir(path: str) -> str:  # noqa: A001 - the name templates use
    """Return all but the last element, cleaned."""
    return clean(path[: path.rfind("/") + 1])


def clean(path: str) -> str:
    """Return the shortest path that means the same."""
    if not path:
        return "."
    rooted = path.startswith("/")
    kept: list[str] = []
    for element in path.split("/"):
        if element in ("", "."):
            continue
        if element != "..":
            kept.append(element)
        elif kept and kept[-1] != "..":
            kept.pop()
        elif not rooted:
            kept.append("..")
    cleaned = "/".join(kept)
    return "/" + cleaned if rooted else cleaned or "."


def ext(path: str) -> str:
    """Return the suffix from the last dot of the last element."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return name[dot:] if dot >= 0 else ""


def is_abs(path: str) -> bool:
    """Return whether the path begins at the root."""
    return path.startswith("/")
