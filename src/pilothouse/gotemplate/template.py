"""A set of templates that share functions: parse, define, clone, execute (Go's ``*template.Template``)."""

from __future__ import annotations

import sys

from pilothouse.golang.functions import Function
from pilothouse.golang.kinds import GoValue
from pilothouse.gotemplate import runtime
from pilothouse.gotemplate.builtins import builtins
from pilothouse.gotemplate.errors import ExecutionError, UnknownTemplate
from pilothouse.gotemplate.unit import Options, Unit, compile_unit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

#: Python frames that an execution may stack; a level of templates is one frame.
_STACK = 10_000


def _overflow(name: str) -> str:
    return f"rendering template has a nested reference name: {name}: unable to execute template"


class _Shared:
    """What a set and its clones have in common: functions, options, the namespace of generated code."""

    def __init__(  # noqa: PLR0913
        self,
        functions: Mapping[str, Function],
        missing_key: str,
        delims: tuple[str, str],
        go: str,
        include_limit: int,
        include_overflow: Callable[[str], str],
    ) -> None:
        self.functions = functions
        self.own = builtins(go)
        self.include_limit = include_limit
        self.include_overflow = include_overflow
        self.options = Options(self.is_function, self.find_function, missing_key, delims, go)
        self.units: dict[str, Unit] = {}
        self.namespace = _namespace(missing_key, go)

    def is_function(self, name: str) -> bool:
        """Whether templates can call ``name``."""
        return name in self.functions or name in self.own

    def find_function(self, name: str) -> tuple[Function, bool]:
        """The function called ``name``, and whether it is one of Go's own."""
        if name in self.functions:
            return self.functions[name], False
        return self.own[name], True

    def link(self, unit: Unit) -> dict[str, Callable[..., str]]:
        """Bind the functions that a unit calls, and make its template functions."""
        namespace = self.namespace
        for name, python in unit.functions.items():
            if python not in namespace:
                namespace[python] = self.find_function(name)[0].call
        made: dict[str, Callable[..., str]] = {}
        exec(unit.code, namespace, made)  # noqa: S102 - our own generated code
        self.units[unit.filename] = unit
        return made


def _namespace(missing_key: str, go: str) -> dict[str, GoValue]:
    """The global names of generated code."""
    old = go == "1.22"

    def walk(receiver: GoValue, names: tuple[str, ...], known: GoValue) -> GoValue:
        return runtime.walk(receiver, names, known, missing_key)

    def include(run: Mapping[object, GoValue], name: str, data: GoValue) -> str:
        function = run.get(name)
        if function is None:
            raise UnknownTemplate(name, run[None].name)
        return str(function(run, data))

    return {
        "_fail": runtime.fail,
        "_print": runtime.printed,
        "_field": runtime.field,
        "_walk": walk,
        "_bind": runtime.bind(walk, missing_key),
        "_invoke": runtime.invoke,
        "_literal": runtime.Literal,
        "_include": include,
        "_check": runtime.check,
        "_string": runtime.checker("string"),
        "_check_int": runtime.checker("int"),
        "_check_bool": runtime.checker("bool"),
        "_check_float": runtime.checker("float64"),
        "_check_map": runtime.checker("map[string]interface {}"),
        "_check_list": runtime.checker("[]interface {}"),
        "_elements": runtime.elements_1_22 if old else runtime.elements,
        "_pairs": runtime.pairs_1_22 if old else runtime.pairs,
    }


class Template:
    """A set of templates.

    Args:
        name: Name of the set, as in ``no template "x" associated with template NAME``.
        functions: Functions by name, beside Go's own; read by ``name in functions`` and ``functions[name]`` only.
        missing_key: ``"default"``, ``"zero"`` or ``"error"``; Helm uses ``"zero"``, strict Helm ``"error"``.
        delims: Left and right delimiter.
        go: Version of Go whose rules and texts are followed: ``"1.27"`` or ``"1.22"``.
        include_limit: How often one name may be active in nested calls of functions with the role ``"include"``.
        include_overflow: Makes the error text for a name beyond that limit; Helm's by default.

    Functions with the role ``"include"`` have params ``"string, interface {}"``; the engine executes the template
    itself and never calls their ``call`` (give any callable). Functions with the role ``"context"`` get the running
    ``Template`` as first argument: ``clone()`` it, ``parse()`` and ``execute()`` for ``tpl``.
    """

    __slots__ = ("_blank", "_run", "_shared", "name")

    def __init__(  # noqa: PLR0913
        self,
        name: str,
        functions: Mapping[str, Function],
        *,
        missing_key: str = "default",
        delims: tuple[str, str] = ("{{", "}}"),
        go: str = "1.27",
        include_limit: int = 1000,
        include_overflow: Callable[[str], str] = _overflow,
    ) -> None:
        self.name = name
        self._shared = _Shared(functions, missing_key, delims, go, include_limit, include_overflow)
        self._run: dict[str | None, GoValue] = {None: self}
        self._blank: set[str] = set()

    def parse(self, name: str, text: str) -> None:
        """Parse ``text`` as the template ``name``; its definitions join the set.

        Raises:
            ParseError: The text is no template; the set is then unchanged.
        """
        self._add(compile_unit(name, text, self._shared.options))

    def parse_files(self, files: Iterable[tuple[str, str]]) -> None:
        """Parse many texts, each a name and a text, in order."""
        for name, text in files:
            self.parse(name, text)

    def _add(self, unit: Unit) -> None:
        functions = self._shared.link(unit)
        for name, blank, python in unit.definitions:
            if blank and name in self._run:
                continue
            self._run[name] = functions[python]

    def has(self, name: str) -> bool:
        """Whether the set has a template ``name``."""
        return name in self._run

    def names(self) -> list[str]:
        """The names of all templates in the set."""
        return [name for name in self._run if name is not None]

    def clone(self) -> Template:
        """A set with the same templates, to which more can be added without changing this one."""
        copy = Template.__new__(Template)
        copy.name = self.name
        copy._shared = self._shared
        copy._run = {**self._run, None: copy}
        return copy

    def execute(self, name: str, data: GoValue) -> str:
        """Execute the template ``name`` with ``data`` as dot.

        Raises:
            UnknownTemplate: The set has no such template.
            ExecutionError: It failed.
        """
        function = self._run.get(name)
        if function is None:
            raise UnknownTemplate(name, self.name)
        if sys.getrecursionlimit() < _STACK:
            sys.setrecursionlimit(_STACK)
        try:
            return str(function(self._run, data))
        except Exception as error:
            self._explain(error)

    def _explain(self, error: Exception) -> None:
        from pilothouse.gotemplate.tracebacks import Explainer

        shared = self._shared
        explainer = Explainer(
            shared.units,
            Template.execute.__code__,
            shared.options.missing_key,
            self.name,
            shared.include_limit,
            shared.include_overflow,
        )
        explained: ExecutionError = explainer.explain(error)
        raise explained from error
