"""kubectl's JSONPath (``k8s.io/client-go/util/jsonpath``): text in which ``{…}`` stands for parts of a value.

::

    template   = { text | "{" expression "}" }
    expression = "range" path | "end" | quoted | path
    path       = [ "$" | "@" ] { "." name | ".." name | "[" selector "]" | ".*" }
    selector   = "*" | index | [index] ":" [index] [":" index] | quoted | selector { "," selector } | "?(" filter ")"
    filter     = operand [ ("==" | "!=" | "<" | "<=" | ">" | ">=") operand ]
"""

from __future__ import annotations

import re

from pilothouse.errors import Invalid
from pilothouse.golang.numbers import parse_decimal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from pilothouse.golang.kinds import YamlValue

_NAME = re.compile(r"(?:\\.|[^\s.\[\]{}()|,$@\\])+")
_SLICE = re.compile(r"(-?[0-9]*)(?::(-?[0-9]*))?(?::(-?[0-9]*))?")
_OPERATOR = re.compile(r"==|!=|<=|>=|<|>")
_QUOTED = re.compile(r"'((?:\\.|[^'\\])*)'|\"((?:\\.|[^\"\\])*)\"")
_COMPARISONS: dict[str, Callable[[YamlValue, YamlValue], bool]] = {
    "==": lambda left, right: bool(left == right),
    "!=": lambda left, right: bool(left != right),
    "<": lambda left, right: bool(left < right),
    "<=": lambda left, right: bool(left <= right),
    ">": lambda left, right: bool(left > right),
    ">=": lambda left, right: bool(left >= right),
}


class JsonPathInvalid(Invalid):
    """An expression that cannot be read."""

    reference = "jsonpath-invalid"


class _Missing(Exception):
    """A field is not there, or two values cannot be compared."""


def evaluate(template: str, value: YamlValue) -> str:
    """Return ``template`` with its expressions replaced; when a part is missing there is no text at all, as in Helm.

    Raises:
        JsonPathInvalid: The template cannot be read.
    """
    written: list[str] = []
    try:
        _write(_pieces(template), 0, value, value, written)
    except JsonPathInvalid as error:
        raise JsonPathInvalid(f"error parsing jsonpath {template}: {error.message}") from error
    except _Missing:
        return ""
    return "".join(written)


def _pieces(template: str) -> list[tuple[str, str]]:
    """Split a template into texts and expressions."""
    found: list[tuple[str, str]] = []
    position = 0
    while position < len(template):
        start = template.find("{", position)
        if start < 0:
            found.append(("text", template[position:]))
            break
        if start > position:
            found.append(("text", template[position:start]))
        end = _closing(template, start + 1)
        found.append(("expression", template[start + 1 : end].strip()))
        position = end + 1
    return found


def _closing(template: str, position: int) -> int:
    while position < len(template):
        if template[position] in "'\"":
            quoted = _QUOTED.match(template, position)
            if quoted is None:
                raise JsonPathInvalid("unterminated quoted string")
            position = quoted.end()
            continue
        if template[position] == "}":
            return position
        position += 1
    raise JsonPathInvalid("unclosed action")


def _write(pieces: list[tuple[str, str]], position: int, root: YamlValue, here: YamlValue, written: list[str]) -> int:
    """Write pieces until the ``end`` that closes this range; return the place after it."""
    while position < len(pieces):
        kind, text = pieces[position]
        position += 1
        if kind == "text":
            written.append(text)
        elif text == "end":
            return position
        elif text.startswith("range ") or text == "range":
            items = _path(text[len("range") :].strip(), root, here)
            after = _skip(pieces, position)
            for item in items:
                _write(pieces, position, root, item, written)
            position = after
        elif text:
            written.append(_shown(text, root, here))
    return position


def _skip(pieces: list[tuple[str, str]], position: int) -> int:
    depth = 1
    while position < len(pieces):
        kind, text = pieces[position]
        position += 1
        if kind == "expression" and text.startswith("range"):
            depth += 1
        elif kind == "expression" and text == "end":
            depth -= 1
            if depth == 0:
                return position
    raise JsonPathInvalid("not in range, nothing to end")


def _shown(text: str, root: YamlValue, here: YamlValue) -> str:
    quoted = _QUOTED.fullmatch(text)
    if quoted is not None:
        return _unquoted(quoted)
    return " ".join(map(_text, _path(text, root, here)))


def _unquoted(found: re.Match[str]) -> str:
    text = found[1] if found[1] is not None else found[2]
    escapes = {"n": "\n", "t": "\t", "r": "\r"}
    return re.sub(r"\\(.)", lambda escape: escapes.get(escape[1], escape[1]), text)


def _text(value: YamlValue) -> str:
    if isinstance(value, (dict, list)):
        from pilothouse.formats.json_text import encode

        return encode(value)
    if value is None:
        return "<nil>"
    from pilothouse.golang.printf import show

    return show(value)


