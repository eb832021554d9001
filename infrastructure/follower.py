"""The live follower: one thread that keeps the read models of every landlord on one server up with their logs.

It is woken when a log grows and looks by itself as well; the look is what makes it correct. Whoever holds a landlord's
advisory lock on the follower's own connection leads there, so a second process waits, and takes over when the first
one's connection ends. With no follower alive, commands go on and reads fold live.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Sequence
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import psycopg
from psycopg import Connection
from psycopg.rows import tuple_row

from infrastructure.projecting import described
from infrastructure.projection_cursors import Deposed
from infrastructure.projector import Projector

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from infrastructure.postgres.server import PostgresServer

logger = logging.getLogger(__name__)

HEARTBEAT: Final = 10.0  # seconds between two signs of life of an owner with nothing to do
FIRST_PAUSE: Final = 0.1  # seconds after the first failure of what the follower stands on; doubled at each next one
LONGEST_PAUSE: Final = 30.0

# Takes the lead of each landlord whose lock nobody holds; the lock lasts as long as the connection.
_LEAD: Final = """
    SELECT schema FROM unnest(%s::text[]) AS schema
    WHERE pg_try_advisory_lock(hashtextextended('evenhand projections of ' || schema, 0))
"""

# Gives the lead of one landlord back.
_YIELD: Final = "SELECT pg_advisory_unlock(hashtextextended('evenhand projections of ' || %s, 0))"


class _Pause:
    """How long to leave something alone that failed: longer after each failure, until it works again."""

    def __init__(self) -> None:
        self.until = 0.0
        self._next = FIRST_PAUSE

    def lengthen(self) -> float:
        """Seconds to wait now."""
        pause, self._next = self._next, min(2 * self._next, LONGEST_PAUSE)
        self.until = monotonic() + pause
        return pause

    def end(self) -> None:
        """It works."""
        self.until, self._next = 0.0, FIRST_PAUSE


class _Led:
    """One landlord that this process leads."""

    def __init__(self, projector: Projector) -> None:
        self.projector = projector
        self.pause = _Pause()
        self.claimed = False
        self.due = True
        self.beaten = monotonic()


class ProjectionFollower:
    """Follows the logs of these landlords, all kept on `server`, in one thread over one connection of its own.

    Prepare the projectors first. `poll` is the time in seconds between two looks at logs that nobody rang about,
    and between two tries to lead where another process does.
    """

    def __init__(self, server: PostgresServer, projectors: Sequence[Projector], *, poll: float = 1.0) -> None:
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"
        self._server = server
        self._projectors = {projector.schema: projector for projector in projectors}
        self._poll = poll
        self._stopping = Event()
        self._bell = server.wake_ups.follow(*self._projectors)
        self._thread = Thread(target=self.run, name="projection-follower", daemon=True)

    def start(self) -> None:
        """Follow in a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End after the batch under way, and wait for that."""
        self._stopping.set()
        self._bell.wake()
        if self._thread.is_alive():
            self._thread.join()
        self._bell.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def run(self) -> None:
        """Follow in this thread until stopped; a lost connection is made anew."""
        pause = _Pause()
        while not self._stopping.is_set():
            try:
                with psycopg.connect(
                    self._server.dsn, autocommit=True, application_name="evenhand projections"
                ) as conn:
                    _configure(conn)
                    pause.end()
                    self._follow(conn)
            except Exception as error:  # noqa: BLE001 - a follower that dies of an error follows nothing any more
                seconds = pause.lengthen()
                logger.warning("the follower starts again in %.1f s: %s", seconds, described(error))
                self._stopping.wait(seconds)

    def _follow(self, conn: Connection[Any]) -> None:
        led: dict[str, _Led] = {}
        look_at = 0.0
        while not self._stopping.is_set():
            if monotonic() >= look_at:
                look_at = monotonic() + self._poll
                self._take_the_lead(conn, led)
                for one in led.values():
                    one.due = True
            for schema, one in list(led.items()):
                if one.due and monotonic() >= one.pause.until and not self._stopping.is_set():
                    self._keep_up(conn, schema, led)
            # Whoever still has more to take in is served in turn with the others, without a rest.
            rest = 0.0 if any(one.due and not one.pause.until for one in led.values()) else look_at - monotonic()
            for schema in self._bell.wait(max(rest, 0.0)):
                if schema in led:
                    led[schema].due = True

    def _take_the_lead(self, conn: Connection[Any], led: dict[str, _Led]) -> None:
        wanted = [schema for schema in self._projectors if schema not in led]
        if wanted:
            free = conn.cursor(row_factory=tuple_row).execute(_LEAD, [wanted]).fetchall()
            led.update((schema, _Led(self._projectors[schema])) for (schema,) in free)

    def _keep_up(self, conn: Connection[Any], schema: str, led: dict[str, _Led]) -> None:
        """One batch of one landlord. What fails here is left alone for a while, and keeps no other waiting."""
        one = led[schema]
        try:
            if not one.claimed:
                one.projector.claim(conn, self.owner)
                one.claimed = True
            one.due = one.projector.advance(conn, self.owner)
            if not one.due and monotonic() - one.beaten >= HEARTBEAT:
                one.beaten = monotonic()
                one.projector.cursors.beat(conn, self.owner)
            one.pause.end()
        except Deposed as deposed:
            logger.warning("%s", deposed)
            del led[schema]
            conn.execute(_YIELD, [schema])
        except Exception as error:
            if conn.closed:
                raise
            # Whatever it is, the other landlords must not wait for it.
            seconds = one.pause.lengthen()
            logger.warning("%s is tried again in %.1f s: %s", schema, seconds, described(error))


def _configure(conn: Connection[Any]) -> None:
    """Neither another's lock nor a hanging server may keep the follower for ever."""
    conn.execute(
        "SELECT set_config('TimeZone', 'UTC', false),"
        " set_config('idle_in_transaction_session_timeout', '30s', false),"
        " set_config('statement_timeout', '60s', false), set_config('lock_timeout', '10s', false)"
    )
