"""A set of templates that share functions: parse, define, clone, execute (Go's ``*template.Template``)."""

from __future__ import annotations

from pilothouse.golang.kinds import GoValue
from pilothouse.golang.functions import Function

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


class Template:
    """A set of templates (draft of the interface; the body follows).

    Args:
        name: Name of the set, as in ``no template "x" associated with template NAME``.
        functions: Functions by name, beside Go's own; read by ``name in functions`` and ``functions[name]`` only.
        missing_key: ``"default"``, ``"zero"`` or ``"error"``; Helm uses ``"zero"``, strict Helm ``"error"``.
        delims: Left and right delimiter.
        go: Version of Go whose rules and texts are followed: ``"1.27"`` or ``"1.22"``.
        cache: Where compiled code is kept between processes (:class:`pilothouse.gotemplate.cache.CompileCache`).
        include_limit: How often one name may be active in nested calls of functions with the role ``"include"``.
        include_overflow: Makes the error text for a name beyond that limit.

    Functions with the role ``"include"`` have params ``"string, interface {}"``; the engine executes the template
    itself and never calls their ``call`` (give any callable). Functions with the role ``"context"`` get the running
    ``Template`` as first argument: ``clone()`` it, ``parse()`` and ``execute()`` for ``tpl``.
    """

    def __init__(  # noqa: PLR0913
        self,
        name: str,
        functions: Mapping[str, Function],
        *,
        missing_key: str = "default",
        delims: tuple[str, str] = ("{{", "}}"),
        go: str = "1.27",
        cache: object = None,
        include_limit: int = 1000,
        include_overflow: Callable[[str], str] | None = None,
    ) -> None:
        self.name = name

    def parse(self, name: str, text: str) -> None:
        """Parse ``text`` as the template ``name``; its defines join the set. Raises ParseError."""
        raise NotImplementedError

    def parse_files(self, files: Iterable[tuple[str, str]]) -> None:
        """Parse many (name, text) in order; with a cache, all of them cost one file read."""
        raise NotImplementedError

    def has(self, name: str) -> bool:
        """Whether the set has a template ``name``."""
        raise NotImplementedError

    def names(self) -> list[str]:
        """The names of all templates in the set."""
        raise NotImplementedError

    def execute(self, name: str, data: GoValue) -> str:
        """Execute the template ``name`` with ``data`` as dot. Raises ExecutionError, UnknownTemplate."""
        raise NotImplementedError

    def clone(self) -> Template:
        """A set with the same templates, to which more can be added; costs about a microsecond."""
        raise NotImplementedError
