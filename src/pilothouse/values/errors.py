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


class ValuesError(Invalid):
    """Values that cannot be used."""

    reference = "values"


class AssignmentError(ValuesError):
    """An argument of the ``--set`` family that cannot be parsed."""

    reference = "assignment"


class CoalesceError(ValuesError):
    """Values that do not fit the tree of charts.

    Attributes:
        key: The key where they do not fit.
    """

    reference = "coalesce"

    def __init__(self, message: str, *, key: str = "", hints: tuple[str, ...] = ()) -> None:
        super().__init__(message, hints=hints)
        self.key = key


class SchemaError(ValuesError):
    """Values that a chart's values.schema.json refuses.

    Attributes:
        chart: Name of the chart whose schema speaks, empty when several do.
        faults: One text for each fault, as the library Helm uses words it.
    """

    reference = "schema"

    def __init__(
        self, message: str, *, chart: str = "", faults: tuple[str, ...] = (), hints: tuple[str, ...] = ()
    ) -> None:
        super().__init__(message, hints=hints)
        self.chart = chart
        self.faults = faults
