"""Keys of mappings as sigs.k8s.io/yaml turns them into JSON, and the signal by which the quick reader declines."""

from __future__ import annotations

from pilothouse.formats.keywords import INT64_MAX, KEYWORDS
from pilothouse.formats.scalars import NUMERIC_STARTS, float_key, resolve

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import YamlValue


LONGEST_KEY = 1000
"""Longer keys are left to the full reader, which knows go-yaml's limit of 1024."""


class Unusual(Exception):
    """The text holds something that only the full reader knows."""


def key_text(value: YamlValue) -> tuple[str, str | None]:
    """Return the text of a scalar key, and the complaint of sigs.k8s.io/yaml when a map cannot have it."""
    if type(value) is str:
        return value, None
    if value is None:
        return "", "%!s(<nil>), key: <nil>"
    if isinstance(value, bool):
        return ("true" if value else "false"), None
    if isinstance(value, float):
        return float_key(value), None
    if value > INT64_MAX:
        return str(value), f"uint64, key: {hex(value)}"
    return str(value), None


def plain_key(text: str) -> str:
    """Return the JSON key that a plain key becomes."""
    if len(text) > LONGEST_KEY or text == "<<":
        raise Unusual
    if text in KEYWORDS or text[0] in NUMERIC_STARTS:
        key, fault = key_text(resolve(text))
        if fault is not None:
            raise Unusual
        return key
    return text
