"""A set of templates that share functions: parse, define, clone, execute (Go's ``*template.Template``)."""

from __future__ import annotations

import sys

from pilothouse.golang.functions import Function
from pilothouse.golang.kinds import GoValue
from pilothouse.golang.printf import sprintf
from pilothouse.gotemplate import runtime
from pilothouse.gotemplate.builtins import builtins
from pilothouse.gotemplate.errors import ExecutionError, UnknownTemplate
from pilothouse.gotemplate.unit import MEMORY, Options, Unit, make_unit

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import NoReturn

    from pilothouse.gotemplate.cache import CompileCache

#: Python frames that an execution may stack; a level of templates is one frame.
_STACK = 10_000


def _overflow(name: str) -> str:
    return f"rendering template has a nested reference name: {name}: unable to execute template"


class _Shared:
    """What a set and its clones have in common: functions, options, the namespace of generated code."""

    def __init__(
        self,
        functions: Mapping[str, Function],
        missing_key: str,
        delims: tuple[str, str],
        go: str,
        cache: CompileCache | None,
        include_limit: int,
        include_overflow: Callable[[str], str],
    ) -> None:
        self.functions = functions
        self.cache = cache
        self.own = builtins(go)
        self.include_limit = include_limit
        self.include_overflow = include_overflow
        self.options = Options(self.is_function, self.find_function, missing_key, delims, go)
        self.options_key = self.options.key
        self.units: dict[str, Unit] = {}
        self.kept: tuple[str, list[Unit], int] | None = None
        self.linked: dict[Unit, dict[str, Callable[..., str]]] = {}
        self.namespace = _namespace(missing_key, go)

    def is_function(self, name: str) -> bool:
        """Whether templates can call ``name``."""
        return name in self.functions or name in self.own

    def find_function(self, name: str) -> tuple[Function, bool]:
        """The function called ``name``, and whether it is one of Go's own."""
        if name in self.functions:
            return self.functions[name], False
        return self.own[name], True

    def unit(self, name: str, text: str, twins: dict[str, Unit] | None = None) -> Unit:
        """The unit of a text: from this process's memory, or parsed now."""
        key = (name, text, self.options_key)
        unit = MEMORY.find(key)
        if unit is None or not self.fits(unit):
            unit = make_unit(name, text, self.options, twins)
            MEMORY.keep(key, unit)
        return unit

    def fits(self, unit: Unit) -> bool:
        """Whether the functions that a unit calls are still what they were when it was compiled."""
        functions, own = self.functions, self.own
        if not unit.compiled:
            return all(name in functions or name in own for name, *_ in unit.functions)
        for name, _, signature, builtin in unit.functions:
            if builtin:
                if name in functions or own[name].signature != signature:
                    return False
            elif name not in functions or functions[name].signature != signature:
                return False
        return True

    def link(self, unit: Unit) -> dict[str, Callable[..., str]]:
        """Bind the functions that a unit calls, and make its template functions."""
        made = self.linked.get(unit)
        if made is None:
            namespace = self.namespace
            code = unit.code(self.options)
            for name, python, _, builtin in unit.functions:
                if python not in namespace:
                    namespace[python] = (self.own if builtin else self.functions)[name].call
            made = self.linked[unit] = {}
            exec(code, namespace, made)  # noqa: S102 - our own generated code
            self.units[unit.filename] = unit
        return made

    def entry(self, unit: Unit, name: str, python: str) -> Callable[..., str]:
        """A template function that links its unit when it is called first, and then takes itself out of the way."""

        def first_call(run: dict[str | None, GoValue], dot: GoValue) -> str:
            function = self.link(unit)[python]
            if run.get(name) is first_call:
                run[name] = function
            return function(run, dot)

        return first_call


