"""Where releases are kept: the protocol that every driver fulfils."""

from __future__ import annotations

from typing import Protocol

from pilothouse.releases.release import Release


class ReleaseStore(Protocol):
    """Keeps every revision of every release of one namespace, or of all of them (``driver.Driver`` with ``storage.Storage``)."""

    #: Name shown to users: ``Secret``, ``ConfigMap``, ``Memory`` or ``SQL``.
    name: str

    def create(self, release: Release) -> None:
        """Store a new revision.

        Raises:
            Exists: This revision is stored already.
        """

    def update(self, release: Release) -> None:
        """Replace a stored revision.

        Raises:
            NotFound: It is not stored.
        """

    def get(self, name: str, revision: int) -> Release:
        """Return one revision.

        Raises:
            NotFound: It is not stored (``release: not found``).
        """

    def history(self, name: str) -> list[Release]:
        """Return all revisions of a release, oldest first; empty when there is none."""

    def list(self, *, all_namespaces: bool = False, selector: str = "") -> list[Release]:
        """Return the stored revisions of every release, by name and revision.

        Args:
            all_namespaces: Whether to look beyond the store's namespace.
            selector: A label selector over the stored records' labels.
        """

    def delete(self, name: str, revision: int) -> Release:
        """Remove one revision and return it.

        Raises:
            NotFound: It is not stored.
        """