def _path(text: str, root: YamlValue, here: YamlValue) -> list[YamlValue]:
    """Return what a path leads to."""
    found = [here]
    position = 0
    if text[:1] in {"$", "@"}:
        found = [root if text[0] == "$" else here]
        position = 1
    while position < len(text):
        if text.startswith("..", position):
            position, name = _name(text, position + 2)
            found = [item for value in found for item in _anywhere(value, name)]
        elif text[position] == ".":
            position += 1
            if text.startswith("[", position) or position == len(text):
                continue
            position, name = _name(text, position)
            found = [item for value in found for item in _child(value, name)]
        elif text[position] == "[":
            end = _bracket(text, position)
            inside = text[position + 1 : end].strip()
            found = [item for value in found for item in _selected(value, inside, root)]
            position = end + 1
        else:
            position, name = _name(text, position)
            found = [item for value in found for item in _child(value, name)]
    return found


def _name(text: str, position: int) -> tuple[int, str]:
    if text.startswith("*", position):
        return position + 1, "*"
    found = _NAME.match(text, position)
    if found is None:
        raise JsonPathInvalid(f"unrecognized character in action: {text[position:]!r}")
    return found.end(), re.sub(r"\\(.)", r"\1", found[0])


def _bracket(text: str, position: int) -> int:
    depth = 0
    while position < len(text):
        if text[position] in "'\"":
            quoted = _QUOTED.match(text, position)
            if quoted is None:
                raise JsonPathInvalid("unterminated quoted string")
            position = quoted.end()
            continue
        depth += {"[": 1, "]": -1}.get(text[position], 0)
        if depth == 0:
            return position
        position += 1
    raise JsonPathInvalid("unterminated array")


def _child(value: YamlValue, name: str) -> list[YamlValue]:
    if name == "*":
        if isinstance(value, dict):
            return [value[key] for key in sorted(value)]
        return list(value) if isinstance(value, list) else []
    if isinstance(value, dict) and name in value:
        return [value[name]]
    raise _Missing(name)


def _anywhere(value: YamlValue, name: str) -> list[YamlValue]:
    found: list[YamlValue] = []
    if isinstance(value, dict):
        if name == "*":
            found += _child(value, name)
        elif name in value:
            found.append(value[name])
        for key in sorted(value):
            found += _anywhere(value[key], name)
    elif isinstance(value, list):
        for item in value:
            found += _anywhere(item, name)
    return found


def _selected(value: YamlValue, inside: str, root: YamlValue) -> list[YamlValue]:
    if inside.startswith("?(") and inside.endswith(")"):
        items = value if isinstance(value, list) else _child(value, "*")
        return [item for item in items if _passes(inside[2:-1].strip(), root, item)]
    if inside == "*":
        return _child(value, "*")
    quoted = _QUOTED.fullmatch(inside)
    if quoted is not None and inside[0] == "'":
        return _child(value, _unquoted(quoted))
    if "," in inside:
        return [item for part in inside.split(",") for item in _selected(value, part.strip(), root)]
    bounds = _SLICE.fullmatch(inside)
    if bounds is None:
        raise JsonPathInvalid(f"invalid array index {inside}")
    start, stop, step = map(_bound, bounds.groups())
    if not isinstance(value, list):
        raise _Missing(inside)
    if ":" not in inside:
        index = start or 0
        if not -len(value) <= index < len(value):
            raise _Missing(inside)
        return [value[index]]
    if step is not None and step <= 0:
        raise _Missing(inside)
    return value[start:stop:step]


def _bound(text: str | None) -> int | None:
    if not text:
        return None
    try:
        return parse_decimal(text)
    except ValueError:
        raise JsonPathInvalid(f"array index {text} is not a number") from None


def _passes(condition: str, root: YamlValue, item: YamlValue) -> bool:
    operator = _OPERATOR.search(_QUOTED.sub(_blank, condition))
    if operator is None:
        try:
            return bool(_path(condition, root, item))
        except _Missing:
            return False
    left = _operand(condition[: operator.start()].strip(), root, item)
    right = _operand(condition[operator.end() :].strip(), root, item)
    # Go compares plain values of one kind only; whole numbers of a filter are integers, those of a values file are not.
    kinds = (int, float, str, bool) if operator[0] in ("==", "!=") else (int, float, str)
    if type(left) is not type(right) or type(left) not in kinds:
        raise _Missing(condition)
    return _COMPARISONS[operator[0]](left, right)


def _blank(found: re.Match[str]) -> str:
    return "_" * len(found[0])


def _operand(text: str, root: YamlValue, item: YamlValue) -> YamlValue:
    quoted = _QUOTED.fullmatch(text)
    if quoted is not None:
        return _unquoted(quoted)
    if text in {"true", "false"}:
        return text == "true"
    try:
        return int(text) if text.lstrip("+-").isdecimal() else float(text)
    except ValueError:
        found = _path(text, root, item)
        if len(found) != 1:
            raise _Missing(text) from None
        return found[0]
