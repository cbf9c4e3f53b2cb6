"""A Python exception in generated code → the template nodes it happened at → Go's words."""

from __future__ import annotations

import sys

from pilothouse.errors import PilothouseError
from pilothouse.golang.functions import FunctionError
from pilothouse.gotemplate.codegen.writer import BLOCK, Site
from pilothouse.gotemplate.errors import ExecutionError, Level, UnknownTemplate
from pilothouse.gotemplate.nodes import Dot, Node, Variable
from pilothouse.gotemplate.runtime import ArgumentError, MethodError, TooManyResults, walk

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import CodeType, FrameType

    from pilothouse.golang.kinds import GoValue
    from pilothouse.gotemplate.unit import Options, Unit

_MAX_DEPTH = 100_000


class Activation:
    """One template function that was running when the error happened."""

    __slots__ = ("frame", "site", "unit")

    def __init__(self, unit: Unit, site: Site | None, frame: FrameType) -> None:
        self.unit = unit
        self.site = site
        self.frame = frame

    def level(self, node: Node, cause: str, function: str = "") -> Level:
        """This activation as a level of the error."""
        line, column = self.unit.source.position(node.position)
        return Level(
            template=self.unit.source.name,
            line=line,
            column=column,
            executing=self.unit.name,
            node=str(node),
            cause=cause,
            function=function,
        )


class _Fault:
    """What failed innermost: the node, the text, the function called, and what that raised."""

    __slots__ = ("cause", "error", "function", "node")

    def __init__(self, node: Node, cause: str, function: str = "", error: BaseException | None = None) -> None:
        self.node = node
        self.cause = cause
        self.function = function
        self.error = error


