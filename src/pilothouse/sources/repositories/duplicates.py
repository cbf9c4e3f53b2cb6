"""Keys that stand twice in one mapping, which go-yaml refuses in strict mode (CVE-2020-15185)."""

from __future__ import annotations

import re

from pilothouse.formats.errors import YamlError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pilothouse.golang.kinds import YamlValue


#: Where a key may end. Without braces and question marks no key ends in another way, and without aliases and merge
#: keys no mapping gets keys that are not written in it.
_ENDS = re.compile(r":(?=\s|\Z)|[\"']:")
_OTHER_KEYS = re.compile(r"\{|<<|(?:^|[\s\[,])(?:\?(?:\s|$)|\*\S)", re.MULTILINE)


def refuse_duplicates(text: str | bytes, value: YamlValue) -> None:
    """Look for keys that stand twice in a mapping of the first document (``yaml.UnmarshalStrict``).

    Where no more keys can be written than were read there are none; only otherwise is the text walked through.

    Args:
        text: The text.
        value: What was read out of it, where later keys won.

    Raises:
        YamlError: There are some; the text names each with its line.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogateescape")
    if not _OTHER_KEYS.search(text) and len(_ENDS.findall(text)) == _count(value):
        return
    faults: list[str] = []
    _Walk(text.encode("utf-8", "surrogateescape"), faults).document()
    if faults:
        lines = "".join(f"\n  {fault}" for fault in faults)
        raise YamlError(f"error converting YAML to JSON: yaml: unmarshal errors:{lines}")


def _count(value: YamlValue) -> int:
    """Return how many keys the mappings in a value have together."""
    if isinstance(value, dict):
        return len(value) + sum(_count(item) for item in value.values() if item.__class__ in (dict, list))
    if isinstance(value, list):
        return sum(_count(item) for item in value if item.__class__ in (dict, list))
    return 0


class _Walk:
    """Walks through libyaml's events and remembers the keys of each mapping."""

    def __init__(self, data: bytes, faults: list[str]) -> None:
        from yaml import cyaml

        parser: Any = getattr(cyaml, "CParser")(data)  # noqa: B009 - the stubs do not know that it is there
        self._next: Callable[[], Any] = parser.get_event
        self._faults = faults
        self._anchors: dict[str, Any] = {}

    def document(self) -> None:
        """Walk through the first document; the caller has read it before, so it is whole."""
        event = self._next()
        while event is not None and type(event).__name__ != "DocumentStartEvent":
            if type(event).__name__ == "StreamEndEvent":
                return
            event = self._next()
        self._node(self._next())

    def _node(self, event: Any) -> Any:
        """Walk through a node and return what it is: a scalar's text, a mapping's keys, or a list of such."""
        kind = type(event).__name__
        if kind == "AliasEvent":
            return self._anchors.get(event.anchor)
        found: Any = event.value if kind == "ScalarEvent" else None
        if kind == "MappingStartEvent":
            found = self._mapping()
        elif kind == "SequenceStartEvent":
            found = []
            inner = self._next()
            while type(inner).__name__ != "SequenceEndEvent":
                found.append(self._node(inner))
                inner = self._next()
        if event.anchor is not None:
            self._anchors[event.anchor] = found
        return found

    def _mapping(self) -> dict[Any, None]:
        keys: dict[Any, None] = {}
        while True:
            event = self._next()
            if type(event).__name__ == "MappingEndEvent":
                return keys
            merge = type(event).__name__ == "ScalarEvent" and event.value == "<<" and event.implicit[0]
            key = self._node(event)
            event = self._next()
            line = event.start_mark.line + 1  # go-yaml names the line of the value
            value = self._node(event)
            added = self._merged(value) if merge else [key]
            for one in added:
                if isinstance(one, str) and one in keys:
                    self._faults.append(f'line {line}: key "{one}" already set in map')
                if isinstance(one, str):
                    keys[one] = None

    @staticmethod
    def _merged(value: Any) -> list[Any]:
        sources = value if isinstance(value, list) else [value]
        return [key for source in sources if isinstance(source, dict) for key in source]
