"""The faults of values in the words of ``santhosh-tekuri/jsonschema`` v6, which Helm 4 uses."""

from __future__ import annotations

from pilothouse.formats.floats import format_shortest
from pilothouse.values.schema_checks import (
    first_duplicates,
    has_type,
    in_type_order,
    matches,
    passes,
    pointer,
    regexp_fault,
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


def find_faults(schema: Any, values: Any, draft: str, *, formats: bool = False) -> list[str]:
    """Return the faults of ``values`` as lines of text, those within an alternative indented below it.

    Args:
        schema: What they must follow.
        values: The values.
        draft: The address of the schema's draft.
        formats: Whether ``format`` is binding in the drafts that leave it open.
    """
    found = _Walk(schema, draft, formats=formats).check(schema, values, ())
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


class _Visit:
    """A value at a schema, the faults found so far, and what of the value nothing has looked at yet.

    Attributes:
        left: Names of properties or places of items, for ``unevaluatedProperties`` and ``unevaluatedItems`` to judge.
    """

    __slots__ = ("faults", "left", "path", "schema", "value")

    def __init__(self, schema: dict[str, Any], value: Any, path: _Path, left: set[Any]) -> None:
        self.schema = schema
        self.value = value
        self.path = path
        self.left = left
        self.faults: list[_Fault] = []

    def add(self, text: str, causes: Iterable[_Fault] = ()) -> None:
        """Note a fault of the value itself."""
        self.faults.append(_Fault(self.path, text, tuple(causes)))


class _Walk:
    """Checks values against one schema, keyword by keyword in the library's order."""

    def __init__(self, root: Any, draft: str, *, formats: bool = False) -> None:
        self._root = root
        self._formats = formats or "/draft-0" in draft
        self._latest = "/2020-12/" in draft
        self._modern = "/draft-0" not in draft
        self._draft4 = "/draft-04/" in draft
        self._has_if = not self._draft4 and "/draft-06/" not in draft
        self._busy: set[tuple[int, int]] = set()

    def check(self, schema: Any, value: Any, path: _Path) -> _Fault | None:
        """Return what is wrong with ``value``: one fault, or a group of them."""
        return self._judge(schema, value, path, needed=False)[0]

    def _judge(self, schema: Any, value: Any, path: _Path, *, needed: bool) -> tuple[_Fault | None, set[Any]]:
        """Return what is wrong, and what was not looked at, if that is ``needed``."""
        if not isinstance(schema, dict):
            fault = _Fault(path, "false schema") if schema is False else None
            return fault, _parts(value) if needed else set()
        visit = _Visit(schema, value, path, self._unevaluated(schema, value, needed=needed))
        fault = self._at_once(schema, value, path)
        if fault is not None:
            return fault, visit.left
        if "$ref" in schema:
            self._reference(schema["$ref"], visit)
            if not self._modern:
                return _grouped(visit.faults, path), visit.left
        self._by_type(visit)
        for word in ("$recursiveRef", "$dynamicRef") if self._modern else ():
            if word in schema:
                self._reference(schema[word], visit)
        self._combined(visit)
        if self._modern:
            self._judge_rest(visit)
        return _grouped(visit.faults, path), visit.left

    def _by_type(self, visit: _Visit) -> None:
        value = visit.value
        if isinstance(value, dict):
            self._object(visit, value)
        elif isinstance(value, list):
            self._array(visit, value)
        elif isinstance(value, str):
            self._string(visit, value)
        elif type_of(value) == "number":
            self._number(visit, value)

    def _unevaluated(self, schema: dict[str, Any], value: Any, *, needed: bool) -> set[Any]:
        """Return what is to be looked at, where somebody asks for what was not (``unevalFrom``)."""
        if not self._modern:
            return set()
        if isinstance(value, dict):
            asked = needed or "unevaluatedProperties" in schema
            return set(value) if asked and "additionalProperties" not in schema else set()
        if not isinstance(value, list) or not (needed or "unevaluatedItems" in schema):
            return set()
        items = schema.get("items")
        if self._latest:
            return set() if "items" in schema else set(range(len(schema.get("prefixItems", ())), len(value)))
        if "additionalItems" in schema or ("items" in schema and not isinstance(items, list)):
            return set()
        return set(range(len(items or ()), len(value)))

    def _judge_rest(self, visit: _Visit) -> None:
        for keyword, kind in (("unevaluatedProperties", dict), ("unevaluatedItems", list)):
            if keyword in visit.schema and isinstance(visit.value, kind):
                for part in [part for part in _parts_in_order(visit.value) if part in visit.left]:
                    inner = self.check(visit.schema[keyword], visit.value[part], (*visit.path, part))
                    visit.faults += _present([inner])
                visit.left = set()

    def _at_once(self, schema: dict[str, Any], value: Any, path: _Path) -> _Fault | None:
        """Return the fault after which the library looks no further."""
        types = wanted_types(schema)
        if types and not has_type(value, types):
            return _Fault(path, f"got {type_of(value)}, want {' or '.join(in_type_order(types))}")
        if "const" in schema and not same(schema["const"], value) and not self._draft4:
            wanted = schema["const"]
            plain = not isinstance(wanted, (dict, list))
            return _Fault(path, f"value must be {_shown(wanted)}" if plain else "'const' failed")
        if "enum" in schema and not any(same(item, value) for item in schema["enum"]):
            return _Fault(path, _enum_text(schema["enum"]))
        return self._format_fault(schema.get("format"), value, path)

    def _format_fault(self, name: Any, value: Any, path: _Path) -> _Fault | None:
        if not self._formats or not isinstance(name, str) or not isinstance(value, str):
            return None
        if name == "regex":
            text = regexp_fault(value)
            return _Fault(path, f"{quote(value)} is not valid regex: {text}") if text else None
        if passes("format", name, value):
            return None
        from pilothouse.values.schema_formats import reason

        return _Fault(path, f"{quote(value)} is not valid {name}: {reason(name, value)}")

    def _self(self, schema: Any, visit: _Visit) -> _Fault | None:
        """Check the same value against another schema; what that one looks at counts when it is content."""
        fault, left = self._judge(schema, visit.value, visit.path, needed=bool(visit.left))
        if fault is None:
            visit.left &= left
        return fault

    def _reference(self, reference: Any, visit: _Visit) -> None:
        target = resolve(self._root, reference) if isinstance(reference, str) else reference
        key = (id(target), id(visit.value))
        if target is None or key in self._busy:
            return
        self._busy.add(key)
        found = self._self(target, visit)
        self._busy.discard(key)
        if found:
            visit.faults.append(_Referred(found.path, found.text, found.causes))

    def _object(self, visit: _Visit, value: dict[str, Any]) -> None:
        schema = visit.schema
        _counted(visit, "Properties", len(value))
        missing = [name for name in schema.get("required", ()) if name not in value]
        if missing:
            visit.add(f"missing propert{'y' if len(missing) == 1 else 'ies'} {_list(missing)}")
        self._dependencies(visit, value, ("dependencies",))
        self._properties(visit, value)
        if "propertyNames" in schema and not self._draft4:
            for name in value:
                found = self.check(schema["propertyNames"], name, ())
                if found:
                    causes = found.causes if found.text == _GROUP and not isinstance(found, _Referred) else (found,)
                    visit.add(f"invalid propertyName {quote(name)}", causes)
        if self._modern:
            self._dependencies(visit, value, ("dependentSchemas", "dependentRequired"))

    def _properties(self, visit: _Visit, value: dict[str, Any]) -> None:
        schema = visit.schema
        properties, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        additional = []
        for name, item in value.items():
            below = [properties[name]] if name in properties else []
            below += [inner for pattern, inner in patterns.items() if matches(pattern, name)]
            if not below and "additionalProperties" in schema:
                rest = schema["additionalProperties"]
                if rest is False:
                    additional.append(name)
                else:
                    below = [rest]
                visit.left.discard(name)
            elif below:
                visit.left.discard(name)
            visit.faults += _present(self.check(inner, item, (*visit.path, name)) for inner in below)
        if additional:
            visit.add(f"additional properties {_list(additional)} not allowed")

    def _dependencies(self, visit: _Visit, value: dict[str, Any], keywords: tuple[str, ...]) -> None:
        for keyword in keywords:
            for name, needs in visit.schema.get(keyword, {}).items():
                if name not in value:
                    continue
                if not isinstance(needs, list):
                    visit.faults += _present([self._self(needs, visit)])
                    continue
                missing = [need for need in needs if need not in value]
                if missing:
                    visit.add(f"properties {_list(missing)} required, if {quote(name)} exists")

    def _array(self, visit: _Visit, value: list[Any]) -> None:
        schema = visit.schema
        _counted(visit, "Items", len(value))
        if schema.get("uniqueItems"):
            twins = first_duplicates(value)
            if twins:
                visit.add(f"items at {twins[0]} and {twins[1]} are equal")
        items = schema.get("items", True)
        old = isinstance(items, list)
        leading = schema.get("prefixItems", []) if self._latest else items if old else []
        rest = schema.get("additionalItems", True) if old else items
        for index, item in enumerate(value):
            inner = leading[index] if index < len(leading) else True if old and rest is False else rest
            visit.faults += _present([self.check(inner, item, (*visit.path, index))])
        if old and rest is False and len(value) > len(leading):
            visit.add(f"last {len(value) - len(leading)} additionalItem(s) not allowed")
        self._contains(visit, value)

    def _contains(self, visit: _Visit, value: list[Any]) -> None:
        schema = visit.schema
        if "contains" not in schema or self._draft4:
            return
        results = [self.check(schema["contains"], item, (*visit.path, index)) for index, item in enumerate(value)]
        matched = [index for index, found in enumerate(results) if found is None]
        if self._latest:
            visit.left -= set(matched)
        places = " ".join(str(index) for index in matched)
        if "minContains" in schema and self._modern:
            least = int(schema["minContains"])
            if len(matched) < least:
                text = f"matched {len(matched)} items at {places}" if matched else "none matched"
                text = f"min {least} items required to match contains schema, but {text}"
                visit.add(text, _present(results))
        elif not matched:
            visit.add("no items match contains schema", _present(results))
        if self._modern and len(matched) > schema.get("maxContains", len(matched)):
            text = f"max {int(schema['maxContains'])} items required to match contains schema"
            visit.add(f"{text}, but matched {len(matched)} items at {places}")

    def _string(self, visit: _Visit, value: str) -> None:
        _counted(visit, "Length", len(value))
        pattern = visit.schema.get("pattern")
        if pattern is not None and not matches(pattern, value):
            visit.add(f"{quote(value)} does not match pattern {quote(pattern)}")

    def _number(self, visit: _Visit, value: float) -> None:
        schema = visit.schema
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
                visit.add(f"{keyword}: got {localized(value)}, want {localized(limit)}")

    def _combined(self, visit: _Visit) -> None:
        schema = visit.schema
        if "not" in schema and self._self(schema["not"], visit) is None:
            visit.add("'not' failed")
        if "allOf" in schema:
            failed = _present([self._self(inner, visit) for inner in schema["allOf"]])
            if failed:
                visit.add("'allOf' failed", failed)
        if schema.get("anyOf"):
            results = [self._self(inner, visit) for inner in schema["anyOf"]]
            if None not in results:
                visit.add("'anyOf' failed", _present(results))
        if schema.get("oneOf"):
            self._one_of(schema["oneOf"], visit)
        if "if" in schema and self._has_if:
            branch = "then" if self._self(schema["if"], visit) is None else "else"
            if branch in schema:
                visit.faults += _present([self._self(schema[branch], visit)])

    def _one_of(self, alternatives: list[Any], visit: _Visit) -> None:
        results = [self._self(inner, visit) for inner in alternatives]
        matched = [index for index, found in enumerate(results) if found is None]
        if not matched:
            visit.add("'oneOf' failed, none matched", _present(results))
        elif len(matched) > 1:
            visit.add(f"'oneOf' failed, subschemas {matched[0]}, {matched[1]} matched")


def _parts_in_order(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value)
    return list(range(len(value))) if isinstance(value, list) else []


def _parts(value: Any) -> set[Any]:
    """Return the names of an object's properties, or the places of a list's items."""
    return set(_parts_in_order(value))


def _present(faults: Iterable[_Fault | None]) -> list[_Fault]:
    return [fault for fault in faults if fault is not None]


def _grouped(faults: list[_Fault], path: _Path) -> _Fault | None:
    if len(faults) > 1:
        return _Fault(path, _GROUP, tuple(faults))
    return faults[0] if faults else None


def _counted(visit: _Visit, noun: str, count: int) -> None:
    """Check the keywords that limit how many there are of something."""
    for keyword, fails in ((f"min{noun}", int.__lt__), (f"max{noun}", int.__gt__)):
        limit = visit.schema.get(keyword)
        if limit is not None and fails(count, int(limit)):
            visit.add(f"{keyword}: got {localized(count)}, want {localized(int(limit))}")


def _enum_text(options: list[Any]) -> str:
    if any(isinstance(option, (dict, list)) for option in options):
        return "'enum' failed"
    if len(options) == 1:
        return f"value must be {_shown(options[0])}"
    return f"value must be one of {', '.join(_shown(option) for option in options)}"
