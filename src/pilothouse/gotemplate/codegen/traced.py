"""Expressions that tell the recorder which values they read (:mod:`pilothouse.gotemplate.traced`)."""

from __future__ import annotations

from pilothouse.gotemplate import nodes
from pilothouse.gotemplate.codegen.expressions import Expressions
from pilothouse.gotemplate.codegen.values import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class TracedExpressions(Expressions):
    """Compiles expressions for the traced back end."""

    def fields(
        self,
        base: Value,
        names: tuple[str, ...],
        node: nodes.Node,
        arguments: Sequence[nodes.Node],
        final: Value | None,
        dot: Value,
    ) -> Value:
        """Fields of a value, which the recorder hears of together with their value."""
        value = super().fields(base, names, node, arguments, final, dot)
        if arguments or final is not None:
            return value
        owner = base.python if base.simple and not base.is_constant else "None"
        told = f"_saw({str(node)!r}, {owner}, {names!r}, {value.python})"
        return Value(told, kind=value.type, known=value.known)

    def variable(self, node: nodes.Variable, arguments: Sequence[nodes.Node], final: Value | None, dot: Value) -> Value:
        """A variable: the recorder knows what was read when it was set."""
        value = super().variable(node, arguments, final, dot)
        if len(node.names) > 1 or not value.simple or node.names[0] == "$":
            return value
        return Value(f"_var({value.python!r}, {node.names[0]!r}, {value.python})", kind=value.type, known=value.known)

    def bind(self, name: str, value: Value, *, assigns: bool) -> Value:
        """Declare or assign a variable."""
        bound = super().bind(name, value, assigns=assigns)
        variable = self._scope.find(name)
        if variable is None:
            return bound
        return Value(f"_bound({variable.python!r}, {bound.python})", kind=bound.type)

    def simple(self, node: nodes.Node, dot: Value) -> Value:
        """A constant or dot as a command."""
        value = super().simple(node, dot)
        return _dot(value) if type(node) is nodes.Dot else value

    def operand(self, node: nodes.Node, dot: Value) -> Value:
        """The value of an operand."""
        value = super().operand(node, dot)
        return _dot(value) if type(node) is nodes.Dot else value


def _dot(value: Value) -> Value:
    return Value(f"_saw('.', None, (), {value.python})", kind=value.type, known=value.known)
