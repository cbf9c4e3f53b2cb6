"""What generated code calls: printing, fields in the general case, checks of arguments, iteration, methods.

Everything here raises :class:`FunctionError` with Go's text; :mod:`pilothouse.gotemplate.tracebacks` adds the place.
"""

from __future__ import annotations

from pilothouse.golang.functions import Function, FunctionError
from pilothouse.golang.kinds import (
    FLOAT_KINDS,
    SIGNED_KINDS,
    UNSIGNED_KINDS,
    GoValue,
    can_be_nil,
    element_type,
    type_name,
    underlying_type,
    zero_value,
)
from pilothouse.golang.ordering import sorted_keys
from pilothouse.golang.printf import show, show_indirect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import NoReturn

_ANY = "interface {}"
#: Types of parameters that take any value.
FREE_TYPES = frozenset({"interface {}", "any", "reflect.Value"})


def fail(message: str) -> NoReturn:
    """Stop with ``message``."""
    raise FunctionError(message)


def printed(value: GoValue) -> str:
    """A value as an action prints it (``printValue``)."""
    if type(value) is str:
        return value
    if value is None:
        return "<no value>"
    addressed = getattr(type(value), "go_addressed_methods", None)
    if addressed is not None and "String" in addressed:
        return str(type(value).go_methods["String"].call(value))
    return show_indirect(value)


# -- fields -------------------------------------------------------------------------------------------------------


def field(receiver: GoValue, name: str) -> GoValue:
    """A field whose name begins with an upper-case letter: it may be a method, a struct field or a map key.

    Raises:
        AttributeError: There is none; the caller's chain is then walked again with :func:`walk` to say why.
    """
    kind = type(receiver)
    if kind is dict:
        return receiver.get(name)
    methods = getattr(kind, "go_methods", None)
    if methods is not None and name in methods:
        return call_method(receiver, name, methods[name], ())
    if isinstance(receiver, dict):
        return receiver[name] if name in receiver else zero_value(element_type(receiver))
    fields = getattr(kind, "go_fields", None)
    if fields is not None and name in fields:
        return getattr(receiver, fields[name])
    raise AttributeError(name)


def walk(receiver: GoValue, names: Sequence[str], known: GoValue, missing_key: str) -> tuple[GoValue, bool]:
    """The fields ``names`` of ``receiver``, one after another (``evalField``), and whether Go holds it in an interface.

    Args:
        receiver: Where to begin.
        names: Names of fields, map keys or methods without arguments.
        known: False if the value was dug out of its interface, True if it is still inside, else its container.
        missing_key: The set's option.
    """
    inside = known if isinstance(known, bool) else inside_container(known)
    for name in names:
        if receiver is None and not inside:
            if missing_key == "error":
                from pilothouse.golang.quoting import quote

                fail(f"nil data; no entry for key {quote(name)}")
            return None, False
        receiver, inside = _step(receiver, name, inside=inside, missing_key=missing_key)
    return receiver, inside


def inside_container(container: GoValue) -> bool:
    """Whether the elements of ``container`` are interfaces."""
    return not isinstance(container, int) and element_type(container) == _ANY


def _step(receiver: GoValue, name: str, *, inside: bool, missing_key: str) -> tuple[GoValue, bool]:
    typed = _ANY if inside else type_name(receiver)
    if receiver is None:
        fail(f"nil pointer evaluating {typed}.{name}")
    kind = type(receiver)
    methods = getattr(kind, "go_methods", None)
    if methods is not None and name in methods:
        return call_method(receiver, name, methods[name], ()), False
    if isinstance(receiver, dict):
        element = element_type(receiver)
        if name in receiver:
            return receiver[name], element == _ANY
        if missing_key == "error":
            from pilothouse.golang.quoting import quote

            fail(f"map has no entry for key {quote(name)}")
        return (None, False) if missing_key == "default" else (zero_value(element), element == _ANY)
    fields = getattr(kind, "go_fields", None)
    if fields is not None and (name in fields or name in getattr(kind, "go_hidden", ())):
        if not name[0].isupper():
            fail(f"{name} is an unexported field of struct type {typed}")
        value = getattr(receiver, fields[name])
        return value, value is None
    fail(f"can't evaluate field {name} in type {typed}")


