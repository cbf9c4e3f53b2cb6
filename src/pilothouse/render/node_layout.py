"""YAML written anew with its author's styles and comments, as kyaml writes it (``yaml.RNode.String``).

Mappings are indented by two, lists stand below their key's column, lines are never broken and empty ones go. Comments
stay with what they belong to, by the rules of go-yaml's scanner (``yaml_parser_scan_comments``): those before an entry
are its head, those behind it its line, and those that follow it up to an empty line its foot.
"""

from __future__ import annotations

from pilothouse.render.node_comments import Comment, begin, find_comments, finish

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml.events import Event

_WIDTH = 1 << 30


class Node:
    """A value as it was written.

    Attributes:
        event: The event that begins it.
        end: The event that ends a collection.
        items: What a collection holds; keys and values of a mapping in turn.
    """

    __slots__ = ("end", "event", "items")

    def __init__(self, event: Event, end: Event | None = None, items: list[Node] | None = None) -> None:
        self.event = event
        self.end = end
        self.items = [] if items is None else items

    @property
    def is_mapping(self) -> bool:
        """Whether it is a mapping."""
        return type(self.event).__name__ == "MappingStartEvent"

    @property
    def text(self) -> str:
        """The text of a scalar, else nothing."""
        return str(getattr(self.event, "value", ""))

    def get(self, name: str) -> Node | None:
        """Return the value of a key of a mapping."""
        if not self.is_mapping:
            return None
        return next((value for key, value in self._pairs() if key.text == name), None)

    def put(self, name: str, value: Node) -> None:
        """Set the value of a key, at the end when it is new."""
        for place, (key, _) in enumerate(self._pairs()):
            if key.text == name:
                self.items[2 * place + 1] = value
                return
        self.items += [scalar(name), value]

    def drop(self, name: str) -> None:
        """Take a key and its value out."""
        self.items = [node for pair in self._pairs() if pair[0].text != name for node in pair]

    def _pairs(self) -> Iterator[tuple[Node, Node]]:
        return zip(self.items[::2], self.items[1::2], strict=True)

    def events(self) -> Iterator[Event]:
        """Yield the events of the value in order."""
        yield self.event
        for item in self.items:
            yield from item.events()
        if self.end is not None:
            yield self.end


def scalar(text: str, style: str | None = None) -> Node:
    """Return a new text."""
    from yaml.events import ScalarEvent

    return Node(ScalarEvent(None, None, (style is None, style is not None), text, style=style))


def mapping() -> Node:
    """Return a new mapping without entries."""
    from yaml.events import MappingEndEvent, MappingStartEvent

    return Node(MappingStartEvent(None, None, True, flow_style=False), MappingEndEvent())


def read(text: str) -> Node | None:
    """Return the root of a document, ``None`` when it has none.

    Raises:
        yaml.YAMLError: It is no YAML.
    """
    import yaml

    events = [event for event in yaml.parse(text, Loader=yaml.CLoader) if not _frames(event)]
    root: Node | None = None
    around: list[Node] = []
    for event in events:
        if type(event).__name__.endswith("EndEvent"):
            around.pop().end = event
            continue
        node = Node(event)
        if around:
            around[-1].items.append(node)
        root = root or node
        if type(event).__name__.endswith("StartEvent"):
            around.append(node)
    return root


def _frames(event: Event) -> bool:
    return type(event).__name__.startswith(("Stream", "Document"))


def write(root: Node, text: str) -> str:
    """Return a document anew, with the comments of the text that it was read from."""
    import yaml

    events = list(root.events())
    plain = _emitted(events)
    comments = find_comments(text, events)
    folded = any(getattr(event, "style", None) == ">" for event in events)
    if not comments and not folded:
        return plain
    again = [event for event in yaml.parse(plain, Loader=yaml.CLoader) if not _frames(event)]
    return _commented(plain, events, again, comments)


def _emitted(events: list[Event]) -> str:
    """Return events as text: libyaml's, with the habits of go-yaml."""
    import yaml
    from yaml.events import DocumentEndEvent, DocumentStartEvent, StreamEndEvent, StreamStartEvent

    _set_styles(events)
    framed = [
        StreamStartEvent(),
        DocumentStartEvent(explicit=False),
        *events,
        DocumentEndEvent(explicit=False),
        StreamEndEvent(),
    ]
    text: str = yaml.emit(framed, Dumper=yaml.CDumper, width=_WIDTH, allow_unicode=True)
    return text.removesuffix("...\n")


def _set_styles(events: list[Event]) -> None:
    """Have plain texts of several lines written as literals, as go-yaml writes them."""
    flow = 0
    for event in events:
        name = type(event).__name__
        if getattr(event, "flow_style", False) or (flow and name.endswith("StartEvent")):
            flow += 1
        elif flow and name.endswith("EndEvent"):
            flow -= 1
        elif isinstance(getattr(event, "value", None), str) and not event.style and "\n" in event.value:  # type: ignore[attr-defined]
            event.style = '"' if flow else "|"  # type: ignore[attr-defined]
            event.implicit = (True, True)  # type: ignore[attr-defined]


def _folded_ends(events: list[Event], again: list[Event]) -> list[int]:
    """Return the lines after which go-yaml leaves one empty: the last ones of folded texts that end a line."""
    return [
        _last_line(new)
        for event, new in zip(events, again, strict=True)
        if getattr(event, "style", None) == ">" and str(getattr(event, "value", "")).endswith("\n")
    ]


def _commented(plain: str, events: list[Event], again: list[Event], comments: list[Comment]) -> str:
    """Put comments back to the lines where what they belong to stands now."""
    lines = plain.split("\n")
    places = {id(event): new for event, new in zip(events, again, strict=True)}
    before: dict[int, list[str]] = {}
    after: dict[int, list[str]] = {line: [""] for line in _folded_ends(events, again)}
    for comment in comments:
        texts = comment.text.split("\n")
        if comment.owner is None:
            after.setdefault(len(lines) - 2, []).extend([""] * comment.spaced + texts)
            continue
        new = places[id(comment.owner)]
        if comment.kind == "line":
            lines[_last_line(new)] += f" {comment.text}"
        elif comment.kind == "head":
            place = begin(new).line
            indent = " " * _indent(lines[place])
            before.setdefault(place, []).extend([indent + text for text in texts] + [""] * comment.spaced)
        else:
            column = begin(places.get(id(comment.entry), new)).column - 2 * comment.in_list
            place = _last_line(new)
            apart = place + 1 < len(lines) and bool(lines[place + 1]) and _indent(lines[place + 1]) == column
            after.setdefault(place, []).extend([" " * column + text for text in texts] + [""] * apart)
    found: list[str] = []
    for number, line in enumerate(lines):
        found += [*before.get(number, ()), line, *after.get(number, ())]
    return "\n".join(found)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _last_line(event: Event) -> int:
    """Return the line on which what an event wrote ends."""
    end = finish(event)
    return int(end.line - 1 if not end.column and end.line > begin(event).line else end.line)
