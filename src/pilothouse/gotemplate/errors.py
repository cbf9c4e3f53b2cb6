"""What can go wrong with a template: facts as fields, Go's text made from them in one place.

::

    PilothouseError
    ├── Invalid
    │   ├── ParseError       the text is no template
    │   └── ExecutionError   a template failed while it ran: a chain of :class:`Level`
    └── NotFound
        └── UnknownTemplate  no template of that name in the set
"""

from __future__ import annotations

from pilothouse.errors import Invalid, NotFound


class ParseError(Invalid):
    """A template that does not parse; ``str()`` is Go's ``template: NAME:LINE: TEXT``.

    Attributes:
        name: Name under which the text was parsed, usually a file name.
        line: Line of the last token that was read, from 1; 0 where Go's message has none.
        text: The message without its position.
    """

    reference = "template-parse"

    def __init__(self, name: str, line: int, text: str) -> None:
        super().__init__(f"template: {name}:{line}: {text}" if line else text)
        self.name = name
        self.line = line
        self.text = text


class Level:
    """One level of a failed execution: where it was, what it was doing, why it failed.

    Attributes:
        template: Name under which the text was parsed (``ParseName``), usually a file name.
        line: Line of the node, from 1.
        column: Bytes before the node in its line.
        executing: Name of the template that was executing.
        node: The node as Go prints it, between ``<`` and ``>``.
        cause: What failed; on outer levels the call that the next level explains: ``error calling include: ``.
        function: Name of the function whose error this is, or empty.
    """

    __slots__ = ("cause", "column", "executing", "function", "line", "node", "template")

    def __init__(
        self, *, template: str, line: int, column: int, executing: str, node: str, cause: str, function: str = ""
    ) -> None:
        self.template = template
        self.line = line
        self.column = column
        self.executing = executing
        self.node = node
        self.cause = cause
        self.function = function

    @property
    def location(self) -> str:
        """The position as Go prints it: ``NAME:LINE:COLUMN``."""
        return f"{self.template}:{self.line}:{self.column}"

    def __str__(self) -> str:
        from pilothouse.golang.quoting import quote

        return f"template: {self.location}: executing {quote(self.executing)} at <{self.node}>: {self.cause}"


class ExecutionError(Invalid):
    """A template that failed while it ran; ``str()`` is Go's text on one line.

    Attributes:
        levels: From the executed template inwards; ``include`` opens a new level, ``template`` does not.
        error: What a function raised at the innermost level, or None where the engine itself found the fault.
    """

    reference = "template-execution"

    def __init__(self, levels: tuple[Level, ...], error: BaseException | None = None) -> None:
        super().__init__("".join(str(level) for level in levels))
        self.levels = levels
        self.error = error


class UnknownTemplate(NotFound):
    """A template that is not in the set."""

    reference = "template-unknown"

    def __init__(self, name: str, associated: str) -> None:
        from pilothouse.golang.quoting import quote

        super().__init__(f"template: no template {quote(name)} associated with template {quote(associated)}")
        self.name = name
