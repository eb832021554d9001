"""A follower in a process of its own, that may kill itself on one side of a commit: `dsn [before|after commits]`."""

from __future__ import annotations

import os
import signal
import sys
from threading import Event
from types import TracebackType

import psycopg

from infrastructure.engine import keeper
from infrastructure.engine.follower import ProjectionFollower
from infrastructure.engine.projector import Projector
from infrastructure.event_store import LandlordRecorder
from infrastructure.mapper import Mapper
from infrastructure.postgres.server import PostgresServer
from tests.golden.corpus import golden_sealing
from tests.infrastructure.a_log import SetClock


def die_beside_a_commit(side: str, commits: int) -> None:
    """Kill this process, as a power cut would, right before or right after a commit of its own."""
    leave, left = psycopg.Transaction.__exit__, 0

    def dying(
        self: psycopg.Transaction,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        nonlocal left
        last = False
        if not self.savepoint_name:
            left += 1
            last = left == commits
        if last and side == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        suppressed = leave(self, kind, error, trace)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return suppressed

    psycopg.Transaction.__exit__ = dying  # type: ignore[method-assign]


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
