"""``python -m pilothouse.gotemplate.show FILE``: the tokens, the tree and the Python of a template.

``FILE`` may be ``-`` for standard input. Functions that are not Go's own are taken to accept anything; ``include`` is
known. ``--missing-key default|zero|error`` and ``--go 1.22|1.27`` change what the Python is compiled for.
"""

from __future__ import annotations

import sys

from pilothouse.golang.functions import Function
from pilothouse.gotemplate import lexer, nodes
from pilothouse.gotemplate.builtins import builtins
from pilothouse.gotemplate.codegen.module import generate
from pilothouse.gotemplate.errors import ParseError
from pilothouse.gotemplate.parser import parse

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_NAMES = {
    value: name.lower().replace("_", " ")
    for name, value in vars(lexer).items()
    if name.isupper() and not name.startswith("_") and isinstance(value, int)
}
_ANYTHING = Function(lambda *_: None, "...interface {}")
_INCLUDE = Function(lambda *_: "", "string, interface {}", role="include", result="string")


def shown(name: str, text: str, *, missing_key: str = "zero", go: str = "1.27") -> Iterator[str]:
    """The lines that show what becomes of ``text``.

    Raises:
        ParseError: It is no template.
    """
    own = builtins(go)

    def find(function: str) -> tuple[Function, bool]:
        if function in own:
            return own[function], True
        return (_INCLUDE if function == "include" else _ANYTHING), False

    yield "tokens"
    for kind, position, value in lexer.tokenize(text):
        yield f"  {position:6} {_NAMES[kind]:12} {value!r}"
    tree, _ = parse(name, text, lambda function: function not in ("break", "continue"), go=go)
    for definition in tree:
        yield f"tree of {definition.name!r}"
        yield from _tree(definition.body, "  ")
    module = generate(tree, find, missing_key)
    yield "python"
    for number, line in enumerate(module.source.splitlines(), 1):
        site = module.table.at(number)
        place = "" if site is None else f"  # {str(site.node)!r}"
        yield f"  {number:4} {line}{place}"


def _tree(body: Sequence[nodes.Node], indent: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, nodes.Branch):
            yield f"{indent}{type(node).__name__} {node.pipe}"
            yield from _tree(node.body, indent + "  ")
            if node.otherwise is not None:
                yield f"{indent}Else"
                yield from _tree(node.otherwise, indent + "  ")
        else:
            yield f"{indent}{type(node).__name__} {str(node)!r}"


def main(arguments: Sequence[str]) -> int:
    """Show the template that ``arguments`` name; the exit code."""
    options = {"--missing-key": "zero", "--go": "1.27"}
    paths = list(arguments)
    for option in options:
        if option in paths and paths.index(option) + 1 < len(paths):
            place = paths.index(option)
            options[option] = paths[place + 1]
            del paths[place : place + 2]
    if len(paths) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        if paths[0] == "-":
            text = sys.stdin.read()
        else:
            with open(paths[0], encoding="utf-8", errors="surrogateescape") as file:
                text = file.read()
        for line in shown(paths[0], text, missing_key=options["--missing-key"], go=options["--go"]):
            sys.stdout.write(line + "\n")
    except (ParseError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
