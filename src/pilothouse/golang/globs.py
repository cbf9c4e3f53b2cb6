"""Two kinds of file patterns: gobwas/glob, for ``.Files.Glob``, and ``filepath.Match``, for ``.helmignore``.

Both match by keeping the set of places in the name that each part of the pattern can end at, which takes time linear
in pattern and name whatever they are.
"""

from __future__ import annotations

from functools import lru_cache

from pilothouse.errors import Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Step = Callable[[str, set[int]], set[int]]


class GlobSyntaxError(Invalid):
    """A pattern that cannot be read; the text is Go's."""

    reference = "glob"


class Glob:
    """A compiled pattern of gobwas/glob in which slashes divide names.

    ``*`` and ``?`` stay between slashes, ``**`` does not; ``[a-c]``, ``[abc]``, ``[!abc]`` and ``{one,other}`` are
    as in shells; a backslash takes the meaning from what follows.
    """

    __slots__ = ("_steps",)

    def __init__(self, pattern: str) -> None:
        self._steps = _GlobParser(pattern).parse()

    def match(self, name: str) -> bool:
        """Return whether the pattern matches the whole name."""
        return len(name) in _run(self._steps, name, {0})


@lru_cache(maxsize=128)
def compile_glob(pattern: str) -> Glob:
    """Compile a pattern (glob.Compile with ``/`` as separator).

    Raises:
        GlobSyntaxError: With the text of gobwas/glob.
    """
    return Glob(pattern)


def _run(steps: list[Step], name: str, places: set[int]) -> set[int]:
    for step in steps:
        if not places:
            break
        places = step(name, places)
    return places


def _text_step(text: str) -> Step:
    return lambda name, places: {place + len(text) for place in places if name.startswith(text, place)}


def _single_step(accepts: Callable[[str], bool]) -> Step:
    return lambda name, places: {place + 1 for place in places if place < len(name) and accepts(name[place])}


def _any_step(separator: str) -> Step:
    """Return the step of ``*``, which stops at a separator; without one it is that of ``**``."""

    def step(name: str, places: set[int]) -> set[int]:
        reached: set[int] = set()
        furthest = -1
        for place in sorted(places):
            if place <= furthest:
                continue
            stop = name.find(separator, place) if separator else -1
            furthest = len(name) if stop < 0 else stop
            reached.update(range(place, furthest + 1))
        return reached

    return step


def _span_step(prefix: str, suffix: str) -> Step:
    """Return the step of a text, ``**`` and a text alone, which gobwas/glob lets overlap: ``a/**/b`` takes ``a/b``."""

    def step(name: str, places: set[int]) -> set[int]:
        reached: set[int] = set()
        for place in places:
            if name.startswith(prefix, place):
                least = place + max(len(prefix), len(suffix))
                reached.update(end for end in range(least, len(name) + 1) if name.startswith(suffix, end - len(suffix)))
        return reached

    return step


def _choice_step(choices: list[list[Step]]) -> Step:
    def step(name: str, places: set[int]) -> set[int]:
        reached: set[int] = set()
        for steps in choices:
            reached |= _run(steps, name, places)
        return reached

    return step


# What ``*`` and ``?`` are in both kinds of patterns.
_NAME_STEP = _any_step("/")
_NAME_CHAR_STEP = _single_step(lambda found: found != "/")

_WIDE = "**"
_SPECIAL = frozenset("{[*?")


