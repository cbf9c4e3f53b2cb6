"""Lists of nodes → Python statements (the ``walk…`` functions of ``text/template/exec.go``)."""

from __future__ import annotations

import re

from pilothouse.golang.printf import show
from pilothouse.gotemplate import nodes
from pilothouse.gotemplate.codegen.expressions import Expressions
from pilothouse.gotemplate.codegen.values import Value
from pilothouse.gotemplate.codegen.writer import BLOCK, RESULTS, Site
from pilothouse.gotemplate.scope import DUG, Scope, Variable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.gotemplate.codegen.writer import LineTable, Writer

_CONTROL = {
    nodes.If: "branch",
    nodes.With: "branch",
    nodes.Range: "loop",
    nodes.TemplateCall: "template",
    nodes.Break: "leave",
    nodes.Continue: "leave",
}


class Statements:
    """Compiles the body of one template function."""

    def __init__(self, writer: Writer, table: LineTable, scope: Scope, expressions: Expressions) -> None:
        self._writer = writer
        self._table = table
        self._scope = scope
        self._expressions = expressions
        self._loops = 0

    def body(self, body: Sequence[nodes.Node], dot: Value) -> None:
        """The nodes of a list, in order."""
        for node in body:
            kind = type(node)
            if kind is nodes.Text:
                self._writer.text(node.text, node)  # type: ignore[attr-defined]
            elif kind is nodes.Action:
                self.action(node, dot)  # type: ignore[arg-type]
            else:
                getattr(self, _CONTROL[kind])(node, dot)

    def action(self, node: nodes.Action, dot: Value) -> None:
        """``{{pipeline}}``: declares variables or prints."""
        pipe = node.pipe
        if pipe.variables:
            value = self._expressions.pipeline(pipe, dot)
            self._writer.statement(f"({value.python})")
            return
        value = self._expressions.pipeline(pipe, dot)
        if value.is_constant:
            self._writer.text(show(value.constant) if value.constant is not None else "<no value>", node)
        elif value.type == "string":
            self._writer.value(value.python, node)
        else:
            mark = self._table.mark(Site(node))
            printed = f"{mark}_print({value.python})"
            self._writer.value(printed, node)

    def branch(self, node: nodes.Branch, dot: Value) -> None:
        """``if`` and ``with``; an ``else`` with nothing but another of them becomes ``elif``."""
        mark = self._scope.mark()
        writer = self._writer
        header, inner = self.condition(node, dot)
        writer.open(f"if {header}:")
        while True:
            height = self._scope.mark()
            self.block(node.body, inner, node)
            self._scope.release(height)
            otherwise = node.otherwise
            if otherwise is None:
                break
            if len(otherwise) == 1 and isinstance(otherwise[0], (nodes.If, nodes.With)):
                node = otherwise[0]
                header, inner = self.condition(node, dot)
                writer.alternative(f"elif {header}:")
                continue
            if otherwise:
                writer.alternative("else:")
                self.block(otherwise, dot, node)
            break
        writer.close()
        self._scope.release(mark)

    def condition(self, node: nodes.Branch, dot: Value) -> tuple[str, Value]:
        """The condition of an ``if`` or ``with`` in parentheses, and dot for its body."""
        value = self._expressions.pipeline(node.pipe, dot)
        if type(node) is nodes.If:
            return f"({value.python})", dot
        if value.simple and not value.is_constant:
            return value.python, Value(value.python, simple=True)
        inner = self._scope.fresh("d")
        return f"({inner} := {value.python})", Value(inner, kind=value.type, simple=True)

    def loop(self, node: nodes.Range, dot: Value) -> None:
        """``range`` over a list, a map or a number."""
        writer, scope, pipe = self._writer, self._scope, node.pipe
        mark = scope.mark()
        value = self._expressions.pipeline(pipe, dot, declare=False)
        place = self._expressions.at
        container, items = scope.fresh("c"), scope.fresh("s")
        writer.statement(f"{container} = ({value.python})")
        targets = self.loop_variables(pipe, container, with_else=node.otherwise is not None)
        both = len(pipe.variables) > 1
        step = self._table.mark(Site(place))
        writer.statement(f"{items} = ({step}{'_pairs' if both else '_elements'}({container}))")
        if node.otherwise:
            writer.open(f"if {items}:")
        inner = scope.fresh("d")
        key = scope.fresh("k")
        writer.open(f"for {key}, {inner} in {items}:" if both else f"for {inner} in {items}:")
        for target, source in zip(targets, (key, inner) if both else (inner,), strict=False):
            writer.statement(f"{target.python} = {source}")
        height = scope.mark()
        self._loops += 1
        self.block(node.body, Value(inner, known=container, simple=True), node)
        self._loops -= 1
        scope.release(height)
        writer.close()
        for target in targets:
            target.known = DUG
        if node.otherwise:
            writer.alternative("else:")
            self.block(node.otherwise, dot, node)
            writer.close()
        scope.release(mark)

    def loop_variables(self, pipe: nodes.Pipe, container: str, *, with_else: bool) -> list[Variable]:
        """The variables of a ``range``, which at first hold what is ranged over."""
        targets: list[Variable] = []
        for index, node in enumerate(pipe.variables):
            name = node.names[0]
            last = index == len(pipe.variables) - 1
            if pipe.assigns:
                variable = self._scope.find(name)
                if variable is None:
                    failed = self._expressions.failure(f"undefined variable: {name}")
                    self._writer.statement(f"({failed.python})")
                    continue
            else:
                variable = self._scope.declare(name)
            variable.known = container if last else DUG
            if pipe.assigns or with_else:
                self._writer.statement(f"{variable.python} = {container}")
            targets.append(variable)
        return targets

    def template(self, node: nodes.TemplateCall, dot: Value) -> None:
        """``{{template "name" pipeline}}``."""
        mark = self._table.mark(Site(node, invokes="template", target=node.name))
        data = "None" if node.pipe is None else self._expressions.pipeline(node.pipe, dot).python
        self._writer.value(f"{mark}run[{node.name!r}](run, {data})", node)

    def leave(self, node: nodes.Node, dot: Value) -> None:  # noqa: ARG002 - called as all of them are
        """``{{break}}`` and ``{{continue}}``."""
        self._leave("break" if type(node) is nodes.Break else "continue")

    def _leave(self, word: str) -> None:
        if self._loops:
            self._writer.statement(word)
        else:
            # The loop is in the function that this block was split from.
            self._writer.statement(f"return ({word!r}, {RESULTS})")

    # -- blocks ---------------------------------------------------------------------------------------------------

    def block(self, body: Sequence[nodes.Node], dot: Value, node: nodes.Node) -> None:
        """The list inside a block; beyond some depth it becomes a function, since Python nests only twenty blocks."""
        outer = self._writer
        if outer.depth < _DEEPEST or not body:
            self.body(body, dot)
            return
        known, sites = self._scope.count, len(self._table.sites)
        inner = self._writer = outer.split(self._scope.fresh("b"))
        loops, self._loops = self._loops, 0
        self.body(body, dot)
        inner.flush()
        self._writer, self._loops = outer, loops
        used, assigned = _locals(inner.lines, known, self._table.sites[sites:])
        leaves = any(RESULTS in line for line in inner.lines)
        results = "".join([f"{name}, " for name in assigned])
        if leaves or assigned:
            inner.statement(f"return (None, {RESULTS})")
        mark = self._table.mark(Site(node, invokes=BLOCK))
        call = f"({mark}{outer.attach(inner, used, results)})"
        if not leaves and not assigned:
            outer.statement(call)
            return
        outer.statement(f"(left, {results}) = {call}")
        if leaves:
            for word in ("break", "continue"):
                outer.open(f"if left == {word!r}:")
                self._leave(word)
                outer.close()


def _locals(lines: Sequence[str], known: int, sites: Sequence[Site]) -> tuple[list[str], list[str]]:
    """The locals numbered up to ``known`` that a block uses, and those of them that it assigns."""
    used: dict[str, None] = {}
    assigned: dict[str, None] = {}
    chains = [part for site in sites if site.chain is not None for part in (site.chain[0], site.chain[2])]
    for line in (*lines, *chains):
        returned = _RETURNED.match(line)
        if returned is not None:
            assigned.update(dict.fromkeys(name for name in returned[1].split(", ") if name and int(name[1:]) <= known))
        for name, follows in _LOCAL.findall(_LITERAL.sub("''", line)):
            if int(name[1:]) <= known:
                used[name] = None
                if follows:
                    assigned[name] = None
    return list(used), list(assigned)


#: Deeper blocks become functions.
_DEEPEST = 14
_RETURNED = re.compile(r" *\(left, ([^)]*)\) = ")
_LITERAL = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_LOCAL = re.compile(r"\b([cdkpsv][0-9]+)\b( :?= )?")
