"""Live objects that are waited for: told by watches where the server allows them, asked for where it does not."""

from __future__ import annotations

import threading
from contextlib import contextmanager

from pilothouse.apply.observe import live_objects
from pilothouse.errors import PilothouseError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pilothouse.apply.cluster import Changes, Cluster, Object
    from pilothouse.clock import Clock
    from pilothouse.objects.identity import ObjectKey
    from pilothouse.plan.resources import Resource

    _Key = tuple[str, ObjectKey]

#: Seconds between two looks at the objects themselves: watches may be held up on the way without breaking.
CHECK_EVERY = 10.0
#: Seconds in which changes that come together are gathered.
_GATHERING = 0.02


class Lookout:
    """How objects are, as the last change of each says; those whose watch does not answer are asked for.

    A watch begins with what there is, so an object counts as watched from its first event on, until its watch ends.
    Whatever becomes of watches costs time alone.

    Args:
        cluster: Where the objects live.
        clock: Time and waiting.
        resources: The objects.
    """

    def __init__(self, cluster: Cluster, clock: Clock, resources: Sequence[Resource]) -> None:
        self._cluster = cluster
        self._clock = clock
        self._resources = resources
        self._watches: dict[tuple[str, str, str], Changes] = {}
        self._seen: dict[_Key, Object | None] = {}
        self._lock = threading.Lock()
        self._changed = threading.Event()
        self._next_check = clock.monotonic()

    def close(self) -> None:
        """End the watches."""
        for watch in self._watches.values():
            watch.close()

    def look(self, resources: Sequence[Resource], *, closely: bool = False) -> list[Object | PilothouseError | None]:
        """Return each one's live object: ``None`` when there is none, the error when it cannot be read.

        Args:
            resources: Whose objects.
            closely: Whether all of them are asked for.
        """
        self._changed.clear()
        if closely or self._clock.monotonic() >= self._next_check:
            closely, self._next_check = True, self._clock.monotonic() + CHECK_EVERY
        with self._lock:
            seen = dict(self._seen)
        asked = [one for one in resources if closely or one.exact_key not in seen]
        answers = dict(zip(map(_key, asked), live_objects(self._cluster, asked), strict=True))
        with self._lock:
            for key, answer in answers.items():
                # an event that came in the meantime is newer
                if not isinstance(answer, PilothouseError) and key in seen and self._seen.get(key) is seen[key]:
                    self._seen[key] = answer
        return [answers[one.exact_key] if one.exact_key in answers else seen[one.exact_key] for one in resources]

    def sees(self, resource: Resource) -> bool:
        """Return whether looking at an object costs no request."""
        return resource.exact_key in self._seen

    def wait(self, unready: Sequence[Resource], seconds: float) -> None:
        """Wait until something of a kind among ``unready`` changes, but not longer than some seconds."""
        for one in unready:
            group = _group(one)
            if group not in self._watches:
                self._watches[group] = self._begin(one, [other for other in self._resources if _group(other) == group])
        self._clock.wait(self._changed, seconds)
        if self._changed.is_set():
            self._clock.sleep(min(_GATHERING, seconds))

    def _begin(self, one: Resource, group: Sequence[Resource]) -> Changes:
        """Watch a kind in a namespace; a single object by its name."""
        selector = f"metadata.name={one.name}" if len(group) == 1 else ""
        watch = self._cluster.watch(one.mapping, one.namespace, field_selector=selector)
        keys = {resource.name: resource.exact_key for resource in group}
        threading.Thread(target=self._follow, args=(watch, keys), daemon=True).start()
        return watch

    def _follow(self, watch: Changes, keys: dict[str, _Key]) -> None:
        try:
            for change in watch:
                key = keys.get(str(change.object["metadata"]["name"]))
                if key is not None:
                    with self._lock:
                        self._seen[key] = None if change.type == "DELETED" else change.object
                    self._changed.set()
        except PilothouseError:
            pass  # forbidden, or out of reach for long: asking says what is wrong
        finally:
            with self._lock:
                for key in keys.values():
                    self._seen.pop(key, None)


@contextmanager
def looking_out(cluster: Cluster, clock: Clock, resources: Sequence[Resource]) -> Iterator[Lookout]:
    """Give a lookout for some objects and end its watches afterwards."""
    lookout = Lookout(cluster, clock, resources)
    try:
        yield lookout
    finally:
        lookout.close()


def _key(resource: Resource) -> _Key:
    return resource.exact_key


def _group(resource: Resource) -> tuple[str, str, str]:
    return resource.mapping.group, resource.mapping.plural, resource.namespace
