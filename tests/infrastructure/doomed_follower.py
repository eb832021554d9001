"""A follower in a process of its own, that may kill itself on one side of a commit: `dsn [before|after commits]`."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from threading import Event
from types import TracebackType

import psycopg
from psycopg.pq.abc import PGresult

from infrastructure.engine import keeper
from infrastructure.engine.follower import ProjectionFollower
from infrastructure.engine.projector import Projector
from infrastructure.event_store import LandlordRecorder
from infrastructure.mapper import Mapper
from infrastructure.postgres.server import PostgresServer
from infrastructure.postgres.straight import StraightConnection
from tests.golden.corpus import golden_sealing
from tests.infrastructure.a_log import SetClock


def die_beside_a_commit(side: str, commits: int) -> None:
    """Kill this process, as a power cut would, right before or right after a commit of its own."""
    reached = 0

    def before() -> None:
        nonlocal reached
        reached += 1
        if reached == commits and side == "before":
            os.kill(os.getpid(), signal.SIGKILL)

    def after() -> None:
        if reached == commits:
            os.kill(os.getpid(), signal.SIGKILL)

    beside_each_commit(before, after)


def beside_each_commit(before: Callable[[], None], after: Callable[[], None]) -> None:
    """Do something on either side of the end of every transaction of this process, however it is ended."""
    leave, end = psycopg.Transaction.__exit__, StraightConnection.end

    def leaving(
        self: psycopg.Transaction,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if self.savepoint_name:
            return leave(self, kind, error, trace)
        before()
        suppressed = leave(self, kind, error, trace)
        after()
        return suppressed

    def ending(self: StraightConnection, how: bytes) -> PGresult:
        if how not in (b"COMMIT", b"ROLLBACK"):
            return end(self, how)
        before()
        ended = end(self, how)
        after()
        return ended

    psycopg.Transaction.__exit__ = leaving  # type: ignore[method-assign]
    StraightConnection.end = ending  # type: ignore[method-assign]


def follow(dsn: str) -> None:
    """Follow until killed, in batches small enough to be killed between them."""
    keeper.BATCH = 500  # type: ignore[misc]
    with PostgresServer(dsn) as server:
        recorder = LandlordRecorder(server, "elm", SetClock())
        projector = Projector(recorder, Mapper(golden_sealing()).decode)
        with ProjectionFollower(server, [projector], poll=0.1):
            Event().wait()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        die_beside_a_commit(sys.argv[2], int(sys.argv[3]))
    follow(sys.argv[1])
