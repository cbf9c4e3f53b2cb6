"""The life of a pod: scheduled, created, running, ready, done — by the stages of ``stages/pods.json``.

Which state a pod is in is read off its status; what should become of it is told by its restart policy and annotations.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from pilothouse.objects.copying import deep_copy
from pilothouse.sandbox.lifecycle.events import Recorder
from pilothouse.sandbox.lifecycle.operators import Operators
from pilothouse.sandbox.lifecycle.podprograms import PodPrograms
from pilothouse.sandbox.lifecycle.podrefs import Missing, missing_reference
from pilothouse.sandbox.lifecycle.programs import Programs, is_run
from pilothouse.sandbox.lifecycle.world import Key, Object, World, is_leaving, key_of, with_condition

NODE = "sandbox"
NODE_ADDRESS = "192.168.49.2"
OUTCOME = "sandbox.pilothouse.dev/outcome"
DELAY = "sandbox.pilothouse.dev/delay"
PLAYER_OUTCOME = "node-player/outcome"
_KUBELET = "kubelet"
_CRASHES = {"fail", "crash-loop", "oom"}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_CONDITION_ORDER = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")


def outcome_of(pod: Object) -> str:
    """Return what the annotations say should become of a pod."""
    annotations = pod["metadata"].get("annotations") or {}
    return str(annotations.get(OUTCOME) or annotations.get(PLAYER_OUTCOME) or "succeed")


def delay_of(world: World, pod: Object) -> float:
    """Return the seconds by which the annotations slow a pod."""
    annotations = pod["metadata"].get("annotations") or {}
    found = _DURATION.findall(str(annotations.get(DELAY) or ""))
    slow = world.timings["slow"] if outcome_of(pod) == "slow" else 0.0
    return slow + sum(float(number) * _UNITS[unit] for number, unit in found)


def state_of(pod: Object) -> str:  # noqa: PLR0911 - one answer a state
    """Return the state that a pod's status shows."""
    status = pod.get("status") or {}
    if status.get("phase") in ("Succeeded", "Failed"):
        return "done"
    if not pod["spec"].get("nodeName"):
        scheduled = [each for each in status.get("conditions") or () if each.get("type") == "PodScheduled"]
        return "unschedulable" if scheduled and scheduled[0].get("status") == "False" else "new"
    containers = status.get("containerStatuses") or ()
    if not containers:
        return "scheduled"
    waiting = [each["state"]["waiting"].get("reason") for each in containers if "waiting" in each.get("state", {})]
    for reason, state in (
        ("ErrImagePull", "pull-error"),
        ("ImagePullBackOff", "pull-backoff"),
        ("CrashLoopBackOff", "crash-loop"),
    ):
        if reason in waiting:
            return state
    if waiting:
        unfinished = [each for each in status.get("initContainerStatuses") or () if "terminated" not in each["state"]]
        return "initializing" if unfinished else "creating"
    if any("terminated" in each.get("state", {}) for each in containers):
        return "crashed"
    return "ready" if all(each.get("ready") for each in containers) else "started"


def _fate(pod: Object) -> str:
    """Return which of the stages from a state a pod takes."""
    outcome = outcome_of(pod)
    policy = pod["spec"].get("restartPolicy", "Always")
    if outcome in ("image-pull", "unschedulable", "never-ready"):
        return outcome
    if outcome in _CRASHES:
        return "end-failed" if policy == "Never" else "crash"
    return "ready" if policy == "Always" else "complete"


def next_stage(stages: list[Object], pod: Object, fate: str = "") -> Object | None:
    """Return the stage that a pod goes through next, or None; its annotations tell its fate when none is given."""
    state, fate = state_of(pod), fate or _fate(pod)
    for stage in stages:
        if stage["from"] == state and stage.get("outcome", fate) == fate:
            return None if stage["to"] == state and not stage.get("again") else stage
    return None


_PROBE_FAILS = "Readiness probe failed: HTTP probe failed with statuscode: 503"


