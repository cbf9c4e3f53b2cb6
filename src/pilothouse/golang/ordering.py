"""The order in which Go visits and prints the keys of a map (``internal/fmtsort``)."""

from __future__ import annotations

from pilothouse.golang.kinds import GoValue

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def sorted_keys(mapping: Iterable[GoValue]) -> list[GoValue]:
    """The keys of a map, sorted: strings by their bytes, numbers by value."""
    try:
        keys = sorted(mapping)
    except TypeError:
        return sorted(mapping, key=str)
    # Code points order strings as their bytes do, but for bytes that are no UTF-8.
    if any(isinstance(key, str) and not key.isascii() for key in keys):
        keys.sort(key=lambda key: key.encode("utf-8", "surrogateescape") if isinstance(key, str) else key)
    return keys
