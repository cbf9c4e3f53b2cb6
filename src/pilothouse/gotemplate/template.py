"""A set of templates that share functions: parse, define, clone, execute (Go's ``*template.Template``)."""

from __future__ import annotations

import gc
import sys

from pilothouse.golang.functions import Function
from pilothouse.golang.kinds import GoValue
from pilothouse.golang.printf import sprintf
from pilothouse.gotemplate import runtime
from pilothouse.gotemplate.builtins import builtins
from pilothouse.gotemplate.errors import ExecutionError, UnknownTemplate
from pilothouse.gotemplate.limits import Limits, Meter
from pilothouse.gotemplate.unit import MEMORY, Kept, Options, Source, Unit, read_source

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import NoReturn

    from pilothouse.gotemplate.cache import CompileCache
    from pilothouse.gotemplate.traced import TracedOutput

#: Python frames that an execution may stack; a level of templates is one frame.
_STACK = 10_000
#: How deep clones may be executed inside of one another, as ``tpl`` does; ``include`` has its own, lower limit.
_DEEPEST_CLONE = 1_010
#: Characters of text that the cache keeps of what the templates of one set have parsed; beyond it, only the last run's.
_MOST_LATER = 4_000_000


def _overflow(name: str) -> str:
    return f"rendering template has a nested reference name: {name}: unable to execute template"


def _nothing(_text: str) -> bool:
    return False


class _Shared:
    """What a set and its clones have in common: functions, options, the namespace of generated code."""

    def __init__(  # noqa: PLR0913 - each is an option of its own
        self,
        functions: Mapping[str, Function],
        missing_key: str,
        delims: tuple[str, str],
        go: str,
        cache: CompileCache | None,
        include_limit: int,
        include_overflow: Callable[[str], str],
        *,
        meter: Meter,
        keepable: Callable[[str], bool] = _nothing,
        traced: bool = False,
    ) -> None:
        self.functions = functions
        self.meter = meter
        self.cache = cache
        self.own = builtins(go)
        self.include_limit = include_limit
        self.include_overflow = include_overflow
        self.options = Options(self.is_function, self.find_function, missing_key, delims, go, traced=traced)
        self.options_key = self.options.key
        self.units: dict[str, Unit] = {}
        self.keepable = keepable
        self.kept: Kept | None = None
        self.parsed_later: dict[tuple[str, str], Source] = {}
        self.linked: dict[Unit, Callable[..., str]] = {}
        self.seen: set[str] = set()
        self.namespace = _namespace(missing_key, go, meter)

    def is_function(self, name: str) -> bool:
        """Whether templates can call ``name``."""
        return name in self.functions or name in self.own

    def find_function(self, name: str) -> tuple[Function, bool]:
        """The function called ``name``, and whether it is one of Go's own."""
        if name in self.functions:
            return self.functions[name], False
        return self.own[name], True

    def source(self, name: str, text: str, twins: dict[str, Source] | None = None) -> Source:
        """A parsed text: from this process's memory, or parsed now."""
        key = (name, text, self.options_key)
        source = MEMORY.find(key)
        if source is None or not self.has_functions(source):
            source = read_source(name, text, self.options, twins)
            MEMORY.keep(key, source)
        return source

    def has_functions(self, source: Source) -> bool:
        """Whether there are all functions that a text calls."""
        if not source.called <= self.seen:
            if not all(self.is_function(name) for name in source.called):
                return False
            self.seen |= source.called
        return True

    def link(self, unit: Unit) -> Callable[..., str]:
        """Bind the functions that a unit calls, and make its template function."""
        function = self.linked.get(unit)
        if function is None:
            namespace = self.namespace
            code = unit.code(self.options)
            for name, python, _, builtin in unit.functions:
                if python not in namespace:
                    called = (self.own if builtin else self.functions)[name]
                    namespace[python] = self.meter.bounded(name, called)
            made: dict[str, Callable[..., str]] = {}
            exec(code, namespace, made)  # noqa: S102 - our own generated code
            function = self.linked[unit] = made["t0"]
            self.units[unit.filename] = unit
        return function

    def entry(self, unit: Unit) -> Callable[..., str]:
        """A template function that links its unit when it is called first, and then takes itself out of the way."""

        def first_call(run: dict[str | None, GoValue], dot: GoValue) -> str:
            function = self.link(unit)
            if run.get(unit.name) is first_call:
                run[unit.name] = function
            return function(run, dot)

        return first_call


