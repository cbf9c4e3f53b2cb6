"""Commands on charts that need no cluster: ours beside the real program's, in the same folder."""

from __future__ import annotations

import filecmp
import os
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from pilothouse.cli.main import run
from pilothouse.commandline.runner import Outcome, run_in_process
from pilothouse.environment import Environment

LINES = (
    "show chart ./demo",
    "show all demo",
    "show values demo",
    "show readme demo",
    "show crds demo",
    "inspect chart demo",
    "show chart ./",
    "template ./demo",
    "template demo",
    "template x ./demo -n web",
    "template ./demo --show-only templates/service.yaml",
    "template ./demo --show-only templates/s*.yaml",
    "template ./demo --show-only templates/nope.yaml",
    "template ./demo --set replicaCount=3,image.tag=v9 --skip-tests",
    "template ./demo --set-string image.tag=1 --no-hooks",
    'template ./demo --set-json service={"port":8080}',
    "template ./demo --set-file image.tag=tag.txt",
    "template ./demo -f more.yaml -f more.yaml,more.yaml",
    "template ./demo -f nope.yaml",
    "template ./demo --set a",
    "template ./demo --is-upgrade --include-crds",
    "template ./demo --kube-version 1.20.3 --api-versions a/v1,b/v1",
    "template ./demo --kube-version abc",
    "template ./demo --dry-run",
    "template ./demo --dry-run=true",
    "template ./demo --hide-notes",
    "template ./demo --render-subchart-notes --atomic --force",
    "template ./demo --debug",
    "template ./demo --wait --wait-for-jobs --timeout 10s",
    "template ./demo --output-dir out",
    "template ./demo --output-dir out --release-name",
    "template ./demo -g",
    "template UPPER ./demo",
    "template ./broken",
    "template ./broken --debug",
    "template ./broken --debug --show-only templates/nope.yaml",
    "template ./half",
    "template ./half --debug",
    "template ./half --debug --show-only templates/nope.yaml",
    "template ./half --debug --show-only templates/a.yaml",
    "template ./half --debug --output-dir out",
    "template ./half --debug --set one=text",
    "template ./half --debug --skip-schema-validation",
    "template ./library",
    "template ./needy",
    "template ./deprecated",
    "template ./nowhere",
    "template nowhere/chart",
    "install x ./library --dry-run=client",
    "install x ./needy --dry-run=client",
    "install x ./broken --dry-run=client",
    "install UPPER ./demo --dry-run=client",
    "install x ./nowhere --dry-run=client",
    "lint demo",
    "lint demo broken library needy deprecated",
    "lint demo --strict",
    "lint demo --quiet",
    "lint nowhere",
    "lint --quiet demo nowhere",
    "lint demo --set a",
    "lint demo --kube-version abc",
    "lint needy --with-subcharts",
    "package nowhere",
    "package needy",
    "package demo --version one",
    "create bad/na^me",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, helm4: str) -> Path:
    """A folder with charts, good and bad."""
    place = tmp_path_factory.mktemp("charts")
    subprocess.run([helm4, "create", "demo"], cwd=place, env={"HOME": str(place)}, check=True, capture_output=True)
    half = {
        "Chart.yaml": "apiVersion: v2\nname: half\nversion: 0.1.0\n",
        "values.schema.json": '{"type": "object"}',
        "charts/one/Chart.yaml": "apiVersion: v2\nname: one\nversion: 0.1.0\n",
        "templates/a.yaml": "metadata: {annotations: {helm.sh/hook: test}}\n---\nmetadata: {annotations: {a/b: []}}\n",
    }
    for name, text in half.items():
        (place / "half" / name).parent.mkdir(parents=True, exist_ok=True)
        (place / "half" / name).write_text(text)
    for name, extra in (
        ("broken", ""),
        ("library", "type: library\n"),
        ("needy", "dependencies:\n- {name: other, version: 1.0.0, repository: file://../other}\n"),
        ("deprecated", "deprecated: true\n"),
    ):
        chart = place / name
        (chart / "templates").mkdir(parents=True)
        (chart / "Chart.yaml").write_text(f"apiVersion: v2\nname: {name}\nversion: 0.1.0\n{extra}")
    (place / "broken" / "templates" / "bad.yaml").write_text("a: {{ .Values.a.b }}\n")
    (place / "more.yaml").write_text("replicaCount: 5\nnameOverride: other\n")
    (place / "tag.txt").write_text("v1.2.3")
    return place


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The variables of a user who has used no Helm before."""
    return {"HOME": str(tmp_path), "PATH": os.defpath}


def ours(words: list[str], variables: dict[str, str], standard_input: bytes = b"") -> Outcome:
    """Run our command in this process."""
    environment = Environment(variables=variables, arguments=("helm",), working_directory=os.getcwd())
    return run_in_process(lambda given, streams: run(given, streams, environment), words, standard_input=standard_input)


def real(program: str, words: list[str], variables: dict[str, str], standard_input: str = "") -> Outcome:
    """Run the real program."""
    done = subprocess.run(
        [program, *words], env=variables, capture_output=True, text=True, input=standard_input, check=False
    )
    return Outcome(exit_code=done.returncode, stdout=done.stdout, stderr=done.stderr)


def plain(outcome: Outcome) -> tuple[int, str, str]:
    """Return an outcome without our hints and without the time of a dry run."""
    lines = [line for line in outcome.stdout.splitlines() if not line.startswith("LAST DEPLOYED: ")]
    told = re.sub(r"(?m)^hint: .*\n(?: +.*\n)*", "", outcome.stderr)
    errors = [line for line in told.splitlines() if not line.startswith("caused by ")]
    return outcome.exit_code, "\n".join(lines), "\n".join(errors)


@pytest.mark.oracle
@pytest.mark.parametrize("line", LINES)
def test_charts_are_handled_as_helm_4_handles_them(
    helm4: str, home: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """What is printed, where, and the exit code are equal."""
    monkeypatch.chdir(folder)
    words = line.split(" ")
    assert plain(ours(words, home)) == plain(real(helm4, words, home))


@pytest.mark.oracle
@pytest.mark.parametrize("line", [line for line in LINES if "--debug" not in line])
def test_charts_are_handled_as_helm_3_handles_them_when_asked_for(
    helm3: str, home: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    """With HELM_COMPAT=3 rendering, checks and texts are those of Helm 3.16."""
    monkeypatch.chdir(folder)
    words = line.split(" ")
    assert plain(ours(words, {**home, "HELM_COMPAT": "3"})) == plain(real(helm3, words, home))


@pytest.mark.oracle
def test_values_come_from_standard_input(
    helm4: str, home: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file '-' is standard input."""
    monkeypatch.chdir(folder)
    words, text = ["template", "x", "./demo", "--values", "-"], "replicaCount: 7\n"
    got = ours(words, home, text.encode())
    assert "replicas: 7" in got.stdout
    assert got == real(helm4, words, home, text)


