"""The types that plugin.yaml's fields have in Go, and what go-yaml says of a document that has others.

Helm writes ``config`` and ``runtimeConfig`` anew, with sorted keys, before it reads them into their types, so the lines
that it names within them are those of that text (``remarshalConfig``).
"""

from __future__ import annotations

from pilothouse.records import Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

_NULL, _FLOAT = "!!null", "!!float"
_WORDS = ("y", "yes", "on", "n", "no", "off", "true", "false")


class Node(Record):
    """A value of a document with its place.

    Attributes:
        tag: Short tag: ``!!str``, ``!!seq``, ``!!map`` …
        text: A scalar's text.
        line: Where it begins.
        keys: A mapping's keys.
        children: Values of a mapping or sequence.
    """

    tag: str
    text: str = ""
    line: int = 1
    keys: tuple[Node, ...] = ()
    children: tuple[Node, ...] = ()


class Type(Record):
    """A type of Go's.

    Attributes:
        name: What Go calls it.
        kind: ``string``, ``bool``, ``number``, ``any``, ``list``, ``map`` or ``struct``.
        item: Type of what a list or map holds.
        fields: Types of a struct's fields.
        strict: Whether a struct has no other fields.
    """

    name: str
    kind: str
    item: Type | None = None
    fields: Mapping[str, Type] = field(default_factory=dict)
    strict: bool = False


def _struct(named: str, /, **fields: Type) -> Type:
    return Type(name=named, kind="struct", fields=fields)


def _strict(named: str, /, **fields: Type) -> Type:
    return _struct(named, **fields).replace(strict=True)


def _list(item: Type) -> Type:
    return Type(name=f"[]{item.name}", kind="list", item=item)


def _map(item: Type, name: str = "") -> Type:
    return Type(name=name or f"map[string]{item.name}", kind="map", item=item)


_STRING, _BOOL, _ANY = (Type(name=name, kind=name) for name in ("string", "bool", "any"))
_UINT32, _UINT64, _INT64 = (Type(name=name, kind="number") for name in ("uint32", "uint64", "int64"))
_OBJECT = _map(_ANY, "map[string]interface {}")
_COMMANDS = _list(_struct("plugin.PlatformCommand", os=_STRING, arch=_STRING, command=_STRING, args=_list(_STRING)))
_HOOKS = _map(_COMMANDS, "plugin.PlatformHooks")

FIRST = _strict(
    "plugin.MetadataV1",
    **dict.fromkeys(("apiVersion", "name", "type", "runtime", "version", "sourceURL"), _STRING),
    **dict.fromkeys(("config", "runtimeConfig"), _OBJECT),
)
LEGACY = _struct(
    "plugin.MetadataLegacy",
    **dict.fromkeys(("name", "version", "usage", "description", "command"), _STRING),
    platformCommand=_COMMANDS,
    ignoreFlags=_BOOL,
    platformHooks=_HOOKS,
    hooks=_map(_STRING, "plugin.Hooks"),
    downloaders=_list(_struct("plugin.Downloaders", protocols=_list(_STRING), command=_STRING)),
)
CONFIGS = {
    "cli/v1": _strict("schema.ConfigCLIV1", usage=_STRING, shortHelp=_STRING, longHelp=_STRING, ignoreFlags=_BOOL),
    "getter/v1": _strict("schema.ConfigGetterV1", protocols=_list(_STRING)),
    "postrenderer/v1": _strict("schema.ConfigPostRendererV1"),
    "test/v1": _strict("schema.ConfigTestV1"),
}
RUNTIMES = {
    "subprocess": _struct(
        "plugin.RuntimeConfigSubprocess",
        protocolCommands=_list(
            _struct("plugin.SubprocessProtocolCommand", protocols=_list(_STRING), platformCommand=_COMMANDS)
        ),
        platformCommand=_COMMANDS,
        platformHooks=_HOOKS,
    ),
    "extism/v1": _struct(
        "plugin.RuntimeConfigExtismV1",
        memory=_struct(
            "plugin.RuntimeConfigExtismV1Memory", maxPages=_UINT32, maxHttpResponseBytes=_INT64, maxVarBytes=_INT64
        ),
        config=_map(_STRING),
        allowedHosts=_list(_STRING),
        fileSystem=_struct("plugin.RuntimeConfigExtismV1FileSystem", createTempDir=_BOOL),
        timeout=_UINT64,
        hostFunctions=_list(_STRING),
        entryFuncName=_STRING,
    ),
}


