"""A compiled text: its code, the templates it defines, and, made again only for errors, its line table."""

from __future__ import annotations

from pilothouse.golang.functions import Function
from pilothouse.gotemplate.errors import ParseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from types import CodeType

    from pilothouse.gotemplate.codegen.module import Module
    from pilothouse.gotemplate.codegen.writer import LineTable


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


class Unit:
    """One parsed text.

    Attributes:
        name: Name under which it was parsed.
        text: The text.
        filename: File name of its code objects, unlike that of any other unit.
        code: The module that makes its functions.
        definitions: Template name, whether it is blank, and the Python function, for each definition.
        functions: The template functions that it calls: name → Python name.
    """

    __slots__ = ("_options", "_table", "code", "definitions", "filename", "functions", "name", "text")

    def __init__(  # noqa: PLR0913 - a record
        self,
        name: str,
        text: str,
        filename: str,
        code: CodeType,
        definitions: list[tuple[str, bool, str]],
        functions: dict[str, str],
        options: Options,
        table: LineTable | None = None,
    ) -> None:
        self.name = name
        self.text = text
        self.filename = filename
        self.code = code
        self.definitions = definitions
        self.functions = functions
        self._options = options
        self._table = table

    def table(self) -> LineTable:
        """The line table; generated again where the code came from a cache."""
        if self._table is None:
            self._table = generate(self.name, self.text, self._options).table
        return self._table

    def source(self) -> str:
        """The generated source (for debuggers)."""
        return generate(self.name, self.text, self._options).source

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
    try:
        module = generate(name, text, options)
        path = filename(name, text, options)
        code = compile(module.source, path, "exec", dont_inherit=True, optimize=0)
    except (RecursionError, MemoryError, SyntaxError) as error:
        raise ParseError(name, 0, f"template: {name}: nested too deeply: {error}") from None
    return Unit(name, text, path, code, module.definitions, module.functions, options, module.table)