@pytest.mark.oracle
def test_a_dry_run_shows_the_whole_release(
    helm4: str, home: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The block with hooks and manifest is Helm's, and notes can be hidden."""
    monkeypatch.chdir(folder)
    for flags in ([], ["--hide-notes"], ["--debug"], ["--debug", "--set", "a=b"]):
        words = ["install", "x", "./demo", "--dry-run=client", *flags]
        assert plain(ours(words, home)) == plain(real(helm4, words, home))


@pytest.mark.oracle
def test_created_charts_and_packages_are_helm_s(helm4: str, home: dict[str, str], tmp_path: Path) -> None:
    """The files of a new chart and the members of its archive are equal."""
    mine, theirs = tmp_path / "mine", tmp_path / "theirs"
    mine.mkdir()
    theirs.mkdir()
    environment = Environment(variables=home, arguments=("helm",), working_directory=str(mine))
    for words in (["create", "demo"], ["package", "demo", "-d", "out"]):
        got = run_in_process(lambda given, streams: run(given, streams, environment), words)
        done = subprocess.run([helm4, *words], cwd=theirs, env=home, capture_output=True, text=True, check=True)
        assert (got.stdout, got.stderr) == (done.stdout, done.stderr)
    assert not filecmp.dircmp(mine / "demo", theirs / "demo").diff_files
    names = []
    for place in (mine, theirs):
        with tarfile.open(place / "out" / "demo-0.1.0.tgz") as archive:
            names.append(archive.getnames())
    assert names[0] == names[1]
