r"""The syntax of Go's regular expressions (RE2's), parsed into a tree (regexp/syntax, parse.go).

::

    expression    = concatenation *("|" concatenation)
    concatenation = *(atom [("*" / "+" / "?" / "{n}" / "{n,}" / "{n,m}") ["?"]])
    atom          = character / "." / "[class]" / "^" / "$" / "\escape" / "(" ["?P<name>" / "?flags:"] expression ")"

The parser reads from left to right with a stack, as the original does, so that of several faults it names the same.
"""

from __future__ import annotations

from pilothouse.golang.regexp_classes import LAST, PERL, POSIX, folded, merged, negated, unicode_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.regexp_classes import Ranges

FOLD, MULTILINE, DOT_ALL, UNGREEDY = 1, 2, 4, 8
_FLAGS = {"i": FOLD, "m": MULTILINE, "s": DOT_ALL, "U": UNGREEDY}

MAX_REPEAT = 1000
_MAX_SIZE = (128 << 20) // 40
_MAX_HEIGHT = 1000
NO_LIMIT = -1

# What a node is.
EMPTY, CHARACTERS, ASSERTION, CAPTURE, REPEAT, CONCATENATION, ALTERNATION = range(7)
_LEFT_PAREN, _BAR = 7, 8

# Assertions.
BEGIN_TEXT, END_TEXT, BEGIN_LINE, END_LINE, WORD_BOUNDARY, NO_WORD_BOUNDARY = range(6)


class RegexpSyntaxError(ValueError):
    """A pattern that is no regular expression; the text is Go's."""

    def __init__(self, problem: str, part: str) -> None:
        super().__init__(f"error parsing regexp: {problem}: `{part}`")


class Node:
    """A part of a pattern."""

    __slots__ = (
        "assertion",
        "flags",
        "greedy",
        "group",
        "height",
        "maximum",
        "minimum",
        "op",
        "ranges",
        "size",
        "subs",
    )

    def __init__(self, op: int, *subs: Node) -> None:
        self.op = op
        self.subs = list(subs)
        self.ranges: Ranges = ()
        self.assertion = 0
        self.group = 0
        self.minimum = self.maximum = 0
        self.greedy = True
        self.flags = 0
        self.size: int = max(1, sum(sub.size for sub in subs))
        self.height: int = 1 + max((sub.height for sub in subs), default=0)


class Syntax:
    """A parsed pattern: its tree and the names of its groups, of which the first is the whole match."""

    __slots__ = ("names", "root")

    def __init__(self, root: Node, names: list[str]) -> None:
        self.root = root
        self.names = names


def parse(pattern: str) -> Syntax:
    """Parse a pattern in Perl mode, as ``regexp.Compile`` does."""
    parser = _Parser(pattern)
    return Syntax(parser.parse(), parser.names)


