"""Label selectors and field selectors. Go's ``k8s.io/apimachinery/pkg/labels`` and ``fields``."""

from __future__ import annotations

from pilothouse.objects.errors import SelectorError
from pilothouse.objects.names import label_value_problems, qualified_name_problems
from pilothouse.records import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pilothouse.golang.kinds import YamlValue

_SYMBOLS = {"=": "=", "==": "==", "!=": "!=", "!": "!", "(": "(", ")": ")", ",": ",", ">": "gt", "<": "lt"}
_SPECIAL = frozenset("=!(),><")
_SPACE = frozenset(" \t\r\n")
_OPERATORS = ("in", "notin", "=", "==", "!=", "gt", "lt")
_END, _IDENTIFIER, _ERROR = "end", "identifier", "error"


class Requirement(Record):
    """One condition of a label selector.

    Attributes:
        key: The label.
        operator: ``in``, ``notin``, ``=``, ``==``, ``!=``, ``exists``, ``!``, ``gt`` or ``lt``.
        values: What the label is compared with, sorted.
    """

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Say whether ``labels`` meet the condition."""
        value = labels.get(self.key)
        if self.operator in {"in", "=", "=="}:
            return value is not None and value in self.values
        if self.operator in {"notin", "!="}:
            return value is None or value not in self.values
        if self.operator == "exists":
            return value is not None
        if self.operator == "!":
            return value is None
        try:
            left, right = int(value or ""), int(self.values[0])
        except ValueError:
            return False
        return left > right if self.operator == "gt" else left < right

    def __str__(self) -> str:
        if self.operator == "!":
            return f"!{self.key}"
        if self.operator == "exists":
            return self.key
        if self.operator in {"in", "notin"}:
            return f"{self.key} {self.operator} ({','.join(self.values)})"
        return f"{self.key}{ {'gt': '>', 'lt': '<'}.get(self.operator, self.operator) }{self.values[0]}"


class Selector(Record):
    """Conditions on labels that must all hold; none at all match everything.

    Attributes:
        requirements: The conditions.
        nothing: Whether it matches no object, as the selector that is not set.
    """

    requirements: tuple[Requirement, ...] = ()
    nothing: bool = False

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Say whether ``labels`` meet all conditions."""
        return not self.nothing and all(each.matches(labels) for each in self.requirements)

    def __str__(self) -> str:
        return ",".join(str(each) for each in self.requirements)


EVERYTHING = Selector()
NOTHING = Selector(nothing=True)


def _scan(text: str) -> Iterator[tuple[str, str]]:
    """Yield token and literal. Go's ``labels.Lexer``."""
    place = 0
    while place < len(text):
        char = text[place]
        if char in _SPACE:
            place += 1
        elif char in _SPECIAL:
            literal = next(
                (text[place : place + size] for size in (2, 1) if text[place : place + size] in _SYMBOLS), ""
            )
            if not literal:
                yield _ERROR, f"error expected: keyword found '{char}'"
            yield _SYMBOLS[literal], literal
            place += len(literal)
        else:
            start = place
            while place < len(text) and text[place] not in _SPACE and text[place] not in _SPECIAL:
                place += 1
            word = text[start:place]
            yield (word if word in {"in", "notin"} else _IDENTIFIER), word
    yield _END, ""


