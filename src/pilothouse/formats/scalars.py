"""What a plain YAML scalar means: go-yaml's ``resolve`` (YAML 1.1 as Go reads it).

YAML integers are ``int`` here and YAML floats ``float``; sigs.k8s.io/yaml turns both into JSON numbers afterwards.
"""

from __future__ import annotations

import re

from pilothouse.formats.keywords import INT64_MAX, INT64_MIN, KEYWORDS, UINT64_MAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import YamlValue

INFINITE: dict[str, float] = {
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
}
"""The floats that JSON does not know."""

NUMERIC_STARTS = frozenset("+-.0123456789")
"""The characters a number or a date begins with."""

_LONGEST = 40
"""No integer of 64 bits has more decimal digits (nor, twice, binary ones)."""

_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)").fullmatch
_INTEGER = re.compile(r"([-+]?)0(?:[xX]([0-9a-fA-F]+)|[bB]([01]+)|[oO]?([0-7]+))").fullmatch
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?").fullmatch
_DOT_FLOAT = re.compile(r"\.[0-9]+(?:[eE][-+]?[0-9]+)?").fullmatch


def _based(text: str) -> int | None:
    """Read an integer with a base prefix, or None."""
    found = _INTEGER(text)
    if found is None or len(text) > _LONGEST * 2:
        return None
    sign, sixteen, two, eight = found.groups()
    number = int(sixteen, 16) if sixteen else int(two, 2) if two else int(eight, 8)
    number = -number if sign == "-" else number
    return number if INT64_MIN <= number <= (INT64_MAX if sign else UINT64_MAX) else None


def _number(text: str) -> YamlValue:
    """Resolve a text that begins with a digit or a sign."""
    plain = text.replace("_", "") if "_" in text else text
    if _DECIMAL(plain):
        number = int(plain) if len(plain) <= _LONGEST else UINT64_MAX + 1
        if INT64_MIN <= number <= INT64_MAX or (number <= UINT64_MAX and plain[0] not in "+-"):
            return number
    else:
        based = _based(plain)
        if based is not None:
            return based
    if _FLOAT(plain):
        value = float(plain)
        if value - value == 0:
            return value
    return text


def resolve(text: str) -> YamlValue:
    """Return what the plain scalar ``text`` stands for: None, a bool, an int, a float or the text itself."""
    if text in KEYWORDS:
        return KEYWORDS[text]
    first = text[0]
    if first not in NUMERIC_STARTS:
        return text
    if text in INFINITE:
        return INFINITE[text]
    if first == ".":
        if _DOT_FLOAT(text):
            value = float(text)
            if value - value == 0:
                return value
        return text
    return _number(text)


def resolve_json(text: str) -> YamlValue:
    """Resolve a plain scalar and turn integers into Go's float64, as a pass through JSON does."""
    value = resolve(text)
    return float(value) if type(value) is int else value


def resolve_exact(text: str) -> YamlValue:
    """Resolve a plain scalar; numbers that JSON shows without a fraction become int64 where they fit."""
    value = resolve(text)
    if type(value) is float and value.is_integer() and abs(value) < 1e21:
        value = int(value)
    if type(value) is int and not INT64_MIN <= value <= INT64_MAX:
        return float(value)
    return value


def short_tag(text: str, value: YamlValue) -> str:
    """Return the short tag of what ``resolve`` made of ``text``."""
    kind = type(value)
    if kind is str:
        from pilothouse.formats.timestamps import is_timestamp

        return "!!timestamp" if is_timestamp(text) else "!!str"
    return {bool: "!!bool", int: "!!int", float: "!!float"}.get(kind, "!!null")


def is_ambiguous(text: str) -> bool:
    """Tell whether ``text`` must be quoted to stay a string (``resolve`` and ``isBase60Float`` of the encoder)."""
    if text in KEYWORDS:
        return True
    if text[0] not in NUMERIC_STARTS:
        return False
    if type(resolve(text)) is not str:
        return True
    if "-" not in text and ":" not in text:
        return False
    from pilothouse.formats.timestamps import is_sexagesimal, is_timestamp

    return is_timestamp(text) or is_sexagesimal(text)


def float_key(value: float) -> str:
    """Write a float that is a mapping's key as sigs.k8s.io/yaml does."""
    from pilothouse.formats.floats import format_shortest_32

    text = format_shortest_32(value)
    return {"+Inf": ".inf", "-Inf": "-.inf", "NaN": ".nan"}.get(text, text)
