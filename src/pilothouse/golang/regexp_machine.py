"""A matcher that takes time linear in the text: Pike's machine, with Perl's choice among matches (regexp/exec.go)."""

from __future__ import annotations

from bisect import bisect_right

from pilothouse.golang.regexp_cost import nullable
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
    REPEAT,
    WORD_BOUNDARY,
    Node,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.regexp_classes import Ranges

    Slots = tuple[int, ...]
    Thread = tuple[int, Slots]

_CHAR, _SPLIT, _ASSERT, _SAVE, _JUMP, _MATCH = range(6)
_WORD = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")


class _Set:
    """A set of characters that remembers its answers."""

    __slots__ = ("_known", "_starts", "_stops")

    def __init__(self, ranges: Ranges) -> None:
        self._starts = [low for low, _ in ranges]
        self._stops = [high for _, high in ranges]
        self._known: dict[str, bool] = {}

    def has(self, char: str) -> bool:
        known = self._known.get(char)
        if known is None:
            code = 0xFFFD if "\udc80" <= char <= "\udcff" else ord(char)
            index = bisect_right(self._starts, code) - 1
            known = self._known[char] = index >= 0 and code <= self._stops[index]
        return known


class Machine:
    """A compiled pattern."""

    __slots__ = ("_code", "_sets", "_slots")

    def __init__(self, root: Node, groups: int) -> None:
        self._code: list[list[int]] = []
        self._sets: list[_Set] = []
        self._slots = groups * 2
        self._emit(root)
        self._code.append([_MATCH, 0, 0])

    # Compilation: each instruction is [operation, argument, other argument].

    def _add(self, operation: int, first: int = 0, second: int = 0) -> int:
        self._code.append([operation, first, second])
        return len(self._code) - 1

    def _emit(self, node: Node) -> None:
        if node.op == CHARACTERS:
            self._sets.append(_Set(node.ranges))
            self._add(_CHAR, len(self._sets) - 1)
        elif node.op == ASSERTION:
            self._add(_ASSERT, node.assertion)
        elif node.op == CAPTURE:
            self._add(_SAVE, node.group * 2)
            self._emit(node.subs[0])
            self._add(_SAVE, node.group * 2 + 1)
        elif node.op == CONCATENATION:
            for sub in node.subs:
                self._emit(sub)
        elif node.op == ALTERNATION:
            self._emit_alternatives(node.subs)
        elif node.op == REPEAT:
            self._emit_repeat(node)

    def _emit_alternatives(self, subs: list[Node]) -> None:
        jumps = []
        for sub in subs[:-1]:
            split = self._add(_SPLIT)
            self._code[split][1] = split + 1
            self._emit(sub)
            jumps.append(self._add(_JUMP))
            self._code[split][2] = len(self._code)
        self._emit(subs[-1])
        for jump in jumps:
            self._code[jump][1] = len(self._code)

    def _emit_repeat(self, node: Node) -> None:
        sub = node.subs[0]
        if node.maximum == NO_LIMIT:
            for _ in range(node.minimum - 1):
                self._emit(sub)
            if node.minimum:
                self._emit_plus(sub, greedy=node.greedy)
            elif nullable(sub):
                # (x+)? keeps the order of choices right where x may match nothing.
                split = self._split(greedy=node.greedy)
                self._emit_plus(sub, greedy=node.greedy)
                self._land(split, greedy=node.greedy)
            else:
                split = self._split(greedy=node.greedy)
                self._emit(sub)
                self._add(_JUMP, split)
                self._land(split, greedy=node.greedy)
            return
        for _ in range(node.minimum):
            self._emit(sub)
        splits = []
        for _ in range(node.maximum - node.minimum):
            splits.append(self._split(greedy=node.greedy))
            self._emit(sub)
        for split in splits:
            self._land(split, greedy=node.greedy)

    def _emit_plus(self, sub: Node, *, greedy: bool) -> None:
        start = len(self._code)
        self._emit(sub)
        split = self._split(greedy=greedy)
        self._code[split][1 if greedy else 2] = start
        self._land(split, greedy=greedy)

    def _split(self, *, greedy: bool) -> int:
        split = self._add(_SPLIT)
        self._code[split][1 if greedy else 2] = split + 1
        return split

    def _land(self, split: int, *, greedy: bool) -> None:
        self._code[split][2 if greedy else 1] = len(self._code)

    # Execution.

    def search(self, text: str, position: int) -> Slots | None:
        """Return where the first match from ``position`` on and its groups begin and end, -1 for groups without."""
        matched: Slots | None = None
        threads: list[Thread] = []
        seen: set[int] = set()
        empty = (-1,) * self._slots
        size = len(text)
        code, sets = self._code, self._sets
        while True:
            if matched is None:
                self._follow(threads, seen, 0, (position, *empty[1:]), text, position)
            if not threads:
                if matched is not None or position >= size:
                    return matched
                position += 1
                seen = set()
                continue
            char = text[position] if position < size else ""
            following: list[Thread] = []
            fresh: set[int] = set()
            for counter, slots in threads:
                operation, argument, _ = code[counter]
                if operation == _MATCH:
                    matched = (slots[0], position, *slots[2:])
                    break
                if char and sets[argument].has(char):
                    self._follow(following, fresh, counter + 1, slots, text, position + 1)
            if position >= size:
                return matched
            threads, seen = following, fresh
            position += 1

    def _follow(
        self, threads: list[Thread], seen: set[int], counter: int, slots: Slots, text: str, position: int
    ) -> None:
        """Add the threads that a program counter leads to without taking a character, best choice first."""
        code = self._code
        stack = [(counter, slots)]
        while stack:
            counter, slots = stack.pop()
            if counter in seen:
                continue
            seen.add(counter)
            operation, first, second = code[counter]
            if operation == _SPLIT:
                stack.append((second, slots))
                stack.append((first, slots))
            elif operation == _JUMP:
                stack.append((first, slots))
            elif operation == _SAVE:
                stack.append((counter + 1, (*slots[:first], position, *slots[first + 1 :])))
            elif operation == _ASSERT:
                if _holds(first, text, position):
                    stack.append((counter + 1, slots))
            else:
                threads.append((counter, slots))


def _holds(assertion: int, text: str, position: int) -> bool:
    if assertion == BEGIN_TEXT:
        return position == 0
    if assertion == END_TEXT:
        return position == len(text)
    if assertion == BEGIN_LINE:
        return position == 0 or text[position - 1] == "\n"
    if assertion == END_LINE:
        return position == len(text) or text[position] == "\n"
    before = position > 0 and text[position - 1] in _WORD
    after = position < len(text) and text[position] in _WORD
    return (before != after) == (assertion == WORD_BOUNDARY)
