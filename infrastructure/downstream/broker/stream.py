"""A landlord's stream: made once, added to at its end alone, and what its own last message says of the log."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Final, NamedTuple

import nats.errors
from nats.js import api
from nats.js.errors import APIError, NotFoundError

from infrastructure.downstream.broker.connecting import Diverged, Lost, SteppedDown
from infrastructure.downstream.broker.names import (
    CONTENT_TYPE,
    MARK,
    POSITION,
    STRUCTURED,
    subject_of,
    subjects_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nats.aio.client import Client
    from nats.aio.msg import Msg

    from infrastructure.downstream.broker.connecting import Access
    from infrastructure.downstream.telling import Told

# Messages that may be on their way at once. The server's own queue for a stream takes ten thousand.
WINDOW: Final = 2048
# Of so many, one asks for an answer: each is taken only behind the one before it, so that an answer stands for all.
ANSWERED: Final = 128
ANSWER_SECONDS: Final = 10.0

WRONG_SEQUENCE: Final = 10071  # error codes of JetStream
WRONG_ID: Final = 10070


class Last(NamedTuple):
    """The end of a stream: its sequence number, and which place of the log the message there tells of."""

    sequence: int
    position: int
    mark: bytes


async def last_of(client: Client, access: Access) -> Last:
    """The end of the landlord's stream, which is made if it is not there. Raises `Diverged` and `Lost`."""
    stream = client.jetstream(timeout=ANSWER_SECONDS)
    try:
        try:
            found = await stream.stream_info(access.stream)
        except NotFoundError:
            found = await stream.add_stream(_config(access))
        if found.config.subjects != [subjects_of(access.landlord)]:
            raise Diverged("foreign")
        if found.state.last_seq == 0:
            return Last(0, 0, b"")
        try:
            message = await stream.get_msg(access.stream, found.state.last_seq)
        except NotFoundError:
            raise Diverged("emptied") from None
    except (nats.errors.Error, OSError, TimeoutError) as error:
        raise Lost(f"The broker does not do what it was asked ({_named(error)}).") from error
    headers = message.headers or {}
    try:
        return Last(found.state.last_seq, int(headers[POSITION]), bytes.fromhex(headers[MARK]))
    except (KeyError, ValueError):
        raise Diverged("foreign") from None


async def start_over(client: Client, access: Access) -> bool:
    """Delete the landlord's stream with all its consumers; False when there was none. Raises `Lost`."""
    try:
        return await client.jetstream(timeout=ANSWER_SECONDS).delete_stream(access.stream)
    except NotFoundError:
        return False
    except (nats.errors.Error, OSError, TimeoutError) as error:
        raise Lost(f"The broker does not do what it was asked ({_named(error)}).") from error


class Pipeline:
    """Adds events at the end of a stream, many under way at once, each taken only right behind the one before it.

    `stored` is the sequence number up to which the server has said so.
    """

    def __init__(self, client: Client, access: Access, end: int) -> None:
        self.stored = end
        self._client = client
        self._landlord = access.landlord
        self._sent = end
        self._id: str | None = None  # of the event sent last
        self._inbox = client.new_inbox()
        self._failure: Exception | None = None
        self._news = asyncio.Event()

    async def open(self) -> None:
        """Begin to listen for answers."""
        await self._client.subscribe(f"{self._inbox}.*", cb=self._hear)

    def hurry(self) -> None:
        """Have whoever waits for an answer look whether one can still come."""
        self._news.set()

    async def send(self, told: Sequence[Told]) -> None:
        """Send these events. The first ones need not be stored yet afterwards; `settle` waits for them all."""
        for index, one in enumerate(told):
            if self._sent - self.stored >= WINDOW:
                await self._until(self._sent - WINDOW // 2)
            first = self._id is None
            headers = {
                "Nats-Msg-Id": one.event_id,
                "Nats-Expected-Last-Sequence": str(self._sent),
                POSITION: str(one.position),
                MARK: one.mark.hex(),
                CONTENT_TYPE: STRUCTURED,
            }
            if self._id is not None:
                # A restored log numbers other events the same: its publisher's must not come between ours.
                headers["Nats-Expected-Last-Msg-Id"] = self._id
            self._sent += 1
            self._id = one.event_id
            asks = first or index == len(told) - 1 or self._sent % ANSWERED == 0
            reply = f"{self._inbox}.{self._sent}" if asks else ""
            try:
                await self._client.publish(subject_of(self._landlord, one.name), one.body, reply, headers)
            except (nats.errors.Error, OSError) as error:
                raise Lost(f"The broker was lost ({type(error).__qualname__}).") from error
            if asks:
                await asyncio.sleep(0)  # what was sent so far goes out
            if first:  # whatever is wrong shows here, before a whole window is on its way
                await self.settle()

    async def settle(self) -> None:
        """Wait until everything that was sent is stored. Raises `SteppedDown` and `Lost`."""
        await self._until(self._sent)

    async def _until(self, sequence: int) -> None:
        while self.stored < sequence:
            self._news.clear()
            if self._failure is not None:
                raise self._failure
            if self._client.is_closed:
                raise Lost("The broker was lost.")
            try:
                await asyncio.wait_for(self._news.wait(), ANSWER_SECONDS)
            except TimeoutError:
                raise Lost("The broker does not answer any more.") from None

    async def _hear(self, message: Msg) -> None:
        sequence = int(message.subject.rpartition(".")[2])
        try:
            answer = json.loads(message.data) if message.data else {"error": {"code": 503}}
        except ValueError:
            answer = {"error": {}}
        if "error" in answer:
            code = answer["error"].get("err_code")
            if code in (WRONG_SEQUENCE, WRONG_ID):
                self._failure = self._failure or SteppedDown()
            else:
                told = code or answer["error"].get("code")
                self._failure = self._failure or Lost(f"The broker did not store an event (error {told}).")
        elif answer.get("duplicate") or answer.get("seq") != sequence:
            self._failure = self._failure or SteppedDown()
        else:
            self.stored = max(self.stored, sequence)
        self._news.set()


def _config(access: Access) -> api.StreamConfig:
    return api.StreamConfig(
        name=access.stream,
        description="Public events of Evenhand: what happened, without any personal value.",
        subjects=[subjects_of(access.landlord)],
        storage=api.StorageType.FILE,
        retention=api.RetentionPolicy.LIMITS,
        discard=api.DiscardPolicy.OLD,
        # It is added to and nothing else; whoever must begin anew deletes it whole.
        deny_delete=True,
        deny_purge=True,
    )


def _named(error: BaseException) -> str:
    code = error.err_code if isinstance(error, APIError) else None
    return type(error).__qualname__ if code is None else f"error {code}"
