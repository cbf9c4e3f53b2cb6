"""Errors of versions and version constraints.

::

    Invalid
    └── SemverError
        ├── InvalidVersion
        └── InvalidConstraint
"""

from __future__ import annotations

from pilothouse.errors import Invalid


class SemverError(Invalid):
    """A version or constraint cannot be read."""

    reference = "semver"


class InvalidVersion(SemverError):
    """The text is no version; ``text`` holds it."""

    reference = "invalid-version"

    def __init__(self, message: str, *, text: str) -> None:
        super().__init__(message)
        self.text = text


class InvalidConstraint(SemverError):
    """The text is no version constraint; ``text`` holds it."""

    reference = "invalid-constraint"

    def __init__(self, message: str, *, text: str) -> None:
        super().__init__(message)
        self.text = text
