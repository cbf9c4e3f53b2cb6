"""The engine that runs all controllers: a queue of objects to look at, filled by what changes in the store.

It holds no state that matters: on start every object is looked at, and what to do is read off what is stored. It sleeps
until something changes or a stage is due.
"""

from __future__ import annotations

import heapq
import json
import logging
import os
import threading
from collections.abc import Callable, Iterable

from pilothouse.clock import Clock
from pilothouse.golang.kinds import YamlValue
from pilothouse.sandbox.lifecycle.events import Recorder
from pilothouse.sandbox.lifecycle.programs import Programs
from pilothouse.sandbox.lifecycle.table import Controller, controllers
from pilothouse.sandbox.lifecycle.world import ADDED, DELETED, Key, Object, Objects, World, controller_of

_LOG = logging.getLogger("pilothouse.sandbox.lifecycle")
_STAGES = os.path.join(os.path.dirname(__file__), "stages")
_RETRY = 0.5
_LONGEST_RETRY = 300.0
_LEAST_DELAY = 0.001


def read_stages(name: str) -> YamlValue:
    """Return one of the data files that describe lifecycles."""
    with open(os.path.join(_STAGES, f"{name}.json"), encoding="utf-8") as file:
        return json.load(file)


class Queue:
    """Objects to look at, each at its time and only once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._heap: list[tuple[float, int, Key]] = []
        self._due: dict[Key, float] = {}
        self._serial = 0
        self._changed = threading.Condition()
        self._closed = False

    def add(self, key: Key, delay: float = 0.0) -> None:
        """Look at an object in ``delay`` seconds, or earlier if that was asked before."""
        # Less than a millisecond could be lost in rounding, and asked for again and again.
        due = self._clock.monotonic() + (max(delay, _LEAST_DELAY) if delay else 0.0)
        with self._changed:
            if self._due.get(key, float("inf")) <= due:
                return
            self._due[key] = due
            self._serial += 1
            heapq.heappush(self._heap, (due, self._serial, key))
            self._changed.notify()

    def _next(self) -> float | None:
        """Return when the next object is due; what was asked for earlier meanwhile is dropped."""
        while self._heap and self._due.get(self._heap[0][2]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self) -> Key | None:
        """Return an object that is due, or None."""
        with self._changed:
            due = self._next()
            if due is None or due > self._clock.monotonic():
                return None
            key = heapq.heappop(self._heap)[2]
            del self._due[key]
            return key

    def next_due(self) -> float | None:
        """Return when the next object is due, or None."""
        with self._changed:
            return self._next()

    def wait(self) -> bool:
        """Sleep until an object is due; return False when the queue is closed."""
        with self._changed:
            while not self._closed:
                due = self._next()
                left = None if due is None else due - self._clock.monotonic()
                if left is not None and left <= 0:
                    return True
                self._changed.wait(left)
            return False

    def close(self) -> None:
        """Let no one wait any longer."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class Engine:
    """Runs the controllers.

    Args:
        objects: The store.
        clock: The time.
        entropy: Random bytes, for names.
        timings: Seconds by name that differ from ``stages/timings.json``.
        authority: The certificate, in PEM, by which pods know the API server.
        programs: Runs the pods that are run, not simulated; without it none is.
    """

    def __init__(
        self,
        objects: Objects,
        clock: Clock,
        entropy: Callable[[int], bytes] = os.urandom,
        timings: dict[str, float] | None = None,
        authority: str = "",
        programs: Programs | None = None,
    ) -> None:
        self.world = World(objects, clock, entropy, {**read_stages("timings"), **(timings or {})}, authority)
        self.queue = Queue(clock)
        self._objects = objects
        self._controllers = controllers(self.world, Recorder(self.world), read_stages, programs)
        if programs is not None:
            programs.on_change = self.queue.add
        self._plurals = {kind: name for name, _, kind in objects.kinds()}
        self._failures: dict[tuple[int, Key], int] = {}
        self._thread: threading.Thread | None = None
        self._cancel: Callable[[], None] | None = None

    def start(self) -> None:
        """Look at everything there is, and from then on at what changes, in a thread of its own."""
        self.attach()
        self._thread = threading.Thread(target=self._run, name="lifecycle", daemon=True)
        self._thread.start()

    def attach(self) -> None:
        """Begin to follow the store."""
        self._cancel = self._objects.subscribe(self._note)
        for name, _, _ in list(self._objects.kinds()):
            for value in list(self._objects.list(name)):
                self._note(name, ADDED, value, None)
        for controller in self._controllers:
            if controller.on_start is not None:
                controller.on_start()

    def stop(self) -> None:
        """End the thread."""
        if self._cancel is not None:
            self._cancel()
        self.queue.close()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _note(self, kind: str, change: str, value: Object, previous: Object | None) -> None:
        """Enqueue all objects that a change may concern; runs in the thread that writes."""
        self.world.index.note(kind, change, value, previous)
        if kind == "events":
            return
        if change == DELETED:
            self.world.marks.forget(value["metadata"].get("uid", ""))
        try:
            for key in self._concerned(kind, change, value, previous):
                self.queue.add(key)
        except Exception:  # noqa: BLE001 - whoever writes an odd object must still be able to write
            _LOG.exception("follow %s %s", kind, value["metadata"].get("name"))

    def _concerned(self, kind: str, change: str, value: Object, previous: Object | None) -> Iterable[Key]:
        metadata = value["metadata"]
        namespace = metadata.get("namespace", "")
        if kind == "customresourcedefinitions.apiextensions.k8s.io":
            self._plurals.update({each: name for name, _, each in self._objects.kinds()})
        if change != DELETED:
            yield kind, namespace, metadata["name"]
        owner = controller_of(value)
        if owner is not None and owner["kind"] in self._plurals:
            yield self._plurals[owner["kind"]], namespace, owner["name"]
        for controller in self._controllers:
            if controller.related is not None:
                yield from controller.related(kind, change, value, previous)

    def _run(self) -> None:
        while self.queue.wait():
            self.step()

    def step(self) -> bool:
        """Look at one object that is due; return whether there was one."""
        key = self.queue.take()
        if key is None:
            return False
        for controller in self._controllers:
            if key[0] not in controller.kinds and "*" not in controller.kinds:
                continue
            value = self._objects.get(*key)
            if value is None and key[0] not in controller.absent:
                continue
            wait = self._reconcile(controller, key, value if value is not None else _absent(key))
            if wait is not None:
                self.queue.add(key, wait)
        return True

    def _reconcile(self, controller: Controller, key: Key, value: Object) -> float | None:
        """Let a controller look at an object; after a failure again later, and ever later."""
        try:
            wait = controller.reconcile(value)
        except Exception:  # noqa: BLE001 - one object's trouble must not stop the cluster
            failures = self._failures[id(controller), key] = self._failures.get((id(controller), key), 0) + 1
            _LOG.exception("reconcile %s %s/%s", *key)
            return float(min(_RETRY * 2.0 ** min(failures, 16), _LONGEST_RETRY))
        self._failures.pop((id(controller), key), None)
        return wait

    def settle(self, seconds: float = 60.0) -> None:
        """Do everything that is due within ``seconds``, with a clock that moves when it is slept. For tests."""
        clock = self.world.clock
        end = clock.monotonic() + seconds
        while True:
            while self.step():
                pass
            due = self.queue.next_due()
            if due is None or due > end:
                return
            clock.sleep(max(due - clock.monotonic(), 0.0) + _LEAST_DELAY)


def _absent(key: Key) -> Object:
    kind, namespace, name = key
    return {"kind": kind, "metadata": {"namespace": namespace, "name": name, "uid": ""}}
