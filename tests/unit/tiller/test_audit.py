"""The audit log: chained lines, continued by the next process, and what breaks the chain."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("google.protobuf")

from pilothouse.clock import FixedClock
from pilothouse.errors import Invalid
from pilothouse.hapi.messages import SERVICE, calls_of
from pilothouse.tiller.audit import AuditLog, facts_of, outcome_of, verify


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log of four lines, written by two processes."""
    path = tmp_path / "audit.jsonl"
    for start in (0, 2):
        log = AuditLog(str(path), FixedClock(1_700_000_000))
        for number in (start, start + 1):
            log.write(event="end", call=f"call {number}")
        log.close()
    return path


def test_lines_are_numbered_and_chained(path: Path) -> None:
    """A second process goes on where the first one ended."""
    entries = [json.loads(line) for line in path.read_text().splitlines()]
    assert [entry["number"] for entry in entries] == [1, 2, 3, 4]
    assert [entry["previous"] for entry in entries[1:]] == [entry["hash"] for entry in entries[:-1]]
    assert verify(str(path)) == 4


@pytest.mark.parametrize("kind", ["changed", "removed", "first", "swapped", "added", "garbage"])
def test_the_chain_breaks(path: Path, kind: str) -> None:
    """Every way to change what was written is found, and its line is named."""
    lines = path.read_text().splitlines()
    if kind == "changed":
        lines[1] = lines[1].replace("call 1", "call 9")
    elif kind == "removed":
        del lines[1]
    elif kind == "first":
        del lines[0]
    elif kind == "swapped":
        lines[1], lines[2] = lines[2], lines[1]
    elif kind == "added":
        lines.insert(2, lines[1])
    else:
        lines[1] = "[]"
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(Invalid, match=r"audit log: .*audit\.jsonl:\d (was changed|is no entry)"):
        verify(str(path))


def test_other_files_are_not_continued(tmp_path: Path) -> None:
    """A file that is no audit log is not written to; one that cannot be opened is said."""
    other = tmp_path / "notes.txt"
    other.write_text("hello\n")
    with pytest.raises(Invalid, match="is no entry; move the file away"):
        AuditLog(str(other), FixedClock(0))
    assert other.read_text() == "hello\n"
    with pytest.raises(Invalid, match="no such file or directory"):
        AuditLog(str(tmp_path / "no" / "folder"), FixedClock(0))


def test_a_line_that_cannot_be_written_is_an_error(path: Path) -> None:
    """So that a change can be refused that would not be logged."""
    log = AuditLog(str(path), FixedClock(0))
    log.close()
    with pytest.raises(Invalid, match="audit log: write"):
        log.write(event="begin")
    full = AuditLog("/dev/full", FixedClock(0))
    with pytest.raises(Invalid, match="No space left"):
        full.write(event="begin")
    full.close()


def test_what_is_said_holds_no_values() -> None:
    """Requests and plans are digests; names and statuses are said."""
    calls = calls_of(SERVICE)
    request = calls["InstallRelease"].request(name="web", namespace="n")
    request.values.raw = "password: sesame\n"
    facts = facts_of(request)
    assert (facts.release, facts.namespace, len(facts.request)) == ("web", "n", 64)
    answer = calls["InstallRelease"].response()
    answer.release.name, answer.release.manifest, answer.release.version = "web", "sesame", 3
    answer.release.info.status.code = 1
    outcome = outcome_of(answer)
    assert (outcome["release"], outcome["revision"], outcome["status"]) == ("web", 3, "DEPLOYED")
    assert "sesame" not in f"{facts}{outcome}"
    other = calls["InstallRelease"].response()
    other.CopyFrom(answer)
    other.release.hooks.add(manifest="more")
    assert outcome_of(other)["plan"] != outcome["plan"]
    assert outcome_of(calls["GetVersion"].response()) == {}
