"""Frozen records with named fields, without the 15 ms that importing ``dataclasses`` costs every process.

``class Point(Record)`` with annotated fields gets a keyword-only constructor, equality, ``repr`` and slots, as
``@dataclass(frozen=True, slots=True, kw_only=True)`` would give it, and type checkers see exactly that.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self, dataclass_transform
else:

    def dataclass_transform(**_options: object) -> object:
        """Stand in for ``typing.dataclass_transform``, which only type checkers read."""
        return lambda decorated: decorated


class _Default:
    """A default that is made anew for each record."""

    __slots__ = ("factory",)

    def __init__(self, factory: Callable[[], Any]) -> None:
        self.factory = factory


def field(*, default_factory: Callable[[], Any]) -> Any:
    """Return a field whose default is made by calling ``default_factory`` for each record."""
    return _Default(default_factory)


_MISSING = object()


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
class RecordType(type):
    """The metaclass of records: turns annotations into slots and defaults."""

    _fields: tuple[str, ...]
    _defaults: dict[str, Any]

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> RecordType:
        """Return the class with its fields as slots and their defaults set aside."""
        annotations: dict[str, Any] = namespace.get("__annotations__", {})
        own = [key for key, kind in annotations.items() if not str(kind).startswith("ClassVar")]
        defaults = {key: namespace.pop(key) for key in own if key in namespace}
        fields: list[str] = []
        inherited: dict[str, Any] = {}
        for base in reversed(bases):
            if isinstance(base, RecordType):
                fields += [key for key in base._fields if key not in fields]
                inherited.update(base._defaults)  # noqa: SLF001 - of a record below this one
        namespace["__slots__"] = tuple(key for key in own if key not in fields)
        made = super().__new__(cls, name, bases, namespace)
        made._fields = (*fields, *(key for key in own if key not in fields))
        made._defaults = {**inherited, **defaults}
        return made


class Record(metaclass=RecordType):
    """A frozen value with named fields; subclasses only annotate them."""

    def __init__(self, **values: Any) -> None:
        kind = type(self)
        store = object.__setattr__
        for name in kind._fields:
            value = values.pop(name, _MISSING)
            if value is _MISSING:
                value = kind._defaults.get(name, _MISSING)  # noqa: SLF001 - its own
                if value is _MISSING:
                    raise TypeError(f"{kind.__name__}() misses the field {name!r}")
                if type(value) is _Default:
                    value = value.factory()
            store(self, name, value)
        if values:
            raise TypeError(f"{kind.__name__}() has no field {next(iter(values))!r}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: {name} cannot be removed")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in type(self)._fields)

    def __hash__(self) -> int:
        return hash((type(self), *(getattr(self, name) for name in type(self)._fields)))

    def __repr__(self) -> str:
        inner = ", ".join(f"{name}={getattr(self, name)!r}" for name in type(self)._fields)
        return f"{type(self).__name__}({inner})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), {name: getattr(self, name) for name in type(self)._fields})

    def replace(self, **changes: Any) -> Self:
        """Return a copy with ``changes`` in place of the fields they name."""
        values = {name: getattr(self, name) for name in type(self)._fields}
        values.update(changes)
        return type(self)(**values)


def _rebuild(kind: type[Record], values: dict[str, Any]) -> Record:
    return kind(**values)
