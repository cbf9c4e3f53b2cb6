"""Regular expressions with the syntax, texts and results of Go's ``regexp``.

A pattern is always parsed by :mod:`pilothouse.golang.regexp_syntax`. Where a backtracking matcher is certain to be
quick it runs on Python's ``re``, of which it uses only constructs that mean the same; elsewhere on google-re2 if that
is installed (extra ``re2``), or on a small machine of our own that needs time linear in the text.
"""

from __future__ import annotations

import re
from functools import lru_cache

from pilothouse.golang.regexp_classes import in_python
from pilothouse.golang.regexp_cost import estimate
from pilothouse.golang.regexp_syntax import (
    ALTERNATION,
    ASSERTION,
    BEGIN_LINE,
    BEGIN_TEXT,
    CAPTURE,
    CHARACTERS,
    CONCATENATION,
    END_LINE,
    END_TEXT,
    NO_LIMIT,
    NO_WORD_BOUNDARY,
    REPEAT,
    WORD_BOUNDARY,
    Node,
    RegexpSyntaxError,
    parse,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Slots = tuple[int, ...]
    Searcher = Callable[[str, int], Slots | None]

__all__ = ["Regexp", "RegexpSyntaxError", "compile_pattern", "quote_meta"]

_WORK = 20_000_000  # steps that a backtracking matcher may need at most
_DEEPEST = 150  # nesting that Python's own compiler is trusted with
_ASSERTIONS = {
    BEGIN_TEXT: r"\A",
    END_TEXT: r"\Z",
    BEGIN_LINE: "(?m:^)",
    END_LINE: r"(?=\n|\Z)",
    WORD_BOUNDARY: r"\b",
    NO_WORD_BOUNDARY: r"(?!\b)",  # Python's own finds none in an empty text
}


@lru_cache(maxsize=256)
def compile_pattern(pattern: str) -> Regexp:
    """Compile a pattern.

    Raises:
        RegexpSyntaxError: With Go's text.
    """
    return Regexp(normal(pattern))


def normal(text: str) -> str:
    """Return a text whose odd bytes are joined to characters where they make some."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
    return text


class Regexp:
    """A compiled regular expression."""

    __slots__ = ("_backtracker", "_cost", "_machine", "_root", "names", "pattern")

    def __init__(self, pattern: str) -> None:
        syntax = parse(pattern)
        self.pattern = pattern
        self.names = syntax.names
        self._root = syntax.root
        try:
            self._cost = estimate(syntax.root)
        except RecursionError:
            raise RegexpSyntaxError("expression nests too deeply", pattern) from None
        self._backtracker: Searcher | None = None
        self._machine: Searcher | None = None

    def _searcher(self, size: int) -> Searcher:
        """Return what to search a text of ``size`` characters with."""
        cost = self._cost
        slow = cost.exponential or cost.loops_on_nothing or self._root.height > _DEEPEST
        if slow or cost.branches * (size + 1) ** max(cost.degree, 1) > _WORK:
            if self._machine is None:
                self._machine = self._linear()
            return self._machine
        if self._backtracker is None:
            self._backtracker = _spans(re.compile(_translated(self._root), re.ASCII).search)
        return self._backtracker

    def _linear(self) -> Searcher:
        """Return a matcher that takes linear time."""
        from pilothouse.golang.regexp_machine import Machine

        machine = Machine(self._root, len(self.names))
        if self._cost.loops_on_nothing:
            # C++ RE2 and Go disagree on some of these.
            return machine.search
        try:
            import re2  # type: ignore[import-untyped]
        except ImportError:
            return machine.search
        options = re2.Options()
        options.log_errors = False
        try:
            search = _re2_spans(re2.compile(self.pattern, options).search, len(self.names))
        except re2.error:
            return machine.search
        return lambda text, position: (search if _is_utf8(text) else machine.search)(text, position)

    def find(self, text: str) -> Slots | None:
        """Return where the first match and its groups begin and end; -1 for groups without."""
        return self._searcher(len(text))(text, 0)

    def matches(self, text: str) -> bool:
        """Return whether the pattern matches anywhere in the text."""
        return self.find(normal(text)) is not None

    def find_all(self, text: str, limit: int = -1) -> list[Slots]:
        """Return the matches that do not overlap, as Regexp.allMatches counts them."""
        search = self._searcher(len(text))
        size = len(text)
        found: list[Slots] = []
        position, previous_end = 0, -1
        while position <= size and (limit < 0 or len(found) < limit):
            slots = search(text, position)
            if slots is None:
                break
            accepted = True
            if slots[1] == position:
                # An empty match right after another does not count.
                accepted = slots[0] != previous_end
                position += 1
            else:
                position = slots[1]
            previous_end = slots[1]
            if accepted:
                found.append(slots)
        return found

    def find_text(self, text: str) -> str:
        """Return the first match, or nothing."""
        text = normal(text)
        slots = self.find(text)
        return text[slots[0] : slots[1]] if slots else ""

    def find_all_texts(self, text: str, limit: int) -> list[str]:
        """Return the texts of up to ``limit`` matches."""
        text = normal(text)
        return [text[slots[0] : slots[1]] for slots in self.find_all(text, limit)]

    def replace_all(self, text: str, template: str) -> str:
        """Replace every match by a template in which ``$1`` and ``${name}`` stand for groups."""
        text = normal(text)
        if "$" not in template:
            return self._replace(text, lambda _: template)
        parts = self._template(template)
        return self._replace(text, lambda slots: _filled(parts, text, slots))

    def replace_all_literal(self, text: str, replacement: str) -> str:
        """Replace every match by a text."""
        return self._replace(normal(text), lambda _: replacement)

    def _replace(self, text: str, replacement: Callable[[Slots], str]) -> str:
        out: list[str] = []
        search = self._searcher(len(text))
        last_end = position = 0
        while position <= len(text):
            slots = search(text, position)
            if slots is None:
                break
            out.append(text[last_end : slots[0]])
            # An empty match right after another is left alone.
            if slots[1] > last_end or slots[0] == 0:
                out.append(replacement(slots))
            last_end = slots[1]
            position = max(slots[1], position + 1)
        return "".join([*out, text[last_end:]])

    def _template(self, template: str) -> list[str | tuple[int, ...]]:
        """Cut a template into texts and groups (Regexp.expand)."""
        parts: list[str | tuple[int, ...]] = []
        while True:
            before, dollar, rest = template.partition("$")
            parts.append(before)
            if not dollar:
                return parts
            if rest.startswith("$"):
                parts.append("$")
                template = rest[1:]
                continue
            name, rest, ok = _extract(rest)
            template = rest
            if not ok:
                parts.append("$")
            elif name.isascii() and name.isdigit() and (len(name) == 1 or name[0] != "0") and len(name) < 9:
                parts.append((int(name),) if int(name) < len(self.names) else "")
            else:
                parts.append(tuple(index for index, own in enumerate(self.names) if own == name and index))

    def split(self, text: str, limit: int) -> list[str] | None:
        """Cut the text at the matches into up to ``limit`` pieces; None for a limit of 0 (Regexp.Split)."""
        if limit == 0:
            return None
        if self.pattern and not text:
            return [""]
        text = normal(text)
        pieces: list[str] = []
        begin = end = 0
        for slots in self.find_all(text, limit):
            if 0 < limit == len(pieces) + 1:
                break
            end = slots[0]
            if slots[1] != 0:
                pieces.append(text[begin:end])
            begin = slots[1]
        if end != len(text):
            pieces.append(text[begin:])
        return pieces


def _filled(parts: list[str | tuple[int, ...]], text: str, slots: Slots) -> str:
    """Put groups into a template; of several groups of one name the first that took part in the match."""
    out = []
    for part in parts:
        if isinstance(part, str):
            out.append(part)
            continue
        for group in part:
            if slots[2 * group] >= 0:
                out.append(text[slots[2 * group] : slots[2 * group + 1]])
                break
    return "".join(out)


def _extract(rest: str) -> tuple[str, str, bool]:
    """Read the name after a dollar, in braces or not; return it, what follows, and whether it was one."""
    braced = rest.startswith("{")
    end = start = 1 if braced else 0
    while end < len(rest) and (rest[end] == "_" or rest[end].isalpha() or rest[end].isdecimal()):
        end += 1
    if end == start or (braced and rest[end : end + 1] != "}"):
        return "", rest, False
    return rest[start:end], rest[end + braced :], True


def _spans(search: Callable[[str, int], re.Match[str] | None]) -> Searcher:
    def spans(text: str, position: int) -> Slots | None:
        match = search(text, position)
        return None if match is None else tuple([edge for span in match.regs for edge in span])

    return spans


def _re2_spans(search: Callable[[str, int], re.Match[str] | None], groups: int) -> Searcher:
    def spans(text: str, position: int) -> Slots | None:
        match = search(text, position)
        return None if match is None else tuple([edge for group in range(groups) for edge in match.span(group)])

    return spans


def _is_utf8(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def _translated(node: Node) -> str:
    """Return a tree as a pattern of Python's ``re`` that means the same."""
    write = _TRANSLATIONS.get(node.op)
    return write(node) if write else ""


def _joined_text(node: Node) -> str:
    return "".join([f"(?:{_translated(sub)})" if sub.op == ALTERNATION else _translated(sub) for sub in node.subs])


def _repeat_text(node: Node) -> str:
    bounds = (node.minimum, node.maximum)
    sign = {(0, NO_LIMIT): "*", (1, NO_LIMIT): "+", (0, 1): "?"}.get(bounds)
    if sign is None:
        sign = f"{{{node.minimum},{'' if node.maximum == NO_LIMIT else node.maximum}}}"
    inner = _translated(node.subs[0])
    if node.subs[0].op not in (CHARACTERS, CAPTURE):
        inner = f"(?:{inner})"
    return inner + sign + ("" if node.greedy else "?")


def _set_text(node: Node) -> str:
    ranges = in_python(node.ranges)
    if not ranges:
        return r"(?!)"
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1]:
        return re.escape(chr(ranges[0][0]))
    if ranges[-1][1] == _LAST:
        # What it leaves out is shorter, and compiled ten times as fast.
        return f"[^{_range_text(left)}]" if (left := _left_out(ranges)) else r"[\s\S]"
    return f"[{_range_text(ranges)}]"


