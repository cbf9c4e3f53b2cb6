"""Where releases are kept: the protocol that every driver fulfils."""

from __future__ import annotations

from pilothouse.records import Record, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Protocol

    from pilothouse.releases.release import Release

    Releases = list[Release]
    Summaries = list["RecordSummary"]
else:
    Protocol = object


class RecordSummary(Record):
    """What is known of a stored revision without decoding it.

    Attributes:
        name: Name of the release.
        namespace: Namespace of the record.
        revision: Its revision.
        status: Its status.
        labels: All labels of the record, Helm's own among them.
    """

    name: str
    namespace: str
    revision: int
    status: str
    labels: Mapping[str, str] = field(default_factory=dict)


class ReleaseStore(Protocol):
    """Keeps every revision of every release of one namespace, or of all of them (``driver.Driver``)."""

    #: Name shown to users: ``Secret``, ``ConfigMap``, ``Memory`` or ``SQL``.
    name: str

    def close(self) -> None:
        """End the store's own connection, if it has one; the next call makes a new one."""

    def create(self, release: Release) -> None:
        """Store a new revision.

        Raises:
            Exists: This revision is stored already.
        """

    def update(self, release: Release) -> None:
        """Replace a stored revision; one with a journal only while the record is still its owner's.

        Raises:
            NotFound: It is not stored.
            RecordTaken: Another operation took it over.
        """

    def get(self, name: str, revision: int) -> Release:
        """Return one revision.

        Raises:
            NotFound: It is not stored (``release: not found``).
        """

    def history(self, name: str) -> Releases:
        """Return all revisions of a release that can be read, oldest first; empty when there is none."""

    def list(self, *, all_namespaces: bool = False, selector: str = "") -> Releases:
        """Return the stored revisions of every release that can be read, by name and revision.

        Args:
            all_namespaces: Whether to look beyond the store's namespace.
            selector: A label selector over the stored records' labels.
        """

    def summaries(self, *, name: str = "", all_namespaces: bool = False) -> Summaries:
        """Return what is stored, without decoding it, by name and revision.

        Args:
            name: Only this release.
            all_namespaces: Whether to look beyond the store's namespace.
        """

    def load(self, summaries: Iterable[RecordSummary]) -> Releases:
        """Return the revisions that the summaries stand for, by name and revision; what cannot be read is left out."""

    def delete(self, name: str, revision: int) -> Release:
        """Remove one revision and return it.

        Raises:
            NotFound: It is not stored.
        """
