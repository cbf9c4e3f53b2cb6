"""Errors of values: what users set, what charts declare, what schemas refuse.

::

    Invalid
    └── ValuesError
        ├── AssignmentError   a --set argument is wrong
        ├── CoalesceError     values do not fit the tree of charts
        └── SchemaError       values do not follow values.schema.json
"""

from __future__ import annotations

from pilothouse.errors import Invalid

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.golang.kinds import YamlValue


class ValuesError(Invalid):
    """Values that cannot be used."""

    reference = "values"


def conversion_text(value: YamlValue, wanted: str) -> str:
    """Return what Go says when it panics because a value is not of the type ``wanted``."""
    from pilothouse.golang.kinds import type_name

    given = "nil" if value is None else type_name(value)
    return f"interface conversion: interface {{}} is {given}, not {wanted}"


class AssignmentError(ValuesError):
    """An argument of the ``--set`` family that cannot be parsed."""

    reference = "assignment"


class CoalesceError(ValuesError):
    """Values that do not fit the tree of charts.

    Attributes:
        key: The key where they do not fit.
    """

    reference = "coalesce"

    def __init__(self, message: str, *, key: str = "") -> None:
        super().__init__(message)
        self.key = key


class SchemaError(ValuesError):
    """Values that a chart's values.schema.json refuses.

    Attributes:
        faults: One text for each fault, as the library Helm uses words it.
    """

    reference = "schema"

    def __init__(self, message: str, *, faults: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults
