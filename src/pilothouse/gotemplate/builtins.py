"""Go's own template functions (``text/template/funcs.go``)."""

from __future__ import annotations

from pilothouse.golang.comparison import equal, less
from pilothouse.golang.functions import Function, FunctionError
from pilothouse.golang.kinds import (
    SIGNED_KINDS,
    UNSIGNED_KINDS,
    GoValue,
    Uint8,
    element_type,
    kind_name,
    type_name,
    zero_value,
)
from pilothouse.golang.printf import sprint, sprintf, sprintln

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


# -- comparison ---------------------------------------------------------------------------------------------------


def _comparisons(go: str) -> dict[str, Function]:
    def eq(left: GoValue, *others: GoValue) -> bool:
        return equal(left, *others, go=go)

    def ne(left: GoValue, right: GoValue) -> bool:
        return not equal(left, right, go=go)

    def lt(left: GoValue, right: GoValue) -> bool:
        return less(left, right, go=go)

    def le(left: GoValue, right: GoValue) -> bool:
        return less(left, right, go=go) or equal(left, right, go=go)

    def gt(left: GoValue, right: GoValue) -> bool:
        return not le(left, right)

    def ge(left: GoValue, right: GoValue) -> bool:
        return not less(left, right, go=go)

    two = "reflect.Value, reflect.Value"
    return {
        "eq": Function(eq, "reflect.Value, ...reflect.Value", result="bool"),
        "ne": Function(ne, two, result="bool"),
        "lt": Function(lt, two, result="bool"),
        "le": Function(le, two, result="bool"),
        "gt": Function(gt, two, result="bool"),
        "ge": Function(ge, two, result="bool"),
    }


# -- collections --------------------------------------------------------------------------------------------------


def _position(index: GoValue, limit: int) -> int:
    """An index into a list or string (``indexArg``)."""
    kind = kind_name(index)
    if kind == "invalid":
        raise FunctionError("cannot index slice/array with nil")
    if kind not in SIGNED_KINDS and kind not in UNSIGNED_KINDS:
        raise FunctionError(f"cannot index slice/array with type {type_name(index)}")
    if index < 0 or index > limit:
        raise FunctionError(f"index out of range: {int(index)}")
    return int(index)


def index(item: GoValue, *indices: GoValue) -> GoValue:
    """``index``: an element of an element."""
    if item is None:
        raise FunctionError("index of untyped nil")
    for place in indices:
        if item is None:
            raise FunctionError("index of nil pointer")
        item = _element(item, place)
    return item


def _element(item: GoValue, place: GoValue) -> GoValue:
    if isinstance(item, dict):
        if place is None:
            raise FunctionError("value is nil; should be of type string")
        if not isinstance(place, str):
            raise FunctionError(f"value has type {type_name(place)}; should be string")
        return item[place] if place in item else zero_value(element_type(item))
    if isinstance(item, (list, tuple)):
        number = _position(place, len(item))
        if number == len(item):
            # text/template lets the length itself pass (indexArg); reflection then panics.
            raise FunctionError("reflect: slice index out of range")
        return item[number]
    if isinstance(item, (str, bytes)):
        content = _bytes(item)
        number = _position(place, len(content))
        if number == len(content):
            raise FunctionError(f"reflect: {'string' if isinstance(item, str) else 'slice'} index out of range")
        return Uint8(content[number])
    raise FunctionError(f"can't index item of type {type_name(item).removeprefix('*')}")


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


def _capacity(content: GoValue) -> int:
    """The capacity that a Go slice of decoded JSON has: it doubles while it grows. Strings have none to spare."""
    if type(content) is not list or len(content) > 256:
        return len(content)
    return 1 << (len(content) - 1).bit_length() if content else 0


def slice_(item: GoValue, *indices: GoValue) -> GoValue:
    """``slice``: part of a string or list."""
    content = _sliceable(item, len(indices))
    capacity = _capacity(content)
    limits = [0, len(content), len(content)]
    for number, place in enumerate(indices):
        limits[number] = _position(place, capacity)
    start, stop, most = limits
    if start > stop:
        raise FunctionError(f"invalid slice index: {start} > {stop}")
    if len(indices) == 3 and stop > most:
        raise FunctionError(f"invalid slice index: {stop} > {most}")
    part = content[start:stop]
    if stop > len(content):
        part = [*part, *[None] * (stop - max(start, len(content)))]
    if isinstance(item, str):
        return part.decode("utf-8", "surrogateescape")
    return part if type(part) is type(item) else type(item)(part)


