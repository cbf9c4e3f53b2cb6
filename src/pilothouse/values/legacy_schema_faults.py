"""The faults of values in the words of ``xeipuu/gojsonschema``, which Helm 3 uses."""

from __future__ import annotations

from operator import ge, gt, le, lt

from pilothouse.values.schema_checks import (
    dotted,
    first_duplicates,
    has_type,
    is_whole,
    matches,
    passes,
    resolve,
    same,
    type_of,
    wanted_types,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_Path = tuple["str | int", ...]
_Faults = list[tuple[_Path, str]]


def find_faults(schema: Any, values: Any, draft: str) -> list[str]:
    """Return one line for each fault of ``values``."""
    found = _Walk(schema, draft).check(schema, values, ())
    return [f"- {dotted(path)}: {text}" for path, text in found]


def _json(value: Any) -> str:
    from pilothouse.formats.json_text import encode

    return encode(value)


class _Walk:
    """Checks values against one schema in the library's order."""

    def __init__(self, root: Any, draft: str) -> None:
        self._root = root
        self._draft4 = "/draft-04/" in draft
        self._has_if = not self._draft4 and "/draft-06/" not in draft

    def check(self, schema: Any, value: Any, path: _Path) -> _Faults:  # noqa: PLR0911 - one return a kind of value
        """Return the faults of ``value``, nearest first."""
        if isinstance(schema, bool):
            return [] if schema else [(path, "False always fails validation")]
        if not isinstance(schema, dict):
            return []
        if "$ref" in schema:
            target = resolve(self._root, schema["$ref"]) if isinstance(schema["$ref"], str) else None
            return self.check(target, value, path) if target is not None else []
        types = wanted_types(schema)
        if types and not has_type(value, types):
            expected = types[0] if len(types) == 1 else f"[{','.join(types)}]"
            given = "integer" if type_of(value) == "number" and is_whole(value) else type_of(value)
            return [(path, f"Invalid type. Expected: {expected}, given: {given}")]
        faults = self._combined(schema, value, path)
        if isinstance(value, dict):
            faults += self._object(schema, value, path) + self._common(schema, value, path)
            return faults + self._properties(schema, value, path)
        if isinstance(value, list):
            return faults + self._array(schema, value, path) + self._common(schema, value, path)
        if type_of(value) == "number":
            faults += self._number(schema, value, path)
        faults += self._common(schema, value, path)
        return faults + self._string(schema, value, path) if isinstance(value, str) else faults

    def _combined(self, schema: dict[str, Any], value: Any, path: _Path) -> _Faults:
        faults: _Faults = []
        for keyword, text, most in (
            ("anyOf", "Must validate at least one schema (anyOf)", None),
            ("oneOf", "Must validate one and only one schema (oneOf)", 1),
        ):
            if not schema.get(keyword):
                continue
            results = [self.check(inner, value, path) for inner in schema[keyword]]
            valid = sum(not found for found in results)
            if not valid or (most is not None and valid > most):
                faults.append((path, text))
                if not valid and results:
                    faults += max(results, key=lambda found: max(len(place) for place, _ in found))
        if "allOf" in schema:
            failed = [found for found in (self.check(inner, value, path) for inner in schema["allOf"]) if found]
            faults += [fault for found in failed for fault in found]
            if failed:
                faults.append((path, "Must validate all the schemas (allOf)"))
        if "not" in schema and not self.check(schema["not"], value, path):
            faults.append((path, "Must not validate the schema (not)"))
        return faults + self._dependencies(schema, value, path) + self._conditional(schema, value, path)

    def _conditional(self, schema: dict[str, Any], value: Any, path: _Path) -> _Faults:
        if "if" not in schema or not self._has_if:
            return []
        fits = not self.check(schema["if"], value, path)
        branch = "then" if fits else "else"
        found = self.check(schema.get(branch, True), value, path)
        reason = "was valid" if fits else "was not valid"
        return [(path, f'Must validate "{branch}" as "if" {reason}'), *found] if found else []

    def _dependencies(self, schema: dict[str, Any], value: Any, path: _Path) -> _Faults:
        faults: _Faults = []
        if not isinstance(value, dict):
            return faults
        for name, needs in schema.get("dependencies", {}).items():
            if name not in value:
                continue
            if isinstance(needs, list):
                faults += [(path, f"Has a dependency on {need}") for need in needs if need not in value]
            else:
                faults += self.check(needs, value, path)
        return faults

    def _common(self, schema: dict[str, Any], value: Any, path: _Path) -> _Faults:
        faults: _Faults = []
        if "const" in schema and not same(schema["const"], value) and not self._draft4:
            faults.append((path, f"{dotted(path)} does not match: {_json(schema['const'])}"))
        if schema.get("enum") and not any(same(item, value) for item in schema["enum"]):
            allowed = ", ".join(_json(item) for item in schema["enum"])
            faults.append((path, f"{dotted(path)} must be one of the following: {allowed}"))
        name = schema.get("format")
        if isinstance(name, str) and not passes("format", name, value):
            faults.append((path, f"Does not match format '{name}'"))
        return faults

    def _object(self, schema: dict[str, Any], value: dict[str, Any], path: _Path) -> _Faults:
        faults: _Faults = []
        if len(value) < schema.get("minProperties", 0):
            faults.append((path, f"Must have at least {schema['minProperties']} properties"))
        if len(value) > schema.get("maxProperties", len(value)):
            faults.append((path, f"Must have at most {schema['maxProperties']} properties"))
        faults += [(path, f"{name} is required") for name in schema.get("required", ()) if name not in value]
        if schema.get("additionalProperties") is False:
            patterns = schema.get("patternProperties", {})
            for name in sorted(value):
                if name not in schema.get("properties", {}) and not any(matches(p, name) for p in patterns):
                    faults.append((path, f"Additional property {name} is not allowed"))
        if "propertyNames" in schema and not self._draft4:
            for name in value:
                found = self.check(schema["propertyNames"], name, path)
                if found:
                    faults += [(path, f'Property name of "{name}" does not match'), *found]
        return faults

    def _properties(self, schema: dict[str, Any], value: dict[str, Any], path: _Path) -> _Faults:
        faults: _Faults = []
        properties, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        rest = schema.get("additionalProperties", True)
        for name, item in value.items():
            below = [properties[name]] if name in properties else []
            below += [inner for pattern, inner in patterns.items() if matches(pattern, name)]
            if not below and isinstance(rest, dict):
                below = [rest]
            for inner in below:
                faults += self.check(inner, item, (*path, name))
        return faults

    def _array(self, schema: dict[str, Any], value: list[Any], path: _Path) -> _Faults:
        faults: _Faults = []
        items = schema.get("items", True)
        if isinstance(items, list):
            for index, item in enumerate(value[: len(items)]):
                faults += self.check(items[index], item, (*path, index))
            rest = schema.get("additionalItems", True)
            if rest is False and len(value) > len(items):
                faults.append((path, "No additional items allowed on array"))
            elif isinstance(rest, dict):
                for index, item in enumerate(value[len(items) :], len(items)):
                    faults += self.check(rest, item, (*path, index))
        else:
            for index, item in enumerate(value):
                faults += self.check(items, item, (*path, index))
        return faults + self._array_limits(schema, value, path)

    def _array_limits(self, schema: dict[str, Any], value: list[Any], path: _Path) -> _Faults:
        faults: _Faults = []
        if len(value) < schema.get("minItems", 0):
            faults.append((path, f"Array must have at least {schema['minItems']} items"))
        if len(value) > schema.get("maxItems", len(value)):
            faults.append((path, f"Array must have at most {schema['maxItems']} items"))
        if schema.get("uniqueItems"):
            twins = first_duplicates(value)
            if twins:
                faults.append((path, f"array items[{twins[0]},{twins[1]}] must be unique"))
        if "contains" in schema and not self._draft4:
            results = [self.check(schema["contains"], item, (*path, index)) for index, item in enumerate(value)]
            if all(results):
                faults.append((path, "At least one of the items must match"))
                faults += results[0] if results else []
        return faults

    def _string(self, schema: dict[str, Any], value: str, path: _Path) -> _Faults:
        faults: _Faults = []
        if len(value) < schema.get("minLength", 0):
            faults.append((path, f"String length must be greater than or equal to {schema['minLength']}"))
        if len(value) > schema.get("maxLength", len(value)):
            faults.append((path, f"String length must be less than or equal to {schema['maxLength']}"))
        if "pattern" in schema and not matches(schema["pattern"], value):
            faults.append((path, f"Does not match pattern '{schema['pattern']}'"))
        return faults

    def _number(self, schema: dict[str, Any], value: float, path: _Path) -> _Faults:
        faults: _Faults = []
        if "multipleOf" in schema and not passes("multipleOf", schema["multipleOf"], value):
            faults.append((path, f"Must be a multiple of {_json(schema['multipleOf'])}"))
        low, high = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
        least, most = schema.get("minimum"), schema.get("maximum")
        if low is True:
            low, least = least, None
        if high is True:
            high, most = most, None
        for limit, fails, text in (
            (most, gt, "Must be less than or equal to"),
            (high, ge, "Must be less than"),
            (least, lt, "Must be greater than or equal to"),
            (low, le, "Must be greater than"),
        ):
            if limit is not None and limit is not False and fails(value, limit):
                faults.append((path, f"{text} {_json(limit)}"))
        return faults
