"""Whoever follows a landlord's stream at the broker has every message once and in order, wherever either side ends."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import TimeoutError as NothingInTime
from nats.js import JetStreamContext
from nats.js.api import ConsumerInfo
from nats.js.errors import NotFoundError

from infrastructure.client import Batch, Follower, SqliteStore
from infrastructure.client import broker as client_of_the_broker
from infrastructure.client.broker import follow
from infrastructure.downstream.broker.embedded import EmbeddedBroker
from infrastructure.downstream.broker.names import stream_of, subjects_of
from tests.infrastructure.client.a_service import ADouble, a_state, an_event, breaks
from tests.infrastructure.downstream.a_broker import PATIENCE, a_broker, a_client, done
from tests.infrastructure.downstream.a_publishing import until

ELM = "elm"
SUBJECT = f"evenhand.{ELM}.restrictions.restriction-varied"
ANSWERED_WITHIN = 1.0  # seconds

Trouble = Callable[[EmbeddedBroker], Awaitable[None]]


class Killed(Exception):
    """The follower's process ends here."""


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    """A real one."""
    with a_broker(ELM) as running:
        yield running


async def publish(broker: EmbeddedBroker, *versions: int) -> None:
    """Tell of these versions of a case; the stream is made if it is not there."""
    async with a_client(broker, broker.publisher(ELM)) as client:
        stream = client.jetstream()
        await stream.add_stream(name=stream_of(ELM), subjects=[subjects_of(ELM)])
        for version in versions:
            await stream.publish(SUBJECT, json.dumps(an_event("a", version, sequence=version)).encode())


async def empty(broker: EmbeddedBroker) -> None:
    """Take the stream away."""
    async with a_client(broker, broker.publisher(ELM)) as client:
        with suppress(NotFoundError):
            await client.jetstream().delete_stream(stream_of(ELM))


def read(broker: EmbeddedBroker, follower: Follower, over: Callable[[], bool]) -> None:
    """Follow as the landlord's reader until it is over."""

    async def reading() -> None:
        async with a_client(broker, broker.reader(ELM)) as client:
            await _follow(client, follower, over)

    done(reading())


async def _follow(client: Client, follower: Follower, over: Callable[[], bool]) -> None:
    await follow(client.jetstream(timeout=ANSWERED_WITHIN), stream_of(ELM), subjects_of(ELM), follower, over)


def test_it_goes_on_from_its_own_place_after_every_end_and_anew_with_a_new_stream(
    broker: EmbeddedBroker, tmp_path: Path
) -> None:
    heard: list[int] = []
    ends: list[type[Exception] | None] = []

    def told(batch: Batch) -> None:
        if ends and (end := ends.pop(0)) is not None:
            raise end
        heard.extend(event.version for event in batch.events)

    double = ADouble()
    store = SqliteStore(tmp_path / "place.db")

    def goes_on(upto: int, *with_ends: type[Exception] | None) -> None:
        ends[:] = with_ends
        read(broker, Follower(double.service(), store, told, states=False), lambda: len(heard) >= upto)

    done(publish(broker, 1, 2, 3))
    with pytest.raises(Killed):
        goes_on(3, Killed)  # before anything was kept
    assert heard == []
    goes_on(3)
    done(publish(broker, 4, 5))
    with pytest.raises(Killed):
        goes_on(5, Killed)
    done(publish(broker, 6))
    goes_on(6)
    assert heard == [1, 2, 3, 4, 5, 6]

    done(empty(broker))
    done(publish(broker, 1, 2))
    goes_on(8)
    assert heard[6:] == [1, 2]
    assert [(int(said["sequence"]), said.get("restarted", False)) for said in double.receipts][-1] == (2, True)
    store.close()


async def drop_the_consumer(broker: EmbeddedBroker) -> None:
    """Somebody who reads as the same user deletes it; the stream is as it was, with one message more."""
    async with a_client(broker, broker.reader(ELM)) as client:
        for consumer in await _consumers(client):
            await client.jetstream().delete_consumer(stream_of(ELM), consumer.name)
    await publish(broker, 3)


async def leave_it_alone_for_long(broker: EmbeddedBroker) -> None:
    """The broker itself drops a consumer of which nobody asks anything."""
    async with a_client(broker, broker.reader(ELM)) as client:
        while await _consumers(client):  # noqa: ASYNC110 - the broker is another process
            await asyncio.sleep(0.05)
    await publish(broker, 3)


async def take_its_message(broker: EmbeddedBroker) -> None:
    """The next message goes to where it is lost, as one does that is sent when the connection breaks."""
    await publish(broker, 3)
    async with a_client(broker, broker.reader(ELM)) as client:
        (consumer,) = await _consumers(client)
        other = await client.jetstream().pull_subscribe_bind(consumer.name, stream=stream_of(ELM))
        assert len(await other.fetch(1, timeout=PATIENCE)) == 1


async def start_over(broker: EmbeddedBroker) -> None:
    """For a while there is no stream, then a new one."""
    await empty(broker)
    await asyncio.sleep(0.3)
    await publish(broker, 1)


