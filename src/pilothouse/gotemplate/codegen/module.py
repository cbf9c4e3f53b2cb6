"""A parsed text → one Python module: a function for each definition, and the facts that running it needs."""

from __future__ import annotations

from pilothouse.golang.functions import Function
from pilothouse.gotemplate import nodes
from pilothouse.gotemplate.codegen.expressions import Expressions
from pilothouse.gotemplate.codegen.statements import Statements
from pilothouse.gotemplate.codegen.traced import TracedExpressions
from pilothouse.gotemplate.codegen.values import Value
from pilothouse.gotemplate.codegen.writer import FastWriter, LineTable, TracedWriter, Writer
from pilothouse.gotemplate.scope import Scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Module:
    """Generated source and what belongs to it.

    Attributes:
        source: The Python source.
        table: Which template node each of its lines stands for.
        functions: The template functions it calls, and under which Python name.
    """

    __slots__ = ("functions", "source", "table")

    def __init__(self, source: str, table: LineTable, functions: dict[str, str]) -> None:
        self.source = source
        self.table = table
        self.functions = functions


def generate(
    definitions: Sequence[nodes.Definition],
    find_function: Callable[[str], tuple[Function, bool]],
    missing_key: str,
    *,
    traced: bool = False,
) -> Module:
    """The Python module for the definitions of one text; the function of the first is ``t0``, and so on.

    Args:
        definitions: The definitions.
        find_function: Finds the template functions.
        missing_key: The option of that name.
        traced: Whether the code tells a recorder what it does.
    """
    lines: list[str] = []
    table = LineTable()
    functions: dict[str, str] = {}

    def python_name(name: str) -> str:
        known = functions.get(name)
        if known is None:
            known = functions[name] = f"f_{name}" if name.isascii() else f"f_x{name.encode().hex()}"
        return known

    for number, definition in enumerate(definitions):
        writer: Writer = (TracedWriter if traced else FastWriter)(table, f"t{number}")
        scope = Scope("dot")
        kind = TracedExpressions if traced else Expressions
        expressions = kind(table, scope, find_function, python_name, missing_key)
        Statements(writer, table, scope, expressions).body(definition.body, Value("dot", simple=True))
        writer.finish()
        writer.write_to(lines)
    return Module("\n".join(lines) + "\n", table, functions)
