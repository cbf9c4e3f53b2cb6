"""What a traced execution did: which fragment of the output came from where, through which templates and values.

The traced back end is run to explain a failure: it is slower, and makes the same text as the fast one.
"""

from __future__ import annotations

import sys

from pilothouse.golang.kinds import GoValue
from pilothouse.golang.printf import show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from pilothouse.gotemplate.unit import Unit

_MOST_DEPTH = 64
_LONGEST_VALUE = 80


class Read:
    """One value that an action read.

    Attributes:
        text: How the template names it: ``.Values.image``, ``$tag``.
        owner: The map it was found in, or None.
        names: The fields that lead from there.
        value: The value.
    """

    __slots__ = ("names", "owner", "text", "value")

    def __init__(self, text: str, owner: GoValue, names: tuple[str, ...], value: GoValue) -> None:
        self.text = text
        self.owner = owner
        self.names = names
        self.value = value


class Fragment:
    """One piece of output: a text of the template, or what an action printed."""

    __slots__ = ("children", "is_action", "position", "reads", "text")

    def __init__(
        self,
        position: int,
        text: str,
        reads: Sequence[Read] = (),
        children: Sequence[Execution] = (),
        *,
        is_action: bool = False,
    ) -> None:
        self.position = position
        self.text = text
        self.reads = reads
        self.children = children
        self.is_action = is_action


class Execution:
    """One execution of one template: the fragments it made, in order."""

    __slots__ = ("children", "data", "fragments", "reads", "text", "unit", "variables")

    def __init__(self, unit: Unit, data: GoValue) -> None:
        self.unit = unit
        self.data = data
        self.fragments: list[Fragment] = []
        self.text = ""
        self.reads: list[Read] = []
        self.children: list[Execution] = []
        self.variables: dict[str, tuple[list[Read], list[Execution]]] = {}


class Recorder:
    """Hears what traced code does."""

    def __init__(self, units: Mapping[str, Unit]) -> None:
        self._units = units
        self._stack: list[Execution] = []
        self.last: Execution | None = None

    def names(self) -> dict[str, Callable[..., GoValue]]:
        """The global names that traced code calls."""
        return {
            "_enter": self.enter,
            "_text": self.text,
            "_put": self.put,
            "_leave": self.leave,
            "_saw": self.saw,
            "_var": self.variable,
            "_bound": self.bound,
            "_clear": self.clear,
        }

    def enter(self, run: GoValue, dot: GoValue) -> None:
        """A template begins."""
        _ = run
        unit = self._units[sys._getframe(1).f_code.co_filename]  # noqa: SLF001 - only tells which template it is
        self._stack.append(Execution(unit, dot))

    def text(self, position: int, text: str) -> None:
        """A text of the template is put out."""
        self.clear()
        self._stack[-1].fragments.append(Fragment(position, text))

    def put(self, position: int, text: str) -> None:
        """An action has printed ``text``."""
        running = self._stack[-1]
        fragment = Fragment(position, text, running.reads, running.children, is_action=True)
        running.fragments.append(fragment)
        running.reads, running.children = [], []

    def clear(self) -> None:
        """What was read decided on something, and is in no output."""
        running = self._stack[-1]
        running.reads, running.children = [], []

    def leave(self) -> str:
        """The template ends: its text."""
        done = self.last = self._stack.pop()
        done.text = "".join([fragment.text for fragment in done.fragments])
        if self._stack:
            self._stack[-1].children.append(done)
        return done.text

    def saw(self, text: str, owner: GoValue, names: tuple[str, ...], value: GoValue) -> GoValue:
        """Fields were read, or dot."""
        if names or not isinstance(value, (dict, list)):
            self._stack[-1].reads.append(Read(text, owner, names, value))
        return value

    def variable(self, python: str, name: str, value: GoValue) -> GoValue:
        """A variable was read."""
        running = self._stack[-1]
        reads, children = running.variables.get(python, ([], []))
        if not isinstance(value, (dict, list)):
            running.reads.append(Read(name, None, (), value))
        running.reads += reads
        running.children += children
        return value

    def bound(self, python: str, value: GoValue) -> GoValue:
        """A variable was set to what has just been read."""
        running = self._stack[-1]
        running.variables[python] = running.reads, running.children
        running.reads, running.children = [], []
        return value


class Place:
    """A place in a template.

    Attributes:
        template: Name under which the text was parsed, usually a file name.
        line: Line, from 1.
        column: Characters before the place in its line.
        executing: Name of the template.
        source: The line itself.
    """

    __slots__ = ("column", "executing", "line", "source", "template")

    def __init__(self, unit: Unit, position: int) -> None:
        text = unit.source.text
        start = text.rfind("\n", 0, position) + 1
        stop = text.find("\n", position)
        self.template = unit.source.name
        self.executing = unit.name
        self.line = text.count("\n", 0, position) + 1
        self.column = position - start
        self.source = text[start : stop if stop >= 0 else len(text)]


