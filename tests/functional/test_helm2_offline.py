"""The recorded commands of Helm 2.17 that need no cluster, one after the other, with ``helm serve`` beside them.

The local repository of a HELM_HOME names its archives by port 8879 whatever serves it, so the test needs that port.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pilothouse.cli.main import run
from pilothouse.commandline.runner import run_in_process
from pilothouse.environment import Environment

REPOSITORY = Path(__file__).resolve().parents[2]
GOLDEN = REPOSITORY.parent / "shared" / "reference" / "helm2" / "golden"
PORT = 8879
#: Commands whose files the recorder made in between, or that name the machine: linting of a changing chart, a folder
#: for output, keys and signatures, folders of plugins, the network.
ELSEWHERE = {*range(80, 85), 112, 142, 143, *range(145, 150), 168, 169, 170, 206, 216, 217, 219, *range(242, 245)}
#: What is different on purpose: prose of help and scripts, a grammar that takes the words of all Helms. Two are not:
#: 78 is an error of ``--set`` in other words, 129 has a time in it.
OTHER = {78, 94, 129, 241, 255, 256, 269, 270}
LAST = 248
COMPARED = 153
pytestmark = pytest.mark.skipif(not GOLDEN.is_dir(), reason="the recorded sessions are not there")


class Workplace:
    """The folder in which the session is repeated."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.work, self.home = folder, folder / "work", folder / "helm"
        self.work.mkdir()
        with tarfile.open(GOLDEN / "charts.tar.gz") as archive:
            archive.extractall(self.work, filter="data")
        self.variables = {
            "HOME": str(folder),
            "HELM_HOME": str(self.home),
            "HELM_COMPAT": "2",
            "PILOTHOUSE_CACHE": str(folder / "cache"),
            "KUBECONFIG": str(folder / "none"),
            "PYTHONPATH": str(REPOSITORY / "src"),
            "PATH": os.defpath,
            "TZ": "UTC",
        }

    def helm(self, *words: str, **variables: str) -> tuple[int, str, str]:
        """Run a command in process; return exit code, output and errors with the recorder's placeholders."""
        environment = Environment(
            variables={**self.variables, **variables}, arguments=("helm",), working_directory=str(self.work)
        )
        given = [self.real(word) for word in words]
        done = run_in_process(lambda rest, streams: run(rest, streams, environment), given)
        errors = "".join(line for line in done.stderr.splitlines(True) if not line.startswith("hint: "))
        return done.exit_code, self.shown(done.stdout), self.shown(without_times(errors))

    def real(self, word: str) -> str:
        """Return a word with the paths of this folder."""
        for name, path in (("$HELM_HOME", self.home), ("$HOME", self.folder), ("$WORK", self.work)):
            word = word.replace(name, str(path))
        return word

    def shown(self, text: str) -> str:
        """Return a text with the recorder's placeholders."""
        for name, path in (("$HELM_HOME", self.home), ("$WORK", self.work), ("$HOME", self.folder)):
            text = text.replace(str(path), name)
        return text


def without_times(text: str) -> str:
    """Return log lines without the time before them."""
    return re.sub(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ", "", text, flags=re.MULTILINE)


def steps() -> Iterator[dict[str, Any]]:
    """Yield the recorded commands that are repeated."""
    for line in (GOLDEN / "offline.jsonl").read_text(encoding="utf-8").splitlines():
        step: dict[str, Any] = json.loads(line)
        if "cmd" in step and step["cmd"][0] == "helm" and step["step"] <= LAST:
            yield step


def prepare(place: Workplace, step: int, served: list[subprocess.Popen[bytes]]) -> None:
    """Make what the recorder made before a step."""
    if step == 63:
        shutil.copytree(place.work / "charts/plain", place.home / "starters/plainstart")
    elif step == 131:
        (place.work / "dist").mkdir(exist_ok=True)
    elif step == 168:
        place.helm("package", "charts/waity", "-d", "dist")
        command = [sys.executable, "-m", "pilothouse", "serve", "--repo-path", "dist"]
        environment = {**place.variables, "HELM_COMPAT": "2"}
        served.append(subprocess.Popen(command, cwd=place.work, env=environment, stdout=subprocess.DEVNULL))
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", PORT), 1).close()
                break
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
        place.helm("repo", "remove", "stable")
        # The recorder's remark on the first download lies here.
        place.helm("fetch", "local/plain", "--version", "0.1.0", "-d", ".")
        (place.work / "plain-0.1.0.tgz").unlink()
    elif step == 239:
        (place.work / "dist3").mkdir()
    elif step == 245:
        served[0].kill()
        served.pop().wait()


def test_offline_session(tmp_path: Path) -> None:
    """Every command prints what Helm 2.17 printed, and ends with the same code."""
    try:
        socket.create_server(("127.0.0.1", PORT)).close()
    except OSError:
        pytest.skip(f"port {PORT} is taken")
    place = Workplace(tmp_path)
    assert place.helm("init", "--client-only", "--skip-refresh")[0] == 0
    served: list[subprocess.Popen[bytes]] = []
    faults: list[str] = []
    compared = 0
    try:
        for step in steps():
            prepare(place, step["step"], served)
            if step["exit"] == "timeout" or step["cmd"][1] == "serve":
                continue
            found = place.helm(*step["cmd"][1:], **(step.get("env") or {}))
            wanted = (step["exit"], step["stdout"], without_times(step["stderr"]))
            if step["step"] in ELSEWHERE | OTHER:
                continue
            compared += 1
            if found != wanted:
                faults += [f"{step['step']}: {' '.join(step['cmd'])}: {found[0]}, recorded {wanted[0]}"]
                faults += difflib.unified_diff(
                    (wanted[1] + wanted[2]).splitlines(), (found[1] + found[2]).splitlines(), lineterm="", n=0
                )
    finally:
        for process in served:
            process.kill()
            process.wait()
    assert not faults, "\n".join(faults)
    assert compared == COMPARED
