"""The client of Helm 2.14.3 itself, run by Wine, against our Tiller: what it prints is what our client prints.

PyPI has that client for Windows alone. It needs Debian's ``wine64``; ``scripts/clients`` fetches the program.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("grpc")
pytestmark = [pytest.mark.oracle, pytest.mark.slow]

REPOSITORY = Path(__file__).resolve().parents[2]
PROGRAM = REPOSITORY / ".cache/clients/helm2.exe"
WINE = Path("/usr/lib/wine")

#: A release's life; ``AGAIN`` stands for the chart in a later version.
STORY = """
version --template {{.Server.SemVer}}
list
install shop --name web --namespace apps --set mood=good
install shop --name web
install shop --name Bad_Name
install nothing
list
list -q
list --output yaml
list nothing
status web
get values web
get manifest web
get notes web
get hooks web
get web --template {{.Release.Chart.Metadata.Version}}
upgrade web again --set mood=better --description second
upgrade nothing shop
upgrade web shop --dry-run
upgrade --install other shop --namespace apps
get values web
get values web --revision 1
rollback web 1
rollback web 9
rollback nothing 1
list --all
test web
test nothing
delete web
delete web
status web
list --deleted
rollback web 2
install shop --name dry --dry-run --debug
delete --purge web other
delete nothing
list --all
"""
_PLAIN = (
    (r"\w{3} \w{3} +\d+ \d\d:\d\d:\d\d \d{4}", "TIME"),
    (r"\b(?:\d+[smh])+\b", "AGE"),
    (r"CHART PATH: .*", "CHART PATH"),
    (r"[^\n]*\[debug\][^\n]*\n", ""),
    (r"(?:wine: |0x[0-9a-f]+:\d+: )[^\n]*\n?", ""),  # Wine's own
    (r"\r", ""),
    (r" +", " "),
    (r" \n", "\n"),
)


def plain(text: str) -> str:
    """Return what is printed without times and places."""
    for pattern, instead in _PLAIN:
        text = re.sub(pattern, instead, text)
    return text.strip()


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with two versions of a chart."""
    for name, version in (("shop", "0.1.0"), ("again", "0.2.0")):
        templates = tmp_path / name / "templates"
        templates.mkdir(parents=True)
        (tmp_path / name / "Chart.yaml").write_text(f"apiVersion: v1\nname: {name}\nversion: {version}\n")
        (tmp_path / name / "values.yaml").write_text("mood: calm\n")
        (templates / "NOTES.txt").write_text("{{ .Release.Name }} is {{ .Values.mood }}\n")
        (templates / "settings.yaml").write_text(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-settings\n"
            'data:\n  mood: {{ .Values.mood }}\n  version: "{{ .Chart.Version }}"\n'
        )
        (templates / "hook.yaml").write_text(
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-before\n"
            "  annotations: {helm.sh/hook: pre-install, helm.sh/hook-delete-policy: before-hook-creation}\n"
        )
    return tmp_path


@pytest.fixture
def old_client(work: Path) -> Iterator[Callable[..., str]]:
    """Runs the client of Helm 2.14.3."""
    if not PROGRAM.exists() or not (WINE / "wine64").exists():
        pytest.skip("Wine or Helm 2's client is not here; scripts/clients fetches the latter")
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(work),
        "WINEPREFIX": str(work / "wine"),
        "WINEDEBUG": "-all",
        "HELM_HOME": "Z:" + str(work / "old").replace("/", "\\"),
    }
    server = subprocess.Popen([WINE / "wineserver64", "-f", "-p"], env=variables, stderr=subprocess.DEVNULL)

    def run(*words: str, host: str) -> str:
        done = subprocess.run(
            [WINE / "wine64", PROGRAM, *words],
            cwd=work,
            env={**variables, "HELM_HOST": host},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=180,
            check=False,
        )
        return plain(f"{done.returncode}\n{(done.stdout + done.stderr).decode()}")

    run("home", host="")  # the first of all tells what Wine sets up
    try:
        yield run
    finally:
        subprocess.run([WINE / "wineserver64", "-k"], env=variables, check=False, timeout=180)
        server.wait(timeout=180)
        shutil.rmtree(work / "wine", ignore_errors=True)


@pytest.fixture
def host(any_kubeconfig: Path, work: Path) -> Iterator[str]:
    """The address of a Tiller on loopback."""
    variables = {
        **os.environ,
        "KUBECONFIG": str(any_kubeconfig),
        "PYTHONPATH": str(REPOSITORY / "src"),
        "PILOTHOUSE_CACHE": str(work / "cache"),
        "TILLER_NAMESPACE": "kube-system",
    }
    command = [sys.executable, "-m", "pilothouse.tiller.main", "--listen", "127.0.0.1:0", "--probe=false"]
    with subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            line = next(line for line in process.stderr if "GRPC listening" in line)
            yield line.split()[-1]
        finally:
            process.terminate()
            process.communicate(timeout=180)


def test_the_old_client_and_ours_see_the_same(old_client: Callable[..., str], work: Path, host: str) -> None:
    """The same commands, first by the old client and then by ours: text and exit codes are equal."""
    commands = [shlex.split(line) for line in STORY.strip().splitlines()]
    theirs = [old_client(*words, host=host) for words in commands]
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(work),
        "HELM_HOME": str(work / "new"),
        "HELM_HOST": host,
        "PYTHONPATH": str(REPOSITORY / "src"),
    }
    for words, wanted in zip(commands, theirs, strict=True):
        done = subprocess.run(
            [sys.executable, "-m", "pilothouse", *words],
            cwd=work,
            env=variables,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert plain(f"{done.returncode}\n{done.stdout}{done.stderr}") == wanted, words
    assert "0\nRollback was a success." in theirs
    assert "1\nError: a release named web already exists." in theirs[3]
