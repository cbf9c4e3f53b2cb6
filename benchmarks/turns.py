"""Two programs in turns: their time and memory as a row of a table.

Processes are timed as a whole (wall clock and processor time of the process and its children). The programs take
turns, so that a busy moment of the machine meets both; figures of one run can be compared with each other, those of
different runs or machines cannot.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS = ROOT / ".cache" / "bench" / "venv" / "bin" / "helm"
OUR_PYTHON = OURS.with_name("python")
REAL = ROOT / ".cache" / "oracles" / "helm-4.3.1"
SHARED = Path(os.environ.get("PILOTHOUSE_SHARED", ROOT.parent / "shared"))


@dataclass(frozen=True)
class Cost:
    """What a process took: wall and processor milliseconds, and the most memory that it held in MiB."""

    wall: float
    used: float
    peak: float


def median(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure."""
    return Cost(
        *(statistics.median(getattr(cost, name) for cost in costs) for name in ("wall", "used", "peak")),
    )


def total(costs: Sequence[Cost]) -> Cost:
    """Return the sum of each figure."""
    return Cost(*(sum(getattr(cost, name) for cost in costs) for name in ("wall", "used", "peak")))


@dataclass(frozen=True)
class Pair:
    """What both programs took."""

    ours: Cost
    real: Cost


class Turns:
    """Runs pairs of commands in a folder of their own and prints a row for each.

    Args:
        folder: Where they run; their homes are below it.
        rounds: How often each program runs for a row.
        variables: Further environment variables.
    """

    def __init__(self, folder: Path, rounds: int, variables: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.rounds = rounds
        self.cache = folder / OURS.name / "cache"
        self._variables = variables or {}

    def variables(self, program: Path) -> dict[str, str]:
        """Return the environment of a program; each has a home of its own."""
        home = self.folder / program.name
        return {
            "HOME": str(home),
            "PATH": os.environ.get("PATH", ""),
            "TZ": "UTC",
            "HELM_CACHE_HOME": str(home / "cache"),
            "HELM_CONFIG_HOME": str(home / "config"),
            "HELM_DATA_HOME": str(home / "data"),
            **self._variables,
        }

    def once(self, program: Path, arguments: Sequence[str]) -> Cost:
        """Return what one run takes; its output goes nowhere.

        Raises:
            SystemExit: It fails.
        """
        started = time.perf_counter()
        process = subprocess.Popen(
            [program, *arguments],
            cwd=self.folder,
            env=self.variables(program),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        assert process.stderr is not None
        errors = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{program.name} {' '.join(arguments)} failed: {errors.decode(errors='replace')}")
        return Cost(wall * 1000, (used.ru_utime + used.ru_stime) * 1000, used.ru_maxrss / 1024)

    def pair(
        self,
        ours: Sequence[str],
        real: Sequence[str] | None = None,
        *,
        before: Callable[[], None] | None = None,
        after: Callable[[], None] | None = None,
        rounds: int = 0,
    ) -> Pair:
        """Return the medians of both programs.

        Args:
            ours: The arguments.
            real: Those of the real program where they are not the same.
            before: Called before every run; without it each program runs once beforehand, which does not count.
            after: Called after every run.
            rounds: How often each runs, by default as for all rows.
        """
        sides = ((OURS, ours), (REAL, real or ours))
        costs: dict[Path, list[Cost]] = {OURS: [], REAL: []}
        if before is None:
            for program, arguments in sides:
                self.once(program, arguments)
        for _ in range(rounds or self.rounds):
            for program, arguments in sides:
                if before is not None:
                    before()
                costs[program].append(self.once(program, arguments))
                if after is not None:
                    after()
        return Pair(median(costs[OURS]), median(costs[REAL]))


def heading() -> None:
    """Print the head of a table."""
    print("| what | ours, ms | Helm 4.3.1, ms | ratio | CPU, ms | CPU, ms | ratio | MiB | MiB | ratio |")
    print("|---|---|---|---|---|---|---|---|---|---|", flush=True)


def row(title: str, pair: Pair) -> Pair:
    """Print a row."""
    cells = [
        f"{ours:.0f} | {real:.0f} | {ours / real:.2f}"
        for ours, real in (
            (pair.ours.wall, pair.real.wall),
            (pair.ours.used, pair.real.used),
            (pair.ours.peak, pair.real.peak),
        )
    ]
    print(f"| {title} | {' | '.join(cells)} |", flush=True)
    return pair