class _GlobParser:
    """Follows gobwas/glob's lexer: what begins a range or a choice, and what ends a text."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.position = 0

    def parse(self) -> list[Step]:
        steps, _ = self._sequence(depth=0)
        return steps

    def _sequence(self, *, depth: int) -> tuple[list[Step], str]:
        """Read up to the end, or in a choice up to its comma or brace, which is returned."""
        steps: list[Step] = []
        shape: list[str | None] = []  # texts, _WIDE for ``**``, None for all else
        end = ""
        while self.position < len(self.pattern):
            char = self.pattern[self.position]
            if depth and char in ",}":
                self.position += 1
                end = char
                break
            if self.pattern.startswith("**", self.position):
                self.position += 2
                if not shape or shape[-1] is not _WIDE:
                    steps.append(_any_step(""))
                    shape.append(_WIDE)
            elif char in _SPECIAL:
                self.position += 1
                steps.append(self._special(char, depth))
                shape.append(None)
            else:
                text = self._text("?*[{,}" if depth else "?*[{")
                steps.append(_text_step(text))
                shape.append(text)
        if not depth and len(shape) == 3 and shape[1] is _WIDE and shape[0] is not None and shape[2] is not None:
            return [_span_step(shape[0], shape[2])], end
        return steps, end

    def _special(self, char: str, depth: int) -> Step:
        if char == "{":
            return self._choices(depth + 1)
        if char == "[":
            return self._range()
        return _NAME_STEP if char == "*" else _NAME_CHAR_STEP

    def _choices(self, depth: int) -> Step:
        choices: list[list[Step]] = []
        while True:
            steps, end = self._sequence(depth=depth)
            choices.append(steps)
            if end != ",":
                # A choice that is not closed ends with the pattern.
                return _choice_step(choices)

    def _text(self, breakers: str) -> str:
        out: list[str] = []
        while self.position < len(self.pattern):
            char = self.pattern[self.position]
            if char == "\\":
                self.position += 1
                if self.position == len(self.pattern):
                    break
                char = self.pattern[self.position]
            elif char in breakers:
                break
            out.append(char)
            self.position += 1
        return "".join(out)

    def _take(self) -> str:
        if self.position >= len(self.pattern):
            raise GlobSyntaxError("unexpected end of input")
        self.position += 1
        return self.pattern[self.position - 1]

    def _range(self) -> Step:
        inverted = self.pattern.startswith("!", self.position)
        if inverted:
            self.position += 1
        low = self._take()
        if self.pattern.startswith("-", self.position):
            self.position += 1
            high = self._take()
            if self._take() != "]":
                raise GlobSyntaxError("expected close range character")
            if high < low:
                raise GlobSyntaxError(f"hi character '{high}' should be greater than lo '{low}'")
            return _single_step(lambda char: (low <= char <= high) != inverted)
        self.position -= 1
        chars = self._text("]")
        if self._take() != "]":
            raise GlobSyntaxError("expected close range character")
        if not chars:
            raise GlobSyntaxError("could not parse range")
        return _single_step(lambda char: (char in chars) != inverted)


BAD_PATTERN = "syntax error in pattern"


def path_match(pattern: str, name: str) -> bool:
    """Return whether a shell pattern matches the whole name (filepath.Match on Unix).

    Raises:
        GlobSyntaxError: The pattern is malformed.
    """
    steps = _path_steps(pattern)
    return len(name) in _run(steps, name, {0})


@lru_cache(maxsize=256)
def _path_steps(pattern: str) -> list[Step]:
    steps: list[Step] = []
    position = 0
    while position < len(pattern):
        char = pattern[position]
        position += 1
        if char == "*":
            steps.append(_NAME_STEP)
        elif char == "?":
            steps.append(_NAME_CHAR_STEP)
        elif char == "[":
            step, position = _path_class(pattern, position)
            steps.append(step)
        else:
            if char == "\\":
                char, position = _path_char(pattern, position - 1)
            steps.append(_text_step(char))
    return steps


def _path_class(pattern: str, position: int) -> tuple[Step, int]:
    """Read a class after its bracket; return it and where it ends."""
    inverted = pattern.startswith("^", position)
    position += inverted
    ranges: list[tuple[str, str]] = []
    while not (ranges and pattern.startswith("]", position)):
        low, position = _class_char(pattern, position)
        high = low
        if pattern.startswith("-", position):
            high, position = _class_char(pattern, position + 1)
        ranges.append((low, high))
    return _single_step(lambda found: any(low <= found <= high for low, high in ranges) != inverted), position + 1


def _class_char(pattern: str, position: int) -> tuple[str, int]:
    if position >= len(pattern) or pattern[position] in "-]":
        raise GlobSyntaxError(BAD_PATTERN)
    char, position = _path_char(pattern, position)
    if position >= len(pattern):
        raise GlobSyntaxError(BAD_PATTERN)
    return char, position


def _path_char(pattern: str, position: int) -> tuple[str, int]:
    """Read one character that a backslash may stand before."""
    if pattern[position] == "\\":
        position += 1
        if position >= len(pattern):
            raise GlobSyntaxError(BAD_PATTERN)
    return pattern[position], position + 1