class _Parser:
    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0
        self.flags = 0
        self.stack: list[Node] = []
        self.names = [""]

    def parse(self) -> Node:
        last_repeat = -1
        while self.position < len(self.pattern):
            start = self.position
            char = self.pattern[start]
            repeated = False
            if char in "*+?":
                self.position += 1
                self._repeat(start, *_SIMPLE_REPEATS[char], last_repeat)
                repeated = True
            elif char == "{":
                repeated = self._counted_repeat(start, last_repeat)
            else:
                self._atom(char)
            last_repeat = start if repeated else -1
        self._finish_alternatives()
        if len(self.stack) != 1:
            raise RegexpSyntaxError("missing closing )", self.pattern)
        return self.stack[0]

    def _atom(self, char: str) -> None:
        simple = _ATOMS.get(char)
        if simple is not None:
            simple(self)
        else:
            self._literal(self._next_char())

    def _push(self, node: Node) -> None:
        if node.size > _MAX_SIZE:
            raise RegexpSyntaxError("expression too large", self.pattern)
        if node.height > _MAX_HEIGHT:
            raise RegexpSyntaxError("expression nests too deeply", self.pattern)
        node.flags = self.flags
        self.stack.append(node)

    def _push_characters(self, ranges: Ranges) -> None:
        node = Node(CHARACTERS)
        node.ranges = ranges
        self._push(node)

    def _push_assertion(self, assertion: int) -> None:
        node = Node(ASSERTION)
        node.assertion = assertion
        self._push(node)

    def _literal(self, char: str) -> None:
        code = ord(char)
        ranges: Ranges = ((code, code),)
        self._push_characters(folded(ranges) if self.flags & FOLD else ranges)

    def _next_char(self) -> str:
        """Take one character, which must be UTF-8."""
        char = self.pattern[self.position]
        if "\ud800" <= char <= "\udfff":
            raise RegexpSyntaxError("invalid UTF-8", self.pattern[self.position :])
        self.position += 1
        return char

    def _check_utf8(self, text: str) -> None:
        for index, char in enumerate(text):
            if "\ud800" <= char <= "\udfff":
                raise RegexpSyntaxError("invalid UTF-8", text[index:])

    # Repetition.

    def _repeat(self, start: int, minimum: int, maximum: int, last_repeat: int) -> None:
        flags = self.flags
        if self.pattern[self.position : self.position + 1] == "?":
            self.position += 1
            flags ^= UNGREEDY
        if last_repeat >= 0:
            raise RegexpSyntaxError("invalid nested repetition operator", self.pattern[last_repeat : self.position])
        operator = self.pattern[start : self.position]
        if not self.stack or self.stack[-1].op >= _LEFT_PAREN:
            raise RegexpSyntaxError("missing argument to repetition operator", operator)
        sub = self.stack.pop()
        node = Node(REPEAT, sub)
        node.minimum, node.maximum, node.greedy = minimum, maximum, not flags & UNGREEDY
        node.size = _repeat_size(sub.size, minimum, maximum)
        self._push(node)
        if (minimum >= 2 or maximum >= 2) and not _repeats_fit(node, MAX_REPEAT):
            raise RegexpSyntaxError("invalid repeat count", operator)

    def _counted_repeat(self, start: int, last_repeat: int) -> bool:
        """Read ``{n,m}``; what is not of that form is a literal brace."""
        text = self.pattern
        minimum, position = _count(text, start + 1)
        maximum = minimum
        ok = position > 0
        if ok and text[position : position + 1] == ",":
            if text[position + 1 : position + 2] == "}":
                position, maximum = position + 1, NO_LIMIT
            else:
                maximum, position = _count(text, position + 1)
                ok = position > 0
        if not ok or text[position : position + 1] != "}":
            self._literal(self._next_char())
            return False
        self.position = position + 1
        if minimum > MAX_REPEAT or maximum > MAX_REPEAT or NO_LIMIT < maximum < minimum:
            raise RegexpSyntaxError("invalid repeat count", text[start : self.position])
        self._repeat(start, minimum, maximum, last_repeat)
        return True

    # Groups.

    def _open(self) -> None:
        if self.pattern.startswith("(?", self.position):
            self._open_special()
            return
        self.position += 1
        self._open_group("")

    def _open_group(self, name: str | None) -> None:
        marker = Node(_LEFT_PAREN)
        marker.flags = self.flags
        if name is not None:
            self.names.append(name)
            marker.group = len(self.names) - 1
        self.stack.append(marker)

    def _open_special(self) -> None:
        """Read ``(?P<name>``, ``(?<name>``, ``(?flags)`` or ``(?flags:``."""
        start, rest = self.position, self.pattern[self.position :]
        skip = 4 if rest.startswith("(?P<") and len(rest) > 4 else 3 if rest.startswith("(?<") and len(rest) > 3 else 0
        if skip:
            end = rest.find(">")
            if end < 0:
                self._check_utf8(rest)
                raise RegexpSyntaxError("invalid named capture", rest)
            name = rest[skip:end]
            self._check_utf8(name)
            if not name or not all(char == "_" or (char.isascii() and char.isalnum()) for char in name):
                raise RegexpSyntaxError("invalid named capture", rest[: end + 1])
            self.position += end + 1
            self._open_group(name)
            return
        self.position += 2
        if not self._read_flags():
            raise RegexpSyntaxError("invalid or unsupported Perl syntax", self.pattern[start : self.position])

    def _read_flags(self) -> bool:
        """Read flags up to their ``)`` or ``:``; return whether they are right."""
        flags, off, seen = self.flags, False, False
        while self.position < len(self.pattern):
            char = self._next_char()
            if char in _FLAGS:
                flags = flags & ~_FLAGS[char] if off else flags | _FLAGS[char]
                seen = True
            elif char == "-" and not off:
                off, seen = True, False
            elif char in ":)" and (seen or not off):
                if char == ":":
                    self._open_group(None)
                self.flags = flags
                return True
            else:
                return False
        return False

    def _close(self) -> None:
        self._finish_alternatives()
        if len(self.stack) < 2 or self.stack[-2].op != _LEFT_PAREN:
            raise RegexpSyntaxError("unexpected )", self.pattern)
        self.position += 1
        inner = self.stack.pop()
        marker = self.stack.pop()
        self.flags = marker.flags
        if not marker.group:
            self.stack.append(inner)
            return
        node = Node(CAPTURE, inner)
        node.group = marker.group
        node.size = inner.size + 2
        self._push(node)

    def _bar(self) -> None:
        self._finish_concatenation()
        self.position += 1
        self.stack.append(Node(_BAR))

    def _finish_concatenation(self) -> None:
        """Join what stands above the last bar or parenthesis."""
        start = len(self.stack)
        while start and self.stack[start - 1].op < _LEFT_PAREN:
            start -= 1
        parts = self.stack[start:]
        del self.stack[start:]
        if not parts:
            self._push(Node(EMPTY))
        else:
            self._push(parts[0] if len(parts) == 1 else Node(CONCATENATION, *parts))

    def _finish_alternatives(self) -> None:
        """Join the alternatives above the last parenthesis."""
        self._finish_concatenation()
        alternatives = [self.stack.pop()]
        while self.stack and self.stack[-1].op == _BAR:
            self.stack.pop()
            alternatives.append(self.stack.pop())
        alternatives.reverse()
        self._push(alternatives[0] if len(alternatives) == 1 else Node(ALTERNATION, *alternatives))

    # Characters.

    def _dot(self) -> None:
        self.position += 1
        self._push_characters(((0, LAST),) if self.flags & DOT_ALL else ((0, 9), (11, LAST)))

    def _caret(self) -> None:
        self.position += 1
        self._push_assertion(BEGIN_LINE if self.flags & MULTILINE else BEGIN_TEXT)

    def _dollar(self) -> None:
        self.position += 1
        self._push_assertion(END_LINE if self.flags & MULTILINE else END_TEXT)

    def _backslash(self) -> None:
        follow = self.pattern[self.position + 1 : self.position + 2]
        if follow in _ESCAPED_ASSERTIONS:
            self.position += 2
            self._push_assertion(_ESCAPED_ASSERTIONS[follow])
        elif follow == "C":
            raise RegexpSyntaxError("invalid escape sequence", "\\C")
        elif follow == "Q":
            self._quoted()
        else:
            ranges = self._named_set()
            if ranges is not None:
                self._push_characters(ranges)
            else:
                self._literal(chr(self._escape()))

    def _quoted(self) -> None:
        end = self.pattern.find("\\E", self.position + 2)
        stop = len(self.pattern) if end < 0 else end
        self.position += 2
        while self.position < stop:
            self._literal(self._next_char())
        self.position = stop if end < 0 else end + 2

    def _named_set(self) -> Ranges | None:
        r"""Read ``\d``, ``\pN``, ``\p{Name}`` and their like, or nothing."""
        letter = self.pattern[self.position + 1 : self.position + 2]
        if letter and letter in "pP":
            return self._unicode_set(letter)
        ranges = PERL.get(letter.lower()) if letter else None
        if ranges is None:
            return None
        self.position += 2
        return self._group_set(ranges, inverted=letter.isupper())

    def _group_set(self, ranges: Ranges, *, inverted: bool) -> Ranges:
        if self.flags & FOLD:
            ranges = folded(ranges)
        return negated(ranges) if inverted else ranges

    def _unicode_set(self, letter: str) -> Ranges:
        start = self.position
        inverted = letter == "P"
        self.position += 2
        if self.position >= len(self.pattern):
            raise RegexpSyntaxError("invalid character class range", self.pattern[start:])
        name = self._next_char()
        if name == "{":
            end = self.pattern.find("}", start)
            if end < 0:
                self._check_utf8(self.pattern[start:])
                raise RegexpSyntaxError("invalid character class range", self.pattern[start:])
            name = self.pattern[start + 3 : end]
            self._check_utf8(name)
            self.position = end + 1
        if name.startswith("^"):
            inverted, name = not inverted, name[1:]
        ranges = unicode_class(name)
        if ranges is None:
            raise RegexpSyntaxError("invalid character class range", self.pattern[start : self.position])
        return self._group_set(ranges, inverted=inverted)

    def _escape(self) -> int:
        """Read the escape of one character."""
        start = self.position
        self.position += 1
        if self.position >= len(self.pattern):
            raise RegexpSyntaxError("trailing backslash at end of expression", "")
        char = self._next_char()
        code = _CONTROLS.get(char)
        if code is None and char.isascii() and not char.isalnum():
            code = ord(char)
        elif char == "0" or (char in "1234567" and self._peek() in _OCTAL):
            code = int(char)
            for _ in range(2):
                if self._peek() not in _OCTAL:
                    break
                code = code * 8 + int(self._next_char())
        elif char == "x":
            code = self._hexadecimal()
        if code is None:
            raise RegexpSyntaxError("invalid escape sequence", self.pattern[start : self.position])
        return code

    def _peek(self) -> str:
        return self.pattern[self.position : self.position + 1] or "none"

    def _hexadecimal(self) -> int | None:
        r"""Read what follows ``\x``: two digits, or any number in braces."""
        if self._peek() == "{":
            self.position += 1
            return self._hexadecimal_in_braces()
        if self.position >= len(self.pattern):
            return None
        first = self._next_char()
        if self.position >= len(self.pattern):
            return None
        second = self._next_char()
        return int(first + second, 16) if {first, second} <= _HEXADECIMAL else None

    def _hexadecimal_in_braces(self) -> int | None:
        code = digits = 0
        while self.position < len(self.pattern):
            char = self._next_char()
            if char == "}":
                return code if digits else None
            if char not in _HEXADECIMAL:
                return None
            code, digits = code * 16 + int(char, 16), digits + 1
            if code > LAST:
                return None
        return None

    def _bracket(self) -> None:
        """Read a class in brackets."""
        start = self.position
        self.position += 1
        inverted = self._peek() == "^"
        if inverted:
            self.position += 1
        ranges: list[tuple[int, int]] = []
        first = True
        while first or self._peek() != "]":
            first = False
            ranges += self._class_item(start)
        self.position += 1
        found = merged(ranges)
        self._push_characters(negated(found) if inverted else found)

    def _class_item(self, start: int) -> Ranges:
        if self.pattern.startswith("[:", self.position):
            end = self.pattern.find(":]", self.position + 2)
            if end >= 0:
                return self._posix_set(self.pattern[self.position : end + 2])
        if self._peek() == "\\":
            named = self._named_set()
            if named is not None:
                return named
        begin = self.position
        low = high = self._class_char(start)
        if self._peek() == "-" and self.pattern[self.position + 1 : self.position + 2] not in ("]", ""):
            self.position += 1
            high = self._class_char(start)
            if high < low:
                raise RegexpSyntaxError("invalid character class range", self.pattern[begin : self.position])
        ranges: Ranges = ((low, high),)
        return folded(ranges) if self.flags & FOLD else ranges

    def _posix_set(self, text: str) -> Ranges:
        name = text[2:-2]
        inverted = name.startswith("^")
        ranges = POSIX.get(name.removeprefix("^"))
        if ranges is None:
            raise RegexpSyntaxError("invalid character class range", text)
        self.position += len(text)
        return self._group_set(ranges, inverted=inverted)

    def _class_char(self, start: int) -> int:
        if self.position >= len(self.pattern):
            raise RegexpSyntaxError("missing closing ]", self.pattern[start:])
        return self._escape() if self._peek() == "\\" else ord(self._next_char())


