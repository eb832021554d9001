"""The service's own broker: who may do what there, and that it is stopped, found again and started again."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import nats.errors
import psutil
import pytest
from nats.js import api
from nats.js.errors import BadRequestError, NotFoundError

from infrastructure.downstream.broker.accounts import Login
from infrastructure.downstream.broker.embedded import EmbeddedBroker, url_beside
from infrastructure.postgres.data_folder import FolderInUse
from tests.infrastructure.downstream.a_broker import PATIENCE, a_broker, a_client, done
from tests.infrastructure.downstream.a_publishing import until

if TYPE_CHECKING:
    from collections.abc import Iterator

STREAM = "EVENHAND_ELM"
SUBJECT = "evenhand.elm.restrictions.restriction-applied"


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    """A broker of two landlords, with a stream of each."""
    with a_broker("elm", "oak") as running:
        done(_with_streams(running))
        yield running


async def _with_streams(broker: EmbeddedBroker) -> None:
    for landlord in ("elm", "oak"):
        async with a_client(broker, broker.publisher(landlord)) as client:
            stream, subjects = f"EVENHAND_{landlord.upper()}", [f"evenhand.{landlord}.>"]
            await client.jetstream().add_stream(name=stream, subjects=subjects)
            await client.jetstream().publish(f"evenhand.{landlord}.safety.safety-flag-raised", b"{}")


async def _times_out(answer: object) -> bool:
    """What is forbidden is never answered: the server tells the client aside, and drops it."""
    with pytest.raises(nats.errors.TimeoutError):
        await answer  # type: ignore[misc]
    return True


def test_whoever_reads_may_consume_and_nothing_else(broker: EmbeddedBroker) -> None:
    async def tried() -> None:
        async with a_client(broker, broker.reader("elm")) as client:
            reading = client.jetstream(timeout=0.3)
            found = await reading.pull_subscribe("evenhand.elm.>", durable="phones", stream=STREAM)
            (message,) = await found.fetch(1, timeout=5)
            await message.ack_sync()
            assert await _times_out(reading.publish(SUBJECT, b"{}", timeout=0.3))
            assert await _times_out(reading.delete_stream(STREAM))
            assert await _times_out(reading.purge_stream(STREAM))
            assert await _times_out(reading.add_stream(name="OTHER", subjects=["other"]))

    done(tried())


def test_whoever_reads_cannot_have_the_server_delete_or_publish_for_it(broker: EmbeddedBroker) -> None:
    async def tried() -> None:
        async with a_client(broker, broker.reader("elm")) as client:
            reading = client.jetstream(timeout=5)
            before = (await reading.stream_info(STREAM)).state
            for number, verb in enumerate(("STREAM.DELETE", "STREAM.PURGE")):
                # A consumer that delivers its messages, without their bodies, to where the stream is deleted.
                trick = api.ConsumerConfig(
                    durable_name=f"trick-{number}",
                    deliver_subject=f"$JS.API.{verb}.{STREAM}",
                    headers_only=True,
                    ack_policy=api.AckPolicy.NONE,
                )
                await reading.add_consumer(STREAM, trick)
            with pytest.raises(BadRequestError, match="cycle"):
                await reading.add_consumer(STREAM, durable_name="echo", deliver_subject=SUBJECT)
            await client.flush()
            after = (await reading.stream_info(STREAM)).state
            assert (after.messages, after.last_seq) == (before.messages, before.last_seq)
            for number in range(2):
                await reading.delete_consumer(STREAM, f"trick-{number}")

    done(tried())


def test_whoever_reads_cannot_have_an_answer_written_into_the_stream(broker: EmbeddedBroker) -> None:
    async def tried() -> None:
        async with a_client(broker, broker.publisher("elm")) as owner:
            before = (await owner.jetstream().stream_info(STREAM)).state
            async with a_client(broker, broker.reader("elm")) as client:
                for target in (SUBJECT, f"$JS.API.STREAM.DELETE.{STREAM}", f"$JS.API.STREAM.PURGE.{STREAM}"):
                    # The server asks nobody whether the one who asks may publish to where the answer goes.
                    await client.publish(f"$JS.API.STREAM.INFO.{STREAM}", b"", reply=target)
                # Whoever is answered by now was answered after those.
                assert (await client.jetstream(timeout=5).stream_info(STREAM)).state.last_seq == before.last_seq
            after = (await owner.jetstream().stream_info(STREAM)).state
            assert (after.messages, after.last_seq) == (before.messages, before.last_seq)

    done(tried())


def test_nobody_sees_anything_of_another_landlord(broker: EmbeddedBroker) -> None:
    async def tried() -> None:
        for login in (broker.reader("oak"), broker.publisher("oak")):
            async with a_client(broker, login) as client:
                other = client.jetstream(timeout=0.3)
                assert await _times_out(other.stream_info(STREAM))
                assert await _times_out(other.publish(SUBJECT, b"{}", timeout=0.3))
        async with a_client(broker, broker.reader("oak")) as client:
            # What it may ask is answered about its own account alone.
            with pytest.raises(NotFoundError):
                await client.jetstream(timeout=5).find_stream_name_by_subject("evenhand.elm.>")

    done(tried())


@pytest.mark.parametrize("login", [Login("elm.reader", "guessed"), Login("", ""), Login("elm.publisher", "")])
def test_without_its_password_nobody_gets_in(broker: EmbeddedBroker, login: Login) -> None:
    async def tried() -> None:
        with pytest.raises(nats.errors.Error, match="Authorization Violation"):
            async with a_client(broker, login):
                pass

    done(tried())


def test_what_holds_passwords_is_closed_to_others(broker: EmbeddedBroker) -> None:
    files = [broker.own / "nats.conf", *(broker.own / "logins").iterdir()]
    assert len(files) == 5
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert broker.reader("elm").password not in repr(broker.reader("elm"))
    assert broker.reader("elm").password not in broker.log.read_text()


def test_a_landlord_that_comes_later_gets_an_account_and_nobody_is_disconnected(broker: EmbeddedBroker) -> None:
    async def tried() -> None:
        async with a_client(broker, broker.reader("elm")) as client:
            broker.admit(["ash"])
            login = broker.publisher("ash")
            for _ in range(200):
                try:
                    async with a_client(broker, login) as newcomer:
                        await newcomer.jetstream().add_stream(name="EVENHAND_ASH", subjects=["evenhand.ash.>"])
                    break
                except nats.errors.Error:  # the configuration has not been read yet
                    await asyncio.sleep(0.02)
            else:
                pytest.fail("the newcomer never got in")
            async with a_client(broker, broker.reader("ash")) as system:
                assert (await system.jetstream().stream_info("EVENHAND_ASH")).state.messages == 0
            assert client.is_connected
            assert (await client.jetstream().stream_info(STREAM)).state.messages == 1

    done(tried())


def test_a_second_broker_on_the_same_folder_is_refused(broker: EmbeddedBroker) -> None:
    with pytest.raises(FolderInUse, match="another folder"):
        EmbeddedBroker.start(broker.own.parent, 0)


def test_one_that_ends_by_itself_is_started_again_where_it_was_with_all_that_it_had() -> None:
    with a_broker("elm", "oak") as broker:
        done(_with_streams(broker))
        url, first = broker.url, broker.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        until(lambda: broker.pid != first)
        assert broker.url == url

        async def looked() -> int:
            async with a_client(broker, broker.reader("elm")) as client:
                return (await client.jetstream().stream_info(STREAM)).state.messages

        assert done(looked()) == 1


def test_one_that_outlived_its_service_is_stopped_by_the_next_start(data_folder: Path) -> None:
    service = subprocess.Popen([sys.executable, "-c", _A_SERVICE, str(data_folder)], stdout=subprocess.PIPE, text=True)
    try:
        assert service.stdout is not None
        left = int(service.stdout.readline())
        service.kill()
        service.wait(PATIENCE)
        assert psutil.pid_exists(left)
        with a_broker("elm", data=data_folder) as broker:
            assert broker.pid != left
            assert not _lives(left)
            assert url_beside(data_folder) == broker.url
    finally:
        service.kill()
        service.wait(PATIENCE)
        if service.stdout is not None:
            service.stdout.close()
    assert url_beside(data_folder) is None


_A_SERVICE = """
import sys, time
from pathlib import Path
from infrastructure.downstream.broker.embedded import EmbeddedBroker
broker = EmbeddedBroker.start(Path(sys.argv[1]), 0, ["elm"])
print(broker.pid, flush=True)
time.sleep(60)
"""


def _lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
