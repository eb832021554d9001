"""Rebuilds in processes of their own that are killed, or kill themselves, as a power cut would.

`dsn run` rebuilds with worker processes and says what came of it. `dsn told stage number` does the same and kills
itself when it is told of the stage for the so-many-th time. `dsn worker side commits` lets each worker kill itself
beside a commit of its own. `dsn boundaries` reads numbers, one a line: each time a fork of it rebuilds by itself and is
killed at that commit of its own, or says that it had finished by then. `dsn keeping` does so with whoever keeps what is
read: claims it, looks, and takes in what there is.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection as Pipe
from typing import Any

import psycopg

from infrastructure.engine import keeper, slices, workers
from infrastructure.engine.acts import By
from infrastructure.engine.fold_cache import FoldCache
from infrastructure.engine.projector import Projector
from infrastructure.engine.rebuilding import Options, Rebuild, RebuildRefused, Tell, in_silence
from infrastructure.engine.workers import Job, WorkerFailed
from infrastructure.event_store import LandlordRecorder
from infrastructure.mapper import Mapper
from infrastructure.postgres.leading import connected, owner_name
from infrastructure.postgres.server import PostgresServer
from projections import ALL
from tests.golden.corpus import golden_sealing
from tests.infrastructure.a_log import SetClock
from tests.infrastructure.doomed_follower import beside_each_commit, die_beside_a_commit

NAMES = tuple(view.name for view in ALL)


def rebuild(dsn: str, *, in_process: bool = False, tell: Tell = in_silence) -> str:
    """What came of a rebuild of both read models, in one line."""
    with PostgresServer(dsn) as server:
        projector = Projector(LandlordRecorder(server, "elm", SetClock()), Mapper(golden_sealing()).decode)
        try:
            outcomes = Rebuild(projector, By("ops", "doomed"), Options(processes=2, in_process=in_process), tell).run(
                NAMES
            )
        except (RebuildRefused, WorkerFailed) as error:
            return f"{type(error).__name__}: {error}"
    return f"switched {sum(outcome.switched for outcome in outcomes)}"


def die_at(number: int) -> None:
    """Kill this process on reaching so many boundaries: each side of a transaction's end, and each single write."""
    passed = 0
    execute = psycopg.Cursor.execute

    def one_more() -> None:
        nonlocal passed
        passed += 1
        if passed == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def executing(self: psycopg.Cursor[Any], query: Any, *args: Any, **kwargs: Any) -> psycopg.Cursor[Any]:
        done = execute(self, query, *args, **kwargs)
        alone = self.connection.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        text = query if isinstance(query, bytes) else psycopg.sql.SQL("{}").format(query).as_bytes(self.connection)
        if alone and not text.strip(b"' \n").upper().startswith((b"SELECT", b"SET")):
            one_more()
        return done

    psycopg.Cursor.execute = executing  # type: ignore[assignment, method-assign]
    beside_each_commit(one_more, one_more)


def keep(dsn: str) -> None:
    """What a follower does, in small batches, until nothing is left to do."""
    keeper.BATCH = 10  # type: ignore[misc]
    with PostgresServer(dsn) as server, connected(dsn, "evenhand projections") as conn:
        projector = Projector(LandlordRecorder(server, "elm", SetClock()), Mapper(golden_sealing()).decode)
        keeping = keeper.Keeper(projector, owner_name(), FoldCache())
        keeping.claim(conn)
        keeping.look(conn)
        while keeping.advance(conn):
            pass
        keeping.beat(conn)


def at_each_boundary(work: Callable[[], object]) -> None:
    """Forks of this process, which holds no connection and no thread, are killed one by one."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            die_at(int(line))
            work()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        say("killed" if os.WIFSIGNALED(status) else f"finished {os.waitstatus_to_exitcode(status)}")


def killed_when_told(stage: str, number: int) -> Tell:
    """Kills this process when it is told of a stage for the so-many-th time."""
    times: Counter[str] = Counter()

    def tell(now: str, _done: int, _of: int) -> None:
        times[now] += 1
        if now == stage and times[now] == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return tell


def doomed_worker(side: str, commits: int, job: Job, pipe: Pipe) -> None:
    """The life of a worker that kills itself beside a commit."""
    from infrastructure.engine.workers import _serve  # noqa: PLC0415 - in the worker's process, where nothing is replaced

    die_beside_a_commit(side, commits)
    _serve(job, pipe)


def say(line: str) -> None:
    """One line to whoever started this process."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(dsn: str, what: str, *how: str) -> None:
    """See above."""
    slices.EVENTS_IN_A_SLICE = 16  # type: ignore[misc]
    workers.SLICES_FOR_ONE_PROCESS = 1  # type: ignore[misc]
    if what == "boundaries":
        at_each_boundary(lambda: rebuild(dsn, in_process=True))
        return
    if what == "keeping":
        at_each_boundary(lambda: keep(dsn))
        return
    if what == "worker":
        workers._serve = partial(doomed_worker, how[0], int(how[1]))  # noqa: SLF001
    tell = killed_when_told(how[0], int(how[1])) if what == "told" else in_silence
    say(rebuild(dsn, tell=tell))


if __name__ == "__main__":
    main(*sys.argv[1:])
