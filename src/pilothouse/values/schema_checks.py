"""What both walks over a JSON schema need: references, types, equality and the checks left to ``jsonschema-rs``."""

from __future__ import annotations

from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from pilothouse.golang.regexps import Regexp

#: Keywords whose values are no schemas.
DATA = ("default", "enum", "const", "examples")
_ORDER = ("null", "boolean", "number", "integer", "string", "array", "object")


def type_of(value: Any) -> str:
    """Return the JSON type of a value, ``number`` for all numbers."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def is_whole(value: Any) -> bool:
    """Tell whether a number is an integer by value."""
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def wanted_types(schema: dict[str, Any]) -> list[str]:
    """Return the types a schema names."""
    wanted = schema.get("type", [])
    return [wanted] if isinstance(wanted, str) else list(wanted)


def in_type_order(types: list[str]) -> list[str]:
    """Return types in the order in which Helm 4's library lists them."""
    return [name for name in _ORDER if name in types]


def has_type(value: Any, types: list[str]) -> bool:
    """Tell whether a value is of one of the types."""
    kind = type_of(value)
    return kind in types or (kind == "number" and "integer" in types and is_whole(value))


def same(left: Any, right: Any) -> bool:
    """Tell whether two JSON values are equal; booleans are no numbers."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    return bool(left == right)


def first_duplicates(items: list[Any]) -> tuple[int, int] | None:
    """Return the places of the first two equal items."""
    if all(isinstance(item, str) for item in items) and len(set(items)) == len(items):
        return None
    for second, item in enumerate(items):
        for first in range(second):
            if same(items[first], item):
                return first, second
    return None


def resolve(root: Any, reference: str) -> Any:
    """Return the schema a local reference names, or None."""
    if reference == "#":
        return root
    if not reference.startswith("#/"):
        return next((part for part in tables(root) if reference in marks(part)), None)
    found = root
    for part in reference[2:].split("/"):
        key = part.replace("~1", "/").replace("~0", "~").replace("%25", "%").replace("%22", '"')
        if isinstance(found, dict) and key in found:
            found = found[key]
        elif isinstance(found, list) and key.isdigit() and int(key) < len(found):
            found = found[int(key)]
        else:
            return None
    return found


def pointer(path: Iterable[str | int]) -> str:
    """Return the JSON pointer of a path."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def dotted(path: Iterable[str | int]) -> str:
    """Return a path as ``gojsonschema`` names it."""
    return ".".join(map(str, path)) or "(root)"


def regexp_fault(pattern: str) -> str:
    """Return why Go cannot use a regular expression, or nothing."""
    from pilothouse.golang.regexp_syntax import RegexpSyntaxError, parse

    try:
        parse(pattern)
    except RegexpSyntaxError as error:
        return str(error)
    return ""


def marks(part: dict[str, Any]) -> Iterator[str]:
    """Yield what references may call a part of a schema."""
    for word in ("$anchor", "$dynamicAnchor"):
        if isinstance(part.get(word), str):
            yield "#" + part[word]
    for word in ("$id", "id"):
        if isinstance(part.get(word), str):
            yield part[word]


def tables(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects of a schema, the outer ones first."""
    waiting = [schema]
    for part in waiting:
        if isinstance(part, dict):
            yield part
            waiting += [inner for word, inner in part.items() if word not in DATA]
        elif isinstance(part, list):
            waiting += part


@lru_cache(maxsize=500)
def _compiled(pattern: str) -> Regexp:
    from pilothouse.golang.regexps import compile_pattern

    return compile_pattern(pattern)


def unusable_pattern(schema: Any) -> str | None:
    """Return the first regular expression of a schema that Go cannot use."""
    return next((pattern for pattern in _patterns(schema) if regexp_fault(pattern)), None)


def _patterns(schema: Any) -> Iterator[str]:
    for part in tables(schema):
        pattern, named = part.get("pattern"), part.get("patternProperties")
        if isinstance(pattern, str):
            yield pattern
        if isinstance(named, dict):
            yield from named


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text matches a regular expression of Go's anywhere."""
    try:
        return _compiled(pattern).matches(text)
    except ValueError:
        return True


def passes(keyword: str, argument: Any, value: Any) -> bool:
    """Tell whether a value passes one keyword by the judgement of ``jsonschema-rs``."""
    import jsonschema_rs

    try:
        return jsonschema_rs.is_valid({keyword: argument}, value, validate_formats=True)
    except (ValueError, jsonschema_rs.ValidationError):
        return True