async def empty_the_server(broker: EmbeddedBroker) -> None:
    """The server is killed, and comes back with an empty folder."""
    killed = broker.pid
    assert killed is not None
    shutil.move(broker.own / "messages" / "jetstream", broker.own / f"gone-{killed}")
    os.kill(killed, signal.SIGKILL)
    await asyncio.to_thread(until, lambda: broker.pid != killed)
    await publish(broker, 1)


async def halt_the_server(broker: EmbeddedBroker) -> None:
    """For longer than any question waits nobody answers; then everything is as it was."""
    assert broker.pid is not None
    os.kill(broker.pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(2)
    finally:
        os.kill(broker.pid, signal.SIGCONT)
    await publish(broker, 3)


async def _consumers(client: Client) -> list[ConsumerInfo]:
    return await client.jetstream().consumers_info(stream_of(ELM))


async def waiting(broker: EmbeddedBroker) -> None:
    """Until the follower has asked for messages and none came."""
    async with a_client(broker, broker.reader(ELM)) as client:
        while not any(one.num_waiting for one in await _consumers(client)):  # noqa: ASYNC110 - likewise
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("trouble", "then"), [(drop_the_consumer, 3), (start_over, 1), (empty_the_server, 1), (halt_the_server, 3)]
)
def test_whatever_becomes_of_its_consumer_while_it_waits_it_goes_on(
    broker: EmbeddedBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Trouble, then: int
) -> None:
    assert troubled(broker, tmp_path, monkeypatch, trouble, asleep=False) == [1, 2, then]


@pytest.mark.parametrize(
    ("trouble", "then"),
    [
        (drop_the_consumer, 3),
        (leave_it_alone_for_long, 3),
        (take_its_message, 3),
        (start_over, 1),
        (empty_the_server, 1),
    ],
)
def test_whatever_becomes_of_its_consumer_while_it_asks_nothing_it_goes_on(
    broker: EmbeddedBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Trouble, then: int
) -> None:
    assert troubled(broker, tmp_path, monkeypatch, trouble, asleep=True) == [1, 2, then]


def troubled(
    broker: EmbeddedBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trouble: Trouble, *, asleep: bool
) -> list[int]:
    """What a follower hears that has two messages when the trouble comes, and one more after it, and no other."""
    monkeypatch.setattr(client_of_the_broker, "PATIENCE", 0.5)
    if trouble is leave_it_alone_for_long:
        monkeypatch.setattr(client_of_the_broker, "FORGOTTEN_AFTER", 0.5)
    heard: list[int] = []
    both, over = Event(), Event()

    def told(batch: Batch) -> None:
        heard.extend(event.version for event in batch.events)
        if heard == [1, 2]:
            both.set()
            assert not asleep or over.wait(PATIENCE)

    store = SqliteStore(tmp_path / "trouble.db")
    follower = Follower(ADouble().service(), store, told, states=False)

    async def followed() -> None:
        await empty(broker)
        await publish(broker, 1, 2)
        async with a_client(broker, broker.reader(ELM), comes_back=True) as client:
            following = asyncio.create_task(_follow(client, follower, lambda: len(heard) > 2))
            assert await asyncio.to_thread(both.wait, PATIENCE)
            if not asleep:
                await waiting(broker)
            await trouble(broker)
            over.set()
            await following

    done(followed())
    store.close()
    return heard


def test_while_the_service_is_away_nothing_of_the_stream_is_lost(broker: EmbeddedBroker, tmp_path: Path) -> None:
    heard: list[int] = []
    double = ADouble()
    store = SqliteStore(tmp_path / "states.db")
    done(empty(broker))
    double.states["a"] = a_state("a", 2)
    done(publish(broker, 1, 2))  # the snapshot has these in it
    follower = Follower(
        double.service(patience=0), store, lambda batch: heard.extend(event.version for event in batch.events)
    )
    read(broker, follower, lambda: follower.place.whole)

    double.next_answers = [breaks, breaks]
    done(publish(broker, 3, 4))
    read(broker, follower, lambda: heard[-1:] == [4])
    assert heard == [3, 4]
    store.close()


@pytest.mark.parametrize("raised", [TimeoutError, NothingInTime])
def test_that_nothing_came_ends_no_follower_whichever_way_the_library_says_so(
    broker: EmbeddedBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: type[Exception]
) -> None:
    fetch = JetStreamContext.PullSubscription.fetch
    silences = [raised, raised]

    async def at_first_nothing(pulled: JetStreamContext.PullSubscription, batch: int, **within: float) -> list[Msg]:
        if silences:
            raise silences.pop()
        return await fetch(pulled, batch, **within)

    heard: list[int] = []
    store = SqliteStore(tmp_path / "place.db")
    follower = Follower(
        ADouble().service(),
        store,
        lambda batch: heard.extend(event.version for event in batch.events),
        states=False,
    )
    done(publish(broker))
    done(empty(broker))
    done(publish(broker, 1))
    monkeypatch.setattr(JetStreamContext.PullSubscription, "fetch", at_first_nothing)
    read(broker, follower, lambda: heard == [1])
    assert heard == [1]
    store.close()
