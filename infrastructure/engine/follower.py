"""The live follower: one thread that keeps the read models of every landlord on one server up with their logs.

It is woken when a log grows and looks by itself as well; the look is what makes it correct. Whoever holds a landlord's
advisory lock on the follower's own connection leads there, so a second process waits, and takes over when the first
one's connection ends. With no follower alive, commands go on and reads fold live.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from psycopg import Connection

from infrastructure.engine.builds import Deposed
from infrastructure.engine.fold_cache import FoldCache
from infrastructure.engine.keeper import Keeper
from infrastructure.engine.projecting import described
from infrastructure.engine.projector import Projector
from infrastructure.postgres.leading import connected, owner_name, take_the_lead, yield_the_lead

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from infrastructure.postgres.server import PostgresServer

logger = logging.getLogger(__name__)

HEARTBEAT: Final = 10.0  # seconds between two signs of life of an owner with nothing to do
LOOKS_A_SECOND: Final = 50  # at logs that nobody rang about, over all landlords
BEATS_A_SECOND: Final = 10  # signs of life, over all landlords
FIRST_PAUSE: Final = 0.1  # seconds after the first failure of what the follower stands on; doubled at each next one
LONGEST_PAUSE: Final = 30.0
# Seconds for which those who were woken with it go first: they have an answer to give, and are done with it by then.
AFTER_OTHERS: Final = 0.002
PATIENCE: Final = 2  # seconds for which one landlord's locked table keeps the others waiting

WORK: Final = "projections"  # in which one process leads

# A crash of the server takes rows and position back together, and they are followed again. What the follower asks is
# answered through an index however large a table is, so it is planned once: planning takes longer than answering.
_AT_ITS_PACE: Final = (
    "SET synchronous_commit = off",
    "SET plan_cache_mode = force_generic_plan",
    "SET enable_seqscan = off",
)


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

    def __init__(self, projector: Projector, owner: str, cache: FoldCache) -> None:
        self.projector = projector
        self.keeper = Keeper(projector, owner, cache)
        self.pause = _Pause()
        self.claimed = False
        self.due = True
        self.look_at = 0.0
        self.beat_at = monotonic()

    def next_at(self) -> float:
        """When to look after it again, unless it rings."""
        return self.pause.until if self.due else max(self.look_at, self.pause.until)


class ProjectionFollower:
    """Follows the logs of these landlords, all kept on `server`, in one thread over one connection of its own.

    Prepare the projectors first. `poll` is the time in seconds between two looks at a log that nobody rang about,
    and between two tries to lead where another process does; with many landlords the looks are spread out, so that
    idling costs no more than `LOOKS_A_SECOND`. `observe` is told how many events were taken in of which schema.
    """

    def __init__(
        self,
        server: PostgresServer,
        projectors: Sequence[Projector],
        *,
        poll: float = 1.0,
        observe: Callable[[str, int], None] | None = None,
    ) -> None:
        self.owner = owner_name()
        self._server = server
        self._projectors = {projector.schema: projector for projector in projectors}
        self._poll = poll
        self._look_after = max(poll, len(projectors) / LOOKS_A_SECOND)
        self._beat_after = max(HEARTBEAT, len(projectors) / BEATS_A_SECOND)
        self._observe = observe
        self._cache = FoldCache()
        self._stopping = Event()
        self._asked = {projector.asked: projector.schema for projector in projectors}
        self._bell = server.wake_ups.follow(*self._projectors, *self._asked)
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
                with connected(self._server.dsn, "evenhand projections", PATIENCE) as conn:
                    pause.end()
                    # With the connection goes what was remembered: the log may have been restored meanwhile.
                    self._cache = FoldCache()
                    for setting in _AT_ITS_PACE:
                        conn.execute(setting)
                    self._follow(conn)
            except Exception as error:  # noqa: BLE001 - a follower that dies of an error follows nothing any more
                seconds = pause.lengthen()
                logger.warning("the follower starts again in %.1f s: %s", seconds, described(error))
                self._stopping.wait(seconds)

    def _follow(self, conn: Connection[Any]) -> None:
        led: dict[str, _Led] = {}
        lead_at = 0.0
        while not self._stopping.is_set():
            if monotonic() >= lead_at:
                lead_at = monotonic() + self._poll
                self._take_the_lead(conn, led)
            for schema, one in list(led.items()):
                now = monotonic()
                if (one.due or now >= one.look_at) and now >= one.pause.until and not self._stopping.is_set():
                    self._keep_up(conn, schema, led)
            # Whoever still has more to take in is served in turn with the others, without a rest.
            busy = any(one.due and not one.pause.until for one in led.values())
            times = [lead_at, *(one.next_at() for one in led.values())]
            rung = self._bell.wait(0.0 if busy else max(min(times) - monotonic(), 0.0))
            if rung and not busy and self._bell.has_company():
                self._stopping.wait(AFTER_OTHERS)
            self._hear(rung, led)

    def _hear(self, rung: Collection[str], led: dict[str, _Led]) -> None:
        for channel in rung:
            one = led.get(self._asked.get(channel, channel))
            if one is not None:
                one.due = True
                if channel in self._asked:
                    one.look_at = 0.0

    def _take_the_lead(self, conn: Connection[Any], led: dict[str, _Led]) -> None:
        wanted = [schema for schema in self._projectors if schema not in led]
        if wanted:
            free = take_the_lead(conn, WORK, wanted)
            led.update((schema, _Led(self._projectors[schema], self.owner, self._cache)) for schema in free)

    def _keep_up(self, conn: Connection[Any], schema: str, led: dict[str, _Led]) -> None:
        """One batch of one landlord. What fails here is left alone for a while, and keeps no other waiting."""
        one = led[schema]
        try:
            if not one.claimed or monotonic() >= one.look_at:
                one.look_at = monotonic() + self._look_after
                (one.keeper.look if one.claimed else one.keeper.claim)(conn)
                one.claimed = True
            taken = one.keeper.advance(conn)
            one.due = taken > 0
            if taken:
                self._server.wake_ups.ring(one.projector.channel)
                if self._observe is not None:
                    self._observe(schema, taken)
            elif monotonic() >= one.beat_at:
                one.beat_at = monotonic() + self._beat_after
                one.keeper.beat(conn)
            one.pause.end()
        except Deposed as deposed:
            logger.warning("%s", deposed)
            del led[schema]
            yield_the_lead(conn, WORK, schema)
        except Exception as error:
            if conn.closed:
                raise
            # Whatever it is, the other landlords must not wait for it. What was half seen is looked at again.
            seconds = one.pause.lengthen()
            one.due, one.look_at = True, 0.0
            logger.warning("%s is tried again in %.1f s: %s", schema, seconds, described(error))
