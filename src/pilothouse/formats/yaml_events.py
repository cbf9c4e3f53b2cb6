"""Builds values from libyaml's events by the rules of go-yaml v2 and sigs.k8s.io/yaml.

This reader knows all of YAML. :mod:`pilothouse.formats.yaml_reader` is quicker and hands over what it does not know.
"""

from __future__ import annotations

import re

from pilothouse.formats.errors import YamlError
from pilothouse.formats.floats import format_shortest
from pilothouse.formats.keywords import INT64_MAX
from pilothouse.formats.scalars import resolve, resolve_exact, short_tag
from pilothouse.formats.yaml_keys import key_text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from pilothouse.golang.kinds import YamlValue

CONVERSION = "error converting YAML to JSON: "

_CORE = "tag:yaml.org,2002:"
_CORE_TAGS = {_CORE + name: "!!" + name for name in ("str", "bool", "int", "float", "null", "timestamp")}
_BINARY = _CORE + "binary"
_MERGE = _CORE + "merge"

_RATIO_LOW, _RATIO_HIGH = 400_000, 4_000_000
"""Between these numbers of decoded nodes the share that aliases may have falls (``allowedAliasRatio``)."""


class _DecodeFault(Exception):
    """What go-yaml would complain of after it has parsed the whole document."""


class _WholeRoot(Exception):
    """go-yaml ends the document before what libyaml takes for the rest of its first mapping."""

    def __init__(self, value: YamlValue) -> None:
        super().__init__(value)
        self.value = value


class _Open:
    """The value of an anchor whose node is not finished."""


_OPEN = _Open()


def _quote(text: str) -> str:
    """Write a string as Go's ``%q`` does for the texts that occur in keys."""
    from pilothouse.formats.json_text import encode

    return encode(text, escape_html=False)


def go_syntax(value: YamlValue) -> str:  # noqa: PLR0911 - one return a type
    """Write an untyped YAML value as Go's ``%#v`` does."""
    if value is None:
        return "interface {}(nil)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return format_shortest(value)
    if isinstance(value, int):
        return hex(value) if value > INT64_MAX else str(value)
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, dict):
        pairs = (f"{go_syntax(key)}:{go_syntax(item)}" for key, item in sorted(value.items(), key=_order))
        return f"map[interface {{}}]interface {{}}{{{', '.join(pairs)}}}"
    return f"[]interface {{}}{{{', '.join(go_syntax(item) for item in value)}}}"


def _order(pair: tuple[YamlValue, YamlValue]) -> tuple[int, YamlValue]:
    """Order keys of different types as ``fmt`` prints maps: by where the linker put the types in either Helm."""
    key = pair[0]
    if isinstance(key, int) and not isinstance(key, bool):
        return (2 if key > INT64_MAX else 3, key)
    return (0 if key is None else 1 if isinstance(key, str) else 4 if isinstance(key, float) else 5, key or "")


def fault(problem: str, line: int, column: int, *, context_line: int = 0, scanning: bool = False) -> YamlError:
    """Return the error that go-yaml's ``parser.fail`` makes of a problem at a place counted from 0.

    The first line is never named; the scanner counts lines from 1 and the parser from 0.
    """
    named = line + scanning if line else context_line
    where = f"line {named}: " if named else ""
    return YamlError(f"{CONVERSION}yaml: {where}{problem}", line + 1, column + 1)


def translate(error: Any) -> YamlError:
    """Return an error of libyaml with the text and place of go-yaml."""
    problem = (
        getattr(error, "reason", None) or getattr(error, "problem", None) or "unknown problem parsing YAML content"
    )
    mark = getattr(error, "problem_mark", None)
    context = getattr(error, "context_mark", None)
    if mark is None:
        return YamlError(f"{CONVERSION}yaml: {problem}")
    scanning = type(error).__name__ == "ScannerError"
    return fault(problem, mark.line, mark.column, context_line=context.line if context else 0, scanning=scanning)


class _GluedColon(Exception):
    """libyaml refuses a colon before a flow indicator, which go-yaml takes for a part of the plain scalar."""

    def __init__(self, index: int) -> None:
        super().__init__(index)
        self.index = index


#: go-yaml looks at the version before the start of the document, libyaml after it.
_NEWER = re.compile(r"\A(?:[ \t\r]*(?:#[^\n]*)?\n)*(%YAML[ \t]+(?!1\.1(?:\s|\Z))\d+\.\d+)")
_HEAD = 500
_COLON = "\ue03a"
"""Stands for such a colon while libyaml reads the text: a character for private use."""


