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


class Unit:
    """One parsed text.

    Attributes:
        name: Name under which it was parsed.
        text: The text.
        filename: File name of its code objects, unlike that of any other unit.
        definitions: Template name, whether it is blank, and the Python function, for each definition.
        functions: The template functions that it calls: name, Python name, signature, whether it is Go's own.
    """

    __slots__ = ("_code", "_table", "definitions", "filename", "functions", "name", "text")

    def __init__(
        self,
        name: str,
        text: str,
        filename: str,
        code: CodeType | bytes,
        definitions: list[tuple[str, bool, str]],
        functions: list[tuple[str, str, str, bool]],
        table: LineTable | None = None,
    ) -> None:
        self.name = name
        self.text = text
        self.filename = filename
        self._code = code
        self.definitions = definitions
        self.functions = functions
        self._table = table

    def code(self) -> CodeType:
        """The module that makes its functions; read only when one of them is called."""
        if isinstance(self._code, bytes):
            self._code = loads(self._code)  # noqa: S302 - the cache has checked where it comes from
        return self._code

    def dumped(self) -> bytes:
        """The code as a cache keeps it."""
        return self._code if isinstance(self._code, bytes) else dumps(self._code)

    def table(self, options: Options) -> LineTable:
        """The line table; generated again where the code came from a cache."""
        if self._table is None:
            self._table = generate(self.name, self.text, options).table
        return self._table

    def position(self, index: int) -> tuple[int, int]:
        """The line, from 1, and the bytes before ``index`` in it."""
        before = self.text[:index]
        start = before.rfind("\n") + 1
        return before.count("\n") + 1, len(before[start:].encode("utf-8", "surrogateescape"))


def generate(name: str, text: str, options: Options) -> Module:
    """Parse ``text`` and generate its Python module."""
    from pilothouse.gotemplate.codegen.module import generate as module
    from pilothouse.gotemplate.parser import parse

    definitions = parse(name, text, options.is_function, delims=options.delims, go=options.go)
    return module(definitions, options.find_function, options.missing_key)


def filename(name: str, text: str, options: Options) -> str:
    """A file name for generated code that differs for different texts."""
    from binascii import crc32

    content = text.encode("utf-8", "surrogateescape")
    return f"<template {name} {crc32(content):08x}{len(content):x} {options.missing_key} {options.go}>"


def compile_unit(name: str, text: str, options: Options) -> Unit:
    """Compile one text.

    Raises:
        ParseError: The text is no template, or nests deeper than Python can compile.
    """
    path = filename(name, text, options)
    try:
        module = generate(name, text, options)
        code = compile(module.source, path, "exec", dont_inherit=True, optimize=0)
    except (RecursionError, MemoryError, SyntaxError) as error:
        raise ParseError(name, 0, f"template: {name}: nested too deeply: {error}") from None
    functions = []
    for function, python in module.functions.items():
        found, builtin = options.find_function(function)
        functions.append((function, python, found.signature, builtin))
    return Unit(name, text, path, code, module.definitions, functions, module.table)


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