class PodLife:
    """Moves pods from stage to stage.

    Args:
        world: What it acts on.
        events: Where it tells what it does.
        stages: The stages (``stages/pods.json``).
        programs: Runs the pods that are run, not simulated; without it none is.
    """

    def __init__(self, world: World, events: Recorder, stages: list[Object], programs: Programs | None = None) -> None:
        self._programs = PodPrograms(world, events, programs) if programs is not None else None
        self._world = world
        self._events = events
        self._stages = stages
        self._operators = Operators(world, events)

    def reconcile(self, pod: Object) -> float | None:
        """Do what is due for a pod; return in how many seconds to look again."""
        world, uid = self._world, pod["metadata"]["uid"]
        if is_leaving(pod):
            return self._leave(pod)
        programs = self._programs if is_run(pod) else None
        fate = programs.fate(pod, state_of(pod)) if programs is not None else ""
        stage = next_stage(self._stages, pod, fate)
        if stage is None:
            return None
        left = self._delay(stage, pod) - world.marks.elapsed(uid, stage["from"])
        if left > 0:
            return left
        if stage["from"] == "creating":
            problem = missing_reference(world, pod)
            if problem is not None:
                self._refuse(pod, problem)
                soon = self._operators.provide(pod, problem.reference)
                return world.timings["missing-reference"] if soon is None else soon or world.timings["retry"]
        if stage["to"] == "started" and stage["from"] != "ready" and programs is not None:
            programs.start(pod)
        self._enter(stage, pod)
        world.marks.clear(uid, stage["from"])
        return None

    def related(self, kind: str, change: str, value: Object, previous: Object | None) -> Iterable[Key]:
        """Return the pods that a change of another object concerns: those that are run with it as files."""
        del previous
        return () if self._programs is None else self._programs.related(kind, change, value)

    def _delay(self, stage: Object, pod: Object) -> float:
        timings = self._world.timings
        if stage.get("backs-off"):
            restarts: int = max(each.get("restartCount", 0) for each in pod["status"]["containerStatuses"])
            if self._programs is not None and is_run(pod):  # a program that ended once is started again soon
                restarts -= 2
            return float(min(timings["restart"] * 2.0 ** min(restarts, 16), timings["longest-restart"]))
        seconds = float(stage.get("after") or timings.get(stage.get("timing", ""), 0.0))
        runs_out = stage["to"] == "done"
        starts = stage.get("delayable", False) and pod["spec"].get("restartPolicy", "Always") == "Always"
        return seconds + (delay_of(self._world, pod) if runs_out or starts else 0.0)

    def _leave(self, pod: Object) -> float | None:
        """End a pod that is being deleted, once its time is up."""
        world, uid = self._world, pod["metadata"]["uid"]
        if not world.marks.elapsed(uid, "killing") and state_of(pod) in ("started", "ready"):
            for container in pod["spec"]["containers"]:
                field = f"spec.containers{{{container['name']}}}"
                self._events.normal(pod, "Killing", f"Stopping container {container['name']}", _KUBELET, field)
        if self._programs is not None and is_run(pod) and self._programs.ends(pod):
            return world.timings["retry"]
        left = world.timings["deletion"] - world.marks.elapsed(uid, "killing")
        if left > 0:
            return left
        world.objects.delete("pods", key_of(pod), uid=uid, now=True)
        return None

    def _refuse(self, pod: Object, problem: Missing) -> None:
        """Keep a pod waiting for something that it names and that does not exist."""
        self._events.warning(pod, problem.reason, problem.message, _KUBELET)
        if not problem.waiting:
            return
        state = {"waiting": {"reason": problem.waiting, "message": problem.message.removeprefix("Error: ")}}
        status = deep_copy(pod["status"])
        for each in status["containerStatuses"]:
            each["state"] = deep_copy(state)
        self._world.set_status("pods", pod, status, manager=_KUBELET)

    def _enter(self, stage: Object, pod: Object) -> None:
        world = self._world
        words = self._words(pod)
        component = stage.get("component", _KUBELET)
        if stage.get("binds"):
            world.objects.change("pods", key_of(pod), _bind, manager="kube-scheduler", subresource="binding")
        status = self._status(stage, pod, words)
        world.set_status("pods", pod, status, manager=component)
        for kind, reason, message in stage.get("events", ()):
            record = self._events.normal if kind == "Normal" else self._events.warning
            record(pod, reason, _fill(message, words), component)
        for container in pod["spec"]["containers"] if "container-events" in stage else ():
            own = {**words, "image": container.get("image", ""), "container": container["name"]}
            field = f"spec.containers{{{container['name']}}}"
            for kind, reason, message in stage["container-events"]:
                record = self._events.normal if kind == "Normal" else self._events.warning
                record(pod, reason, _fill(message, own), _KUBELET, field)

        if stage["to"] == "started" and _fate(pod) == "never-ready":
            self._tell_probes(pod)

    def _tell_probes(self, pod: Object) -> None:
        """Tell that the readiness probes fail of a pod that never becomes ready."""
        for container in pod["spec"]["containers"]:
            if "readinessProbe" in container:
                field = f"spec.containers{{{container['name']}}}"
                self._events.warning(pod, "Unhealthy", _PROBE_FAILS, _KUBELET, field)

    def _words(self, pod: Object) -> dict[str, str]:
        metadata, spec = pod["metadata"], pod["spec"]
        names = [each["name"] for each in spec.get("initContainers") or ()]
        waits = bool(names) and state_of(pod) == "scheduled"
        oom = outcome_of(pod) == "oom"
        code = self._programs.exit_code(pod) if self._programs is not None and is_run(pod) else 1
        return {
            "namespace": metadata["namespace"],
            "name": metadata["name"],
            "uid": metadata["uid"],
            "node": spec.get("nodeName") or NODE,
            "now": self._world.stamp(),
            "containers": " ".join(each["name"] for each in spec["containers"]),
            "initialized": "False" if waits else "True",
            "initialized-reason": "ContainersNotInitialized" if waits else "",
            "initialized-message": f"containers with incomplete status: [{' '.join(names)}]" if waits else "",
            "exit-code": "137" if oom else str(code),
            "exit-reason": "OOMKilled" if oom else "Error" if code else "Completed",
            "backoff": "10s",
        }

    def _status(self, stage: Object, pod: Object, words: dict[str, str]) -> Object:
        status: Object = deep_copy(pod.get("status") or {})
        status["phase"] = stage.get("phase") or status.get("phase") or "Pending"
        now = words["now"]
        if "conditions" in stage:
            status["conditions"] = _conditions(status.get("conditions") or [], stage["conditions"], words)
        if stage["to"] in ("crashed", "started") and stage["from"] in ("started", "ready"):
            reason = {
                "reason": "ContainersNotReady",
                "message": f"containers with unready status: [{words['containers']}]",
            }
            for name in ("Ready", "ContainersReady"):
                status["conditions"] = with_condition(status["conditions"], name, "False", now, **reason)
        if stage.get("addresses"):
            address = self._address(pod)
            status.update(hostIP=NODE_ADDRESS, hostIPs=[{"ip": NODE_ADDRESS}], podIP=address, podIPs=[{"ip": address}])
            status["startTime"] = now
            status["qosClass"] = status.get("qosClass") or "BestEffort"
            if pod["spec"].get("initContainers"):
                status["initContainerStatuses"] = list(_init_statuses(pod, {"waiting": {"reason": "PodInitializing"}}))
        if stage.get("initializes"):
            ended = {"exitCode": 0, "reason": "Completed", "startedAt": now, "finishedAt": now}
            status["initContainerStatuses"] = list(_init_statuses(pod, {"terminated": ended}))
        if "state" in stage:
            status["containerStatuses"] = [
                self._container(stage, pod, each, words) for each in pod["spec"]["containers"]
            ]
        return status

    def _container(self, stage: Object, pod: Object, container: Object, words: dict[str, str]) -> Object:
        before: Object = next(
            (e for e in (pod.get("status") or {}).get("containerStatuses") or () if e["name"] == container["name"]), {}
        )
        runs = before.get("state", {}).get("running", {}).get("startedAt", words["now"])
        image, name = container.get("image", ""), container["name"]
        container_id = "containerd://" + hashlib.sha256(f"{words['uid']}/{name}".encode()).hexdigest()
        own = {**words, "image": image, "container": name, "started-at": runs, "container-id": container_id}
        state = _fill_all(stage["state"], own)
        waits_for_init = stage.get("addresses") and pod["spec"].get("initContainers")
        if waits_for_init:
            state = {"waiting": {"reason": "PodInitializing"}}
        made: Object = {
            "name": name,
            "state": state,
            "lastState": before.get("lastState", {}),
            "ready": bool(stage.get("ready", False)),
            "restartCount": before.get("restartCount", 0) + (1 if stage.get("counts-restart") else 0),
            "image": image,
            "imageID": _image_id(image) if "waiting" not in state or before.get("imageID") else "",
            "started": bool(stage.get("started", False)),
        }
        if "terminated" in before.get("state", {}):
            made["lastState"] = before["state"]
        if stage.get("again"):
            ended = {"exitCode": 255, "reason": "Unknown", "startedAt": runs, "finishedAt": words["now"]}
            made["lastState"] = {"terminated": {**ended, "containerID": container_id}}
        if "waiting" not in state:
            made["containerID"] = container_id
        return made

    def _address(self, pod: Object) -> str:
        if pod["spec"].get("hostNetwork"):
            return NODE_ADDRESS
        used = {(each.get("status") or {}).get("podIP") for each in self._world.objects.list("pods")}
        number = int.from_bytes(hashlib.sha256(pod["metadata"]["uid"].encode()).digest()[:2], "big")
        while True:
            address = f"10.244.{number // 250 % 250}.{number % 250 + 2}"
            if address not in used:
                return address
            number += 1


