"""Saves at a steady rate, and the bare loop: the least that it takes to learn of a commit and to act on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from math import ceil
from threading import Event as Signal
from threading import Thread
from time import perf_counter, sleep
from typing import TYPE_CHECKING, Final
from uuid import uuid4

import psycopg
from psycopg.rows import tuple_row

from domain.codes import SubjectId
from tests.benchmarks.figures import ROUNDS, Figure, NotMeasured, beside, in_turn
from tests.benchmarks.ground import seconds_together
from tests.benchmarks.workload import ANSWER, asked, saves

if TYPE_CHECKING:
    from domain.events import Event
    from infrastructure.log import PostgresEventLog
    from tests.benchmarks.ground import Ground

RATE: Final = 200  # saves a second
NOBODY: Final = SubjectId(str(uuid4()))
WRITERS: Final = 4  # who take turns, so that a slow save does not hold up the next
LATE: Final = 0.9  # of the rate at least, or the figure would be of another one
SLACK: Final = 1.0  # seconds, for a single slow commit
PATIENCE: Final = 60.0  # seconds
LOOK_AGAIN: Final = 0.1  # seconds
BARE: Final = "LISTEN, select the new row, insert it elsewhere, commit"

_TABLES: Final = """
    CREATE TABLE bare_row (position bigserial PRIMARY KEY, state bytea NOT NULL);
    CREATE TABLE bare_copy (position bigint PRIMARY KEY, state bytea NOT NULL)
"""

# One round trip for a save and for the word that it is there, which goes out with the commit.
_SAVE: Final = """
    WITH saved AS (INSERT INTO bare_row (state) VALUES (%b) RETURNING position)
    SELECT position, pg_notify('bare', position::text) FROM saved
"""

# Does something at a place of the log, and says which.
Save = Callable[[], int]


def prepare_bare(ground: Ground) -> None:
    """What the bare loop works on."""
    with ground.connect() as conn:
        conn.execute(_TABLES)


def one_a_save(log: PostgresEventLog, histories: Sequence[Sequence[Event]], count: int) -> list[list[Save]]:
    """So many saves of one event each, shared out between the writers."""

    def save(event: Event) -> Save:
        request = asked()
        return lambda: log.append([event], request=request, answer=ANSWER).last_position

    return [[save(event) for event in islice(saves(histories, n), count // WRITERS)] for n in range(WRITERS)]


def beside_bare(
    name: str, ground: Ground, histories: Sequence[Sequence[Event]], ours: Callable[[int], float], *, quick: bool
) -> Figure:
    """What `ours` measures with so many steady saves, in milliseconds, beside the bare loop with as many."""
    count, times = (RATE // 5, 1) if quick else (10 * RATE, ROUNDS)
    rounds = in_turn(lambda: ours(count), lambda: _bare_p99(ground, histories, count), times)
    size = f"99th of 100, {count} saves at {RATE} a second of {WRITERS} writers"
    return beside(name, rounds, "ms", peer=f"{BARE}; our time ÷ its time", size=size)


def _bare_p99(ground: Ground, histories: Sequence[Sequence[Event]], count: int) -> float:
    """Milliseconds from the commit of a row to that of its copy."""
    events = list(islice(saves(histories), count))
    states = [stored.state for stored in ground.landlord.mapper.encode(events, lambda _: NOBODY)]
    copied: dict[int, float] = {}
    ready, done = Signal(), Signal()
    follower = Thread(target=_copy, args=(ground, copied, ready, done), name="bare-follower")
    follower.start()
    connections = [ground.connect() for _ in range(WRITERS)]

    def save(conn: psycopg.Connection, state: bytes) -> Save:
        return lambda: int(conn.execute(_SAVE, [state], prepare=True).fetchall()[0][0])

    try:
        if not ready.wait(PATIENCE):
            raise RuntimeError("nobody listens")
        work = [[save(conn, state) for state in states[n::WRITERS]] for n, conn in enumerate(connections)]
        committed = steadily(work)
        until(lambda: len(copied) >= len(committed) or not follower.is_alive())
    finally:
        done.set()
        follower.join()
        for conn in connections:
            conn.close()
    return p99(committed, copied)


def _copy(ground: Ground, copied: dict[int, float], ready: Signal, done: Signal) -> None:
    """The bare loop, over a connection to listen on and one to work on."""
    with ground.connect() as ear, ground.connect() as hand:
        ear.execute("LISTEN bare")
        cursor = hand.cursor(row_factory=tuple_row, binary=True)
        ready.set()
        while not done.is_set():
            for heard in ear.notifies(timeout=LOOK_AGAIN, stop_after=1):
                position = int(heard.payload)
                row = cursor.execute(
                    "SELECT position, state FROM bare_row WHERE position = %s", [position], prepare=True
                ).fetchone()
                cursor.execute("INSERT INTO bare_copy (position, state) VALUES (%s, %b)", row, prepare=True)
                copied[position] = perf_counter()


def steadily(work: Sequence[Sequence[Save]]) -> dict[int, float]:
    """When the save of each position came back, all of them made at an even pace, the lists in turn."""
    committed: dict[int, float] = {}
    count = sum(map(len, work))
    begin = perf_counter() + LOOK_AGAIN

    def run(first: int, saves: Sequence[Save]) -> None:
        for number, save in enumerate(saves):
            sleep(max(begin + (first + number * len(work)) / RATE - perf_counter(), 0.0))
            position = save()
            committed[position] = perf_counter()

    seconds_together([lambda n=n, saves=saves: run(n, saves) for n, saves in enumerate(work)])  # type: ignore[misc]
    taken = perf_counter() - begin
    if taken > count / (LATE * RATE) + SLACK:
        raise NotMeasured(f"the machine is too busy for {RATE} saves a second: it managed {count / taken:.0f}")
    return committed


def p99(committed: Mapping[int, float], seen: Mapping[int, float]) -> float:
    """In milliseconds, of the nearest rank. Raises `KeyError` for what was not seen."""
    lags = sorted(seen[position] - at for position, at in committed.items())
    return 1_000 * lags[ceil(0.99 * len(lags)) - 1]


def until(happened: Callable[[], bool], look_again: float = LOOK_AGAIN) -> None:
    """Wait for something, looking every so many seconds. Raises RuntimeError when it takes too long."""
    deadline = perf_counter() + PATIENCE
    while not happened():
        if perf_counter() > deadline:
            raise RuntimeError(f"waited {PATIENCE} seconds for nothing")
        sleep(look_again)
