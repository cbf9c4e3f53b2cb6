"""Pipelines, commands and operands → Python expressions (the ``eval…`` functions of ``text/template/exec.go``)."""

from __future__ import annotations

from pilothouse.golang.functions import Function, FunctionError
from pilothouse.golang.kinds import GoValue
from pilothouse.gotemplate import nodes
from pilothouse.gotemplate.codegen.values import Value, constant, simple_format
from pilothouse.gotemplate.codegen.writer import LineTable, Site
from pilothouse.gotemplate.constants import literal
from pilothouse.gotemplate.runtime import FREE_TYPES
from pilothouse.gotemplate.scope import DUG, INTERFACE, Scope

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_CHECKS = {
    "string": "_string",
    "int": "_check_int",
    "bool": "_check_bool",
    "float64": "_check_float",
    "map[string]interface {}": "_check_map",
    "[]interface {}": "_check_list",
}
_CONSTANTS = frozenset({nodes.Bool, nodes.Nil, nodes.Number, nodes.String})
#: Longer pipelines are laid out flat, since Python nests parentheses at most 200 deep.
_LONG_PIPE = 12


class Expressions:
    """Compiles the expressions of one template function.

    ``at`` is the node that Go's execution would be at (``state.at``): the place of errors that have none of their own.
    """

    def __init__(
        self,
        table: LineTable,
        scope: Scope,
        find_function: Callable[[str], tuple[Function, bool]],
        python_name: Callable[[str], str],
        missing_key: str,
    ) -> None:
        self._table = table
        self._scope = scope
        self._find_function = find_function
        self._python_name = python_name
        self._missing_key = missing_key
        self.at: nodes.Node = nodes.Dot(0)

    def mark(self, node: nodes.Node | None = None, **facts: GoValue) -> str:
        """A mark for an operation at ``node``, or where the execution is."""
        return self._table.mark(Site(node if node is not None else self.at, **facts))

    def failure(self, message: str, node: nodes.Node | None = None) -> Value:
        """An expression that fails with ``message``."""
        return Value(f"{self.mark(node)}_fail({message!r})")

    # -- pipelines ------------------------------------------------------------------------------------------------

    def pipeline(self, pipe: nodes.Pipe, dot: Value, *, declare: bool = True) -> Value:
        """The value of a pipeline (``evalPipeline``); with ``declare``, variables are set inside the expression."""
        self.at = pipe
        value: Value | None = None
        stages: list[str] = []
        for command in pipe.commands:
            if value is not None and not value.simple and len(pipe.commands) > _LONG_PIPE:
                held = self._scope.fresh("p")
                stages.append(f"({held} := {value.python})")
                value = Value(held, kind=value.type, simple=True)
            value = self.command(command, dot, value)
            if value.known != DUG:
                value = Value(value.python, kind=value.type, simple=value.simple, constant=value.constant)
        assert value is not None
        if stages:
            value = Value(f"({', '.join(stages)}, {value.python})[-1]", kind=value.type)
        if declare:
            for variable in pipe.variables:
                value = self.bind(variable.names[0], value, assigns=pipe.assigns)
        return value

    def bind(self, name: str, value: Value, *, assigns: bool) -> Value:
        """Declare or assign a variable inside an expression."""
        if assigns:
            variable = self._scope.find(name)
            if variable is None:
                failed = self.failure(f"undefined variable: {name}")
                return Value(f"({value.python}, {failed.python})[0]")
            variable.known = DUG
        else:
            variable = self._scope.declare(name)
            self._table.variables[variable.python] = name
        return Value(f"({variable.python} := {value.python})", kind=value.type)

    def command(self, command: nodes.Command, dot: Value, final: Value | None) -> Value:
        """The value of one stage (``evalCommand``)."""
        first = command.arguments[0]
        kind = type(first)
        if kind is nodes.Identifier:
            return self.call(first, command, command.arguments[1:], final, dot)  # type: ignore[arg-type]
        if kind is nodes.Pipe:
            refused = self.refused(command.arguments, final)
            return refused or self.pipeline(first, dot)  # type: ignore[arg-type]
        self.at = first
        if kind is nodes.Field:
            return self.fields(dot, first.names, first, command.arguments[1:], final, dot)  # type: ignore[attr-defined]
        if kind is nodes.Chain:
            base = self.operand(first.node, dot)  # type: ignore[attr-defined]
            return self.fields(base, first.names, first, command.arguments[1:], final, dot)  # type: ignore[attr-defined]
        if kind is nodes.Variable:
            return self.variable(first, command.arguments, final, dot)  # type: ignore[arg-type]
        refused = self.refused(command.arguments, final)
        return refused or self.simple(first, dot)

    def refused(self, arguments: Sequence[nodes.Node], final: Value | None) -> Value | None:
        """A failure if something that is no function has arguments (``notAFunction``)."""
        if len(arguments) > 1 or final is not None:
            failed = self.failure(f"can't give argument to non-function {arguments[0]}")
            return failed if final is None else _after(final, failed)
        return None

    def simple(self, node: nodes.Node, dot: Value) -> Value:
        """A constant or dot as a command."""
        if type(node) is nodes.Dot:
            return dot
        if type(node) is nodes.Nil:
            return self.failure("nil is not a command")
        return self.literal(node)

    def literal(self, node: nodes.Node, kind: str = "interface {}") -> Value:
        """A constant as a value of type ``kind``, or of the type that its syntax tells (``evalArg``)."""
        try:
            return constant(literal(node).as_type(kind))
        except FunctionError as error:
            return self.failure(error.message)

    def variable(self, node: nodes.Variable, arguments: Sequence[nodes.Node], final: Value | None, dot: Value) -> Value:
        """A variable, perhaps with fields (``evalVariableNode``)."""
        self.at = node
        found = self._scope.find(node.names[0])
        if found is None:
            return self.failure(f"undefined variable: {node.names[0]}")
        value = Value(found.python, known=found.known, simple=True)
        if len(node.names) == 1:
            return self.refused(arguments or [node], final) or value
        return self.fields(value, node.names[1:], node, arguments[1:], final, dot)

    def operand(self, node: nodes.Node, dot: Value) -> Value:  # noqa: PLR0911 - one case for each kind of node
        """The value of an operand whose type nothing prescribes (``evalArg`` without a type)."""
        self.at = node
        if type(node) is nodes.Dot:
            return dot
        if type(node) is nodes.Field:
            return self.fields(dot, node.names, node, (), None, dot)
        if type(node) is nodes.Variable:
            return self.variable(node, (), None, dot)
        if type(node) is nodes.Pipe:
            return self.pipeline(node, dot)
        if type(node) is nodes.Identifier:
            return self.call(node, node, (), None, dot)
        if type(node) is nodes.Chain:
            return self.fields(self.operand(node.node, dot), node.names, node, (), None, dot)
        return self.literal(node)

    # -- fields ---------------------------------------------------------------------------------------------------

    def fields(
        self,
        base: Value,
        names: tuple[str, ...],
        node: nodes.Node,
        arguments: Sequence[nodes.Node],
        final: Value | None,
        dot: Value,
    ) -> Value:
        """Fields of a value; the last one may be a method with arguments (``evalFieldChain``)."""
        if arguments or final is not None:
            return self.method(base, names, node, arguments, final, dot)
        if base.known != DUG:
            known = INTERFACE
        elif base.is_constant:
            known = INTERFACE if base.constant is not None else DUG
        elif base.simple:
            known = f"({base.python} is not None)"
        else:
            held = self._scope.fresh("p")
            base = Value(f"({held} := {base.python})")
            known = f"({held} is not None)"
        if self._missing_key != "zero" or not base.simple or base.is_constant:
            walked = f"({base.python}, {names!r}, {base.known})"
            if base.simple and self._missing_key != "zero":
                known = f"_inside{walked}"
            return Value(f"{self.mark()}_walk{walked}", known=known)
        mark = self.mark(chain=(base.python, names, base.known))
        python = base.python
        for name in names:
            python = f"_field({python}, {name!r})" if name[0].isupper() else f"{python}.get({name!r})"
        if base.known == DUG:
            return Value(f"(None if {base.python} is None else {mark}{python})", known=known)
        return Value(mark + python, known=known)

    def method(
        self,
        base: Value,
        names: tuple[str, ...],
        node: nodes.Node,
        arguments: Sequence[nodes.Node],
        final: Value | None,
        dot: Value,
    ) -> Value:
        """A method with arguments: bound at run time, since only then its receiver is known."""
        count = len(arguments) + (final is not None)
        held = final
        if final is not None and not final.simple:
            held = Value(self._scope.fresh("p"), simple=True)
        mark = self.mark()
        bound = f"_bind({base.python}, {names!r}, {base.known}, {count})"
        values: list[Value] = []
        places: list[nodes.Node] = []
        for argument in arguments:
            self.at = argument
            values.append(self.unconverted(argument, dot))
            places.append(self.at)
        if held is not None:
            values.append(held)
            places.append(self.at)
        call = self.mark(node, arguments=tuple(places))
        known = "".join([f"{value.known}, " for value in values])
        shown = "".join([f", {value.python}" for value in values])
        return _with_held(held, final, Value(f"{call}_invoke({mark}{bound}, ({known}){shown})"))

    def unconverted(self, node: nodes.Node, dot: Value) -> Value:
        """An argument of a method: constants keep their text, since the parameter's type decides what they are."""
        if type(node) not in _CONSTANTS:
            return self.operand(node, dot)
        made = literal(node)
        if not made.facts:
            return Value(f"_literal({made.text!r}, {made.value!r})")
        return Value(f"_literal({made.text!r}, {_plain(made.value)}, {_plain(made.facts)})")

    # -- functions ------------------------------------------------------------------------------------------------

    def call(
        self,
        identifier: nodes.Identifier,
        node: nodes.Node,
        arguments: Sequence[nodes.Node],
        final: Value | None,
        dot: Value,
    ) -> Value:
        """A call of a function of the set (``evalFunction``, ``evalCall``)."""
        self.at = identifier
        name = identifier.name
        function, builtin = self._find_function(name)
        count = len(arguments) + (final is not None)
        wrong = _wrong_count(name, function, count, len(arguments))
        if wrong:
            failed = self.failure(wrong)
            return failed if final is None else _after(final, failed)
        if builtin and name in ("and", "or"):
            return self.short_circuit(name, arguments, final, dot)
        held = final
        values = [self.argument(argument, _parameter(function, index), dot) for index, argument in enumerate(arguments)]
        if final is not None:
            if not final.simple and not all(value.simple for value in values):
                held = Value(self._scope.fresh("p"), kind=final.type, simple=True)
            assert held is not None
            values.append(self.checked(held, _parameter(function, count - 1)))
        return _with_held(held, final, self.called(name, function, node, values, arguments, builtin=builtin))

    def called(
        self,
        name: str,
        function: Function,
        node: nodes.Node,
        values: list[Value],
        arguments: Sequence[nodes.Node],
        *,
        builtin: bool,
    ) -> Value:
        """The call itself, with checked arguments."""
        if function.role == "include":
            return self.included(name, node, values)
        if builtin and name == "not":
            return Value(f"(not {values[0].python})", kind="bool")
        if builtin and name == "call":
            callee = str(arguments[0]) if arguments else "?"
            values = [constant(callee), *values]
        if builtin and name == "len":
            values = [*values, Value(values[0].known)]
        python = self._python_name(name)
        shown = [value.python for value in values]
        if function.role == "context":
            shown.insert(0, "run[None]")
        if builtin and name == "eq" and len(values) == 2:
            return self.equality(python, node, values)
        if builtin and name == "printf" and values[0].is_constant:
            parts = simple_format(values[0].constant, len(values) - 1)
            if parts is not None:
                return self.formatted(parts, values[1:], node)
        if not shown:
            return Value(f"{self.mark(node, function=name)}{python}()", kind=function.result)
        return Value(f"{self.mark(node, function=name)}{python}({', '.join(shown)})", kind=function.result)

    def equality(self, python: str, node: nodes.Node, values: list[Value]) -> Value:
        """``eq`` of two values; strings are compared in place."""
        left, right = values
        mark = self.mark(node, function="eq")
        if right.type == "string" and right.is_constant and left.type != "string":
            test = f"(t == {right.python} if type(t := {left.python}) is str else {mark}{python}(t, {right.python}))"
            return Value(test, kind="bool")
        return Value(f"{mark}{python}({left.python}, {right.python})", kind="bool")

    def formatted(self, parts: Sequence[str], values: Sequence[Value], node: nodes.Node) -> Value:
        """``printf`` whose format is known and simple: a join of texts and operands."""
        shown: list[str] = []
        for number, part in enumerate(parts):
            if number % 2 == 0:
                if part:
                    shown.append(repr(part))
                continue
            value = values[number // 2]
            mark = self.mark(node, function="printf")
            if part == "d":
                shown.append(f"{mark}_format('%d', {value.python})")
            elif value.type == "string":
                shown.append(value.python)
            else:
                shown.append(f"(t if type(t := {value.python}) is str else {mark}_format('%{part}', t))")
        if len(shown) == 1:
            return Value(shown[0], kind="string")
        return Value(f"_join(({', '.join(shown)}))" if shown else '""', kind="string")

    def included(self, name: str, node: nodes.Node, values: list[Value]) -> Value:
        """A direct call of the compiled template."""
        target, data = values
        known = target.constant if target.is_constant else None
        mark = self.mark(node, function=name, invokes="include", target=known)
        if known is not None:
            return Value(f"{mark}run[{known!r}](run, {data.python})", kind="string")
        return Value(f"{mark}_include(run, {target.python}, {data.python})", kind="string")

    def short_circuit(self, name: str, arguments: Sequence[nodes.Node], final: Value | None, dot: Value) -> Value:
        """``and`` and ``or``: Python's own, since truth is the same."""
        held = final
        values = [self.operand(argument, dot) for argument in arguments]
        if final is not None:
            if values and not final.simple:
                held = Value(self._scope.fresh("p"), simple=True)
            assert held is not None
            values.append(held)
        if len(values) == 1:
            return Value(values[0].python, kind=values[0].type)
        kind = values[0].type if len({value.type for value in values}) == 1 else ""
        return _with_held(held, final, Value(f"({f' {name} '.join([value.python for value in values])})", kind=kind))

    # -- arguments ------------------------------------------------------------------------------------------------

    def argument(self, node: nodes.Node, kind: str, dot: Value) -> Value:
        """An argument for a parameter of type ``kind`` (``evalArg``)."""
        self.at = node
        if type(node) in _CONSTANTS:
            return self.literal(node, kind)
        return self.checked(self.operand(node, dot), kind)

    def checked(self, value: Value, kind: str) -> Value:
        """A value that is checked against the type of its parameter (``validateType``)."""
        if kind in FREE_TYPES or value.type == kind:
            return value
        mark = self.mark()
        check = _CHECKS.get(kind)
        if check is None:
            return Value(f"{mark}_check({value.python}, {kind!r}, {value.known})", kind=kind)
        return Value(f"{mark}{check}({value.python}, {value.known})", kind=kind)


def _plain(value: GoValue) -> str:
    text = repr(value)
    return text.replace("inf", "float('inf')") if "inf" in text else text


def _with_held(held: Value | None, final: Value | None, made: Value) -> Value:
    """``made``, before which the value of the stage before is put into the local that stands for it there, if any."""
    if held is None or final is None or held is final:
        return made
    return Value(f"(({held.python} := {final.python}), {made.python})[1]", kind=made.type)


def _after(final: Value, failed: Value) -> Value:
    """``failed``, but after the value before it has been computed."""
    if final.simple:
        return failed
    return Value(f"({final.python}, {failed.python})[1]")


def _parameter(function: Function, index: int) -> str:
    return function.params[index] if index < len(function.params) else function.variadic


def _wrong_count(name: str, function: Function, count: int, explicit: int) -> str:
    fixed = len(function.params)
    if function.variadic:
        if count < fixed:
            return f"wrong number of args for {name}: want at least {fixed} got {explicit}"
        return ""
    return "" if count == fixed else f"wrong number of args for {name}: want {fixed} got {count}"
