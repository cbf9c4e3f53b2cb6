"""Files stay whole: commands killed anywhere, disks that are full, servers that hang up, and many at once."""

from __future__ import annotations

import gzip
import io
import os
import re
import resource
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from functional.repository_server import Repository, chart, filled, serving
from functional.test_repositories import Side
from pilothouse.formats.yaml_text import decode

REPOSITORY = Path(__file__).resolve().parents[2]
CHARTS = (("alpha", "1.0.0"), ("alpha", "1.1.0"), ("beta", "0.1.0"))
NEEDY = "apiVersion: v2\nname: needy\nversion: 0.1.0\ndependencies:\n"


@pytest.fixture
def repository() -> Iterator[Repository]:
    """A repository."""
    with serving(Repository(files=filled(*CHARTS))) as served:
        yield served


@pytest.fixture
def side(tmp_path: Path, repository: Repository) -> Side:
    """Our program in a home with a repository, a chart with dependencies and one to pack."""
    made = Side("", tmp_path / "home")
    for name, text in (
        ("needy", NEEDY + f"- {{name: alpha, version: '*', repository: '{repository.url}'}}\n"),
        ("demo", "apiVersion: v2\nname: demo\nversion: 0.1.0\n"),
    ):
        (made.work / name).mkdir(parents=True)
        (made.work / name / "Chart.yaml").write_text(text)
    (made.work / "plug").mkdir()
    (made.work / "plug" / "plugin.yaml").write_text("name: plug\nversion: 0.1.0\ncommand: x\n")
    (made.work / "index").mkdir()
    for name, version in CHARTS:
        (made.work / "index" / f"{name}-{version}.tgz").write_bytes(chart(name, version))
    assert made.run(f"repo add one {repository.url}")[0] == 0
    return made


def variables(side: Side) -> dict[str, str]:
    """Return the variables of a process of ours."""
    return {**side.variables(), "PYTHONPATH": str(REPOSITORY / "src")}


def whole(place: Path) -> dict[str, bytes]:
    """Check that each file of a home that has its final name is whole, and return them by their paths."""
    found = {}
    for path in sorted(place.rglob("*")):
        if not path.is_file() or ".part" in str(path) or path.name.endswith(".lock") or "/own/" in str(path):
            continue
        content = path.read_bytes()
        if path.suffix in (".tgz", ".chart"):
            with tarfile.open(fileobj=io.BytesIO(gzip.decompress(content))) as archive:
                assert archive.getnames(), path
        elif path.suffix in (".yaml", ".lock") and "/templates/" not in str(path):
            assert isinstance(decode(content), dict), path
        found[str(path.relative_to(place))] = content
    return found


COMMANDS = (
    "repo add two URL",
    "repo update",
    "repo remove one",
    "repo index index",
    "pull one/alpha",
    "pull one/alpha --untar",
    "template one/alpha",
    "dependency update needy",
    "package demo",
    "create fresh",
    "plugin install plug",
    "search repo",
)


