"""What every call of Helm passes: who calls, whether they may, one change of a release at a time, limits, the log."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext

from pilothouse.actions.errors import CallerUnknown, OperationPending
from pilothouse.actions.tiller_access import Caller, acting_as, authorize_change, authorize_new, review_token
from pilothouse.actions.tiller_limits import IN_PROGRESS, ReleaseLocks, within
from pilothouse.errors import PilothouseError
from pilothouse.tiller.audit import facts_of, outcome_of, shortened
from pilothouse.tiller.identity import certified, trusted
from pilothouse.tiller.service import ReleaseService

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from typing import Any

    from pilothouse.actions.tiller_access import ClientFor
    from pilothouse.actions.tiller_context import TillerContext
    from pilothouse.hapi.messages import Message
    from pilothouse.tiller.audit import AuditLog
    from pilothouse.tiller.identity import Peer

#: Calls that change releases, and what they do with records besides showing them.
CHANGES = {
    "InstallRelease": ("create", "update"),
    "UpdateRelease": ("create", "update"),
    "RollbackRelease": ("create", "update"),
    "UninstallRelease": ("update",),
    "RunReleaseTest": ("update",),
}


class Admitted:
    """A call that may go on.

    Attributes:
        service: Answers it.
        outcome: What the log says of the answer.
    """

    __slots__ = ("outcome", "service")

    def __init__(self, service: ReleaseService) -> None:
        self.service = service
        self.outcome: dict[str, Any] = {}

    def answered(self, answer: Message) -> None:
        """Take note of an answer."""
        self.outcome = outcome_of(answer)


class Gate:
    """Surrounds the calls.

    Args:
        context: Tiller's own ports.
        client_for: Returns access to the cluster that acts as a user; without it Tiller acts as itself for everybody.
        audit: Where calls are logged.
        seconds: How long a call may take, 0 for as long as it asks for.
    """

    def __init__(
        self,
        context: TillerContext,
        *,
        client_for: ClientFor | None = None,
        audit: AuditLog | None = None,
        seconds: float = 0,
    ) -> None:
        self._context = context
        self._client_for = client_for
        self._audit = audit
        self._seconds = seconds
        self.locks = ReleaseLocks()

    def identify(self, peer: Peer) -> Caller | None:
        """Return who calls; none when Tiller need not know and the peer does not say.

        Raises:
            CallerUnknown: Tiller acts as its callers, and this one is nobody.
        """
        if self._client_for is None:
            return certified(peer.certificate) if peer.certificate else None
        if peer.token:
            return review_token(self._context.cluster, peer.token).with_everybody()
        if peer.certificate:
            return trusted(certified(peer.certificate)).with_everybody()
        raise CallerUnknown("this server wants to know who calls: use a client certificate or a bearer token")

    @contextmanager
    def call(self, name: str, request: Message, peer: Peer) -> Iterator[Admitted]:
        """Let a call in, or raise what it is refused with; what happens goes to the log.

        Args:
            name: The call.
            request: Its message.
            peer: Who sent it.

        Raises:
            PilothouseError: The call may not be made.
        """
        note = _Note(self._audit, self._context, name, request, peer)
        try:
            note.caller = caller = self.identify(peer)
            context, is_there = self._ports(name, request, caller)
            with self._one_change(name, request, caller, is_there=is_there):
                note.begin()
                if caller is not None:  # what was so before the release was held may be so no more
                    context = self._ports_again(name, request, caller, was_there=is_there)
                admitted = Admitted(ReleaseService(within(context, self._seconds) if self._seconds > 0 else context))
                yield admitted
        except BaseException as error:
            note.end(error, {})
            raise
        note.end(None, admitted.outcome)

    def _one_change(
        self, name: str, request: Message, caller: Caller | None, *, is_there: bool
    ) -> AbstractContextManager[None]:
        """Hold the release that is changed; one that is not there for the caller is held for nobody else."""
        if name not in CHANGES or not request.name or getattr(request, "dry_run", False):
            return nullcontext()
        if caller is not None and not is_there:
            return self.locks.changing(f"{request.name}\0{caller.user}")
        return self.locks.changing(request.name)

    def _ports(self, name: str, request: Message, caller: Caller | None) -> tuple[TillerContext, bool]:
        """Return the ports of a call, and whether the release that it changes is there, or may be made.

        Raises:
            PilothouseError: The caller may not.
        """
        if self._client_for is None or caller is None:
            return self._context, True
        context, rights = acting_as(self._context, caller, self._client_for)
        if name == "InstallRelease":
            authorize_new(self._context, rights, request.name, request.namespace)
        elif name in CHANGES:
            purging = name == "UninstallRelease" and request.purge
            verbs = (*CHANGES[name], *(("delete",) if purging else ()))
            return context, authorize_change(context, rights, request.name, verbs)
        return context, True

    def _ports_again(self, name: str, request: Message, caller: Caller, *, was_there: bool) -> TillerContext:
        """Return the ports of a call whose release is held now.

        Raises:
            OperationPending: Another call has just made it, so that it is not held.
            PilothouseError: The caller may not.
        """
        context, is_there = self._ports(name, request, caller)
        if is_there and not was_there:
            raise OperationPending(IN_PROGRESS)
        return context


class _Note:
    """What the log says of one call; a call that changes something is not made if its beginning cannot be logged."""

    def __init__(self, audit: AuditLog | None, context: TillerContext, name: str, request: Message, peer: Peer) -> None:
        self._audit = audit
        self._context = context
        self._name = name
        self._request = request
        self._peer = peer
        self._begun = context.clock.monotonic()
        self.caller: Caller | None = None

    def begin(self) -> None:
        """Log that the call begins, if it may change something."""
        if self._audit is not None and self._name in CHANGES:
            self._audit.write(event="begin", **self._facts())

    def end(self, error: BaseException | None, outcome: dict[str, Any]) -> None:
        """Log how the call ended."""
        if self._audit is None:
            return
        seconds = round(self._context.clock.monotonic() - self._begun, 3)
        try:
            self._audit.write(event="end", **self._facts(), **{**_result(error), **outcome}, seconds=seconds)
        except PilothouseError as failure:
            self._context.reporter.report("main", failure.message)

    def _facts(self) -> dict[str, Any]:
        who: dict[str, Any] = {"address": self._peer.address}
        if self.caller is not None:
            who |= {"user": self.caller.user, "groups": list(self.caller.groups)}
        facts = facts_of(self._request)
        return {
            "call": self._name,
            "who": who,
            "asked": {"release": facts.release, "namespace": facts.namespace, "dry_run": facts.dry_run},
            "request": facts.request,
        }


def _result(error: BaseException | None) -> dict[str, Any]:
    if error is None:
        return {"result": "ok"}
    if isinstance(error, PilothouseError):
        return {"result": error.reference, "error": shortened(error.message)}
    if isinstance(error, GeneratorExit):
        return {"result": "cancelled"}
    return {"result": "internal-error"}