class _Parser:
    """Go's ``labels.Parser``."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_scan(text))
        self._place = 0

    def _look(self, *, operator: bool = False) -> tuple[str, str]:
        mark, literal = self._tokens[min(self._place, len(self._tokens) - 1)]
        if not operator and mark in {"in", "notin"}:
            return _IDENTIFIER, literal
        return mark, literal

    def _take(self, *, operator: bool = False) -> tuple[str, str]:
        found = self._look(operator=operator)
        self._place += 1
        return found

    def parse(self) -> tuple[Requirement, ...]:
        found: list[Requirement] = []
        while True:
            mark, literal = self._look()
            if mark == _END:
                return tuple(sorted(found, key=lambda each: each.key))
            if mark not in {_IDENTIFIER, "!"}:
                raise SelectorError(f"found '{literal}', expected: !, identifier, or 'end of string'")
            try:
                found.append(self._requirement())
            except SelectorError as error:
                raise SelectorError(f"unable to parse requirement: {error.message}") from error
            mark, literal = self._take()
            if mark == ",":
                mark, literal = self._look()
                if mark not in {_IDENTIFIER, "!"}:
                    raise SelectorError(f"found '{literal}', expected: identifier after ','")
            elif mark != _END:
                raise SelectorError(f"found '{literal}', expected: ',' or 'end of string'")

    def _requirement(self) -> Requirement:
        mark, key = self._take()
        absent = mark == "!"
        if absent:
            mark, key = self._take()
        if mark != _IDENTIFIER:
            raise SelectorError(f"found '{key}', expected: identifier")
        problems = qualified_name_problems(key)
        if problems:
            raise SelectorError(f"<nil>: Invalid value: {_quoted(key)}: {'; '.join(problems)}")
        if absent or self._look()[0] in {_END, ","}:
            return requirement(key, "!" if absent else "exists", ())
        operator, literal = self._take(operator=True)
        if operator not in _OPERATORS:
            raise SelectorError(f"found '{literal}', expected: {', '.join(_OPERATORS)}")
        values = self._values() if operator in {"in", "notin"} else (self._exact_value(),)
        return requirement(key, operator, values)

    def _exact_value(self) -> str:
        if self._look()[0] in {_END, ","}:
            return ""
        mark, literal = self._take()
        if mark != _IDENTIFIER:
            raise SelectorError(f"found '{literal}', expected: identifier")
        return literal

    def _values(self) -> tuple[str, ...]:
        mark, literal = self._take()
        if mark != "(":
            raise SelectorError(f"found '{literal}' expected: '('")
        mark, literal = self._look()
        if mark == ")":
            self._take()
            return ()
        if mark not in {_IDENTIFIER, ","}:
            raise SelectorError(f"found '{literal}', expected: ',', ')' or identifier")
        found = self._value_list()
        if self._take()[0] != ")":
            raise SelectorError(f"found '{literal}', expected: ')'")
        return tuple(sorted(found))

    def _value_list(self) -> set[str]:
        found: set[str] = set()
        while True:
            mark, literal = self._take()
            following, next_literal = self._look()
            if mark == _IDENTIFIER:
                found.add(literal)
                if following == ")":
                    return found
                if following != ",":
                    raise SelectorError(f"found '{next_literal}', expected: ',' or ')'")
            elif mark == ",":
                if not found:
                    found.add("")
                if following == ")":
                    return found | {""}
                if following == ",":
                    self._take()
                    found.add("")
            else:
                raise SelectorError(f"found '{literal}', expected: ',', or identifier")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def requirement(key: str, operator: str, values: tuple[str, ...]) -> Requirement:
    """Return a checked condition. Go's ``labels.NewRequirement``."""
    problems = qualified_name_problems(key)
    if problems:
        raise SelectorError(f"key: Invalid value: {_quoted(key)}: {'; '.join(problems)}")
    listed = "[]string{" + ", ".join(map(_quoted, values)) + "}"
    if operator in {"in", "notin"} and not values:
        raise SelectorError(f"values: Invalid value: {listed}: for 'in', 'notin' operators, values set can't be empty")
    if operator in {"exists", "!"} and values:
        raise SelectorError(f"values: Invalid value: {listed}: values set must be empty for exists and does not exist")
    for place, value in enumerate(values):
        if operator in {"gt", "lt"} and not value.removeprefix("-").isdigit():
            rule = "for 'Gt', 'Lt' operators, the value must be an integer"
            raise SelectorError(f"values[{place}]: Invalid value: {_quoted(value)}: {rule}")
        problems = label_value_problems(value)
        if problems:
            raise SelectorError(f"values[{place}][{key}]: Invalid value: {_quoted(value)}: {'; '.join(problems)}")
    return Requirement(key=key, operator=operator, values=values)