def _after(place: Path, line: str, url: str) -> tuple[int, str]:
    """Run a command again on a home and return how it ended."""
    done = Side("", place).run(line.replace("URL", url))
    return done[0], "\n".join(done[1:])


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_may_be_killed_anywhere(side: Side, repository: Repository, line: str) -> None:
    """Wherever the process is killed, files are old or new, never half, and the same command then does its work."""
    before = whole(side.place)
    words = line.replace("URL", repository.url).split(" ")
    script = str(Path(__file__).with_name("broken_off.py"))
    subprocess.run(
        [sys.executable, script, str(side.place), "work", *words], env=variables(side), check=True, timeout=300
    )
    homes = sorted(side.place.parent.glob("home-*"), key=lambda path: int(path.name.rpartition("-")[2]))
    *killed, finished = homes
    after = whole(finished)
    assert killed
    for home in killed:
        for path, content in whole(home).items():
            # Times of charts that are packed and of indexes that are made differ from run to run.
            settled = content in (before.get(path), after.get(path))
            assert settled or path.endswith((".tgz", "index.yaml", "repositories.yaml", ".lock")), path
        assert before.keys() - whole(home).keys() <= before.keys() - after.keys(), "a file was lost"
    for home in {*killed[:: max(1, len(killed) // 4)], killed[-1]}:
        code, said = _after(home, line, repository.url)
        done = any(text in said for text in ("already exists", "no repo named", "no repositories"))
        assert code == 0 or done, said
        assert whole(home).keys() >= after.keys()
        shutil.rmtree(home)


@pytest.fixture(params=["limit", "disk"])
def full(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A place where little can be written: by a limit on the size of files, or a disk of a few pages."""
    place = tmp_path / "small"
    place.mkdir()
    if request.param == "limit":
        yield "limit", place
        return
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k,mode=700", "pilothouse-test", str(place)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        yield "disk", place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=False)


FULL = ("repo add two URL", "repo update", "pull one/alpha", "pull one/alpha --untar", "dependency update needy")


@pytest.mark.parametrize("line", FULL)
def test_a_full_disk_is_an_error_that_loses_nothing(
    side: Side, repository: Repository, full: tuple[str, Path], line: str
) -> None:
    """What cannot be written is told in one line, and what was there stays as it was; with room, all works again."""
    kind, small = full
    shutil.copytree(side.place, small / "home", symlinks=True)
    crowded = Side("", small / "home")
    shutil.rmtree(small / "home" / "own", ignore_errors=True)
    big = chart("alpha", "1.1.0", files={"big": os.urandom(90_000).hex()})
    repository.files["/alpha-1.1.0.tgz"] = big
    repository.files["/index.yaml"] = filled(*CHARTS)["/index.yaml"] + b"# " + b"x" * 90_000 + b"\n"
    for path in (small / "home" / "cache" / "repository").glob("one-index.yaml"):
        path.write_text(re.sub(r"(?m)^    digest: .*\n", "", path.read_text()))
    before = whole(small / "home")
    done = subprocess.run(
        [sys.executable, "-m", "pilothouse", *line.replace("URL", repository.url).split(" ")],
        env=variables(crowded),
        cwd=crowded.work,
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
        preexec_fn=(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))) if kind == "limit" else None,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    assert "Traceback" not in said
    assert ("file too large" if kind == "limit" else "no space left on device") in said, said
    assert {path: content for path, content in whole(small / "home").items() if path in before} == before
    assert not list((small / "home").rglob("*.part"))
    if kind == "limit":
        assert _after(small / "home", line, repository.url)[0] == 0


CUT = (
    "repo add two URL",
    "repo update",
    "pull one/alpha",
    "pull one/alpha --untar",
    "pull URL/alpha-1.1.0.tgz",
    "pull alpha --repo URL",
    "show all one/alpha",
    "template one/alpha",
    "dependency update needy",
    "plugin install URL/alpha-1.1.0.tgz --verify=false",
    "template x demo -f URL/values.yaml",
)


@pytest.mark.parametrize("line", CUT)
@pytest.mark.parametrize("how", ["half an answer", "no answer"])
def test_a_server_that_hangs_up_changes_nothing(side: Side, repository: Repository, line: str, how: str) -> None:
    """An answer that ends early, or never begins, is told, and every file is as it was."""
    before = whole(side.place)
    repository.files["/values.yaml"] = b"a: 1\n" * 1000
    repository.files["/index.yaml"] += b"# longer\n"
    hurt = {"/index.yaml"} if line.startswith(("repo", "pull alpha")) else {"/alpha-1.1.0.tgz", "/values.yaml"}
    if how == "half an answer":
        repository.cut = hurt
    else:
        repository.drops = dict.fromkeys(hurt, 99)
    words = line.replace("URL", repository.url)
    code, out, errors = side.run(words)
    assert (code, "EOF" in out + errors) == (1, True), out + errors
    changed = {path for path, content in whole(side.place).items() if before.get(path) != content}
    assert not {path for path in changed if not path.endswith("one-index.yaml")}
    assert before.keys() <= whole(side.place).keys()
    repository.cut, repository.drops = set(), {}
    if not line.startswith("plugin"):
        assert side.run(words)[0] == 0 or "already exists" in side.run(words)[2]


def test_many_at_once(side: Side, repository: Repository) -> None:
    """Additions, updates, downloads and dependencies at the same time all succeed, and every file is whole."""
    lines = (
        *(f"repo add r{number} {repository.url}" for number in range(3)),
        *("repo update",) * 2,
        *("pull one/alpha",) * 2,
        *("template one/alpha",) * 2,
        *("dependency update needy",) * 2,
    )
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "pilothouse", *line.split(" ")],
            env=variables(side),
            cwd=side.work,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for line in lines
    ]
    ended = [(one.communicate(timeout=120)[0], one.returncode) for one in running]
    assert [code for _, code in ended] == [0] * len(lines), ended
    found = whole(side.place)
    names = [line.split()[0] for line in side.run("repo list")[1].splitlines()[1:]]
    assert sorted(names) == ["one", "r0", "r1", "r2"]
    assert found["work/alpha-1.1.0.tgz"] == found["work/needy/charts/alpha-1.1.0.tgz"] == chart("alpha", "1.1.0")
    assert not list(side.place.rglob("*.part"))