_LAST = 0x10FFFF
_NOT_IN_TEXTS = ((0xD800, 0xDC7F), (0xDD00, 0xDFFF))
"""Surrogates that stand for no byte, which no text holds: it does not matter whether a set has them."""


def _left_out(ranges: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the characters that a set with the last one does not have."""
    found: list[tuple[int, int]] = []
    start = 0
    for low, high in ranges:
        if start < low and (start, low - 1) not in _NOT_IN_TEXTS:
            found.append((start, low - 1))
        start = high + 1
    return found


def _range_text(ranges: Sequence[tuple[int, int]]) -> str:
    return "".join([_char(low) if low == high else f"{_char(low)}-{_char(high)}" for low, high in ranges])


_TRANSLATIONS: dict[int, Callable[[Node], str]] = {
    CHARACTERS: _set_text,
    ASSERTION: lambda node: _ASSERTIONS[node.assertion],
    CAPTURE: lambda node: f"({_translated(node.subs[0])})",
    CONCATENATION: _joined_text,
    ALTERNATION: lambda node: "|".join(map(_translated, node.subs)),
    REPEAT: _repeat_text,
}


def _char(code: int) -> str:
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


_META = frozenset(r"\.+*?()|[]{}^$")


def quote_meta(text: str) -> str:
    """Escape what has a meaning in patterns."""
    return "".join(["\\" + char if char in _META else char for char in text])
