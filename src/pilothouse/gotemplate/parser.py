"""Tokens → tree, as ``text/template/parse/parse.go`` does it, with its error texts and line numbers."""

from __future__ import annotations

from pilothouse.golang.quoting import QuotingError, quote, unquote
from pilothouse.gotemplate import constants, lexer, nodes
from pilothouse.gotemplate.errors import ParseError
from pilothouse.gotemplate.lexer import Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import NoReturn

_MAX_NESTING = 10_000
_CONSTANTS = (nodes.Bool, nodes.Dot, nodes.Nil, nodes.Number, nodes.String)


def parse(
    name: str,
    text: str,
    is_function: Callable[[str], bool],
    *,
    delims: tuple[str, str] = ("{{", "}}"),
    go: str = "1.27",
) -> tuple[list[nodes.Definition], list[str]]:
    """Parse ``text``: its definitions, the text's own body last, and the names of the functions that it calls.

    Raises:
        ParseError: The text is no template.
    """
    tokens = lexer.tokenize(text, delims, break_ok=not is_function("break"), continue_ok=not is_function("continue"))
    parser = _Parser(name, text, tokens, is_function, go)
    try:
        return parser.parse(), list(parser.called)
    except RecursionError:
        raise ParseError(name, 0, f"template: {name}: nested too deeply") from None


