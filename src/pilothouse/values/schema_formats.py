"""Why Helm 4's schema library finds a text not to be of a format."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def _email(text: str) -> str:
    at = text.rfind("@")
    if at < 0:
        return "missing @"
    if at > 64:
        return "local part more than 64 characters long"
    return "invalid email"


def _date_time(text: str) -> str:
    if len(text) < 20:
        return "less than 20 characters long"
    if text[10] not in "tT":
        return "11th character must be t or T"
    return "invalid date-time"


def _hostname(text: str) -> str:
    if len(text.rstrip(".")) > 253:
        return "more than 253 characters long"
    for label in text.removesuffix(".").split("."):
        if not 1 <= len(label) <= 63:
            return "label must be 1 to 63 characters long"
        if label.startswith("-"):
            return "label starts with hyphen"
        if label.endswith("-"):
            return "label ends with hyphen"
        for character in label:
            if not (character.isascii() and (character.isalnum() or character == "-")):
                return f"invalid character '{character}'"
    return "invalid hostname"


def _ipv4(text: str) -> str:
    parts = text.split(".")
    if len(parts) != 4:
        return "expected four decimals"
    if any(len(part) > 1 and part[0] == "0" for part in parts):
        return "leading zeros"
    return "invalid ipv4"


def _uri(text: str) -> str:
    return "relative url" if ":" not in text else "invalid uri"


_REASONS: dict[str, Callable[[str], str]] = {
    "date-time": _date_time,
    "email": _email,
    "hostname": _hostname,
    "ipv4": _ipv4,
    "uri": _uri,
}


def reason(name: str, text: str) -> str:
    """Return why ``text`` is not of the format called ``name``."""
    explain = _REASONS.get(name)
    return explain(text) if explain else f"invalid {name}"