def node_of(node: Any, depth: int = 0) -> Node:
    """Return a value of a document that PyYAML composed."""
    line = node.start_mark.line + 1
    if isinstance(node.value, str) or depth > 32:
        return Node(tag="!!" + node.tag.rpartition(":")[2], text=str(node.value), line=line)
    below = depth + 1
    if node.id == "mapping":
        keys = tuple(node_of(key, below) for key, _ in node.value)
        return Node(tag="!!map", line=line, keys=keys, children=tuple(node_of(value, below) for _, value in node.value))
    return Node(tag="!!seq", line=line, children=tuple(node_of(item, below) for item in node.value))


def rewritten(node: Node, line: int = 1) -> tuple[Node, int]:
    """Return a value with the lines that it has in the text that go-yaml writes of it, and the line after it."""
    if not node.children:
        return node.replace(line=line), line + 1 + _breaks(node)
    keys: list[Node] = []
    children: list[Node] = []
    start = line
    for key, child in sorted(zip(node.keys, node.children, strict=False), key=lambda pair: pair[0].text):
        keys.append(key.replace(line=line))
        placed, line = rewritten(child, line + 1 if child.children else line)
        children.append(placed)
    for child in () if node.keys else node.children:
        placed, line = rewritten(child, line)
        children.append(placed)
    return node.replace(line=start, keys=tuple(keys), children=tuple(children)), line


def _breaks(node: Node) -> int:
    """Return how many more lines a text of several takes."""
    return node.text.rstrip("\n").count("\n") + 1 if "\n" in node.text else 0


def problems(node: Node, wanted: Type) -> Iterator[str]:
    """Yield what go-yaml says of values that are not of their types, in its order."""
    if node.tag == _NULL or wanted.kind == "any":
        return
    if wanted.kind in ("list", "map", "struct"):
        if node.tag != ("!!seq" if wanted.kind == "list" else "!!map"):
            yield _mistyped(node, wanted)
            return
        for key, child in zip(node.keys or node.children, node.children, strict=True):
            inner = wanted.fields.get(key.text) if wanted.kind == "struct" else wanted.item
            if inner is not None:
                yield from problems(child, inner)
            elif wanted.strict:
                yield f"  line {key.line}: field {key.text} not found in type {wanted.name}"
    elif not _fits(node, wanted):
        yield _mistyped(node, wanted)


def _fits(node: Node, wanted: Type) -> bool:
    if node.tag in ("!!seq", "!!map"):
        return False
    if wanted.kind == "bool":
        return node.tag == "!!bool" or node.text.lower() in _WORDS
    if wanted.kind != "number":
        return True
    try:
        number = float(node.text) if node.tag == _FLOAT else int(node.text.replace("_", ""), 0)
    except ValueError:
        return False
    bits = int(wanted.name.lstrip("uint"))
    signed = not wanted.name.startswith("u")
    least, most = (-(1 << (bits - 1)), 1 << (bits - 1)) if signed else (0, 1 << bits)
    return node.tag in ("!!int", _FLOAT) and least <= number < most


def _mistyped(node: Node, wanted: Type) -> str:
    text = f"{node.text[:7]}..." if len(node.text) > 10 else node.text
    shown = "" if node.tag in ("!!seq", "!!map") else f" `{text}`"
    return f"  line {node.line}: cannot unmarshal {node.tag}{shown} into {wanted.name}"
