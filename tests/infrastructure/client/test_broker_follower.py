"""Whoever follows a landlord's stream at the broker has every message once and in order, wherever either side ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event

import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import TimeoutError as NothingInTime
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from infrastructure.client import Batch, Follower, SqliteStore
from infrastructure.client.broker import follow
from infrastructure.downstream.broker.embedded import EmbeddedBroker
from infrastructure.downstream.broker.names import stream_of, subjects_of
from tests.infrastructure.client.a_service import ADouble, a_state, an_event, breaks
from tests.infrastructure.downstream.a_broker import PATIENCE, a_broker, a_client, done

ELM = "elm"
SUBJECT = f"evenhand.{ELM}.restrictions.restriction-varied"


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
    await follow(client.jetstream(), stream_of(ELM), subjects_of(ELM), follower, over)


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


def test_a_stream_that_is_started_over_while_it_is_read_is_followed_anew(
    broker: EmbeddedBroker, tmp_path: Path
) -> None:
    heard: list[int] = []
    double = ADouble()
    store = SqliteStore(tmp_path / "anew.db")
    both = Event()

    def told(batch: Batch) -> None:
        heard.extend(event.version for event in batch.events)
        if heard == [1, 2]:
            both.set()

    follower = Follower(double.service(), store, told, states=False)

    async def followed() -> None:
        await empty(broker)
        await publish(broker, 1, 2)
        async with a_client(broker, broker.reader(ELM)) as client:
            following = asyncio.create_task(_follow(client, follower, lambda: heard == [1, 2, 1]))
            await asyncio.to_thread(both.wait, PATIENCE)
            await empty(broker)
            await asyncio.sleep(0.3)  # for a while there is none
            await publish(broker, 1)
            await following

    done(followed())
    assert heard == [1, 2, 1]
    store.close()


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
