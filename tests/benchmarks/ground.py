"""Where it is measured: a PostgreSQL of the run's own as it comes, durable, with one landlord on it."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from threading import Barrier, Thread
from time import perf_counter
from typing import TYPE_CHECKING, Final

import psycopg

from infrastructure.clock import SystemClock
from infrastructure.event_store import LandlordRecorder
from infrastructure.garbage import settle
from infrastructure.log import PostgresEventLog
from infrastructure.one_core import on_one_core
from infrastructure.postgres.embedded import EmbeddedServer
from infrastructure.service import TURN
from tests.infrastructure.a_landlord import ELM, Landlord, a_landlord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

# Not TMPDIR, which may be closed to the account that is lent to the server.
FOLDERS: Final = Path("/tmp")  # noqa: S108 - the folder in it is made by mkdtemp


@dataclass(frozen=True, slots=True)
class Ground:
    """A landlord whose log is wired as in the service, and the dsn of the server for whoever is measured beside it."""

    dsn: str
    landlord: Landlord
    recorder: LandlordRecorder
    log: PostgresEventLog

    def connect(self) -> psycopg.Connection:
        """A connection of one's own."""
        return psycopg.connect(self.dsn, autocommit=True)

    def machine(self) -> str:
        """Machine, versions and the server's settings that decide how dear a commit is."""
        with self.connect() as conn:
            names = ("server_version", "fsync", "synchronous_commit", "full_page_writes", "shared_buffers")
            rows = [conn.execute("SELECT current_setting(%s)", [name]).fetchone() for name in names]
        settings = ", ".join(f"{name} {row[0]}" for name, row in zip(names, rows, strict=True) if row)
        libraries = ", ".join(f"{name} {version(name)}" for name in ("psycopg", "eventsourcing", "cryptography"))
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        return (
            f"machine: {platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, "
            f"{platform.system()} {platform.release()}; load before: {os.getloadavg()[0]:.2f}\n"
            f"PostgreSQL: {settings}\n"
            f"Python {platform.python_version()}, {libraries}"
        )


@contextmanager
def a_folder() -> Iterator[Path]:
    """A folder that goes in the end, and that the account which is lent to a server can pass through."""
    folder = Path(tempfile.mkdtemp(prefix="evenhand-bench-", dir=FOLDERS))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def a_ground() -> Iterator[Ground]:
    """The ground, in a folder that goes with it."""
    with a_folder() as folder, EmbeddedServer.start(folder / "postgres") as server:
        dsn = server.ensure_database()
        with a_landlord(dsn, folder / "keys") as landlord:
            recorder = LandlordRecorder(landlord.server, ELM, SystemClock().now)
            yield Ground(dsn, landlord, recorder, PostgresEventLog(recorder, landlord.mapper))


@contextmanager
def as_served() -> Iterator[None]:
    """A process as the service is once it answers; the peers have theirs as it comes, on every core."""
    settle()
    with on_one_core(), in_short_turns():
        yield


@contextmanager
def in_short_turns() -> Iterator[None]:
    """Threads that compute let others compute as often as they do in the service."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def saved_together(work: Sequence[Sequence[Callable[[], object]]]) -> float:
    """How many of these are done in a second, each list in a thread of its own."""

    def in_turn(saves: Sequence[Callable[[], object]]) -> Callable[[], None]:
        def run() -> None:
            for save in saves:
                save()

        return run

    return sum(map(len, work)) / seconds_together([in_turn(saves) for saves in work])


def seconds_together(works: Sequence[Callable[[], None]]) -> float:
    """How long these take, each in a thread of its own, from a common start until the last is done.

    Raises the first error of any of them.
    """
    start = Barrier(len(works) + 1)
    failures: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        start.wait()
        try:
            work()
        except BaseException as failure:  # noqa: BLE001 - raised again below, in the thread that asked
            failures.append(failure)

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    start.wait()
    began = perf_counter()
    for thread in threads:
        thread.join()
    taken = perf_counter() - began
    if failures:
        raise failures[0]
    return taken
