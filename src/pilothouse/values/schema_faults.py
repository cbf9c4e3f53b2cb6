"""The faults of values in the words of ``santhosh-tekuri/jsonschema`` v6, which Helm 4 uses."""

from __future__ import annotations

from pilothouse.formats.floats import format_shortest
from pilothouse.values.schema_checks import (
    first_duplicates,
    has_type,
    in_type_order,
    passes,
    pointer,
    resolve,
    same,
    type_of,
    wanted_types,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

_GROUP = "validation failed"
_RAISED = str.maketrans("0123456789-+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺")
_TIMES = "\u00d7"
_Path = tuple["str | int", ...]


class _Fault:
    """One fault, with what led to it."""

    __slots__ = ("causes", "path", "text")

    def __init__(self, path: _Path, text: str, causes: tuple[_Fault, ...] = ()) -> None:
        self.path = path
        self.text = text
        self.causes = causes


def find_faults(schema: Any, values: Any, draft: str) -> list[str]:
    """Return the faults of ``values`` as lines of text, those within an alternative indented below it."""
    found = _Walk(schema, draft).check(schema, values, ())
    if found is None:
        return []
    lines: list[str] = []
    for fault in found.causes if found.text == _GROUP and not isinstance(found, _Referred) else (found,):
        _lay_out(fault, 0, lines)
    return lines


class _Referred(_Fault):
    """A fault behind a reference: shown as the fault itself, but never dissolved into the faults around it."""

    __slots__ = ()


def _lay_out(fault: _Fault, depth: int, lines: list[str]) -> None:
    lines.append(f"{'  ' * depth}- at {quote(pointer(fault.path))}: {fault.text}")
    for cause in fault.causes:
        _lay_out(cause, depth + 1, lines)


def quote(text: str) -> str:
    """Write a text in single quotes with Go's escapes."""
    from pilothouse.golang.quoting import quote as quote_go

    return "'" + quote_go(text)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


def localized(number: Any) -> str:
    """Write a number as ``golang.org/x/text/message`` does in English: thousands grouped, raised exponents."""
    text = str(number) if isinstance(number, int) and abs(number) < 10**6 else format_shortest(float(number))
    mantissa, _, exponent = text.partition("e")
    whole, dot, fraction = mantissa.partition(".")
    sign = "-" if whole.startswith("-") else ""
    grouped = f"{sign}{int(whole.removeprefix('-')):,}{dot}{fraction}"
    return f"{grouped}{_TIMES}10{exponent.removeprefix('+').translate(_RAISED)}" if exponent else grouped


def _shown(value: Any) -> str:
    """Write a constant of a schema."""
    if isinstance(value, str):
        return quote(value)
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _list(names: Iterable[str]) -> str:
    return ", ".join(quote(name) for name in names)


class _Walk:
    """Checks values against one schema, keyword by keyword in the library's order."""

    def __init__(self, root: Any, draft: str) -> None:
        self._root = root
        self._modern = "/draft-0" not in draft
        self._draft4 = "/draft-04/" in draft
        self._has_if = not self._draft4 and "/draft-06/" not in draft
        self._busy: set[tuple[int, int]] = set()

    def check(self, schema: Any, value: Any, path: _Path) -> _Fault | None:
        """Return what is wrong with ``value``: one fault, or a group of them."""
        if isinstance(schema, bool):
            return None if schema else _Fault(path, "false schema")
        if not isinstance(schema, dict):
            return None
        types = wanted_types(schema)
        if types and not has_type(value, types):
            return _Fault(path, f"got {type_of(value)}, want {' or '.join(in_type_order(types))}")
        faults = self._simple(schema, value, path)
        if "$ref" in schema:
            faults += self._reference(schema["$ref"], value, path)
            if not self._modern:
                return _grouped(faults, path)
        if isinstance(value, dict):
            faults += self._object(schema, value, path)
        elif isinstance(value, list):
            faults += self._array(schema, value, path)
        elif isinstance(value, str):
            faults += self._string(schema, value, path)
        elif type_of(value) == "number":
            faults += self._number(schema, value, path)
        faults += self._combined(schema, value, path)
        return _grouped(faults, path)

    def _simple(self, schema: dict[str, Any], value: Any, path: _Path) -> list[_Fault]:
        faults = []
        if "const" in schema and not same(schema["const"], value):
            wanted = schema["const"]
            plain = not isinstance(wanted, (dict, list))
            faults.append(_Fault(path, f"value must be {_shown(wanted)}" if plain else "'const' failed"))
        if "enum" in schema and not any(same(item, value) for item in schema["enum"]):
            faults.append(_Fault(path, _enum_text(schema["enum"])))
        if not self._modern and isinstance(schema.get("format"), str) and isinstance(value, str):
            name = schema["format"]
            if not passes("format", name, value):
                from pilothouse.values.schema_formats import reason

                faults.append(_Fault(path, f"{quote(value)} is not valid {name}: {reason(name, value)}"))
        return faults

    def _reference(self, reference: Any, value: Any, path: _Path) -> list[_Fault]:
        target = resolve(self._root, reference) if isinstance(reference, str) else None
        key = (id(target), id(value))
        if target is None or key in self._busy:
            return []
        self._busy.add(key)
        found = self.check(target, value, path)
        self._busy.discard(key)
        return [_Referred(found.path, found.text, found.causes)] if found else []

    def _object(self, schema: dict[str, Any], value: dict[str, Any], path: _Path) -> list[_Fault]:
        faults = _counted(schema, "Properties", len(value), path)
        missing = [name for name in schema.get("required", ()) if name not in value]
        if missing:
            faults.append(_Fault(path, f"missing propert{'y' if len(missing) == 1 else 'ies'} {_list(missing)}"))
        faults += self._dependencies(schema, value, path, ("dependencies",))
        faults += self._properties(schema, value, path)
        if "propertyNames" in schema and not self._draft4:
            for name in value:
                found = self.check(schema["propertyNames"], name, ())
                if found:
                    faults.append(_Fault(path, f"invalid propertyName {quote(name)}", (found,)))
        if self._modern:
            faults += self._dependencies(schema, value, path, ("dependentRequired", "dependentSchemas"))
        return faults

    def _properties(self, schema: dict[str, Any], value: dict[str, Any], path: _Path) -> list[_Fault]:
        faults: list[_Fault] = []
        properties, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        rest = schema.get("additionalProperties", True)
        additional = []
        for name, item in value.items():
            below = [properties[name]] if name in properties else []
            below += [inner for pattern, inner in patterns.items() if passes("pattern", pattern, name)]
            if not below and rest is False:
                additional.append(name)
            elif not below:
                below = [rest]
            faults += _present(self.check(inner, item, (*path, name)) for inner in below)
        if additional:
            faults.append(_Fault(path, f"additional properties {_list(additional)} not allowed"))
        if self._modern and schema.get("unevaluatedProperties") is False and _is_plain(schema):
            names = [name for name in value if name not in properties]
            faults += [_Fault((*path, name), "false schema") for name in names]
        return faults

    def _dependencies(
        self, schema: dict[str, Any], value: dict[str, Any], path: _Path, keywords: tuple[str, ...]
    ) -> list[_Fault]:
        faults = []
        for keyword in keywords:
            for name, needs in schema.get(keyword, {}).items():
                if name not in value:
                    continue
                if not isinstance(needs, list):
                    faults += _present([self.check(needs, value, path)])
                    continue
                missing = [need for need in needs if need not in value]
                if missing:
                    faults.append(_Fault(path, f"properties {_list(missing)} required, if {quote(name)} exists"))
        return faults

    def _array(self, schema: dict[str, Any], value: list[Any], path: _Path) -> list[_Fault]:
        faults = _counted(schema, "Items", len(value), path)
        if schema.get("uniqueItems"):
            twins = first_duplicates(value)
            if twins:
                faults.append(_Fault(path, f"items at {twins[0]} and {twins[1]} are equal"))
        items = schema.get("items", True)
        leading = schema.get("prefixItems", []) if self._modern else items if isinstance(items, list) else []
        rest = items if not isinstance(items, list) else schema.get("additionalItems", True)
        if rest is False and len(value) > len(leading) and not self._modern and isinstance(items, list):
            faults.append(_Fault(path, f"last {len(value) - len(leading)} additionalItem(s) not allowed"))
            rest = True
        for index, item in enumerate(value):
            inner = leading[index] if index < len(leading) else rest
            faults += _present([self.check(inner, item, (*path, index))])
        return faults + self._contains(schema, value, path)

    def _contains(self, schema: dict[str, Any], value: list[Any], path: _Path) -> list[_Fault]:
        if "contains" not in schema or self._draft4:
            return []
        results = [self.check(schema["contains"], item, (*path, index)) for index, item in enumerate(value)]
        matched = [index for index, found in enumerate(results) if found is None]
        least = schema.get("minContains", 1) if self._modern else 1
        faults = []
        if len(matched) < least:
            text = "no items match contains schema"
            if "minContains" in schema and self._modern:
                text = f"min {least} items required to match contains schema, but "
                places = " ".join(str(index) for index in matched)
                text += f"matched {len(matched)} items at {places}" if matched else "none matched"
            faults.append(_Fault(path, text, tuple(_present(results))))
        if self._modern and len(matched) > schema.get("maxContains", len(matched)):
            places = " ".join(str(index) for index in matched)
            text = f"max {schema['maxContains']} items required to match contains schema, but matched {len(matched)}"
            faults.append(_Fault(path, f"{text} items at {places}"))
        return faults

    def _string(self, schema: dict[str, Any], value: str, path: _Path) -> list[_Fault]:
        faults = _counted(schema, "Length", len(value), path)
        if "pattern" in schema and not passes("pattern", schema["pattern"], value):
            faults.append(_Fault(path, f"{quote(value)} does not match pattern {quote(schema['pattern'])}"))
        return faults

    def _number(self, schema: dict[str, Any], value: float, path: _Path) -> list[_Fault]:
        faults = []
        low, high = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
        limits = {name: schema[name] for name in ("minimum", "maximum") if name in schema}
        if low is True and "minimum" in limits:
            low = limits.pop("minimum")
        if high is True and "maximum" in limits:
            high = limits.pop("maximum")
        checks = (
            ("minimum", limits.get("minimum"), lambda limit: value < limit),
            ("maximum", limits.get("maximum"), lambda limit: value > limit),
            ("exclusiveMinimum", low, lambda limit: value <= limit),
            ("exclusiveMaximum", high, lambda limit: value >= limit),
            ("multipleOf", schema.get("multipleOf"), lambda limit: not passes("multipleOf", limit, value)),
        )
        for keyword, limit, fails in checks:
            if limit is not None and limit is not False and fails(limit):
                faults.append(_Fault(path, f"{keyword}: got {localized(value)}, want {localized(limit)}"))
        return faults

    def _combined(self, schema: dict[str, Any], value: Any, path: _Path) -> list[_Fault]:
        faults = []
        if "not" in schema and self.check(schema["not"], value, path) is None:
            faults.append(_Fault(path, "'not' failed"))
        if "allOf" in schema:
            failed = _present(self.check(inner, value, path) for inner in schema["allOf"])
            if failed:
                faults.append(_Fault(path, "'allOf' failed", tuple(failed)))
        if "anyOf" in schema:
            results = [self.check(inner, value, path) for inner in schema["anyOf"]]
            if None not in results:
                faults.append(_Fault(path, "'anyOf' failed", tuple(_present(results))))
        if "oneOf" in schema:
            faults += self._one_of(schema["oneOf"], value, path)
        if "if" in schema and self._has_if:
            branch = "then" if self.check(schema["if"], value, path) is None else "else"
            faults += _present([self.check(schema.get(branch, True), value, path)])
        return faults

    def _one_of(self, alternatives: list[Any], value: Any, path: _Path) -> list[_Fault]:
        results = [self.check(inner, value, path) for inner in alternatives]
        matched = [index for index, found in enumerate(results) if found is None]
        if not matched:
            return [_Fault(path, "'oneOf' failed, none matched", tuple(_present(results)))]
        if len(matched) > 1:
            return [_Fault(path, f"'oneOf' failed, subschemas {matched[0]}, {matched[1]} matched")]
        return []


def _present(faults: Iterable[_Fault | None]) -> list[_Fault]:
    return [fault for fault in faults if fault is not None]


def _grouped(faults: list[_Fault], path: _Path) -> _Fault | None:
    if len(faults) > 1:
        return _Fault(path, _GROUP, tuple(faults))
    return faults[0] if faults else None


def _counted(schema: dict[str, Any], noun: str, count: int, path: _Path) -> list[_Fault]:
    """Check the keywords that limit how many there are of something."""
    faults = []
    for keyword, fails in ((f"min{noun}", int.__lt__), (f"max{noun}", int.__gt__)):
        limit = schema.get(keyword)
        if limit is not None and fails(count, int(limit)):
            faults.append(_Fault(path, f"{keyword}: got {localized(count)}, want {localized(int(limit))}"))
    return faults


def _enum_text(options: list[Any]) -> str:
    if any(isinstance(option, (dict, list)) for option in options):
        return "'enum' failed"
    if len(options) == 1:
        return f"value must be {_shown(options[0])}"
    return f"value must be one of {', '.join(_shown(option) for option in options)}"


def _is_plain(schema: dict[str, Any]) -> bool:
    """Tell whether only ``properties`` can evaluate properties of this schema."""
    others = ("patternProperties", "additionalProperties", "allOf", "anyOf", "oneOf", "if", "$ref", "dependentSchemas")
    return not any(keyword in schema for keyword in others)
