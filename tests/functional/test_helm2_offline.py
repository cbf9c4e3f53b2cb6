"""The chart commands of Helm 2's dialect, as recorded from Helm 2.17, which need neither a Tiller nor a cluster."""

from __future__ import annotations

import importlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("grpc")

_session = importlib.import_module("functional.helm2_session")
COMMANDS = (
    *("create", "lint", "inspect", "template", "package", "verify", "fetch", "dependency", "dep", "plugin"),
    *("version", "list", "lst", "nosuchcommand", "--nosuchflag"),
)
#: Steps that cannot be the same, by what stands in the way.
DIFFERENT = {
    **dict.fromkeys((80, 81, 82, 83, 84), "the chart that is examined was not recorded"),
    **dict.fromkeys((142, 143, 145, 149, 216, 218, 219), "needs the recorder's keys"),
    **dict.fromkeys((242, 243, 244), "a file that was changed between the steps was not recorded"),
    **dict.fromkeys((250, 251, 252, 257, 258, 259), "the plugin was not recorded"),
    241: "the texts of help are our own",
    246: "the repository is up",
    272: "waits for 300 seconds",
}
_PLAIN = (
    (re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d"), "<time>"),
    (re.compile(r"RELEASED: .*"), "RELEASED: <time>"),
    (re.compile(r" +"), " "),
)


@pytest.fixture
def place(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A place with charts, a starter, and a ``HELM_HOME`` as ``helm init --client-only`` makes it."""
    with _session.workplace(tmp_path, shared / "reference/helm2/golden", "tiller:1") as made:
        shutil.rmtree(made.home)
        made.run(["helm", "init", "--client-only", "--skip-refresh"], HELM_HOST="")
        shutil.copytree(made.work / "charts/plain", made.home / "starters/plainstart")
        for name in ("dist", "dist2", "dist3", "od"):
            (made.work / name).mkdir(exist_ok=True)
        monkeypatch.chdir(made.work)
        yield made


def _use_repository(place: Any) -> None:
    """Make the archives that were packed so far the repository ``local``, the only one."""
    dist = place.folder / "dist"
    for archive in (place.work / "dist").glob("*.tgz"):
        shutil.copy(archive, dist)
    place.run(["helm", "repo", "index", str(dist), "--url", f"http://{place.repository}"], HELM_COMPAT="4")
    index = place.home / "repository/cache/local-index.yaml"
    index.unlink()
    shutil.copy(dist / "index.yaml", index)
    listed = place.home / "repository/repositories.yaml"
    head, _, rest = listed.read_text().partition("- caFile")
    local = rest.rpartition("- caFile")[2].replace(_session.RECORDED_REPOSITORY, place.repository)
    listed.write_text(f"{head}- caFile{local}")


def _plain(text: str) -> str:
    for pattern, instead in _PLAIN:
        text = pattern.sub(instead, text)
    return text


def test_commands_print_what_was_recorded(shared: Path, place: Any) -> None:
    """Every command prints the text and ends with the code that were recorded."""
    compared, ready = 0, False
    golden = shared / "reference/helm2/golden"
    for step in _session.steps(golden, "offline.jsonl"):
        if step.words[0] != "helm" or step.words[1] not in COMMANDS:
            continue
        if step.number > 200 and not ready:
            _use_repository(place)
            ready = True
        if step.number in DIFFERENT and step.words[1] not in ("package", "dependency", "dep"):
            continue
        done = place.run(step.words, **{"HELM_HOST": "", **step.variables})
        if step.number in DIFFERENT:
            continue
        compared += 1
        ours = (done.exit_code, _plain(place.masked(done.stdout)), _plain(place.masked(done.stderr)))
        assert ours == (step.exit_code, _plain(step.stdout), _plain(step.stderr)), step
    assert compared > 110
