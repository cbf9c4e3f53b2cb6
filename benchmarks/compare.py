"""Time our `helm` against the real one, in turns, and print medians with their ratios.

Without a choice, what is quick is measured: start-up, rendering and the library. Figures of one run can be compared
with each other, those of different runs or machines cannot.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import cluster
import rendering
import repositories
from turns import Turns, heading


def main() -> None:
    """Print the tables that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="runs of each program for a row (default 15)")
    parser.add_argument("--largest", type=int, default=1, help="how many of the largest public charts (default 1)")
    parser.add_argument("--every-chart", action="store_true", help="all public charts, one process each (minutes)")
    parser.add_argument("--repositories", action="store_true", help="large indexes, many archives, packaging (minutes)")
    parser.add_argument("--cluster", action="store_true", help="releases on a real API server (minutes)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        turns = Turns(Path(folder), options.rounds)
        if options.repositories:
            repositories.measure(turns)
        if options.cluster:
            cluster.measure(turns)
        if options.every_chart:
            heading()
            rendering.every(turns)
        if not (options.repositories or options.cluster or options.every_chart):
            heading()
            rendering.start_up(turns)
            rendering.largest(turns, options.largest)
            rendering.in_process(turns)


if __name__ == "__main__":
    main()
