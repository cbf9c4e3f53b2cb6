"""How the objects of one kind are addressed."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol
else:
    Protocol = object


class Mapping(Protocol):
    """What must be known of a kind to address its objects (``meta.RESTMapping``)."""

    @property
    def group(self) -> str:
        """API group, empty for the core group."""

    @property
    def version(self) -> str:
        """API version."""

    @property
    def kind(self) -> str:
        """Kind."""

    @property
    def plural(self) -> str:
        """Name of the resource in URLs."""

    @property
    def namespaced(self) -> bool:
        """Whether objects live in namespaces."""
