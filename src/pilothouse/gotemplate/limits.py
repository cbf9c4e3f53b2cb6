"""How much a template may use: charts come from strangers, and Go's engine would take all memory and time there is.

What counts is spent where it costs next to nothing: by loops before they begin, by templates that call others, and by
functions that make long texts or lists, or take long.
"""

from __future__ import annotations

from pilothouse.golang.functions import FunctionError
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pilothouse.golang.functions import Function
    from pilothouse.golang.kinds import GoValue

#: Steps between two looks at the clock.
_QUANTUM = 20_000
#: Texts shorter than this are not counted.
_SHORT = 4_096
#: How many texts of the greatest length may be made in all, most of which are thrown away again.
_TURNOVER = 10
#: How much shorter a text has to be that is parsed as a template.
_PARSING = 50


class Limits(Record):
    """What one set of templates may use; far beyond any chart that makes sense.

    Attributes:
        characters: Length of one text, also of all output of one template.
        elements: Length of one list.
        steps: Calls of templates and turns of loops.
        seconds: Time; looked at now and then.
    """

    characters: int = 100_000_000
    elements: int = 5_000_000
    steps: int = 50_000_000
    seconds: float = 120.0


class LimitExceeded(FunctionError):
    """A template uses more than it may."""

    reference = "template-limit"