class Origin:
    """Where a line of output comes from.

    Attributes:
        place: The innermost place that made it.
        chain: The places around it, from the executed file inwards: each includes the next, the last one ``place``.
        values: What was read there: path, or how the template names it, and value.
    """

    __slots__ = ("chain", "place", "values")

    def __init__(self, place: Place, chain: Sequence[Place], values: Mapping[str, str]) -> None:
        self.place = place
        self.chain = chain
        self.values = values


class TracedOutput:
    """The output of a traced execution, and where each part of it comes from."""

    def __init__(self, execution: Execution, data: GoValue) -> None:
        self._execution = execution
        self._data = data
        self._paths: dict[int, str] | None = None
        self.text = execution.text

    def origin_of(self, line: int, column: int | None = None) -> Origin | None:
        """Where a line of the output comes from.

        Args:
            line: The line, from 1.
            column: A character in it, from 0; by default the first that an action made, else the first visible one.

        Returns:
            The origin, or None for a line that there is not or that is blank.
        """
        lines = self.text.split("\n")
        if not 0 < line <= len(lines) or not lines[line - 1].strip():
            return None
        start = sum(len(text) + 1 for text in lines[: line - 1])
        places: list[Place] = []
        reads: list[Read] = []
        _locate(self._execution, start, lines[line - 1], column, places, reads)
        return Origin(places[-1], places[:-1], self._shown(reads)) if places else None

    def _shown(self, reads: Sequence[Read]) -> dict[str, str]:
        shown: dict[str, str] = {}
        for read in reads:
            text = show(read.value) if not isinstance(read.value, str) else repr(read.value)
            if len(text) > _LONGEST_VALUE:
                text = text[: _LONGEST_VALUE - 1] + "…"
            shown.setdefault(self._path(read), text)
        return shown

    def _path(self, read: Read) -> str:
        if self._paths is None:
            self._paths = {}
            for path, container in _containers("", self._data):
                self._paths.setdefault(id(container), path)
        owner = self._paths.get(id(read.owner)) if read.owner is not None else None
        return read.text if owner is None else ".".join((owner, *read.names))


def _containers(path: str, value: GoValue, depth: int = 0) -> Iterator[tuple[str, GoValue]]:
    """All maps and lists in the data of a template, with the paths to them."""
    if depth > _MOST_DEPTH:
        return
    if isinstance(value, dict):
        yield path, value
        for key, element in value.items():
            yield from _containers(f"{path}.{key}", element, depth + 1)
    elif isinstance(value, list):
        yield path, value
        for index, element in enumerate(value):
            yield from _containers(f"{path}[{index}]", element, depth + 1)


def _locate(
    execution: Execution, start: int, line: str, column: int | None, places: list[Place], reads: list[Read]
) -> None:
    """Find the fragments that made a line, and go into the templates whose output they hold."""
    while len(places) < _MOST_DEPTH:
        chosen, offset = _fragment_at(execution, start, line, column, reads)
        if chosen is None:
            return
        within = "" if chosen.is_action else chosen.text[:offset]
        places.append(Place(execution.unit, chosen.position + len(within)))
        found = _child_line(chosen, offset, line)
        if found is None:
            return
        reads.clear()
        execution, start, line = found
        column = None


def _fragment_at(
    execution: Execution, start: int, line: str, column: int | None, reads: list[Read]
) -> tuple[Fragment | None, int]:
    """The fragment that made a line, and the offset in it where the line, or the character asked for, stands."""
    first = start + (len(line) - len(line.lstrip()) if column is None else min(column, max(len(line) - 1, 0)))
    stop = start + len(line.rstrip())
    position = 0
    chosen: Fragment | None = None
    offset = 0
    for fragment in execution.fragments:
        end = position + len(fragment.text)
        # An action that printed nothing is told as well, where the line ends too.
        if (end > first and position < stop) or (fragment.is_action and first <= position == end <= start + len(line)):
            better = fragment.is_action and column is None and chosen is not None and not chosen.is_action
            if chosen is None or better:
                chosen, offset = fragment, max(first - position, 0)
            reads += fragment.reads
        position = end
    return chosen, offset


def _child_line(fragment: Fragment, offset: int, line: str) -> tuple[Execution, int, str] | None:
    """The line of an included template's output that became the line at ``offset`` of a fragment."""
    if not fragment.children:
        return None
    start = fragment.text.rfind("\n", 0, offset) + 1
    stop = fragment.text.find("\n", offset)
    wanted = fragment.text[start : stop if stop >= 0 else len(fragment.text)].strip() or line.strip()
    ordinal = sum(1 for text in fragment.text[:start].split("\n") if text.strip())
    best: tuple[tuple[bool, int], Execution, int, str] | None = None
    for child in fragment.children:
        position = number = 0
        for text in child.text.split("\n"):
            kept = text.strip()
            if kept:
                if kept == wanted or kept in wanted:
                    rank = (kept != wanted, abs(number - ordinal))
                    if best is None or rank < best[0]:
                        best = rank, child, position, text
                number += 1
            position += len(text) + 1
    return None if best is None else best[1:]
