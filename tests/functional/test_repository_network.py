"""What happens to files and passwords when servers, disks and other processes misbehave."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from functional.repository_server import Repository, chart, filled, index, serving
from functional.test_repositories import Side

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def repository() -> Iterator[Repository]:
    """A repository with ETags."""
    files = filled(("alpha", "1.0.0"), ("alpha", "1.1.0"), ("beta", "0.1.0"))
    with serving(Repository(files=files, etags=True)) as served:
        yield served


@pytest.fixture
def elsewhere() -> Iterator[Repository]:
    """Another server, which notes what it is told."""
    with serving(Repository()) as served:
        yield served


@pytest.fixture
def side(tmp_path: Path) -> Side:
    """Our program in a home of its own."""
    return Side("", tmp_path)


def ran(side: Side, line: str) -> str:
    """Run a command that must succeed and return its output."""
    code, out, err = side.run(line)
    assert code == 0, err
    return out


def failed(side: Side, line: str) -> str:
    """Run a command that must fail and return what it says."""
    code, _, err = side.run(line)
    assert code == 1, err
    return err


def test_an_unchanged_index_is_asked_for_and_not_sent(side: Side, repository: Repository) -> None:
    """With an ETag the second update is answered by 304, and the index stays usable."""
    ran(side, f"repo add one {repository.url}")
    ran(side, "repo update")
    assert [one.status for one in repository.asked("/index.yaml")] == [200, 304]
    assert "one/alpha" in ran(side, "search repo alpha")


def test_an_index_that_another_program_wrote_is_asked_for_anew(side: Side, repository: Repository) -> None:
    """When the kept text is not ours any more, nothing that was remembered of it counts."""
    ran(side, f"repo add one {repository.url}")
    kept = side.place / "cache" / "repository" / "one-index.yaml"
    kept.write_bytes(index([("theirs", "1.0.0", "theirs.tgz", b"")]))
    assert "one/theirs" in ran(side, "search repo")
    ran(side, "repo update")
    assert repository.asked("/index.yaml")[-1].status == 200
    assert "one/alpha" in ran(side, "search repo")


def test_the_quick_form_of_an_index_may_be_deleted_or_damaged(side: Side, repository: Repository) -> None:
    """Without it, or with a broken one, the text of the index is read again."""
    ran(side, f"repo add one {repository.url}")
    shown = ran(side, "search repo -l")
    for keep in (0, 100):
        for path in (side.place / "own" / "indexes").iterdir():
            content = path.read_bytes()
            path.unlink()
            if keep:
                path.write_bytes(content[:keep])
        assert ran(side, "search repo -l") == shown


def test_the_quick_form_is_not_taken_from_others(side: Side, repository: Repository) -> None:
    """A file that others may write is not read, since it could name other archives."""
    ran(side, f"repo add one {repository.url}")
    (path,) = (side.place / "own" / "indexes").iterdir()
    content = path.read_bytes().replace(b"alpha-1.1.0.tgz", b"evilx-1.1.0.tgz")
    path.write_bytes(content)
    path.chmod(0o666)
    ran(side, "pull one/alpha")
    assert repository.asked("/alpha-1.1.0.tgz")


def test_passwords_go_further_when_that_is_asked_for(side: Side, repository: Repository, elsewhere: Repository) -> None:
    """With --pass-credentials other hosts get the password."""
    archive = chart("alpha", "1.0.0")
    elsewhere.files["/alpha-1.0.0.tgz"] = archive
    repository.files["/index.yaml"] = index([("alpha", "1.0.0", f"{elsewhere.url}/alpha-1.0.0.tgz", archive)])
    ran(side, f"repo add one {repository.url} --username u --password p --pass-credentials")
    ran(side, "pull one/alpha")
    ran(side, f"pull alpha --repo {repository.url} --username u --password p --pass-credentials -d .")
    assert [("authorization" in one.headers) for one in elsewhere.seen] == [True, True]


def test_a_dropped_connection_is_tried_again(side: Side, repository: Repository) -> None:
    """A server that closes the connection before it answers is asked again, and not for ever."""
    repository.drops = {"/index.yaml": 2}
    ran(side, f"repo add one {repository.url}")
    repository.drops = {"/alpha-1.1.0.tgz": 9}
    assert failed(side, "pull one/alpha").endswith(": EOF")
    assert not list(side.work.glob("alpha*"))


def test_half_an_answer_changes_nothing(side: Side, repository: Repository) -> None:
    """An index or an archive that ends early leaves what was there as it was."""
    ran(side, f"repo add one {repository.url}")
    before = (side.place / "cache" / "repository" / "one-index.yaml").read_bytes()
    repository.files["/index.yaml"] += b"# longer\n"
    repository.cut = {"/index.yaml", "/alpha-1.1.0.tgz"}
    code, out, _ = side.run("repo update")
    assert code == 1
    assert "unexpected EOF" in out
    assert (side.place / "cache" / "repository" / "one-index.yaml").read_bytes() == before
    assert failed(side, "pull one/alpha") == "Error: unexpected EOF"
    assert not list(side.work.iterdir())


def test_a_chart_that_was_fetched_is_not_fetched_again(side: Side, repository: Repository) -> None:
    """Helm 4's content cache answers when the index says what the archive holds; a changed file there is not taken."""
    ran(side, f"repo add one {repository.url}")
    ran(side, "template x one/alpha")
    ran(side, "template x one/alpha")
    assert len(repository.asked("/alpha-1.1.0.tgz")) == 1
    (cached,) = (side.place / "cache" / "content").rglob("*.chart")
    cached.write_bytes(b"something else")
    ran(side, "template x one/alpha")
    assert len(repository.asked("/alpha-1.1.0.tgz")) == 2