def _namespace(missing_key: str, go: str, meter: Meter) -> dict[str, GoValue]:
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
        "_string": runtime.checker("string", str),
        "_check_int": runtime.checker("int", int),
        "_check_bool": runtime.checker("bool", bool),
        "_check_float": runtime.checker("float64", float),
        "_check_map": runtime.checker("map[string]interface {}", dict),
        "_check_list": runtime.checker("[]interface {}", list),
        "_elements": meter.loop(runtime.elements_1_22 if old else runtime.elements),
        "_pairs": meter.loop(runtime.pairs_1_22 if old else runtime.pairs),
        "_join": meter.join,
        "_step": meter.step,
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
        keepable: Whether a text parsed after ``parse_files``, as ``tpl`` does, may be kept there, too.
        include_limit: How often one name may be active in nested calls of functions with the role ``"include"``.
        include_overflow: Makes the error text for a name beyond that limit; Helm's by default.
        meter: Counts what all executions together use, and ends them when it is too much.

    Functions with the role ``"include"`` have params ``"string, interface {}"``; the engine executes the template
    itself and never calls their ``call`` (give any callable). Functions with the role ``"context"`` get the running
    ``Template`` as first argument: ``clone()`` it, ``parse()`` and ``execute()`` for ``tpl``.
    """

    __slots__ = ("_run", "_shared", "_sources", "depth", "name")

    def __init__(  # noqa: PLR0913 - each is an option of its own
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
        meter: Meter | None = None,
        keepable: Callable[[str], bool] = _nothing,
    ) -> None:
        self.name = name
        self._shared = _Shared(
            functions,
            missing_key,
            delims,
            go,
            cache,
            include_limit,
            include_overflow,
            meter=meter or Meter(Limits()),
            keepable=keepable,
        )
        if sys.getrecursionlimit() < _STACK:
            sys.setrecursionlimit(_STACK)
        self._run: dict[str | None, GoValue] = {None: self}
        self._sources: list[Source] = []
        self.depth = 0

    def parse(self, name: str, text: str) -> None:
        """Parse ``text`` as the template ``name``; its definitions join the set.

        Raises:
            ParseError: The text is no template; the set is then unchanged.
        """
        shared = self._shared
        source = shared.source(name, text)
        if shared.kept is not None:
            shared.parsed_later[name, text] = source
        self._add(source)

    def parse_files(self, files: Iterable[tuple[str, str]]) -> None:
        """Parse many texts, each a name and a text, in order; with a cache, warm ones cost one file read.

        Raises:
            ParseError: One of them is no template; those before it are in the set.
        """
        shared = self._shared
        wanted = list(files)
        cache = shared.cache
        if cache is None or all(MEMORY.find((name, text, shared.options_key)) is not None for name, text in wanted):
            self._read(wanted)
            return
        key = cache.key(wanted, shared.options)
        sources, later = cache.load(key, wanted, shared.options) or ([], [])
        if not sources or not all(shared.has_functions(source) for source in sources):
            sources = self._read(wanted)
        else:
            for source in sources:
                MEMORY.keep((source.name, source.text, shared.options_key), source)
                self._add(source)
            for source in later:
                MEMORY.keep((source.name, source.text, shared.options_key), source)
        shared.kept = Kept(key, sources, later)

    def _read(self, files: Sequence[tuple[str, str]]) -> list[Source]:
        """Parse texts and add them; without the garbage collector, which finds nothing in half a million new nodes."""
        sources: list[Source] = []
        twins: dict[str, Source] = {}
        collecting = gc.isenabled()
        gc.disable()
        try:
            for name, text in files:
                sources.append(self._shared.source(name, text, twins))
                self._add(sources[-1])
        finally:
            if collecting:
                gc.enable()
        return sources

    def save(self) -> None:
        """Keep in the cache what has been compiled since ``parse_files``; call it after the last execution."""
        shared = self._shared
        kept = shared.kept
        if kept is None or shared.cache is None:
            return
        known = {(source.name, source.text) for source in kept.later}
        later = shared.parsed_later
        new = [source for key, source in later.items() if key not in known and shared.keepable(source.text)]
        if not new and kept.compiled() == kept.before:
            return
        wanted = [*kept.later, *new]
        if sum(len(source.text) for source in wanted) > _MOST_LATER:
            wanted = [source for source in wanted if (source.name, source.text) in later]
        shared.cache.store(kept.key, kept.sources, wanted)
        shared.kept = Kept(kept.key, kept.sources, wanted)

    def _add(self, source: Source) -> None:
        entry = self._shared.entry
        self._sources.append(source)
        for unit in source.units:
            if not unit.blank or unit.name not in self._run:
                self._run[unit.name] = entry(unit)

    def has(self, name: str) -> bool:
        """Whether the set has a template ``name``."""
        return name in self._run

    def names(self) -> list[str]:
        """The names of all templates in the set."""
        return [name for name in self._run if name is not None]

    def clone(self) -> Template:
        """A set with the same templates, to which more can be added without changing this one."""
        copy = Template.__new__(Template)
        copy._share(self, self._shared)  # noqa: SLF001 - it is one of us
        return copy

    def _share(self, other: Template, shared: _Shared) -> None:
        self.name = other.name
        self._shared = shared
        self._run = {**other._run, None: self}
        self._sources = other._sources.copy()
        self.depth = other.depth + 1

    def execute(self, name: str, data: GoValue) -> str:
        """Execute the template ``name`` with ``data`` as dot.

        Raises:
            UnknownTemplate: The set has no such template.
            ExecutionError: It failed.
        """
        function = self._run.get(name)
        if function is None:
            raise UnknownTemplate(name, self.name)
        self._shared.meter.start()
        try:
            if self.depth > _DEEPEST_CLONE:
                raise RecursionError  # noqa: TRY301 - it is explained as the others are
            return str(function(self._run, data))
        except Exception as error:  # noqa: BLE001 - whatever a function raised is explained
            self._explain(error)

    def execute_traced(self, name: str, data: GoValue) -> TracedOutput:
        """Execute the template ``name``, and remember where each part of the output comes from.

        Raises:
            UnknownTemplate: The set has no such template.
            ExecutionError: It failed.
        """
        from pilothouse.gotemplate.traced import Recorder, TracedOutput

        own, options = self._shared, self._shared.options
        shared = _Shared(
            own.functions,
            options.missing_key,
            options.delims,
            options.go,
            None,
            own.include_limit,
            own.include_overflow,
            meter=own.meter,
            traced=True,
        )
        recorder = Recorder(shared.units)
        shared.namespace.update(recorder.names())
        twin = Template.__new__(Template)
        twin._share(self, shared)  # noqa: SLF001 - it is one of us
        twin._run, twin._sources = {None: twin}, []  # noqa: SLF001
        for source in self._sources:
            twin.parse(source.name, source.text)
        twin.execute(name, data)
        assert recorder.last is not None
        return TracedOutput(recorder.last, data)

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
