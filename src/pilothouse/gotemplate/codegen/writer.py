"""How generated Python is laid out: lines, indentation, and which template node each line stands for.

Expressions are strings in which :meth:`LineTable.mark` has left marks. A mark starts a new line of source (all
expressions stand in parentheses) and says which :class:`Site` the operations on it belong to; so a line number in a
Python traceback names a template node, and code that does not fail pays nothing.
"""

from __future__ import annotations

from pilothouse.gotemplate.nodes import Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class Writer(Protocol):
        """A back end: takes what a template function does, in order, and makes source of it."""

        def text(self, text: str) -> None:
            """Plain text of the template."""

        def value(self, expression: str, node: Node) -> None:
            """An expression whose value is a string to be put out; ``node`` is where it comes from."""

        def statement(self, source: str) -> None:
            """A statement of its own."""

        def open(self, header: str) -> None:
            """Start a block: ``if (…):``, ``for … in …:``."""

        def alternative(self, header: str) -> None:
            """End the open block and go on with another of the same statement: ``else:``, ``elif (…):``."""

        def close(self) -> None:
            """End the open block."""

        def finish(self) -> None:
            """End the function."""


class Site:
    """What a line of generated source does, for the case that it fails.

    Attributes:
        node: The node that Go names in the error.
        function: Name of the function called here: its error reads ``error calling NAME: …``.
        invokes: ``"template"`` or ``"include"`` where another template is executed here.
        target: Name of that template, if it is known.
        chain: For fields: the Python local, the names, and what is known about the local.
        arguments: For methods: the nodes of the arguments, to which errors of conversion belong.
    """

    __slots__ = ("arguments", "chain", "function", "invokes", "node", "target")

    def __init__(
        self,
        node: Node,
        *,
        function: str = "",
        invokes: str = "",
        target: str | None = None,
        chain: tuple[str, tuple[str, ...], str] | None = None,
        arguments: tuple[Node, ...] = (),
    ) -> None:
        self.node = node
        self.function = function
        self.invokes = invokes
        self.target = target
        self.chain = chain
        self.arguments = arguments


class LineTable:
    """The sites of a module, for each line of its source the one it belongs to, and what its locals stand for."""

    __slots__ = ("lines", "sites", "variables")

    def __init__(self) -> None:
        self.sites: list[Site] = []
        self.lines: list[int] = [-1]
        self.variables: dict[str, str] = {}

    def mark(self, site: Site) -> str:
        """A mark to be put before the source of an operation."""
        self.sites.append(site)
        return f"\0{len(self.sites) - 1}\0"

    def at(self, line: int) -> Site | None:
        """The site of a line of source."""
        index = self.lines[line] if 0 < line < len(self.lines) else -1
        return self.sites[index] if index >= 0 else None


class FastWriter:
    """The fast back end: fragments gathered in a list that is joined at the end."""

    def __init__(self, lines: list[str], table: LineTable, function: str) -> None:
        self._lines = lines
        self._table = table
        self._indent = " "
        self._pending: list[str] = []
        self._text: list[str] = []
        self._empty = [False]
        self._list_made = False
        self._line(f"def {function}(run, dot):", indent="")

    def text(self, text: str) -> None:
        """Plain text; neighbours are merged."""
        self._text.append(text)

    def value(self, expression: str, node: Node) -> None:  # noqa: ARG002 - the traced back end uses it
        """A string to be put out."""
        self._flush_text()
        self._pending.append(expression)

    def statement(self, source: str) -> None:
        """A statement of its own."""
        self._flush()
        self._source(source)

    def open(self, header: str) -> None:
        """Start a block."""
        self._flush(keep_list=True)
        self._source(header)
        self._indent += " "
        self._empty.append(True)

    def alternative(self, header: str) -> None:
        """End the open block and start another one of the same statement."""
        self._end_block()
        self._source(header)
        self._indent += " "
        self._empty.append(True)

    def close(self) -> None:
        """End the open block."""
        self._end_block()
        self._empty[-1] = False

    def finish(self) -> None:
        """End the function: straight-line templates return their one fragment or one join."""
        self._flush_text()
        if not self._list_made:
            parts = self._pending
            if not parts:
                self._source('return ""')
            elif len(parts) == 1:
                self._source(f"return ({parts[0]})")
            else:
                self._source(f'return "".join(({", ".join(parts)}))')
            return
        self._flush()
        self._source('return "".join(out)')

    def _end_block(self) -> None:
        self._flush()
        if self._empty.pop():
            self._source("pass")
        self._indent = self._indent[:-1]

    def _flush_text(self) -> None:
        if self._text:
            self._pending.append(repr("".join(self._text)))
            self._text.clear()

    def _flush(self, *, keep_list: bool = False) -> None:
        self._flush_text()
        parts = self._pending
        if (keep_list or parts) and not self._list_made:
            self._list_made = True
            if len(self._indent) == 1:
                self._source(f"out = [{', '.join(parts)}]")
                parts.clear()
            else:
                raise AssertionError("the list is made before the first block")
        if not parts:
            return
        if len(parts) == 1:
            self._source(f"out.append({parts[0]})")
        else:
            self._source(f"out += ({', '.join(parts)})")
        parts.clear()

    def _source(self, source: str) -> None:
        self._empty[-1] = False
        pieces = source.split("\0")
        self._line(pieces[0])
        for index in range(1, len(pieces), 2):
            self._line(pieces[index + 1], site=int(pieces[index]))

    def _line(self, source: str, *, site: int = -1, indent: str | None = None) -> None:
        self._lines.append((self._indent if indent is None else indent) + source)
        self._table.lines.append(site)