def _bind(pod: Object) -> None:
    pod["spec"]["nodeName"] = NODE


def _image_id(image: str) -> str:
    name = image.partition("@")[0].rpartition(":")[0] or image
    return f"{name}@sha256:{hashlib.sha256(image.encode()).hexdigest()}"


def _init_statuses(pod: Object, state: Object) -> Iterator[Object]:
    for each in pod["spec"]["initContainers"]:
        ended = "terminated" in state
        yield {
            "name": each["name"],
            "state": state,
            "lastState": {},
            "ready": ended,
            "restartCount": 0,
            "image": each.get("image", ""),
            "imageID": _image_id(each.get("image", "")) if ended else "",
            "started": False,
        }


def _fill(text: str, words: dict[str, str]) -> str:
    return re.sub(r"\{([a-z-]+)\}", lambda match: words.get(match[1], match[0]), text)


def _fill_all(value: Object, words: dict[str, str]) -> Object:
    made: Object = {}
    for key, item in value.items():
        if isinstance(item, dict):
            made[key] = _fill_all(item, words)
        elif isinstance(item, str):
            text = _fill(item, words)
            made[key] = int(text) if key == "exitCode" else text
        else:
            made[key] = item
    return made


def _conditions(before: list[Object], wanted: Object, words: dict[str, str]) -> list[Object]:
    conditions = before
    for kind, (state, *rest) in wanted.items():
        reason, message = (*(_fill(each, words) for each in rest), "", "")[:2]
        conditions = with_condition(conditions, kind, _fill(state, words), words["now"], reason=reason, message=message)
        conditions[-1].setdefault("lastProbeTime", None)
    return sorted(
        conditions, key=lambda each: _CONDITION_ORDER.index(each["type"]) if each["type"] in _CONDITION_ORDER else 9
    )
