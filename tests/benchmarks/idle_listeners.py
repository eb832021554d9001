"""What a thousand listeners with nothing to hear cost: `python -m tests.benchmarks.idle_listeners [how many]`.

Half of them hold a long poll open and half a stream of events, over as many connections. Prints threads, connections to
the database and memory of the service before and while they listen, and how long one event takes to reach them all.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from tests.benchmarks.bare_loop import one_a_save
from tests.benchmarks.feed_client import SSE, read_whole
from tests.benchmarks.ground import a_ground
from tests.benchmarks.http_load import Ask, question
from tests.benchmarks.memory import PROC, proportional_kb
from tests.benchmarks.served import LANDLORD, a_company
from tests.benchmarks.workload import told

if TYPE_CHECKING:
    from domain.events import Event
    from tests.benchmarks.ground import Ground

LISTENERS: Final = 1_000
WAIT: Final = 55  # seconds that a poll is held open
SETTLED: Final = 3.0  # seconds until everybody listens, and whoever had something to do has done it
LONGEST: Final = 50.0  # seconds for one event to reach everybody
SPARE_FILES: Final = 200
EVENT: Final = b'"sequence":"'


@dataclass(frozen=True, slots=True)
class Cost:
    """Threads and megabytes (10⁶) of the service's process; the connections that its database has, with ours."""

    threads: int
    connections: int
    megabytes: float

    def __str__(self) -> str:
        """In words."""
        return f"{self.threads} threads, {self.connections} connections to the database, {self.megabytes:.0f} MB"


@dataclass(frozen=True, slots=True)
class Idle:
    """The cost without listeners and with them, and the seconds until all of them had heard of one event."""

    listeners: int
    before: Cost
    listening: Cost
    reached_in: float


def measure(ground: Ground, histories: Sequence[Sequence[Event]], listeners: int) -> Idle:
    """Listen with so many, half by each road. Raises RuntimeError when one of them is refused."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, listeners + SPARE_FILES), most))
    with (
        tempfile.TemporaryDirectory() as folder,
        a_company(ground.dsn, Path(folder), histories) as company,
    ):
        token = company.subscribe("reader")
        with company.process() as (port, process):
            _, cursor = read_whole(port, token)
            before = _cost(ground, process)
            polling = question(f"/v1/feed?wait={WAIT}&after={quote(cursor)}", token)
            streaming = question(f"/v1/feed?after={quote(cursor)}", token, SSE)
            [[save], *_] = one_a_save(company.evenhand.office(LANDLORD).log, histories, 4)
            asks = [streaming if number % 2 else polling for number in range(listeners)]
            listening, reached_in = asyncio.run(_listen(port, asks, lambda: _cost(ground, process), save))
    return Idle(listeners, before, listening, reached_in)


async def _listen(
    port: int, asks: Sequence[Ask], cost: Callable[[], Cost], save: Callable[[], object]
) -> tuple[Cost, float]:
    heard = [asyncio.create_task(_hear(port, ask)) for ask in asks]
    await asyncio.sleep(SETTLED)
    early = [one for one in heard if one.done()]
    if early:
        raise RuntimeError(f"{len(early)} listeners did not wait; the first: {early[0].exception()}")
    listening = await asyncio.to_thread(cost)
    began = perf_counter()
    await asyncio.to_thread(save)
    async with asyncio.timeout(LONGEST):
        await asyncio.gather(*heard)
    return listening, perf_counter() - began


async def _hear(port: int, ask: Ask) -> None:
    """Listens until an event comes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(ask.content)
        received = b""
        while EVENT not in received:
            more = await reader.read(65536)
            received += more
            if not received.startswith(b"HTTP/1.1 200") or not more:
                raise RuntimeError(f"answered {received[:300]!r}")
    finally:
        writer.close()


def _cost(ground: Ground, process: int) -> Cost:
    threads = len(list((PROC / str(process) / "task").iterdir()))
    with ground.connect() as conn:
        clients = conn.execute("SELECT FROM pg_stat_activity WHERE backend_type = 'client backend'").rowcount
    return Cost(threads, clients, proportional_kb(process) * 1024 / 1_000_000)


def main() -> None:
    """Measure it and say it."""
    listeners = int(sys.argv[1]) if len(sys.argv) > 1 else LISTENERS
    with a_ground() as ground:
        idle = measure(ground, told(), listeners)
    sys.stdout.write(f"nobody listens: {idle.before}\n{idle.listeners} listen: {idle.listening}\n")
    sys.stdout.write(f"one event reached all of them in {idle.reached_in:.2f} s\n")


if __name__ == "__main__":
    main()
