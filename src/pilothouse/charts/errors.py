"""What can be wrong with a chart.

::

    Invalid
    └── ChartInvalid           any fault of a chart
        ├── ArchiveInvalid     the archive cannot be read, or tries something it must not
        ├── IgnoreRuleInvalid  a line of .helmignore is no pattern
        └── MetadataInvalid    Chart.yaml says something that is not allowed
    NotFound
    └── ChartMissing           there is nothing at that path
"""

from __future__ import annotations

from pilothouse.errors import Invalid, NotFound


class ChartInvalid(Invalid):
    """A chart that cannot be used."""

    reference = "chart-invalid"


class ArchiveInvalid(ChartInvalid):
    """A chart archive that cannot be read, or tries something it must not."""

    reference = "archive-invalid"


class IgnoreRuleInvalid(ChartInvalid):
    """A line of .helmignore that is no pattern."""

    reference = "ignore-rule-invalid"


class MetadataInvalid(ChartInvalid):
    """Chart.yaml says something that is not allowed."""

    reference = "metadata-invalid"


class ChartMissing(NotFound):
    """There is no chart at a path."""

    reference = "chart-missing"
