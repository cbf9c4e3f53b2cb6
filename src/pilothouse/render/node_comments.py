"""Comments of a YAML document and what each belongs to, as go-yaml tells it (``yaml_parser_scan_comments``)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import yaml._yaml
    from yaml.error import Mark
    from yaml.events import Event


_STARTS = ("ScalarEvent", "AliasEvent", "MappingStartEvent", "SequenceStartEvent")
_END = 1 << 60
_BLOCKS = ("MappingStartEvent", "SequenceStartEvent")


def begin(event: Event) -> Mark | yaml._yaml.Mark:
    """Return where an event that was read begins."""
    assert event.start_mark is not None
    return event.start_mark


def finish(event: Event) -> Mark | yaml._yaml.Mark:
    """Return where an event that was read ends."""
    assert event.end_mark is not None
    return event.end_mark


class Comment(Record):
    """A comment.

    Attributes:
        kind: ``head``, ``line`` or ``foot``.
        text: Its lines, each with ``#``.
        owner: The event that it stands before, behind or below; ``None`` for the end of the document.
        entry: For a foot, the key whose column is its own.
        in_list: For a foot, that it is below an item of a list and not of a mapping.
        spaced: Whether an empty line parts it from the document.
    """

    kind: str
    text: str
    owner: Event | None
    entry: Event | None = None
    in_list: bool = False
    spaced: bool = False


class _Place(Record):
    """Where a value stands in its document.

    Attributes:
        event: The value's event.
        column: The column of the innermost block around it.
        key: The key whose value it is, or itself when it is a key or an item.
        in_list: Whether it is an item of a list.
        awaits: Whether it is a key whose value is still to come.
        opens_item: Whether it is the first key of a mapping that is an item of a list.
    """

    event: Event
    column: int
    key: Event
    in_list: bool
    awaits: bool
    opens_item: bool = False


class _Group(Record):
    """Lines of comment that follow one another at one column."""

    first: int
    last: int
    column: int
    text: str


def find_comments(text: str, events: list[Event]) -> list[Comment]:
    """Return the comments of a document in order; those between brackets are left out."""
    places = _places(events)
    lines = text.split("\n")
    spans = _spans(events)
    groups: list[_Group] = []
    found: list[Comment] = []
    offset = 0
    for number, line in enumerate(lines):
        at = _comment_start(line, offset, spans)
        if at >= 0 and line[:at].strip(" "):
            owner = _last_before(places, offset + at, number)
            if owner is not None:
                found.append(Comment(kind="line", text=line[at:].rstrip("\r"), owner=owner))
        elif at >= 0:
            _gather(groups, number, at, line[at:].rstrip("\r"))
        offset += len(line) + 1
    return found + _attached(groups, lines, places)


def _gather(groups: list[_Group], number: int, column: int, text: str) -> None:
    if groups and groups[-1].last == number - 1 and groups[-1].column == column:
        groups[-1] = groups[-1].replace(last=number, text=f"{groups[-1].text}\n{text}")
    else:
        groups.append(_Group(first=number, last=number, column=column, text=text))


def _spans(events: list[Event]) -> list[tuple[int, int]]:
    """Return where texts and bracketed collections begin and end, in which ``#`` begins no comment of ours."""
    found: list[tuple[int, int]] = []
    flow: list[Event] = []
    for event in events:
        if event.start_mark is None:
            continue
        name = type(event).__name__
        if name.endswith("StartEvent") and (flow or _is_flow(event)):
            flow.append(event)
        elif name.endswith("EndEvent") and flow:
            start = flow.pop()
            if not flow:
                found.append((begin(start).index, finish(event).index))
        elif name == "ScalarEvent" and not flow:
            found.append((begin(event).index, finish(event).index))
    return found


def _comment_start(line: str, offset: int, spans: list[tuple[int, int]]) -> int:
    """Return where a comment begins in a line, -1 for nowhere."""
    at = line.find("#")
    while at >= 0:
        before = bisect_right(spans, (offset + at, _END)) - 1
        inside = before >= 0 and offset + at < spans[before][1]
        if not inside and (at == 0 or line[at - 1] in " \t"):
            return at
        at = line.find("#", at + 1)
    return -1


class _Open:
    """A collection that is being read.

    Attributes:
        event: The event that began it.
        is_mapping: Whether it has keys.
        key: The key that was read last.
        awaits: Whether that key's value is still to come.
        begun: Whether it holds anything yet.
    """

    __slots__ = ("awaits", "begun", "event", "is_mapping", "key")

    def __init__(self, event: Event) -> None:
        self.event = event
        self.is_mapping = type(event).__name__ == "MappingStartEvent"
        self.key = event
        self.awaits = False
        self.begun = False

    def took(self) -> None:
        """Note that a key, a value or an item was read."""
        self.awaits = self.is_mapping and not self.awaits
        self.begun = True


