"""JSON as Go's ``encoding/json`` reads and writes it."""

from __future__ import annotations

import re

from pilothouse.formats.errors import JsonError
from pilothouse.formats.floats import format_json, format_shortest
from pilothouse.formats.plain_values import field_place, json_kind, json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from re import Match

    from pilothouse.golang.kinds import GoValue, YamlValue

_DECODING = "json: cannot unmarshal"

_HTML = re.compile('["\\\\<>&\x00-\x1f]')
_RAW = re.compile('["\\\\\x00-\x1f]')
_SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escape(found: Match[str]) -> str:
    return _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}"


def quote(text: str, *, escape_html: bool = True) -> str:
    """Write a string; bytes that are no UTF-8 become U+FFFD."""
    return _valid(_quoted(text, escape_html=escape_html))


def _quoted(text: str, *, escape_html: bool) -> str:
    """Write a string; what stands for bytes that are no UTF-8 stays."""
    pattern = _HTML if escape_html else _RAW
    if pattern.search(text):
        text = pattern.sub(_escape, text)
    if not text.isascii():
        text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return f'"{text}"'


def _valid(text: str, replacement: str = "\ufffd") -> str:
    """Replace what stands for bytes that are no UTF-8."""
    if text.isascii():
        return text
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "".join(replacement if "\ud800" <= character <= "\udfff" else character for character in text)
    return text


def encode(value: GoValue, *, indent: str = "", prefix: str = "", escape_html: bool = True, go: str = "1.27") -> str:
    """Return ``value`` as JSON with sorted keys (``json.Marshal``, or ``MarshalIndent`` with an ``indent``).

    Args:
        value: What to write.
        indent: What each level is indented by; nothing for compact text.
        prefix: What each further line begins with.
        escape_html: Whether ``<``, ``>`` and ``&`` are escaped.
        go: Which Go writes; older ones write an escape for U+FFFD where bytes are no UTF-8.

    Raises:
        JsonError: JSON cannot show the value.
    """
    out: list[str] = []
    line = f"\n{prefix}" if indent or prefix else ""
    try:
        _write(value, out.append, line, indent, escape_html=escape_html)
    except RecursionError:
        raise JsonError("json: unsupported value: encountered a cycle") from None
    except TypeError as error:
        if not str(error).startswith("json: "):
            raise
        text = str(error)
        if go == "1.22":
            text = text.replace("type *time.Time:", "type time.Time: Time.MarshalJSON:")
        raise JsonError(text) from None
    return _valid("".join(out), "\ufffd" if go == "1.27" else "\\ufffd")


def _write(value: GoValue, add: Callable[[str], object], line: str, indent: str, *, escape_html: bool) -> None:
    """Write one value; ``line`` is what begins a new line at its level, or nothing for compact text."""
    kind = type(value)
    if kind is str:
        add(_quoted(value, escape_html=escape_html))
    elif value is None:
        add("null")
    elif value is True or value is False:
        add("true" if value else "false")
    elif kind is float:
        if value - value != 0:
            raise TypeError(f"json: unsupported value: {format_shortest(value)}")
        add(format_json(value))
    elif kind is int:
        add(str(value))
    elif kind is dict:
        _write_object(value, sorted(value), add, line, indent, escape_html=escape_html)
    elif kind is list:
        _write_array(value, add, line, indent, escape_html=escape_html)
    else:
        _write_other(value, add, line, indent, escape_html=escape_html)


def _write_other(value: GoValue, add: Callable[[str], object], line: str, indent: str, *, escape_html: bool) -> None:
    """Write a value of another type: maps sort their keys, structs keep the order of their fields."""
    plain = json_value(value)
    if type(plain) is dict:
        if any(type(key) is not str for key in plain):
            plain = {str(int(key)) if isinstance(key, int) else str(key): item for key, item in plain.items()}
        is_struct = getattr(value, "go_kind", "map") in ("struct", "ptr")
        _write_object(plain, list(plain) if is_struct else sorted(plain), add, line, indent, escape_html=escape_html)
    elif type(plain) is type(value):
        raise TypeError(f"json: unsupported type: {type(value).__name__}")
    else:
        _write(plain, add, line, indent, escape_html=escape_html)


def _write_object(
    value: dict[str, YamlValue],
    keys: list[str],
    add: Callable[[str], object],
    line: str,
    indent: str,
    *,
    escape_html: bool,
) -> None:
    if not value:
        add("{}")
        return
    inner = line + indent if line else ""
    colon = ": " if line else ":"
    separator = "{" + inner
    for key in keys:
        add(separator + _quoted(key, escape_html=escape_html) + colon)
        _write(value[key], add, inner, indent, escape_html=escape_html)
        separator = "," + inner
    add(line + "}")