# -- methods ------------------------------------------------------------------------------------------------------


class Literal:
    """A constant whose type a parameter decides: its text, its value without one, and what a number can be.

    The facts are the number as a signed and an unsigned integer, as a float and as a complex number, None where it is
    none. Arguments of functions get their types when the template is compiled, those of methods when it is executed.
    """

    __slots__ = ("facts", "text", "value")

    def __init__(self, text: str, value: GoValue, facts: tuple[GoValue, ...] = ()) -> None:
        self.text = text
        self.value = value
        self.facts = facts

    def as_type(self, kind: str) -> GoValue:
        """The constant as a value of type ``kind`` (``evalArg``)."""
        if self.text == "nil" and self.value is None:
            return None if can_be_nil(kind) else fail(f"cannot assign nil to {kind}")
        if kind in FREE_TYPES:
            return self.value if self.value is not None else fail(f"{self.text} overflows int")
        integer, unsigned, real, pair = self.facts or (None, None, None, None)
        plain = _NUMERIC.get(kind, kind)
        value: GoValue
        if kind == "string":
            expected, value = "string", self.value if isinstance(self.value, str) else None
        elif kind == "bool":
            expected, value = "bool", self.value if isinstance(self.value, bool) else None
        elif plain in SIGNED_KINDS:
            expected, value = "integer", integer
        elif plain in UNSIGNED_KINDS:
            expected, value = "unsigned integer", unsigned
        elif plain in FLOAT_KINDS:
            expected, value = "float", real
        elif plain in ("complex128", "complex64"):
            expected, value = "complex", pair
        else:
            fail(f"can't handle {self.text} for arg of type {kind}")
        return value if value is not None else fail(f"expected {expected}; found {self.text}")


#: Named types that are integers underneath.
_NUMERIC = {"time.Duration": "int64", "time.Month": "int", "time.Weekday": "int"}


class ArgumentError(FunctionError):
    """An argument of a method that does not fit; ``index`` says which."""

    def __init__(self, message: str, index: int) -> None:
        super().__init__(message)
        self.index = index


class MethodError(FunctionError):
    """What a method raised, with Go's words before it."""

    def __init__(self, message: str, error: FunctionError) -> None:
        super().__init__(message)
        self.error = error


class TooManyResults(FunctionError):
    """A method whose results a template cannot take (``goodFunc``); ``older`` is the text of Go 1.22."""

    def __init__(self, name: str, results: Sequence[str]) -> None:
        text = f"function {name} has {len(results)} return values; should be 1 or 2"
        if len(results) == 2:
            text = f"invalid function signature for {name}: second return value should be error; is {results[1]}"
        super().__init__(text)
        self.older = f'can\'t call method/function "{name}" with {len(results)} results'


class BoundMethod:
    """A method with its receiver, ready for its arguments."""

    __slots__ = ("function", "name", "receiver")

    def __init__(self, receiver: GoValue, name: str, function: Function) -> None:
        self.receiver = receiver
        self.name = name
        self.function = function


def bind(missing_key: str) -> Callable[..., BoundMethod | None]:
    """The function that generated code calls to find the method at the end of a chain of fields."""

    def find(base: GoValue, names: tuple[str, ...], known: GoValue, count: int) -> BoundMethod | None:
        receiver, inside = walk(base, names[:-1], known, missing_key)
        name = names[-1]
        if receiver is None and not inside:
            walk(receiver, (name,), known=False, missing_key=missing_key)
            return None
        methods = getattr(type(receiver), "go_methods", None)
        if methods is None or name not in methods:
            _no_method(receiver, name, missing_key, inside=inside)
        function: Function = methods[name]
        wanted = len(function.params)
        if function.variadic:
            if count < wanted:
                fail(f"wrong number of args for {name}: want at least {wanted} got {count}")
        elif count != wanted:
            fail(f"wrong number of args for {name}: want {wanted} got {count}")
        return BoundMethod(receiver, name, function)

    return find


def _no_method(receiver: GoValue, name: str, missing_key: str, *, inside: bool) -> NoReturn:
    if isinstance(receiver, dict):
        fail(f"{name} is not a method but has arguments")
    if name in getattr(type(receiver), "go_fields", {}):
        fail(f"{name} has arguments but cannot be invoked as function")
    walk(receiver, (name,), inside, missing_key)
    fail(f"can't evaluate field {name} in type {type_name(receiver)}")


