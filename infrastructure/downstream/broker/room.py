"""Publishes for every landlord on one server, each landlord's events by one process alone.

Whoever holds a landlord's advisory lock leads there; a second process waits, and takes over when the first one's
connection ends. One that has lost its lead without knowing it is refused by the broker itself, and steps down.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from infrastructure.downstream.broker.connecting import SteppedDown
from infrastructure.downstream.broker.publishing import Publisher, Standing
from infrastructure.downstream.tail import Tail
from infrastructure.postgres.leading import connected, take_the_lead, yield_the_lead

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from psycopg import Connection

    from infrastructure.downstream.broker.connecting import Access
    from infrastructure.downstream.broker.publishing import Log
    from infrastructure.postgres.server import PostgresServer

logger = logging.getLogger(__name__)

READERS: Final = 4  # threads that read logs of which much is to be published
LONGEST_PAUSE: Final = 30.0  # seconds between two tries to reach the server
AFTER_STEPPING_DOWN: Final = 1.0  # seconds in which whoever published instead shows
LOOKS_A_SECOND: Final = 20  # at logs that nobody rang about

WORK: Final = "broker"  # in which one process leads


class BrokerRoom:
    """Publishes the events of these landlords, all kept on `server`; by schema, the log and the way to the stream.

    `poll` is the time in seconds between two looks at a log that nobody rang about, and between two tries to lead.
    `observe` is told landlord and number of events that were sent.
    """

    def __init__(
        self,
        server: PostgresServer,
        published: Mapping[str, tuple[Log, Access]],
        *,
        poll: float = 1.0,
        observe: Callable[[str, int], None] | None = None,
    ) -> None:
        self._server = server
        self._poll = poll
        self._readers = ThreadPoolExecutor(READERS, "broker-reader")
        # One thread, for a connection is used by one at a time.
        self._leader = ThreadPoolExecutor(1, "broker-leader")
        look_after = max(poll, len(published) / LOOKS_A_SECOND)
        self._tail = Tail(server.wake_ups, poll=look_after)
        self._publishers = {
            schema: Publisher(log, access, self._tail, self._readers, poll=look_after, observe=observe)
            for schema, (log, access) in published.items()
        }
        self._rests_until: dict[str, float] = {}
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = Thread(target=self._run, name="broker-room", daemon=True)

    def start(self) -> None:
        """Publish in threads of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End at once: what is under way is found out from the stream by whoever leads next."""
        if self._thread.is_alive():
            with suppress(RuntimeError):  # it has just ended
                self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join()
        self._tail.stop()
        self._readers.shutdown()
        self._leader.shutdown()
        if not self._loop.is_closed():
            self._loop.close()

    def standings(self) -> dict[str, Standing]:
        """How far each landlord's stream is, as this process knows it."""
        found = [publisher.standing for publisher in self._publishers.values()]
        return {standing.landlord: standing for standing in found}

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._lead_until_stopped())
        finally:
            self._loop.close()

    async def _lead_until_stopped(self) -> None:
        pause = 0.0
        while not self._stopping.is_set():
            conn: Connection[Any] | None = None
            led: dict[str, asyncio.Task[None]] = {}
            try:
                conn = await self._in_lead(lambda: connected(self._server.dsn, "evenhand broker"))
                pause = 0.0
                await self._lead(conn, led)
            except Exception as error:  # noqa: BLE001 - a room that dies of an error publishes nothing any more
                pause = min(max(2 * pause, 0.5), LONGEST_PAUSE)
                kind = type(error).__qualname__
                logger.warning("the broker's publisher starts again in %.1f s (%s)", pause, kind)
                await self._wait(pause)
            finally:
                # Without the connection there are no locks: nothing more is published by us.
                for task in led.values():
                    task.cancel()
                await asyncio.gather(*led.values(), return_exceptions=True)
                for schema in led:
                    self._publishers[schema].stand_by()
                if conn is not None:
                    await self._in_lead(conn.close)

    async def _lead(self, conn: Connection[Any], led: dict[str, asyncio.Task[None]]) -> None:
        while not self._stopping.is_set():
            for schema in [schema for schema, task in led.items() if task.done()]:
                await self._step_down(conn, schema, led.pop(schema))
            now = monotonic()
            wanted = [s for s in self._publishers if s not in led and self._rests_until.get(s, 0.0) <= now]
            # Asked also when nobody is wanted: a connection that is gone has lost the locks with it.
            for schema in await self._in_lead(partial(take_the_lead, conn, WORK, wanted)):
                led[schema] = self._loop.create_task(self._publishers[schema].run())
            await self._wait(self._poll)

    async def _step_down(self, conn: Connection[Any], schema: str, task: asyncio.Task[None]) -> None:
        publisher = self._publishers[schema]
        error = task.exception()
        if isinstance(error, SteppedDown):
            logger.warning("%s: somebody else publishes to its stream; stepped down", publisher.standing.landlord)
            publisher.stand_by()
        else:
            kind = type(error).__qualname__
            logger.error("%s: publishing to the broker ended (%s)", publisher.standing.landlord, kind)
            publisher.stumble(kind)
        self._rests_until[schema] = monotonic() + AFTER_STEPPING_DOWN
        await self._in_lead(partial(yield_the_lead, conn, WORK, schema))

    async def _wait(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _in_lead(self, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the work comes to
        return await self._loop.run_in_executor(self._leader, work)
