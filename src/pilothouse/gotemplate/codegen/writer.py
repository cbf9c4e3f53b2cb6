"""How generated Python is laid out: lines, indentation, and which template node each line stands for.

Expressions are strings in which :meth:`LineTable.mark` has left marks. A mark starts a new line of source (all
expressions stand in parentheses) and says which :class:`Site` the operations on it belong to; so a line number in a
Python traceback names a template node, and code that does not fail pays nothing.
"""

from __future__ import annotations

from pilothouse.gotemplate.nodes import Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self


#: Stands in a block that is split off where it returns the variables that it has assigned.
RESULTS = "\1"
#: What a site invokes where such a block is called.
BLOCK = "block"


class Site:
    """What a line of generated source does, for the case that it fails.

    Attributes:
        node: The node that Go names in the error.
        function: Name of the function called here: its error reads ``error calling NAME: …``.
        invokes: ``"template"`` or ``"include"`` where another template is executed, :data:`BLOCK` where a block is.
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


class Writer:
    """A back end: takes what a template function does, in order, and makes source of it.

    All share lines, indentation, blocks, and functions that are split off.

    Args:
        table: Takes the sites of the lines.
        function: Name of the generated function.
        parameters: Its parameters.
    """

    #: What a function that is split off takes beside the locals that it uses.
    shared = "run, dot"

    def __init__(self, table: LineTable, function: str, parameters: str = "run, dot") -> None:
        self._table = table
        self._function = function
        self._parameters = parameters
        self._lines: list[str] = []
        self._places: list[int] = []
        self._indent = " "
        self._empty = [False]
        self._split: list[Writer] = []

    def text(self, text: str, node: Node) -> None:
        """Plain text of the template, which ``node`` holds or makes."""
        raise NotImplementedError

    def value(self, expression: str, node: Node) -> None:
        """An expression whose value is a string to be put out; ``node`` is where it comes from."""
        raise NotImplementedError

    def finish(self) -> None:
        """End the function."""
        raise NotImplementedError

    @property
    def depth(self) -> int:
        """How many blocks are open."""
        return len(self._indent) - 1

    @property
    def lines(self) -> list[str]:
        """The source so far, without the line that begins the function."""
        return self._lines

    def flush(self, *, keep_list: bool = False) -> None:
        """Write what has been put off."""

    def statement(self, source: str) -> None:
        """A statement of its own."""
        self.flush()
        self.source(source)

    def open(self, header: str) -> None:
        """Start a block."""
        self.flush(keep_list=True)
        self.source(header)
        self._indent += " "
        self._empty.append(True)

    def alternative(self, header: str) -> None:
        """End the open block and start another one of the same statement."""
        self._end_block()
        self.source(header)
        self._indent += " "
        self._empty.append(True)

    def close(self) -> None:
        """End the open block."""
        self._end_block()
        self._empty[-1] = False

    def _end_block(self) -> None:
        self.flush()
        if self._empty.pop():
            self.source("pass")
        self._indent = self._indent[:-1]

    def source(self, source: str) -> None:
        """Write a statement now, a line for each mark."""
        self._empty[-1] = False
        pieces = source.split("\0")
        self._line(pieces[0])
        for index in range(1, len(pieces), 2):
            self._line(pieces[index + 1], site=int(pieces[index]))

    def _line(self, source: str, *, site: int = -1) -> None:
        self._lines.append(self._indent + source)
        self._places.append(site)

    def split(self, number: str) -> Self:
        """A writer for a block that becomes a function of its own; ``attach`` it when it is complete."""
        return type(self)(self._table, f"{self._function.partition('_')[0]}_{number}")

    def attach(self, block: Writer, locals_used: Sequence[str], results: str) -> str:
        """Make a function of a block that was split off, and return the call of it."""
        names = ", ".join((self.shared, *locals_used))
        block._parameters = names
        block._lines = [line.replace(RESULTS, results) for line in block._lines]
        self._split.append(block)
        return f"{block._function}({names})"

    def _calls(self, site: int) -> bool:
        return site >= 0 and bool(self._table.sites[site].invokes)

    def write_to(self, lines: list[str]) -> None:
        """Add the function, after those split off from it, to a module."""
        for block in self._split:
            block.write_to(lines)
        own = "".join([f", {block._function}={block._function}" for block in self._split])  # noqa: SLF001
        lines.append(f"def {self._function}({self._parameters}{own}):")
        self._table.lines.append(-1)
        if any(self._calls(site) for site in self._places):
            lines.append(" _step()")
            self._table.lines.append(-1)
        lines += self._lines
        self._table.lines += self._places


class FastWriter(Writer):
    """The fast back end: fragments gathered in a list that is joined at the end."""

    shared = "run, dot, out"

    def __init__(self, table: LineTable, function: str, parameters: str = "run, dot") -> None:
        super().__init__(table, function, parameters)
        self._pending: list[str] = []
        self._text: list[str] = []
        self._list_made = False

    def text(self, text: str, node: Node) -> None:  # noqa: ARG002 - the traced back end uses it
        """Plain text; neighbours are merged."""
        self._text.append(text)

    def value(self, expression: str, node: Node) -> None:  # noqa: ARG002
        """A string to be put out."""
        self._flush_text()
        self._pending.append(expression)

    def split(self, number: str) -> Self:
        """A writer for a block that becomes a function of its own."""
        block = super().split(number)
        block._list_made = True  # noqa: SLF001 - one of us
        return block

    def finish(self) -> None:
        """End the function: straight-line templates return their one fragment or one join."""
        self._flush_text()
        if not self._list_made:
            parts = self._pending
            if not parts:
                self.source('return ""')
            elif len(parts) == 1:
                self.source(f"return ({parts[0]})")
            else:
                self.source(f"return _join(({', '.join(parts)}))")
            return
        self.flush()
        self.source("return _join(out)")

    def _flush_text(self) -> None:
        if self._text:
            self._pending.append(repr("".join(self._text)))
            self._text.clear()

    def flush(self, *, keep_list: bool = False) -> None:
        """Write the fragments that are pending."""
        self._flush_text()
        parts = self._pending
        if (keep_list or parts) and not self._list_made:
            self._list_made = True
            if len(self._indent) == 1:
                self.source(f"out = [{', '.join(parts)}]")
                parts.clear()
            else:
                raise AssertionError("the list is made before the first block")
        if not parts:
            return
        if len(parts) == 1:
            self.source(f"out.append({parts[0]})")
        else:
            self.source(f"out += ({', '.join(parts)})")
        parts.clear()


class TracedWriter(Writer):
    """The traced back end: every fragment is told to a recorder with the place it comes from."""

    def __init__(self, table: LineTable, function: str, parameters: str = "run, dot") -> None:
        super().__init__(table, function, parameters)
        if "_" not in function:
            self.source("_enter(run, dot)")

    def text(self, text: str, node: Node) -> None:
        """Plain text."""
        self.source(f"_text({node.position}, {text!r})")

    def value(self, expression: str, node: Node) -> None:
        """A string to be put out."""
        self.source(f"_put({node.position}, ({expression}))")

    def open(self, header: str) -> None:
        """Start a block: what was read for its header is in no output."""
        super().open(header)
        self.source("_clear()")

    def alternative(self, header: str) -> None:
        """End the open block and start another one of the same statement."""
        super().alternative(header)
        self.source("_clear()")

    def close(self) -> None:
        """End the open block."""
        super().close()
        self.source("_clear()")

    def finish(self) -> None:
        """End the function."""
        self.source("return _leave()")
