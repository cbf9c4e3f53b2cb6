"""Comparing commands with recorded sessions of Helm 2.17: what differs in every run, and a Tiller made comparable."""

from __future__ import annotations

import base64
import difflib
import importlib
import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pilothouse.commandline.runner import Outcome
from pilothouse.hapi.convert import release_message
from pilothouse.kube.client import KubeClient
from pilothouse.storage.tiller_records import decode

_replay = importlib.import_module("functional.tiller_replay")

#: What differs in every run and is as wide in each: times, and the suffixes of pods, which have letters of their own.
FIXED = (
    (re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}"), "<the time of day and date>"),
    (re.compile(r"\b[A-Z][a-z]{2}(?: [A-Z][a-z]{0,2})?\.\.\."), "<cut time>"),
    (re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z"), "<time>"),
    (re.compile(r'"seconds":\d+,"nanos":\d+'), '"<time>"'),
    (re.compile(r"(?:nanos|seconds): \d+"), "<time>"),
    (re.compile(r"(?<=-)[bcdfghjklmnpqrstvwxz2456789]{5}(?=\s|$)"), "<any>"),
    (re.compile(r"(?m)^( *)(resourceVersion|uid): \S+"), r"\1\2: <any>"),
)
#: What differs in width too, so that the columns beside it do.
LOOSE = (
    (re.compile(r"10\.96\.\d+\.\d+"), "<address>"),
    (re.compile(r"\b(?:\d+[smhd])+(?=\s|\\n|$)"), "<age>"),
    (re.compile(r"(?<=pods: )\d+(?=/)"), "<used>"),
    (re.compile(r"127\.0\.0\.1:\d+"), "<host>"),
    (re.compile(r"\$HELM_HOST|\$TILLER_LISTEN"), "<host>"),
)


def masked(text: str) -> str:
    """Return what was printed without what differs in every run.

    Spaces count, but in a table with a value of another width in every run.
    """
    for pattern, instead in FIXED:
        text = pattern.sub(instead, text)
    return "\n\n".join(map(_without_widths, text.split("\n\n")))


def _without_widths(block: str) -> str:
    loose = block
    for pattern, instead in LOOSE:
        loose = pattern.sub(instead, loose)
    if loose == block:
        return block
    return "\n".join(re.sub(" +", " ", line).rstrip() for line in loose.split("\n"))


def difference(step: Any, done: Outcome, place: Any) -> str:
    """Return how a command's text and exit code differ from the recorded ones, empty when they do not."""
    recorded = f"exit {step.exit_code}\n{masked(step.stdout)}\n{masked(step.stderr)}"
    ours = f"exit {done.exit_code}\n{masked(place.masked(done.stdout))}\n{masked(place.masked(done.stderr))}"
    before, after = recorded.split("\n"), ours.split("\n")
    if _is_unordered(step):
        before, after = (sorted(re.split(r"[,\n\[]", "\n".join(lines).replace("]", ""))) for lines in (before, after))
    lines = difflib.unified_diff(before, after, "2.17", "ours", n=1, lineterm="")
    text = "\n".join(line[:1500] for line in lines)
    return f"{step}\n{text}" if text else ""


def _is_unordered(step: Any) -> bool:
    """Return whether a command prints hooks or tests, whose order is by chance in Go."""
    words: list[str] = step.words[1:]
    return words[0] == "test" or words[:2] == ["get", "hooks"] or words[:2] == ["status", "ty"]


@contextmanager
def control_plane(realcluster: str, folder: Path) -> Iterator[Path]:
    """Run a real control plane without any node and give its kubeconfig."""
    started = subprocess.run(
        [sys.executable, realcluster, "up", str(folder)], capture_output=True, text=True, timeout=180, check=False
    )
    if started.returncode:
        pytest.fail(f"the real cluster did not start: {started.stdout}{started.stderr}")
    (folder / "kubeconfig").chmod(0o600)
    try:
        yield folder / "kubeconfig"
    finally:
        subprocess.run([sys.executable, realcluster, "down", str(folder)], check=True, timeout=180)


#: The end of a requirements.lock whose repository has another address in every run, and so another digest.
_LOCK = re.compile(r'(<host>.*\\n)digest: sha256:[0-9a-f]{64}\\ngenerated: \\"[^"\\]*\\"')
_HOST = re.compile(r"127\.0\.0\.1:\d+")


class Records:
    """Compares what each command stored with what Helm 2.17's Tiller stored.

    Args:
        folder: The recorded session.
        client: The cluster.
        namespace: Tiller's namespace.
    """

    def __init__(self, folder: Path, client: KubeClient, namespace: str) -> None:
        lines = (folder / "storage.jsonl").read_text().splitlines()
        self._recorded = {one["step"]: one for one in map(json.loads, lines)}
        self._client = client
        self._namespace = namespace
        self._known = self._stored()

    def difference(self, step: Any) -> str:
        """Return how the records that a command wrote and removed differ from the recorded ones."""
        before, self._known = self._known, self._stored()
        changed = {name for name, item in self._known.items() if _is_changed(before.get(name), item)}
        recorded = self._recorded.get(step.number, {})
        theirs = {one["metadata"]["name"]: one for one in recorded.get("changed", ())}
        ours = {name: self._known[name] for name in changed | (theirs.keys() & self._known.keys())}
        lines = difflib.unified_diff(_shown(theirs), _shown(ours), "records of 2.17", "ours", n=1, lineterm="")
        removed = sorted(before.keys() - self._known.keys())
        if removed != sorted(recorded.get("removed", ())):
            return f"{step}\nremoved {removed}, recorded {recorded.get('removed')}"
        text = "\n".join(line[:1500] for line in lines)
        return f"{step}\n{text}" if text else ""

    def _stored(self) -> dict[str, Any]:
        found = {}
        for kind in ("ConfigMap", "Secret"):
            mapping = self._client.mapping("v1", kind)
            for item in self._client.list(mapping, self._namespace, label_selector="OWNER=TILLER"):
                found[str(item["metadata"]["name"])] = item
        return found


def _is_changed(before: dict[str, Any] | None, after: dict[str, Any]) -> bool:
    """Return whether a record changed in more than times: what is written again as it was may be of another second."""
    if before is None or before == after:
        return before is None
    name = str(after["metadata"]["name"])
    return _shown({name: before}) != _shown({name: after})


def _shown(items: dict[str, Any]) -> list[str]:
    """Return records as lines: every label and field but for times."""
    lines = []
    for name, item in sorted(items.items()):
        metadata = item["metadata"]
        labels = {key: "<time>" if key.endswith("_AT") else value for key, value in metadata["labels"].items()}
        lines.append(f"{name} {json.dumps(labels, sort_keys=True)}")
        lines.append(f"{metadata.get('annotations')} {sorted(item['data'])} {item.get('type')}")
        text = item["data"]["release"]
        if item.get("type"):
            text = base64.b64decode(text).decode()
        shown = _HOST.sub("<host>", _replay.masked(release_message(decode(text))))
        lines += _LOCK.sub(r"\1<of addresses and time>", shown).split("\n")
    return lines


class Recording:
    """Makes our Tiller's answers comparable: the names that were made up, and pods that have settled.

    Args:
        folder: The recorded session.
    """

    def __init__(self, folder: Path) -> None:
        self._exchanges: dict[int, list[Any]] = {}
        for exchange in _replay.exchanges(folder) if (folder / "grpc.jsonl").is_file() else ():
            self._exchanges.setdefault(exchange.step, []).append(exchange)
        self.step = 0

    def name(self) -> str:
        """Return the name that the recorded Tiller made up."""
        return next(
            str(one.responses[0].release.name)
            for one in self._exchanges.get(self.step, ())
            if one.name == "InstallRelease" and one.responses
        )

    def on_full_second(self, answer: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """Begin each call in a second of its own, since lists are sorted by seconds."""

        def install(service: Any, request: Any) -> Any:
            if not request.dry_run:
                time.sleep(1.0 - time.time() % 1.0)
            return answer(service, request)

        return install

    def patient(self, answer: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
        """Ask for a status again until pods are as they were."""

        def status(service: Any, request: Any) -> Any:
            wanted = {
                _replay.masked(one.responses[0])
                for one in self._exchanges.get(self.step, ())
                if one.name == "GetReleaseStatus" and one.responses
            }
            deadline = time.monotonic() + _replay.PATIENCE
            while True:
                found = answer(service, request)
                if not wanted or _replay.masked(found) in wanted or time.monotonic() > deadline:
                    return found
                time.sleep(0.25)

        return status
