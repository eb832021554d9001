"""The roads by which a subscriber can be reached, each as a follower that takes down what it saw and when."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from time import sleep
from typing import TYPE_CHECKING, Final
from uuid import UUID

import nats
import psycopg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError
from psycopg.sql import SQL, Identifier

from application.streams import landlord_stream
from infrastructure.downstream.broker.accounts import READER, Logins
from infrastructure.downstream.broker.embedded import folder_of, url_beside
from infrastructure.downstream.broker.names import stream_of, subjects_of
from infrastructure.postgres.server import schema_of
from infrastructure.settings import EMBEDDED
from tests.benchmarks.bare_loop import LOOK_AGAIN, PATIENCE
from tests.benchmarks.feed_client import listen, poll, read_whole, see
from tests.benchmarks.http_load import Answer, Ask, answered, command, connected
from tests.benchmarks.receiver import Received, a_receiver
from tests.benchmarks.served import ADMINISTRATOR, LANDLORD, free_port

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.js import JetStreamContext

    from tests.benchmarks.served import Company

ROADS: Final = ("long_poll", "sse", "jetstream", "webhook")
ORIGIN: Final = "evenhand.example"
SUBSCRIBER: Final = "reader"
MANY: Final = 100_000  # messages that are asked for at once

# Takes down when it saw each position, and yields now and then, so that it can be told to stop; says when it follows.
Follower = Callable[[dict[int, float], Callable[[], object]], Iterator[None]]


def settings(road: str) -> dict[str, str]:
    """What a service is set to so that it can be followed by this road; the others are as they come."""
    if road == "jetstream":
        return {"EVENHAND_BROKER": EMBEDDED, "EVENHAND_BROKER_PORT": str(free_port())}
    if road == "webhook":
        return {"EVENHAND_WEBHOOKS_ALLOW": "127.0.0.1", "EVENHAND_WEBHOOKS_ORIGIN": ORIGIN}
    return {}


@contextmanager
def follower(road: str, company: Company, port: int, token: str) -> Iterator[Follower]:
    """A follower by this road, from the end of the log on."""
    if road in ("long_poll", "sse"):
        _, cursor = read_whole(port, token)
        yield partial(poll if road == "long_poll" else listen, port, token, cursor)
    elif road == "jetstream":
        yield partial(_consume, company)
    else:
        with a_receiver() as receiver, endpoints(company, port, receiver, ["/one"]):
            yield partial(_be_called, receiver)


@contextmanager
def endpoints(company: Company, port: int, receiver: Received, paths: Sequence[str]) -> Iterator[None]:
    """Endpoints at these paths of the receiver, which are told what happens from now on, and go in the end."""
    token = company.token(ADMINISTRATOR, "administer")
    made: list[str] = []
    try:
        for path in paths:
            url = f"http://127.0.0.1:{receiver.port}{path}"
            body = {"subscriber": SUBSCRIBER, "url": url, "why": "Measured."}
            answer = _answered(port, command("/v1/webhooks", token, body, f"{path} {receiver.port}"))
            made.append(json.loads(answer.body)["webhook"]["endpoint"])
        yield
    finally:
        for one in made:
            path = f"/v1/webhooks/{one}/delete"
            _answered(port, command(path, token, {"why": "Measured."}, f"delete {one}", 200))


def _answered(port: int, ask: Ask) -> Answer:
    """Over a connection of its own: one that rests is closed by the service."""
    with closing(connected(port)) as connection:
        return answered(connection, ask)


def _be_called(receiver: Received, seen: dict[int, float], ready: Callable[[], object]) -> Iterator[None]:
    receiver.seen[b"/one"] = seen
    ready()
    while True:
        sleep(LOOK_AGAIN)
        yield


def _consume(company: Company, seen: dict[int, float], ready: Callable[[], object]) -> Iterator[None]:
    """The landlord's stream, as messages come to it: of one standing request, as clients have that consume."""

    async def heard(message: Msg) -> None:
        see(message.data, seen)

    with asyncio.Runner() as runner:
        client = runner.run(_stream(company, heard))
        ready()
        try:
            while True:
                runner.run(asyncio.sleep(LOOK_AGAIN))
                yield
        finally:
            runner.run(client.close())


async def _stream(company: Company, heard: Callable[[Msg], Awaitable[None]]) -> Client:
    """A connection to the broker over which everything comes that is added to the stream from now on.

    It is made once everything before is in the stream.
    """
    reader = Logins(folder_of(company.folder) / "logins").of(LANDLORD, READER)
    client = await nats.connect(str(url_beside(company.folder)), user=reader.user, password=reader.password)
    stream = client.jetstream()
    events = await asyncio.to_thread(_events, company.dsn)
    async with asyncio.timeout(PATIENCE):
        while await _messages(stream) < events:  # noqa: ASYNC110 - the broker is another process
            await asyncio.sleep(LOOK_AGAIN)
    # In order, and nothing is acknowledged: the reader keeps its place itself.
    wanted = ConsumerConfig(deliver_policy=DeliverPolicy.NEW, ack_policy=AckPolicy.NONE)
    consumer = (await stream.add_consumer(stream_of(LANDLORD), wanted, filter_subject=subjects_of(LANDLORD))).name
    inbox = client.new_inbox()
    await client.subscribe(inbox, cb=heard)
    request = json.dumps({"batch": MANY, "expires": int(PATIENCE * 1e9)}).encode()
    await client.publish(f"$JS.API.CONSUMER.MSG.NEXT.{stream_of(LANDLORD)}.{consumer}", request, reply=inbox)
    await client.flush()
    return client


async def _messages(stream: JetStreamContext) -> int:
    try:
        return (await stream.stream_info(stream_of(LANDLORD))).state.messages
    except NotFoundError:
        return 0


def _events(dsn: str) -> int:
    """How many public events there are: all but those of the landlord's own stream."""
    count = SQL("SELECT count(*) FROM {}.event WHERE stream <> %s").format(Identifier(schema_of(LANDLORD)))
    with psycopg.connect(dsn) as conn:
        [(found,)] = conn.execute(count, [UUID(landlord_stream(LANDLORD))]).fetchall()
        return int(found)
