"""Measures the log beside its peers and prints a table; the last lines are `figure NAME VALUE`, one for each."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from itertools import chain
from pathlib import Path

from tests.benchmarks.append import append_figures
from tests.benchmarks.figures import HEADINGS, ROUNDS
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
    with a_ground() as ground, tempfile.TemporaryDirectory() as folder:
        _say(ground.machine())
        _say(
            f"data: {len(histories)} histories of the demonstrations, {sum(map(len, histories))} events; "
            f"each side {ROUNDS} times in turn, medians{'; quick: the sizes are too small to mean much' * quick}"
        )
        _say(HEADINGS)
        measured = []
        for figure in chain(
            append_figures(ground, histories, Path(folder), quick=quick),
            load_figures(ground, histories, quick=quick),
        ):
            _say(figure.row())
            measured.append(figure)
    for figure in measured:
        _say(f"figure {figure.name} {figure.value:.3f}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
