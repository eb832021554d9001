"""A thousand landlords in one database, and the process that follows them: `python -m tests.soak.landlords [count]`.

Says how long it takes to migrate and prepare them, what idling costs, what a take-over takes after the leader is
killed, and that a migration that fails stops its own landlord. Starts a server of its own; takes some minutes.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event
from time import monotonic, perf_counter, sleep
from typing import Final

import psutil
import psycopg

from infrastructure.engine.follower import ProjectionFollower
from infrastructure.engine.projector import Projector
from infrastructure.event_store import LandlordRecorder
from infrastructure.mapper import Mapper
from infrastructure.postgres.migrate import migrate
from infrastructure.postgres.server import PostgresServer
from tests.golden.corpus import golden_sealing
from tests.histories import main_road
from tests.infrastructure.a_log import SetClock
from tests.infrastructure.a_projected_log import ProjectedLog
from tests.soak.alone import a_server

ROOT: Final = Path(__file__).parents[2]
PATIENCE: Final = 300.0


@dataclass(frozen=True, slots=True)
class Found:
    """Seconds, unless a name says otherwise; CPU in hundredths of one core, memory in megabytes."""

    landlords: int
    migrated_in: float
    migrated_again_in: float
    prepared_in: float
    prepared_again_in: float
    led_in: float
    idle_cpu: float
    idle_cpu_of_its_server: float
    memory: float
    threads: int
    connections: int
    noticed_in: float
    taken_over_in: float


def names(count: int) -> list[str]:
    """So many landlords."""
    return [f"n{number:04}" for number in range(count)]


def follow(dsn: str, count: int) -> None:
    """Follow them all until killed; says "ready" when they are led."""
    with PostgresServer(dsn) as server:
        mapper = Mapper(golden_sealing())
        projectors = [
            Projector(LandlordRecorder(server, landlord, SetClock()), mapper.decode) for landlord in names(count)
        ]
        with ProjectionFollower(server, projectors):
            Event().wait()


@contextmanager
def a_follower(dsn: str, count: int) -> Iterator[subprocess.Popen[bytes]]:
    """A process that follows them all, killed at the end."""
    command = [sys.executable, "-m", "tests.soak.landlords", "follow", dsn, str(count)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        try:
            yield process
        finally:
            process.kill()


def measure(dsn: str, count: int, idle: float) -> Found:
    """Everything there is to say of so many landlords in an empty database."""
    landlords = names(count)
    migrated = timed(lambda: migrated_well(dsn, landlords))
    again = timed(lambda: migrated_well(dsn, landlords))
    with PostgresServer(dsn) as server, closing(psycopg.connect(dsn, autocommit=True)) as conn:
        decode = Mapper(golden_sealing()).decode
        projectors = [Projector(LandlordRecorder(server, one, SetClock()), decode) for one in landlords]
        prepared = timed(lambda: prepare(projectors))
        prepared_again = timed(lambda: prepare(projectors))
        with a_follower(dsn, count) as first:
            led = timed(lambda: until(lambda: owned(conn, landlords) == count))
            process = psutil.Process(first.pid)
            processes = [process, *backends(conn)]
            used = [cpu(one) for one in processes]
            sleep(idle)
            idled = [cpu(one) - before for one, before in zip(processes, used, strict=True)]
            with a_log_of(server, landlords[-1]) as log:
                last = log.append_whole(main_road("one"))
                noticed = timed(lambda: until(lambda: log.projector.position() == last))
            memory, threads = process.memory_info().rss / 1e6, process.num_threads()
            connections = len(processes) - 1
            with a_follower(dsn, count) as second:
                sleep(min(idle, 3.0))  # long enough to be there and wait
                first.kill()
                first.wait()
                mark = owners(conn, landlords)
                taken_over = timed(
                    lambda: until(lambda: all(mark[one] != owner for one, owner in owners(conn, landlords).items()))
                )
                second.kill()
    return Found(
        landlords=count,
        migrated_in=migrated,
        migrated_again_in=again,
        prepared_in=prepared,
        prepared_again_in=prepared_again,
        led_in=led,
        idle_cpu=100 * idled[0] / idle,
        idle_cpu_of_its_server=100 * sum(idled[1:]) / idle,
        memory=memory,
        threads=threads,
        connections=connections,
        noticed_in=noticed,
        taken_over_in=taken_over,
    )


@contextmanager
def a_log_of(server: PostgresServer, landlord: str) -> Iterator[ProjectedLog]:
    """The log of one of them."""
    yield ProjectedLog(LandlordRecorder(server, landlord, SetClock()))


def migrated_well(dsn: str, landlords: Sequence[str]) -> None:
    """Every one of them is at this release."""
    failures = [outcome for outcome in migrate(dsn, landlords).values() if outcome.failure]
    assert not failures, failures


def prepare(projectors: Sequence[Projector]) -> None:
    """The first build of each read model of each of them."""
    for projector in projectors:
        projector.prepare()


def owners(conn: psycopg.Connection, landlords: Sequence[str]) -> dict[str, str | None]:
    """Who keeps the alert of each landlord, looked up in few statements."""
    found: dict[str, str | None] = {}
    for first in range(0, len(landlords), 100):
        some = landlords[first : first + 100]
        asked = " UNION ALL ".join(
            f"SELECT '{one}', owner FROM landlord_{one}.build WHERE projection = 'alert_state'"  # noqa: S608
            for one in some
        )
        found.update(conn.execute(asked).fetchall())
    return found


def owned(conn: psycopg.Connection, landlords: Sequence[str]) -> int:
    """How many of them somebody keeps."""
    return sum(owner is not None for owner in owners(conn, landlords).values())


def backends(conn: psycopg.Connection) -> list[psutil.Process]:
    """The server's processes for the follower: its connection, and those of the wake-ups and the pool."""
    found = conn.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND application_name LIKE 'evenhand %'"
    )
    return [psutil.Process(pid) for (pid,) in found]


def cpu(process: psutil.Process) -> float:
    """Seconds of a processor that a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


def timed(work: Callable[[], object]) -> float:
    """How long this takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def until(holds: Callable[[], bool]) -> None:
    """Wait for this."""
    deadline = monotonic() + PATIENCE
    while not holds():
        assert monotonic() < deadline, "it never came"
        sleep(0.02)


def main(arguments: Sequence[str]) -> None:
    """See above."""
    if arguments[:1] == ["follow"]:
        follow(arguments[1], int(arguments[2]))
        return
    count = int(arguments[0]) if arguments else 1_000
    with a_server() as (_, server):
        found = measure(server.dsn("postgres"), count, idle=20.0)
    for name, value in asdict(found).items():
        sys.stdout.write(f"{name.replace('_', ' '):24} {value:10.2f}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
