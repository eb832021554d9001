"""The library's recorder at work in a process of its own, so that neither side is measured in the other's memory.

`python -m tests.benchmarks.library_saves DSN` reads pickled lists of stored events, saves each list in a thread of its
own, one event after another, and prints how many it saved in a second.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING

from tests.benchmarks.ground import saved_together
from tests.benchmarks.library import library_cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventsourcing.persistence import StoredEvent


def packed(work: Sequence[Sequence[StoredEvent]]) -> bytes:
    """Lists of events as that process reads them."""
    return pickle.dumps(work)


def library_rate(dsn: str, work: bytes) -> float:
    """Saves a second of the library's default recorder, each of these `packed` lists in a thread of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.library_saves", dsn]
    return float(subprocess.run(command, input=work, stdout=subprocess.PIPE, check=True).stdout)


def main(dsn: str) -> None:
    """Save what stands on the standard input, which the benchmark itself has written."""
    work: Sequence[Sequence[StoredEvent]] = pickle.load(sys.stdin.buffer)  # noqa: S301 - see above
    with library_cases(dsn) as library:
        insert = library.recorder.insert_events
        sys.stdout.write(f"{saved_together([[partial(insert, [one]) for one in written] for written in work])}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
