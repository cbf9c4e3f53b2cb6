"""What Tiller does beside its calls: it says that it lives, and settles the operations of Tillers that do not."""

from __future__ import annotations

import threading

from pilothouse.actions.tiller_owner import RENEW_SECONDS, TillerLease
from pilothouse.actions.tiller_recovery import recover
from pilothouse.errors import PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pilothouse.actions.tiller_context import TillerContext
    from pilothouse.actions.tiller_limits import ReleaseLocks


class Keeper:
    """Keeps this process's Lease in a thread.

    Args:
        context: Tiller's own ports; its store marks what is being made from :meth:`start` on.
        lease: The Lease.
        locks: Releases that calls of this process change.
    """

    def __init__(self, context: TillerContext, lease: TillerLease, locks: ReleaseLocks) -> None:
        self._context = context
        self._lease = lease
        self._locks = locks
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tiller-keeper", daemon=True)

    def start(self) -> None:
        """Take the Lease, settle what was interrupted, and go on in a thread."""
        owner = self._lease.owner
        try:
            owner = self._lease.acquire()
        except PilothouseError as error:
            self._say(f"no Lease, so operations are settled on this machine alone: {error.message}")
        self._context.store.mark = owner.mark()
        self._settle()
        self._thread.start()

    def stop(self, *, ended: bool) -> None:
        """End the thread; the Lease goes if no call runs any more, else it runs out."""
        self._stopped.set()
        if ended and self._lease.owner.leased:
            self._lease.release()

    def _run(self) -> None:
        while not self._stopped.wait(RENEW_SECONDS):
            if self._lease.owner.leased:
                try:
                    self._lease.renew()
                except PilothouseError as error:
                    self._say(f"the Lease cannot be renewed: {error.message}")
            self._settle()

    def _settle(self) -> None:
        try:
            recover(self._context, self._lease, self._locks)
        except PilothouseError as error:
            self._say(f"interrupted operations cannot be looked for: {error.message}")

    def _say(self, text: str) -> None:
        self._context.reporter.report("main", text)