def read_document(data: bytes | str, number: Callable[[str], YamlValue]) -> YamlValue:
    """Return the value of the first document of a text, None if there is none.

    Args:
        data: The text.
        number: Resolves plain scalars.

    Raises:
        YamlError: go-yaml or sigs.k8s.io/yaml would refuse the text.
    """
    if isinstance(data, bytes):
        data = data.decode("utf-8", "surrogateescape")
    data = data.removeprefix("\ufeff")
    while True:
        try:
            return EventReader(data, number).document()
        except _GluedColon as found:
            data = f"{data[: found.index]}{_COLON}{data[found.index + 1 :]}"


def _infinite_in(value: YamlValue) -> str | None:
    """Return the error of ``encoding/json`` for the first number in a value that it cannot write, keys sorted."""
    if isinstance(value, float) and value - value != 0:
        return f"json: unsupported value: {format_shortest(value)}"
    if isinstance(value, dict):
        value = [value[key] for key in sorted(value)]
    if isinstance(value, list):
        for item in value:
            found = _infinite_in(item)
            if found is not None:
                return found
    return None


class EventReader:
    """Reads the first document of a text."""

    def __init__(self, text: str, number: Callable[[str], YamlValue]) -> None:
        import yaml
        from yaml import cyaml

        self._library = yaml
        data = text.encode("utf-8", "surrogateescape")
        parser: Any = getattr(cyaml, "CParser")(data)  # noqa: B009 - the stubs do not know that it is there
        self._parser = parser
        self._next: Callable[[], Any] = self._next_restored if _COLON in text else parser.get_event
        self._text = text if "\\/" in text or "?" in text else ""
        self._flow: list[str] = []
        self._blocks: list[str] = []
        self._raw = False
        self._head = text[:_HEAD]
        self._number = number
        self._exact = number is resolve_exact
        self._anchors: dict[str, YamlValue] = {}
        self._decoded = self._aliased = 0
        self._late: str | None = None
        self._infinite = False

    def _next_restored(self) -> Any:
        """Return the next event with the colons that :func:`read_document` had to hide."""
        event = self._parser.get_event()
        if isinstance(event, self._library.ScalarEvent):
            event.value = event.value.replace(_COLON, ":")
        return event

    def document(self) -> YamlValue:
        """Return the value of the document."""
        library = self._library
        try:
            event = self._next()
            while not isinstance(event, library.DocumentStartEvent):
                if event is None or isinstance(event, library.StreamEndEvent):
                    return None
                event = self._next()
            self._check_version(event)
            return self._root()
        except library.YAMLError as error:
            if getattr(error, "problem", "") == "found unexpected ':'":
                raise _GluedColon(error.problem_mark.index) from None
            found = _NEWER.search(self._head)
            if found and getattr(error, "problem", "") == "did not find expected <document start>":
                raise fault("found incompatible YAML document", self._head[: found.start(1)].count("\n"), 0) from None
            raise translate(error) from None
        except RecursionError:
            raise YamlError(f"{CONVERSION}yaml: exceeded max depth of 10000") from None

    def _check_version(self, event: Any) -> None:
        """Refuse what go-yaml refuses: any version but 1.1."""
        if event.version not in (None, (1, 1)):
            mark = event.start_mark
            raise fault("found incompatible YAML document", mark.line, mark.column)

    def _root(self) -> YamlValue:
        """Build the root node and read on to the end of the document."""
        self._anchors = {}
        self._unfit: list[tuple[dict[str, YamlValue], dict[str, YamlValue]]] = []
        self._decoded, self._aliased, self._late, self._infinite = 1, 0, None, False
        self._flow, self._blocks, self._raw = [], [], False
        try:
            value = self._node(self._next())
        except _WholeRoot as whole:
            value = whole.value
        except _DecodeFault as fault:
            value = None
            self._late = str(fault)
            self._drain()
        else:
            self._next()
        if self._late is None and self._unfit:
            self._late = self._unfit_key(value)
        if self._late is None and self._infinite:
            self._late = _infinite_in(value)
        if self._late is not None:
            raise YamlError(f"{CONVERSION}{self._late}")
        return value

    def _drain(self) -> None:
        """Read to the end of the document: go-yaml parses all of it before it decodes, so syntax errors come first."""
        event = self._next()
        while not isinstance(event, self._library.DocumentEndEvent):
            if isinstance(event, self._library.AliasEvent):
                self._known(event.anchor)
            elif getattr(event, "anchor", None) is not None:
                self._anchors[event.anchor] = None
            if self._text and isinstance(event, self._library.ScalarEvent):
                self._check_escapes(event)
            event = self._next()

    def _known(self, anchor: Any) -> YamlValue:
        """Return the value of an anchor, which must have been seen."""
        if anchor not in self._anchors:
            raise YamlError(f"{CONVERSION}yaml: unknown anchor '{anchor}' referenced")
        return self._anchors[anchor]

    def _count(self, aliased: int = 0) -> None:
        """Count a decoded node and refuse documents that are mostly aliases (``decoder.unmarshal``)."""
        self._decoded += 1
        self._aliased += aliased
        if self._aliased > 100 and self._decoded > 1000:
            ratio = 0.99 - 0.89 * (min(max(self._decoded, _RATIO_LOW), _RATIO_HIGH) - _RATIO_LOW) / (
                _RATIO_HIGH - _RATIO_LOW
            )
            if self._aliased / self._decoded > ratio:
                raise _DecodeFault("yaml: document contains excessive aliasing")

    def _node(self, event: Any) -> YamlValue:
        """Build the value of the node that begins with ``event``."""
        kind = type(event).__name__
        self._decoded += 1
        if kind == "ScalarEvent":
            value = self._scalar(event)
            if value.__class__ is float and value - value != 0:
                self._infinite = True
            if event.anchor is not None:
                self._anchors[event.anchor] = value
            return value
        if kind == "AliasEvent":
            return self._alias(event.anchor)
        anchor = event.anchor
        if anchor is not None:
            self._anchors[anchor] = _OPEN
        is_mapping = kind == "MappingStartEvent"
        opened, mark = (self._flow, "}]") if event.flow_style else (self._blocks, ("key", "'-' indicator"))
        opened.append(mark[0 if is_mapping else 1])
        value = self._mapping() if is_mapping else self._sequence()
        opened.pop()
        if anchor is not None:
            self._anchors[anchor] = value
        return value

    def _unfit_key(self, value: YamlValue) -> str | None:
        """Return the complaint about the first key that JSON cannot have, of the mappings that are left in the end."""
        if isinstance(value, dict):
            for mapping, keys in self._unfit:
                if mapping is value:
                    complaint, held = next(iter(keys.items()))
                    shown = "<nil>" if held is None else go_syntax(held)
                    return f"unsupported map key of type: {complaint}, value: {shown}"
        items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return next((text for text in map(self._unfit_key, items) if text is not None), None)

    def _scalar(self, event: Any) -> YamlValue:
        """Return the JSON value of a scalar."""
        if self._text:
            self._check_scalar(event)
        tag = event.tag
        if tag is None:
            return self._number(event.value) if event.implicit[0] else event.value
        value = self._tagged(tag, event.value)
        if type(value) is int or type(value) is float:
            return resolve_exact(repr(value)) if self._exact and value - value == 0 else float(value)
        return value

    def _check_scalar(self, event: Any) -> None:
        """Refuse what only libyaml accepts: an escaped slash, and ``?`` in plain scalars of flow collections."""
        start = event.start_mark
        if event.style == '"':
            self._check_escapes(event)
        elif self._flow and event.implicit[0] and "?" in event.value:
            raise fault(f"did not find expected ',' or '{self._flow[-1]}'", start.line, start.column)

    def _check_escapes(self, event: Any) -> None:
        raw = self._text[event.start_mark.index : event.end_mark.index] if event.style == '"' else ""
        if "\\/" in raw.replace("\\\\", "  "):
            before = raw[: raw.replace("\\\\", "  ").index("\\/")]
            line = event.start_mark.line + before.count("\n")
            raise fault("found unknown escape character", line, 0, scanning=True)

    def _tagged(self, tag: str, text: str) -> YamlValue:
        """Convert a scalar with an explicit tag (``resolve`` with a tag)."""
        if tag == _BINARY:
            return self._binary(text)
        wanted = _CORE_TAGS.get(tag)
        if wanted is None or wanted == "!!str":
            return text
        value = resolve(text)
        given = short_tag(text, value)
        if given == wanted or (wanted == "!!float" and given == "!!int"):
            return float(value) if wanted == "!!float" else value
        if wanted == "!!timestamp" or given == "!!timestamp":
            given = "!!str"
        raise _DecodeFault(f"yaml: cannot decode {given} `{text}` as a {wanted}")

    @staticmethod
    def _binary(text: str) -> str:
        """Decode base64 as Go's ``StdEncoding`` does, which skips line ends; other bytes end as U+FFFD in JSON."""
        from base64 import b64decode

        try:
            return b64decode(text.replace("\n", "").replace("\r", ""), validate=True).decode("utf-8", "replace")
        except ValueError:
            raise _DecodeFault("yaml: !!binary value contains invalid base64 data") from None

    def _alias(self, name: str) -> YamlValue:
        """Return a copy of the anchored value: Go decodes an alias anew."""
        value = self._known(name)
        if value is _OPEN:
            raise _DecodeFault(f"yaml: anchor '{name}' value contains itself")
        return self._copy(value)

    def _copy(self, value: YamlValue) -> YamlValue:
        self._count(1)
        if isinstance(value, dict):
            copied = {}
            for key, item in value.items():
                self._count(1)
                copied[key] = self._copy(item)
            self._unfit += [(copied, keys) for mapping, keys in self._unfit if mapping is value]
            return copied
        if isinstance(value, list):
            return [self._copy(item) for item in value]
        return value

    def _sequence(self) -> list[YamlValue]:
        """Build a list up to its end event."""
        items: list[YamlValue] = []
        while True:
            event = self._next()
            if type(event).__name__ == "SequenceEndEvent":
                return items
            items.append(self._node(event))

    def _mapping(self) -> dict[str, YamlValue]:
        """Build a mapping up to its end event; merge keys work in place, in document order."""
        result: dict[str, YamlValue] = {}
        unfit: dict[str, YamlValue] = {}
        while True:
            event = self._next()
            kind = type(event).__name__
            if kind == "MappingEndEvent":
                if unfit:
                    self._unfit.append((result, unfit))
                return result
            if kind == "ScalarEvent" and event.value == "<<" and (event.implicit[0] or event.tag == _MERGE):
                self._merge(result)
                continue
            key, bad = self._key(event, kind, first=not result)
            value = self._node(self._next())
            if bad is not None:
                unfit[bad] = value
            result[key] = value

    def _merge(self, into: dict[str, YamlValue]) -> None:
        """Merge the node that follows ``<<``: a mapping, or a list of mappings of which the first wins."""
        event = self._next()
        listed = type(event).__name__ == "SequenceStartEvent"
        value = self._node(event)
        sources = reversed(value) if listed else [value]
        for source in sources:
            if not isinstance(source, dict):
                raise _DecodeFault("yaml: map merge requires map or sequence of maps as the value")
            into.update(source)
            self._unfit += [(into, keys) for mapping, keys in self._unfit if mapping is source]

    def _key(self, event: Any, kind: str, *, first: bool) -> tuple[str, str | None]:
        """Return the JSON key of a key node, and what is wrong with its type."""
        self._decoded += 1
        if kind == "ScalarEvent":
            if self._text:
                self._check_scalar(event)
            if event.tag is None and not event.implicit[0]:
                value: YamlValue = event.value
            elif event.tag is None:
                value = resolve(event.value)
            else:
                value = self._tagged(event.tag, event.value)
            if event.anchor is not None:
                self._anchors[event.anchor] = self._json(value)
        else:
            value = self._raw_node(event)
            if not value and not self._flow and event.flow_style:
                self._check_empty_key(value, event.start_mark, first=first)
        if isinstance(value, (dict, list)):
            raise _DecodeFault(f"yaml: invalid map key: {go_syntax(value)}")
        return (value, None) if self._raw else key_text(value)

    def _raw_node(self, event: Any) -> YamlValue:
        """Build a collection that stands as a key, with the types of YAML: the complaint about it shows them."""
        outer = self._raw, self._number
        self._raw, self._number = True, resolve
        value = self._node(event)
        self._raw, self._number = outer
        return value

    def _check_empty_key(self, value: YamlValue, mark: Any, *, first: bool) -> None:
        """Refuse an empty flow collection as a key of a block mapping, unless behind a question mark.

        go-yaml forgets that such a collection may be a key, and so does not see that a mapping begins.
        """
        if self._text[: mark.index].rstrip().endswith("?"):
            return
        if first and len(self._blocks) == 1:
            raise _WholeRoot(value)
        raise fault(f"did not find expected {self._blocks[-2 if first else -1]}", mark.line, mark.column)

    def _json(self, value: YamlValue) -> YamlValue:
        """Return a scalar as the JSON stage leaves it."""
        return float(value) if type(value) is int and not self._exact else value
