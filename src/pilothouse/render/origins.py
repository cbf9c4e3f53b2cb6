"""What is wrong with a rendered document, explained by the templates, includes and values that made it.

Real Helm names the file at most. What is said here is printed below Helm's words, as hints.
"""

from __future__ import annotations

import re

from pilothouse.errors import PilothouseError
from pilothouse.formats.errors import FormatError
from pilothouse.render.engine import trace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from yaml import Node

    from pilothouse.charts.model import Chart
    from pilothouse.golang.kinds import YamlValue
    from pilothouse.gotemplate.traced import Origin, Place, TracedOutput
    from pilothouse.render.errors import ManifestError
    from pilothouse.render.settings import RenderSettings

_LINE = re.compile(r"\byaml: line ([0-9]+):")
_STEP = re.compile(r"\.?([^.\[\]]+)|\[([^\]]*)\]")
_SOURCE = re.compile(r"^---\n# Source: (.*)\n", re.MULTILINE)
_MOST_VALUES = 6


class Origins:
    """Explains faults in what a chart rendered; each file is rendered once more, traced, when it is first asked for.

    Args:
        chart: The chart, its dependencies processed.
        values: Its values, coalesced.
        settings: What it was rendered with.
    """

    def __init__(self, chart: Chart, values: Mapping[str, YamlValue], settings: RenderSettings) -> None:
        self._chart = chart
        self._values = values
        self._settings = settings
        self._traced: dict[str, TracedOutput | None] = {}

    def of_manifest_error(self, error: ManifestError) -> tuple[str, ...]:
        """Return hints for a document that is no YAML."""
        cause = error.__cause__
        line = cause.line if isinstance(cause, FormatError) else 0
        if not line:
            named = _LINE.search(error.message)
            line = int(named[1]) if named is not None else 0
        return self.of_line(error.path, error.document, line) if line else ()

    def of_line(self, path: str, document: str, line: int) -> tuple[str, ...]:
        """Return hints for a line of a document.

        Args:
            path: The file it was rendered from.
            document: The document.
            line: The line in it, from 1.
        """
        origin = self._origin(path, document, line)
        return () if origin is None else (_told(line, origin),)

    def _origin(self, path: str, document: str, line: int) -> Origin | None:
        traced = self._trace(path)
        start = traced.text.find(document.strip()) if traced is not None else -1
        if traced is None or start < 0:
            return None
        blank = document[: len(document) - len(document.lstrip())].count("\n")
        return traced.origin_of(traced.text.count("\n", 0, start) + line - blank)

    def of_field(self, path: str, document: str, field: str) -> tuple[str, ...]:
        """Return hints for a field of a document, given as the API server names it: ``spec.containers[0].image``."""
        line = line_of_field(document, field)
        return self.of_line(path, document, line) if line else ()

    def of_object(self, manifest: str, kind: str, name: str, fields: Sequence[str]) -> tuple[str, ...]:
        """Return hints for fields of an object.

        Args:
            manifest: The documents of a release, each after a line that names its source.
            kind: Kind of the object.
            name: Its name; empty for the first object of the kind that has one of the fields.
            fields: What the API server complains of.
        """
        for path, document in _documents(manifest):
            if _is_object(document, kind, name):
                hints = [hint for field in fields for hint in self.of_field(path, document, field)]
                if hints or name:
                    return tuple(dict.fromkeys(hints))
        return ()

    def of_whole(self, manifest: str, hooks: Sequence[tuple[str, str]], kind: str, name: str) -> str:
        """Return a hint that names the line of a template which gives an object its name; empty if none is found.

        Args:
            manifest: The documents of a release, each after a line that names its source.
            hooks: Source and text of its hooks.
            kind: Kind of the object.
            name: Its name.
        """
        for path, document in (*_documents(manifest), *hooks):
            if not _is_object(document, kind, name):
                continue
            origin = self._origin(path, document, line_of_field(document, "metadata.name"))
            if origin is None:
                return f"{kind}/{name} is made by {path}"
            place = origin.chain[0] if origin.chain else origin.place  # a name mostly comes from a helper of many
            return "\n".join([f"{kind}/{name} is made by {_named(place)}", *_shown(place)])
        return ""

    def _trace(self, path: str) -> TracedOutput | None:
        if path not in self._traced:
            try:
                self._traced[path] = trace(self._chart, self._values, self._settings, path)
            except (PilothouseError, KeyError, RecursionError):
                # What only explains a failure must not become one.
                self._traced[path] = None
        return self._traced[path]


def _told(line: int, origin: Origin) -> str:
    lines = [f"line {line} of the document comes from {_named(origin.place)}", *_shown(origin.place)]
    for place in reversed(origin.chain):
        lines += [f"  included from {_named(place)}", *_shown(place)]
    values = [f"{name} = {value}" for name, value in list(origin.values.items())[:_MOST_VALUES]]
    if values:
        lines.append("  with " + values[0])
        lines += ["       " + value for value in values[1:]]
    return "\n".join(lines)


def _named(place: Place) -> str:
    named = f"{place.template}:{place.line}:{place.column}"
    return named if place.executing == place.template else f'{named} in "{place.executing}"'


def _shown(place: Place) -> list[str]:
    """Return the line of a template, and a caret below the place."""
    number = f"{place.line:>6}"
    indent = "".join("\t" if character == "\t" else " " for character in place.source[: place.column])
    return [f"{number} | {place.source.rstrip()}", f"{' ' * len(number)} | {indent}^"]


def _documents(manifest: str) -> Iterator[tuple[str, str]]:
    """Return source and text of every document of a release."""
    pieces = _SOURCE.split(manifest)
    yield from zip(pieces[1::2], pieces[2::2], strict=True)


def _is_object(document: str, kind: str, name: str) -> bool:
    from pilothouse.formats.yaml_text import decode

    if name not in document:
        return False
    try:
        value = decode(document)
    except FormatError:
        return False
    metadata = value.get("metadata") if isinstance(value, dict) else None
    if not isinstance(metadata, dict) or (name and metadata.get("name") != name):
        return False
    # Names of resources, such as deployments.apps, begin with their kind in most cases.
    return not kind or kind.lower().startswith(str(value.get("kind")).lower())


def line_of_field(document: str, field: str) -> int:
    """Return the line, from 1, of the deepest part of a field's path that a document has; 0 if it has none."""
    import yaml

    try:
        node = yaml.compose(document, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return 0
    line = 0
    for plain, bracketed in _STEP.findall(field):
        found = _child(node, plain or bracketed)
        if found is None:
            break
        line, node = found
    return line


def _child(node: Node | None, step: str) -> tuple[int, Node] | None:
    """Return the line of a key or an element, and its value."""
    import yaml

    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode):
        if step.isdigit():
            items = node.value[int(step) : int(step) + 1]
        else:
            # Server-side apply names elements by their key; decoders leave them out.
            key, named, wanted = step.partition("=")
            if not named:
                return next((found for item in node.value if (found := _child(item, step)) is not None), None)
            items = [item for item in node.value if _text(item, key) == wanted.strip('"')]
        return (items[0].start_mark.line + 1, items[0]) if items else None
    return None


def _text(node: Node, key: str) -> str:
    found = _child(node, key)
    return str(found[1].value) if found is not None else ""
