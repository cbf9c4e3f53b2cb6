"""Replaying recorded calls of real Helm 2.17 against our Tiller, with a stand-in for the node."""

from __future__ import annotations

import base64
import difflib
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from google.protobuf import text_format  # type: ignore[import-untyped]  # protobuf ships no types

from pilothouse.errors import PilothouseError
from pilothouse.kube.client import KubeClient
from pilothouse.kube.resources import PODS, path_of
from pilothouse.tiller.service import CALLS, METHODS, ReleaseService

#: Answers a call: its name and its request in, messages out; a failure is raised.
Answer = Callable[[str, Any], Any]

#: Seconds for which a status is asked again until pods are as they were.
PATIENCE = 60.0


class Player:
    """Sets the status of pods by their annotation ``play``, as the recorder of the golden sessions did."""

    def __init__(self, client: KubeClient) -> None:
        self._client = client
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Player:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(0.2):
            try:
                pods = self._client.list(PODS)
            except PilothouseError:
                continue
            for pod in pods:
                try:
                    self._play(pod)
                except PilothouseError:
                    continue

    def _play(self, pod: dict[str, Any]) -> None:
        metadata = pod["metadata"]
        if metadata.get("deletionTimestamp"):
            self._client.delete(PODS, metadata["namespace"], metadata["name"], grace_period=0)
            return
        if pod.get("status", {}).get("phase") != "Pending":
            return
        play = (metadata.get("annotations") or {}).get("play", "")
        if play == "never":
            return
        phase = {"succeed": "Succeeded", "fail": "Failed"}.get(play, "Running")
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        running = phase == "Running"
        ended = {"exitCode": int(phase == "Failed"), "startedAt": now, "finishedAt": now, "reason": "Completed"}
        state = {"running": {"startedAt": now}} if running else {"terminated": ended}
        flag = str(running)
        status = {
            "phase": phase,
            "startTime": now,
            "conditions": [{"type": kind, "status": flag} for kind in ("ContainersReady", "Ready")],
            "containerStatuses": [
                {
                    "name": one["name"],
                    "image": one["image"],
                    "imageID": "",
                    "ready": running,
                    "restartCount": 0,
                    "state": state,
                }
                for one in pod["spec"]["containers"]
            ],
        }
        self._client.patch(
            PODS, metadata["namespace"], metadata["name"], {"status": status}, patch_type="merge", subresource="status"
        )


# ── what differs each time ─────────────────────────────────────────────────────────────────────────────────────────

#: Of fixed width: times, and the suffixes of pods, which have letters of their own.
_FIXED = (
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z"), "<time>"),
    (re.compile(r"(?<=-)[bcdfghjklmnpqrstvwxz2456789]{5}(?= )"), "<any>"),
)
#: Of another width each time, so that the columns of the table are as well.
_LOOSE = (
    (re.compile(r"10\.96\.\d+\.\d+"), "<address>"),
    (re.compile(r"\b(?:\d+[smhd])+(?=\s|$)"), "<age>"),
    (re.compile(r"(?<=pods: )\d+(?=/)"), "<used>"),
)


def _masked_tables(text: str) -> str:
    for pattern, instead in _FIXED:
        text = pattern.sub(instead, text)
    blocks = []
    for block in text.split("\n\n"):
        loose = block
        for pattern, instead in _LOOSE:
            loose = pattern.sub(instead, loose)
        blocks.append(block if loose == block else re.sub(" +", " ", loose))
    return "\n\n".join(blocks)


def masked(message: Any) -> str:
    """Return a message as text, without what differs in every run: times, ages, addresses, order of hooks and tests."""
    copy = type(message).FromString(message.SerializeToString())
    _mask(copy)
    text: str = text_format.MessageToString(copy)
    return text


def _mask(message: Any) -> None:
    name = message.DESCRIPTOR.full_name
    if name == "google.protobuf.Timestamp":
        message.seconds, message.nanos = int(message.seconds > 0), 0
        return
    if name == "hapi.release.Release":
        _sort(message.hooks, lambda hook: (hook.path, hook.name, hook.kind))
    elif name == "hapi.release.TestSuite":
        _sort(message.results, lambda result: (result.name,))
    elif name == "hapi.release.Status":
        message.resources = _masked_tables(message.resources)
    for field, value in message.ListFields():
        if field.message_type is None or field.message_type.GetOptions().map_entry:
            continue
        for one in value if field.is_repeated else (value,):
            _mask(one)


def _forget_resources(message: Any) -> None:
    """Clear the RESOURCES texts in the releases of an answer."""
    releases = getattr(message, "releases", None)
    for release in [message.release] if releases is None else releases:
        release.info.status.ClearField("resources")


def _sort(items: Any, key: Callable[[Any], tuple[str, ...]]) -> None:
    kept = [type(item).FromString(item.SerializeToString()) for item in sorted(items, key=key)]
    del items[:]
    items.extend(kept)


def answered_by(service: ReleaseService) -> Answer:
    """Return what answers calls in this process."""
    return lambda name, request: METHODS[name](service, request)


# ── replaying ──────────────────────────────────────────────────────────────────────────────────────────────────────


