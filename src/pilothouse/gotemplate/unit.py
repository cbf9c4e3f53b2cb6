"""Parsed texts and the units they consist of, one for each template they define; what is compiled when it is called."""

from __future__ import annotations

from marshal import dumps, loads

from pilothouse.golang.functions import Function
from pilothouse.gotemplate.errors import ParseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from types import CodeType

    from pilothouse.gotemplate.codegen.module import Module
    from pilothouse.gotemplate.codegen.writer import LineTable
    from pilothouse.gotemplate.nodes import Definition

#: Changes whenever generated code or its runtime do, so that older files in a cache are left alone.
FORMAT = 4


class Options:
    """What decides how a text is compiled, beside the signatures of the functions it calls."""

    __slots__ = ("delims", "find_function", "go", "is_function", "missing_key", "traced")

    def __init__(
        self,
        is_function: Callable[[str], bool],
        find_function: Callable[[str], tuple[Function, bool]],
        missing_key: str,
        delims: tuple[str, str],
        go: str,
        *,
        traced: bool = False,
    ) -> None:
        self.traced = traced
        self.is_function = is_function
        self.find_function = find_function
        self.missing_key = missing_key
        self.delims = delims
        self.go = go

    @property
    def key(self) -> tuple[object, ...]:
        """What two sets must share to share compiled code."""
        loops = self.is_function("break"), self.is_function("continue")
        return (self.missing_key, self.go, *self.delims, *loops, self.traced)


#: A template function that a unit calls: name, Python name, signature, whether it is Go's own.
Called = tuple[str, str, str, bool]


class Unit:
    """One template of a text. Its Python code is made when it is executed first.

    Attributes:
        source: The text it stands in.
        name: Name of the template.
        blank: Whether it holds nothing but white space.
        filename: File name of its code object, unlike that of any other unit.
        functions: The template functions that it calls, once it is compiled.
    """

    __slots__ = ("_code", "_number", "_table", "_tree", "blank", "filename", "functions", "name", "source")

    def __init__(
        self,
        source: Source,
        number: int,
        name: str,
        blank: bool,  # noqa: FBT001
        code: CodeType | bytes | None = None,
        functions: Sequence[Called] = (),
        tree: Definition | None = None,
    ) -> None:
        self.source = source
        self.name = name
        self.blank = blank
        self.filename = f"<template {source.name} {source.digest} {number}>"
        self.functions = functions
        self._number = number
        self._code = code
        self._tree = tree
        self._table: LineTable | None = None

    @property
    def compiled(self) -> bool:
        """Whether there is code."""
        return self._code is not None

    @property
    def tree(self) -> Definition | None:
        """The parsed template, as long as it has not been compiled."""
        return self._tree

    def code(self, options: Options) -> CodeType:
        """The module that makes the template's function, ``t0``.

        Raises:
            ParseError: The template nests deeper than Python can compile.
        """
        code = self._code
        if isinstance(code, bytes):
            code = self._code = loads(code)  # noqa: S302 - the cache has checked where it comes from
        if code is None or not self._fits(options):
            code = self._compile(options)
        return code

    def _fits(self, options: Options) -> bool:
        """Whether the functions called are still what they were when the code was made."""
        for name, _, signature, builtin in self.functions:
            function, own = options.find_function(name)
            if own != builtin or function.signature != signature:
                return False
        return True

    def _compile(self, options: Options) -> CodeType:
        try:
            module = self._generate(options)
            code: CodeType = compile(module.source, self.filename, "exec", dont_inherit=True, optimize=0)
        except (RecursionError, MemoryError, SyntaxError) as error:
            name = self.source.name
            raise ParseError(name, 0, f"template: {name}: nested too deeply: {error}") from None
        self._code = code
        called: list[Called] = []
        for name, python in module.functions.items():
            function, builtin = options.find_function(name)
            called.append((name, python, function.signature, builtin))
        self.functions = called
        return code

    def _generate(self, options: Options) -> Module:
        from pilothouse.gotemplate.codegen.module import generate

        tree, self._tree = self._tree, None
        if tree is None:
            tree = parsed(self.source.name, self.source.text, options)[0][self._number]
        return generate([tree], options.find_function, options.missing_key, traced=options.traced)

    def dumped(self) -> bytes | None:
        """The code as a cache keeps it."""
        return self._code if self._code is None or isinstance(self._code, bytes) else dumps(self._code)

    def table(self, options: Options) -> LineTable:
        """The line table, generated again: only errors need it, and it is ten times as large as the code."""
        if self._table is None:
            self._table = self._generate(options).table
        return self._table

    def python(self, options: Options) -> str:
        """The generated source (for debuggers)."""
        return self._generate(options).source


