"""Text of a Go value, and the bytes behind a Python ``str``, for the other families."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import GoValue


def text_of(value: GoValue) -> str:
    """Return the text sprig gives a value: a string, bytes decoded, all else as ``%v`` prints it (strval)."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]
    if kind is int:
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is float and -1e6 < value < 1e6 and value == int(value) != 0:
        return str(int(value))
    return from_bytes(value) if kind is bytes else printed(value)


def printed(value: GoValue) -> str:
    """Return a value as Go's ``%v`` prints it."""
    from pilothouse.golang.printf import show

    return show(value)


def to_bytes(text: str) -> bytes:
    """Return the bytes of a Go string."""
    return text.encode("utf-8", "surrogateescape")


def from_bytes(data: bytes) -> str:
    """Return the Go string that ``data`` is."""
    return data.decode("utf-8", "surrogateescape")
