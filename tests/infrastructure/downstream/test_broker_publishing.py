"""Every event of the log is in the stream once, in order, whatever is killed or restored meanwhile."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psycopg
import pytest
from nats.js import api

from infrastructure.downstream.broker.accounts import Login
from infrastructure.downstream.broker.connecting import Access, SteppedDown
from infrastructure.downstream.broker.names import MARK, POSITION, subject_of
from infrastructure.downstream.broker.room import BrokerRoom
from infrastructure.downstream.broker.stream import Pipeline, last_of, start_over
from infrastructure.postgres.server import PostgresServer
from tests.infrastructure.downstream.a_broker import a_broker, a_client, done
from tests.infrastructure.downstream.a_made_up_log import MadeUpLog
from tests.infrastructure.downstream.a_publishing import (
    SCHEMA,
    STREAM,
    access_to,
    ids,
    publishing,
    stored,
    until,
    wait_for,
    wait_until_it_is,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nats.aio.client import Client

    from infrastructure.downstream.broker.embedded import EmbeddedBroker


@pytest.fixture
def broker() -> Iterator[EmbeddedBroker]:
    """A broker of one landlord, with no stream yet."""
    with a_broker("elm") as running:
        yield running


def test_everything_is_published_once_in_order_and_says_where_it_stood(database: str, broker: EmbeddedBroker) -> None:
    log = MadeUpLog(3005)
    with publishing(database, broker, log) as room:
        wait_for(room, 3005)
        log.length = 3007
        wait_for(room, 3007)
    found = stored(broker)
    assert [(message.headers or {})["Nats-Msg-Id"] for message in found] == log.ids()
    headers = found[-1].headers or {}
    assert headers["content-type"] == "application/cloudevents+json"
    assert (headers[POSITION], headers[MARK]) == ("3007", (log.mark(3007) or b"").hex())
    told = log.told(3007)
    assert (found[-1].subject, found[-1].data) == (subject_of("elm", told.name), told.body)
    assert found[0].metadata.sequence.stream == 1


def test_positions_at_the_end_that_tell_nothing_are_passed_over(database: str, broker: EmbeddedBroker) -> None:
    log = MadeUpLog(10)
    with publishing(database, broker, log) as room:
        wait_for(room, 10)
    log.length = 21
    with publishing(database, broker, log) as room:
        wait_for(room, 21)
    assert ids(broker) == log.ids()


def test_a_publisher_killed_at_any_moment_leaves_no_gap_and_doubles_nothing(
    database: str, broker: EmbeddedBroker
) -> None:
    chance = random.Random(20261122)  # noqa: S311 - moments, not secrets
    log = MadeUpLog(40_000)
    password = broker.logins.file("elm", "publisher")
    asked = [sys.executable, "-m", "tests.infrastructure.downstream.doomed_publisher"]
    for _ in range(5):
        doomed = subprocess.Popen(
            [*asked, database, broker.url, str(password), "40000"], stdout=subprocess.PIPE, text=True
        )
        with doomed:
            assert doomed.stdout is not None
            assert doomed.stdout.readline() == "started\n"
            time.sleep(chance.uniform(0.05, 0.5))
            doomed.kill()
    with publishing(database, broker, log) as room:
        wait_for(room, 40_000)
    assert ids(broker) == log.ids()


def test_a_server_killed_at_any_moment_is_published_to_again_where_it_stopped(
    database: str, broker: EmbeddedBroker
) -> None:
    chance = random.Random(4711)  # noqa: S311 - likewise
    log = MadeUpLog(40_000)
    with publishing(database, broker, log) as room:
        for _ in range(4):
            time.sleep(chance.uniform(0.05, 0.3))
            running = broker.pid
            assert running is not None
            os.kill(running, signal.SIGKILL)
            until(lambda running=running: broker.pid != running)  # type: ignore[misc]
        wait_for(room, 40_000)
    assert ids(broker) == log.ids()


def test_two_who_lead_at_once_store_each_event_once(database: str, broker: EmbeddedBroker) -> None:
    # Locks of two databases know nothing of each other: each of these believes that it leads alone.
    log = MadeUpLog(20_000)
    with (
        PostgresServer(database) as first_server,
        PostgresServer(database) as second_server,
    ):
        rooms = [
            BrokerRoom(server, {schema: (log, access_to(broker))}, poll=0.05)
            for server, schema in ((first_server, "landlord_elm"), (second_server, "landlord_elm_elsewhere"))
        ]
        for room in rooms:
            room.start()
        until(lambda: any(room.standings()["elm"].position >= 20_000 for room in rooms))
        for room in rooms:
            room.stop()
        first_server.close()
        second_server.close()
    assert ids(broker) == log.ids()


def test_a_second_process_waits_and_takes_over(database: str, broker: EmbeddedBroker) -> None:
    log = MadeUpLog(100)
    with publishing(database, broker, log) as first:
        wait_for(first, 100)
        with publishing(database, broker, log) as second:
            assert second.standings()["elm"].state == "standby"
            first.stop()
            log.length = 200
            wait_for(second, 200)
    assert ids(broker) == log.ids()


def test_a_stale_leader_is_refused_by_the_server_and_steps_down(broker: EmbeddedBroker) -> None:
    log, other = MadeUpLog(30), MadeUpLog(30, story="restored")

    async def tried() -> None:
        access = access_to(broker)
        async with a_client(broker, access.login) as stale, a_client(broker, access.login) as fresh:
            old = await _pipeline(stale, access)
            await old.send([log.told(1), log.told(2)])
            await old.settle()
            new = await _pipeline(fresh, access)
            await new.send([other.told(3)])
            await new.settle()
            # The first of these is refused, and the others fit behind nothing that the stream holds.
            await old.send([log.told(position) for position in range(3, 9)])
            with pytest.raises(SteppedDown):
                await old.settle()

    done(tried())
    assert ids(broker) == [log.told(1).event_id, log.told(2).event_id, other.told(3).event_id]


async def _pipeline(client: Client, access: Access) -> Pipeline:
    pipeline = Pipeline(client, access, (await last_of(client, access)).sequence)
    await pipeline.open()
    return pipeline


@pytest.mark.parametrize(
    ("restored", "says"),
    [
        (MadeUpLog(250), "has not reached"),
        (MadeUpLog(400, story="restored", parts_at=200), "other events than the log"),
    ],
    ids=["ahead", "unequal"],
)
def test_a_restored_log_is_noticed_and_published_once_the_stream_is_started_over(
    database: str, broker: EmbeddedBroker, restored: MadeUpLog, says: str
) -> None:
    with publishing(database, broker, MadeUpLog(299)) as room:
        wait_for(room, 299)
    before = ids(broker)
    with publishing(database, broker, restored) as room:
        wait_until_it_is(room, "diverged")
        detail = room.standings()["elm"].detail or ""
        assert says in detail
        assert "evenhand broker start-over elm" in detail
        assert ids(broker) == before
        done(_start_over(broker))
        wait_for(room, restored.length)
    assert ids(broker) == restored.ids()


async def _start_over(broker: EmbeddedBroker) -> None:
    access = access_to(broker)
    async with a_client(broker, access.login) as client:
        assert await start_over(client, access)


@pytest.mark.parametrize("length", [60, 120], ids=["shorter", "longer"])
def test_a_log_restored_while_it_is_followed_is_noticed_before_anything_of_it_is_published(
    database: str, broker: EmbeddedBroker, length: int
) -> None:
    log = MadeUpLog(99)
    with publishing(database, broker, log, poll=60) as room, PostgresServer(database) as elsewhere:
        wait_for(room, 99)
        log.story, log.length = "restored", length
        elsewhere.wake_ups.ring(SCHEMA)
        wait_until_it_is(room, "diverged")
        elsewhere.close()
    assert ids(broker) == MadeUpLog(99).ids()


def test_a_restored_log_in_which_nothing_happens_is_noticed_too(database: str, broker: EmbeddedBroker) -> None:
    log = MadeUpLog(99)
    with publishing(database, broker, log) as room:
        wait_for(room, 99)
        log.story = "restored"
        wait_until_it_is(room, "diverged")


def test_an_emptied_stream_is_noticed(database: str, broker: EmbeddedBroker) -> None:
    log = MadeUpLog(50)

    async def emptied() -> None:
        # Ours refuses to be emptied; an operator's own, made before, may not.
        access = access_to(broker)
        async with a_client(broker, access.login) as client:
            stream = client.jetstream()
            await stream.add_stream(name=STREAM, subjects=["evenhand.elm.>"], max_age=1)
            await stream.publish("evenhand.elm.safety.x", b"{}")

    done(emptied())
    until(lambda: _count(broker) == 0)
    with publishing(database, broker, log) as room:
        wait_until_it_is(room, "diverged")
        assert "emptied" in (room.standings()["elm"].detail or "")


def _count(broker: EmbeddedBroker) -> int:
    async def counted() -> int:
        async with a_client(broker, broker.reader("elm")) as client:
            return (await client.jetstream().stream_info(STREAM)).state.messages

    return done(counted())


def test_a_stream_that_holds_what_we_never_published_is_left_alone(database: str, broker: EmbeddedBroker) -> None:
    async def written() -> None:
        async with a_client(broker, broker.publisher("elm")) as client:
            await client.jetstream().add_stream(name=STREAM, subjects=["evenhand.elm.>"])
            await client.jetstream().publish("evenhand.elm.safety.x", b"hello")

    done(written())
    with publishing(database, broker, MadeUpLog(50)) as room:
        wait_until_it_is(room, "diverged")
    assert _count(broker) == 1


def test_an_outage_is_waited_for_and_made_up(database: str) -> None:
    log = MadeUpLog(100)
    with a_broker("elm") as broker:
        os.kill(broker.pid or 0, signal.SIGSTOP)  # it hangs, which is worse than being gone
        try:
            with publishing(database, broker, log) as room:
                wait_until_it_is(room, "unreachable")
                log.length = 5000
                os.kill(broker.pid or 0, signal.SIGCONT)
                wait_for(room, 5000)
        finally:
            os.kill(broker.pid or 0, signal.SIGCONT)
        assert ids(broker) == log.ids()


def test_a_stream_that_is_full_is_told_and_holds_no_event_out_of_order(database: str, broker: EmbeddedBroker) -> None:
    log = MadeUpLog(500)

    async def made() -> None:
        async with a_client(broker, broker.publisher("elm")) as client:
            await client.jetstream().add_stream(
                name=STREAM, subjects=["evenhand.elm.>"], max_msgs=100, discard=api.DiscardPolicy.NEW
            )

    done(made())
    with publishing(database, broker, log) as room:
        wait_until_it_is(room, "unreachable")
        assert "did not store an event (error 10077)" in (room.standings()["elm"].detail or "")
    assert ids(broker) == log.ids()[:100]


def test_who_loses_its_connection_to_the_database_leads_again_and_doubles_nothing(
    database: str, broker: EmbeddedBroker
) -> None:
    log = MadeUpLog(30_000)
    with publishing(database, broker, log) as room, psycopg.connect(database, autocommit=True) as conn:
        for position in (1, 10_000, 20_000):
            until(lambda position=position: room.standings()["elm"].position >= position)  # type: ignore[misc]
            conn.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'evenhand broker' AND datname = current_database()"
            )
        wait_for(room, 30_000)
        log.length = 30_100
        wait_for(room, 30_100)
    assert ids(broker) == log.ids()


def test_a_password_that_is_not_taken_is_told(database: str, broker: EmbeddedBroker) -> None:
    wrong = Access(landlord="elm", servers=(broker.url,), login=Login("elm.publisher", "wrong"))
    with publishing(database, broker, MadeUpLog(5), wrong) as room:
        wait_until_it_is(room, "refused")
        assert "wrong" not in (room.standings()["elm"].detail or "")


def test_those_who_read_as_a_group_share_the_work(database: str, broker: EmbeddedBroker) -> None:
    log = MadeUpLog(300)
    with publishing(database, broker, log) as room:
        wait_for(room, 300)

    async def shared() -> list[list[str]]:
        async def work(done_by: list[str], client: Client) -> None:
            pulling = await client.jetstream().pull_subscribe("evenhand.elm.>", durable="repairs", stream=STREAM)
            while len(first) + len(second) < len(log.ids()):
                try:
                    messages = await pulling.fetch(10, timeout=1)
                except TimeoutError:
                    continue
                for message in messages:
                    done_by.append((message.headers or {})["Nats-Msg-Id"])
                    await message.ack()
                await asyncio.sleep(0.01)

        first: list[str] = []
        second: list[str] = []
        async with (
            a_client(broker, broker.reader("elm")) as one,
            a_client(broker, broker.reader("elm")) as another,
        ):
            await asyncio.gather(work(first, one), work(second, another))
        return [first, second]

    first, second = done(shared())
    assert first
    assert second
    assert sorted(first + second) == sorted(log.ids())
