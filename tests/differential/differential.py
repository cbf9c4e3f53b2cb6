"""Rendering beside the real Helm: the same command lines in one folder, one process each there and in process here.

    scripts/differential --helm .cache/oracles/helm-4.3.1 --charts 40 --each 10 --seed 1
    scripts/differential --helm .cache/oracles/helm-4.3.1 --odd manifests --each 200 --seed 1

prints every case whose standard output, standard error or exit code differs; the second makes its charts up.
``HELM_COMPAT=3`` compares with Helm 3.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pilothouse.cli.main import run
from pilothouse.commandline.runner import run_in_process
from pilothouse.environment import Environment

mutations = importlib.import_module("differential.mutations")
oddities = importlib.import_module("differential.oddities")

_HINT = re.compile(r"(?m)^(?:hint: .*\n(?: +.*\n)*|caused by .*\n)")
#: Helm 3's log lines name lines of Go; with --debug a stack of Go functions follows an error.
_GO_LINE = re.compile(r"(?m)^\w+\.go:\d+: (?:\[debug\] )?")
_STACK = re.compile(r"(?ms)^helm\.go:\d+: .*\Z")
#: The faults that follow come in the order of Go's maps, which is chance.
_SCHEMA = "values don't meet the specifications of the schema(s)"
_TIMEOUT = 120
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus" / "charts"


@dataclass(frozen=True)
class Ran:
    """How a command ended and what it printed."""

    exit_code: int
    stdout: str
    stderr: str

    def text(self) -> str:
        """Return all of it as one text."""
        return f"exit code {self.exit_code}\n{self.stderr}\n---- standard output\n{self.stdout}"


class Pair:
    """The real program and ours, with the same empty home.

    Args:
        helm: The real program.
        home: A folder for both.
        generation: Which Helm it is.
    """

    def __init__(self, helm: str, home: Path, *, generation: int) -> None:
        self._helm = helm
        self._generation = generation
        self._variables = {
            "HOME": str(home),
            "TZ": "UTC",
            "PATH": os.defpath,
            "KUBECONFIG": str(home / "none"),
            **({"HELM_COMPAT": "3"} if generation == 3 else {}),
        }

    def real(self, arguments: Sequence[str], folder: Path) -> Ran:
        """Run the real program."""
        done = subprocess.run(
            [self._helm, *arguments],
            cwd=folder,
            env=self._variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TIMEOUT,
            check=False,
        )
        return self._tidy(done.returncode, _text(done.stdout), _text(done.stderr))

    def ours(self, arguments: Sequence[str], folder: Path) -> Ran:
        """Run ours in this process."""
        environment = Environment(variables=self._variables, working_directory=str(folder))
        os.chdir(folder)
        ended = run_in_process(lambda words, streams: run(words, streams, environment), list(arguments))
        return self._tidy(ended.exit_code, ended.stdout, ended.stderr)

    def _tidy(self, exit_code: int, stdout: str, stderr: str) -> Ran:
        told = _HINT.sub("", stderr if stderr.endswith("\n") or not stderr else stderr + "\n")
        if self._generation == 3:
            told = _STACK.sub("", told) if "Error: " in told else told
            told = _GO_LINE.sub("", told)
        return Ran(exit_code, stdout, "\n".join(sorted(told.splitlines())) if exit_code == 0 else told)

    def difference(self, arguments: Sequence[str], folder: Path) -> list[str]:
        """Return the lines that differ; what differs between two runs of the real program is left aside."""
        wanted, got = self.real(arguments, folder).text(), self.ours(arguments, folder).text()
        if wanted == got or (_SCHEMA in wanted and sorted(wanted.splitlines()) == sorted(got.splitlines())):
            return []
        for _ in range(3):
            again = self.real(arguments, folder).text()
            wanted, got = _without_chance(wanted, again, got)
        if wanted == got:
            return []
        return list(difflib.unified_diff(wanted.splitlines(), got.splitlines(), "helm", "ours", lineterm="", n=1))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _without_chance(first: str, second: str, ours: str) -> tuple[str, str]:
    """Return a real text and ours without the lines in which two real texts differ, or without letters if many do."""
    if first == second:
        return first, ours
    lines, others, our_lines = first.splitlines(), second.splitlines(), ours.splitlines()
    if len(lines) == len(others) == len(our_lines):
        kept = [place for place, line in enumerate(lines) if line == others[place]]
        return "\n".join(lines[place] for place in kept), "\n".join(our_lines[place] for place in kept)
    return "", ""


def unpacked(archive: Path, folder: Path) -> Path:
    """Unpack a chart's archive and return its folder."""
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    return next(entry for entry in folder.iterdir() if entry.is_dir())


def compared(pair: Pair, archive: Path, seed: str, each: int) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Yield every case of a chart with the lines that differ."""
    with tempfile.TemporaryDirectory() as place:
        chart = mutations.Chart(unpacked(archive, Path(place)))
        for case in mutations.cases(chart, seed, each):
            for name, data in case.files.items():
                (Path(place) / name).write_bytes(data)
            yield case.arguments, pair.difference(case.arguments, Path(place))
            for name in case.files:
                if name in chart.files:
                    (Path(place) / name).write_bytes(chart.files[name])
                else:
                    (Path(place) / name).unlink()


def odd(pair: Pair, kind: str, seed: str, each: int) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Yield small charts of a kind, made up, with the lines that differ."""
    for number in range(each):
        case = oddities.KINDS[kind](random.Random(f"{seed}/{kind}/{number}"))
        with tempfile.TemporaryDirectory() as place:
            for name, data in case.files.items():
                path = Path(place) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
            yield (str(number), *case.arguments), pair.difference(case.arguments, Path(place))


def _cases(
    pair: Pair, given: argparse.Namespace, chosen: list[Path]
) -> Iterator[tuple[str, tuple[tuple[str, ...], list[str]]]]:
    if given.odd:
        yield from ((given.odd, case) for case in odd(pair, given.odd, given.seed, given.each))
        return
    for archive in chosen:
        yield from ((archive.name, case) for case in compared(pair, archive, given.seed, given.each))


def main() -> int:
    """Compare charts, print what differs, and return 1 if anything does."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--helm", required=True, type=os.path.abspath, help="the real program")
    parser.add_argument("--corpus", default=CORPUS, type=Path, help="folder of chart archives")
    parser.add_argument("--charts", type=int, default=20, help="so many charts, by chance")
    parser.add_argument("--filter", default="", help="only charts whose name this expression finds")
    parser.add_argument("--odd", choices=tuple(oddities.KINDS), help="no charts, but so many small ones of this kind")
    parser.add_argument("--each", type=int, default=8, help="cases of each chart")
    parser.add_argument("--seed", default="1")
    given = parser.parse_args()
    sys.setrecursionlimit(100_000)
    archives = [path.resolve() for path in sorted(given.corpus.glob("*.tgz")) if re.search(given.filter, path.name)]
    chosen = random.Random(given.seed).sample(archives, min(len(archives), given.charts))
    home = Path(tempfile.mkdtemp())
    pair = Pair(given.helm, home, generation=3 if os.environ.get("HELM_COMPAT") == "3" else 4)
    total = different = 0
    for name, (arguments, lines) in _cases(pair, given, chosen):
        total += 1
        if lines:
            different += 1
            print(f"== {name}: helm {shlex.join(arguments)}", *lines[:40], sep="\n", flush=True)
    shutil.rmtree(home)
    print(f"{total} cases, {different} different")
    return 1 if different else 0
