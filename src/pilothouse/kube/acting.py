"""Clients of one cluster that act as users, one for each; kept for those who came last."""

from __future__ import annotations

import threading

from pilothouse.kube.config import Impersonation

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from pilothouse.kube.client import KubeClient

    class User(Protocol):
        """Somebody whom the cluster knows."""

        @property
        def user(self) -> str:
            """Their name."""

        @property
        def groups(self) -> tuple[str, ...]:
            """What they belong to."""

        @property
        def extra(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
            """What else is known of them."""


#: Users for whom connections are kept.
_MOST = 256


class ActingClients:
    """Gives each user a client that acts as them; any number of threads may ask.

    Args:
        make: Returns a client that acts as somebody.
    """

    def __init__(self, make: Callable[[Impersonation], KubeClient]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._known: dict[tuple[object, ...], KubeClient] = {}

    def __call__(self, user: User) -> KubeClient:
        """Return the client of a user."""
        who = (user.user, user.groups, user.extra)
        with self._lock:
            found = self._known.pop(who, None)
            if found is None:
                found = self._make(Impersonation(user=user.user, groups=user.groups, extra=dict(user.extra)))
            self._known[who] = found
            if len(self._known) > _MOST:
                self._known.pop(next(iter(self._known))).close()
            return found

    def close(self) -> None:
        """Close the idle connections of all clients."""
        with self._lock:
            for client in self._known.values():
                client.close()
            self._known.clear()
