"""``helm docs``: the help of each command as a file, laid out as Cobra's generator does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
OURS = (sys.executable, "-m", "pilothouse")
REAL = REPOSITORY / ".cache" / "oracles" / "helm-4.3.1"
#: Pages of commands that only ours has.
OWN = ("helm_sandbox", "helm_convert", "helm-sandbox", "helm-convert")
#: Prose is our own; a page's origin is named, and only ours knows the embedded cluster and Tiller's records.
_PROSE = {
    "markdown": re.compile(r"### Synopsis\n.*?(?=^(?:```\nhelm|### Options))", re.DOTALL | re.MULTILINE),
    "man": re.compile(r"^(\.SH DESCRIPTION\n).*?(?=^\.SH OPTIONS)", re.DOTALL | re.MULTILINE),
}
_SANDBOX = re.compile(
    r"^ +--sandbox .*\n|^\.PP\n\\fB--sandbox\\fP.*\n.*\n\n|^\* \[helm (?:convert|sandbox)\].*\n"
    r"|(, )?\\fBhelm-(?:convert|sandbox)\(1\)\\fP",
    re.MULTILINE,
)


def pages(program: tuple[str, ...], folder: Path, *arguments: str) -> dict[str, str]:
    """Return what a helm writes."""
    written = folder / Path(program[0]).name
    written.mkdir(parents=True)
    variables = {"HOME": str(folder), "PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY / "src")}
    subprocess.run([*program, "docs", "--dir", str(written), *arguments], env=variables, check=True)
    return {path.name: path.read_text() for path in written.iterdir()}


@pytest.mark.oracle
@pytest.mark.skipif(not REAL.exists(), reason="the real helm is not installed")
@pytest.mark.parametrize("kind", ["markdown", "man"])
def test_pages_are_laid_out_as_real_ones(tmp_path: Path, kind: str) -> None:
    """Names, usage, flags and links are those of the real program."""
    arguments = ["--type", kind, *(["--generate-headers"] if kind == "markdown" else [])]
    ours, theirs = pages(OURS, tmp_path, *arguments), pages((str(REAL),), tmp_path, *arguments)
    ours = {name: text for name, text in ours.items() if not name.startswith(OWN)}
    for texts in (ours, theirs):
        for name, text in texts.items():
            bare = re.sub("helm docs|spf13/cobra", "ORIGIN", _PROSE[kind].sub(r"", text))
            if kind == "man":
                # The real pages lose what they take for HTML, and begin with a mark when there are tables.
                bare = re.sub(r"\A'\\\" t\n|<[a-zA-Z|]+>|\\&", "", bare)
            texts[name] = _SANDBOX.sub("", bare)
    differing = [name for name in theirs if ours.get(name) != theirs[name]]
    assert differing == []
    assert ours.keys() == theirs.keys()


def test_a_script_for_bash(tmp_path: Path) -> None:
    """The bash type is the completion script."""
    (text,) = pages(OURS, tmp_path, "--type", "bash").values()
    assert "complete" in text


def test_wrong_types_and_folders(tmp_path: Path) -> None:
    """Faults have Helm's words and leave nothing behind."""
    for arguments, message in (
        (("--type", "x"), "Error: unknown doc type \"x\". Try 'markdown' or 'man'\n"),
        (("--dir", "none"), "Error: open none/helm.md: no such file or directory\n"),
    ):
        variables = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY / "src")}
        done = subprocess.run(
            [*OURS, "docs", *arguments], env=variables, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (1, message)
    assert list(tmp_path.iterdir()) == []
