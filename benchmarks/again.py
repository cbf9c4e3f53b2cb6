"""Run by the installed wheel's Python: print the milliseconds that rendering a chart again takes in one process.

Arguments: the chart's folder, the release's name, and how often.
"""

from __future__ import annotations

import statistics
import sys
import time

from pilothouse import Chart


def main() -> None:
    """Print the median."""
    folder, release, rounds = sys.argv[1:]
    chart = Chart.load(folder)
    chart.render(release=release, namespace="ns")
    taken: list[float] = []
    for number in range(max(20, int(rounds))):
        values = {"unlike": str(number)}
        started = time.perf_counter()
        chart.render(values, release=release, namespace="ns")
        taken.append(time.perf_counter() - started)
    print(f"{statistics.median(taken) * 1000:.4f}")


if __name__ == "__main__":
    main()
