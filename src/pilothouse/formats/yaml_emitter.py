"""Writes values as YAML, byte for byte as go-yaml does.

:func:`encode` is ``sigs.k8s.io/yaml.Marshal``: Go's JSON, read by go-yaml v2 and written by it again. What that detour
does to numbers and strings is done here directly. :func:`encode_pretty` is go-yaml v3's encoder with an indent of two.
"""

from __future__ import annotations

from pilothouse.formats import yaml_strings
from pilothouse.formats.errors import YamlError
from pilothouse.formats.floats import format_json, format_shortest
from pilothouse.formats.key_order import sorted_keys
from pilothouse.formats.keywords import INT64_MIN, UINT64_MAX
from pilothouse.formats.plain_values import FieldName, json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.golang.kinds import GoValue, YamlValue

_CYCLE = "error marshaling into JSON: json: unsupported value: encountered a cycle"
_LINE_ENDS = "\n\u2028\u2029"
"""What a literal block may end with."""
_LONGEST_KEY = 1024
"""The longest simple key that YAML can read, in characters."""
_SIMPLE_KEY = 128
"""The longest key, in bytes, that go-yaml writes without a question mark."""
_REMEMBERED = 96
"""Texts up to this length are remembered with their style."""
_CAPACITY = 20_000
_UNLIMITED = 1 << 60
"""The width of go-yaml v3, which never folds."""


def encode(value: GoValue) -> str:
    """Return ``value`` as YAML text that ends with a line feed (``yaml.Marshal``; ``toYaml`` cuts the line feed).

    Raises:
        YamlError: Go's JSON cannot show the value, or go-yaml cannot read what JSON shows.
    """
    return _encode(_STANDARD, value)


def encode_pretty(value: GoValue) -> str:
    """Return ``value`` as go-yaml v3 writes it with an indent of two: lists are indented, lines are never folded."""
    return _encode(_PRETTY, value)


def _encode(emitter: _Emitter, value: GoValue) -> str:
    out: list[str] = []
    try:
        emitter.root(value, out.append)
    except RecursionError:
        raise YamlError(_CYCLE) from None
    except TypeError as error:
        if not str(error).startswith("json: "):
            raise
        raise YamlError(f"error marshaling into JSON: {error}") from None
    return "".join(out)


