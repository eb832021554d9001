"""Measures the log beside its peers and prints a table; the last lines are `figure NAME VALUE`, one for each."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.benchmarks.append import append_figures
from tests.benchmarks.catch_up import catch_up_figures
from tests.benchmarks.figures import HEADINGS, ROUNDS, Figure
from tests.benchmarks.ground import a_ground
from tests.benchmarks.load import load_figures
from tests.benchmarks.workload import told


def main() -> None:
    """Measure everything there is, on a server that is made for it and goes with it."""
    # Ended politely, the run stops its server, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    asked = argparse.ArgumentParser(prog="make bench", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="small sizes: to see that it runs, not how fast")
    quick = asked.parse_args().quick
    histories = told()
    measured = []
    with a_ground() as ground, tempfile.TemporaryDirectory() as folder:
        _say(ground.machine())
        _say(
            f"data: {len(histories)} histories of the demonstrations, {sum(map(len, histories))} events; "
            f"each side {ROUNDS} times in turn, medians{'; quick: the sizes are too small to mean much' * quick}"
        )
        _say(HEADINGS)
        measured += _said(append_figures(ground, histories, Path(folder), quick=quick))
        measured += _said(load_figures(ground, histories, quick=quick))
    # A backlog is what stands in a log: this one needs a log of its own.
    with a_ground() as ground:
        measured += _said(catch_up_figures(ground, histories, quick=quick))
    for figure in measured:
        _say(f"figure {figure.name} {figure.value:.3f}")


def _said(figures: Iterable[Figure]) -> list[Figure]:
    """All of these, each one's row printed as soon as it is measured."""
    measured = []
    for figure in figures:
        _say(figure.row())
        measured.append(figure)
    return measured


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
