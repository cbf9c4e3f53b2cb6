"""Template text → tokens, as ``text/template/parse/lex.go`` cuts them.

One regular expression recognises every well-formed token inside an action; what it does not match goes to
:class:`_Diagnosis`, which follows Go's state functions step by step and finds Go's error text.
A token is a tuple ``(kind, position, value)``; positions are indexes into the text.
"""

from __future__ import annotations

import re

Token = tuple[int, int, str]

EOF, ERROR, TEXT, LEFT, RIGHT, SPACE, FIELD, IDENTIFIER, VARIABLE, BOOL = range(10)
NUMBER, CHARACTER, COMPLEX, STRING, RAW_STRING, PIPE, DECLARE, ASSIGN, LEFT_PAREN, RIGHT_PAREN, CHAR = range(10, 21)
KEYWORD, BLOCK, BREAK, CONTINUE, DOT, DEFINE, ELSE, END, IF, NIL, RANGE, TEMPLATE, WITH = range(21, 34)

KEYWORDS = {
    "block": BLOCK, "break": BREAK, "continue": CONTINUE, "define": DEFINE, "else": ELSE, "end": END, "if": IF,
    "nil": NIL, "range": RANGE, "template": TEMPLATE, "with": WITH, "true": BOOL, "false": BOOL,
}  # fmt: skip

_BLANKS = " \t\r\n"
_TERMINATORS = " \t\r\n.,|:)("
_KIND_OF_GROUP = {
    "space": SPACE, "field": FIELD, "variable": VARIABLE, "number": NUMBER, "string": STRING, "raw": RAW_STRING,
    "declare": DECLARE, "assign": ASSIGN, "pipe": PIPE, "left": LEFT_PAREN, "right": RIGHT_PAREN, "comma": CHAR,
    "dot": DOT, "character": CHARACTER,
}  # fmt: skip


def _compiled(right: str) -> tuple[re.Pattern[str], tuple[int, ...], int, int]:
    """The expression for one right delimiter, the kind of each group, and the groups of words and delimiters."""
    close = re.escape(right)
    blank = r"[ \t\r\n]"
    stop = rf"(?=[ \t\r\n.,|:()]|\Z|{close})"
    pattern = re.compile(
        rf"(?P<close>{blank}-{close}{blank}*|{close})"
        rf"|(?P<space>{blank}+(?={blank}-{close})|{blank}+)"
        rf"|(?P<word>[^\W\d]\w*){stop}"
        rf"|(?P<field>\.[^\W\d]\w*){stop}"
        r'|(?P<string>"(?:[^"\\\n]|\\[^\n])*")'
        rf"|(?P<variable>\$\w*){stop}"
        rf"|(?P<dot>\.)(?!\Z){stop}"
        r"|(?P<left>\()|(?P<right>\))|(?P<pipe>\|)|(?P<declare>:=)|(?P<assign>=)"
        r"|(?P<number>[0-9]+(?:\.[0-9]+)?)(?![\w.+-])"
        r"|(?P<raw>`[^`]*`)"
        r"|(?P<comma>,)"
        r"|(?P<character>'(?:[^'\\\n]|\\[^\n])+')"
    )
    kinds = [0] * (pattern.groups + 1)
    for group, index in pattern.groupindex.items():
        kinds[index] = _KIND_OF_GROUP.get(group, 0)
    return pattern, tuple(kinds), pattern.groupindex["word"], pattern.groupindex["close"]


_PATTERNS: dict[str, tuple[re.Pattern[str], tuple[int, ...], int, int]] = {}


def tokenize(
    text: str, delims: tuple[str, str] = ("{{", "}}"), *, break_ok: bool = True, continue_ok: bool = True
) -> list[Token]:
    """All tokens of ``text``; the last one is EOF or ERROR (its value is Go's message)."""
    left, right = delims
    tokens: list[Token] = []
    position = 0
    end = len(text)
    keywords = _keywords(break_ok=break_ok, continue_ok=continue_ok)
    while True:
        start = position
        found = text.find(left, position)
        if found < 0:
            if start < end:
                tokens.append((TEXT, start, text[start:]))
            tokens.append((EOF, end, ""))
            return tokens
        inside = found + len(left)
        trimmed = text.startswith(("- ", "-\n", "-\t", "-\r"), inside)
        if found > start:
            value = text[start:found].rstrip(_BLANKS) if trimmed else text[start:found]
            if value:
                tokens.append((TEXT, start, value))
        if trimmed:
            inside += 2
        if text.startswith("/*", inside):
            position = _comment(text, inside, right, tokens)
            if position < 0:
                return tokens
            continue
        tokens.append((LEFT, found, left))
        position = _action(text, inside, right, tokens, keywords=keywords)
        if position < 0:
            return tokens


def _keywords(*, break_ok: bool, continue_ok: bool) -> dict[str, int]:
    if break_ok and continue_ok:
        return KEYWORDS
    removed = {"break": not break_ok, "continue": not continue_ok}
    return {word: kind for word, kind in KEYWORDS.items() if not removed.get(word)}


def _comment(text: str, position: int, right: str, tokens: list[Token]) -> int:
    """Skip a comment; the position after its action, or -1 after an error token."""
    close = text.find("*/", position + 2)
    if close < 0:
        tokens.append((ERROR, position, "unclosed comment"))
        return -1
    after = close + 2
    if text.startswith(right, after):
        return after + len(right)
    if text.startswith((" ", "\t", "\r", "\n"), after) and text.startswith("-" + right, after + 1):
        after += 2 + len(right)
        while text.startswith((" ", "\t", "\r", "\n"), after):
            after += 1
        return after
    tokens.append((ERROR, position, "comment ends before closing delimiter"))
    return -1