class _Emitter:
    """Writes with the layout of one of the two libraries; ``STYLES`` remembers how short texts look."""

    def __init__(self, *, pretty: bool) -> None:
        self._pretty = pretty
        self._list_indent = "  " if pretty else ""
        self._styles: dict[str, str] = {}
        self._spaced: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._orders: dict[tuple[str, ...], list[str]] = {}

    # The layout -----------------------------------------------------------------------------------------------------

    def root(self, value: GoValue, add: Callable[[str], object]) -> None:
        """Write a whole document."""
        kind = type(value)
        if kind is not dict and kind is not list and kind is not str:
            value = self._plain(value)
            kind = type(value)
        if kind is dict and value:
            self._mapping(value, "", "", add)
        elif kind is list and value:
            self._list(value, "", "", add)
        else:
            self._end(add, self._scalar(value, 0, "  "))

    @staticmethod
    def _end(add: Callable[[str], object], text: str) -> None:
        """Write the end of a line; a literal block brings its own."""
        add(text if text[-1] in _LINE_ENDS else text + "\n")

    def _mapping(self, value: dict[str, YamlValue], indent: str, lead: str, add: Callable[[str], object]) -> None:
        """Write a mapping whose keys stand below ``indent``; the first line begins with ``lead``."""
        styles, keys, inner = self._styles, self._keys, indent + "  "
        for key in self._order(value):
            item = value[key]
            name = keys.get(key)
            if name is None:
                name = self._key(key, inner, len(lead))
            if name[-1] != ":":
                self._complex(lead + name, item, indent, add)
                lead = indent
                continue
            kind = type(item)
            if kind is str:
                text = styles.get(item)
                if text is None:
                    text = self._string(item, len(lead) + len(name) + 1, inner)
                add(f"{lead}{name} {text}" if text[-1] in _LINE_ENDS else f"{lead}{name} {text}\n")
                lead = indent
                continue
            if kind is not dict and kind is not list:
                item = self._plain(item)
                kind = type(item)
            if kind is dict and item:
                add(f"{lead}{name}\n")
                self._mapping(item, inner, inner, add)
            elif kind is list and item:
                add(f"{lead}{name}\n")
                below = indent + self._list_indent
                self._list(item, below, below, add)
            else:
                self._end(add, f"{lead}{name} {self._scalar(item, len(lead) + len(name) + 1, inner)}")
            lead = indent

    def _complex(self, head: str, item: GoValue, indent: str, add: Callable[[str], object]) -> None:
        """Write a pair whose key needs a question mark; the value stands like a list's item behind a colon."""
        self._end(add, head)
        self._item(item, indent + ": ", indent + "  ", add)

    def _list(self, items: list[YamlValue], indent: str, lead: str, add: Callable[[str], object]) -> None:
        """Write a list whose dashes stand below ``indent``; the first line begins with ``lead``."""
        inner = indent + "  "
        styles = self._styles
        for item in items:
            if type(item) is dict and item:
                self._mapping(item, inner, lead + "- ", add)
            else:
                text = styles.get(item) if type(item) is str else None
                if text is not None:
                    add(f"{lead}- {text}\n")
                else:
                    self._item(item, lead + "- ", inner, add)
            lead = indent

    def _item(self, item: GoValue, head: str, inner: str, add: Callable[[str], object]) -> None:
        """Write one node behind ``head``, its further lines below ``inner``."""
        kind = type(item)
        if kind is not dict and kind is not list and kind is not str:
            item = self._plain(item)
            kind = type(item)
        if kind is dict and item:
            self._mapping(item, inner, head, add)
        elif kind is list and item:
            self._list(item, inner, head, add)
        else:
            self._end(add, head + self._scalar(item, len(head), inner))

    def _order(self, value: dict[str, YamlValue]) -> list[str]:
        """Return the keys in the order they are written, remembered for the next mapping with the same keys."""
        keys = tuple(value)
        if (len(keys) == 1 and type(keys[0]) is str) or (self._pretty and isinstance(keys[0], FieldName)):
            return keys  # type: ignore[return-value]
        order = self._orders.get(keys)
        if order is None:
            order = sorted_keys(keys, pretty=self._pretty)
            if len(keys) < 64:
                if len(self._orders) > 2000:
                    self._orders.clear()
                self._orders[keys] = order
        return order

    # Scalars --------------------------------------------------------------------------------------------------------

    def _plain(self, value: GoValue) -> YamlValue:
        """Return what JSON shows for a value of another type than dict, list and str."""
        if value is None or value is True or value is False:
            return value
        kind = type(value)
        if kind is float or kind is int:
            return value
        if self._pretty:
            from pilothouse.formats.struct_values import yaml_value

            return yaml_value(value)
        plain = json_value(value)
        if type(plain) is dict and any(type(key) is not str for key in plain):
            return {_key_text(key): item for key, item in plain.items()}
        return plain

    def _scalar(self, value: YamlValue, column: int, indent: str) -> str:  # noqa: PLR0911 - one return a type
        """Write a scalar or an empty collection."""
        if type(value) is str:
            return self._styles.get(value) or self._string(value, column, indent)
        if value is None:
            return "null"
        if value is True:
            return "true"
        if value is False:
            return "false"
        if type(value) is float:
            return self._float(value)
        if type(value) is int:
            return str(value)
        if isinstance(value, str):
            return str(value)
        return "{}" if type(value) is dict else "[]"

    def _float(self, value: float) -> str:
        if self._pretty:
            text = format_shortest(value)
            return {"+Inf": ".inf", "-Inf": "-.inf", "NaN": ".nan"}.get(text, text)
        if value - value != 0:
            raise TypeError(f"json: unsupported value: {format_shortest(value)}")
        if value.is_integer() and abs(value) < 1e21:
            if abs(value) < 1e15:
                return str(int(value))
            # JSON shows an integer; go-yaml keeps it as one only if 64 bits can hold what JSON shows.
            whole = int(format_json(value))
            if INT64_MIN <= whole <= UINT64_MAX:
                return str(whole)
        return format_shortest(value)

    def _string(self, text: str, column: int, indent: str) -> str:
        """Write a string as a value that begins at ``column``; further lines begin with ``indent``."""
        styled = self._spaced.get(text)
        if styled is not None and (self._pretty or len(styled) + column <= yaml_strings.WIDTH):
            return styled
        if yaml_strings.needs_care(text):
            from pilothouse.formats import yaml_styles

            if not self._pretty:
                text = yaml_styles.through_json(text)
            elif yaml_styles.SURROGATE.search(text):
                return self._binary(text)
        if "\n" in text:
            if yaml_strings.literal_allowed(text, tabs=self._pretty):
                return yaml_strings.literal(text, indent)
        elif len(text) <= _REMEMBERED:
            return self._short(text, column, indent)
        return self._folded(text, column, indent)

    def _short(self, text: str, column: int, indent: str) -> str:
        """Write a short text on one line, and remember how; fold it if it ends too far right."""
        styled = yaml_strings.style(text)
        memory = self._spaced if " " in styled else self._styles
        if not styled.isascii() and ("\u2028" in styled or "\u2029" in styled):
            return self._folded(text, column, indent)
        if len(memory) > _CAPACITY:
            memory.clear()
        memory[text] = styled
        if memory is self._styles or self._pretty or len(styled) + column <= yaml_strings.WIDTH:
            return styled
        return self._folded(text, column, indent)

    def _folded(self, text: str, column: int, indent: str) -> str:
        """Write a long text, or one with line breaks that is no literal block."""
        from pilothouse.formats import yaml_styles

        return yaml_styles.folded(text, column, indent, _UNLIMITED if self._pretty else yaml_strings.WIDTH)

    @staticmethod
    def _binary(text: str) -> str:
        """Write bytes that are no UTF-8 as go-yaml v3 does."""
        from base64 import b64encode

        encoded = b64encode(text.encode("utf-8", "surrogateescape")).decode("ascii")
        return f"!!binary {encoded}"

    # Keys -----------------------------------------------------------------------------------------------------------

    def _key(self, key: str, indent: str, column: int) -> str:
        """Write a key: with its colon, or behind a question mark when it is long or has line breaks."""
        text = _key_text(key)
        if yaml_strings.needs_care(text) and not self._pretty:
            if "\x85" in text:
                raise YamlError("yaml: line 1: did not find expected ',' or '}'")
            from pilothouse.formats.yaml_styles import through_json

            text = through_json(text)
        elif self._pretty and not text.isascii() and any("\udc80" <= letter <= "\udcff" for letter in text):
            return self._binary(text) + ":"
        if not self._pretty and len(text) > 150 and _json_length(text) > _LONGEST_KEY:
            raise YamlError("yaml: mapping values are not allowed in this context")
        if _needs_question_mark(text):
            return "? " + self._string(text, column + 2, indent)
        name = yaml_strings.style(text) + ":"
        if len(self._keys) > _CAPACITY:
            self._keys.clear()
        self._keys[key] = name
        return name


def _needs_question_mark(text: str) -> bool:
    """Tell whether a key is too long, or has line breaks, so that it cannot stand before a colon."""
    if text.isascii():
        return len(text) > _SIMPLE_KEY or "\n" in text or "\r" in text
    from pilothouse.formats.yaml_styles import is_multiline

    return is_multiline(text) or len(text.encode("utf-8", "surrogatepass")) > _SIMPLE_KEY


def _key_text(key: GoValue) -> str:
    """Return a map's key as ``encoding/json`` writes it."""
    return str(int(key)) if isinstance(key, int) else str(key)


def _json_length(text: str) -> int:
    """Return the length of the JSON text of a string."""
    from pilothouse.formats.json_text import encode as encode_json

    return len(encode_json(text))


_STANDARD, _PRETTY = _Emitter(pretty=False), _Emitter(pretty=True)
