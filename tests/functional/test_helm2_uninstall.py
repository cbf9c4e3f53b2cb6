"""Names of commands that Helm 2's dialect knows beside those that its help tells of."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

pytest.importorskip("grpc")

_session = importlib.import_module("functional.helm2_session")


@pytest.mark.parametrize(
    ("name", "number", "words"),
    [
        ("session-secret", 8, ["uninstall", "se", "--keep-history"]),
        ("session-crd", 10, ["uninstall", "cd"]),
        ("session-crd", 10, ["un", "cd", "--purge"]),
        ("session-crd", 10, ["uninstall", "cd", "--timeout", "5m", "--cascade", "background", "--ignore-not-found"]),
    ],
    ids=["kept", "removed", "purged", "later-flags"],
)
def test_uninstall_removes_the_history_unless_it_is_kept(
    shared: Path, tmp_path: Path, name: str, number: int, words: list[str]
) -> None:
    """It sends and prints what Helm 2.17's ``delete`` did with ``--purge``, or without where history is kept."""
    folder = shared / "reference/helm2/golden" / name
    step = next(step for step in _session.steps(folder) if step.number == number)
    with _session.RecordedTiller(folder) as tiller:
        tiller.begin(number)
        place = _session.Workplace(tmp_path, "repository:1", tiller.address)
        place.work.mkdir()
        done = place.run(["helm", *words])
        assert [call.request for call in tiller.expected()] == [request for _name, request in tiller.asked]
    assert (done.exit_code, done.stdout, done.stderr) == (step.exit_code, step.stdout, step.stderr)


def test_a_release_that_is_not_there_may_be_fine(shared: Path, tmp_path: Path) -> None:
    """With ``--ignore-not-found`` it counts as deleted, as in later Helms; any other fault is one."""
    folder = shared / "reference/helm2/golden/session"
    step = next(one for one in _session.steps(folder) if one.words[1:] == ["delete", "nothing"])
    words = ["helm", "uninstall", "nothing", "--ignore-not-found"]
    with _session.RecordedTiller(folder) as tiller:
        place = _session.Workplace(tmp_path, "repository:1", tiller.address)
        place.work.mkdir()
        tiller.begin(step.number)
        assert place.run(words[:-1]).exit_code == 1
        tiller.begin(step.number)
        done = place.run(words)
        assert (done.exit_code, done.stdout, done.stderr) == (0, 'release "nothing" deleted\n', "")
        tiller.begin(0)
        assert place.run(words).exit_code == 1


def test_only_what_tiller_can_do_is_taken(tmp_path: Path) -> None:
    """Another cascade than Tiller's is refused before it is called."""
    place = _session.Workplace(tmp_path, "repository:1", "127.0.0.1:1")
    place.work.mkdir()
    done = place.run(["helm", "uninstall", "web", "--cascade", "foreground"])
    assert (done.exit_code, "Error: --cascade foreground is not possible: Tiller lets" in done.stderr) == (1, True)


def test_uninstall_cannot_both_keep_and_remove(tmp_path: Path) -> None:
    """Flags that contradict one another are refused before Tiller is called."""
    place = _session.Workplace(tmp_path, "repository:1", "127.0.0.1:1")
    place.work.mkdir()
    done = place.run(["helm", "uninstall", "web", "--keep-history", "--purge"])
    assert done.exit_code == 1
    assert "[keep-history purge] were all set" in done.stderr


@pytest.mark.parametrize("name", ["update", "up"])
def test_update_is_the_deprecated_name_of_repo_update(tmp_path: Path, name: str) -> None:
    """It says what to use instead, and does what that does."""
    place = _session.Workplace(tmp_path, "repository:1", "")
    place.work.mkdir()
    assert place.run(["helm", "init", "--client-only", "--skip-repos"], HELM_HOST="").exit_code == 0
    today, old = place.run(["helm", "repo", "update"]), place.run(["helm", name])
    warning = "Command \"update\" is deprecated, Use 'helm repo update'\n\n"
    assert (old.exit_code, old.stdout, old.stderr) == (today.exit_code, today.stdout, warning + today.stderr)