def invoke(method: BoundMethod | None, known: tuple[GoValue, ...], *arguments: GoValue) -> GoValue:
    """Call a bound method with arguments as the template gives them; without a receiver there is no value."""
    if method is None:
        return None
    function = method.function
    made: list[GoValue] = []
    for index, argument in enumerate(arguments):
        kind = function.params[index] if index < len(function.params) else function.variadic
        try:
            if type(argument) is Literal:
                made.append(argument.as_type(kind))
            else:
                made.append(check(argument, kind, known[index]))
        except FunctionError as error:
            raise ArgumentError(error.message, index) from None
    return call_method(method.receiver, method.name, function, made)


def call_method(receiver: GoValue, name: str, function: Function, arguments: Sequence[GoValue]) -> GoValue:
    """Call a method; its errors name it."""
    if not arguments and function.params:
        fail(f"wrong number of args for {name}: want {len(function.params)} got 0")
    if "," in function.result:
        raise TooManyResults(name, [result.strip() for result in function.result.split(",")])
    try:
        return function.call(receiver, *arguments)
    except FunctionError as error:
        raise MethodError(f"error calling {name}: {error.message}", error) from error


# -- arguments ----------------------------------------------------------------------------------------------------


def check(value: GoValue, kind: str, known: GoValue) -> GoValue:
    """``value`` if it can be assigned to a parameter of type ``kind`` (``validateType``)."""
    if kind in FREE_TYPES:
        return value
    if value is None:
        inside = known if isinstance(known, bool) else inside_container(known)
        if not inside:
            return None if can_be_nil(kind) else fail(f"invalid value; expected {kind}")
        fail(f"wrong type for value; expected {kind}; got interface {{}}")
    found = type_name(value)
    if found == kind or underlying_type(value) == kind:
        return value
    if kind in ("error", "fmt.Stringer"):
        return value
    if found == f"*{kind}":
        return value
    if getattr(type(value), "go_underlying", None) is None and _NAMED.get(kind) == found:
        return value
    fail(f"wrong type for value; expected {kind}; got {found}")


#: Named types to which a value of the unnamed type can be assigned.
_NAMED = {"common.Values": "map[string]interface {}", "chartutil.Values": "map[string]interface {}"}


def checker(kind: str, exact: type) -> Callable[[GoValue, GoValue], GoValue]:
    """The check for a parameter of type ``kind``, whose plain values are of the class ``exact``."""

    def checked(value: GoValue, known: GoValue) -> GoValue:
        return value if type(value) is exact else check(value, kind, known)

    return checked


# -- iteration ----------------------------------------------------------------------------------------------------


def elements(value: GoValue) -> Sequence[GoValue]:
    """What ``range`` with at most one variable visits (``walkRange``)."""
    if type(value) is list:
        return value
    if isinstance(value, dict):
        return [value[key] for key in sorted_keys(value)]
    if isinstance(value, (list, tuple)):
        return value
    if value is None:
        return ()
    if isinstance(value, bytes):
        from pilothouse.golang.kinds import Uint8

        return [Uint8(byte) for byte in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return range(value)
    fail(f"range can't iterate over {show_indirect(value)}")


def elements_1_22(value: GoValue) -> Sequence[GoValue]:
    """As :func:`elements`, without numbers, which Go 1.22 does not range over."""
    if isinstance(value, int):
        fail(f"range can't iterate over {show(value)}")
    return elements(value)


def pairs(value: GoValue) -> Sequence[tuple[GoValue, GoValue]]:
    """What ``range`` with two variables visits."""
    if isinstance(value, dict):
        return [(key, value[key]) for key in sorted_keys(value)]
    if isinstance(value, int) and not isinstance(value, bool):
        fail(f"can't use {show(value)} to iterate over more than one variable")
    return list(enumerate(elements(value)))


def pairs_1_22(value: GoValue) -> Sequence[tuple[GoValue, GoValue]]:
    """As :func:`pairs`, without numbers."""
    if isinstance(value, int):
        fail(f"range can't iterate over {show(value)}")
    return pairs(value)