class Meter:
    """Counts what one set of templates uses.

    Args:
        limits: How much it may use.
        monotonic: Tells the seconds; without it time is not limited.
    """

    __slots__ = ("_deadline", "_left", "_made", "_monotonic", "_spent", "limits")

    def __init__(self, limits: Limits, monotonic: Callable[[], float] | None = None) -> None:
        self.limits = limits
        self._monotonic = monotonic
        self._left = _QUANTUM
        self._spent = 0
        self._made = 0
        self._deadline = 0.0

    def start(self) -> None:
        """Time begins to count, if it has not begun."""
        if self._monotonic is not None and not self._deadline:
            self._deadline = self._monotonic() + self.limits.seconds

    def step(self) -> None:
        """Count a call of a template."""
        self._left -= 1
        if self._left < 0:
            self._look()

    def spend(self, steps: int) -> None:
        """Count many steps at once."""
        self._left -= steps
        if self._left < 0:
            self._look()

    def _look(self) -> None:
        limits = self.limits
        self._spent += _QUANTUM - self._left
        self._left = _QUANTUM
        if self._spent > limits.steps:
            raise LimitExceeded(f"the template takes more than {limits.steps} steps, which is the limit")
        if self._monotonic is not None and self._deadline and self._monotonic() > self._deadline:
            raise LimitExceeded(f"the template takes longer than {limits.seconds:g} seconds, which is the limit")

    def make(self, length: int) -> None:
        """Count a text of so many characters, or refuse it."""
        if length < _SHORT:
            return
        limit = self.limits.characters
        self._made += length
        if length > limit or self._made > limit * _TURNOVER:
            raise LimitExceeded(f"the template makes a text of more than {limit} characters, which is the limit")

    def enlist(self, length: int) -> None:
        """Refuse a list of so many elements if that is too many."""
        if length > self.limits.elements:
            raise LimitExceeded(
                f"the template makes a value of more than {self.limits.elements} elements, which is the limit"
            )

    def template(self, text: str, depth: int) -> None:
        """Count a text that a template executes, or refuse it: parsing takes longest, the more so within others."""
        if len(text) >= _SHORT:
            limit = self.limits.characters // _PARSING >> depth // 2
            if len(text) > limit:
                raise LimitExceeded(f"the template executes a text of more than {limit} characters, which is the limit")
            self.spend(len(text))

    # -- what generated code calls --------------------------------------------------------------------------------

    def join(self, parts: Sequence[str]) -> str:
        """The text of all parts."""
        if len(parts) > _SHORT:
            self.make(sum(map(len, parts)))
            return "".join(parts)
        text = "".join(parts)
        if len(text) >= _SHORT:
            self.make(len(text))
        return text

    def loop(self, visit: Callable[[GoValue], Sequence[GoValue]]) -> Callable[[GoValue], Sequence[GoValue]]:
        """``visit``, whose turns are counted before the first."""

        def counted(value: GoValue) -> Sequence[GoValue]:
            items = visit(value)
            self._left -= len(items)
            if self._left < 0:
                self._look()
            return items

        return counted

    def bounded(self, name: str, function: Function) -> Callable[..., GoValue]:
        """The call of a function, with checks before and after it where it may need them."""
        before = _ESTIMATES.get(name)
        if before is not None:
            return self._estimated(function.call, before, counts_elements=name in _NUMBERS)
        if name in _LISTS:
            return self._listed(function.call)
        if function.role == "context":
            return self._executing(function.call)
        if name in _SLOW:
            return self._slow(function.call)
        if name in _DEEP:
            return self._deep(function.call)
        return self._measured(function) if function.result == "string" else function.call

    def _estimated(
        self, call: Callable[..., GoValue], estimate: Callable[..., int], *, counts_elements: bool
    ) -> Callable[..., GoValue]:
        check = self.enlist if counts_elements else self.make

        def checked(*arguments: GoValue) -> GoValue:
            check(estimate(*arguments))
            return call(*arguments)

        return checked

    def _listed(self, call: Callable[..., GoValue]) -> Callable[..., GoValue]:
        def checked(*arguments: GoValue) -> GoValue:
            made = call(*arguments)
            if len(made) > _SHORT:
                self.enlist(len(made))
                self.spend(len(made) >> 4)
            return made

        return checked

    def _slow(self, call: Callable[..., GoValue]) -> Callable[..., GoValue]:
        def checked(*arguments: GoValue) -> GoValue:
            self.spend(_QUANTUM >> 4)
            return self._counted(call(*arguments))

        return checked

    def _executing(self, call: Callable[..., GoValue]) -> Callable[..., GoValue]:
        def checked(running: GoValue, *arguments: GoValue) -> GoValue:
            self._left -= 50
            for argument in arguments:
                if type(argument) is str:
                    self.template(argument, running.depth)
            return call(running, *arguments)

        return checked

    def _deep(self, call: Callable[..., GoValue]) -> Callable[..., GoValue]:
        def checked(*arguments: GoValue) -> GoValue:
            for argument in arguments:
                if type(argument) is not str and isinstance(argument, (dict, list)):
                    known: dict[int, int] = {}
                    self.enlist(weight(argument, known))
                    self._left -= len(known)
            return self._counted(call(*arguments))

        return checked

    def _counted(self, made: GoValue) -> GoValue:
        if type(made) is str:
            self.make(len(made))
        return made

    def _measured(self, function: Function) -> Callable[..., GoValue]:
        call = function.call
        if len(function.params) == 1 and not function.variadic:

            def checked_one(argument: GoValue) -> GoValue:
                made = call(argument)
                if len(made) >= _SHORT:
                    self.make(len(made))
                return made

            return checked_one

        def checked(*arguments: GoValue) -> GoValue:
            made = call(*arguments)
            if len(made) >= _SHORT:
                self.make(len(made))
            return made

        return checked


def weight(value: GoValue, known: dict[int, int]) -> int:
    """How many elements a value has where each that is shared counts as often as it is reached.

    Args:
        value: A map or list.
        known: The weights of containers that are known, by identity.
    """
    total = len(value)
    known[id(value)] = total
    for element in value.values() if isinstance(value, dict) else value:
        if type(element) is not str and isinstance(element, (dict, list)) and element:
            shared = known.get(id(element))
            total += weight(element, known) if shared is None else shared
    known[id(value)] = total
    return total


# -- how long a result will be ------------------------------------------------------------------------------------


def _repeat(count: int, text: str) -> int:
    return max(count, 0) * len(text)


