"""The audit log: one JSON line for each call's beginning and end, each with the hash of the line before it.

Whoever changes or removes a line breaks the chain from there on, which ``tiller --verify-audit-log FILE`` shows; only
the end of the log can be cut off unseen, so ship the lines elsewhere as they are written.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading

from pilothouse.errors import Invalid, reason_of
from pilothouse.hapi.messages import StatusMessage, enum_name
from pilothouse.records import Record
from pilothouse.releases.times import format_time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any

    from pilothouse.clock import Clock
    from pilothouse.hapi.messages import Message

#: What stands for the hash of the line before the first one.
FIRST = "0" * 64
#: Characters of an error that are kept.
_LONGEST_TEXT = 2000


class AuditLog:
    """Appends lines to a file or a stream; any number of threads may write.

    Args:
        path: The file, or ``-`` for standard output.
        clock: Stamps the lines.
        stream: Where ``-`` goes.

    Raises:
        Invalid: The file cannot be written or is no audit log.
    """

    def __init__(self, path: str, clock: Clock, stream: IO[str] | None = None) -> None:
        self._path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._number, self._last = 0, FIRST
        self._stream = stream if path == "-" else None
        self._descriptor = -1
        if self._stream is not None:
            return
        try:
            self._number, self._last = _end_of(path)
            self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Invalid(f"audit log: open {path}: {reason_of(error)}") from error

    def write(self, **facts: Any) -> None:
        """Append a line.

        Raises:
            Invalid: It cannot be written.
        """
        with self._lock:
            entry = {"number": self._number + 1, "time": format_time(self._clock.now_ns()), **facts}
            text = _signed(entry, self._last)
            try:
                self._append(text + "\n")
            except (OSError, ValueError) as error:
                raise Invalid(f"audit log: write {self._path}: {error}") from error
            self._number, self._last = entry["number"], json.loads(text)["hash"]

    def _append(self, line: str) -> None:
        """Write a line, or nothing of it."""
        if self._stream is not None:
            self._stream.write(line)
            self._stream.flush()
            return
        data = line.encode()
        before = os.fstat(self._descriptor).st_size
        if os.write(self._descriptor, data) != len(data):
            os.ftruncate(self._descriptor, before)
            raise OSError("only a part of the line could be written")

    def close(self) -> None:
        """Close the file."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def _signed(entry: dict[str, Any], previous: str) -> str:
    """Return the line of an entry: all of it, the hash of the line before, and the hash of both."""
    chained = {**entry, "previous": previous}
    body = json.dumps(chained, sort_keys=True, ensure_ascii=True)
    return json.dumps({**chained, "hash": hashlib.sha256(body.encode()).hexdigest()}, ensure_ascii=True)


def _end_of(path: str) -> tuple[int, str]:
    """Return number and hash of the last line of a log, or what comes before the first one."""
    if not os.path.exists(path) or not os.path.isfile(path):
        return 0, FIRST
    with open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - (1 << 16)))
        lines = file.read().splitlines()
    if not lines:
        return 0, FIRST
    try:
        last = json.loads(lines[-1])
        return int(last["number"]), str(last["hash"])
    except (ValueError, KeyError, TypeError) as error:
        raise Invalid(f"audit log: the last line of {path} is no entry; move the file away") from error


def verify(path: str) -> int:
    """Return how many lines a log has, each of them unchanged and in its place.

    Raises:
        Invalid: A line was changed, removed or added, or the file cannot be read.
    """
    last, number = FIRST, 0
    try:
        with open(path, encoding="utf-8") as file:
            for place, line in enumerate(file, start=1):
                last, number = _checked(path, place, line, last), place
    except OSError as error:
        raise Invalid(f"audit log: open {path}: {reason_of(error)}") from error
    return number


def _checked(path: str, place: int, line: str, previous: str) -> str:
    try:
        entry = json.loads(line)
        found = str(entry.pop("hash"))
        claimed = entry.pop("previous")
        expected = json.loads(_signed(entry, previous))["hash"]
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise Invalid(f"audit log: {path}:{place} is no entry") from error
    if claimed != previous or found != expected:
        raise Invalid(f"audit log: {path}:{place} was changed, or a line before it was removed")
    return found


# ── what is said of a call ─────────────────────────────────────────────────────────────────────────────────────────


class CallFacts(Record):
    """What the log says of a request."""

    release: str = ""
    namespace: str = ""
    dry_run: bool = False
    request: str = ""


def facts_of(request: Message) -> CallFacts:
    """Return what the log says of a request; its content only as a digest, since values hold secrets."""
    return CallFacts(
        release=str(getattr(request, "name", "")),
        namespace=str(getattr(request, "namespace", "")),
        dry_run=bool(getattr(request, "dry_run", False)),
        request=hashlib.sha256(request.SerializeToString(deterministic=True)).hexdigest(),
    )


def outcome_of(answer: Message) -> dict[str, Any]:
    """Return what the log says of an answer: the release it is about and the digest of what was to be applied."""
    release = getattr(answer, "release", None)
    if release is None or isinstance(release, str) or not answer.HasField("release"):
        return {}
    digest = hashlib.sha256(release.manifest.encode())
    for hook in release.hooks:
        digest.update(b"\0" + hook.manifest.encode())
    return {
        "release": release.name,
        "namespace": release.namespace,
        "revision": release.version,
        "status": enum_name(StatusMessage, "Code", release.info.status.code),
        "plan": digest.hexdigest(),
    }


def shortened(text: str) -> str:
    """Return an error's text, not too long."""
    return text if len(text) <= _LONGEST_TEXT else text[:_LONGEST_TEXT] + "…"
