"""Whoever publishes a made-up log to a real broker, and what is in the stream then."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nats.js import api

from infrastructure.downstream.broker.connecting import Access
from infrastructure.downstream.broker.room import BrokerRoom
from infrastructure.postgres.server import PostgresServer
from tests.infrastructure.downstream.a_broker import PATIENCE, a_client, done
from tests.infrastructure.downstream.a_made_up_log import MadeUpLog

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nats.aio.msg import Msg

    from infrastructure.downstream.broker.embedded import EmbeddedBroker

STREAM = "EVENHAND_ELM"
SCHEMA = "landlord_elm"


def access_to(broker: EmbeddedBroker) -> Access:
    """How the landlord's stream is published to."""
    return Access(landlord="elm", servers=(broker.url,), login=broker.publisher("elm"))


@contextmanager
def publishing(
    dsn: str, broker: EmbeddedBroker, log: MadeUpLog, access: Access | None = None, poll: float = 0.05
) -> Iterator[BrokerRoom]:
    """Whoever publishes a made-up log, with locks in this database, until the block ends."""
    with PostgresServer(dsn) as server:
        room = BrokerRoom(server, {SCHEMA: (log, access or access_to(broker))}, poll=poll)
        room.start()
        try:
            yield room
        finally:
            room.stop()
            server.close()


def stored(broker: EmbeddedBroker) -> list[Msg]:
    """Every message of the stream, as somebody who may only read finds it."""

    async def read() -> list[Msg]:
        async with a_client(broker, broker.reader("elm")) as client:
            reading = client.jetstream(timeout=5)
            count = (await reading.stream_info(STREAM)).state.messages
            found: list[Msg] = []
            subscribed = await reading.pull_subscribe(
                "evenhand.elm.>", stream=STREAM, config=api.ConsumerConfig(ack_policy=api.AckPolicy.NONE)
            )
            while len(found) < count:
                found += await subscribed.fetch(min(1000, count - len(found)), timeout=5)
            return found

    return done(read())


def ids(broker: EmbeddedBroker) -> list[str]:
    """The ids of all events in the stream, in its order."""
    return [(message.headers or {})["Nats-Msg-Id"] for message in stored(broker)]


def wait_for(room: BrokerRoom, position: int) -> None:
    """Until everything up to a position is published."""
    until(lambda: room.standings()["elm"].position >= position and room.standings()["elm"].state == "publishing")


def wait_until_it_is(room: BrokerRoom, state: str) -> None:
    """Until the stream is in a state."""
    until(lambda: room.standings()["elm"].state == state)


def until(holds: Callable[[], bool]) -> None:
    """Wait for something, within a bounded time."""
    ends = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < ends, "it did not come about in time"
        time.sleep(0.02)
