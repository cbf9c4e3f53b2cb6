"""Pods whose program is run: when it is started, what its end or its probe means for the pod, and how it is ended."""

from __future__ import annotations

from collections.abc import Iterable

from pilothouse.sandbox.lifecycle.events import Recorder
from pilothouse.sandbox.lifecycle.podrefs import references
from pilothouse.sandbox.lifecycle.programs import Programs, program_of
from pilothouse.sandbox.lifecycle.world import DELETED, Key, Object, World, key_of

_KUBELET = "kubelet"
_GRACE = 30


class PodPrograms:
    """Joins pods and their programs.

    Args:
        world: What it acts on.
        events: Where it tells what goes wrong.
        programs: Runs them.
    """

    def __init__(self, world: World, events: Recorder, programs: Programs) -> None:
        self._world = world
        self._events = events
        self._programs = programs
        self._readers: dict[Key, set[Key]] = {}  # the pods that show a Secret or ConfigMap as files
        self._outdated: set[Key] = set()

    def start(self, pod: Object) -> None:
        """Start the program of a pod."""
        uid, key = pod["metadata"]["uid"], key_of(pod)
        for each in references(pod):
            if each.volume:
                self._readers.setdefault((each.kind, key[0], each.name), set()).add(("pods", *key))
        try:
            self._programs.start(program_of(pod, self._world.objects.get))
        except ValueError as error:
            self._programs.refuse(uid, str(error))
        status = self._programs.status(uid)
        if status is not None and status.problem:
            self._events.warning(pod, "Failed", f"Error: failed to start container: {status.problem}", _KUBELET)

    def fate(self, pod: Object, state: str) -> str:
        """Return which of the stages from a state a pod takes; its files are brought up to date."""
        self._renew_files(pod)
        if state not in ("started", "ready"):
            return "run"
        status = self._programs.status(pod["metadata"]["uid"])
        if status is None:
            return "lost"
        if status.running:
            return "ready" if status.ready else "unready"
        policy = pod["spec"].get("restartPolicy", "Always")
        if policy == "Always" or (policy == "OnFailure" and status.exit_code):
            return "ended"
        return "ended-for-good" if status.exit_code else "done"

    def exit_code(self, pod: Object) -> int:
        """Return with what the program of a pod ended."""
        status = self._programs.status(pod["metadata"]["uid"])
        return 1 if status is None else status.exit_code

    def ends(self, pod: Object) -> bool:
        """Let the program of a pod end; tell whether it still runs."""
        uid = pod["metadata"]["uid"]
        status = self._programs.status(uid)
        if status is None or not status.running:
            return False
        grace = pod["metadata"].get("deletionGracePeriodSeconds")
        self._programs.end(uid, float(_GRACE if grace is None else grace))
        return True

    def related(self, kind: str, change: str, value: Object) -> Iterable[Key]:
        """End the program of a pod that is gone, and return the pods whose files changed."""
        if kind == "pods" and change == DELETED:
            self._programs.forget(value["metadata"]["uid"])
            for readers in list(self._readers.values()):
                readers.discard(("pods", *key_of(value)))
        changed = tuple(self._readers.get((kind, *key_of(value)), ()))
        self._outdated.update(changed)
        return changed

    def _renew_files(self, pod: Object) -> None:
        """Bring the files of a program up to date, as the kubelet does some time after they changed."""
        key = ("pods", *key_of(pod))
        if key in self._outdated:
            self._outdated.discard(key)
            self._programs.renew(program_of(pod, self._world.objects.get))