def _places(events: list[Event]) -> list[_Place]:
    """Return the values of a document that were read, with their surroundings."""
    found: list[_Place] = []
    around: list[_Open] = []
    for event in events:
        name = type(event).__name__
        if name.endswith("EndEvent"):
            done = around.pop()
            if _is_flow(done.event) and event.start_mark is not None:
                found.append(_place(around, done.event).replace(event=event, awaits=False))
        else:
            if around and not around[-1].awaits:
                around[-1].key = event
            if event.start_mark is not None and name in _STARTS:
                found.append(_place(around, event))
            if name.endswith("StartEvent"):
                around.append(_Open(event))
                continue
        if around:
            around[-1].took()
    return found


def _is_flow(event: Event) -> bool:
    return bool(getattr(event, "flow_style", False))


def _place(around: list[_Open], event: Event) -> _Place:
    blocks = [one.event for one in around if not _is_flow(one.event)]
    column = next((begin(one).column for one in reversed(blocks) if one.start_mark is not None), 0)
    if not around:
        return _Place(event=event, column=0, key=event, in_list=False, awaits=False)
    inner = around[-1]
    if not inner.is_mapping:
        return _Place(event=event, column=column, key=event, in_list=True, awaits=False)
    if not inner.awaits:
        opens = not inner.begun and len(around) > 1 and not around[-2].is_mapping
        return _Place(event=event, column=column, key=event, in_list=False, awaits=True, opens_item=opens)
    return _Place(event=event, column=column, key=inner.key, in_list=False, awaits=False)


def _last_before(places: list[_Place], index: int, line: int) -> Event | None:
    """Return what ends last on a line before a place."""
    at = bisect_left(places, index, key=lambda place: begin(place.event).index)
    for place in reversed(places[max(at - 64, 0) : at]):
        event = place.event
        if type(event).__name__ in _BLOCKS and not _is_flow(event):
            continue
        if finish(event).line == line and 0 < finish(event).index <= index:
            return event
    return None


def _attached(groups: list[_Group], lines: list[str], places: list[_Place]) -> list[Comment]:
    """Return groups of lines as heads and feet."""
    found: list[Comment] = []
    content = [place for place in places if _writes(place.event)]
    starts = [begin(place.event).line for place in content]
    for group in groups:
        count = bisect_left(starts, group.first)
        owner = content[count] if count < len(content) else None
        blank_before = group.first > 0 and not lines[group.first - 1].strip()
        rest = lines[group.last + 1] if group.last + 1 < len(lines) else ""
        blank_after = not rest.strip()
        following = None if blank_after else _column(rest)
        if not count:
            event = owner.event if owner is not None else None
            found.append(Comment(kind="head", text=group.text, owner=event, spaced=blank_after))
            continue
        prior = content[count - 1]
        dedented = group.column < prior.column
        foot = blank_after and not blank_before and (dedented or not prior.awaits)
        apart = following is not None and following < prior.column and following != group.column
        if owner is None:
            found.append(_last(group, prior, blank_before=blank_before, dedented=dedented))
        elif foot and dedented:
            found.append(_outer_foot(group, owner, content))
        elif foot or apart:
            found.append(_foot(group, prior))
        else:
            found.append(Comment(kind="head", text=group.text, owner=owner.event))
    return _joined(found)


def _outer_foot(group: _Group, owner: _Place, content: list[_Place]) -> Comment:
    """Return a foot of what is further out: it comes before the next key, or behind it where that begins an item."""
    if owner.opens_item:
        value = content[content.index(owner) + 1]
        if value.key is owner.event:
            return Comment(kind="foot", text=group.text, owner=value.event, entry=owner.event)
    return Comment(kind="head", text=group.text, owner=owner.event, spaced=True)


def _joined(comments: list[Comment]) -> list[Comment]:
    """Return comments with an empty line between heads of one owner."""
    found: list[Comment] = []
    for comment in comments:
        if found and comment.kind == found[-1].kind == "head" and comment.owner is found[-1].owner:
            found[-1] = found[-1].replace(spaced=True)
        found.append(comment)
    return found


def _writes(event: Event) -> bool:
    """Return whether an event has a text of its own in the document."""
    if type(event).__name__ in _BLOCKS:
        return _is_flow(event)
    return bool(finish(event).index > begin(event).index)


def _column(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _last(group: _Group, prior: _Place, *, blank_before: bool, dedented: bool) -> Comment:
    if blank_before or dedented:
        return Comment(kind="end", text=group.text, owner=None, spaced=blank_before)
    return _foot(group, prior)


def _foot(group: _Group, prior: _Place) -> Comment:
    return Comment(kind="foot", text=group.text, owner=prior.event, entry=prior.key, in_list=prior.in_list)
