"""How badly a backtracking matcher could do on a pattern.

At every choice (repeat again or go on, this alternative or that) a matcher that backtracks is safe if the next
character decides: the first characters of the branches are disjoint. A choice that is not decided so is *open*. Open
choices in sequence multiply the work by the length of the text each; inside a repetition they double it per round.
"""

from __future__ import annotations

from pilothouse.golang.regexp_classes import LAST, merged, overlap
from pilothouse.golang.regexp_syntax import (
    ALTERNATION,
    ASSERTION,
    BEGIN_TEXT,
    CAPTURE,
    CHARACTERS,
    CONCATENATION,
    NO_LIMIT,
    REPEAT,
    Node,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.regexp_classes import Ranges

_ANYTHING: Ranges = ((0, LAST),)
_FEW_ROUNDS = 3


class Cost:
    """What a pattern costs a backtracking matcher.

    Attributes:
        degree: Open choices in sequence: work grows with this power of the text's length.
        branches: By how much short optional parts multiply the work.
        exponential: Whether an open choice stands in a repetition.
        loops_on_nothing: Whether a repetition's body can be empty, where rules of matchers differ.
    """

    __slots__ = ("branches", "degree", "exponential", "loops_on_nothing")

    def __init__(self) -> None:
        self.degree = 0
        self.branches = 1
        self.exponential = False
        self.loops_on_nothing = False


def estimate(root: Node) -> Cost:
    """Return the cost of a pattern."""
    cost = Cost()
    _visit(root, (), cost, 0)
    if not _anchored(root):
        cost.degree += 1
    return cost


def _anchored(node: Node) -> bool:
    if node.op == ASSERTION:
        return node.assertion == BEGIN_TEXT
    return node.op in (CONCATENATION, CAPTURE) and _anchored(node.subs[0])


def nullable(node: Node) -> bool:
    """Return whether the node can match nothing."""
    if node.op == CHARACTERS:
        return False
    if node.op == REPEAT:
        return node.minimum == 0 or nullable(node.subs[0])
    if node.op == ALTERNATION:
        return any(map(nullable, node.subs))
    return all(map(nullable, node.subs))


def _first(node: Node) -> Ranges:
    """Return the characters that a match of the node may begin with."""
    if node.op == CHARACTERS:
        return node.ranges
    if node.op == ALTERNATION:
        return merged(pair for sub in node.subs for pair in _first(sub))
    found: list[tuple[int, int]] = []
    for sub in node.subs:
        found += _first(sub)
        if not nullable(sub):
            break
    return merged(found)


def _visit(node: Node, follow: Ranges, cost: Cost, depth: int) -> None:
    """Count the open choices of a node that ``follow`` may come after; ``depth`` counts repetitions around it."""
    if node.op == CONCATENATION:
        for index, sub in enumerate(node.subs):
            _visit(sub, _first_of_rest(node.subs[index + 1 :], follow), cost, depth)
    elif node.op == ALTERNATION:
        seen: Ranges = ()
        for sub in node.subs:
            start = _first(sub)
            if nullable(sub):
                start = merged(start + follow)
            if overlap(seen, start):
                _open_choice(cost, depth, wide=False)
            seen = merged(seen + start)
            _visit(sub, follow, cost, depth)
    elif node.op == REPEAT:
        _visit_repeat(node, follow, cost, depth)
    elif node.op == CAPTURE:
        _visit(node.subs[0], follow, cost, depth)


def _first_of_rest(rest: list[Node], follow: Ranges) -> Ranges:
    found: Ranges = ()
    for sub in rest:
        found = merged(found + _first(sub))
        if not nullable(sub):
            return found
    return merged(found + follow)


def _visit_repeat(node: Node, follow: Ranges, cost: Cost, depth: int) -> None:
    sub = node.subs[0]
    start = _first(sub)
    many = node.maximum == NO_LIMIT or node.maximum > 1
    if many and nullable(sub):
        cost.loops_on_nothing = True
    if node.minimum != node.maximum and (overlap(start, follow) or nullable(sub)):
        _open_choice(cost, depth, wide=many)
    if many:
        _visit(sub, merged(start + follow), cost, depth + (node.maximum == NO_LIMIT or node.maximum > _FEW_ROUNDS))
    else:
        _visit(sub, follow, cost, depth)


def _open_choice(cost: Cost, depth: int, *, wide: bool) -> None:
    if depth:
        cost.exponential = True
    elif wide:
        cost.degree += 1
    else:
        cost.branches = min(cost.branches * 2, 1 << 40)
