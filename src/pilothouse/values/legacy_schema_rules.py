"""The rules that Helm 3's ``gojsonschema`` asks of a schema itself, in its order and its words (``parseSchema``)."""

from __future__ import annotations

import re
from urllib.parse import unquote

from pilothouse.formats.json_text import encode
from pilothouse.golang.quoting import quote
from pilothouse.values.schema_checks import regexp_fault, type_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_NO_SCHEMA = "Expected: valid schema, given: Invalid JSON"
_TYPES = ("array", "boolean", "integer", "number", "null", "object", "string")
_PANIC = "unable to validate schema: interface conversion: interface {} is"
_LENGTHS, _PROPERTIES = ("minLength", "maxLength"), ("minProperties", "maxProperties")
#: Whose order is not looked at.
_ITEMS = ("minItems", "maxItems")


class _Broken(Exception):
    """A rule is broken; the text is the complaint."""


def broken_rule(schema: Any, draft: str | None) -> str:
    """Return the complaint about the first broken rule of a schema, or nothing.

    Args:
        schema: The schema.
        draft: The address of the draft that it names, None for what all drafts have.
    """
    if not isinstance(schema, (dict, bool)):
        return "schema is invalid"
    number = next((number for number in (4, 6, 7) if draft and f"/draft-0{number}/" in draft), 0)
    try:
        _Rules(schema, number).check(schema)
    except _Broken as broken:
        return str(broken)
    return ""


class _Rules:
    """Looks at one schema, and at those in it."""

    def __init__(self, root: Any, draft: int) -> None:
        self._root = root
        self._draft = draft
        self._known: set[int] = set()
        text = encode(root)
        self._named = '"$id"' in text or '"id"' in text

    def check(self, schema: Any) -> None:
        """Check one schema."""
        if isinstance(schema, bool) and self._draft != 4:
            return
        if not isinstance(schema, dict):
            raise _Broken(_NO_SCHEMA)
        if id(schema) in self._known:
            return
        self._known.add(id(schema))
        self._names(schema)
        if "$ref" in schema:
            self._reference(schema["$ref"])
            return
        self._type(schema)
        self._properties(schema)
        self._items(schema)
        self._numbers(schema)
        self._texts(schema)
        self._rest(schema)
        self._combined(schema)

    def _all(self, schemas: Iterable[Any]) -> None:
        for schema in schemas:
            self.check(schema)

    def _names(self, schema: dict[str, Any]) -> None:
        for word in {4: ("id",), 0: ("id", "$id")}.get(self._draft, ("$id",)):
            _expect(schema, word, str, "string")
        if "definitions" in schema:
            held = schema["definitions"]
            if isinstance(held, bool):
                raise _Broken(f"{_PANIC} bool, not map[string]interface {{}}")
            if not isinstance(held, dict) or not all(isinstance(inner, (dict, bool)) for inner in held.values()):
                raise _Broken("Invalid type. Expected: array of schemas, given: definitions")
            self._all(held.values())
        for word in ("title", "description", "$ref"):
            _expect(schema, word, str, "string")

    def _reference(self, reference: str) -> None:
        address, _, fragment = reference.partition("#")
        if address and ":" not in address and not self._named:
            raise _Broken(f"Reference /{reference.removeprefix('/')} must be canonical")
        if address or not fragment.startswith("/"):
            return
        escape = re.search("%(?![0-9A-Fa-f]{2}).{0,2}", fragment)
        if escape:
            raise _Broken(f"parse {quote(reference)}: invalid URL escape {quote(escape[0])}")
        found = self._root
        for part in unquote(fragment[1:]).split("/"):
            found = _step(found, part.replace("~1", "/").replace("~0", "~"))
        if not isinstance(found, (dict, bool)):
            raise _Broken("valid schema must be of type object")
        self.check(found)

    def _type(self, schema: dict[str, Any]) -> None:
        if "type" not in schema:
            return
        wanted = schema["type"]
        seen = set()
        for name in wanted if isinstance(wanted, list) else [wanted]:
            if isinstance(wanted, list) and type_of(name) == "number":
                raise _Broken(f"{_PANIC} json.Number, not string")
            if not isinstance(name, str):
                raise _Broken("Invalid type. Expected: string/array of strings, given: type")
            if name not in _TYPES:
                text = f"given: /{name}/ Expected valid values are:[{' '.join(_TYPES)}]"
                raise _Broken(f"has a primitive type that is NOT VALID -- {text}")
            if name in seen:
                raise _Broken(f"{name} type is duplicated")
            seen.add(name)

    def _properties(self, schema: dict[str, Any]) -> None:
        if "properties" in schema:
            if not isinstance(schema["properties"], dict):
                raise _Broken("properties must be of type object")
            self._all(schema["properties"].values())
        self._either(schema, "additionalProperties")
        if "patternProperties" in schema:
            held = schema["patternProperties"]
            if not isinstance(held, dict):
                raise _Broken("Invalid type. Expected: valid schema, given: patternProperties")
            for pattern, inner in held.items():
                if regexp_fault(pattern):
                    raise _Broken(f"Invalid regex pattern '{pattern}'")
                self.check(inner)
        if "propertyNames" in schema and self._draft != 4:
            if not isinstance(schema["propertyNames"], (dict, bool)):
                raise _Broken("Invalid type. Expected: valid schema, given: patternProperties")
            self.check(schema["propertyNames"])
        if "dependencies" in schema:
            self._dependencies(schema["dependencies"])

    def _dependencies(self, held: Any) -> None:
        if not isinstance(held, dict):
            raise _Broken("dependencies must be of type object")
        for needs in held.values():
            if isinstance(needs, list) and all(isinstance(name, str) for name in needs):
                continue
            if not isinstance(needs, (dict, bool)):
                raise _Broken("dependency must be of type schema or array of strings")
            self.check(needs)

    def _either(self, schema: dict[str, Any], word: str) -> None:
        """Check what may be a schema, or a boolean in all drafts."""
        inner = schema.get(word, True)
        if not isinstance(inner, (bool, dict)):
            raise _Broken(f"Invalid type. Expected: boolean/valid schema, given: {word}")
        if isinstance(inner, dict):
            self.check(inner)

    def _items(self, schema: dict[str, Any]) -> None:
        if "items" in schema:
            items = schema["items"]
            listed = items if isinstance(items, list) else [items]
            if not all(isinstance(inner, (dict, bool)) for inner in listed):
                raise _Broken("Invalid type. Expected: valid schema/array of schemas, given: items")
            self._all(listed)
        self._either(schema, "additionalItems")

    def _numbers(self, schema: dict[str, Any]) -> None:
        if "multipleOf" in schema:
            if type_of(schema["multipleOf"]) != "number":
                raise _Broken("Invalid type. Expected: number, given: multipleOf")
            if schema["multipleOf"] <= 0:
                raise _Broken("multipleOf must be strictly greater than 0")
        for word, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if limit in schema and type_of(schema[limit]) != "number":
                raise _Broken(f"{limit} must be of a number")
            if word in schema:
                self._exclusive(schema, word, limit)

    def _exclusive(self, schema: dict[str, Any], word: str, limit: str) -> None:
        kind = type_of(schema[word])
        wanted = {4: ("boolean",), 0: ("boolean", "number")}.get(self._draft, ("number",))
        if kind not in wanted:
            raise _Broken(f"Invalid type. Expected: {'/'.join(wanted)}, given: {word}")
        if kind == "boolean" and limit not in schema:
            raise _Broken(f"{word} cannot be used without {limit}")

    def _texts(self, schema: dict[str, Any]) -> None:
        _check_counts(schema, _LENGTHS)
        if "pattern" in schema:
            if not isinstance(schema["pattern"], str):
                raise _Broken("pattern must be of a string")
            if regexp_fault(schema["pattern"]):
                raise _Broken("pattern must be a valid regex")
        if "format" in schema and not isinstance(schema["format"], str):
            raise _Broken("format must be of type string")

    def _rest(self, schema: dict[str, Any]) -> None:
        _check_counts(schema, _PROPERTIES)
        if "required" in schema:
            for name in _listed(schema, "required"):
                if not isinstance(name, str):
                    raise _Broken("required items must be string")
            _check_unique(schema, "required")
        _check_counts(schema, _ITEMS)
        if "uniqueItems" in schema and not isinstance(schema["uniqueItems"], bool):
            raise _Broken("uniqueItems must be of a boolean")
        if "contains" in schema and self._draft != 4:
            self.check(schema["contains"])
        if "enum" in schema:
            _listed(schema, "enum")
            _check_unique(schema, "enum")

    def _combined(self, schema: dict[str, Any]) -> None:
        for word, named in (("oneOf", "oneOf"), ("anyOf", "anyOf"), ("allOf", "anyOf")):
            if word in schema:
                self._all(_listed(schema, word, named))
        for word in ("not", "if", "then", "else") if self._draft in (0, 7) else ("not",):
            if word in schema:
                if not isinstance(schema[word], (dict, bool)):
                    raise _Broken(f"{word} must be of an object")
                self.check(schema[word])


