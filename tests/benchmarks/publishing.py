"""How many events a second go from the log into a stream of the broker, each once and in order, beside a bare loop."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING, Final

from application.streams import landlord_stream
from domain.codes import Topic
from infrastructure.downstream.broker.connecting import Access, connected
from infrastructure.downstream.broker.embedded import EmbeddedBroker
from infrastructure.downstream.broker.names import subject_of, subjects_of
from infrastructure.downstream.broker.publishing import Publisher
from infrastructure.downstream.broker.stream import start_over
from infrastructure.downstream.public_log import PublicLog
from infrastructure.downstream.tail import Tail
from infrastructure.downstream.wanted import Wanted
from tests.benchmarks.bulk import fill
from tests.benchmarks.figures import ROUNDS, Figure, alone, beside, in_turn
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
        bodies = _bodies(_log(ground), count)
        rounds = in_turn(
            lambda: asyncio.run(_rate(ground, access, count)), lambda: asyncio.run(_bare(access, bodies)), times
        )
    size = f"{count} events from the log into an empty stream on disk"
    yield alone("publish_jetstream_per_s", [ours for ours, _ in rounds], "/s", size=size, limit="no limit")
    peer = "publish_async of nats-py with the same bodies, which are at hand already"
    yield beside("publish_jetstream_vs_bare", rounds, "/s", peer=peer, size=size)


async def _rate(ground: Ground, access: Access, count: int) -> float:
    async with connected(access) as client:
        await start_over(client, access)
    log = _log(ground)
    with as_served(), ThreadPoolExecutor(1) as readers:
        left, published = count, asyncio.Event()

        def observe(_: str, some: int) -> None:
            nonlocal left
            left -= some
            if not left:
                published.set()

        tail = Tail(ground.landlord.server.wake_ups)
        publisher = Publisher(log, access, tail, readers, poll=1.0, observe=observe)
        began = perf_counter()
        running = asyncio.create_task(publisher.run())
        async with asyncio.timeout(PATIENCE):
            await published.wait()
        taken = perf_counter() - began
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        tail.stop()
    if publisher.standing.sequence != count:
        raise RuntimeError(f"of {count} events {publisher.standing.sequence} are in the stream")
    return count / taken


async def _bare(access: Access, bodies: Sequence[tuple[str, bytes]]) -> float:
    """The client library alone: each message acknowledged by itself, in whatever order they come."""
    async with connected(access) as client:
        await start_over(client, access)
        stream = client.jetstream()
        await stream.add_stream(name=access.stream, subjects=[subjects_of(ELM)])
        began = perf_counter()
        for subject, body in bodies:
            await stream.publish_async(subject, body)
        async with asyncio.timeout(PATIENCE):
            await stream.publish_async_completed()
        return len(bodies) / (perf_counter() - began)


def _log(ground: Ground) -> PublicLog:
    return PublicLog(ground.recorder, ground.landlord.mapper, landlord_stream(ELM))


def _bodies(log: PublicLog, count: int) -> list[tuple[str, bytes]]:
    wanted = Wanted(landlord=ELM, subscriber="bench", topics=frozenset(Topic))
    found: list[tuple[str, bytes]] = []
    after = 0
    while len(found) < count:
        page = log.read(wanted, after, 1_000)
        found += [(subject_of(ELM, one.name), one.body) for one in page.told]
        after = page.upto
    return found
