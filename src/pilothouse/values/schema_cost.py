"""How often a schema applies parts of itself to one and the same value: schemas come from strangers with their charts.

A chain of thirty definitions that each refer to the next one twice is applied a thousand million times. Nothing stops
a check that runs, so that such a schema is refused before.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

#: Applications to one value; real schemas stay below a hundred.
MAXIMUM = 100_000
_LISTS = ("allOf", "anyOf", "oneOf")
_SINGLE = ("not", "if", "then", "else")
_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


def is_excessive(schema: Any) -> bool:
    """Tell whether some part of a schema would be applied to one value more than :data:`MAXIMUM` times."""
    counter = _Counter(schema)
    return any(counter.count(part) > MAXIMUM for part in counter.parts)


class _Counter:
    """Counts applications, each part of the schema once."""

    def __init__(self, schema: Any) -> None:
        self._root = schema
        self._counts: dict[int, int] = {}
        self._named: dict[str, Any] = {}
        self.parts: list[dict[str, Any]] = []
        waiting = [schema]
        while waiting:
            part = waiting.pop()
            if isinstance(part, dict):
                self.parts.append(part)
                waiting += part.values()
                for word, mark in (("$anchor", "#"), ("$dynamicAnchor", "#"), ("$id", "")):
                    if isinstance(part.get(word), str):
                        self._named[mark + part[word]] = part
            elif isinstance(part, list):
                waiting += part

    def count(self, part: dict[str, Any]) -> int:
        """Return how many schemas are applied where ``part`` is; what leads back to itself ends there."""
        known = self._counts.get(id(part))
        if known is None:
            self._counts[id(part)] = 0
            known = 1
            for inner in self._applied(part):
                known += self.count(inner)
                if known > MAXIMUM:
                    break
            self._counts[id(part)] = known
        return known

    def _applied(self, part: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the schemas that a schema applies to the same value."""
        for word in _LISTS:
            listed = part.get(word)
            if isinstance(listed, list):
                yield from (inner for inner in listed if isinstance(inner, dict))
        for word in _SINGLE:
            inner = part.get(word)
            if isinstance(inner, dict):
                yield inner
        for word in _REFERENCES:
            reference = part.get(word)
            if isinstance(reference, str):
                found = self._target(reference)
                if isinstance(found, dict):
                    yield found

    def _target(self, reference: str) -> Any:
        """Return what a reference inside the schema stands for, nothing for others."""
        if reference in self._named:
            return self._named[reference]
        _, _, fragment = reference.partition("#")
        if "%" in fragment:
            from urllib.parse import unquote

            fragment = unquote(fragment)
        found = self._root
        for step in fragment.split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            if isinstance(found, dict):
                found = found.get(name)
            elif isinstance(found, list) and name.isdecimal() and int(name) < len(found):
                found = found[int(name)]
            else:
                return None
        return found
