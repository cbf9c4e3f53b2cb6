"""Go values in Python: which Python type stands for which Go type, and what Go says about them.

========================  ==========================================
Go                        Python
========================  ==========================================
nil                       ``None``
bool                      ``bool``
string                    ``str`` (bytes that are no UTF-8 as surrogate escapes)
int                       ``int``
int64, uint8 …            a subclass of :class:`Sized`, such as :class:`Int64`
float64                   ``float``
complex128                ``complex``
[]byte                    ``bytes``
[]interface {}            ``list``
[]string …                a subclass of ``list`` with ``go_type``
map[string]interface {}   ``dict``
map[string]string …       a subclass of ``dict`` with ``go_type``
struct, pointer           any class with ``go_type`` and ``go_kind``
========================  ==========================================

**The protocol of a class that stands for a Go type** (all are class attributes):

``go_type``
    Name as ``%T`` prints it: ``"*common.Capabilities"``, ``"common.Values"``.
``go_kind``
    Name of its ``reflect.Kind``: ``"struct"``, ``"ptr"``, ``"map"``, ``"slice"``, ``"int64"`` …
``go_underlying``
    For a named map or slice the unnamed type to which it may be assigned: ``"map[string]interface {}"``.
``go_element``
    For maps and slices whose elements are not ``interface {}``, the type of an element: ``"string"``.
``go_fields``
    For structs: Go field name → Python attribute, in the order of the Go declaration. It is what ``.Field`` finds,
    and what ``%v`` prints. Fields that are not exported are printed only.
``go_hidden``
    Names of further fields that are not exported: they are neither printed nor found, but known to be there.
``go_printed``
    For structs with an embedded one: what ``%v`` prints in place of ``go_fields``, where the embedded struct is one.
``go_nil``
    Whether values of the class are nil maps or slices.
``go_comparable``
    False for structs that hold maps or slices, which ``==`` refuses.
``go_methods``
    Method name → :class:`pilothouse.golang.functions.Function`; its ``call`` takes the value, then the arguments that
    ``params`` declares. Methods are found before map keys. ``String`` and ``Error`` are how the value is printed.
``go_addressed_methods``
    Names of methods that Go declares for the pointer: templates can call them, and an action prints through them, but
    ``fmt`` does not (it is given a copy).

A map with ``go_element`` overrides ``get``, which is how templates look up keys: a missing key yields the zero value
of its elements. Only names that begin with an upper-case letter can be methods or struct fields, as in Go. Classes that
stand for structs define neither ``__len__`` nor ``__bool__`` (a struct is always true) and have no attribute ``get``.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    GoValue = Any
    YamlValue = Any
else:
    GoValue = YamlValue = object


class Sized(int):
    """An integer of a Go type other than ``int``."""

    __slots__ = ()
    go_type = "int"
    go_kind = "int"


class Int64(Sized):
    """Go's ``int64``."""

    __slots__ = ()
    go_type = go_kind = "int64"


class Int32(Sized):
    """Go's ``int32``."""

    __slots__ = ()
    go_type = go_kind = "int32"


class Uint8(Sized):
    """Go's ``uint8``: what indexing a string or ``[]byte`` yields."""

    __slots__ = ()
    go_type = go_kind = "uint8"


class Uint64(Sized):
    """Go's ``uint64``."""

    __slots__ = ()
    go_type = go_kind = "uint64"


class StringList(list[str]):
    """Go's ``[]string``."""

    __slots__ = ()
    go_type = "[]string"
    go_kind = "slice"
    go_element = "string"


class StringMap(dict[str, str]):
    """Go's ``map[string]string``."""

    __slots__ = ()
    go_type = "map[string]string"
    go_kind = "map"
    go_element = "string"

    def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
        """The value of ``key``, or the zero value of its type."""
        return dict.get(self, key, default)


_TYPES: dict[type, tuple[str, str]] = {
    type(None): ("<nil>", "invalid"),
    bool: ("bool", "bool"),
    str: ("string", "string"),
    int: ("int", "int"),
    float: ("float64", "float64"),
    complex: ("complex128", "complex128"),
    bytes: ("[]uint8", "slice"),
    list: ("[]interface {}", "slice"),
    tuple: ("[]interface {}", "slice"),
    dict: ("map[string]interface {}", "map"),
}

SIGNED_KINDS = frozenset({"int", "int8", "int16", "int32", "int64"})
UNSIGNED_KINDS = frozenset({"uint", "uint8", "uint16", "uint32", "uint64", "uintptr"})
FLOAT_KINDS = frozenset({"float32", "float64"})

#: What a struct or map without methods has.
NO_METHODS: dict[str, Any] = {}


def type_name(value: GoValue) -> str:
    """The Go type of ``value`` as ``%T`` and ``typeOf`` print it."""
    known = _TYPES.get(type(value))
    if known is not None:
        return known[0]
    named = getattr(type(value), "go_type", None)
    return str(named) if named is not None else _inherited(value)[0]


def kind_name(value: GoValue) -> str:
    """The ``reflect.Kind`` of ``value`` as ``kindOf`` prints it; ``invalid`` for nil."""
    known = _TYPES.get(type(value))
    if known is not None:
        return known[1]
    named = getattr(type(value), "go_kind", None)
    return str(named) if named is not None else _inherited(value)[1]


def _inherited(value: GoValue) -> tuple[str, str]:
    for base in type(value).__mro__:
        if base in _TYPES:
            return _TYPES[base]
    return f"*{type(value).__name__}", "ptr"


def underlying_type(value: GoValue) -> str:
    """The unnamed type to which ``value`` can be assigned: its own where that has no other name."""
    return getattr(type(value), "go_underlying", None) or type_name(value)


def methods(value: GoValue) -> dict[str, Any]:
    """The methods of ``value`` that templates can call."""
    return getattr(type(value), "go_methods", NO_METHODS)


def element_type(container: GoValue) -> str:
    """The declared type of the elements of a map or slice: ``interface {}`` unless it says otherwise."""
    if type(container) is bytes:
        return "uint8"
    return getattr(type(container), "go_element", "interface {}")


_ZEROS: dict[str, GoValue] = {"string": "", "bool": False, "int": 0, "float64": 0.0, "[]uint8": b""}


def zero_value(type_text: str) -> GoValue:
    """The zero value of a Go type given by name; None where that is nil."""
    return _ZEROS.get(type_text)


def can_be_nil(type_text: str) -> bool:
    """Whether nil can be assigned to the Go type called ``type_text``."""
    return type_text.startswith(("interface", "map[", "[]", "*", "func(", "chan ")) or type_text in _NILABLE


_NILABLE = frozenset({"error", "any", "reflect.Value", "common.Values", "chartutil.Values"})