class _Parser:
    """The state of one parse. ``index`` is the next token, ``peak`` the last one that Go's lexer has been asked for."""

    __slots__ = (
        "action_start", "called", "definitions", "else_with", "index", "is_function", "name", "nesting", "peak",
        "range_depth", "text", "tokens", "variables",
    )  # fmt: skip

    def __init__(self, name: str, text: str, tokens: list[Token], is_function: Callable[[str], bool], go: str) -> None:
        self.name = name
        self.text = text
        self.tokens = tokens
        self.is_function = is_function
        self.else_with = go != "1.22"
        self.index = 0
        self.peak = 0
        self.nesting = 0
        self.range_depth = 0
        self.action_start = -1
        self.variables = ["$"]
        self.definitions: dict[str, nodes.Definition] = {}
        self.called: dict[str, None] = {}

    # -- errors ---------------------------------------------------------------------------------------------------

    def line_of(self, position: int) -> int:
        """The line of an index into the text, from 1."""
        return self.text.count("\n", 0, position) + 1

    def fail(self, message: str) -> NoReturn:
        """Stop with Go's message at the line of the last token read."""
        last = min(max(self.peak, self.index - 1), len(self.tokens) - 1)
        raise ParseError(self.name, self.line_of(self.tokens[last][1]), message)

    def unexpected(self, token: Token, context: str) -> NoReturn:
        """Stop because ``token`` cannot stand where it does."""
        if token[0] != lexer.ERROR:
            self.fail(f"unexpected {_shown(token)} in {context}")
        extra = ""
        if self.action_start >= 0:
            line = self.line_of(self.action_start)
            if line != self.line_of(token[1]):
                extra = f" in action started at {self.name}:{line}"
                if token[2].endswith(" action"):
                    extra = extra[len(" in action") :]
        self.fail(token[2] + extra)

    # -- tokens ---------------------------------------------------------------------------------------------------

    def next_visible(self) -> Token:
        """Take the next token that is no space."""
        token = self.tokens[self.index]
        if token[0] == lexer.SPACE:
            self.index += 1
            token = self.tokens[self.index]
        self.index += 1
        return token

    def peek_visible(self) -> Token:
        """Look at the next token that is no space; spaces before it are dropped."""
        token = self.tokens[self.index]
        if token[0] == lexer.SPACE:
            self.index += 1
            token = self.tokens[self.index]
        self.peak = max(self.peak, self.index)
        return token

    def expect(self, kind: int, context: str) -> Token:
        """Take the next visible token, which must be of ``kind``."""
        token = self.next_visible()
        if token[0] != kind:
            self.unexpected(token, context)
        return token

    # -- lists ----------------------------------------------------------------------------------------------------

    def parse(self) -> list[nodes.Definition]:
        """The whole text."""
        body: list[nodes.Node] = []
        tokens = self.tokens
        while True:
            token = tokens[self.index]
            if token[0] == lexer.EOF:
                break
            if token[0] == lexer.LEFT:
                start = self.index
                self.index += 1
                if self.next_visible()[0] == lexer.DEFINE:
                    self.definition()
                    continue
                self.peak = max(self.peak, self.index - 1)
                self.index = start
            node = self.text_or_action()
            if type(node) in (nodes.End, nodes.Else):
                self.fail(f"unexpected {node}")
            body.append(node)
        self.add(nodes.Definition(self.name, body))
        return list(self.definitions.values())

    def add(self, definition: nodes.Definition) -> None:
        """Take a definition into the set; a blank one never replaces another (``Tree.add``)."""
        known = self.definitions.get(definition.name)
        if known is None or known.blank:
            self.definitions.pop(definition.name, None)
            self.definitions[definition.name] = definition
        elif not definition.blank:
            self.fail(f"template: multiple definition of template {quote(definition.name)}")

    def definition(self) -> None:
        """``string "}}" list "{{end}}"`` after ``define``."""
        outer, self.action_start = self.action_start, -1
        name = self.template_name(self.next_visible(), "define clause")
        self.expect(lexer.RIGHT, "define clause")
        self.define(name, "define clause")
        self.action_start = outer

    def define(self, name: str, context: str) -> None:
        """``list "{{end}}"`` with variables and loops of its own: the template ``name``."""
        outer = self.variables, self.range_depth
        self.variables, self.range_depth = ["$"], 0
        header = self.tokens[self.index - 1]
        body, end = self.item_list()
        if type(end) is not nodes.End:
            if context == "block clause":  # Go has another parser read on, and this one stands where it stood.
                raise ParseError(self.name, self.line_of(header[1]), f"unexpected {end} in {context}")
            self.fail(f"unexpected {end} in {context}")
        self.add(nodes.Definition(name, body))
        self.variables, self.range_depth = outer

    def item_list(self) -> tuple[list[nodes.Node], nodes.Node]:
        """Nodes up to ``{{end}}`` or ``{{else}}``, and that one."""
        body: list[nodes.Node] = []
        tokens = self.tokens
        while self.peek_visible()[0] != lexer.EOF:
            token = tokens[self.index]
            if token[0] == lexer.TEXT:
                self.index += 1
                body.append(nodes.Text(token[1], token[2]))
                continue
            node = self.text_or_action()
            kind = type(node)
            if kind is nodes.End or kind is nodes.Else:
                return body, node
            body.append(node)
        return self.fail("unexpected EOF")

    def text_or_action(self) -> nodes.Node:
        """``text | "{{" action``."""
        token = self.next_visible()
        if token[0] == lexer.TEXT:
            return nodes.Text(token[1], token[2])
        if token[0] == lexer.LEFT:
            self.action_start = token[1]
            node = self.action()
            self.action_start = -1
            return node
        return self.unexpected(token, "input")

    def action(self) -> nodes.Node:  # noqa: PLR0911 - one case for each keyword
        """What stands after ``{{``."""
        token = self.next_visible()
        kind = token[0]
        if kind > lexer.KEYWORD:
            if kind == lexer.IF:
                return self.control(nodes.If, "if")
            if kind == lexer.END:
                return nodes.End(self.expect(lexer.RIGHT, "end")[1])
            if kind == lexer.ELSE:
                return self.else_control()
            if kind == lexer.WITH:
                return self.control(nodes.With, "with")
            if kind == lexer.RANGE:
                return self.control(nodes.Range, "range")
            if kind == lexer.TEMPLATE:
                return self.template_control()
            if kind == lexer.BLOCK:
                return self.block_control()
            if kind in (lexer.BREAK, lexer.CONTINUE):
                return self.loop_control(token)
        self.index -= 1
        return nodes.Action(token[1], self.pipeline("command", lexer.RIGHT))

    # -- actions --------------------------------------------------------------------------------------------------

    def control(self, kind: type[nodes.Branch], context: str) -> nodes.Branch:
        """``pipeline "}}" list ("{{else}}" list)? "{{end}}"`` after ``if``, ``with`` or ``range``."""
        count = len(self.variables)
        pipe = self.pipeline(context, lexer.RIGHT)
        if context == "range":
            self.range_depth += 1
        body, end = self.item_list()
        if context == "range":
            self.range_depth -= 1
        otherwise: list[nodes.Node] | None = None
        if type(end) is nodes.Else:
            following = self.tokens[self.index][0]
            self.peak = max(self.peak, self.index)
            if context == "if" and following == lexer.IF:
                self.index += 1
                otherwise = [self.control(nodes.If, "if")]
            elif context == "with" and following == lexer.WITH:
                self.index += 1
                otherwise = [self.control(nodes.With, "with")]
            else:
                otherwise, end = self.item_list()
                if type(end) is not nodes.End:
                    self.fail(f"expected end; found {end}")
        del self.variables[count:]
        return kind(pipe.position, pipe, body, otherwise)

    def else_control(self) -> nodes.Node:
        """``"}}"`` after ``else``, or the ``if`` or ``with`` that makes it a shorthand."""
        token = self.peek_visible()
        if token[0] == lexer.IF or (token[0] == lexer.WITH and self.else_with):
            return nodes.Else(token[1])
        return nodes.Else(self.expect(lexer.RIGHT, "else")[1])

    def loop_control(self, token: Token) -> nodes.Node:
        """``"}}"`` after ``break`` or ``continue``."""
        following = self.next_visible()
        if following[0] != lexer.RIGHT:
            self.unexpected(following, f"{{{{{token[2]}}}}}")
        if self.range_depth == 0:
            self.fail(f"{{{{{token[2]}}}}} outside {{{{range}}}}")
        return nodes.Break(token[1]) if token[0] == lexer.BREAK else nodes.Continue(token[1])

    def template_control(self) -> nodes.Node:
        """``string pipeline? "}}"`` after ``template``."""
        token = self.next_visible()
        name = self.template_name(token, "template clause")
        pipe = None
        if self.next_visible()[0] != lexer.RIGHT:
            self.index -= 1
            pipe = self.pipeline("template clause", lexer.RIGHT)
        return nodes.TemplateCall(token[1], name, pipe)

    def block_control(self) -> nodes.Node:
        """``string pipeline "}}" list "{{end}}"`` after ``block``: a definition and its call."""
        token = self.next_visible()
        name = self.template_name(token, "block clause")
        pipe = self.pipeline("block clause", lexer.RIGHT)
        self.define(name, "block clause")
        return nodes.TemplateCall(token[1], name, pipe)

    def template_name(self, token: Token, context: str) -> str:
        """The name in a template or block clause."""
        if token[0] not in (lexer.STRING, lexer.RAW_STRING):
            self.unexpected(token, context)
        return self.unquoted(token)

    def unquoted(self, token: Token) -> str:
        """The value of a string token."""
        try:
            return unquote(token[2])
        except QuotingError as error:
            self.fail(str(error))

    # -- pipelines ------------------------------------------------------------------------------------------------

    def pipeline(self, context: str, end: int) -> nodes.Pipe:
        """``(variable ("," variable)? (":=" | "="))? command ("|" command)*`` and its end."""
        token = self.peek_visible()
        position = token[1]
        variables: list[nodes.Variable] = []
        assigns = self.declarations(context, variables) if token[0] == lexer.VARIABLE else False
        commands: list[nodes.Command] = []
        while True:
            token = self.next_visible()
            kind = token[0]
            if kind == end:
                self.check_pipeline(commands, context)
                return nodes.Pipe(position, commands, variables, assigns)
            if kind not in _OPERANDS:
                self.unexpected(token, context)
            self.index -= 1
            commands.append(self.command())

    def declarations(self, context: str, variables: list[nodes.Variable]) -> bool:
        """The variables at the start of a pipeline; whether they are assigned rather than declared."""
        while self.peek_visible()[0] == lexer.VARIABLE:
            start = self.index
            token = self.tokens[start]
            self.index += 1
            following = self.peek_visible()
            if following[0] in (lexer.ASSIGN, lexer.DECLARE):
                self.index += 1
                self.declare(token, variables)
                return following[0] == lexer.ASSIGN
            if following[2] != "," or following[0] != lexer.CHAR:
                self.index = start
                return False
            self.index += 1
            self.declare(token, variables)
            if context != "range" or len(variables) > 1:
                self.fail(f"too many declarations in {context}")
            if self.peek_visible()[0] not in (lexer.VARIABLE, lexer.RIGHT, lexer.RIGHT_PAREN):
                self.fail("range can only initialize variables")
        return False

    def declare(self, token: Token, variables: list[nodes.Variable]) -> None:
        """Take a variable into the scope."""
        variables.append(nodes.Variable(token[1], (token[2],)))
        self.variables.append(token[2])

    def check_pipeline(self, commands: list[nodes.Command], context: str) -> None:
        """Refuse empty pipelines and constants after the first stage."""
        if not commands:
            self.fail(f"missing value for {context}")
        for stage, command in enumerate(commands[1:], 2):
            if isinstance(command.arguments[0], _CONSTANTS):
                self.fail(f"non executable command in pipeline stage {stage}")

    def command(self) -> nodes.Command:
        """``operand (space operand)*`` up to a pipe or the end of the pipeline."""
        position = self.peek_visible()[1]
        arguments: list[nodes.Node] = []
        while True:
            self.peek_visible()
            operand = self.operand()
            if operand is not None:
                arguments.append(operand)
            token = self.tokens[self.index]
            kind = token[0]
            self.index += 1
            if kind == lexer.SPACE:
                continue
            if kind in (lexer.RIGHT, lexer.RIGHT_PAREN):
                self.peak = max(self.peak, self.index - 1)
                self.index -= 1
            elif kind != lexer.PIPE:
                self.unexpected(token, "operand")
            break
        if not arguments:
            self.fail("empty command")
        return nodes.Command(position, arguments)

    def operand(self) -> nodes.Node | None:
        """``term field*``."""
        node = self.term()
        if node is None:
            return None
        token = self.tokens[self.index]
        self.peak = max(self.peak, self.index)
        if token[0] != lexer.FIELD:
            return node
        position = token[1]
        names: list[str] = []
        while token[0] == lexer.FIELD:
            names.append(token[2][1:])
            self.index += 1
            token = self.tokens[self.index]
        self.peak = max(self.peak, self.index)
        if type(node) is nodes.Field:
            return nodes.Field(position, (*node.names, *names))
        if type(node) is nodes.Variable:
            return nodes.Variable(position, (*node.names, *names))
        if isinstance(node, _CONSTANTS):
            self.fail(f"unexpected . after term {quote(str(node))}")
        return nodes.Chain(position, node, tuple(names))

    def term(self) -> nodes.Node | None:  # noqa: C901, PLR0911, PLR0912 - one case for each kind of token
        """A constant, a function, a variable, a field or a parenthesised pipeline; None where there is none."""
        token = self.next_visible()
        kind, position, value = token
        if kind == lexer.FIELD:
            return nodes.Field(position, (value[1:],))
        if kind == lexer.IDENTIFIER:
            if value not in self.called:
                if not self.is_function(value):
                    self.fail(f"function {quote(value)} not defined")
                self.called[value] = None
            return nodes.Identifier(position, value)
        if kind in (lexer.STRING, lexer.RAW_STRING):
            return nodes.String(position, value, self.unquoted(token))
        if kind == lexer.VARIABLE:
            if value not in self.variables:
                self.fail(f"undefined variable {quote(value)}")
            return nodes.Variable(position, (value,))
        if kind == lexer.DOT:
            return nodes.Dot(position)
        if kind == lexer.LEFT_PAREN:
            self.nesting += 1
            if self.nesting > _MAX_NESTING:
                self.fail("max expression depth exceeded")
            pipe = self.pipeline("parenthesized pipeline", lexer.RIGHT_PAREN)
            self.nesting -= 1
            return pipe
        if kind in (lexer.NUMBER, lexer.CHARACTER, lexer.COMPLEX):
            return self.number(token)
        if kind == lexer.BOOL:
            return nodes.Bool(position, value == "true")
        if kind == lexer.NIL:
            return nodes.Nil(position)
        self.peak = max(self.peak, self.index - 1)
        self.index -= 1
        return None

    def number(self, token: Token) -> nodes.Number:
        """A numeric constant."""
        kind, position, text = token
        try:
            return constants.read(kind, position, text)
        except ValueError as error:
            self.fail(str(error))


_OPERANDS = frozenset({
    lexer.BOOL, lexer.CHARACTER, lexer.COMPLEX, lexer.DOT, lexer.FIELD, lexer.IDENTIFIER, lexer.NUMBER, lexer.NIL,
    lexer.RAW_STRING, lexer.STRING, lexer.VARIABLE, lexer.LEFT_PAREN,
})  # fmt: skip


def _shown(token: Token) -> str:
    """A token as Go's ``item.String`` prints it."""
    kind, _, value = token
    if kind == lexer.EOF:
        return "EOF"
    if kind > lexer.KEYWORD:
        return f"<{value}>"
    if len(value.encode("utf-8", "surrogateescape")) > 10:
        return f"{quote(value[:10])}..."
    return quote(value)
