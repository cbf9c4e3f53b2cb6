"""Strict YAML: a key that stands twice is an error, so that nobody reads another plugin than the one that is run."""

from __future__ import annotations

from pilothouse.formats.yaml_events import CONVERSION, translate
from pilothouse.golang.quoting import quote
from pilothouse.plugins.errors import PluginInvalid
from pilothouse.plugins.field_types import Node, Type, node_of, problems, rewritten
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from pilothouse.golang.kinds import YamlValue

_LIMIT = 1 << 20
_PEEK = "failed to peek plugin.yaml API version: "
_VERSIONED = Type(name="plugin.apiVersion", kind="struct", fields={"apiVersion": Type(name="string", kind="string")})
_NULL = "tag:yaml.org,2002:null"


class Document(Record):
    """A mapping at the top of a file.

    Attributes:
        value: Its value; every scalar but null is the text that was written.
        node: The same with places and types.
    """

    value: dict[str, YamlValue]
    node: Node

    def check(self, wanted: Type) -> None:
        """Refuse what is not of the types of its fields."""
        refuse(problems(self.node, wanted), "")

    def check_below(self, key: str, wanted: Type, start: str) -> None:
        """Refuse what below a key at the top is not of the types of its fields."""
        found = dict(zip((each.text for each in self.node.keys), self.node.children, strict=True)).get(key)
        if found is not None:
            refuse(problems(rewritten(found)[0], wanted), start)


def refuse(found: Iterable[str], start: str) -> None:
    """Raise what go-yaml says of values, if it says anything."""
    text = "\n".join(found)
    if text:
        raise PluginInvalid(f"{start}yaml: unmarshal errors:\n{text}")


def decode_strict(content: bytes) -> Document | None:
    """Return the document in a file, nothing when it is empty.

    Raises:
        PluginInvalid: It is no YAML, no mapping, or a key stands twice.
    """
    import yaml

    if len(content) > _LIMIT:
        raise PluginInvalid(f"plugin.yaml is longer than {_LIMIT} bytes")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        node = yaml.compose(content, Loader=loader)
    except yaml.MarkedYAMLError as error:
        raise PluginInvalid(_PEEK + _syntax_problem(error, content)) from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        text = str(error).replace("\n", " ")
        raise PluginInvalid(f"{_PEEK}yaml: {text}") from error
    if node is None:
        return None
    if node.tag == _NULL:
        return Document(value={}, node=Node(tag="!!map"))
    if _size(node, {}) > _LIMIT:
        raise PluginInvalid(f"{_PEEK}yaml: document contains excessive aliasing")
    placed = node_of(node)
    refuse(problems(placed, _VERSIONED), _PEEK)
    refuse(_twice(node, set()), _PEEK)
    value: dict[str, YamlValue] = _value(node, 0)
    return Document(value=value, node=placed)


def _syntax_problem(error: Any, content: bytes) -> str:
    """Return what go-yaml says of a text that is no YAML."""
    if error.problem == "found undefined alias" and error.problem_mark:
        line = content.decode("utf-8", "replace").splitlines()[error.problem_mark.line]
        anchor = line[error.problem_mark.column :].removeprefix("*").split()[0]
        return f"yaml: unknown anchor '{anchor}' referenced"
    return translate(error).message.removeprefix(CONVERSION)


def _size(node: Any, known: dict[int, int]) -> int:
    """Return how many values a document has when each alias is replaced by what it stands for."""
    if isinstance(node.value, str):
        return 1
    if id(node) not in known:
        known[id(node)] = _LIMIT + 1  # what holds itself has no end
        below = (child for item in node.value for child in (item if isinstance(item, tuple) else (item,)))
        known[id(node)] = 1 + sum(_size(child, known) for child in below)
    return known[id(node)]


def _twice(node: Any, seen: set[int]) -> Iterator[str]:
    """Yield a line for each key that stands twice in its mapping."""
    if id(node) in seen or isinstance(node.value, str):
        return
    seen.add(id(node))
    first: dict[str, int] = {}
    for item in node.value:
        if isinstance(item, tuple):
            key, child = item
            line = key.start_mark.line + 1
            name = str(key.value)
            if name in first:
                yield f"  line {line}: mapping key {quote(name)} already defined at line {first[name]}"
            first.setdefault(name, line)
            yield from _twice(child, seen)
        else:
            yield from _twice(item, seen)


def _value(node: Any, depth: int) -> YamlValue:
    if depth > 32:
        raise PluginInvalid("yaml: exceeded max depth")
    if isinstance(node.value, str):
        if node.tag == _NULL:
            return None
        return str(node.value)
    if node.value and isinstance(node.value[0], tuple):
        return {str(key.value): _value(child, depth + 1) for key, child in node.value}
    if node.id == "mapping":
        return {}
    return [_value(item, depth + 1) for item in node.value]
