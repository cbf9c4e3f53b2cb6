"""Time our `helm` against the real one, in turns, and print medians with their ratio.

The processes are timed as a whole (wall clock and processor time). Cold means: our caches are empty before every run;
warm: they are filled. Real Helm has no such cache, so its column is the same for both. Figures of one run can be
compared with each other, those of different runs or machines cannot.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OURS = ROOT / ".cache" / "bench" / "venv" / "bin" / "helm"
REAL = ROOT / ".cache" / "oracles" / "helm-4.3.1"
SHARED = Path(os.environ.get("PILOTHOUSE_SHARED", ROOT.parent / "shared"))


class Bench:
    """Runs pairs of commands in a folder of their own."""

    def __init__(self, folder: Path, rounds: int) -> None:
        self.folder = folder
        self.rounds = rounds
        self.cache = folder / "cache"
        self.environment = {
            "HOME": str(folder),
            "PATH": os.environ.get("PATH", ""),
            "TZ": "UTC",
            "HELM_CACHE_HOME": str(self.cache),
            "HELM_CONFIG_HOME": str(folder / "config"),
            "HELM_DATA_HOME": str(folder / "data"),
        }

    def peak(self, program: Path, arguments: list[str]) -> float:
        """Return the most memory that one run held, in MiB."""
        code = (
            "import resource, subprocess, sys; "
            "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True); "
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        command = [sys.executable, "-c", code, str(program), *arguments]
        shown = subprocess.run(
            command, cwd=self.folder, env=self.environment, check=True, capture_output=True, text=True
        )
        return int(shown.stdout) / 1024

    def once(self, program: Path, arguments: list[str]) -> tuple[float, float]:
        """Return wall and processor milliseconds of one run; its output goes nowhere."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        subprocess.run(
            [program, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=True,
        )
        wall = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return wall * 1000, used * 1000

    def compare(self, title: str, arguments: list[str], *, cold: bool = False) -> tuple[float, float]:
        """Print one row and return its wall medians; both programs take turns, so that a busy moment meets both."""
        ours: list[tuple[float, float]] = []
        real: list[tuple[float, float]] = []
        if not cold:
            self.once(OURS, arguments)
        self.once(REAL, arguments)
        for _ in range(self.rounds):
            if cold:
                shutil.rmtree(self.cache, ignore_errors=True)
            ours.append(self.once(OURS, arguments))
            real.append(self.once(REAL, arguments))
        ours_wall, real_wall = (statistics.median(wall for wall, _ in runs) for runs in (ours, real))
        ours_used, real_used = (statistics.median(used for _, used in runs) for runs in (ours, real))
        print(
            f"| {title} | {ours_wall:.0f} | {real_wall:.0f} | {ours_wall / real_wall:.2f} "
            f"| {ours_used:.0f} | {real_used:.0f} | {ours_used / real_used:.2f} |",
            flush=True,
        )
        return ours_wall, real_wall


def largest_charts(count: int) -> list[dict[str, object]]:
    """Return the charts of the public corpus that render the most text."""
    index = SHARED / "corpus" / "cases.jsonl"
    if not index.is_file():
        return []
    with index.open() as lines:
        cases = [json.loads(line) for line in lines]
    wanted = [
        case for case in cases if case["helm"].startswith("4") and case["kind"] == "default" and case["expect"] == "ok"
    ]
    return sorted(wanted, key=lambda case: -case["stdout_bytes"])[:count]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="runs of each program for a row")
    parser.add_argument("--largest", type=int, default=1, help="how many of the largest public charts")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.rounds)
        print("| command | ours, ms | Helm 4.3.1, ms | ratio | ours, CPU ms | Helm, CPU ms | ratio |")
        print("|---|---|---|---|---|---|---|")
        bench.compare("`helm version`", ["version"])
        bench.once(REAL, ["create", "shop"])
        bench.compare("`helm template` of a created chart, warm", ["template", "shop"])
        bench.compare("`helm template` of a created chart, cold", ["template", "shop"], cold=True)
        sums = {"warm": [0.0, 0.0], "cold": [0.0, 0.0]}
        memory: list[tuple[float, float]] = []
        for case in largest_charts(options.largest):
            with tarfile.open(SHARED / "corpus" / "charts" / f"{case['chart']}.tgz") as archive:
                archive.extractall(folder, filter="data")
            arguments = [str(word) for word in case["args"]]  # type: ignore[attr-defined]
            for state, total in sums.items():
                title = f"`helm template` of {case['chart']}, {state}"
                ours, real = bench.compare(title, arguments, cold=state == "cold")
                total[0] += ours
                total[1] += real
            memory.append((bench.peak(OURS, arguments), bench.peak(REAL, arguments)))
        for state, (ours, real) in sums.items():
            if real:
                print(
                    f"| sum of the {len(memory)} largest, {state} | {ours:.0f} | {real:.0f} | {ours / real:.2f} | | | |"
                )
        if memory:
            ours, real = (sum(pair[side] for pair in memory) / len(memory) for side in (0, 1))
            print(
                f"\nMean peak memory, {len(memory)} largest: {ours:.0f} MiB, Helm {real:.0f}, ratio {ours / real:.2f}"
            )


if __name__ == "__main__":
    main()
