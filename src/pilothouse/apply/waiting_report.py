"""How far the objects are that are waited for, told whenever something changes."""

from __future__ import annotations

from pilothouse.errors import PilothouseError
from pilothouse.objects.diagnosis import ready_count
from pilothouse.progress import ObjectState

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from pilothouse.apply.cluster import Object
    from pilothouse.apply.explanation import Explainer
    from pilothouse.clock import Clock
    from pilothouse.objects.readiness import Readiness
    from pilothouse.plan.resources import Resource
    from pilothouse.progress import Reporter

#: Seconds after which, and between which, events and logs are asked for.
_DETAILS_AFTER, _DETAILS_EVERY = 1.0, 2.0
#: So many objects are looked at more closely, and so many lines of a log are kept.
_DETAILED, _LINES = 5, 4


class WaitingReport:
    """Tells of one wait.

    Args:
        reporter: Hears of it.
        explainer: Asks for events and logs where somebody watches.
        clock: Time.
        message: What is waited for.
        resources: All objects, in the order they are told.
    """

    def __init__(
        self, reporter: Reporter, explainer: Explainer, clock: Clock, message: str, resources: Sequence[Resource]
    ) -> None:
        self._reporter = reporter
        self._explainer = explainer
        self._clock = clock
        self._message = message
        self._resources = resources
        self._states = {id(resource): _state(resource, "InProgress") for resource in resources}
        self._told: tuple[ObjectState, ...] = ()
        self._next_details = clock.monotonic() + _DETAILS_AFTER

    def note(self, resource: Resource, live: Object | PilothouseError | None, found: Readiness) -> None:
        """Keep how an object is."""
        earlier = self._states[id(resource)]
        ready = ready_count(live) if isinstance(live, dict) else ""
        state = _state(resource, found.status, found.message, ready)
        if state.status != "Current":
            state = state.replace(event=earlier.event, log=earlier.log)
        self._states[id(resource)] = state

    def tell(self) -> None:
        """Tell how all of them are, unless nothing has changed and nobody watches."""
        if self._reporter.watched and self._clock.monotonic() >= self._next_details:
            self._add_details()
            self._next_details = self._clock.monotonic() + _DETAILS_EVERY
        states = tuple(self._states[id(resource)] for resource in self._resources)
        if states != self._told or self._reporter.watched:
            self._told = states
            self._reporter.waiting(self._message, states)

    def _add_details(self) -> None:
        unready = [resource for resource in self._resources if self._states[id(resource)].status != "Current"]
        for resource in unready[:_DETAILED]:
            findings = self._explainer.findings(resource, lines=_LINES)
            event = findings[0].text if findings else self._explainer.newest_event(resource)
            log = next((finding.log for finding in findings if finding.log), ())
            self._states[id(resource)] = self._states[id(resource)].replace(event=event, log=log)


def _state(resource: Resource, status: str, message: str = "", ready: str = "") -> ObjectState:
    return ObjectState(
        kind=resource.kind,
        namespace=resource.namespace,
        name=resource.name,
        status=status,
        message=message,
        ready=ready,
    )