def _sliceable(item: GoValue, count: int) -> GoValue:
    """What ``slice`` takes apart: the bytes of a string, or a list."""
    if item is None:
        raise FunctionError("slice of untyped nil")
    if count > 3:
        raise FunctionError(f"too many slice indexes: {count}")
    if isinstance(item, str):
        if count == 3:
            raise FunctionError("cannot 3-index slice a string")
        return _bytes(item)
    if isinstance(item, (list, tuple, bytes)):
        return item
    raise FunctionError(f"can't slice item of type {type_name(item)}")


def length(item: GoValue, inside: GoValue = False) -> int:  # noqa: FBT002 - generated code passes it
    """``len``: bytes of a string, elements of a list or map."""
    if type(item) is str:
        return len(item) if item.isascii() else len(_bytes(item))
    if isinstance(item, (dict, list, tuple, bytes)):
        return len(item)
    if isinstance(item, str):
        return len(_bytes(item))
    if item is None:
        if inside is not False:
            raise FunctionError("len of nil pointer")
        raise FunctionError("reflect: call of reflect.Value.Type on zero Value")
    raise FunctionError(f"len of type {type_name(item).removeprefix('*')}")


def call(name: str, function: GoValue, *_arguments: GoValue) -> GoValue:
    """``call``: no value of a template is a function here, so it can only fail."""
    if function is None:
        raise FunctionError("call of nil")
    raise FunctionError(f"non-function {name} of type {type_name(function)}")


def call_1_22(_name: str, function: GoValue, *_arguments: GoValue) -> GoValue:
    """``call`` with the text of Go 1.22."""
    if function is None:
        raise FunctionError("call of nil")
    raise FunctionError(f"non-function of type {type_name(function)}")


# -- logic --------------------------------------------------------------------------------------------------------


def and_(first: GoValue, *others: GoValue) -> GoValue:
    """``and`` as a function; the compiler makes Python's own of it."""
    for other in others:
        first = first and other
    return first


def or_(first: GoValue, *others: GoValue) -> GoValue:
    """``or`` as a function; the compiler makes Python's own of it."""
    for other in others:
        first = first or other
    return first


def not_(value: GoValue) -> bool:
    """``not`` as a function; the compiler makes Python's own of it."""
    return not value


# -- texts --------------------------------------------------------------------------------------------------------

_HTML = str.maketrans({"\0": "\ufffd", '"': "&#34;", "'": "&#39;", "&": "&amp;", "<": "&lt;", ">": "&gt;"})
_JS = {"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D"}


def _text_of(arguments: tuple[GoValue, ...]) -> str:
    """The arguments as text (``evalArgs``)."""
    if len(arguments) == 1 and type(arguments[0]) is str:
        return arguments[0]
    return sprint(*["<no value>" if argument is None else argument for argument in arguments])


def html(*arguments: GoValue) -> str:
    """``html``: escaped for HTML."""
    return _text_of(arguments).translate(_HTML)


def js(*arguments: GoValue) -> str:
    """``js``: escaped for JavaScript."""
    return "".join([_escaped_js(character) for character in _text_of(arguments)])


def _escaped_js(character: str) -> str:
    from pilothouse.golang.quoting import is_printable

    if character in _JS:
        return _JS[character]
    if character < " ":
        return f"\\u{ord(character):04X}"
    if character < "\x80":
        return character
    # A byte that is no UTF-8 counts as U+FFFD, which is printable, and stays as it is.
    return character if "\udc80" <= character <= "\udcff" or is_printable(character) else f"\\u{ord(character):04X}"


def urlquery(*arguments: GoValue) -> str:
    """``urlquery``: escaped for the query of a URL."""
    from pilothouse.golang.urls import QUERY, escape

    return escape(_text_of(arguments), QUERY, plus=True)


_TABLES: dict[str, dict[str, Function]] = {}


def builtins(go: str) -> dict[str, Function]:
    """Go's own functions by name, with the texts of one version of Go."""
    table = _TABLES.get(go)
    if table is None:
        value, values = "reflect.Value", "...interface {}"
        caller: Callable[..., GoValue] = call_1_22 if go == "1.22" else call
        table = _TABLES[go] = {
            "and": Function(and_, f"{value}, ...{value}"),
            "or": Function(or_, f"{value}, ...{value}"),
            "not": Function(not_, value, result="bool"),
            "call": Function(caller, f"{value}, ...{value}"),
            "index": Function(index, f"{value}, ...{value}"),
            "slice": Function(slice_, f"{value}, ...{value}"),
            "len": Function(length, value, result="int"),
            "html": Function(html, values, result="string"),
            "js": Function(js, values, result="string"),
            "urlquery": Function(urlquery, values, result="string"),
            "print": Function(sprint, values, result="string"),
            "printf": Function(sprintf, f"string, {values}", result="string"),
            "println": Function(sprintln, values, result="string"),
            **_comparisons(go),
        }
    return table
