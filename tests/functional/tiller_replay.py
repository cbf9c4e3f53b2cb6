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
PATIENCE = 20.0


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

_MASKS = (
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:]+Z"), "<time>"),
    (re.compile(r"10\.96\.\d+\.\d+"), "<address>"),
    (re.compile(r"(?:-[a-z0-9]{8,10})?-[a-z0-9]{5}(?=  )"), "-<random>"),
    (re.compile(r"\b(?:\d+[smhd])+(?=\s)"), "<age>"),
    (re.compile(r"(?<=pods: )\d+(?=/)"), "<used>"),
    (re.compile(r" +"), " "),
)


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
        for pattern, instead in _MASKS:
            message.resources = pattern.sub(instead, message.resources)
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


class PatchRecorder:
    """A cluster that remembers the patches it is sent.

    Args:
        client: Where all calls go.
    """

    def __init__(self, client: KubeClient) -> None:
        self._client = client
        self.patches: list[tuple[str, str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def patch(self, mapping: Any, namespace: str, name: str, patch: Any, *, patch_type: str, **options: Any) -> Any:
        """Remember a patch and send it."""
        self.patches.append((path_of(mapping, namespace, name), patch_type, patch))
        return self._client.patch(mapping, namespace, name, patch, patch_type=patch_type, **options)


def recorded_patches(folder: Path) -> list[tuple[str, str, Any]]:
    """Return path, kind and body of each patch that the recorded Tiller sent, in their order."""
    records = [json.loads(line) for line in (folder / "api.jsonl").read_text().splitlines()]
    return [
        (one["path"], one["content_type"].removeprefix("application/").partition("-")[0], one["body"])
        for one in records
        if one["method"] == "PATCH"
    ]


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
