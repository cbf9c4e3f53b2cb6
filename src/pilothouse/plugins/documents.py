"""Strict YAML: a key that stands twice is an error, so that nobody reads another plugin than the one that is run."""

from __future__ import annotations

from pilothouse.golang.quoting import quote
from pilothouse.plugins.errors import PluginInvalid
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from pilothouse.golang.kinds import YamlValue

_LIMIT = 1 << 20
_TEXT, _NULL, _BOOL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:null", "tag:yaml.org,2002:bool"


class Document(Record):
    """A mapping at the top of a file.

    Attributes:
        value: Its value; every scalar but null and true or false is the text that was written.
        lines: Line of each key at the top.
    """

    value: dict[str, YamlValue]
    lines: dict[str, int]

    def refuse_unknown(self, known: Iterable[str], owner: str) -> None:
        """Refuse keys at the top that are not ``known``, as go-yaml's ``KnownFields`` does."""
        unknown = [
            f"  line {line}: field {key} not found in type {owner}"
            for key, line in self.lines.items()
            if key not in known
        ]
        if unknown:
            raise PluginInvalid("yaml: unmarshal errors:\n" + "\n".join(unknown))


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
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise PluginInvalid(f"yaml: line {line}: {error.problem}") from error
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        text = str(error).replace("\n", " ")
        raise PluginInvalid(f"yaml: {text}") from error
    if node is None:
        return None
    if node.tag == _NULL:
        return Document(value={}, lines={})
    if not isinstance(node, yaml.MappingNode):
        kind = "seq" if isinstance(node, yaml.SequenceNode) else "str"
        line = node.start_mark.line + 1
        raise PluginInvalid(f"yaml: unmarshal errors:\n  line {line}: cannot unmarshal !!{kind} into plugin.Metadata")
    problems = list(_twice(node, set()))
    if problems:
        raise PluginInvalid("yaml: unmarshal errors:\n" + "\n".join(problems))
    value: dict[str, YamlValue] = _value(node, 0)
    lines = {key.value: key.start_mark.line + 1 for key, _ in node.value if isinstance(key, yaml.ScalarNode)}
    return Document(value=value, lines=lines)


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
        return node.value.lower() in ("true", "yes", "on", "y") if node.tag == _BOOL else node.value
    if node.value and isinstance(node.value[0], tuple):
        return {str(key.value): _value(child, depth + 1) for key, child in node.value}
    if node.id == "mapping":
        return {}
    return [_value(item, depth + 1) for item in node.value]
