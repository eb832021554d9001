"""Measures the log beside its peers and prints a table; the last lines are `figure NAME VALUE`, one for each."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from domain.events import Event
from tests.benchmarks.alert_lookup import alert_lookup_figures
from tests.benchmarks.append import append_figures
from tests.benchmarks.catch_up import catch_up_figures
from tests.benchmarks.command_http import command_http_figures
from tests.benchmarks.feed_read import feed_read_figures
from tests.benchmarks.figures import HEADINGS, ROUNDS, Figure, NotMeasured
from tests.benchmarks.ground import Ground, a_ground
from tests.benchmarks.lag import lag_figures
from tests.benchmarks.load import load_figures
from tests.benchmarks.publishing import publishing_figures
from tests.benchmarks.rebuilding import rebuild_figures, scaling_figures
from tests.benchmarks.roads import ROADS
from tests.benchmarks.subscriber_lag import FIGURE, subscriber_lag_figures
from tests.benchmarks.webhook_fanout import fanout_figures
from tests.benchmarks.workload import told

Histories = Sequence[Sequence[Event]]


@dataclass(frozen=True, slots=True)
class Part:
    """Figures that are measured together, on a server of their own: what stands in a log is in the next one's way.

    `measured` takes the server, the histories, whether sizes are small, and which figures are wanted.
    """

    names: tuple[str, ...]
    measured: Callable[[Ground, Histories, bool, Collection[str]], Iterator[Figure]]


def _append(ground: Ground, histories: Histories, quick: bool, _: Collection[str]) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        yield from append_figures(ground, histories, Path(folder), quick=quick)


PARTS: Final = (
    Part(("append_c1_vs_pgbench", "append_c32_vs_pgbench", "append_c32_vs_library"), _append),
    Part(
        ("load_1000_vs_library", "load_1000_without_snapshot_vs_library", "load_again_1000_vs_library"),
        lambda on, told, quick, _: load_figures(on, told, quick=quick),
    ),
    Part(("catch_up_vs_library",), lambda on, told, quick, _: catch_up_figures(on, told, quick=quick)),
    Part(("lag_p99_vs_bare",), lambda on, told, quick, _: lag_figures(on, told, quick=quick)),
    Part(
        (
            "rebuild_alert_vs_library",
            "rebuild_alert_vs_copy",
            "verify_vs_rebuild",
            "rebuild_all_vs_alert",
            "rebuild_peak_mb",
        ),
        lambda on, told, quick, wanted: rebuild_figures(on, told, wanted, quick=quick),
    ),
    Part(("rebuild_scaling",), lambda on, told, quick, _: scaling_figures(on, told, quick=quick)),
    Part(
        ("feed_read_vs_select", "feed_read_vs_binary_select"),
        lambda on, told, quick, _: feed_read_figures(on, told, quick=quick),
    ),
    Part(
        tuple(f"{FIGURE}_{road}" for road in ROADS),
        lambda on, told, quick, wanted: subscriber_lag_figures(on, told, wanted, quick=quick),
    ),
    Part(
        ("publish_jetstream_per_s", "publish_jetstream_vs_bare"),
        lambda on, told, quick, _: publishing_figures(on, told, quick=quick),
    ),
    Part(("webhook_fanout_per_s",), lambda on, told, quick, _: fanout_figures(on, told, quick=quick)),
    Part(("alert_lookup_vs_bare",), lambda on, told, quick, _: alert_lookup_figures(on, told, quick=quick)),
    Part(("command_http_vs_append",), lambda on, told, quick, _: command_http_figures(on, told, quick=quick)),
)
NAMES: Final = tuple(name for part in PARTS for name in part.names)


def main() -> None:
    """Measure what is wanted, on servers that are made for it and go with it."""
    # Ended politely, the run stops its server, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    asked = argparse.ArgumentParser(prog="make bench", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="small sizes: to see that it runs, not how fast")
    asked.add_argument("--only", nargs="+", choices=NAMES, metavar="NAME", help=f"some of {', '.join(NAMES)}")
    given = asked.parse_args()
    wanted = given.only or NAMES
    histories = told()
    measured: list[Figure] = []
    missing: list[str] = []
    for part in PARTS:
        if not set(part.names) & set(wanted):
            continue
        with a_ground() as ground:
            if not measured and not missing:
                _say(_heading(ground, histories, quick=given.quick))
            try:
                for figure in part.measured(ground, histories, given.quick, wanted):
                    if figure.name in wanted:
                        _say(figure.row())
                        measured.append(figure)
            except NotMeasured as reason:
                missing.append(f"not measured: {', '.join(name for name in part.names if name in wanted)}: {reason}")
                _say(missing[-1])
    for line in missing:
        _say(line)
    for figure in measured:
        _say(f"figure {figure.name} {figure.value:.3f}")


def _heading(ground: Ground, histories: Histories, *, quick: bool) -> str:
    told_of = f"{len(histories)} histories of the demonstrations, {sum(map(len, histories))} events"
    small = "; quick: the sizes are too small to mean much" * quick
    return f"{ground.machine()}\ndata: {told_of}; each side {ROUNDS} times in turn, medians{small}\n{HEADINGS}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
