"""Two processes that publish to one stream, in random trouble: `python -m tests.soak.publishing [seed]`.

For SOAK_ROUNDS (5) rounds both are killed and started again, halted and let go on as stale leaders, their
locks taken from them, and the broker killed. At the end of each round the stream holds every event once and in order.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from random import Random
from typing import TYPE_CHECKING, Final

import psycopg

from tests.infrastructure.downstream.a_broker import a_broker
from tests.infrastructure.downstream.a_made_up_log import MadeUpLog
from tests.infrastructure.downstream.a_publishing import ids, publishing, wait_for
from tests.soak.alone import a_seed, a_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infrastructure.downstream.broker.embedded import EmbeddedBroker

EVENTS: Final = 60_000
ROUND: Final = 12.0  # seconds of trouble

_CUT: Final = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'evenhand broker'"


def trouble(dsn: str, seed: int, *, events: int = EVENTS, seconds: float = ROUND) -> None:
    """One round. Raises AssertionError when an event is missing, doubled or out of order."""
    chance = Random(seed)  # noqa: S311 - moments, not secrets
    with a_broker("elm") as broker:
        with _doomed(dsn, broker, events) as processes:
            ends = time.monotonic() + seconds
            while time.monotonic() < ends:
                time.sleep(chance.uniform(0.05, 0.8))
                _one_trouble(dsn, broker, processes, events, chance)
        log = MadeUpLog(events)
        with publishing(dsn, broker, log) as room:
            wait_for(room, events)
        assert ids(broker) == log.ids(), f"not every event is in the stream once and in order; seed {seed}"


def _one_trouble(
    dsn: str, broker: EmbeddedBroker, processes: list[subprocess.Popen[bytes]], events: int, chance: Random
) -> None:
    which = chance.randrange(len(processes))
    match chance.choice(("killed", "killed", "broker", "halted", "cut")):
        case "killed":
            _end(processes[which])
            processes[which] = _started(dsn, broker, events)
        case "broker":
            with suppress(ProcessLookupError):
                os.kill(broker.pid or 0, signal.SIGKILL)
        case "halted":
            processes[which].send_signal(signal.SIGSTOP)
            time.sleep(chance.uniform(0.0, 1.0))
            processes[which].send_signal(signal.SIGCONT)
        case "cut":
            with psycopg.connect(dsn, autocommit=True) as conn:
                conn.execute(_CUT)


@contextmanager
def _doomed(dsn: str, broker: EmbeddedBroker, events: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    processes = [_started(dsn, broker, events), _started(dsn, broker, events)]
    try:
        yield processes
    finally:
        for process in processes:
            _end(process)


def _started(dsn: str, broker: EmbeddedBroker, events: int) -> subprocess.Popen[bytes]:
    password = broker.logins.file("elm", "publisher")
    asked = [sys.executable, "-m", "tests.infrastructure.downstream.doomed_publisher"]
    quiet = subprocess.DEVNULL
    return subprocess.Popen([*asked, dsn, broker.url, str(password), str(events)], stdout=quiet, stderr=quiet)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


def main() -> None:
    """See above."""
    seed = a_seed()
    rounds = int(os.environ.get("SOAK_ROUNDS", "5"))
    with a_server() as (_, server):
        for number in range(seed, seed + rounds):
            trouble(server.ensure_database(), number)
            sys.stdout.write(f"seed {number}: {EVENTS} positions published once and in order\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