def _indent(count: int, text: str) -> int:
    return max(count, 0) * (text.count("\n") + 1) + len(text) if count > 100 else len(text)


def _replace(old: str, new: str, text: str) -> int:
    if len(text) < 100 and len(new) < 100:
        return 0
    return (text.count(old) if old else len(text) + 1) * len(new) + len(text)


def _replace_matches(_pattern: str, text: str, new: str) -> int:
    # Every character may match, but hardly ever does.
    return (len(text) + 1) * (len(new) + 1) // 10


def _join(separator: str, items: GoValue) -> int:
    if not isinstance(items, list) or (len(items) < 100 and len(separator) < 100):
        return 0
    return (len(separator) + 8) * len(items) + _total(items)


def _total(items: Iterable[GoValue]) -> int:
    return sum(len(item) for item in items if isinstance(item, str))


def _cat(*items: GoValue) -> int:
    return _total(items)


def _wrap_with(width: int, separator: str, text: str) -> int:
    return len(text) + (len(text) // max(width, 1) + 1) * len(separator)


def _until(count: int) -> int:
    return abs(count)


def _until_step(start: int, stop: int, step: int) -> int:
    return abs(stop - start) // abs(step) if step else 0


def _seq(*numbers: int) -> int:
    if len(numbers) == 1:
        return abs(numbers[0])
    if len(numbers) == 2:
        return abs(numbers[1] - numbers[0])
    return abs(numbers[2] - numbers[0]) // abs(numbers[1]) if len(numbers) == 3 and numbers[1] else 0


def _characters(count: int) -> int:
    return max(count, 0)


def _printf(template: str, *values: GoValue) -> int:
    known = _total(values)
    if len(template) < 100:
        return known
    import re

    widths = re.findall(r"[0-9]{4,}|\*", template)
    return known + len(template) + sum([1_000_000 if width == "*" else int(width[:8]) for width in widths])


_ESTIMATES: dict[str, Callable[..., int]] = {
    "repeat": _repeat,
    "indent": _indent,
    "nindent": _indent,
    "replace": _replace,
    "regexReplaceAll": _replace_matches,
    "mustRegexReplaceAll": _replace_matches,
    "regexReplaceAllLiteral": _replace_matches,
    "mustRegexReplaceAllLiteral": _replace_matches,
    "join": _join,
    "cat": _cat,
    "print": _cat,
    "println": _cat,
    "printf": _printf,
    "wrapWith": _wrap_with,
    "until": _until,
    "untilStep": _until_step,
    "seq": _seq,
    "randAlphaNum": _characters,
    "randAlpha": _characters,
    "randAscii": _characters,
    "randNumeric": _characters,
    "randBytes": _characters,
}
_NUMBERS = frozenset({"until", "untilStep", "seq"})
_LISTS = frozenset(
    {"append", "push", "mustAppend", "mustPush", "prepend", "mustPrepend", "concat", "splitList", "regexSplit"}
)
_SLOW = frozenset(
    {
        "bcrypt",
        "htpasswd",
        "derivePassword",
        "encryptAES",
        "genPrivateKey",
        "genCA",
        "genCAWithKey",
        "genSelfSignedCert",
        "genSelfSignedCertWithKey",
        "genSignedCert",
        "genSignedCertWithKey",
        "fromYaml",
        "fromYamlArray",
        "shuffle",
        "lookup",
        "getHostByName",
    }
)
_DEEP = frozenset(
    {
        "toYaml",
        "toYamlPretty",
        "mustToYaml",
        "toJson",
        "mustToJson",
        "toPrettyJson",
        "mustToPrettyJson",
        "toRawJson",
        "mustToRawJson",
        "toToml",
        "mustToToml",
        "deepCopy",
        "mustDeepCopy",
        "deepEqual",
        "toString",
        "quote",
        "squote",
        "html",
        "js",
        "urlquery",
        "merge",
        "mustMerge",
        "mergeOverwrite",
        "mustMergeOverwrite",
    }
)