def _action(  # noqa: C901 - one loop, taken once for each token
    text: str, position: int, right: str, tokens: list[Token], *, keywords: dict[str, int]
) -> int:
    """The tokens of one action; the position after it, or -1 after an error token."""
    compiled = _PATTERNS.get(right)
    if compiled is None:
        compiled = _PATTERNS[right] = _compiled(right)
    pattern, kinds, word_group, close_group = compiled
    match = pattern.match
    append = tokens.append
    depth = 0
    while True:
        found = match(text, position)
        if found is None:
            token, position = _Diagnosis(text, position, right, keywords).token()
            append(token)
            if token[0] == ERROR:
                return -1
            continue
        group = found.lastindex
        stop = found.end()
        if group == word_group:
            value = found.group()
            append((keywords.get(value, IDENTIFIER), position, value))
        elif group == close_group:
            if depth:
                append((ERROR, position, "unclosed left paren"))
                return -1
            append((RIGHT, position if text.startswith(right, position) else position + 2, right))
            return stop
        else:
            kind = kinds[group or 0]
            append((kind, position, found.group()))
            if kind == LEFT_PAREN:
                depth += 1
            elif kind == RIGHT_PAREN:
                depth -= 1
                if depth < 0:
                    tokens[-1] = (ERROR, position, "unexpected right paren")
                    return -1
        position = stop


def _is_word(character: str) -> bool:
    return character == "_" or character.isalpha() or character.isdecimal()


class _Diagnosis:
    """What Go's lexer makes of a place where no well-formed token begins."""

    def __init__(self, text: str, position: int, right: str, keywords: dict[str, int]) -> None:
        self.text = text
        self.start = position
        self.position = position
        self.right = right
        self.keywords = keywords

    def token(self) -> tuple[Token, int]:
        """The token, and the position after it."""
        return self._token(), self.position

    def _token(self) -> Token:  # noqa: C901, PLR0911 - Go's lexInsideAction, case by case
        first = self._next()
        if first == "":
            return self._error("unclosed action")
        if first == ":":
            return self._error("expected :=")
        if first == '"':
            return self._error("unterminated quoted string")
        if first == "`":
            return self._error("unterminated raw quoted string")
        if first == "'":
            if self._peek() == "'":
                self.position += 1
                return self._emit(CHARACTER)
            return self._error("unterminated character constant")
        if first == "$":
            return self._word(VARIABLE)
        if first == "." and self._peek() and self._peek() not in "0123456789":
            return self._word(FIELD)
        if first in ".+-0123456789":
            self.position = self.start
            return self._number()
        if _is_word(first):
            return self._word(IDENTIFIER)
        if " " <= first <= "~":
            return self._emit(CHAR)
        return self._error(f"unrecognized character in action: {unicode_name(first)}")

    def _next(self) -> str:
        character = self.text[self.position : self.position + 1]
        self.position += len(character)
        return character

    def _peek(self) -> str:
        return self.text[self.position : self.position + 1]

    def _emit(self, kind: int) -> Token:
        return kind, self.start, self.text[self.start : self.position]

    def _error(self, message: str) -> Token:
        return ERROR, self.start, message

    def _word(self, kind: int) -> Token:
        while self._peek() and _is_word(self._peek()):
            self.position += 1
        following = self._peek()
        if following and following not in _TERMINATORS and not self.text.startswith(self.right, self.position):
            return self._error(f"bad character {unicode_name(following)}")
        token = self._emit(kind)
        if token[2] == ".":
            return DOT, token[1], token[2]
        return (self.keywords.get(token[2], kind), *token[1:]) if kind == IDENTIFIER else token

    def _number(self) -> Token:
        if not self._scan_number():
            return self._bad_number()
        if self._peek() and self._peek() in "+-":
            if not self._scan_number() or self.text[self.position - 1] != "i":
                return self._bad_number()
            return self._emit(COMPLEX)
        return self._emit(NUMBER)

    def _bad_number(self) -> Token:
        from pilothouse.golang.quoting import quote

        return self._error(f"bad number syntax: {quote(self.text[self.start : self.position])}")

    def _accept(self, valid: str) -> bool:
        if self._peek() and self._peek() in valid:
            self.position += 1
            return True
        return False

    def _accept_run(self, valid: str) -> None:
        while self._accept(valid):
            pass

    def _scan_number(self) -> bool:
        self._accept("+-")
        digits = "0123456789_"
        if self._accept("0"):
            if self._accept("xX"):
                digits = "0123456789abcdefABCDEF_"
            elif self._accept("oO"):
                digits = "01234567_"
            elif self._accept("bB"):
                digits = "01_"
        self._accept_run(digits)
        if self._accept("."):
            self._accept_run(digits)
        if len(digits) == 11 and self._accept("eE"):
            self._accept("+-")
            self._accept_run("0123456789_")
        if len(digits) == 23 and self._accept("pP"):
            self._accept("+-")
            self._accept_run("0123456789_")
        self._accept("i")
        if self._peek() and _is_word(self._peek()):
            self.position += 1
            return False
        return True


def unicode_name(character: str) -> str:
    """A character as ``%#U`` prints it: ``U+0023 '#'``."""
    from pilothouse.golang.quoting import is_printable

    code = ord(character) if not "\udc80" <= character <= "\udcff" else 0xFFFD
    shown = f" '{chr(code)}'" if is_printable(chr(code)) else ""
    return f"U+{code:04X}{shown}"