class Explainer:
    """Turns what generated code raised into an :class:`ExecutionError`.

    Args:
        units: Units by the file name of their code.
        execute: Code object of the method whose nested calls end the part that belongs to this execution.
        options: How the set compiles its texts.
        set_name: Name of the set, for templates that are not in it.
        include_limit: How often one name may be active in ``include``.
        include_overflow: The text for a name beyond that.
    """

    def __init__(
        self,
        units: Mapping[str, Unit],
        execute: CodeType,
        options: Options,
        set_name: str,
        include_limit: int,
        include_overflow: Callable[[str], str],
    ) -> None:
        self._units = units
        self._execute = execute
        self._options = options
        self._set_name = set_name
        self._include_limit = include_limit
        self._include_overflow = include_overflow

    def explain(self, error: BaseException) -> ExecutionError:
        """The error with Go's text and levels."""
        chain = self._activations(error)
        overflow = ""
        if isinstance(error, RecursionError):
            chain, overflow = self._shortened(chain, error)
        if not chain:
            raise error
        self._show_sources(chain)
        levels: list[Level] = []
        for activation in chain[:-1]:
            site = activation.site
            if site is not None and site.invokes == "include":
                levels.append(activation.level(site.node, f"error calling {site.function}: ", site.function))
        last = chain[-1]
        if isinstance(error, ExecutionError) and last.site is not None:
            site = last.site
            levels.append(last.level(site.node, f"error calling {site.function}: ", site.function))
            return ExecutionError((*levels, *error.levels), error.error)
        fault = self._fault(last, error, overflow)
        levels.append(last.level(fault.node, fault.cause, fault.function))
        return ExecutionError(tuple(levels), fault.error)

    def _activations(self, error: BaseException) -> list[Activation]:
        """The template functions in the traceback, from the outermost, up to a nested execution."""
        chain: list[Activation] = []
        traceback = error.__traceback__
        first = True
        while traceback is not None:
            frame = traceback.tb_frame
            code = frame.f_code
            if code is self._execute and not first:
                break
            first = False
            unit = self._units.get(code.co_filename)
            if unit is not None:
                self._add(chain, unit, traceback.tb_lineno, frame)
            traceback = traceback.tb_next
        return chain

    def _add(self, chain: list[Activation], unit: Unit, line: int, frame: FrameType) -> None:
        """Add a running function to a chain, unless it runs a block that was split off from it."""
        site = unit.table(self._options).at(line)
        if site is None or site.invokes != BLOCK:
            chain.append(Activation(unit, site, frame))

    def _show_sources(self, chain: list[Activation]) -> None:
        """Let debuggers and Python's tracebacks show the generated source, if anything here prints them at all."""
        lines = sys.modules.get("linecache")
        if lines is not None:
            for unit in {activation.unit for activation in chain}:
                if unit.filename not in lines.cache:
                    source = unit.python(self._options)
                    lines.cache[unit.filename] = (len(source), None, source.splitlines(keepends=True), unit.filename)

    def _outer(self, error: BaseException) -> list[Activation]:
        """The template functions around this execution, from the outermost: ``tpl`` executes inside another one."""
        chain: list[Activation] = []
        traceback = error.__traceback__
        frame = None if traceback is None else traceback.tb_frame.f_back
        while frame is not None:
            unit = self._units.get(frame.f_code.co_filename)
            if unit is not None:
                self._add(chain, unit, frame.f_lineno, frame)
            frame = frame.f_back
        return chain[::-1]

    def _shortened(self, chain: list[Activation], error: RecursionError) -> tuple[list[Activation], str]:
        """A chain that ran out of stack, cut where Helm's count of one name ends it; and the text for that."""
        outer = self._outer(error)
        whole = outer + chain
        counts: dict[str, int] = {}
        for number, activation in enumerate(whole):
            site = activation.site
            if site is None or site.invokes != "include":
                continue
            name = site.target or (whole[number + 1].unit.name if number + 1 < len(whole) else "")
            counts[name] = counts.get(name, 0) + 1
            if counts[name] > self._include_limit + 1:
                if number < len(outer):
                    raise error
                return chain[: number - len(outer) + 1], self._include_overflow(name)
        for number in range(len(chain) - 1, -1, -1):
            site = chain[number].site
            if site is not None and site.invokes:
                text = self._include_overflow(max(counts, key=lambda name: counts[name])) if counts else ""
                return chain[: number + 1], text
        return chain, ""

    def _fault(  # noqa: PLR0911 - one case for each kind of failure
        self, last: Activation, error: BaseException, overflow: str
    ) -> _Fault:
        """The innermost failure."""
        site = last.site
        if site is None:
            return _Fault(Dot(0), self._text(error))
        if isinstance(error, UnboundLocalError):
            return self._unset(last, site, error)
        if isinstance(error, RecursionError):
            return _exhausted(site, overflow)
        if site.chain is not None and isinstance(error, AttributeError):
            return _Fault(site.node, self._chain(last, site.chain))
        if isinstance(error, KeyError) and site.invokes:
            return self._unknown(site)
        if isinstance(error, ArgumentError) and error.index < len(site.arguments):
            return _Fault(site.arguments[error.index], error.message)
        text = self._text(error)
        if site.function:
            return _Fault(site.node, f"error calling {site.function}: {text}", site.function, error)
        return _Fault(site.node, text, error=error.error if isinstance(error, MethodError) else None)

    def _text(self, error: BaseException) -> str:
        if isinstance(error, TooManyResults) and self._options.go == "1.22":
            return error.older
        return error.message if isinstance(error, PilothouseError) else _foreign(error)

    def _unset(self, last: Activation, site: Site, error: UnboundLocalError) -> _Fault:
        """A variable declared in an operand of ``and`` or ``or`` that was never evaluated."""
        variables = last.unit.table(self._options).variables
        for python, name in variables.items():
            if f"'{python}'" in str(error):
                return _Fault(Variable(site.node.position, (name,)), f"undefined variable: {name}")
        return _Fault(site.node, _foreign(error))

    def _unknown(self, site: Site) -> _Fault:
        if site.invokes == "template":
            from pilothouse.golang.quoting import quote

            return _Fault(site.node, f"template {quote(site.target or '')} not defined")
        error = UnknownTemplate(site.target or "", self._set_name)
        return _Fault(site.node, f"error calling {site.function}: {error}", site.function, error)

    def _chain(self, last: Activation, chain: tuple[str, tuple[str, ...], str]) -> str:
        """Why a chain of fields failed: walked again, with Go's checks at every step."""
        base, names, known = chain
        values = last.frame.f_locals
        inside: GoValue = {"True": True, "False": False}.get(known)
        if inside is None:
            inside = values[known]
        try:
            walk(values[base], names, inside, self._options.missing_key)
        except FunctionError as error:
            return self._text(error)
        return f"can't evaluate field {names[-1]}"


def _exhausted(site: Site, overflow: str) -> _Fault:
    """The failure of templates that call each other without end."""
    if site.invokes == "template":
        return _Fault(site.node, f"exceeded maximum template depth ({_MAX_DEPTH})")
    text = overflow if site.invokes else "nested too deeply"
    prefix = f"error calling {site.function}: " if site.function else ""
    return _Fault(site.node, prefix + text, site.function, FunctionError(text))


def _foreign(error: BaseException) -> str:
    """The text for an exception that is no error of ours: a fault in a function."""
    text = str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
