"""How fast read models are built anew from a log of a million events, and in how much memory."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Final

from psycopg.sql import SQL, Identifier

from projections import ALL
from projections.alert_state import ALERT_STATE
from tests.benchmarks.backlog import LibraryBacklog
from tests.benchmarks.bulk import Filled, fill
from tests.benchmarks.figures import ROUNDS, Figure, NotMeasured, alone, beside
from tests.benchmarks.ground import FOLDERS, Ground, a_ground
from tests.benchmarks.memory import watched

if TYPE_CHECKING:
    from domain.events import Event

ALERT: Final = (ALERT_STATE.name,)
EVERY: Final = tuple(view.name for view in ALL)
BYTES_AN_EVENT: Final = 5_000  # of the log, of a few builds, and of what the server keeps while it writes them
BYTES_ANYHOW: Final = 3_000_000_000  # of a server's write-ahead log
FURTHER: Final = 4  # times as many events
SCALING_ROUNDS: Final = 3
MOST_MB: Final = 300


@dataclass(frozen=True, slots=True)
class _Rebuilt:
    """Events a second, and the memory that it took."""

    rate: float
    peak_mb: float


class _Log:
    """A log of so many events, filled and with every read model at its head."""

    def __init__(self, ground: Ground, histories: Sequence[Sequence[Event]], events: int, names: Sequence[str]) -> None:
        self._ground = ground
        self._schema = ground.recorder.channel_name
        with ground.connect() as conn:
            self.filled: Filled = fill(conn, self._schema, ground.landlord.mapper, histories, events)
        # Not counted: nothing is read yet that the first build could be compared with.
        self.worked("accept", names)

    @property
    def size(self) -> str:
        """How much it is."""
        return f"{self.filled.events} events of {self.filled.cases} cases"

    def worked(self, act: str, names: Sequence[str]) -> _Rebuilt:
        """Do it once, in a process of its own; from its first look at the log to its end."""
        seen = watched("tests.benchmarks.rebuild", act, self._ground.dsn, self._schema, *names)
        return _Rebuilt(self.filled.events / float(seen.printed), seen.peak_mb)

    def copy_rate(self) -> float:
        """Rows a second that one connection reads of the log, in the server's own form and doing nothing with them."""
        copying = SQL("COPY (TABLE {}) TO STDOUT (FORMAT binary)").format(Identifier(self._schema, "event"))
        with self._ground.connect() as conn, conn.cursor() as cursor:
            began = perf_counter()
            with cursor.copy(copying) as copy:
                read = sum(1 for _ in copy)
            taken = perf_counter() - began
        # Header and end come in pieces of their own, or with a row.
        if not self.filled.events <= read <= self.filled.events + 2:
            raise RuntimeError(f"{read} pieces were read of {self.filled.events} rows")
        return self.filled.events / taken


def rebuild_figures(
    ground: Ground, histories: Sequence[Sequence[Event]], wanted: Collection[str], *, quick: bool
) -> Iterator[Figure]:
    """A rebuild of `alert_state` beside the library's runner, beside merely reading, and beside its own relatives.

    A rebuild is whole: a new table filled by as many processes as there are cores, indexed, brought to the head,
    compared with the one that is read, and switched to.
    """
    events, theirs, times = (4_000, 100, 1) if quick else (1_000_000, 20_000, ROUNDS)
    _room_for(events)
    library = LibraryBacklog(ground, histories, theirs) if "rebuild_alert_vs_library" in wanted else None
    every = bool({"rebuild_all_vs_alert", "rebuild_peak_mb"} & set(wanted))
    log = _Log(ground, histories, events, EVERY if every else ALERT)
    rates: dict[str, list[tuple[float, float]]] = defaultdict(list)
    peaks: list[float] = []
    for _ in range(times):
        alert = log.worked("rebuild", ALERT)
        peaks.append(alert.peak_mb)
        if library is not None:
            rates["rebuild_alert_vs_library"].append((alert.rate, library.rate()))
        if "rebuild_alert_vs_copy" in wanted:
            rates["rebuild_alert_vs_copy"].append((alert.rate, log.copy_rate()))
        if "verify_vs_rebuild" in wanted:
            rates["verify_vs_rebuild"].append((log.worked("verify", ALERT).rate, alert.rate))
        if every:
            both = log.worked("rebuild", EVERY)
            rates["rebuild_all_vs_alert"].append((both.rate, alert.rate))
            peaks[-1] = max(alert.peak_mb, both.peak_mb)
    peers = {
        "rebuild_alert_vs_library": library.peer if library else "",
        "rebuild_alert_vs_copy": "COPY of the log to one connection, nothing done with it",
        "verify_vs_rebuild": "a rebuild of alert_state",
        "rebuild_all_vs_alert": "a rebuild of alert_state alone",
    }
    for name, rounds in rates.items():
        yield beside(name, rounds, "/s", peer=peers[name], size=log.size)
    if every:
        size = f"{log.size}; proportional set sizes of all processes, looked at every 50 ms"
        yield alone("rebuild_peak_mb", peaks, "MB", size=size, limit=f"at most {MOST_MB}")


def scaling_figures(ground: Ground, histories: Sequence[Sequence[Event]], *, quick: bool) -> Iterator[Figure]:
    """A rebuild from a log of four times as many events, in turn with one from a log of a million."""
    events, times = (2_000, 1) if quick else (1_000_000, SCALING_ROUNDS)
    _room_for(events + FURTHER * events)
    with a_ground() as other:
        small = _Log(ground, histories, events, ALERT)
        large = _Log(other, histories, FURTHER * events, ALERT)
        rounds = [(large.worked("rebuild", ALERT).rate, small.worked("rebuild", ALERT).rate) for _ in range(times)]
    size = f"{large.size}, rounds: {times}"
    yield beside("rebuild_scaling", rounds, "/s", peer=f"ourselves with {small.size}", size=size)


def _room_for(events: int) -> None:
    """Raises `NotMeasured` when the disk has no room for a log of so many events and what is built from it."""
    needed, free = BYTES_ANYHOW + events * BYTES_AN_EVENT, shutil.disk_usage(FOLDERS).free
    if free < needed:
        raise NotMeasured(
            f"a log of {events} events and its read models take up to {needed / 1e9:.0f} GB under {FOLDERS}, and "
            f"{free / 1e9:.0f} GB are free"
        )