def test_the_real_program_uses_our_caches_and_we_its(
    tmp_path: Path, repository: Repository, helm4: str, helm3: str
) -> None:
    """Repositories, indexes and cached charts of one program serve the others on the same home."""
    mine, four, three = Side("", tmp_path), Side(helm4, tmp_path), Side(helm3, tmp_path, 3)
    ran(mine, f"repo add ours {repository.url}")
    ran(four, f"repo add theirs {repository.url}/")
    ran(three, f"repo add older {repository.url}")
    for side in (mine, four, three):
        names = {line.split()[0] for line in ran(side, "search repo beta").splitlines()[1:]}
        assert names == {"ours/beta", "theirs/beta", "older/beta"}
    ran(four, "template x theirs/beta")
    count = len(repository.asked("/beta-0.1.0.tgz"))
    ran(mine, "template x ours/beta")
    assert len(repository.asked("/beta-0.1.0.tgz")) == count
    ran(mine, "template x ours/alpha")
    count = len(repository.asked("/alpha-1.1.0.tgz"))
    ran(four, "template x theirs/alpha")
    assert len(repository.asked("/alpha-1.1.0.tgz")) == count
    ran(mine, "repo update")
    ran(four, "repo remove ours")
    assert ran(mine, "repo list").splitlines()[1].startswith("theirs")


def test_many_processes_can_add_repositories_at_once(tmp_path: Path, repository: Repository) -> None:
    """Each of them is there in the end, and every file is whole."""
    side = Side("", tmp_path)
    side.work.mkdir()
    variables = {**side.variables(), "PYTHONPATH": str(REPOSITORY / "src")}
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "pilothouse", "repo", "add", f"r{number}", repository.url],
            env=variables,
            cwd=side.work,
            stdout=subprocess.DEVNULL,
        )
        for number in range(6)
    ]
    assert [one.wait(timeout=180) for one in running] == [0] * 6
    listed = ran(side, "repo list").splitlines()[1:]
    assert sorted(line.split()[0] for line in listed) == [f"r{number}" for number in range(6)]
    assert len(ran(side, "search repo beta").splitlines()) == 7
    assert not [name for _, _, files in os.walk(tmp_path) for name in files if ".part" in name]


def test_updates_run_side_by_side(side: Side, repository: Repository) -> None:
    """Many repositories are updated in threads, and all are told of."""
    for number in range(5):
        ran(side, f"repo add r{number} {repository.url}")
    results: list[tuple[int, str, str]] = []
    threads = [threading.Thread(target=lambda: results.append(side.run("repo update"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [code for code, _, _ in results] == [0, 0, 0]
    assert all(out.count("Successfully got an update") == 5 for _, out, _ in results)


def test_a_locked_list_of_repositories_is_waited_for(side: Side, repository: Repository) -> None:
    """Another program's lock is heeded."""
    import fcntl

    (side.place / "config").mkdir()
    with (side.place / "config" / "repositories.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        timer = threading.Timer(0.4, lambda: fcntl.flock(lock, fcntl.LOCK_UN))
        timer.start()
        ran(side, f"repo add one {repository.url}")
        timer.join()


def test_a_list_of_repositories_that_is_a_link_stays_one(side: Side, repository: Repository) -> None:
    """Whoever keeps the file elsewhere finds it there, readable by its owner alone."""
    (side.place / "config").mkdir()
    (side.place / "kept").mkdir()
    (side.place / "config" / "repositories.yaml").symlink_to(side.place / "kept" / "r.yaml")
    ran(side, f"repo add one {repository.url}")
    assert (side.place / "config" / "repositories.yaml").is_symlink()
    assert (side.place / "kept" / "r.yaml").stat().st_mode & 0o777 == 0o600


def test_a_failed_update_leaves_the_charts_as_they_were(side: Side, repository: Repository) -> None:
    """When one archive cannot be had, none is replaced and nothing waits beside the folder."""
    folder = side.work / "needy"
    folder.mkdir(parents=True)
    needs = "dependencies:\n" + "".join(
        f"- {{name: {name}, version: '*', repository: '{repository.url}'}}\n" for name in ("alpha", "beta")
    )
    (folder / "Chart.yaml").write_text(f"apiVersion: v2\nname: needy\nversion: 0.1.0\n{needs}")
    ran(side, "dependency update needy")
    before = {path.name: path.read_bytes() for path in (folder / "charts").iterdir()}
    del repository.files["/beta-0.1.0.tgz"]
    repository.files["/alpha-1.1.0.tgz"] = chart("alpha", "1.1.0", files={"more": "x"})
    assert "could not download" in failed(side, "dependency update needy --skip-refresh")
    assert {path.name: path.read_bytes() for path in (folder / "charts").iterdir()} == before
    assert sorted(path.name for path in folder.iterdir()) == ["Chart.lock", "Chart.yaml", "charts"]