def _step(found: Any, key: str) -> Any:
    """Go one step of a JSON pointer."""
    if isinstance(found, dict):
        if key not in found:
            raise _Broken(f"Object has no key '{key}'")
        return found[key]
    if not isinstance(found, list):
        raise _Broken(f"Invalid token reference '{key}'")
    if not key.isdecimal():
        raise _Broken(f"Invalid array index '{key}'")
    if int(key) >= len(found):
        raise _Broken(f"Out of bound array[0,{len(found)}] index '{int(key)}'")
    return found[int(key)]


def _expect(schema: dict[str, Any], word: str, kind: type, name: str) -> None:
    if word in schema and not isinstance(schema[word], kind):
        raise _Broken(f"Invalid type. Expected: {name}, given: {word}")


def _listed(schema: dict[str, Any], word: str, named: str = "") -> list[Any]:
    found = schema[word]
    if not isinstance(found, list):
        raise _Broken(f"{named or word} must be of an array")
    return found


def _check_unique(schema: dict[str, Any], word: str) -> None:
    texts = [encode(item) for item in schema[word]]
    if len(set(texts)) != len(texts):
        raise _Broken(f"{word} items must be unique")


def _check_counts(schema: dict[str, Any], words: tuple[str, str]) -> None:
    for word in words:
        if word in schema:
            count = schema[word]
            if not isinstance(count, int) or isinstance(count, bool):
                raise _Broken(f"{word} must be of an integer")
            if count < 0:
                raise _Broken(f"{word} must be greater than or equal to 0")
    least, most = (schema.get(word) for word in words)
    if words != _ITEMS and least is not None and most is not None and least > most:
        raise _Broken(f"{words[0]} cannot be greater than {words[1]}")
