"""How many events a second go from the log into a stream of the broker, each acknowledged by it in its order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING, Final

from application.streams import landlord_stream
from infrastructure.downstream.broker.connecting import Access, connected
from infrastructure.downstream.broker.embedded import EmbeddedBroker
from infrastructure.downstream.broker.publishing import Publisher
from infrastructure.downstream.broker.stream import start_over
from infrastructure.downstream.public_log import PublicLog
from tests.benchmarks.bulk import fill
from tests.benchmarks.figures import ROUNDS, Figure, alone
from tests.benchmarks.ground import a_folder, as_served
from tests.infrastructure.a_landlord import ELM

if TYPE_CHECKING:
    from domain.events import Event
    from tests.benchmarks.ground import Ground

ANY_FREE: Final = 0
PATIENCE: Final = 300.0  # seconds


def publishing_figures(ground: Ground, histories: Sequence[Sequence[Event]], *, quick: bool) -> Iterator[Figure]:
    """A publisher as in the service, and a broker of its own, whose stream is empty each time."""
    count, times = (2_000, 1) if quick else (100_000, ROUNDS)
    with ground.connect() as conn:
        fill(conn, ground.recorder.channel_name, ground.landlord.mapper, histories, count)
    with (
        a_folder() as folder,
        EmbeddedBroker.start(folder, ANY_FREE, [ELM]) as broker,
    ):
        access = Access(landlord=ELM, servers=(broker.url,), login=broker.publisher(ELM))
        with as_served():
            rates = [asyncio.run(_rate(ground, access, count)) for _ in range(1 + times)][1:]
    size = f"{count} events from the log into an empty stream on disk"
    yield alone("publish_jetstream_per_s", rates, "/s", size=size, limit="no limit")


async def _rate(ground: Ground, access: Access, count: int) -> float:
    async with connected(access) as client:
        await start_over(client, access)
    log = PublicLog(ground.recorder, ground.landlord.mapper, landlord_stream(ELM))
    with ThreadPoolExecutor(1) as readers:
        left, published = count, asyncio.Event()

        def observe(_: str, some: int) -> None:
            nonlocal left
            left -= some
            if not left:
                published.set()

        publisher = Publisher(log, access, readers, poll=1.0, observe=observe)
        began = perf_counter()
        running = asyncio.create_task(publisher.run())
        async with asyncio.timeout(PATIENCE):
            await published.wait()
        taken = perf_counter() - began
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    if publisher.standing.sequence != count:
        raise RuntimeError(f"of {count} events {publisher.standing.sequence} are in the stream")
    return count / taken
