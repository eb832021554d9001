"""How fast a log is published to JetStream, beside a bare loop that publishes the same bodies, and a follower there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import nats.errors
from nats.js import api

from application.streams import landlord_stream
from domain.codes import Topic
from infrastructure.downstream.broker.connecting import Access
from infrastructure.downstream.broker.names import POSITION, stream_of, subject_of, subjects_of
from infrastructure.downstream.broker.publishing import Publisher
from infrastructure.downstream.broker.stream import start_over
from infrastructure.downstream.public_log import PublicLog
from infrastructure.downstream.wanted import Wanted
from infrastructure.postgres.server import schema_of
from tests.benchmarks.bulk import fill
from tests.benchmarks.figures import Figure, alone, beside, in_turn
from tests.benchmarks.ground import as_served
from tests.infrastructure.a_landlord import ELM
from tests.infrastructure.downstream.a_broker import a_broker, a_client

if TYPE_CHECKING:
    from pathlib import Path

    from nats.aio.client import Client

    from domain.events import Event
    from infrastructure.downstream.broker.accounts import Login
    from infrastructure.downstream.broker.embedded import EmbeddedBroker
    from tests.benchmarks.ground import Ground

PATIENCE: Final = 300.0  # seconds
LOOK_AGAIN: Final = 0.005  # seconds
WAIT: Final = 1.0  # seconds that a follower waits for a message


def publish_jetstream_figures(ground: Ground, histories: Sequence[Sequence[Event]], *, quick: bool) -> Iterator[Figure]:
    """Events a second from a log to a stream on this machine, reading the log included; and beside the bare loop."""
    count = 2_000 if quick else 100_000
    with ground.connect() as conn:
        fill(conn, schema_of(ELM), ground.landlord.mapper, histories, count)
    log = PublicLog(ground.recorder, ground.landlord.mapper, landlord_stream(ELM))
    bodies = _bodies(log)
    with a_broker(ELM) as broker:
        rounds = in_turn(
            lambda: asyncio.run(_published(log, broker, len(bodies))), lambda: asyncio.run(_bare(broker, bodies))
        )
    size = f"{len(bodies)} events, each once and in order, from the log to a stream"
    yield alone("publish_jetstream_per_s", [ours for ours, _ in rounds], "/s", size=size, limit="a rate, beside nobody")
    peer = "publish_async of nats-py with equal bodies, in any order, and nothing read"
    yield beside("publish_jetstream_vs_bare", rounds, "/s", peer=peer, size=size)


def _bodies(log: PublicLog) -> list[tuple[str, bytes]]:
    wanted = Wanted(landlord=ELM, subscriber="bench", topics=frozenset(Topic))
    found: list[tuple[str, bytes]] = []
    after, head = 0, log.head()
    while after < head:
        page = log.read(wanted, after, 1_000)
        found += [(subject_of(ELM, one.name), one.body) for one in page.told]
        after = page.upto
    return found


async def _published(log: PublicLog, broker: EmbeddedBroker, count: int) -> float:
    """Events a second, from nothing until the last one is stored."""
    access = Access(landlord=ELM, servers=(broker.url,), login=broker.publisher(ELM))
    await _emptied(broker)
    with as_served(), ThreadPoolExecutor(1) as readers:
        publisher = Publisher(log, access, readers, poll=WAIT)
        began = perf_counter()
        publishing = asyncio.create_task(publisher.run())
        while publisher.standing.sequence < count:
            if perf_counter() > began + PATIENCE or publisher.standing.is_in_trouble:
                raise RuntimeError(f"not everything was published: {publisher.standing}")
            await asyncio.sleep(LOOK_AGAIN)
        taken = perf_counter() - began
        publishing.cancel()
        await asyncio.gather(publishing, return_exceptions=True)
    return count / taken


async def _bare(broker: EmbeddedBroker, bodies: Sequence[tuple[str, bytes]]) -> float:
    await _emptied(broker)
    async with a_client(broker, broker.publisher(ELM)) as client:
        stream = client.jetstream()
        await stream.add_stream(name=stream_of(ELM), subjects=[subjects_of(ELM)])
        began = perf_counter()
        for subject, body in bodies:
            await stream.publish_async(subject, body)
        await stream.publish_async_completed()
        return len(bodies) / (perf_counter() - began)


async def _emptied(broker: EmbeddedBroker) -> None:
    access = Access(landlord=ELM, servers=(broker.url,), login=broker.publisher(ELM))
    async with a_client(broker, access.login) as client:
        await start_over(client, access)


# A follower at the broker, for whoever measures how long an event is under way


@contextmanager
def a_broker_of(landlord: str, folder: Path) -> Iterator[tuple[dict[str, str], str, Login]]:
    """A broker beside the service: what its environment says of it, the address, and who reads there."""
    with a_broker(landlord) as broker:
        file = folder / "broker.toml"
        password = broker.logins.file(landlord, "publisher")
        user = broker.publisher(landlord).user
        told = {"servers": [broker.url], "user": user, "password_file": str(password)}
        file.write_text(
            f"servers = {json.dumps(told['servers'])}\n[landlords.{landlord}]\n"
            f"user = {json.dumps(told['user'])}\npassword_file = {json.dumps(told['password_file'])}\n"
        )
        yield {"EVENHAND_BROKER": str(file)}, broker.url, broker.reader(landlord)


def follow_jetstream(
    landlord: str, url: str, login: Login, seen: dict[int, float], ready: Callable[[], object]
) -> Iterator[None]:
    """Is sent what comes from now on, and takes down when each position was seen; yields after each."""
    loop = asyncio.new_event_loop()
    client = loop.run_until_complete(nats.connect(url, user=login.user, password=login.password))
    try:
        take = loop.run_until_complete(_subscribed(client, landlord, seen))
        ready()
        while True:
            loop.run_until_complete(take())
            yield
    finally:
        loop.run_until_complete(client.close())
        left = asyncio.all_tasks(loop)  # those of the client that watch over the subscription
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.close()


async def _subscribed(client: Client, landlord: str, seen: dict[int, float]) -> Callable[[], Coroutine[Any, Any, None]]:
    stream = client.jetstream()
    while True:
        with suppress(nats.errors.Error):
            await stream.stream_info(stream_of(landlord))  # the service has made it
            break
        await asyncio.sleep(LOOK_AGAIN)
    subscription = await stream.subscribe(
        subjects_of(landlord),
        stream=stream_of(landlord),
        ordered_consumer=True,
        deliver_policy=api.DeliverPolicy.NEW,
    )

    async def take() -> None:
        with suppress(nats.errors.TimeoutError):
            message = await subscription.next_msg(WAIT)
            seen.setdefault(int((message.headers or {})[POSITION]), perf_counter())

    return take
