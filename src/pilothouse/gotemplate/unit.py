"""A compiled text: its code, the templates it defines, and, made again only for errors, its line table."""

from __future__ import annotations

from marshal import dumps, loads

from pilothouse.golang.functions import Function
from pilothouse.gotemplate.errors import ParseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from pilothouse.gotemplate.codegen.module import Module
    from pilothouse.gotemplate.codegen.writer import LineTable
    from pilothouse.gotemplate.nodes import Definition

#: Changes whenever generated code or its runtime do, so that older files in a cache are left alone.
FORMAT = 1


class Options:
    """What decides how a text is compiled, beside the signatures of the functions it calls."""

    __slots__ = ("delims", "find_function", "go", "is_function", "missing_key")

    def __init__(
        self,
        is_function: Callable[[str], bool],
        find_function: Callable[[str], tuple[Function, bool]],
        missing_key: str,
        delims: tuple[str, str],
        go: str,
    ) -> None:
        self.is_function = is_function
        self.find_function = find_function
        self.missing_key = missing_key
        self.delims = delims
        self.go = go

    @property
    def key(self) -> tuple[str, str, str, str, bool, bool]:
        """What two sets must share to share compiled code."""
        loops = self.is_function("break"), self.is_function("continue")
        return (self.missing_key, self.go, *self.delims, *loops)


#: A template function that a unit calls: name, Python name, signature, whether it is Go's own.
Called = tuple[str, str, str, bool]


class Unit:
    """One parsed text. Its Python code is made when one of its templates is executed first.

    Attributes:
        name: Name under which it was parsed.
        text: The text.
        filename: File name of its code objects, unlike that of any other unit.
        definitions: Template name, whether it is blank, and the Python function, for each definition.
        functions: The template functions that it calls; only their names count before there is code.
    """

    __slots__ = ("_code", "_table", "_tree", "definitions", "filename", "functions", "name", "text")

    def __init__(
        self,
        name: str,
        text: str,
        filename: str,
        code: CodeType | bytes | None,
        definitions: list[tuple[str, bool, str]],
        functions: list[Called],
        tree: list[Definition] | None = None,
    ) -> None:
        self.name = name
        self.text = text
        self.filename = filename
        self.definitions = definitions
        self.functions = functions
        self._code = code
        self._tree = tree
        self._table: LineTable | None = None

    @property
    def compiled(self) -> bool:
        """Whether there is code."""
        return self._code is not None

    def code(self, options: Options) -> CodeType:
        """The module that makes the template functions.

        Raises:
            ParseError: The text nests deeper than Python can compile.
        """
        if self._code is None:
            return self._compile(options)
        if isinstance(self._code, bytes):
            self._code = loads(self._code)  # noqa: S302 - the cache has checked where it comes from
        assert not isinstance(self._code, bytes)
        return self._code

    def _compile(self, options: Options) -> CodeType:
        try:
            module = self._generate(options)
            code: CodeType = compile(module.source, self.filename, "exec", dont_inherit=True, optimize=0)
        except (RecursionError, MemoryError, SyntaxError) as error:
            raise ParseError(self.name, 0, f"template: {self.name}: nested too deeply: {error}") from None
        self._code = code
        self._table = module.table
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
            tree = parsed(self.name, self.text, options)[0]
        return generate(tree, options.find_function, options.missing_key)

    def tree(self) -> list[Definition] | None:
        """The parsed text, as long as it has not been compiled."""
        return self._tree

    def dumped(self) -> bytes | None:
        """The code as a cache keeps it."""
        return self._code if self._code is None or isinstance(self._code, bytes) else dumps(self._code)

    def table(self, options: Options) -> LineTable:
        """The line table; generated again where the code came from a cache."""
        if self._table is None:
            self._table = self._generate(options).table
        return self._table

    def source(self, options: Options) -> str:
        """The generated Python (for debuggers)."""
        return self._generate(options).source

    def position(self, index: int) -> tuple[int, int]:
        """The line, from 1, and the bytes before ``index`` in it."""
        before = self.text[:index]
        start = before.rfind("\n") + 1
        return before.count("\n") + 1, len(before[start:].encode("utf-8", "surrogateescape"))


def parsed(name: str, text: str, options: Options) -> tuple[list[Definition], list[str]]:
    """The definitions of a text, and the names of the functions that it calls."""
    from pilothouse.gotemplate.parser import parse

    return parse(name, text, options.is_function, delims=options.delims, go=options.go)


def make_unit(name: str, text: str, options: Options, twins: dict[str, Unit] | None = None) -> Unit:
    """Parse one text, unless ``twins`` has a unit of the same text: charts often carry one library many times.

    Raises:
        ParseError: The text is no template.
    """
    from binascii import crc32

    found = _renamed(twins[text], name) if twins is not None and text in twins else None
    tree, called = found or parsed(name, text, options)
    content = text.encode("utf-8", "surrogateescape")
    path = f"<template {name} {crc32(content):08x}{len(content):x} {options.missing_key} {options.go}>"
    definitions = [(definition.name, definition.blank, f"t{number}") for number, definition in enumerate(tree)]
    unit = Unit(name, text, path, None, definitions, [(function, "", "", False) for function in called], tree)
    if twins is not None:
        twins[text] = unit
    return unit


def _renamed(twin: Unit, name: str) -> tuple[list[Definition], list[str]] | None:
    """The tree of a unit as that of a text of another name; None where the name would make a difference."""
    from pilothouse.gotemplate.nodes import Definition

    tree = twin.tree()
    if tree is None or any(definition.name == name for definition in tree) or tree[-1].name != twin.name:
        return None
    return [*tree[:-1], Definition(name, tree[-1].body)], [function for function, *_ in twin.functions]


class Memory:
    """Units compiled in this process, so that rendering a chart again compiles nothing.

    The oldest half is forgotten when ``limit`` characters of template text are held.
    """

    def __init__(self, limit: int = 16_000_000) -> None:
        self._units: dict[tuple[object, ...], Unit] = {}
        self._limit = limit
        self._held = 0

    def find(self, key: tuple[object, ...]) -> Unit | None:
        """The unit kept under ``key``."""
        return self._units.get(key)

    def keep(self, key: tuple[object, ...], unit: Unit) -> None:
        """Keep a unit."""
        self._held += len(unit.text) + 200
        if self._held > self._limit:
            for old in list(self._units)[: len(self._units) // 2]:
                self._units.pop(old, None)
            self._held = sum(len(kept.text) + 200 for kept in list(self._units.values()))
        self._units[key] = unit


MEMORY = Memory()
