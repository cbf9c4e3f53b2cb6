"""The tree of a template; ``str()`` of a node is what Go prints of it in errors.

Nodes are made by the parser and never changed. They are plain classes with slots, since a chart has ten thousand.
"""

from __future__ import annotations

from pilothouse.golang.quoting import quote


class Node:
    """A place in a template: ``position`` is an index into its text."""

    __slots__ = ("position",)

    def __init__(self, position: int) -> None:
        self.position = position


class Text(Node):
    """Plain text between actions."""

    __slots__ = ("text",)

    def __init__(self, position: int, text: str) -> None:
        self.position = position
        self.text = text

    def __str__(self) -> str:
        return self.text


class Dot(Node):
    """The cursor, ``.``."""

    __slots__ = ()

    def __str__(self) -> str:
        return "."


class Nil(Node):
    """The constant ``nil``."""

    __slots__ = ()

    def __str__(self) -> str:
        return "nil"


class Bool(Node):
    """The constant ``true`` or ``false``."""

    __slots__ = ("value",)

    def __init__(self, position: int, value: bool) -> None:  # noqa: FBT001 - the value itself
        self.position = position
        self.value = value

    def __str__(self) -> str:
        return "true" if self.value else "false"


class Number(Node):
    """A numeric constant: every type that its value fits has an entry, as in Go's ``NumberNode``."""

    __slots__ = ("complex", "float", "integer", "text", "unsigned")

    def __init__(self, position: int, text: str) -> None:
        self.position = position
        self.text = text
        self.integer: int | None = None
        self.unsigned: int | None = None
        self.float: float | None = None
        self.complex: complex | None = None

    def __str__(self) -> str:
        return self.text


class String(Node):
    """A string constant, as written and as meant."""

    __slots__ = ("quoted", "text")

    def __init__(self, position: int, quoted: str, text: str) -> None:
        self.position = position
        self.quoted = quoted
        self.text = text

    def __str__(self) -> str:
        return self.quoted


class Identifier(Node):
    """The name of a function."""

    __slots__ = ("name",)

    def __init__(self, position: int, name: str) -> None:
        self.position = position
        self.name = name

    def __str__(self) -> str:
        return self.name


class Field(Node):
    """Fields of dot: ``.a.b``."""

    __slots__ = ("names",)

    def __init__(self, position: int, names: tuple[str, ...]) -> None:
        self.position = position
        self.names = names

    def __str__(self) -> str:
        return "." + ".".join(self.names)


class Variable(Node):
    """A variable and perhaps fields of it: ``$x.a``; the first name has the dollar sign."""

    __slots__ = ("names",)

    def __init__(self, position: int, names: tuple[str, ...]) -> None:
        self.position = position
        self.names = names

    def __str__(self) -> str:
        return ".".join(self.names)


class Chain(Node):
    """Fields of any other term: ``(f x).a``."""

    __slots__ = ("names", "node")

    def __init__(self, position: int, node: Node, names: tuple[str, ...]) -> None:
        self.position = position
        self.node = node
        self.names = names

    def __str__(self) -> str:
        inner = f"({self.node})" if type(self.node) is Pipe else str(self.node)
        return f"{inner}.{'.'.join(self.names)}"


class Command(Node):
    """One stage of a pipeline: an operand or a function with arguments."""

    __slots__ = ("arguments",)

    def __init__(self, position: int, arguments: list[Node]) -> None:
        self.position = position
        self.arguments = arguments

    def __str__(self) -> str:
        return " ".join([f"({node})" if type(node) is Pipe else str(node) for node in self.arguments])


class Pipe(Node):
    """A pipeline with the variables that it declares or assigns."""

    __slots__ = ("assigns", "commands", "variables")

    def __init__(self, position: int, commands: list[Command], variables: list[Variable], assigns: bool) -> None:  # noqa: FBT001
        self.position = position
        self.commands = commands
        self.variables = variables
        self.assigns = assigns

    def __str__(self) -> str:
        declared = ""
        if self.variables:
            declared = ", ".join([str(variable) for variable in self.variables]) + (" = " if self.assigns else " := ")
        return declared + " | ".join([str(command) for command in self.commands])


class Action(Node):
    """A pipeline whose value is printed."""

    __slots__ = ("pipe",)

    def __init__(self, position: int, pipe: Pipe) -> None:
        self.position = position
        self.pipe = pipe

    def __str__(self) -> str:
        return f"{{{{{self.pipe}}}}}"


class Branch(Node):
    """What ``if``, ``with`` and ``range`` share: a pipeline, a body and perhaps another one."""

    __slots__ = ("body", "otherwise", "pipe")
    keyword = ""

    def __init__(self, position: int, pipe: Pipe, body: list[Node], otherwise: list[Node] | None) -> None:
        self.position = position
        self.pipe = pipe
        self.body = body
        self.otherwise = otherwise

    def __str__(self) -> str:
        text = f"{{{{{self.keyword} {self.pipe}}}}}{''.join(map(str, self.body))}"
        if self.otherwise is not None:
            text += "{{else}}" + "".join(map(str, self.otherwise))
        return text + "{{end}}"


class If(Branch):
    """``{{if pipe}}…{{end}}``."""

    __slots__ = ()
    keyword = "if"


class With(Branch):
    """``{{with pipe}}…{{end}}``."""

    __slots__ = ()
    keyword = "with"


class Range(Branch):
    """``{{range pipe}}…{{end}}``."""

    __slots__ = ()
    keyword = "range"


class TemplateCall(Node):
    """``{{template "name" pipe}}``."""

    __slots__ = ("name", "pipe")

    def __init__(self, position: int, name: str, pipe: Pipe | None) -> None:
        self.position = position
        self.name = name
        self.pipe = pipe

    def __str__(self) -> str:
        argument = f" {self.pipe}" if self.pipe is not None else ""
        return f"{{{{template {quote(self.name)}{argument}}}}}"


class Break(Node):
    """``{{break}}``."""

    __slots__ = ()

    def __str__(self) -> str:
        return "{{break}}"


class Continue(Node):
    """``{{continue}}``."""

    __slots__ = ()

    def __str__(self) -> str:
        return "{{continue}}"


class Else(Node):
    """``{{else}}``: ends a list, never part of a tree."""

    __slots__ = ()

    def __str__(self) -> str:
        return "{{else}}"


class End(Node):
    """``{{end}}``: ends a list, never part of a tree."""

    __slots__ = ()

    def __str__(self) -> str:
        return "{{end}}"


class Definition:
    """One named template of a parsed text: the text's own, a ``define`` or a ``block``."""

    __slots__ = ("body", "name")

    def __init__(self, name: str, body: list[Node]) -> None:
        self.name = name
        self.body = body

    @property
    def blank(self) -> bool:
        """Whether it holds nothing but white space (``parse.IsEmptyTree``)."""
        return all(type(node) is Text and not node.text.strip() for node in self.body)