def _namespace(missing_key: str, go: str) -> dict[str, GoValue]:
    """The global names of generated code."""
    old = go == "1.22"

    def walk(receiver: GoValue, names: tuple[str, ...], known: GoValue) -> GoValue:
        return runtime.walk(receiver, names, known, missing_key)[0]

    def inside(receiver: GoValue, names: tuple[str, ...], known: GoValue) -> bool:
        return runtime.walk(receiver, names, known, missing_key)[1]

    def include(run: Mapping[object, GoValue], name: str, data: GoValue) -> str:
        function = run.get(name)
        if function is None:
            raise UnknownTemplate(name, run[None].name)
        return str(function(run, data))

    return {
        "_fail": runtime.fail,
        "_print": runtime.printed,
        "_format": sprintf,
        "_field": runtime.field,
        "_walk": walk,
        "_inside": inside,
        "_bind": runtime.bind(missing_key),
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
        cache: Where compiled code is kept between processes.
        include_limit: How often one name may be active in nested calls of functions with the role ``"include"``.
        include_overflow: Makes the error text for a name beyond that limit; Helm's by default.

    Functions with the role ``"include"`` have params ``"string, interface {}"``; the engine executes the template
    itself and never calls their ``call`` (give any callable). Functions with the role ``"context"`` get the running
    ``Template`` as first argument: ``clone()`` it, ``parse()`` and ``execute()`` for ``tpl``.
    """

    __slots__ = ("_run", "_shared", "name")

    def __init__(
        self,
        name: str,
        functions: Mapping[str, Function],
        *,
        missing_key: str = "default",
        delims: tuple[str, str] = ("{{", "}}"),
        go: str = "1.27",
        cache: CompileCache | None = None,
        include_limit: int = 1000,
        include_overflow: Callable[[str], str] = _overflow,
    ) -> None:
        self.name = name
        self._shared = _Shared(functions, missing_key, delims, go, cache, include_limit, include_overflow)
        self._run: dict[str | None, GoValue] = {None: self}

    def parse(self, name: str, text: str) -> None:
        """Parse ``text`` as the template ``name``; its definitions join the set.

        Raises:
            ParseError: The text is no template; the set is then unchanged.
        """
        self._add(self._shared.unit(name, text))

    def parse_files(self, files: Iterable[tuple[str, str]]) -> None:
        """Parse many texts, each a name and a text, in order; with a cache, warm ones cost one file read.

        Raises:
            ParseError: One of them is no template; those before it are in the set.
        """
        shared = self._shared
        wanted = list(files)
        cache = shared.cache
        if cache is None or all(MEMORY.find((name, text, shared.options_key)) is not None for name, text in wanted):
            twins: dict[str, Unit] = {}
            for name, text in wanted:
                self._add(shared.unit(name, text, twins))
            return
        key = cache.key(wanted, shared.options)
        units = cache.load(key, wanted)
        if units is None or not all(shared.fits(unit) for unit in units):
            units, twins = [], {}
            for name, text in wanted:
                units.append(shared.unit(name, text, twins))
                self._add(units[-1])
        else:
            for unit in units:
                MEMORY.keep((unit.name, unit.text, shared.options_key), unit)
                self._add(unit)
        shared.kept = key, units, sum(unit.compiled for unit in units)

    def save(self) -> None:
        """Keep in the cache what has been compiled since ``parse_files``; call it after the last execution."""
        shared = self._shared
        if shared.kept is None or shared.cache is None:
            return
        key, units, before = shared.kept
        compiled = sum(unit.compiled for unit in units)
        if compiled > before:
            shared.cache.store(key, units)
            shared.kept = key, units, compiled

    def _add(self, unit: Unit) -> None:
        entry = self._shared.entry
        for name, blank, python in unit.definitions:
            if not blank or name not in self._run:
                self._run[name] = entry(unit, name, python)

    def has(self, name: str) -> bool:
        """Whether the set has a template ``name``."""
        return name in self._run

    def names(self) -> list[str]:
        """The names of all templates in the set."""
        return [name for name in self._run if name is not None]

    def clone(self) -> Template:
        """A set with the same templates, to which more can be added without changing this one."""
        copy = Template.__new__(Template)
        copy._share(self.name, self._shared, self._run)  # noqa: SLF001 - it is one of us
        return copy

    def _share(self, name: str, shared: _Shared, run: Mapping[str | None, GoValue]) -> None:
        self.name = name
        self._shared = shared
        self._run = {**run, None: self}

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
        except Exception as error:  # noqa: BLE001 - whatever a function raised is explained
            self._explain(error)

    def _explain(self, error: Exception) -> NoReturn:
        from pilothouse.gotemplate.tracebacks import Explainer

        self.save()
        shared = self._shared
        explainer = Explainer(
            shared.units,
            Template.execute.__code__,
            shared.options,
            self.name,
            shared.include_limit,
            shared.include_overflow,
        )
        explained: ExecutionError = explainer.explain(error)
        raise explained from error
