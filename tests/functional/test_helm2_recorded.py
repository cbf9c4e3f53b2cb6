"""The commands of recorded sessions of Helm 2.17, with a Tiller that answers as the recorded one did."""

from __future__ import annotations

import difflib
import importlib
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("grpc")

_session = importlib.import_module("functional.helm2_session")

SESSIONS = ["session", "session-secret", "session-history-max", "session-crd", "session-tiller-namespace"]
#: Commands that need a cluster beside Tiller, or print what differs in every run.
ELSEWHERE = {"session": {4, 42}}


@pytest.fixture(scope="module")
def golden(shared: Path) -> Path:
    """The folder of recorded sessions."""
    return shared / "reference/helm2/golden"


@pytest.mark.parametrize("name", SESSIONS)
def test_commands_send_and_print_what_was_recorded(golden: Path, tmp_path: Path, name: str) -> None:
    """Each command sends the calls that Helm 2.17 sent, and prints the same text from the same answers."""
    problems: list[str] = []
    compared = 0
    with (
        _session.RecordedTiller(golden / name) as tiller,
        _session.workplace(tmp_path, golden, tiller.address) as place,
    ):
        for step in _session.steps(golden / name):
            if step.words[0] != "helm" or step.words[1] in ("init", "reset"):
                continue
            if step.number in ELSEWHERE.get(name, ()):
                continue
            compared += 1
            tiller.begin(step.number)
            done = place.run(step.words, **step.variables)
            problems += [f"{step}\n{found}" for found in _differences(step, done, place, tiller)]
    assert compared >= 5
    assert not problems, "\n\n".join(problems)


def _differences(step: Any, done: Any, place: Any, tiller: Any) -> list[str]:
    found = []
    if done.exit_code != step.exit_code:
        found.append(f"exit code {done.exit_code}, recorded {step.exit_code}")
    found.append(_difference("output", step.stdout, place.masked(done.stdout)))
    found.append(_difference("errors", step.stderr, place.masked(done.stderr)))
    expected = tiller.expected()
    if [call.name for call in expected] != [name for name, _request in tiller.asked]:
        found.append(f"calls {[name for name, _ in tiller.asked]}, recorded {[call.name for call in expected]}")
    else:
        found += [
            _difference(call.name, str(call.request), str(request).replace(place.repository, "127.0.0.1:8879"))
            for call, (_name, request) in zip(expected, tiller.asked, strict=True)
        ]
    return [one for one in found if one]


def _difference(what: str, recorded: str, ours: str) -> str:
    lines = difflib.unified_diff(recorded.split("\n"), ours.split("\n"), f"{what} of 2.17", "ours", n=1, lineterm="")
    return "\n".join(line[:2000] for line in lines)


def test_names_of_releases_are_completed(golden: Path, tmp_path: Path) -> None:
    """Tiller is asked for the releases of any status that begin with what was typed."""
    with _session.RecordedTiller(golden / "session") as tiller:
        tiller.begin(46)
        place = _session.Workplace(tmp_path, "repository:1", tiller.address)
        place.work.mkdir()
        done = place.run(["helm", "__complete", "delete", "plain-one", "plain-out"])
    assert done.stdout == "plain-out-json\nplain-out-table\nplain-out-xml\nplain-out-yaml\n:4\n"
    ((name, request),) = tiller.asked
    assert (name, request.filter, len(request.status_codes)) == ("ListReleases", "^plain-out", 8)


def test_repositories_that_are_gone_are_told_of(golden: Path, tmp_path: Path) -> None:
    """A command that speaks to Tiller warns of the old addresses of the default repositories, as 2.17 does."""
    with _session.RecordedTiller(golden / "session") as tiller:
        tiller.begin(46)
        place = _session.Workplace(tmp_path, "repository:1", tiller.address)
        place.work.mkdir()
        (place.home / "repository").mkdir(parents=True)
        (place.home / "repository" / "repositories.yaml").write_text(
            "apiVersion: v1\ngenerated: 2026-01-01T00:00:00Z\nrepositories:\n"
            "- name: stable\n  url: https://kubernetes-charts.storage.googleapis.com\n"
        )
        done = place.run(["helm", "list", "--all"])
    assert done.exit_code == 0
    assert done.stderr == (
        'WARNING: "kubernetes-charts.storage.googleapis.com" is deprecated for "stable" and will be deleted '
        'Nov. 13, 2020.\nWARNING: You should switch to "https://charts.helm.sh/stable"\n'
    )
