"""Webhooks of every landlord on one server, each landlord's brought by one process alone.

One thread leads and listens: whoever holds a landlord's advisory lock leads there, and a second process takes over
when the first one's connection ends. Another runs an event loop with a courier for each endpoint, so that one that
hangs keeps no other waiting; a few more ask the database. An endpoint with nothing to do holds no thread and no
connection.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from infrastructure.downstream.webhooks.ground import Ground
from infrastructure.downstream.webhooks.rounds import Round
from infrastructure.postgres.leading import connected, owner_name, take_the_lead

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from psycopg import Connection

    from infrastructure.downstream.webhooks.outside import Outside
    from infrastructure.office import Office
    from infrastructure.postgres.server import PostgresServer

logger = logging.getLogger(__name__)

THREADS: Final = 4  # that ask the database
LOOKS_A_SECOND: Final = 20  # at landlords that nobody rang about
LONGEST_PAUSE: Final = 30.0  # seconds between two tries to reach the server
FAREWELL: Final = 6.0  # seconds that stopping waits for calls under way; whatever they came to is asked again

WORK: Final = "webhooks"  # in which one process leads


class WebhookWorker:
    """Brings the events of these landlords, all kept on `server`, to their endpoints.

    `poll` is the time in seconds between two looks at a log that nobody rang about, and between two tries to lead.
    `origin` is the name under which this service asks receivers whether they agree, and calls them. `observe` is told
    landlord and outcome of each call. `now` gives the present instant: waits between two tries go by it.
    """

    def __init__(
        self,
        server: PostgresServer,
        offices: Sequence[Office],
        outside: Callable[[], Outside],
        origin: str,
        *,
        poll: float = 1.0,
        observe: Callable[[str, str], None] | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.name = owner_name()
        self._server = server
        self._offices = {office.recorder.channel_name: office for office in offices}
        self._asked = {office.webhooks.channel: office.recorder.channel_name for office in offices}
        self._outside = outside
        self._origin = origin
        self._poll = poll
        self._look_after = max(poll, len(offices) / LOOKS_A_SECOND)
        self._observe = observe
        self._now = now
        self._stopping = Event()
        self._bell = server.wake_ups.follow(*self._offices, *self._asked)
        self._loop = asyncio.new_event_loop()
        self._rounds: dict[str, Round] = {}
        self._ended = asyncio.Event()
        self._ready = Event()
        self._leader = Thread(target=self._run, name="webhooks-leader", daemon=True)
        self._carrier = Thread(target=self._carry, name="webhooks", daemon=True)

    def start(self) -> None:
        """Bring events in threads of its own."""
        self._carrier.start()
        self._leader.start()

    def stop(self) -> None:
        """Begin no more calls, and wait a while for those under way."""
        self._stopping.set()
        self._bell.wake()
        if self._leader.is_alive():
            self._leader.join()
        self._bell.close()
        if self._carrier.is_alive():
            self._carrier.join()
        elif not self._loop.is_closed():
            self._loop.close()

    # The thread that leads

    def _run(self) -> None:
        pause = 0.0
        self._ready.wait()
        while not self._stopping.is_set():
            try:
                with connected(self._server.dsn, "evenhand webhooks") as conn:
                    pause = 0.0
                    self._lead(conn)
            except Exception as error:  # noqa: BLE001 - a leader that dies of an error leads nobody any more
                pause = min(max(2 * pause, 0.5), LONGEST_PAUSE)
                logger.warning("webhooks are led again in %.1f s (%s)", pause, type(error).__qualname__)
                self._in_loop(self._lost)
                self._stopping.wait(pause)
        self._in_loop(self._end)

    def _lead(self, conn: Connection[Any]) -> None:
        led: set[str] = set()
        lead_at, look_at = 0.0, dict.fromkeys(self._offices, 0.0)
        while not self._stopping.is_set():
            now = monotonic()
            if now >= lead_at:
                lead_at = now + max(self._poll, 1.0)
                wanted = [schema for schema in self._offices if schema not in led]
                # Asked also when nobody is wanted: a connection that is gone has lost the locks with it.
                led.update(take_the_lead(conn, WORK, wanted))
            due = [schema for schema in led if now >= look_at[schema]]
            for schema in due:
                look_at[schema] = now + self._look_after
            if due:
                self._in_loop(self._wake, dict.fromkeys(due, True))
            times = [lead_at, *(look_at[schema] for schema in led)]
            rung = self._bell.wait(max(min(times) - monotonic(), 0.0))
            heard = {self._asked.get(channel, channel): channel in self._asked for channel in sorted(rung)}
            heard = {schema: asked for schema, asked in heard.items() if schema in led}
            if heard and not self._stopping.is_set():
                self._in_loop(self._wake, heard)

    def _in_loop(self, work: Callable[..., None], *args: object) -> None:
        with suppress(RuntimeError):  # the loop was closed
            self._loop.call_soon_threadsafe(work, *args)

    # The thread that calls

    def _carry(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._until_stopped())
        finally:
            self._ready.set()
            self._loop.close()

    async def _until_stopped(self) -> None:
        outside = self._outside()
        with ThreadPoolExecutor(THREADS, "webhooks-log") as threads:
            self._shared = outside, threads
            self._ready.set()
            await self._ended.wait()
            ending = [asyncio.create_task(one.end()) for one in self._rounds.values()]
            if ending:
                await asyncio.wait(ending, timeout=FAREWELL)
        outside.close()

    def _ground(self, office: Office) -> Ground:
        outside, threads = self._shared
        return Ground(
            landlord=office.landlord,
            log=office.public_log,
            endpoints=office.webhooks,
            progress=office.webhook_progress,
            outside=outside,
            origin=self._origin,
            owner=self.name,
            threads=threads,
            now=self._now,
            poll=self._poll,
            observe=self._observe,
        )

    def _wake(self, heard: dict[str, bool]) -> None:
        for schema, thoroughly in heard.items():
            if schema not in self._rounds:
                office = self._offices[schema]
                self._rounds[schema] = Round(office, self._ground(office))
            self._rounds[schema].wake(thoroughly=thoroughly)

    def _lost(self) -> None:
        """The locks are gone, and with them the lead: whoever has it next claims the endpoints."""
        for one in self._rounds.values():
            one.leave()
        self._rounds = {}

    def _end(self) -> None:
        self._ended.set()
