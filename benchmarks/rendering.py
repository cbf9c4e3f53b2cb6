"""Start-up and rendering: `helm version`, `helm template` of a created chart and of real ones, and the library.

Cold means that our caches are empty before every run, warm that they are filled. Real Helm has no such cache.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from turns import OUR_PYTHON, OURS, REAL, SHARED, Pair, Turns, row, total

Case = dict[str, Any]


def start_up(turns: Turns) -> None:
    """Print the rows of `helm version` and of the chart that `helm create` makes."""
    row("`helm version`", turns.pair(["version"]))
    turns.once(REAL, ["create", "shop"])
    row("`helm template` of a created chart, warm", turns.pair(["template", "shop"]))
    row("`helm template` of a created chart, cold", _cold(turns, ["template", "shop"]))


def largest(turns: Turns, count: int) -> None:
    """Print a row for each of the largest public charts, warm and cold, and their sums."""
    warm: list[Pair] = []
    cold: list[Pair] = []
    for case in _cases()[:count]:
        arguments = _unpacked(turns, case)
        warm.append(row(f"`helm template` of {case['chart']}, warm", turns.pair(arguments)))
        cold.append(row(f"`helm template` of {case['chart']}, cold", _cold(turns, arguments)))
    for state, pairs in (("warm", warm), ("cold", cold)):
        if pairs:
            row(f"sum of the {len(pairs)} largest, {state}", _sum(pairs))


def every(turns: Turns) -> None:
    """Print the sum over all public charts, one process each, our caches filled."""
    pairs: list[Pair] = []
    for case in _cases():
        pairs.append(turns.pair(_unpacked(turns, case), rounds=1))
        shutil.rmtree(turns.folder / case["top"])
    if pairs:
        row(f"sum of all {len(pairs)} public charts, warm", _sum(pairs))
        ratios = statistics.quantiles([pair.ours.used / pair.real.used for pair in pairs], n=20)
        print(f"\nProcessor time of one chart: median ratio {ratios[9]:.2f}, 95 % below {ratios[18]:.2f}")


def in_process(turns: Turns) -> None:
    """Print what rendering again takes in one process through the library, and real Helm's process beside it."""
    turns.once(REAL, ["create", "shop"])
    print("\n| rendered again in one process | ours, ms | Helm 4.3.1 (a process), ms | ratio |\n|---|---|---|---|")
    charts = [("created chart", "shop", "release-name", ["template", "shop"])]
    for case in _cases()[:1]:
        arguments = _unpacked(turns, case)
        charts.append((f"largest chart, {case['chart']}", case["top"], "rel", arguments))
    for title, folder, release, arguments in charts:
        script = Path(__file__).with_name("again.py")
        command = [OUR_PYTHON, script, folder, release, str(turns.rounds)]
        done = subprocess.run(
            command, cwd=turns.folder, env=turns.variables(OURS), check=True, capture_output=True, text=True
        )
        ours = float(done.stdout)
        real = statistics.median(turns.once(REAL, arguments).wall for _ in range(turns.rounds))
        print(f"| {title} | {ours:.2f} | {real:.1f} | {ours / real:.3f} |", flush=True)


def _cases() -> list[Case]:
    """Return the charts of the public corpus with their own values, those that render the most text first."""
    index = SHARED / "corpus" / "cases.jsonl"
    if not index.is_file():
        return []
    with index.open() as lines:
        cases = [json.loads(line) for line in lines]
    wanted = [
        case for case in cases if case["helm"].startswith("4") and case["kind"] == "default" and case["expect"] == "ok"
    ]
    return sorted(wanted, key=lambda case: -case["stdout_bytes"])


def _unpacked(turns: Turns, case: Case) -> list[str]:
    shutil.rmtree(turns.folder / case["top"], ignore_errors=True)
    with tarfile.open(SHARED / "corpus" / "charts" / f"{case['chart']}.tgz") as archive:
        archive.extractall(turns.folder, filter="data")
    return [str(word) for word in case["args"]]


def _cold(turns: Turns, arguments: Sequence[str]) -> Pair:
    return turns.pair(arguments, before=lambda: shutil.rmtree(turns.cache, ignore_errors=True))


def _sum(pairs: Sequence[Pair]) -> Pair:
    return Pair(total([pair.ours for pair in pairs]), total([pair.real for pair in pairs]))