class Exchange:
    """One recorded call and its answer."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.step: int = record["step"]
        self.name: str = record["method"].rpartition("/")[2]
        call = CALLS[self.name]
        self.request = call.request.FromString(base64.b64decode(record["request"]))
        self.responses = [call.response.FromString(base64.b64decode(one)) for one in record["responses"]]
        self.error: str | None = None if record["code"] == "OK" else record["message"]


def exchanges(folder: Path) -> Iterator[Exchange]:
    """Yield the calls of a recorded session in their order."""
    for line in (folder / "grpc.jsonl").read_text().splitlines():
        yield Exchange(json.loads(line))


class ChangeRecorder:
    """A cluster that remembers the changes that are asked of it.

    Args:
        client: Where all calls go.

    Attributes:
        step: The step of the session that is under way.
        changes: What was asked for, by step: method, path and body.
    """

    def __init__(self, client: KubeClient) -> None:
        self._client = client
        self.step = 0
        self.changes: dict[int, list[str]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def _note(self, method: str, path: str, body: Any) -> None:
        self.changes.setdefault(self.step, []).append(_asked(method, path, body))

    def create(self, mapping: Any, namespace: str, item: Any) -> Any:
        """Remember an object and create it."""
        if item["kind"] != "Namespace":  # an earlier session may have made it
            self._note("POST", path_of(mapping, namespace), _sent(item))
        return self._client.create(mapping, namespace, item)

    def replace(self, mapping: Any, namespace: str, item: Any) -> Any:
        """Remember an object and replace it."""
        self._note("PUT", path_of(mapping, namespace, item["metadata"]["name"]), _sent(item))
        return self._client.replace(mapping, namespace, item)

    def patch(self, mapping: Any, namespace: str, name: str, patch: Any, *, patch_type: str, **options: Any) -> Any:
        """Remember a patch and send it."""
        self._note(f"PATCH {patch_type}", path_of(mapping, namespace, name), patch)
        return self._client.patch(mapping, namespace, name, patch, patch_type=patch_type, **options)

    def delete(self, mapping: Any, namespace: str, name: str, **options: Any) -> Any:
        """Remember a deletion and ask for it."""
        self._note("DELETE", path_of(mapping, namespace, name), _how(options.get("propagation"), options.get("uid")))
        return self._client.delete(mapping, namespace, name, **options)


#: Records of releases, whose content is compared elsewhere.
_RECORD = re.compile(r"/(configmaps|secrets)/[^/]+\.v\d+$")


def recorded_changes(folder: Path) -> dict[int, list[str]]:
    """Return what the recorded Tiller asked of the API server beside its records, by step."""
    found: dict[int, list[str]] = {}
    for line in (folder / "api.jsonl").read_text().splitlines():
        one = json.loads(line)
        method, path, body = one["method"], one["path"], one.get("body") or {}
        owner = (body.get("metadata") or {}).get("labels") or {}
        if method == "GET" or owner.get("OWNER") == "TILLER" or _RECORD.search(path) or body.get("kind") == "Namespace":
            continue
        if method == "PATCH":
            method += " " + one["content_type"].removeprefix("application/").partition("-")[0]
        elif method == "DELETE":
            body = _how(body.get("propagationPolicy"), (body.get("preconditions") or {}).get("uid"))
        else:
            body = _sent(body)
        found.setdefault(one["step"], []).append(_asked(method, path, body))
    return found


_UNNAMED = r"\1-<any>"
_POD = re.compile(r"(/pods/.*)-[bcdfghjklmnpqrstvwxz2456789]{5}$")


def _asked(method: str, path: str, body: Any) -> str:
    return f"{method} {_POD.sub(_UNNAMED, path)} {json.dumps(body, sort_keys=True)}"


def _how(propagation: str | None, uid: str | None) -> Any:
    return {"propagation": propagation, "only this object": bool(uid)}


def _sent(item: Any) -> Any:
    """Return an object as it was sent but for what the two clients' serializers add."""
    metadata = {key: value for key, value in item["metadata"].items() if value is not None}
    return {**{key: value for key, value in item.items() if key != "status"}, "metadata": metadata}


class Replay:
    """Sends recorded calls to a service and says where its answers differ.

    Args:
        answer: Our Tiller.
        name_next: Called with the name that the recorded Tiller made up for the next release.
        aliased_status: Whether the recorded Tiller kept RESOURCES texts in its records, as it does in memory, where an
            answer and a record are one object.
    """

    def __init__(self, answer: Answer, name_next: Callable[[str], None], *, aliased_status: bool = False) -> None:
        self._answer = answer
        self._name_next = name_next
        self._aliased_status = aliased_status

    def difference(self, exchange: Exchange) -> str:
        """Return how our answer differs from the recorded one, empty when it does not."""
        if exchange.name == "InstallRelease":
            if exchange.responses:
                self._name_next(exchange.responses[0].release.name)
            if not exchange.request.dry_run:
                time.sleep(1.0 - time.time() % 1.0)  # lists are sorted by whole seconds
        deadline = time.monotonic() + PATIENCE
        while True:
            found = self._compare(exchange)
            if not found or exchange.name != "GetReleaseStatus" or time.monotonic() > deadline:
                return found
            time.sleep(0.25)

    def _compare(self, exchange: Exchange) -> str:
        responses: list[Any] = []
        error = None
        try:
            answer = self._answer(exchange.name, exchange.request)
            if CALLS[exchange.name].streams_responses:
                responses.extend(answer)
            else:
                responses.append(answer)
        except PilothouseError as failure:
            error = failure.message
        if error != exchange.error:
            return f"step {exchange.step} {exchange.name}: error {error!r}, recorded {exchange.error!r}"
        if error is not None:
            return ""
        if self._aliased_status and exchange.name != "GetReleaseStatus":
            for response in exchange.responses:
                _forget_resources(response)
        ours, theirs = [masked(one) for one in responses], [masked(one) for one in exchange.responses]
        if exchange.name == "RunReleaseTest":
            ours.sort()
            theirs.sort()
        before, after = "\n".join(theirs).split("\n"), "\n".join(ours).split("\n")
        lines = difflib.unified_diff(before, after, "2.17", "ours", n=2, lineterm="")
        shown = "\n".join(line[:3000] for line in list(lines)[:40])
        return f"step {exchange.step} {exchange.name}:\n{shown}" if shown else ""
