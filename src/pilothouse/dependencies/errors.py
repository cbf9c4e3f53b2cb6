"""What can go wrong with the charts that a chart needs.

::

    Invalid
    ├── RequirementInvalid   a dependency is declared in a way that cannot be used
    └── LockOutdated         the lock does not belong to what is declared
    NotFound
    └── DependencyMissing    no chart fits what is declared
"""

from __future__ import annotations

from pilothouse.errors import Invalid, NotFound


class RequirementInvalid(Invalid):
    """A dependency is declared in a way that cannot be used."""

    reference = "requirement-invalid"


class LockOutdated(Invalid):
    """The lock does not belong to what is declared."""

    reference = "lock-outdated"


class DependencyMissing(NotFound):
    """No chart fits what is declared."""

    reference = "dependency-missing"


class NoVersionFits(DependencyMissing):
    """Repositories have no version that fits what is declared.

    Attributes:
        names: The charts it is about.
    """

    reference = "no-version-fits"

    def __init__(self, message: str, names: tuple[str, ...]) -> None:
        super().__init__(message)
        self.names = names
