"""Post-rendering: a program of the user's that changes manifests before they are used."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    class PostRenderer(Protocol):
        """Changes rendered manifests."""

        def run(self, manifests: str) -> str:
            """Return ``manifests``, a stream of YAML documents, as it should be."""