def parse(text: str) -> Selector:
    """Return the label selector that ``text`` writes. Go's ``labels.Parse``.

    Raises:
        SelectorError: With Go's text.
    """
    return Selector(requirements=_Parser(text).parse())


def from_labels(labels: Mapping[str, str]) -> Selector:
    """Return a selector of exactly these labels. Go's ``labels.SelectorFromSet``."""
    found = (Requirement(key=key, operator="=", values=(value,)) for key, value in sorted(labels.items()))
    return Selector(requirements=tuple(found))


_EXPRESSIONS = {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "!"}


def from_object(selector: Mapping[str, YamlValue] | None) -> Selector:
    """Return the selector that an object writes with ``matchLabels`` and ``matchExpressions``.

    Go's ``metav1.LabelSelectorAsSelector``: none matches nothing, an empty one everything.

    Raises:
        SelectorError: With Go's text.
    """
    if selector is None:
        return NOTHING
    found = [requirement(key, "=", (str(value),)) for key, value in (selector.get("matchLabels") or {}).items()]
    for each in selector.get("matchExpressions") or []:
        operator = _EXPRESSIONS.get(each.get("operator", ""))
        if operator is None:
            raise SelectorError(f"{_quoted(str(each.get('operator', '')))} is not a valid label selector operator")
        found.append(requirement(each.get("key", ""), operator, tuple(sorted(each.get("values") or ()))))
    return Selector(requirements=tuple(sorted(found, key=lambda each: each.key)))


class FieldSelector(Record):
    """Conditions on fields that must all hold.

    Attributes:
        terms: Field, operator (``=`` or ``!=``) and value of each condition.
    """

    terms: tuple[tuple[str, str, str], ...] = ()

    def matches(self, field_value: Callable[[str], str]) -> bool:
        """Say whether an object meets all conditions, whose fields ``field_value`` tells."""
        return all((field_value(field) == value) == (operator == "=") for field, operator, value in self.terms)

    def __str__(self) -> str:
        return ",".join(f"{field}{operator}{_escape(value)}" for field, operator, value in self.terms)


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace(",", "\\,").replace("=", "\\=")


def _unescape(text: str) -> str:
    result, escaping = [], False
    for char in text:
        if escaping:
            if char not in "\\,=":
                raise SelectorError(f"invalid field selector: invalid escape sequence: \\{char}")
            result.append(char)
            escaping = False
        elif char == "\\":
            escaping = True
        elif char in ",=":
            raise SelectorError(f"invalid field selector: unescaped character in value: {char}")
        else:
            result.append(char)
    if escaping:
        raise SelectorError("invalid field selector: invalid escape sequence: \\")
    return "".join(result)


def _terms(text: str) -> list[str]:
    found, start, escaping = [], 0, False
    for place, char in enumerate(text):
        if escaping:
            escaping = False
        elif char == "\\":
            escaping = True
        elif char == ",":
            found.append(text[start:place])
            start = place + 1
    return [*found, text[start:]]


def _split_term(term: str) -> tuple[str, str, str] | None:
    for place in range(len(term)):
        for operator in ("!=", "==", "="):
            if term.startswith(operator, place):
                return term[:place], operator, term[place + len(operator) :]
    return None


def parse_fields(text: str) -> FieldSelector:
    """Return the field selector that ``text`` writes. Go's ``fields.ParseSelector``.

    Raises:
        SelectorError: With Go's text.
    """
    found = []
    for term in sorted(_terms(text)):
        if not term:
            continue
        split = _split_term(term)
        if split is None:
            raise SelectorError(f"invalid selector: '{text}'; can't understand '{term}'")
        field, operator, value = split
        found.append((field, operator.replace("==", "="), _unescape(value)))
    return FieldSelector(terms=tuple(found))