class Source:
    """One parsed text.

    Attributes:
        name: Name under which it was parsed.
        text: The text.
        digest: Tells its units' file names from those of other texts.
        called: Names of the template functions that it calls.
        units: Its templates, in the order of their ends; the text's own is the last.
    """

    __slots__ = ("called", "digest", "name", "text", "units")

    def __init__(self, name: str, text: str, options: Options, called: Iterable[str]) -> None:
        from binascii import crc32

        content = text.encode("utf-8", "surrogateescape")
        self.name = name
        self.text = text
        self.digest = f"{crc32(content):08x}{len(content):x} {options.missing_key} {options.go} {options.traced:d}"
        self.called = frozenset(called)
        self.units: list[Unit] = []

    def position(self, index: int) -> tuple[int, int]:
        """The line, from 1, and the bytes before ``index`` in it."""
        before = self.text[:index]
        start = before.rfind("\n") + 1
        return before.count("\n") + 1, len(before[start:].encode("utf-8", "surrogateescape"))


def parsed(name: str, text: str, options: Options) -> tuple[list[Definition], Iterable[str]]:
    """The definitions of a text, and the names of the functions that it calls."""
    from pilothouse.gotemplate.parser import parse

    return parse(name, text, options.is_function, delims=options.delims, go=options.go)


def read_source(name: str, text: str, options: Options, twins: dict[str, Source] | None = None) -> Source:
    """Parse one text, unless ``twins`` has the same one already: charts often carry one library many times.

    Raises:
        ParseError: The text is no template.
    """
    found = _renamed(twins[text], name) if twins is not None and text in twins else None
    tree, called = found or parsed(name, text, options)
    source = Source(name, text, options, called)
    source.units = [
        Unit(source, number, definition.name, definition.blank, tree=definition)
        for number, definition in enumerate(tree)
    ]
    if twins is not None:
        twins[text] = source
    return source


def _renamed(twin: Source, name: str) -> tuple[list[Definition], Iterable[str]] | None:
    """The tree of a text as that of another name; None where the name would make a difference."""
    from pilothouse.gotemplate.nodes import Definition

    tree: list[Definition] = []
    for unit in twin.units:
        if unit.tree is None or unit.name == name:
            return None
        tree.append(unit.tree)
    if tree[-1].name != twin.name:
        return None
    return [*tree[:-1], Definition(name, tree[-1].body)], twin.called


class Kept:
    """A set as it stands in the cache.

    Attributes:
        key: Its name there.
        sources: The texts of the set.
        later: Texts that templates of the set parsed in this or an earlier process.
        before: How many units were compiled when this was made.
    """

    __slots__ = ("before", "key", "later", "sources")

    def __init__(self, key: str, sources: list[Source], later: list[Source]) -> None:
        self.key = key
        self.sources = sources
        self.later = later
        self.before = self.compiled()

    def compiled(self) -> int:
        """How many units have code."""
        return sum(unit.compiled for source in (*self.sources, *self.later) for unit in source.units)


class Memory:
    """Texts parsed and compiled in this process, so that rendering a chart again compiles nothing.

    The oldest half is forgotten when ``limit`` characters of template text are held.
    """

    def __init__(self, limit: int = 8_000_000) -> None:
        self._sources: dict[tuple[object, ...], Source] = {}
        self._limit = limit
        self._held = 0

    def find(self, key: tuple[object, ...]) -> Source | None:
        """The text kept under ``key``."""
        return self._sources.get(key)

    def keep(self, key: tuple[object, ...], source: Source) -> None:
        """Keep a text."""
        self._held += len(source.text) + 200
        if self._held > self._limit:
            for old in list(self._sources)[: len(self._sources) // 2]:
                self._sources.pop(old, None)
            self._held = sum(len(kept.text) + 200 for kept in list(self._sources.values()))
        self._sources[key] = source


MEMORY = Memory()