_SIMPLE_REPEATS = {"*": (0, NO_LIMIT), "+": (1, NO_LIMIT), "?": (0, 1)}
_ATOMS = {
    "(": _Parser._open,  # noqa: SLF001 - a table beside its class
    ")": _Parser._close,  # noqa: SLF001
    "|": _Parser._bar,  # noqa: SLF001
    "^": _Parser._caret,  # noqa: SLF001
    "$": _Parser._dollar,  # noqa: SLF001
    ".": _Parser._dot,  # noqa: SLF001
    "[": _Parser._bracket,  # noqa: SLF001
    "\\": _Parser._backslash,  # noqa: SLF001
}
_ESCAPED_ASSERTIONS = {"A": BEGIN_TEXT, "z": END_TEXT, "b": WORD_BOUNDARY, "B": NO_WORD_BOUNDARY}
_CONTROLS = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_OCTAL = frozenset("01234567")
_HEXADECIMAL = frozenset("0123456789abcdefABCDEF")


def _count(text: str, position: int) -> tuple[int, int]:
    """Read a decimal count without leading zeros; return it and where it ends, 0 if there is none."""
    end = position
    while end < len(text) and "0" <= text[end] <= "9":
        end += 1
    digits = text[position:end]
    if not digits or (len(digits) > 1 and digits[0] == "0"):
        return 0, 0
    return int(digits) if len(digits) < 10 else MAX_REPEAT + 1, end


def _repeat_size(size: int, minimum: int, maximum: int) -> int:
    """Return how many instructions a repetition needs."""
    if maximum != NO_LIMIT:
        return 1 + size if (minimum, maximum) == (0, 1) else max(1, maximum * size + maximum - minimum)
    return 2 + size if minimum == 0 else 1 + minimum * size


def _repeats_fit(node: Node, budget: int) -> bool:
    """Return whether nested counts multiply to no more than the budget (repeatIsValid)."""
    if node.op == REPEAT and (node.minimum, node.maximum) not in _SIMPLE_REPEATS.values():
        count = node.minimum if node.maximum == NO_LIMIT else node.maximum
        if node.maximum == 0:
            return True
        if count > budget:
            return False
        if count > 0:
            budget //= count
    return all(_repeats_fit(sub, budget) for sub in node.subs)