def _write_array(
    value: list[YamlValue], add: Callable[[str], object], line: str, indent: str, *, escape_html: bool
) -> None:
    if not value:
        add("[]")
        return
    inner = line + indent if line else ""
    separator = "[" + inner
    for item in value:
        add(separator)
        _write(item, add, inner, indent, escape_html=escape_html)
        separator = "," + inner
    add(line + "]")


class _Beyond(float):
    """A number that float64 cannot hold, with its text."""

    text = ""


def _float(text: str) -> float:
    number = float(text)
    if number - number == 0:
        return number
    beyond = _Beyond(number)
    beyond.text = text
    return beyond


def _whole(text: str) -> float:
    """Read an integer: an ``int`` if 64 bits can hold it."""
    if len(text) < 20:
        number = int(text)
        if -(1 << 63) <= number < 1 << 63:
            return number
    return _float(text)


def decode(text: str | bytes, *, integers: bool = False, helm: int = 4) -> YamlValue:
    """Return the value of a JSON text (``json.Unmarshal`` into ``interface{}``).

    Args:
        text: UTF-8 text; bytes that are no UTF-8 become U+FFFD.
        integers: Whether whole numbers become ``int`` in place of ``float``.
        helm: Whose Go words the errors, that of Helm 3 or 4.

    Raises:
        JsonError: The text is no JSON.
    """
    from json import JSONDecoder

    given = text = text.decode("utf-8", "surrogateescape") if isinstance(text, bytes) else text
    if not text.isascii():
        text = _valid(text)
    decoder = JSONDecoder(parse_float=_float, parse_int=_whole if integers else _float, parse_constant=_refuse)
    try:
        value = decoder.decode(text)
    except (ValueError, RecursionError):
        from pilothouse.formats.json_errors import explain

        raise explain(given, helm=helm) from None
    if "\\u" in text:
        value = _clean(value)
    if "e" in text or "E" in text or len(text) > _LONGEST_FINITE:
        _check_range(value, helm)
    return value


_LONGEST_FINITE = 300
"""No number with fewer digits and no exponent is out of range."""


def _check_range(value: YamlValue, helm: int) -> None:
    """Refuse numbers that float64 cannot hold; the error has the rest of the value."""
    found: list[tuple[str, tuple[str | int, ...]]] = []
    value = _within(value, (), None if helm < 4 else 0.0, found)
    if found:
        text, path = found[0]
        owner = field_place(path) if helm >= 4 and path else "Go value"
        error = JsonError(f"{_DECODING} number {text} into {owner} of type float64")
        error.partial, error.kind = value, json_kind(value) if path else "number"
        raise error


def _within(
    value: YamlValue, path: tuple[str | int, ...], instead: YamlValue, found: list[tuple[str, tuple[str | int, ...]]]
) -> YamlValue:
    """Return a value with ``instead`` in place of the numbers out of range, which are noted with their paths."""
    if isinstance(value, _Beyond):
        found.append((value.text, path))
        return instead
    if isinstance(value, dict):
        return {key: _within(item, (*path, key), instead, found) for key, item in value.items()}
    if isinstance(value, list):
        return [_within(item, (*path, number), instead, found) for number, item in enumerate(value)]
    return value


def decode_prefix(text: str, start: int = 0) -> tuple[YamlValue, int]:
    """Return the JSON value that begins at ``start`` and where it ends (``json.Decoder.Decode``).

    Raises:
        JsonError: No value begins there.
    """
    from json import JSONDecoder

    decoder = JSONDecoder(parse_float=_float, parse_int=_float, parse_constant=_refuse)
    try:
        value, end = decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        from pilothouse.formats.json_errors import explain

        raise explain(text[start:]) from None
    _check_range(value, 4)
    return _clean(value), end


def _refuse(name: str) -> YamlValue:
    raise ValueError(name)


def _clean(value: YamlValue) -> YamlValue:
    """Replace lone surrogates, which escapes can make, by U+FFFD."""
    if isinstance(value, str):
        return _valid(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    return value


def decode_mapping(text: str | bytes, *, helm: int = 4) -> dict[str, YamlValue]:
    """Return a JSON text that must be an object or null (``Unmarshal`` into ``map[string]interface{}``)."""
    value = _of_kind(text, "object", "map[string]interface {}", helm)
    return {} if value is None else value


def decode_list(text: str | bytes, *, helm: int = 4) -> list[YamlValue]:
    """Return a JSON text that must be an array or null (``Unmarshal`` into ``[]interface{}``)."""
    value = _of_kind(text, "array", "[]interface {}", helm)
    return [] if value is None else value


def _of_kind(text: str | bytes, wanted: str, type_name: str, helm: int) -> YamlValue:
    """Return the value of a JSON text that must be of one kind, or null."""
    try:
        value = decode(text, helm=helm)
        kind = json_kind(value)
    except JsonError as error:
        if error.kind in ("", wanted):
            raise
        value, kind = 0, error.kind
    if value is not None and kind != wanted:
        raise JsonError(f"{_DECODING} {kind} into Go value of type {type_name}")
    return value
